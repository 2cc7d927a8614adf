/* route.h - which model and effort would do for a kind of task, beside those that are chosen. Pure; it changes nothing.
 *
 * "low" and "medium", small and medium mean that no more is needed: nothing is suggested to whoever chose less. "high" and large mean
 * that less would be too little: nothing is suggested to whoever chose as much. */
#ifndef ADVICE_ROUTE_H
#define ADVICE_ROUTE_H

#include "advice/task_kind.h"

enum {
  ROUTE_MODEL_NAME = 128
};

struct route_ask {
  struct task_choice wanted;
  const char *source;         /* the adapter, whose aliases are known: "claude" knows "opus" */
  const char *model, *effort; /* as chosen; "" the client's own */
  const char *const *models;  /* that the client is known to take, in the order of preference */
  size_t model_count;
  bool takes_model, takes_effort;
};

enum route_note {
  ROUTE_FITS = 0,          /* nothing to suggest: what is chosen is right for it */
  ROUTE_SUGGESTED = 1,     /* a model, an effort, or both */
  ROUTE_MAKER_UNKNOWN = 2, /* nothing is known of the chosen model's maker */
  ROUTE_NO_MODEL = 3       /* its maker has none of that size */
};

struct route {
  enum route_note note;         /* of the model, unless an effort alone is suggested */
  char model[ROUTE_MODEL_NAME]; /* "": as it is */
  const char *effort;           /* NULL: as it is */
  bool smaller;                 /* the model is smaller than the chosen one */
};

void route_choose(const struct route_ask *ask, struct route *out);

#endif

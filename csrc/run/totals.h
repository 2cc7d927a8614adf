/* totals.h - the client's own totals of a run, and what they know that was not seen request by request. Pure. */
#ifndef RUN_TOTALS_H
#define RUN_TOTALS_H

#include "base/buf.h"
#include "base/public.h"

/* A client's total for one model: of the run, or a running total of its session. */
struct total {
  char *model; /* "" where the client names none */
  int32_t scope;
  purser_usage usage;
  int64_t cost_nanousd; /* -1 it does not say */
};

struct totals {
  struct total *items;
  size_t count;
  size_t cap;
};

void totals_fini(struct totals *totals);
/* The last figure for a model and scope wins (rule 8). 0 or PURSER_ENOMEM. */
int totals_set(struct totals *totals, const purser_event *event);

/* a - b, bucket by bucket, never below zero: a client that counts less than was seen takes nothing away. */
purser_usage usage_less(const purser_usage *a, const purser_usage *b);
void usage_add(purser_usage *sum, const purser_usage *more);
bool usage_is_zero(const purser_usage *usage);
int64_t usage_prompt(const purser_usage *usage);

/* The same model under two spellings of one client: "[1m]" and the like at the end say how it was called, not what it is. An empty
 * name stands for every model. */
bool total_model_fits(const char *total_model, const char *request_model);

#endif

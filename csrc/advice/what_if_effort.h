/* what_if_effort.h - what_if.c's second half: costs of runs by agent, model and effort, and what another effort would make of them. */
#ifndef ADVICE_WHAT_IF_EFFORT_H
#define ADVICE_WHAT_IF_EFFORT_H

#include "advice/what_if.h"

struct effort_group;
struct efforts {
  struct effort_group *groups;
  size_t count, cap;
};
#define EFFORTS_INIT \
  { NULL, 0, 0 }

/* A request's cost, booked. A name that comes again must be at the same place, until all are added. */
int efforts_add(struct efforts *efforts, const char *agent, const char *model, const char *effort,
                int64_t nanousd);
/* Adds the rows to `out`, whose cost and requests are known. */
int efforts_rows(struct efforts *efforts, struct ledger *ledger, const struct request_scan *scan,
                 struct what_if *out, struct error *error);
void efforts_fini(struct efforts *efforts);

#endif

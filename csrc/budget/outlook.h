/* outlook.h - forecasts (forecast.h) fed from the ledger: for a budget, and for any part of the spend. */
#ifndef BUDGET_OUTLOOK_H
#define BUDGET_OUTLOOK_H

#include "budget/budget.h"
#include "budget/forecast.h"

struct outlook {
  struct forecast forecast;
  struct period period;
  int64_t spent_nanousd; /* in the period so far */
  int64_t
      exhausted_ms; /* when at this pace the limit is reached; 0 not in this period, or unknown */
};

/* Where a budget will be at the end of its period, as of now. What counts against budgets is looked at, and nothing else. */
int outlook_of_budget(struct ledger *ledger, const struct policy_state *state, struct outlook *out,
                      struct error *error);

/* Where the spend of a month (of the ledger's zone) will be at its end. Of the query its filters count, not its days. as_of_ms: 0 now;
 * else the end of that day, and what was spent since is not looked at. */
int outlook_of_month(struct ledger *ledger, const struct report_query *filters, int64_t as_of_ms,
                     struct outlook *out, struct error *error);

#endif

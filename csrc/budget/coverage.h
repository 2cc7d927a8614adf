/* coverage.h - whether forecasts kept their word: what would have been said in the middle of past months, and how those ended. */
#ifndef BUDGET_COVERAGE_H
#define BUDGET_COVERAGE_H

#include "budget/forecast.h"
#include "ledger/ledger.h"

enum {
  COVERAGE_MONTHS = 12, /* the last ones that are over */
  COVERAGE_DAY = 15     /* at whose end they are asked about */
};

struct coverage {
  int32_t months;  /* of which a range could have been told */
  int32_t covered; /* that ended within it; four of five are meant to */
};

/* Of the query its filters count, not its days. As of the ledger's now. */
int coverage_of_months(struct ledger *ledger, const struct report_query *filters,
                       struct coverage *out, struct error *error);

#endif

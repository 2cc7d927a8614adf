/* coverage.h - whether forecasts kept their word: what would have been said in the middle of past months, and how those ended. */
#ifndef BUDGET_COVERAGE_H
#define BUDGET_COVERAGE_H

#include "budget/forecast.h"
#include "ledger/ledger.h"

enum {
  COVERAGE_MONTHS = 12, /* the last ones that are over */
  COVERAGE_DAY = 15,    /* at whose end they are asked about */
  COVERAGE_ENTRIES = 32 /* of a memo */
};

struct coverage {
  int32_t months;  /* of which a range could have been told */
  int32_t covered; /* that ended within it; four of five are meant to */
};

/* Of the query its filters count, not its days. As of the ledger's now. */
int coverage_of_months(struct ledger *ledger, const struct report_query *filters,
                       struct coverage *out, struct error *error);

/* What was found today, so that a view which is drawn again asks for it once. Starts as {0}; one thread. */
struct coverage_memo {
  struct {
    uint64_t filters; /* 0 unused */
    int64_t day;
    struct coverage found;
  } entries[COVERAGE_ENTRIES];
  size_t next;
};

/* The same; what is booked for past months after it was found counts from tomorrow on. */
int coverage_recall(struct coverage_memo *memo, struct ledger *ledger,
                    const struct report_query *filters, struct coverage *out, struct error *error);

#endif

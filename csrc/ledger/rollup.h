/* rollup.h - the sums by day, agent, workspace, model, source and billing, kept in the same transaction as what they sum. */
#ifndef LEDGER_ROLLUP_H
#define LEDGER_ROLLUP_H

#include "ledger/ledger.h"

/* The cell of a rollup: name ids, and the instant whose day in the ledger's zone it is. */
struct cell {
  int64_t at_ms;
  int64_t agent, workspace, model, source;
  int64_t billing;
};

/* Adds `delta` (fields may be negative) to a cell; a cell that comes to nothing is removed. Inside a transaction. */
int rollup_add(struct ledger *ledger, const struct cell *cell, const struct sums *delta,
               struct error *error);

/* Whether two cells are the same row, in the ledger's zone. */
bool rollup_same(const struct ledger *ledger, const struct cell *a, const struct cell *b);

/* Computes all rollups anew from the log, with days of `zone`. Inside a transaction. */
int rollup_rebuild(struct ledger *ledger, const struct zone *zone, struct error *error);

/* Makes the SQL function purser_day(ms): the day in ledger->day_zone, which each query sets before it begins. */
int rollup_make_day_function(struct ledger *ledger, struct error *error);

/* a - b and a + b, field by field. */
struct sums sums_less(const struct sums *a, const struct sums *b);
void sums_add(struct sums *sum, const struct sums *more);

#endif

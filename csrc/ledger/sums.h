/* sums.h - the figures of struct sums as the tables keep them: one list, from which every statement's columns and parameters are
 * made. What output cost is not stored: it is what the other kinds leave of the cost, so that the kinds add up whatever comes. */
#ifndef LEDGER_SUMS_H
#define LEDGER_SUMS_H

#include "ledger/db.h"
#include "ledger/ledger.h"

/* X(field of struct sums, column). `runs` comes before them in the rollups, and is not a column of the run log. */
#define SUMS_FIGURES(X)                           \
  X(requests, "requests")                         \
  X(input, "input")                               \
  X(cache_read, "cache_read")                     \
  X(cache_write_5m, "cache_write_5m")             \
  X(cache_write_1h, "cache_write_1h")             \
  X(output, "output")                             \
  X(reasoning, "reasoning")                       \
  X(cost_nanousd, "cost")                         \
  X(unpriced_requests, "unpriced")                \
  X(estimated_nanousd, "estimated")               \
  X(uncertain_nanousd, "uncertain")               \
  X(cost_input_nanousd, "cost_input")             \
  X(cost_cache_read_nanousd, "cost_cache_read")   \
  X(cost_cache_write_nanousd, "cost_cache_write") \
  X(cost_extra_nanousd, "cost_extra")             \
  X(cache_saved_nanousd, "cache_saved")

#define SUMS_PLACE(field, column) SUMS_AT_##field,
enum {
  SUMS_FIGURES(SUMS_PLACE) SUMS_FIELDS /* how many there are */
};

/* Pieces of statements, each figure with a comma in front. */
#define SUMS_COLUMN(field, column)    ", " column
#define SUMS_OF_RUN(field, column)    ", r." column
#define SUMS_TOTAL(field, column)     ", sum(" column ")"
#define SUMS_PARAM(field, column)     ", :" column
#define SUMS_ADD_PARAM(field, column) ", " column " = " column " + :" column
#define SUMS_ADD_OTHER(field, column) ", " column " = " column " + excluded." column
/* A run's tokens are a column of their own beside the buckets, to be sorted by. */
#define SUMS_TOKENS              ":input + :cache_read + :cache_write_5m + :cache_write_1h + :output"
#define SUMS_ZERO(field, column) ", 0"

/* What a row `q` of the request table adds to a sum, in the order of the figures. */
#define SUMS_OF_REQUEST                                                                        \
  ", 1 AS requests, q.input, q.cache_read, q.cache_write_5m, q.cache_write_1h, q.output,"      \
  " q.reasoning, q.cost, q.status = 0 AS unpriced, iif(q.status = 3, q.cost, 0) AS estimated," \
  " iif(q.flags & 32, q.cost, 0) AS uncertain, q.cost_input, q.cost_cache_read,"               \
  " q.cost_cache_write, q.extra AS cost_extra, q.cache_saved"

/* Fills SUMS_FIELDS values. */
void sums_values(const struct sums *sums, struct db_value *values);
/* Reads SUMS_FIELDS columns from `first` on; the cost of output is worked out. `runs` is left alone. */
void sums_read(sqlite3_stmt *stmt, int first, struct sums *out);

/* a - b and a + b, field by field. */
struct sums sums_less(const struct sums *a, const struct sums *b);
void sums_add(struct sums *sum, const struct sums *more);

#endif

/* sums.c - see sums.h. */
#include "ledger/sums.h"

void sums_values(const struct sums *sums, struct db_value *values) {
  size_t at = 0;
#define VALUE(field, column) values[at++] = db_int(sums->field);
  SUMS_FIGURES(VALUE)
#undef VALUE
}

void sums_read(sqlite3_stmt *stmt, int first, struct sums *out) {
  int at = first;
#define READ(field, column) out->field = sqlite3_column_int64(stmt, at++);
  SUMS_FIGURES(READ)
#undef READ
  out->cost_output_nanousd = out->cost_nanousd - out->cost_input_nanousd -
                             out->cost_cache_read_nanousd - out->cost_cache_write_nanousd -
                             out->cost_extra_nanousd;
}

void sums_add(struct sums *sum, const struct sums *more) {
  sum->runs += more->runs;
  sum->cost_output_nanousd += more->cost_output_nanousd;
#define ADD(field, column) sum->field += more->field;
  SUMS_FIGURES(ADD)
#undef ADD
}

struct sums sums_less(const struct sums *a, const struct sums *b) {
  struct sums left = {
      .runs = a->runs - b->runs,
      .cost_output_nanousd = a->cost_output_nanousd - b->cost_output_nanousd,
  };
#define SUBTRACT(field, column) left.field = a->field - b->field;
  SUMS_FIGURES(SUBTRACT)
#undef SUBTRACT
  return left;
}

/* rows.h - days and models as a program reports them, held against the truth. */
#ifndef IMPORT_ROWS_H
#define IMPORT_ROWS_H

#include "truth.h"

struct row_table {
  struct truth_row
      *items; /* cache writes are all in cache_write_5m: not every program tells them apart */
  size_t count, cap;
};

void rows_of_truth(const struct truth *truth, struct row_table *out);
/* Of a ledger's file. False if it can't be read. */
bool rows_of_ledger(const char *path, struct row_table *out);
/* Of what `ccusage claude daily --json` (or `codex daily`) has written to a file. */
bool rows_of_ccusage(const char *path, struct row_table *out);
void rows_free(struct row_table *rows);

/* How many rows of either are not the same in the other. */
size_t rows_wrong(struct row_table *is, struct row_table *should);

#endif

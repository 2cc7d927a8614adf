/* table.h - columns of text for a terminal. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/buf.h"

enum {
  TABLE_COLUMNS = 10
};

/* A column is aligned to the right when its bit is set in `right`. Cells are copied; a failure is sticky, as with buf. */
struct table {
  size_t columns;
  uint32_t right;
  struct buf text; /* all cells, one after the other, NUL-terminated */
  size_t cells;
};

#define TABLE_INIT(columns_, right_) ((struct table){.columns = (columns_), .right = (right_)})

void table_fini(struct table *table);
/* The next cell; rows are filled from left to right. */
void table_add(struct table *table, const char *cell);
/* The cell being written by others: give it back with table_end_cell(). */
struct buf *table_cell(struct table *table);
void table_end_cell(struct table *table);
/* Writes the rows, the columns as wide as they need to be, two blanks between them. */
void table_write(struct buf *out, const struct table *table);

#endif

/* markdown.h - the little Markdown that is written: text with its marks escaped, and tables whose raw text is a table, too. */
#ifndef ADVICE_MARKDOWN_H
#define ADVICE_MARKDOWN_H

#include "base/buf.h"

/* A name as text: what would be a mark is escaped, and what is no printable character is a blank. */
void markdown_text(struct buf *out, const char *text);

/* Cells are filled from left to right, the first row is the head. A column is aligned to the right when its bit is set. */
struct markdown_table {
  size_t columns;
  uint32_t right;
  struct buf text; /* all cells, one after the other, NUL-terminated */
  size_t cells;
};
#define MARKDOWN_TABLE(columns_, right_) \
  ((struct markdown_table){.columns = (columns_), .right = (right_)})

void markdown_table_fini(struct markdown_table *table);
/* The next cell, which the caller writes and ends; its text is taken as it is. */
struct buf *markdown_cell(struct markdown_table *table);
void markdown_cell_end(struct markdown_table *table);
void markdown_cell_add(struct markdown_table *table, const char *text);
/* Writes the rows, each column as wide as it needs to be, and an empty line. */
void markdown_table_write(struct buf *out, const struct markdown_table *table);

#endif

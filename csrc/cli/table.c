/* table.c - see table.h. */
#include "cli/table.h"

#include <string.h>

void table_fini(struct table *table) {
  buf_fini(&table->text);
  *table = (struct table){.columns = 0};
}

struct buf *table_cell(struct table *table) {
  return &table->text;
}

void table_end_cell(struct table *table) {
  buf_addc(&table->text, '\0');
  table->cells++;
}

void table_add(struct table *table, const char *cell) {
  buf_adds(&table->text, cell);
  table_end_cell(table);
}

/* Columns on a terminal: code points, which is right for what we print and near enough for what others named. */
static size_t width_of(const char *text) {
  size_t width = 0;
  for (; *text != '\0'; text++)
    width += ((unsigned char)*text & 0xc0) != 0x80;
  return width;
}

static void write_blanks(struct buf *out, size_t count) {
  while (count-- > 0)
    buf_addc(out, ' ');
}

void table_write(struct buf *out, const struct table *table) {
  size_t widths[TABLE_COLUMNS] = {0};
  if (table->text.failed || table->columns == 0 || table->columns > TABLE_COLUMNS) {
    out->failed = out->failed || table->text.failed;
    return;
  }
  const char *cell = buf_text(&table->text);
  for (size_t i = 0; i < table->cells; i++, cell += strlen(cell) + 1) {
    const size_t width = width_of(cell);
    if (width > widths[i % table->columns])
      widths[i % table->columns] = width;
  }
  cell = buf_text(&table->text);
  for (size_t i = 0; i < table->cells; i++, cell += strlen(cell) + 1) {
    const size_t column = i % table->columns;
    const size_t blanks = widths[column] - width_of(cell);
    const bool last = column + 1 == table->columns;
    const bool right = (table->right >> column & 1) != 0;
    if (right)
      write_blanks(out, blanks);
    buf_adds(out, cell);
    if (!right && !last)
      write_blanks(out, blanks);
    buf_adds(out, last ? "\n" : "  ");
  }
}

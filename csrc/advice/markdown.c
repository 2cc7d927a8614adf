/* markdown.c - see markdown.h. */
#include "advice/markdown.h"

#include <string.h>

enum {
  COLUMNS = 8
};

void markdown_text(struct buf *out, const char *text) {
  for (const char *at = text; *at != '\0'; at++) {
    const unsigned char c = (unsigned char)*at;
    if (c < 0x20 || c == 0x7f) {
      buf_addc(out, ' ');
      continue;
    }
    if (strchr("\\|*`<[", c) != NULL)
      buf_addc(out, '\\');
    buf_addc(out, (char)c);
  }
}

void markdown_table_fini(struct markdown_table *table) {
  buf_fini(&table->text);
}

struct buf *markdown_cell(struct markdown_table *table) {
  return &table->text;
}

void markdown_cell_end(struct markdown_table *table) {
  buf_addc(&table->text, '\0');
  table->cells++;
}

void markdown_cell_add(struct markdown_table *table, const char *text) {
  buf_adds(&table->text, text);
  markdown_cell_end(table);
}

/* In characters: names are mostly as wide as that. */
static size_t width(const char *text) {
  size_t count = 0;
  for (; *text != '\0'; text++)
    count += ((unsigned char)*text & 0xc0) != 0x80;
  return count;
}

static void repeat(struct buf *out, char c, size_t count) {
  for (size_t i = 0; i < count; i++)
    buf_addc(out, c);
}

static void write_rule(struct buf *out, const struct markdown_table *table, const size_t *widths) {
  for (size_t i = 0; i < table->columns; i++) {
    const bool right = (table->right >> i & 1) != 0;
    buf_adds(out, i == 0 ? "| " : " | ");
    repeat(out, '-', widths[i] - right);
    buf_adds(out, right ? ":" : "");
  }
  buf_adds(out, " |\n");
}

void markdown_table_write(struct buf *out, const struct markdown_table *table) {
  size_t widths[COLUMNS] = {0};
  if (table->text.failed) {
    out->failed = true;
    return;
  }
  const char *cell = buf_text(&table->text);
  for (size_t i = 0; i < table->cells; i++, cell += strlen(cell) + 1) {
    const size_t cells = width(cell);
    size_t *widest = &widths[i % table->columns];
    *widest = cells > *widest ? cells : *widest;
    *widest = *widest < 3 ? 3 : *widest;
  }
  cell = buf_text(&table->text);
  for (size_t i = 0; i < table->cells; i++, cell += strlen(cell) + 1) {
    const size_t column = i % table->columns;
    const bool right = (table->right >> column & 1) != 0;
    const size_t space = widths[column] - width(cell);
    buf_adds(out, column == 0 ? "| " : " | ");
    repeat(out, ' ', right ? space : 0);
    buf_adds(out, cell);
    repeat(out, ' ', right ? 0 : space);
    if (column + 1 < table->columns)
      continue;
    buf_adds(out, " |\n");
    if (i < table->columns)
      write_rule(out, table, widths);
  }
  buf_addc(out, '\n');
}

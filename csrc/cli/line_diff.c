/* line_diff.c - see line_diff.h. The longest common part of the lines, by the table: settings are small. */
#include "cli/line_diff.h"

#include <string.h>

#include "base/mem.h"

enum {
  CONTEXT = 3,
  MOST_CELLS =
      16 * 1024 * 1024 /* beyond that, everything that is not common at both ends has changed */
};

struct lines {
  const char **at;
  size_t count;
};

static size_t length(const char *line) {
  return strcspn(line, "\n");
}

static bool split(struct lines *out, const char *text) {
  size_t count = 0;
  for (const char *at = text; *at != '\0'; at += length(at), at += *at == '\n')
    count++;
  *out = (struct lines){mem_alloc((count + 1) * sizeof *out->at), 0};
  if (out->at == NULL)
    return false;
  for (const char *at = text; *at != '\0'; at += length(at), at += *at == '\n')
    out->at[out->count++] = at;
  return true;
}

static bool same(const char *a, const char *b) {
  const size_t len = length(a);
  return len == length(b) && memcmp(a, b, len) == 0;
}

struct diff {
  struct lines a;
  struct lines b;
  size_t head; /* lines that are common at the beginning */
  size_t tail; /* and at the end */
  uint32_t *
      table; /* longest common part of what lies between, from (i, j) on; NULL: none is looked for */
  char *marks; /* '-', '+' or ' ' for each line of the answer */
  const char **texts;
  size_t count;
};

static void put(struct diff *d, char mark, const char *text) {
  d->marks[d->count] = mark;
  d->texts[d->count++] = text;
}

static bool fill_table(struct diff *d, size_t n, size_t m) {
  if ((n + 1) * (m + 1) > MOST_CELLS)
    return true;
  d->table = mem_zalloc((n + 1) * (m + 1) * sizeof *d->table);
  if (d->table == NULL)
    return false;
  for (size_t i = n; i-- > 0;) {
    for (size_t j = m; j-- > 0;) {
      uint32_t *cell = &d->table[i * (m + 1) + j];
      const uint32_t down = d->table[(i + 1) * (m + 1) + j];
      const uint32_t right = cell[1];
      if (same(d->a.at[d->head + i], d->b.at[d->head + j]))
        *cell = d->table[(i + 1) * (m + 1) + j + 1] + 1;
      else
        *cell = down > right ? down : right;
    }
  }
  return true;
}

static void walk(struct diff *d, size_t n, size_t m) {
  const char **a = d->a.at;
  const char **b = d->b.at;
  size_t i = 0;
  size_t j = 0;
  for (size_t k = 0; k < d->head; k++)
    put(d, ' ', a[k]);
  while (i < n || j < m) {
    const uint32_t *cell = d->table != NULL ? &d->table[i * (m + 1) + j] : NULL;
    if (cell != NULL && i < n && j < m && same(a[d->head + i], b[d->head + j])) {
      put(d, ' ', a[d->head + i++]);
      j++;
    } else if (i < n && (j == m || cell == NULL || cell[m + 1] >= cell[1])) {
      put(d, '-', a[d->head + i++]);
    } else {
      put(d, '+', b[d->head + j++]);
    }
  }
  for (size_t k = d->a.count - d->tail; k < d->a.count; k++)
    put(d, ' ', a[k]);
}

/* Whether a line has a change within reach. */
static bool is_near(const struct diff *d, size_t at) {
  const size_t from = at > CONTEXT ? at - CONTEXT : 0;
  for (size_t i = from; i <= at + CONTEXT && i < d->count; i++) {
    if (d->marks[i] != ' ')
      return true;
  }
  return false;
}

static void write(struct buf *out, const struct diff *d, bool color) {
  bool gap = false;
  for (size_t i = 0; i < d->count; i++) {
    if (!is_near(d, i)) {
      gap = true;
      continue;
    }
    if (gap && out->len > 0)
      buf_adds(out, "  ...\n");
    gap = false;
    const char mark = d->marks[i];
    const bool paint = color && mark != ' ';
    if (paint)
      buf_adds(out, mark == '-' ? "\033[31m" : "\033[32m");
    buf_addc(out, mark);
    buf_addc(out, ' ');
    size_t len = length(d->texts[i]);
    if (len > 0 && d->texts[i][len - 1] == '\r')
      len--;
    buf_add(out, d->texts[i], len);
    if (paint)
      buf_adds(out, "\033[0m");
    buf_addc(out, '\n');
  }
}

void line_diff(struct buf *out, const char *before, const char *after, bool color) {
  struct diff d = {.head = 0};
  if (!split(&d.a, before) || !split(&d.b, after))
    goto out;
  const size_t least = d.a.count < d.b.count ? d.a.count : d.b.count;
  while (d.head < least && same(d.a.at[d.head], d.b.at[d.head]))
    d.head++;
  while (d.tail < least - d.head &&
         same(d.a.at[d.a.count - 1 - d.tail], d.b.at[d.b.count - 1 - d.tail]))
    d.tail++;
  const size_t n = d.a.count - d.head - d.tail;
  const size_t m = d.b.count - d.head - d.tail;
  d.marks = mem_alloc(d.a.count + d.b.count + 1);
  d.texts = mem_alloc((d.a.count + d.b.count + 1) * sizeof *d.texts);
  if (d.marks == NULL || d.texts == NULL || !fill_table(&d, n, m))
    goto out;
  walk(&d, n, m);
  write(out, &d, color);
out:
  /* Half a picture of a change is worse than none. */
  if (d.texts == NULL || d.marks == NULL)
    out->failed = true;
  mem_free(d.table);
  mem_free(d.marks);
  mem_free((void *)d.texts);
  mem_free((void *)d.a.at);
  mem_free((void *)d.b.at);
}

/* rows.c - see rows.h. */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/calendar.h"
#include "base/json.h"
#include "world.h"

static void add(struct row_table *rows, int64_t day, const char *name, size_t len,
                const struct truth_sums *sums) {
  if (rows->count == rows->cap) {
    rows->cap = rows->cap != 0 ? rows->cap * 2 : 512;
    rows->items = tree_grown(rows->items, rows->cap, sizeof *rows->items);
  }
  char *copy = tree_grown(NULL, len + 1, 1);
  memcpy(copy, name, len);
  copy[len] = '\0';
  rows->items[rows->count++] = (struct truth_row){day, copy, *sums};
}

void rows_free(struct row_table *rows) {
  for (size_t i = 0; i < rows->count; i++)
    free((void *)(uintptr_t)rows->items[i].name);
  free(rows->items);
  *rows = (struct row_table){0};
}

void rows_of_truth(const struct truth *truth, struct row_table *out) {
  struct truth_row *list = NULL;
  struct zone *utc = NULL;
  *out = (struct row_table){0};
  if (zone_load(&utc, "UTC", NULL) != PURSER_OK)
    tree_die("no zone UTC");
  const size_t count = truth_cut(truth, TRUTH_BY_DAY_MODEL, utc, &list);
  for (size_t i = 0; i < count; i++) {
    const struct truth_sums *s = &list[i].sums;
    const struct truth_sums sums = {.input = s->input,
                                    .cache_read = s->cache_read,
                                    .cache_write_5m = s->cache_write_5m + s->cache_write_1h,
                                    .output = s->output};
    add(out, list[i].day, list[i].name, strlen(list[i].name), &sums);
  }
  free(list);
  zone_free(utc);
}

bool rows_of_ledger(const char *path, struct row_table *out) {
  static const char sql[] = "SELECT r.at_ms / 86400000, m.text, sum(r.input), sum(r.cache_read),"
                            " sum(r.cache_write_5m + r.cache_write_1h), sum(r.output)"
                            " FROM request r JOIN name m ON m.id = r.model GROUP BY 1, 2";
  sqlite3 *db = NULL;
  sqlite3_stmt *row = NULL;
  *out = (struct row_table){0};
  if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
      sqlite3_prepare_v2(db, sql, -1, &row, NULL) == SQLITE_OK) {
    while (sqlite3_step(row) == SQLITE_ROW) {
      const struct truth_sums sums = {.input = sqlite3_column_int64(row, 2),
                                      .cache_read = sqlite3_column_int64(row, 3),
                                      .cache_write_5m = sqlite3_column_int64(row, 4),
                                      .output = sqlite3_column_int64(row, 5)};
      const char *name = (const char *)sqlite3_column_text(row, 1);
      add(out, sqlite3_column_int64(row, 0), name, strlen(name), &sums);
    }
  }
  const bool known = row != NULL;
  (void)sqlite3_finalize(row);
  (void)sqlite3_close(db);
  return known;
}

/* ---- ccusage ---- */

static int64_t count_of(const struct json_doc *doc, json_id id, const char *key) {
  return json_i64_or(doc, json_get(doc, id, key), 0);
}

static void add_model(struct row_table *out, const struct json_doc *doc, int64_t day,
                      purser_str name, json_id model) {
  const struct truth_sums sums = {.input = count_of(doc, model, "inputTokens"),
                                  .cache_read = count_of(doc, model, "cacheReadTokens"),
                                  .cache_write_5m = count_of(doc, model, "cacheCreationTokens"),
                                  .output = count_of(doc, model, "outputTokens")};
  add(out, day, name.ptr, name.len, &sums);
}

static void add_day(struct row_table *out, const struct json_doc *doc, json_id entry) {
  const purser_str date = json_raw(doc, json_get(doc, entry, "date"));
  const json_id list = json_get(doc, entry, "modelBreakdowns");
  const json_id models = json_get(doc, entry, "models");
  char text[16] = "";
  int64_t day = 0;
  memcpy(text, date.ptr, date.len < sizeof text - 1 ? date.len : sizeof text - 1);
  (void)calendar_parse_date(text, &day);
  for (json_id m = json_first(doc, list); m != JSON_NONE; m = json_next(doc, list, m))
    add_model(out, doc, day, json_raw(doc, json_get(doc, m, "modelName")), m);
  for (json_id m = json_first(doc, models); m != JSON_NONE; m = json_next(doc, models, m))
    add_model(out, doc, day, json_key(doc, m), m);
}

bool rows_of_ccusage(const char *path, struct row_table *out) {
  struct buf text = BUF_INIT;
  struct json_doc doc = JSON_DOC_INIT;
  FILE *file = fopen(path, "rb");
  bool known = false;
  size_t got = 1;
  *out = (struct row_table){0};
  while (file != NULL && got > 0) {
    char chunk[65536];
    got = fread(chunk, 1, sizeof chunk, file);
    buf_add(&text, chunk, got);
  }
  if (file != NULL)
    (void)fclose(file);
  if (text.len > 0 && json_parse(&doc, text.data, text.len) == PURSER_OK) {
    const json_id list = json_get(&doc, 0, "daily");
    for (json_id i = json_first(&doc, list); i != JSON_NONE; i = json_next(&doc, list, i))
      add_day(out, &doc, i);
    known = list != JSON_NONE;
  }
  json_fini(&doc);
  buf_fini(&text);
  return known;
}

/* ---- comparing ---- */

static int order(const void *a, const void *b) {
  const struct truth_row *x = a;
  const struct truth_row *y = b;
  if (x->day != y->day)
    return x->day < y->day ? -1 : 1;
  return strcmp(x->name, y->name);
}

size_t rows_wrong(struct row_table *is, struct row_table *should) {
  size_t wrong = 0;
  size_t i = 0;
  size_t k = 0;
  if (is->count > 0)
    qsort(is->items, is->count, sizeof *is->items, order);
  if (should->count > 0)
    qsort(should->items, should->count, sizeof *should->items, order);
  while (i < is->count || k < should->count) {
    const int o = i == is->count       ? 1
                  : k == should->count ? -1
                                       : order(&is->items[i], &should->items[k]);
    wrong +=
        o != 0 || memcmp(&is->items[i].sums, &should->items[k].sums, sizeof is->items[i].sums) != 0;
    i += o <= 0;
    k += o >= 0;
  }
  return wrong;
}

/* home_check.c - does the ledger say what the tree amounts to? See home.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/calendar.h"
#include "support/home.h"

/* ---- rows as the ledger has them ---- */

struct rows {
  struct truth_row *items;
  size_t count, cap;
};

static void rows_add(struct rows *rows, int64_t day, const char *name, const struct sums *s,
                     int64_t uncertain) {
  if (rows->count == rows->cap) {
    rows->cap = rows->cap != 0 ? rows->cap * 2 : 256;
    rows->items = realloc(rows->items, rows->cap * sizeof *rows->items);
    assert_non_null(rows->items);
  }
  char *copy = strdup(name);
  assert_non_null(copy);
  rows->items[rows->count++] =
      (struct truth_row){day,
                         copy,
                         {s->requests, uncertain, s->input, s->cache_read, s->cache_write_5m,
                          s->cache_write_1h, s->output, s->reasoning}};
}

static void rows_free(struct rows *rows) {
  for (size_t i = 0; i < rows->count; i++)
    free((void *)(uintptr_t)rows->items[i].name);
  free(rows->items);
}

static int row_order(const void *a, const void *b) {
  const struct truth_row *x = a;
  const struct truth_row *y = b;
  if (x->day != y->day)
    return x->day < y->day ? -1 : 1;
  return strcmp(x->name, y->name);
}

static sqlite3 *open_file(const struct home *home) {
  sqlite3 *db = NULL;
  assert_int_equal(
      sqlite3_open_v2(ledger_path(home->books.ledger), &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
  return db;
}

static const char *column_text(sqlite3_stmt *row, int column) {
  const unsigned char *text = sqlite3_column_text(row, column);
  return text != NULL ? (const char *)text : "";
}

/* The request table grouped by two expressions. */
static void rows_of_log(const struct home *home, const char *day, const char *name,
                        struct rows *rows) {
  char sql[1200];
  sqlite3 *db = open_file(home);
  sqlite3_stmt *row = NULL;
  (void)snprintf(sql, sizeof sql,
                 "SELECT %s AS d, %s AS n, count(*), total(r.flags & %d != 0), sum(r.input),"
                 " sum(r.cache_read), sum(r.cache_write_5m), sum(r.cache_write_1h), sum(r.output),"
                 " sum(r.reasoning) FROM request r JOIN run_log l ON l.id = r.run_id"
                 " GROUP BY d, n",
                 day, name, PURSER_FLAG_UNCERTAIN);
  if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK)
    fail_msg("%s: %s", sql, sqlite3_errmsg(db));
  while (sqlite3_step(row) == SQLITE_ROW) {
    const struct sums s = {
        .requests = sqlite3_column_int64(row, 2),
        .input = sqlite3_column_int64(row, 4),
        .cache_read = sqlite3_column_int64(row, 5),
        .cache_write_5m = sqlite3_column_int64(row, 6),
        .cache_write_1h = sqlite3_column_int64(row, 7),
        .output = sqlite3_column_int64(row, 8),
        .reasoning = sqlite3_column_int64(row, 9),
    };
    rows_add(rows, sqlite3_column_int64(row, 0), truth_session(&home->truth, column_text(row, 1)),
             &s, sqlite3_column_int64(row, 3));
  }
  (void)sqlite3_finalize(row);
  (void)sqlite3_close(db);
}

static int add_reported(void *data, const char *key, const struct sums *sums) {
  struct rows *rows = data;
  int64_t day = 0;
  if (sums->requests == 0)
    return 0; /* a run whose requests turned out to be an earlier one's */
  const bool is_day = calendar_parse_date(key, &day) == PURSER_OK;
  rows_add(rows, is_day ? day : 0, is_day ? "" : key, sums, -1);
  return 0;
}

static void rows_of_report(struct home *home, enum report_by by, const struct zone *zone,
                           struct rows *rows) {
  const struct report_query query = {
      .by = by, .since_day = INT64_MIN, .until_day = INT64_MAX, .zone = zone};
  assert_ok(ledger_report(home->books.ledger, &query, add_reported, rows, NULL, &home->books.error),
            &home->books.error);
}

/* ---- which requests differ ---- */

struct line {
  char text[400];
};

static int line_order(const void *a, const void *b) {
  return strcmp(((const struct line *)a)->text, ((const struct line *)b)->text);
}

static void write_line(struct line *line, const char *key, int64_t at_ms, const char *model,
                       const char *workspace, const char *session, bool side, bool uncertain,
                       const purser_usage *u) {
  (void)snprintf(line->text, sizeof line->text,
                 "%.90s @%lld %.40s %.60s %.40s %s%s in %lld read %lld 5m %lld 1h %lld out %lld",
                 key, (long long)at_ms, model, workspace, session, side ? "side" : "main",
                 uncertain ? " uncertain" : "", (long long)u->input, (long long)u->cache_read,
                 (long long)u->cache_write_5m, (long long)u->cache_write_1h, (long long)u->output);
}

static size_t lines_of_log(const struct home *home, struct line **out) {
  static const char sql[] =
      "SELECT r.key, r.at_ms, m.text, w.text, s.text, r.flags, r.input, r.cache_read,"
      " r.cache_write_5m, r.cache_write_1h, r.output FROM request r JOIN run_log l ON l.id = r.run_id"
      " LEFT JOIN name m ON m.id = r.model LEFT JOIN name w ON w.id = l.workspace"
      " LEFT JOIN name s ON s.id = r.session";
  sqlite3 *db = open_file(home);
  sqlite3_stmt *row = NULL;
  size_t count = 0;
  size_t cap = 0;
  assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
  *out = NULL;
  while (sqlite3_step(row) == SQLITE_ROW) {
    if (count == cap) {
      cap = cap != 0 ? cap * 2 : 1024;
      *out = realloc(*out, cap * sizeof **out);
      assert_non_null(*out);
    }
    const int flags = sqlite3_column_int(row, 5);
    const purser_usage u = {.input = sqlite3_column_int64(row, 6),
                            .cache_read = sqlite3_column_int64(row, 7),
                            .cache_write_5m = sqlite3_column_int64(row, 8),
                            .cache_write_1h = sqlite3_column_int64(row, 9),
                            .output = sqlite3_column_int64(row, 10)};
    write_line(&(*out)[count++], column_text(row, 0), sqlite3_column_int64(row, 1),
               column_text(row, 2), column_text(row, 3),
               truth_session(&home->truth, column_text(row, 4)),
               (flags & PURSER_FLAG_SIDECHAIN) != 0, (flags & PURSER_FLAG_UNCERTAIN) != 0, &u);
  }
  (void)sqlite3_finalize(row);
  (void)sqlite3_close(db);
  if (count > 0)
    qsort(*out, count, sizeof **out, line_order);
  return count;
}

static size_t lines_of_truth(const struct truth *truth, struct line **out) {
  *out = malloc((truth->count + 1) * sizeof **out);
  assert_non_null(*out);
  for (size_t i = 0; i < truth->count; i++) {
    const struct truth_request *r = &truth->requests[i];
    char key[200];
    (void)snprintf(key, sizeof key, "%s/%.150s", truth_source_name(r->source), truth_key(truth, r));
    write_line(&(*out)[i], key, r->at_ms, truth->models.texts[r->model],
               truth->workspaces.texts[r->workspace], truth->sessions.texts[r->session],
               r->sidechain, r->uncertain, &r->usage);
  }
  if (truth->count > 0)
    qsort(*out, truth->count, sizeof **out, line_order);
  return truth->count;
}

static void tell_differences(const struct home *home) {
  enum {
    SHOWN = 12
  };
  struct line *is = NULL;
  struct line *should = NULL;
  const size_t is_count = lines_of_log(home, &is);
  const size_t should_count = lines_of_truth(&home->truth, &should);
  size_t i = 0;
  size_t k = 0;
  int shown = 0;
  while ((i < is_count || k < should_count) && shown < SHOWN) {
    const int order = i == is_count       ? 1
                      : k == should_count ? -1
                                          : strcmp(is[i].text, should[k].text);
    if (order != 0) {
      print_error("%s %s\n",
                  order < 0 ? "ledger:" : "truth: ", order < 0 ? is[i].text : should[k].text);
      shown++;
    }
    i += order <= 0;
    k += order >= 0;
  }
  free(is);
  free(should);
}

/* ---- comparing ---- */

static bool same(const struct truth_row *is, const struct truth_row *should) {
  struct truth_sums a = is->sums;
  const struct truth_sums *b = &should->sums;
  if (a.uncertain < 0) /* a report does not say */
    a.uncertain = b->uncertain;
  return memcmp(&a, b, sizeof a) == 0;
}

static int64_t tokens(const struct truth_row *row) {
  const struct truth_sums *s = &row->sums;
  return s->input + s->cache_read + s->cache_write_5m + s->cache_write_1h + s->output;
}

/* Rows of the same name become one: sessions that are told together. */
static void rows_merge(struct rows *rows) {
  size_t count = 0;
  if (rows->count > 0)
    qsort(rows->items, rows->count, sizeof *rows->items, row_order);
  for (size_t i = 0; i < rows->count; i++) {
    if (count == 0 || row_order(&rows->items[count - 1], &rows->items[i]) != 0) {
      rows->items[count++] = rows->items[i];
      continue;
    }
    truth_sums_add(&rows->items[count - 1].sums, &rows->items[i].sums);
    free((void *)(uintptr_t)rows->items[i].name);
  }
  rows->count = count;
}

static void compare(const struct home *home, const char *when, const char *what, struct rows *is,
                    enum truth_by by, const struct zone *zone) {
  struct truth_row *should = NULL;
  const size_t count = truth_cut(&home->truth, by, zone, &should);
  rows_merge(is);
  for (size_t i = 0; i < is->count || i < count; i++) {
    const struct truth_row none = {0, "nothing", {0}};
    const struct truth_row *a = i < is->count ? &is->items[i] : &none;
    const struct truth_row *b = i < count ? &should[i] : &none;
    if (a->day == b->day && strcmp(a->name, b->name) == 0 && same(a, b))
      continue;
    tell_differences(home);
    fail_msg("%s, by %s: the ledger has day %lld \"%s\" with %lld requests, %lld tokens, %lld "
             "uncertain; the truth is day %lld \"%s\" with %lld requests, %lld tokens, %lld "
             "uncertain",
             when, what, (long long)a->day, a->name, (long long)a->sums.requests,
             (long long)tokens(a), (long long)a->sums.uncertain, (long long)b->day, b->name,
             (long long)b->sums.requests, (long long)tokens(b), (long long)b->sums.uncertain);
  }
  free(should);
  rows_free(is);
}

/* Names by their number, 0 none. */
#define NAME(column) "ifnull((SELECT text FROM name WHERE id = " column "), '')"

static void check_log(const struct home *home, const char *when, const struct zone *utc) {
  char chain[80];
  (void)snprintf(chain, sizeof chain, "CASE WHEN r.flags & %d THEN 'side' ELSE 'main' END",
                 PURSER_FLAG_SIDECHAIN);
  const struct {
    const char *what, *day, *name;
    enum truth_by by;
  } cuts[] = {
      {"total", "0", "''", TRUTH_BY_NOTHING},
      {"source", "0", NAME("l.source"), TRUTH_BY_SOURCE},
      {"day", "r.at_ms / 86400000", "''", TRUTH_BY_DAY},
      {"model", "0", NAME("r.model"), TRUTH_BY_MODEL},
      {"workspace", "0", NAME("l.workspace"), TRUTH_BY_WORKSPACE},
      {"session", "0", NAME("r.session"), TRUTH_BY_SESSION},
      {"chain", "0", chain, TRUTH_BY_SIDECHAIN},
      {"day and model", "r.at_ms / 86400000", NAME("r.model"), TRUTH_BY_DAY_MODEL},
  };
  for (size_t i = 0; i < COUNT(cuts); i++) {
    struct rows rows = {0};
    rows_of_log(home, cuts[i].day, cuts[i].name, &rows);
    compare(home, when, cuts[i].what, &rows, cuts[i].by, utc);
  }
}

static void check_reports(struct home *home, const char *when, const struct zone *utc,
                          const struct zone *other) {
  const struct {
    const char *what;
    enum report_by by;
    enum truth_by truth;
    const struct zone *zone;
  } cuts[] = {
      {"reported day", REPORT_BY_DAY, TRUTH_BY_DAY, NULL},
      {"reported day elsewhere", REPORT_BY_DAY, TRUTH_BY_DAY, other},
      {"reported model", REPORT_BY_MODEL, TRUTH_BY_MODEL, NULL},
      {"reported workspace", REPORT_BY_WORKSPACE, TRUTH_BY_WORKSPACE, NULL},
      {"reported source", REPORT_BY_SOURCE, TRUTH_BY_SOURCE, NULL},
  };
  for (size_t i = 0; i < COUNT(cuts); i++) {
    struct rows rows = {0};
    rows_of_report(home, cuts[i].by, cuts[i].zone, &rows);
    compare(home, when, cuts[i].what, &rows, cuts[i].truth,
            cuts[i].zone != NULL ? cuts[i].zone : utc);
  }
}

/* Each request priced at its own time, by its own prompt (rules 15, 16). */
static void check_cost(struct home *home, const char *when) {
  int64_t cost = 0;
  int64_t unpriced = 0;
  const struct truth *truth = &home->truth;
  for (size_t i = 0; i < truth->count; i++) {
    const struct truth_request *r = &truth->requests[i];
    const struct price_query query = {
        .model = truth->models.texts[r->model],
        .at_ms = r->at_ms,
        .tier = r->tier,
        .speed = r->speed,
        .reported_nanousd = -1,
        .usage = r->usage,
    };
    struct price price;
    price_request(home->catalog, &query, &price);
    const int64_t most = INT64_C(1000000) * 1000000000; /* more is a broken figure to the ledger */
    unpriced += price.status == COST_UNKNOWN;
    cost += price.status == COST_UNKNOWN ? 0
            : price.cost_nanousd > most  ? most
                                         : price.cost_nanousd;
  }
  const struct sums total = books_total(home->books.ledger);
  if (total.cost_nanousd != cost || total.unpriced_requests != unpriced)
    fail_msg(
        "%s: the ledger has %lld nano-dollars and %lld unpriced requests; the truth is %lld and "
        "%lld",
        when, (long long)total.cost_nanousd, (long long)total.unpriced_requests, (long long)cost,
        (long long)unpriced);
}

void home_check(struct home *home, const char *when) {
  struct zone *utc = NULL;
  struct zone *other = NULL;
  int64_t quarantined = 0;
  assert_ok(zone_load(&utc, "UTC", &home->books.error), &home->books.error);
  assert_ok(zone_load(&other, "America/New_York", &home->books.error), &home->books.error);
  check_log(home, when, utc);
  check_reports(home, when, utc, other);
  check_cost(home, when);
  assert_ok(ledger_quarantined(home->books.ledger, &quarantined, &home->books.error),
            &home->books.error);
  assert_int_equal(quarantined, home->truth.quarantined);
  books_audit(home->books.ledger);
  zone_free(utc);
  zone_free(other);
}

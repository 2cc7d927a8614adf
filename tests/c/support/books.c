/* books.c - see books.h. */
#include "support/books.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/internal.h"
#include "ledger/rollup.h"

static void open_ledger(struct books *books) {
  const struct ledger_options options = {
      .path = temp_path(&books->temp, "purser.db"),
      .clock = &books->clock.clock,
  };
  assert_ok(ledger_open(&books->ledger, &options, &books->error), &books->error);
}

void books_open(struct books *books, const char *instant) {
  (void)setenv("TZ", "UTC", 0); /* only where none is set */
  *books = (struct books){.ledger = NULL};
  temp_make(&books->temp);
  fake_clock_init(&books->clock, instant);
  open_ledger(books);
}

void books_reopen(struct books *books) {
  ledger_close(books->ledger);
  open_ledger(books);
}

void books_close(struct books *books) {
  books_audit(books->ledger);
  ledger_close(books->ledger);
  temp_remove(&books->temp);
}

int64_t books_run_of(struct books *books, const struct run_spec *spec, enum run_status status) {
  int64_t id = 0;
  assert_ok(ledger_begin(books->ledger, &books->error), &books->error);
  assert_ok(ledger_run_create(books->ledger, spec, status, &id, &books->error), &books->error);
  assert_ok(ledger_commit(books->ledger, &books->error), &books->error);
  return id;
}

int64_t books_run(struct books *books, const char *agent, const char *workspace) {
  const struct run_spec spec = {
      .agent = agent, .workspace = workspace, .source = "claude", .model = "model-a"};
  return books_run_of(books, &spec, RUN_RUNNING);
}

void books_end(struct books *books, int64_t run_id, enum run_status status) {
  const struct run_end end = {.status = status, .duration_ms = 1000, .reason = "exit"};
  assert_ok(ledger_begin(books->ledger, &books->error), &books->error);
  assert_ok(ledger_run_end(books->ledger, run_id, &end, NULL, &books->error), &books->error);
  assert_ok(ledger_commit(books->ledger, &books->error), &books->error);
}

struct request books_request(const struct books *books, int64_t run_id, const char *key,
                             int64_t nanousd) {
  return (struct request){
      .run_id = run_id,
      .key = key,
      .at_ms = books->clock.now_ms,
      .model = "model-a",
      .reported_nanousd = -1,
      .usage = {.input = 100, .cache_read = 10, .output = 20},
      .price = {.cost_nanousd = nanousd, .status = COST_KNOWN, .rate_card = "card-a"},
  };
}

struct booked books_book(struct books *books, const struct request *request) {
  struct booked booked;
  assert_ok(ledger_begin(books->ledger, &books->error), &books->error);
  assert_ok(ledger_book(books->ledger, request, &booked, &books->error), &books->error);
  assert_ok(ledger_commit(books->ledger, &books->error), &books->error);
  return booked;
}

struct sums books_total(struct ledger *ledger) {
  const struct report_query query = {.since_day = INT64_MIN, .until_day = INT64_MAX};
  struct sums total = {0};
  struct error error = {0};
  assert_ok(ledger_report(ledger, &query, NULL, NULL, &total, &error), &error);
  return total;
}

/* ---- the audit ---- */

static int64_t ask(struct ledger *ledger, const char *sql) {
  sqlite3_stmt *stmt = NULL;
  assert_int_equal(sqlite3_prepare_v2(db_handle(ledger->db), sql, -1, &stmt, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
  const int64_t answer = sqlite3_column_int64(stmt, 0);
  (void)sqlite3_finalize(stmt);
  return answer;
}

static void audit_file(struct ledger *ledger) {
  sqlite3_stmt *stmt = NULL;
  assert_int_equal(
      sqlite3_prepare_v2(db_handle(ledger->db), "PRAGMA integrity_check", -1, &stmt, NULL),
      SQLITE_OK);
  assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
  assert_string_equal((const char *)sqlite3_column_text(stmt, 0), "ok");
  (void)sqlite3_finalize(stmt);
}

static void audit_runs(struct ledger *ledger) {
  assert_int_equal(
      ask(ledger,
          "SELECT count(*) FROM run_log r LEFT JOIN (SELECT run_id, sum(cost_input) i,"
          " sum(cost_cache_read) cr, sum(cost_cache_write) cw, sum(extra) x, sum(cache_saved) s"
          " FROM request GROUP BY run_id) q ON q.run_id = r.id WHERE r.cost_input <> ifnull(i, 0)"
          " OR r.cost_cache_read <> ifnull(cr, 0) OR r.cost_cache_write <> ifnull(cw, 0)"
          " OR r.cost_extra <> ifnull(x, 0) OR r.cache_saved <> ifnull(s, 0)"),
      0);
  assert_int_equal(ask(ledger, "SELECT count(*) FROM run_log WHERE tokens <> input + cache_read"
                               " + cache_write_5m + cache_write_1h + output"),
                   0);
  /* No kind of cost is less than nothing. */
  assert_int_equal(ask(ledger,
                       "SELECT count(*) FROM request WHERE cost_input < 0 OR cost_cache_read < 0"
                       " OR cost_cache_write < 0 OR extra < 0"
                       " OR cost_input + cost_cache_read + cost_cache_write + extra > cost"),
                   0);
  assert_int_equal(
      ask(ledger,
          "SELECT count(*) FROM run_log r LEFT JOIN (SELECT run_id, count(*) n, sum(input) i,"
          " sum(cache_read) cr, sum(cache_write_5m) c5, sum(cache_write_1h) c1, sum(output) o,"
          " sum(reasoning) re, sum(cost) c, sum(status = 0) u, sum(iif(status = 3, cost, 0)) e,"
          " sum(iif(flags & 32, cost, 0)) un FROM request GROUP BY run_id) q ON q.run_id = r.id"
          " WHERE r.requests <> ifnull(n, 0) OR r.input <> ifnull(i, 0)"
          " OR r.cache_read <> ifnull(cr, 0) OR r.cache_write_5m <> ifnull(c5, 0)"
          " OR r.cache_write_1h <> ifnull(c1, 0) OR r.output <> ifnull(o, 0)"
          " OR r.reasoning <> ifnull(re, 0) OR r.cost <> ifnull(c, 0)"
          " OR r.unpriced <> ifnull(u, 0) OR r.estimated <> ifnull(e, 0)"
          " OR r.uncertain <> ifnull(un, 0)"),
      0);
  assert_int_equal(
      ask(ledger, "SELECT count(*) FROM request WHERE run_id NOT IN (SELECT id FROM run_log)"), 0);
}

/* Settles the days that are over and rebuilds all, inside a transaction that is then undone, and compares. */
static void audit_rollups(struct ledger *ledger) {
  struct error error = {0};
  sqlite3 *db = db_handle(ledger->db);
  assert_ok(ledger_begin(ledger, &error), &error);
  assert_ok(rollup_settle(ledger, &error), &error);
  assert_int_equal(
      sqlite3_exec(db, "CREATE TEMP TABLE kept AS SELECT * FROM rollup", NULL, NULL, NULL),
      SQLITE_OK);
  /* A clock that was set back settles nothing, and unsettles nothing. */
  int64_t settled = 0;
  assert_ok(rollup_settled(ledger, &settled, &error), &error);
  /* Nor does the ledger become a large one by being looked at. */
  const int64_t many = ledger->rollups.many;
  ledger->rollups.many = INT64_MAX;
  assert_ok(rollup_rebuild(ledger, ledger_zone(ledger), settled, &error), &error);
  const int64_t differences = ask(
      ledger, "SELECT (SELECT count(*) FROM (SELECT * FROM rollup WHERE runs <> 0 OR requests <> 0"
              " EXCEPT SELECT * FROM kept)) + (SELECT count(*) FROM (SELECT * FROM kept"
              " EXCEPT SELECT * FROM rollup))");
  ledger_rollback(ledger);
  ledger->rollups.many = many;
  assert_int_equal(differences, 0);
}

static int add_up(void *data, const char *key, const struct sums *sums) {
  (void)key;
  sums_add(data, sums);
  return 0;
}

static void audit_cuts(struct ledger *ledger) {
  struct error error = {0};
  struct zone *elsewhere = NULL;
  assert_ok(zone_load(&elsewhere, "<+1130>-11:30", &error), &error);
  const struct sums total = books_total(ledger);
  for (int by = REPORT_BY_DAY; by <= REPORT_BY_BILLING; by++) {
    for (int other = 0; other < 2; other++) {
      const struct report_query query = {.by = (enum report_by)by,
                                         .since_day = INT64_MIN,
                                         .until_day = INT64_MAX,
                                         .zone = other ? elsewhere : NULL};
      struct sums rows = {0};
      struct sums said = {0};
      assert_ok(ledger_report(ledger, &query, add_up, &rows, &said, &error), &error);
      assert_memory_equal(&rows, &total, sizeof total);
      assert_memory_equal(&said, &total, sizeof total);
    }
  }
  zone_free(elsewhere);
}

static void audit_policies(struct ledger *ledger) {
  struct error error = {0};
  sqlite3_stmt *stmt = NULL;
  assert_int_equal(
      sqlite3_prepare_v2(db_handle(ledger->db),
                         "SELECT scope, key, start_ms, end_ms, metered, subscription, id"
                         " FROM policy WHERE hidden = 0",
                         -1, &stmt, NULL),
      SQLITE_OK);
  while (sqlite3_step(stmt) == SQLITE_ROW) {
    const struct period period = {sqlite3_column_int64(stmt, 2), sqlite3_column_int64(stmt, 3)};
    struct counter_period sum;
    assert_ok(counters_sum(ledger, (enum counter_scope)sqlite3_column_int(stmt, 0),
                           sqlite3_column_int64(stmt, 1), period, &sum, &error),
              &error);
    if (sum.metered != sqlite3_column_int64(stmt, 4) ||
        sum.subscription != sqlite3_column_int64(stmt, 5))
      fail_msg("policy %d counts %lld, %lld of subscriptions; its period holds %lld, %lld",
               sqlite3_column_int(stmt, 6), (long long)sqlite3_column_int64(stmt, 4),
               (long long)sqlite3_column_int64(stmt, 5), (long long)sum.metered,
               (long long)sum.subscription);
  }
  (void)sqlite3_finalize(stmt);
}

void books_audit(struct ledger *ledger) {
  audit_file(ledger);
  audit_runs(ledger);
  audit_rollups(ledger);
  audit_cuts(ledger);
  audit_policies(ledger);
}

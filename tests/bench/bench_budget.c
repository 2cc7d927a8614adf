/* bench_budget.c - the gate: admission with a hold written, the check alone, and a hold topped up, with ten policies, on ledgers of
 * growing size.
 *
 *   PURSER_BENCH_RUNS=10000000   goes on to ten million runs (minutes of filling, and 6 GB of disk)
 *   PURSER_BENCH_DIR             where the ledger is made; /var/tmp
 *
 * Targets: admission p50 < 50 us, p99 < 300 us, flat; check alone p99 < 10 us. */
#include "bench.h"

#include <time.h>

#include "budget/budget.h"
#include "ledger/internal.h"

enum {
  ADMISSIONS = 6000
};

/* ---- many runs, quickly ---- */

static void run_sql(struct ledger *ledger, const char *sql) {
  struct error error = {0};
  must(db_script(ledger->db, sql, &error), &error);
}

/* The columns of a table, each as it is, except for those named here. */
struct change {
  const char *column;
  const char *becomes;
};

static void list_columns(struct ledger *ledger, const char *table, const struct change *changes,
                         struct buf *names, struct buf *values) {
  sqlite3_stmt *stmt = NULL;
  const char *sep = "";
  if (sqlite3_prepare_v2(db_handle(ledger->db), "SELECT name FROM pragma_table_info(?)", -1, &stmt,
                         NULL) != SQLITE_OK)
    exit(1);
  (void)sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC);
  for (; sqlite3_step(stmt) == SQLITE_ROW; sep = ", ") {
    const char *name = (const char *)sqlite3_column_text(stmt, 0);
    const char *value = name;
    for (const struct change *c = changes; c->column != NULL; c++) {
      if (strcmp(c->column, name) == 0)
        value = c->becomes;
    }
    buf_addf(names, "%s%s", sep, name);
    buf_addf(values, "%s%s", sep, value);
  }
  (void)sqlite3_finalize(stmt);
}

/* Copies the rows up to an id, with ids of their own. */
static void copy_rows(struct ledger *ledger, const char *table, const struct change *changes,
                      const char *id, int64_t most, int64_t shift) {
  struct buf names = BUF_INIT;
  struct buf values = BUF_INIT;
  struct buf sql = BUF_INIT;
  list_columns(ledger, table, changes, &names, &values);
  buf_addf(&sql,
           "CREATE TEMP TABLE IF NOT EXISTS shift (n INTEGER); DELETE FROM shift;"
           "INSERT INTO shift VALUES (%lld);"
           "INSERT INTO %s (%s) SELECT %s FROM %s, shift WHERE %s <= %lld",
           (long long)shift, table, buf_text(&names), buf_text(&values), table, id,
           (long long)most);
  run_sql(ledger, buf_text(&sql));
  buf_fini(&names);
  buf_fini(&values);
  buf_fini(&sql);
}

/* Ten times as many runs, each with its request, as booking them would leave them; only the rollups don't know of them. */
static void multiply(struct ledger *ledger) {
  static const struct change run_changes[] = {{"id", "id + n"}, {NULL, NULL}};
  static const struct change request_changes[] = {
      {"id", "id + n"},
      {"run_id", "run_id + n"},
      {"hash", "(hash | n) - (hash & n)"} /* exclusive or */,
      {NULL, NULL}};
  struct error error = {0};
  int64_t most = 0;
  must(db_get_int(ledger->db,
                  "SELECT max((SELECT max(id) FROM run_log), (SELECT max(id) FROM request))", NULL,
                  0, &most, &error),
       &error);
  run_sql(ledger, "PRAGMA synchronous = OFF; PRAGMA cache_size = -4000000");
  for (int64_t i = 1; i < 10; i++) {
    must(ledger_begin(ledger, &error), &error);
    copy_rows(ledger, "run_log", run_changes, "id", most, i * most);
    copy_rows(ledger, "request", request_changes, "id", most, i * most);
    must(ledger_commit(ledger, &error), &error);
  }
  /* All of it on the disk, which is to be quiet when the measuring begins. */
  run_sql(ledger, "PRAGMA synchronous = NORMAL; PRAGMA wal_checkpoint(TRUNCATE);"
                  "PRAGMA cache_size = -4096");
}

/* ---- the gate ---- */

/* Of this thread: on a machine with other things to do, what is between this and the clock on the wall is theirs. */
static int64_t processor_ns(void) {
  struct timespec t = {0};
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void set_policies(struct ledger *ledger) {
  const struct run_spec spec = bench_spec(0);
  struct error error = {0};
  int made = 0;
  for (int scope = SCOPE_AGENT; scope <= SCOPE_GLOBAL; scope++) {
    for (int kind = PERIOD_MONTH; kind <= PERIOD_DAY; kind++) {
      struct policy p;
      budget_policy_init(&p);
      p.scope = (enum scope_kind)scope;
      p.period = (enum period_kind)kind;
      p.has_limit = true;
      p.limit_nanousd = INT64_C(900000000) * 1000000000;
      const char *key = scope == SCOPE_AGENT ? spec.agent : spec.workspace;
      if (scope != SCOPE_GLOBAL)
        snprintf(p.scope_key, sizeof p.scope_key, "%.200s", key);
      must(budget_policy_set(ledger, &p, NULL, &error), &error);
      made++;
    }
  }
  struct policy other;
  budget_policy_init(&other);
  other.scope = SCOPE_AGENT;
  snprintf(other.scope_key, sizeof other.scope_key, "somebody else");
  must(budget_policy_set(ledger, &other, NULL, &error), &error);
  if (made + 1 != 10)
    exit(1);
}

static void finish(struct ledger *ledger, int64_t run_id) {
  const struct run_end end = {.status = RUN_COMPLETED, .reason = "exit"};
  struct error error = {0};
  must(ledger_begin(ledger, &error), &error);
  must(ledger_run_end(ledger, run_id, &end, NULL, &error), &error);
  must(budget_release(ledger, run_id, &error), &error);
  must(ledger_commit(ledger, &error), &error);
}

/* A live run's request: booked, the hold topped up, thresholds looked at, committed. */
static void spend(struct ledger *ledger, int64_t run_id, int64_t n) {
  char key[64];
  char request_id[64];
  struct booked booked;
  enum verdict verdict;
  struct error error = {0};
  const struct request r =
      bench_request(run_id, (INT64_C(1) << 40) + n, clock_now_ms(&clock_system), key, request_id);
  must(ledger_begin(ledger, &error), &error);
  must(ledger_book(ledger, &r, &booked, &error), &error);
  must(budget_spent(ledger, run_id, booked.delta_nanousd, 50000000, &verdict, NULL, &error),
       &error);
  must(budget_check_thresholds(ledger, run_id, &error), &error);
  must(ledger_commit(ledger, &error), &error);
}

static void measure(struct ledger *ledger, int64_t runs) {
  static int64_t turn = 0;
  struct samples admit = {0};
  struct samples check = {0};
  struct samples alone = {0};
  struct samples admit_cpu = {0};
  struct samples alone_cpu = {0};
  struct samples book = {0};
  struct samples settle = {0};
  struct error error = {0};
  char what[80];
  /* Four runs in flight, as in an afternoon's work. */
  int64_t in_flight[4] = {0};
  for (int64_t n = 0; n < ADMISSIONS; n++) {
    struct run_spec spec = bench_spec(0);
    const struct admission_request request = {.spec = &spec,
                                              .estimate_nanousd = 500000000,
                                              .minimum_nanousd = 1000000,
                                              .fallback_nanousd = -1};
    struct admission_request dry = request;
    struct admission a;
    dry.dry = true;
    int64_t start = now_ns();
    must(budget_admit(ledger, &dry, &a, &error), &error);
    samples_add(&check, now_ns() - start);

    const int64_t cpu = processor_ns();
    start = now_ns();
    must(budget_admit(ledger, &request, &a, &error), &error);
    samples_add(&admit, now_ns() - start);
    samples_add(&admit_cpu, processor_ns() - cpu);
    if (!a.admitted)
      exit(1);

    start = now_ns();
    spend(ledger, a.run_id, ++turn);
    samples_add(&book, now_ns() - start);

    start = now_ns();
    if (in_flight[n % 4] != 0)
      finish(ledger, in_flight[n % 4]);
    samples_add(&settle, now_ns() - start);
    in_flight[n % 4] = a.run_id;
  }
  struct run_spec spec = bench_spec(0);
  const struct admission_request dry = {.spec = &spec,
                                        .estimate_nanousd = 500000000,
                                        .minimum_nanousd = 1000000,
                                        .fallback_nanousd = -1,
                                        .dry = true};
  for (int64_t n = 0; n < ADMISSIONS * 4; n++) {
    struct admission a;
    const int64_t cpu = processor_ns();
    const int64_t start = now_ns();
    must(budget_admit(ledger, &dry, &a, &error), &error);
    samples_add(&alone, now_ns() - start);
    samples_add(&alone_cpu, processor_ns() - cpu);
  }
  snprintf(what, sizeof what, "%9lld runs: check alone", (long long)runs);
  samples_print(&alone, what);
  samples_print(&alone_cpu, "                 on the processor");
  for (int i = 0; i < 4; i++)
    finish(ledger, in_flight[i]);
  snprintf(what, sizeof what, "%9lld runs: admission, hold written", (long long)runs);
  samples_print(&admit, what);
  samples_print(&admit_cpu, "                 on the processor");
  snprintf(what, sizeof what, "%9lld runs: check between writes", (long long)runs);
  samples_print(&check, what);
  snprintf(what, sizeof what, "%9lld runs: request booked, hold topped up", (long long)runs);
  samples_print(&book, what);
  snprintf(what, sizeof what, "%9lld runs: run ended, hold released", (long long)runs);
  samples_print(&settle, what);
  free(admit.ns);
  free(check.ns);
  free(alone.ns);
  free(admit_cpu.ns);
  free(alone_cpu.ns);
  free(book.ns);
  free(settle.ns);
}

int main(void) {
  char folder[BENCH_PATH];
  const char *text = getenv("PURSER_BENCH_RUNS");
  const int64_t most = text != NULL ? strtoll(text, NULL, 10) : 1000000;
  bench_folder(folder, sizeof folder);
  struct ledger *ledger = bench_open(folder);
  bench_fill(ledger, 0, 10000, 1);
  set_policies(ledger);
  for (int64_t runs = 10000; runs <= most; runs *= 10) {
    if (runs > 10000)
      multiply(ledger);
    measure(ledger, runs);
  }
  ledger_close(ledger);
  bench_remove(folder);
  return 0;
}

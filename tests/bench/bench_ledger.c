/* bench_ledger.c - booking, and reading the ledger. Sharing it is bench_writers.c.
 *
 *   PURSER_BENCH_RUNS=10000000   how many runs the dashboard is asked of; a million
 *   PURSER_BENCH_DIR             where the ledgers are made; /var/tmp
 *
 * Targets: a request booked p99 < 300 us; dashboard < 10 ms; at most 300 bytes of database a request. */
#include "bench.h"

#include "base/zone.h"

/* ---- one at a time, and many at once ---- */

static void bench_single(struct ledger *ledger) {
  struct samples samples = {0};
  struct error error = {0};
  int64_t run_id = 0;
  for (int64_t n = 0; n < 8000; n++) {
    char key[64];
    char request_id[64];
    struct booked booked;
    const struct run_spec spec = bench_spec(n / 8);
    must(ledger_begin(ledger, &error), &error);
    if (n % 8 == 0)
      must(ledger_run_create(ledger, &spec, RUN_RUNNING, &run_id, &error), &error);
    must(ledger_commit(ledger, &error), &error);
    const int64_t start = now_ns();
    const struct request r =
        bench_request(run_id, (INT64_C(1) << 41) + n, clock_now_ms(&clock_system), key, request_id);
    must(ledger_begin(ledger, &error), &error);
    must(ledger_book(ledger, &r, &booked, &error), &error);
    must(ledger_commit(ledger, &error), &error);
    samples_add(&samples, now_ns() - start);
  }
  samples_print(&samples, "one request booked and committed");
  free(samples.ns);
}

static void bench_bulk(struct ledger *ledger, const char *folder) {
  enum {
    RUNS = 20000,
    EACH = 5
  };
  const int64_t before = bench_size(folder);
  const int64_t start = now_ns();
  bench_fill(ledger, 0, RUNS, EACH);
  const double s = (double)(now_ns() - start) / 1e9;
  ledger_close(ledger);
  const int64_t bytes = bench_size(folder) - before;
  printf("%-46s %10.0f /s\n", "requests booked in bulk", RUNS * EACH / s);
  printf("%-46s %10.1f bytes\n", "database per request, its share of a run in it",
         (double)bytes / (RUNS * EACH));
}

/* ---- the dashboard ---- */

static int count_row(void *data, const char *key, const struct sums *sums) {
  (void)key;
  (void)sums;
  ++*(int64_t *)data;
  return 0;
}

static int count_run(void *data, const struct run_row *row) {
  (void)row;
  ++*(int64_t *)data;
  return 0;
}

static void ask(struct ledger *ledger, enum report_by by, int64_t since, int64_t until) {
  const struct report_query query = {.by = by, .since_day = since, .until_day = until};
  struct sums total;
  struct error error = {0};
  int64_t rows = 0;
  must(ledger_report(ledger, &query, count_row, &rows, &total, &error), &error);
}

static void bench_dashboard(struct ledger *ledger, int64_t runs) {
  struct samples month = {0};
  struct samples year = {0};
  struct samples all = {0};
  struct samples log = {0};
  struct error error = {0};
  char what[80];
  const int64_t today = zone_day(ledger_zone(ledger), clock_now_ms(&clock_system));
  for (int i = 0; i < 50; i++) {
    int64_t start = now_ns();
    /* What the window shows: the month by day, its agents, its workspaces, its models. */
    ask(ledger, REPORT_BY_DAY, today - 30, today + 1);
    ask(ledger, REPORT_BY_AGENT, today - 30, today + 1);
    ask(ledger, REPORT_BY_WORKSPACE, today - 30, today + 1);
    ask(ledger, REPORT_BY_MODEL, today - 30, today + 1);
    samples_add(&month, now_ns() - start);
    start = now_ns();
    ask(ledger, REPORT_BY_MONTH, today - 365, today + 1);
    samples_add(&year, now_ns() - start);
    start = now_ns();
    ask(ledger, REPORT_BY_AGENT, INT64_MIN, INT64_MAX);
    samples_add(&all, now_ns() - start);
    start = now_ns();
    const struct run_filter filter = {.status = -1, .limit = 50};
    int64_t rows = 0;
    must(ledger_run_each(ledger, &filter, count_run, &rows, &error), &error);
    samples_add(&log, now_ns() - start);
  }
  snprintf(what, sizeof what, "%9lld runs: dashboard, a month, four cuts", (long long)runs);
  samples_print(&month, what);
  snprintf(what, sizeof what, "%9lld runs: a year by month", (long long)runs);
  samples_print(&year, what);
  snprintf(what, sizeof what, "%9lld runs: everything by agent", (long long)runs);
  samples_print(&all, what);
  snprintf(what, sizeof what, "%9lld runs: the last 50 runs", (long long)runs);
  samples_print(&log, what);
  free(month.ns);
  free(year.ns);
  free(all.ns);
  free(log.ns);
}

int main(void) {
  char folder[BENCH_PATH];
  const char *text = getenv("PURSER_BENCH_RUNS");
  const int64_t runs = text != NULL ? strtoll(text, NULL, 10) : 1000000;
  bench_folder(folder, sizeof folder);
  struct ledger *ledger = bench_open(folder);
  bench_single(ledger);
  bench_bulk(ledger, folder);
  bench_remove(folder);

  bench_folder(folder, sizeof folder);
  ledger = bench_open(folder);
  bench_fill(ledger, 0, runs, 1);
  bench_dashboard(ledger, runs);
  ledger_close(ledger);
  printf("%-46s %10.1f bytes\n", "database per run of one request",
         (double)bench_size(folder) / (double)runs);
  bench_remove(folder);
  return 0;
}

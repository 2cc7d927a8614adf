/* bench_ledger.c - booking, reading and sharing the ledger.
 *
 *   PURSER_BENCH_RUNS=10000000   how many runs the dashboard is asked of; a million
 *   PURSER_BENCH_DIR             where the ledgers are made; /var/tmp
 *
 * Targets: a request booked p99 < 300 us; eight writers, longest wait < 50 ms; dashboard < 10 ms; at most 300 bytes of database a
 * request. */
#include "bench.h"

#include <sys/wait.h>

#include "base/zone.h"
#include "budget/budget.h"

enum {
  WRITERS = 8,
  WRITES = 1500
};

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

/* ---- eight writers ---- */

static int64_t write_side_by_side(const char *folder, int number) {
  struct ledger *ledger = bench_open(folder);
  struct error error = {0};
  int64_t longest = 0;
  for (int64_t n = 0; n < WRITES; n++) {
    struct run_spec spec = bench_spec(n * WRITERS + number);
    const struct admission_request request = {
        .spec = &spec, .estimate_nanousd = 1000, .fallback_nanousd = -1};
    const struct run_end end = {.status = RUN_COMPLETED};
    struct admission a;
    int64_t start = now_ns();
    must(budget_admit(ledger, &request, &a, &error), &error);
    int64_t took = now_ns() - start;
    longest = took > longest ? took : longest;
    start = now_ns();
    must(ledger_begin(ledger, &error), &error);
    must(ledger_run_end(ledger, a.run_id, &end, NULL, &error), &error);
    must(budget_release(ledger, a.run_id, &error), &error);
    must(ledger_commit(ledger, &error), &error);
    took = now_ns() - start;
    longest = took > longest ? took : longest;
  }
  ledger_close(ledger);
  return longest;
}

static void bench_writers(void) {
  char folder[BENCH_PATH];
  int answers[2];
  struct policy policy;
  struct error error = {0};
  bench_folder(folder, sizeof folder);
  struct ledger *ledger = bench_open(folder);
  budget_policy_init(&policy);
  policy.scope = SCOPE_GLOBAL;
  policy.has_limit = true;
  policy.limit_nanousd = INT64_C(1000000000) * 1000000;
  must(budget_policy_set(ledger, &policy, NULL, &error), &error);
  ledger_close(ledger);
  if (pipe(answers) != 0)
    exit(1);
  const int64_t start = now_ns();
  for (int i = 0; i < WRITERS; i++) {
    const pid_t child = fork();
    if (child == 0) {
      const int64_t longest = write_side_by_side(folder, i);
      _exit(write(answers[1], &longest, sizeof longest) == (ssize_t)sizeof longest ? 0 : 1);
    }
  }
  int64_t longest = 0;
  int64_t shortest = INT64_MAX;
  for (int i = 0; i < WRITERS; i++) {
    int64_t answer = 0;
    if (read(answers[0], &answer, sizeof answer) != (ssize_t)sizeof answer)
      exit(1);
    longest = answer > longest ? answer : longest;
    shortest = answer < shortest ? answer : shortest;
    (void)wait(NULL);
  }
  const double s = (double)(now_ns() - start) / 1e9;
  ledger = bench_open(folder);
  int64_t runs = 0;
  must(ledger_run_each(ledger, NULL, count_run, &runs, &error), &error);
  ledger_close(ledger);
  printf("%-46s %10.1f ms (the luckiest process's: %.1f ms)\n", "eight writers: longest wait",
         (double)longest / 1e6, (double)shortest / 1e6);
  printf("%-46s %10lld of %d, %.0f commits/s\n", "eight writers: runs in the ledger",
         (long long)runs, WRITERS * WRITES, 2.0 * WRITERS * WRITES / s);
  bench_remove(folder);
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

  bench_writers();

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

/* bench_budget.c - the gate: admission with a hold written, the check alone, and a hold topped up, with ten policies, on ledgers of
 * growing size.
 *
 *   PURSER_BENCH_RUNS=10000000   goes on to ten million runs (minutes of filling)
 *   PURSER_BENCH_DIR             where the ledger is made; /var/tmp
 *
 * Targets: admission p50 < 50 us, p99 < 300 us, flat; check alone p99 < 10 us. */
#include "bench.h"

#include "budget/budget.h"

enum {
  ADMISSIONS = 6000
};

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

    start = now_ns();
    must(budget_admit(ledger, &request, &a, &error), &error);
    samples_add(&admit, now_ns() - start);
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
    const int64_t start = now_ns();
    must(budget_admit(ledger, &dry, &a, &error), &error);
    samples_add(&alone, now_ns() - start);
  }
  snprintf(what, sizeof what, "%9lld runs: check alone", (long long)runs);
  samples_print(&alone, what);
  for (int i = 0; i < 4; i++)
    finish(ledger, in_flight[i]);
  snprintf(what, sizeof what, "%9lld runs: admission, hold written", (long long)runs);
  samples_print(&admit, what);
  snprintf(what, sizeof what, "%9lld runs: check between writes", (long long)runs);
  samples_print(&check, what);
  snprintf(what, sizeof what, "%9lld runs: request booked, hold topped up", (long long)runs);
  samples_print(&book, what);
  snprintf(what, sizeof what, "%9lld runs: run ended, hold released", (long long)runs);
  samples_print(&settle, what);
  free(admit.ns);
  free(check.ns);
  free(alone.ns);
  free(book.ns);
  free(settle.ns);
}

int main(void) {
  char folder[BENCH_PATH];
  const char *text = getenv("PURSER_BENCH_RUNS");
  const int64_t most = text != NULL ? strtoll(text, NULL, 10) : 1000000;
  bench_folder(folder, sizeof folder);
  struct ledger *ledger = bench_open(folder);
  int64_t filled = 0;
  for (int64_t runs = 10000; runs <= most; runs *= 10) {
    bench_fill(ledger, filled, runs, 1);
    filled = runs;
    if (runs == 10000)
      set_policies(ledger);
    measure(ledger, runs);
  }
  ledger_close(ledger);
  bench_remove(folder);
  return 0;
}

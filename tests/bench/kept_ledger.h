/* kept_ledger.h - a ledger of two years with a million runs, for the benchmarks that ask of it: made once and kept.
 *
 *   PURSER_BENCH_RUNS=1000000    how many runs it has
 *   PURSER_BENCH_DIR             where it is kept for the next time; /var/tmp
 *
 * Twelve agents, forty workspaces, fifteen models, five efforts, branches that come and go; some of each far busier than others. */
#ifndef BENCH_KEPT_LEDGER_H
#define BENCH_KEPT_LEDGER_H

#include "bench.h"

#include "ledger/internal.h"

enum {
  AGENTS = 12,
  WORKSPACES = 40,
  MODELS = 15,
  DAYS = 730,
  MADE_AS = 6 /* raise it when what is made changes: kept ledgers are made anew */
};

/* ---- a ledger of two years ---- */

static const char *const agents[AGENTS] = {"reviewer", "fixer", "writer",   "planner",
                                           "tester",   "docs",  "sql",      "infra",
                                           "triage",   "port",  "refactor", "chat"};
static const char *const models[MODELS] = {
    "claude-opus-4-7",  "claude-sonnet-4-5", "gpt-5.5",
    "claude-haiku-4-5", "gemini-3-pro",      "gpt-5.5-mini",
    "gemini-3.6-flash", "claude-opus-4-5",   "gpt-5.1-codex",
    "deepseek-v4-pro",  "deepseek-chat",     "claude-sonnet-4",
    "gemini-2.5-flash", "qwen3-coder",       "o3"};
static const char *const sources[] = {"claude", "codex", "gemini", "opencode", "anthropic"};
static const char *const efforts[] = {"", "low", "medium", "high", "max"};

static uint64_t random_state = 42;

static inline uint64_t next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state >> 11;
}

static inline int64_t below(int64_t n) {
  return (int64_t)(next_random() % (uint64_t)n);
}

/* The first ones far more often than the last: the smaller of three. */
static inline int64_t mostly_first(int64_t n) {
  int64_t least = below(n);
  for (int i = 0; i < 2; i++) {
    const int64_t other = below(n);
    least = other < least ? other : least;
  }
  return least;
}

/* Most are small, a few very large. */
static inline int64_t long_tail(int64_t typical) {
  int64_t value = typical / 4 + below(typical);
  for (int i = 0; i < 12 && below(3) == 0; i++)
    value *= 2;
  return value;
}

static inline struct run_spec make_spec(int64_t n, int64_t day) {
  static char workspace[64];
  static char branch[64];
  static char conversation[32];
  const int64_t agent = mostly_first(AGENTS);
  const int64_t w = mostly_first(WORKSPACES);
  /* An agent has its model, which changes twice a year; now and then it is asked for another one. */
  const int64_t model = below(10) == 0 ? mostly_first(MODELS) : (agent * 5 + day / 180) % MODELS;
  snprintf(workspace, sizeof workspace, "/home/someone/projects/project-%02d", (int)w);
  if (below(2) == 0)
    snprintf(branch, sizeof branch, "main");
  else
    snprintf(branch, sizeof branch, "feature-%d-%d", (int)w, (int)(day / 6 + below(2)));
  snprintf(conversation, sizeof conversation, "c%d", (int)(n / 3));
  return (struct run_spec){
      .agent = agents[agent],
      .workspace = workspace,
      .branch = branch,
      .source = sources[agent % 5],
      .model = models[model],
      .effort = efforts[below(8) == 0 ? below(5) : agent % 5],
      .conversation = conversation,
      .prompt = "Explain what this function does, and why it fails for empty input.",
      .prompt_bytes = 68,
      .billing = agent == 11                ? BILLING_LOCAL
                 : agent == 4 || agent == 9 ? BILLING_SUBSCRIPTION
                                            : BILLING_METERED,
  };
}

static inline struct request make_request(int64_t run_id, int64_t n, int64_t at_ms,
                                          const char *model, char *key, char *request_id) {
  struct request r = bench_request(run_id, n, at_ms, key, request_id);
  r.model = model;
  r.usage = (purser_usage){.input = below(900),
                           .cache_read = long_tail(20000),
                           .cache_write_5m = below(4000),
                           .output = long_tail(800)};
  r.price.input_nanousd = r.usage.input * 3000;
  r.price.cache_read_nanousd = r.usage.cache_read * 300;
  r.price.cache_write_nanousd = r.usage.cache_write_5m * 3750;
  r.price.output_nanousd = r.usage.output * 15000;
  r.price.cost_nanousd = r.price.input_nanousd + r.price.cache_read_nanousd +
                         r.price.cache_write_nanousd + r.price.output_nanousd;
  r.price.cache_saved_nanousd = r.usage.cache_read * 2700 - r.usage.cache_write_5m * 750;
  if (below(200) == 0)
    r.price.status = COST_UNKNOWN;
  return r;
}

static inline void make_run(struct ledger *ledger, int64_t n, int64_t at_ms, int64_t day) {
  struct error error = {0};
  struct booked booked;
  char key[64];
  char request_id[64];
  int64_t run_id = 0;
  struct run_spec spec = make_spec(n, day);
  spec.started_ms = at_ms;
  must(ledger_run_create(ledger, &spec, RUN_RUNNING, &run_id, &error), &error);
  const int64_t requests = 1 + below(3);
  for (int64_t i = 0; i < requests; i++) {
    const struct request r =
        make_request(run_id, n * 4 + i, at_ms + i * 1000, spec.model, key, request_id);
    must(ledger_book(ledger, &r, &booked, &error), &error);
  }
  const struct run_end end = {.status = below(20) == 0 ? RUN_FAILED : RUN_COMPLETED,
                              .ended_ms = at_ms + 60000,
                              .duration_ms = long_tail(20000),
                              .reason = "completed"};
  must(ledger_run_end(ledger, run_id, &end, NULL, &error), &error);
}

/* Indexes in no order of time are made at the end, at once: nobody else is in the ledger. */
static const char *const late_indexes[][2] = {
    {"run_by_cost", "cost"}, {"run_by_tokens", "tokens"}, {"run_by_duration", "duration_ms"}};

static inline void drop_late_indexes(struct ledger *ledger) {
  struct error error = {0};
  char sql[128];
  for (size_t i = 0; i < sizeof late_indexes / sizeof late_indexes[0]; i++) {
    snprintf(sql, sizeof sql, "DROP INDEX %s", late_indexes[i][0]);
    must(db_script(ledger->db, sql, &error), &error);
  }
}

static inline void make_late_indexes(struct ledger *ledger) {
  struct error error = {0};
  char sql[256];
  for (size_t i = 0; i < sizeof late_indexes / sizeof late_indexes[0]; i++) {
    snprintf(sql, sizeof sql,
             "CREATE INDEX %s ON run_log (%s, started_ms, agent, workspace, billing, status)"
             " WHERE status >= 3",
             late_indexes[i][0], late_indexes[i][1]);
    must(db_script(ledger->db, sql, &error), &error);
  }
}

static inline void make_ledger(const char *folder, int64_t runs, int64_t now_ms) {
  struct error error = {0};
  struct ledger *ledger = bench_open(folder);
  const int64_t span_ms = INT64_C(86400000) * DAYS;
  const int64_t start = now_ns();
  must(ledger_set_zone(ledger, "Europe/Berlin", &error), &error);
  drop_late_indexes(ledger);
  for (int64_t n = 0; n < runs; n++) {
    const int64_t offset_ms = (int64_t)((double)span_ms * (double)n / (double)runs);
    if (n % 4000 == 0)
      must(ledger_begin(ledger, &error), &error);
    make_run(ledger, n, now_ms - span_ms + offset_ms, offset_ms / 86400000);
    if (n + 1 == runs || (n + 1) % 4000 == 0)
      must(ledger_commit(ledger, &error), &error);
  }
  make_late_indexes(ledger);
  const int64_t booked = now_ns();
  must(ledger_judge_runs(ledger, INT64_MAX, NULL, &error), &error);
  printf("%-58s %10.1f us\n", "a run judged, many at once",
         (double)(now_ns() - booked) / 1e3 / (double)runs);
  ledger_close(ledger);
  printf("%-58s %10.1f s\n", "made", (double)(now_ns() - start) / 1e9);
}

/* The ledger of an earlier day is as good: the questions are about the day on which it was made. */
static inline void find_kept(char *folder, size_t size, int64_t runs, int64_t *now_ms) {
  const char *base = getenv("PURSER_BENCH_DIR");
  char part[BENCH_PATH + 8];
  char stamp[BENCH_PATH + 16];
  struct stat info;
  snprintf(folder, size, "%s/purser-bench-report-%lld-%d.%d", base != NULL ? base : "/var/tmp",
           (long long)runs, MADE_AS, (int)PURSER_ABI_VERSION);
  snprintf(stamp, sizeof stamp, "%s/purser.db", folder);
  if (stat(stamp, &info) != 0) {
    *now_ms = clock_now_ms(&clock_system);
    snprintf(part, sizeof part, "%s.part", folder);
    bench_remove(part);
    bool made = mkdir(part, 0700) == 0;
    if (made) {
      make_ledger(part, runs, *now_ms);
      made = rename(part, folder) == 0;
    }
    if (!made) {
      perror(part);
      exit(1);
    }
  }
}

/* Opens it, and says what is in it. *now_ms: when it was made. */
static inline struct ledger *open_kept(int64_t *now_ms) {
  char folder[BENCH_PATH];
  char path[BENCH_PATH + 16];
  const char *text = getenv("PURSER_BENCH_RUNS");
  struct error error = {0};
  struct sums total;
  struct stat info;
  const struct report_query everything = {.since_day = INT64_MIN, .until_day = INT64_MAX};
  find_kept(folder, sizeof folder, text != NULL ? strtoll(text, NULL, 10) : 1000000, now_ms);
  struct ledger *ledger = bench_open(folder);
  must(ledger_report(ledger, &everything, NULL, NULL, &total, &error), &error);
  printf("%lld runs, %lld requests, %.0f MB, %.0f bytes a request\n", (long long)total.runs,
         (long long)total.requests, (double)bench_size(folder) / 1e6,
         (double)bench_size(folder) / (double)total.requests);
  snprintf(path, sizeof path, "%s/purser.db", folder);
  *now_ms = stat(path, &info) == 0 ? (int64_t)info.st_mtime * 1000 : clock_now_ms(&clock_system);
  return ledger;
}

#endif

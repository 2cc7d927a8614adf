/* bench.h - timing single operations, and a ledger on disk with many runs in it. Everything is static: a benchmark is one file. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/order.h"
#include "ledger/ledger.h"

/* Ends the benchmark when a step fails. */
static inline void must(int status, const struct error *error) {
  if (status == PURSER_OK)
    return;
  fprintf(stderr, "benchmark: %s\n", error_text(error));
  exit(1);
}

static inline int64_t now_ns(void) {
  return clock_mono_ns(&clock_system);
}

/* ---- samples ---- */

struct samples {
  int64_t *ns;
  size_t count, cap;
};

static inline void samples_add(struct samples *s, int64_t ns) {
  if (s->count == s->cap) {
    s->cap = s->cap ? s->cap * 2 : 4096;
    s->ns = realloc(s->ns, s->cap * sizeof *s->ns);
    if (s->ns == NULL)
      exit(1);
  }
  s->ns[s->count++] = ns;
}

/* One line: median, 99th percentile, maximum, in microseconds. Empties the samples. */
static inline void samples_print(struct samples *s, const char *what) {
  qsort(s->ns, s->count, sizeof *s->ns, order_int64);
  printf("%-46s p50 %8.1f us  p99 %8.1f us  max %9.1f us\n", what,
         (double)s->ns[s->count / 2] / 1e3, (double)s->ns[s->count * 99 / 100] / 1e3,
         (double)s->ns[s->count - 1] / 1e3);
  fflush(stdout);
  s->count = 0;
}

/* ---- a ledger ---- */

enum {
  BENCH_PATH = 600
};

/* A fresh folder on a real disk: /tmp may be memory. */
static inline void bench_folder(char *path, size_t size) {
  const char *base = getenv("PURSER_BENCH_DIR");
  snprintf(path, size, "%s/purser-bench-XXXXXX", base != NULL ? base : "/var/tmp");
  if (mkdtemp(path) == NULL) {
    perror(path);
    exit(1);
  }
}

static inline void bench_remove(const char *folder) {
  static const char *const names[] = {"purser.db", "purser.db-wal", "purser.db-shm",
                                      "purser.db-queue"};
  char path[BENCH_PATH + 32];
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    snprintf(path, sizeof path, "%.600s/%s", folder, names[i]);
    unlink(path);
  }
  rmdir(folder);
}

static inline struct ledger *bench_open(const char *folder) {
  char path[BENCH_PATH + 32];
  struct ledger *ledger = NULL;
  struct error error = {0};
  snprintf(path, sizeof path, "%.600s/purser.db", folder);
  const struct ledger_options options = {.path = path};
  must(ledger_open(&ledger, &options, &error), &error);
  return ledger;
}

static inline int64_t bench_size(const char *folder) {
  char path[BENCH_PATH + 32];
  struct stat info;
  snprintf(path, sizeof path, "%.600s/purser.db", folder);
  return stat(path, &info) == 0 ? (int64_t)info.st_size : 0;
}

/* Realistic names: twelve agents, forty workspaces, six models. */
static inline struct run_spec bench_spec(int64_t n) {
  static const char *const agents[] = {"reviewer", "writer",   "fixer", "planner",
                                       "tester",   "docs",     "sql",   "infra",
                                       "triage",   "refactor", "port",  "chat"};
  static const char *const models[] = {"claude-opus-5-5", "claude-haiku-4-5", "gpt-5.5-codex",
                                       "gemini-3-pro",    "claude-sonnet-5",  "gpt-5.5-mini"};
  static const char *const sources[] = {"claude", "claude",    "codex",
                                        "gemini", "anthropic", "openai"};
  static char workspaces[40][64];
  const size_t w = (size_t)(n * 7 % 40);
  snprintf(workspaces[w], sizeof workspaces[w], "/home/someone/projects/project-%zu", w);
  return (struct run_spec){
      .agent = agents[n % 12],
      .workspace = workspaces[w],
      .branch = "main",
      .source = sources[n * 5 % 6],
      .model = models[n * 5 % 6],
      .prompt = "Explain what this function does, and why it fails for empty input.",
      .prompt_bytes = 68,
  };
}

/* A request with a key like those of real clients. `key` holds at least 64 bytes. */
static inline struct request bench_request(int64_t run_id, int64_t n, int64_t at_ms, char *key,
                                           char *request_id) {
  const uint64_t a = (uint64_t)n * UINT64_C(0x9e3779b97f4a7c15);
  const uint64_t b = (uint64_t)n * UINT64_C(0xbf58476d1ce4e5b9);
  snprintf(key, 64, "claude/msg_01%011llx%011llx", (unsigned long long)(a >> 20),
           (unsigned long long)(b >> 20));
  snprintf(request_id, 64, "req_011C%010llx%010llx", (unsigned long long)(b >> 24),
           (unsigned long long)(a >> 24));
  return (struct request){
      .run_id = run_id,
      .key = key,
      .request_id = request_id,
      .at_ms = at_ms,
      .model = bench_spec(n).model,
      .tier = "standard",
      .session = "5d1f9c1e-0f6f-4b8e-9a53-000000000000",
      .reported_nanousd = -1,
      .usage = {.input = n % 900,
                .cache_read = 20000 + n % 50000,
                .cache_write_5m = n % 4000,
                .output = 200 + n % 1500,
                .reasoning = n % 300},
      .price = {.cost_nanousd = 30000000 + n % 9999999,
                .input_nanousd = n % 900 * 3000,
                .cache_read_nanousd = 9000000 + n % 999999,
                .cache_write_nanousd = n % 4000 * 750,
                .output_nanousd =
                    21000000 + n % 9999999 - n % 900 * 3000 - n % 999999 - n % 4000 * 750,
                .cache_saved_nanousd = 81000000 + n % 7777777,
                .status = COST_KNOWN,
                .rate_card = "anthropic/claude@2026-09"},
  };
}

/* Fills a ledger up to `total` settled runs with `each` requests a run, spread over the past two years. */
static inline void bench_fill(struct ledger *ledger, int64_t from, int64_t total, int each) {
  struct error error = {0};
  const int64_t now_ms = clock_now_ms(&clock_system);
  const int64_t span_ms = INT64_C(730) * 86400000;
  const struct run_end end = {.status = RUN_COMPLETED, .duration_ms = 4000, .reason = "completed"};
  for (int64_t n = from; n < total; n++) {
    char key[64];
    char request_id[64];
    int64_t run_id = 0;
    struct booked booked;
    struct run_spec spec = bench_spec(n);
    const int64_t at_ms = now_ms - span_ms + (int64_t)((double)span_ms * (double)n / (double)total);
    spec.started_ms = at_ms;
    if (n == from || n % 2000 == 0)
      must(ledger_begin(ledger, &error), &error);
    must(ledger_run_create(ledger, &spec, RUN_RUNNING, &run_id, &error), &error);
    for (int i = 0; i < each; i++) {
      struct request r = bench_request(run_id, n * each + i, at_ms + i * 1000, key, request_id);
      /* One in ten is a subagent's, with a model of its own. */
      if ((n * each + i) % 10 != 9)
        r.model = spec.model;
      must(ledger_book(ledger, &r, &booked, &error), &error);
    }
    must(ledger_run_end(ledger, run_id, &end, NULL, &error), &error);
    if (n + 1 == total || (n + 1) % 2000 == 0)
      must(ledger_commit(ledger, &error), &error);
  }
}

#endif

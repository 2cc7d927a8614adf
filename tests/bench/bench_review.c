/* bench_review.c - what advice asks of a ledger of two years: the review, other models and efforts, forecasts.
 *
 * What is in it, and where it is kept, says kept_ledger.h. The times are those of the worker: a whole question, its JSON included. The
 * editor's thread has no part in it. Target: 200 ms. */
#include "kept_ledger.h"

#include "api/core.h"
#include "base/mem.h"
#include "base/period.h"

enum {
  TIMES = 25
};

static struct purser core;

/* PURSER_BENCH_ONLY=part of a question's name. */
static void ask(const char *what, const char *verb, const char *arguments) {
  static struct samples samples;
  const char *only = getenv("PURSER_BENCH_ONLY");
  size_t bytes = 0;
  if (only != NULL && strstr(what, only) == NULL)
    return;
  for (int i = 0; i < TIMES; i++) {
    struct error error = {0};
    char *json = NULL;
    const int64_t start = now_ns();
    must(verb_answer(&core, verb, arguments, &json, &error), &error);
    samples_add(&samples, now_ns() - start);
    bytes = strlen(json);
    if (i == 0)
      printf("%-46s first %8.1f us  %zu KB\n", what, (double)samples.ns[0] / 1e3, bytes / 1024);
    mem_free(json);
  }
  samples_print(&samples, what);
}

int main(void) {
  struct error error = {0};
  int64_t now_ms = 0;
  char month[256];
  char agent[320];
  core.ledger = open_kept(&now_ms);
  must(catalog_load(&core.catalog, NULL, NULL, &error), &error);
  /* The last whole month: the running one may have begun yesterday. */
  const struct zone *zone = ledger_zone(core.ledger);
  const struct period now = period_at(PERIOD_MONTH, 1, zone, now_ms);
  const struct period p = period_at(PERIOD_MONTH, 1, zone, now.start_ms - 1);
  snprintf(month, sizeof month, "{\"since_ms\":%lld,\"until_ms\":%lld}", (long long)p.start_ms,
           (long long)p.end_ms);
  snprintf(agent, sizeof agent, "{\"agent\":\"reviewer\",\"since_ms\":%lld,\"until_ms\":%lld}",
           (long long)p.start_ms, (long long)p.end_ms);
  ask("review, a month", "review", month);
  ask("review, a month, the busiest agent", "review", agent);
  ask("review, all time", "review", "{}");
  ask("what if, a month", "what_if", month);
  ask("what if, a month, the busiest agent", "what_if", agent);
  ask("compare, all time", "compare", "{\"kind\":\"fix\"}");
  ask("forecast, with that of the past", "forecast", "{}");
  catalog_free(core.catalog);
  ledger_close(core.ledger);
  return 0;
}

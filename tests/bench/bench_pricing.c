/* bench_pricing.c - how long it takes to load the catalogue, to find a model, and to price a request. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "pricing/pricing.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
  const char *provider;
  const char *model;
} asked[] = {
    {NULL, "claude-opus-5-5"},
    {NULL, "claude-haiku-4-5-20251001"},
    {NULL, "gpt-5.5-codex"},
    {"openrouter", "anthropic/claude-opus-4.5:beta"},
    {NULL, "us.anthropic.claude-haiku-4-5-20251001-v1:0"},
    {NULL, "some-unknown-model"},
};

/* Nanoseconds per operation of `loops` that took `ns`. */
static void report(const char *what, int64_t ns, int64_t loops) {
  printf("%-44s %10.1f ns\n", what, (double)ns / (double)loops);
}

static void bench_load(int64_t loops) {
  const int64_t start = clock_mono_ns(&clock_system);
  for (int64_t i = 0; i < loops; i++) {
    struct catalog *catalog = NULL;
    if (catalog_load(&catalog, NULL, NULL, NULL) != PURSER_OK)
      exit(1);
    catalog_free(catalog);
  }
  report("load and free, built-in cards only", clock_mono_ns(&clock_system) - start, loops);
}

static void bench_price(const struct catalog *catalog, int64_t loops) {
  for (size_t k = 0; k < COUNT(asked); k++) {
    const struct price_query query = {
        .model = asked[k].model,
        .provider = asked[k].provider,
        .at_ms = INT64_C(1795478400000),
        .reported_nanousd = -1,
        .usage = {1000, 20000, 300, 0, 500, 0, 0},
    };
    struct price price;
    const int64_t start = clock_mono_ns(&clock_system);
    for (int64_t i = 0; i < loops; i++)
      price_request(catalog, &query, &price);
    report(asked[k].model, clock_mono_ns(&clock_system) - start, loops);
  }
}

static int count_one(void *data, const struct model_info *info) {
  (void)info;
  ++*(int64_t *)data;
  return 0;
}

int main(void) {
  struct catalog *catalog = NULL;
  bench_load(100000);
  if (catalog_load(&catalog, NULL, NULL, NULL) != PURSER_OK)
    return 1;
  bench_price(catalog, 200000);
  int64_t models = 0;
  const int64_t start = clock_mono_ns(&clock_system);
  catalog_each(catalog, INT64_C(1795478400000), count_one, &models);
  report("list a model", clock_mono_ns(&clock_system) - start, models);
  catalog_free(catalog);
  return 0;
}

/* calibrate.c - see calibrate.h. */
#include "run/calibrate.h"

#include <stdlib.h>

#include "base/order.h"

enum {
  /* Two prompts that differ by less say more about chance than about tokens; ... */
  LEAST_TOKENS = 200,
  /* ... and so do those whose difference is lost in what the requests carry besides: less than a twentieth. */
  LEAST_SHARE = 20,
  /* No tokenizer is further from ours. */
  LOWEST_PERMILLE = 200,
  HIGHEST_PERMILLE = 5000,
  /* So many samples, and what is usual counts no more. */
  ENOUGH = 4
};

/* Sorts. `count` is not 0. */
static int64_t median(int64_t *values, size_t count) {
  qsort(values, count, sizeof *values, order_int64);
  const int64_t low = values[(count - 1) / 2];
  const int64_t high = values[count / 2];
  return low + (high - low) / 2;
}

static int64_t distance(int64_t a, int64_t b) {
  return a > b ? a - b : b - a;
}

int32_t calibrate_sample(const struct prompt_pair *earlier, size_t count,
                         const struct prompt_pair *now) {
  int64_t slopes[PROMPT_PAIRS];
  size_t found = 0;
  for (size_t i = 0; i < count && i < PROMPT_PAIRS; i++) {
    const int64_t apart = distance(now->estimated, earlier[i].estimated);
    if (apart < LEAST_TOKENS || apart < now->reported / LEAST_SHARE)
      continue;
    slopes[found++] =
        (now->reported - earlier[i].reported) * 1000 / (now->estimated - earlier[i].estimated);
  }
  if (found == 0)
    return 0;
  const int64_t slope = median(slopes, found);
  return slope >= LOWEST_PERMILLE && slope <= HIGHEST_PERMILLE ? (int32_t)slope : 0;
}

int32_t calibrate_permille(int32_t usual, const int32_t *samples, size_t count) {
  int64_t values[TOKEN_RATIOS];
  const size_t used = count < TOKEN_RATIOS ? count : TOKEN_RATIOS;
  if (used == 0)
    return usual;
  for (size_t i = 0; i < used; i++)
    values[i] = samples[i];
  int64_t permille = median(values, used);
  if (used < ENOUGH)
    permille = (usual * (int64_t)(ENOUGH - used) + permille * (int64_t)used) / ENOUGH;
  if (permille > (int64_t)usual * 3)
    permille = (int64_t)usual * 3;
  if (permille < usual / 3)
    permille = usual / 3;
  return (int32_t)permille;
}

int64_t calibrate_overhead(const struct prompt_pair *pairs, size_t count, int32_t permille) {
  int64_t values[PROMPT_PAIRS];
  const size_t used = count < PROMPT_PAIRS ? count : PROMPT_PAIRS;
  if (used == 0)
    return -1;
  for (size_t i = 0; i < used; i++)
    values[i] = pairs[i].reported - pairs[i].estimated * permille / 1000;
  const int64_t overhead = median(values, used);
  return overhead > 0 ? overhead : 0;
}

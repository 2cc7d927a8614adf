/* sizes.c - see sizes.h. */
#include "sizes.h"

#include <math.h>
#include <stdlib.h>

#include "world.h"

/* About normal: a dozen of even ones. */
static double normal(struct dice *dice) {
  double sum = -6.0;
  for (int i = 0; i < 12; i++)
    sum += (double)(dice_roll(dice) >> 11) / 9007199254740992.0;
  return sum;
}

void sizes_plan(struct sizes *sizes, uint64_t seed, int64_t total, int per_gb) {
  const int64_t gb = INT64_C(1000) * 1000 * 1000;
  const double sigma = 1.7;
  struct dice dice = dice_for(seed, 4242);
  const size_t wanted = (size_t)(total * per_gb / gb);
  sizes->count = wanted > 6 ? wanted : 6;
  sizes->bytes = tree_grown(NULL, sizes->count, sizeof *sizes->bytes);
  double *raw = tree_grown(NULL, sizes->count, sizeof *raw);
  double sum = 0.0;
  for (size_t i = 0; i < sizes->count; i++) {
    raw[i] = exp(sigma * normal(&dice));
    sum += raw[i];
  }
  /* One giant to the half gigabyte, whatever the chances say. */
  const size_t giants = (size_t)(total / (gb / 2));
  const int64_t giant = INT64_C(54) * 1000 * 1000;
  const int64_t rest = total - (int64_t)giants * giant;
  for (size_t i = 0; i < sizes->count; i++) {
    const int64_t fair = (int64_t)((double)rest * raw[i] / sum);
    sizes->bytes[i] = fair > 2000 ? fair : 2000;
  }
  for (size_t i = 0; i < giants; i++)
    sizes->bytes[(size_t)(dice_roll(&dice) % sizes->count)] += giant;
  free(raw);
}

void sizes_free(struct sizes *sizes) {
  free(sizes->bytes);
  sizes->bytes = NULL;
}

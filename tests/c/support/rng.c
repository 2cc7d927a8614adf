/* rng.c - repeatable randomness for property tests. */
#include "support/support.h"

#include <stdlib.h>

uint64_t rng_next(struct rng *rng) {
  uint64_t z = rng->state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

int64_t rng_below(struct rng *rng, int64_t below) {
  return (int64_t)(rng_next(rng) % (uint64_t)below);
}

int64_t rng_between(struct rng *rng, int64_t low, int64_t high) {
  return low + rng_below(rng, high - low + 1);
}

bool rng_chance(struct rng *rng, int percent) {
  return rng_below(rng, 100) < percent;
}

int property_seeds(int usual) {
  const char *text = getenv("PURSER_STRESS_SEEDS");
  const long asked = text != NULL ? strtol(text, NULL, 10) : 0;
  return asked > usual && asked < 1000000000L ? (int)asked : usual;
}

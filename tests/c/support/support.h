/* support.h - what every C test stands on: cmocka with its includes, a small random generator, and the substitutes for
 * the world (folders, clock, memory, disk), each in a header of its own. */
#ifndef SUPPORT_SUPPORT_H
#define SUPPORT_SUPPORT_H

/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* splitmix64: the same seed gives the same sequence on every machine. */
struct rng {
  uint64_t state;
};

uint64_t rng_next(struct rng *rng);
/* 0 .. below-1; `below` > 0. */
int64_t rng_below(struct rng *rng, int64_t below);
/* low .. high, both included. */
int64_t rng_between(struct rng *rng, int64_t low, int64_t high);
/* True `percent` times out of a hundred. */
bool rng_chance(struct rng *rng, int percent);

/* How many seeds a property is tried with: PURSER_STRESS_SEEDS when that is larger. */
int property_seeds(int usual);

#endif

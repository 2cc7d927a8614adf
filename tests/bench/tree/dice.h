/* dice.h - repeatable chance. The same seed gives the same tree on every machine: splitmix64, and no floating point where it decides. */
#ifndef TREE_DICE_H
#define TREE_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
  uint64_t state;
};

static inline uint64_t dice_roll(struct dice *dice) {
  uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* Dice of their own for a part of the tree, so that a part can be written again without what lies before it. */
static inline struct dice dice_for(uint64_t seed, uint64_t part) {
  struct dice dice = {seed ^ (part * UINT64_C(0xd6e8feb86659fd93))};
  (void)dice_roll(&dice);
  return dice;
}

/* low .. high, both included. */
static inline int64_t dice_between(struct dice *dice, int64_t low, int64_t high) {
  return low + (int64_t)(dice_roll(dice) % (uint64_t)(high - low + 1));
}

static inline int dice_int(struct dice *dice, int low, int high) {
  return (int)dice_between(dice, low, high);
}

/* True so many times out of a thousand. */
static inline bool dice_permille(struct dice *dice, int permille) {
  return dice_between(dice, 0, 999) < permille;
}

#endif

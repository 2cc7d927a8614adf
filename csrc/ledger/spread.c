/* spread.c - see spread.h. */
#include "ledger/spread.h"

#include <stdlib.h>

#include "base/order.h"

/* Logarithms are in units of 1/1024 of a doubling. */
enum {
  DOUBLE = 1024,
  TRIPLE = 1623
};

enum {
  /* A tenth of a standard deviation of a normal distribution in median distances, in thousandths. */
  TENTH_PERMILLE = 148,

  /* The median distance that stands in for figures that are not there: of a deviation of 0.45 in natural logarithms. */
  COMMON_DISTANCE = 448,
  COMMON_WEIGHT = 12,
  /* So many figures that differ from the rest tell how far they are spread. */
  FEWEST_DIFFERENT = 5
};

int64_t spread_median(int64_t *values, size_t count) {
  if (count == 0)
    return 0;
  qsort(values, count, sizeof *values, order_int64);
  return values[(count - 1) / 2];
}

/* The binary logarithm, straight between the powers of two: near enough, and the same on every machine. */
static int64_t logarithm(int64_t value) {
  int64_t power = 0;
  if (value < 1)
    return 0;
  while (value >> power > 1)
    power++;
  const int64_t above = value - (INT64_C(1) << power);
  return power * DOUBLE + (power > 10 ? above >> (power - 10) : above << (10 - power));
}

/* The least value with that logarithm, or a larger one. */
static int64_t least_with(int64_t log) {
  const int64_t power = log / DOUBLE;
  const int64_t part = log % DOUBLE;
  if (power > 61)
    return INT64_MAX;
  const int64_t above = power > 10 ? part << (power - 10) : ((part << power) + DOUBLE - 1) / DOUBLE;
  return (INT64_C(1) << power) + above;
}

/* Of sorted distances of which more than half are 0. */
static int64_t far_of_others(const int64_t *distances, size_t count, int64_t tenths) {
  size_t same = 0;
  while (same < count && distances[same] == 0)
    same++;
  if (count - same < FEWEST_DIFFERENT)
    return TRIPLE;
  const int64_t wide = distances[same + (count - same - 1) / 2] * tenths * TENTH_PERMILLE / 1000;
  return wide > TRIPLE ? wide : TRIPLE;
}

int64_t spread_bound(int64_t *values, size_t count, enum spread_far far_tenths) {
  if (count < SPREAD_FEWEST)
    return INT64_MAX;
  for (size_t i = 0; i < count; i++)
    values[i] = logarithm(values[i]);
  const int64_t middle = spread_median(values, count);
  for (size_t i = 0; i < count; i++)
    values[i] = values[i] > middle ? values[i] - middle : middle - values[i];
  const int64_t distance = spread_median(values, count);
  const int64_t n = (int64_t)count;
  const int64_t likely = (distance * n + COMMON_DISTANCE * COMMON_WEIGHT) / (n + COMMON_WEIGHT);
  const int64_t wide = likely * (int64_t)far_tenths * TENTH_PERMILLE / 1000;
  const int64_t far = distance == 0   ? far_of_others(values, count, far_tenths)
                      : wide > DOUBLE ? wide
                                      : DOUBLE;
  return least_with(middle + far + 1) - 1;
}

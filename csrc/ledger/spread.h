/* spread.h - what is usual among some figures, and from where on one is far above it. Pure.
 *
 * On a logarithmic scale, where the figures of runs are spread evenly, by the median and the median distance from it: a few outliers,
 * side by side as they may be, don't hide the next one. */
#ifndef LEDGER_SPREAD_H
#define LEDGER_SPREAD_H

#include "base/public.h"

enum {
  SPREAD_FEWEST = 8 /* figures; below that nothing is unusual */
};

/* In tenths of a standard deviation. Of the small numbers that requests are, neighbours lie far apart. */
enum spread_far {
  SPREAD_FAR = 40,
  SPREAD_VERY_FAR = 50
};

/* The lower one of two in the middle; 0 of none. `values` are put in order. */
int64_t spread_median(int64_t *values, size_t count);

/* The largest value that is not far above these: so many standard deviations over the median, and twice the median at least; INT64_MAX
 * with fewer than SPREAD_FEWEST. Few figures tell little of how far they are spread, so that the spread that runs mostly have counts
 * for as much as a dozen of them. Where half of the figures are alike the others' distances stand for the spread if there are some, and
 * thrice the median is the least. `values` are overwritten. */
int64_t spread_bound(int64_t *values, size_t count, enum spread_far far);

#endif

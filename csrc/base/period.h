/* period.h - the one function that says when a budget's period begins and ends (rule 22).
 *
 * Display, analytics, forecast and gate all call it. Periods are half-open [start, end), contiguous and without a gap, in a
 * zone, with a reset day: 1..31 for months (29..31 clamp to the month's end), 1 Monday .. 7 Sunday for weeks, unused for days. */
#ifndef BASE_PERIOD_H
#define BASE_PERIOD_H

#include "base/public.h"
#include "base/zone.h"

enum period_kind {
  PERIOD_MONTH = 0,
  PERIOD_WEEK = 1,
  PERIOD_DAY = 2
};

struct period {
  int64_t start_ms; /* UTC, included */
  int64_t end_ms;   /* UTC, excluded: when the budget resets */
};

/* "month", "week", "day"; -1 for anything else. */
int period_parse_kind(const char *name);
const char *period_kind_name(enum period_kind kind);

/* The period that holds `utc_ms`. `reset_day` out of range is clamped into it. */
struct period period_at(enum period_kind kind, int reset_day, const struct zone *zone,
                        int64_t utc_ms);

#endif

/* forecast.h - where the spend of a period will be at its end: daily totals in, a range out. Pure, whole numbers only.
 *
 * Possible futures are put together from the agent's own past: stretches of up to a week, which begin on the same day of the week as
 * what they stand for (people rest on weekends), the younger ones more often (habits change), as they were (a burst lasts for days). What
 * a past of some weeks can't show - that the general level is another one next month - is a factor on each future. The same days
 * always give the same answer. */
#ifndef BUDGET_FORECAST_H
#define BUDGET_FORECAST_H

#include "base/public.h"

enum {
  FORECAST_DAYS = 56,     /* of the past: older ones are of another time */
  FORECAST_WEEKDAYS = 21, /* from so many on, each day of the week is known */
  FORECAST_ACTIVE = 3,    /* with fewer days of any spend nothing is said */
  FORECAST_AHEAD = 400    /* days of a future at most */
};

enum forecast_method {
  FORECAST_NONE = 0,  /* too little is known */
  FORECAST_DAILY = 1, /* any day may stand for any other */
  FORECAST_WEEKDAYS_KNOWN = 2
};
const char *forecast_method_name(enum forecast_method method); /* "none", "daily", "weekday" */

struct forecast_input {
  const int64_t *days; /* nano-dollars of whole days, oldest first; the last is yesterday */
  size_t count;
  int64_t today;               /* days since 1970 */
  int32_t today_left_permille; /* of today, within the period */
  int32_t days_left;           /* of the period, after today */
  int64_t spent_nanousd;       /* in the period so far */
  int64_t limit_nanousd;       /* -1 none */
};

struct forecast {
  enum forecast_method method;
  int32_t days_active; /* of the past that was looked at */
  int64_t p10_nanousd, p50_nanousd,
      p90_nanousd; /* spent at the period's end, in 10, 50, 90 of 100 futures; all 0 with FORECAST_NONE */
  /* When the limit is reached in the middle one: so many days after today, and so far into that day; -1 not in this period. Today counts
   * from now to its end. */
  int32_t exhausted_days;
  int32_t exhausted_permille;
};

/* PURSER_ENOMEM, or 0. */
int forecast_make(const struct forecast_input *input, struct forecast *out);

#endif

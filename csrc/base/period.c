/* period.c - see period.h. A period is a run of whole local days; where each of those starts is the zone's affair, so
 * that two neighbouring periods share their boundary by construction. */
#include "base/period.h"

#include <string.h>

#include "base/calendar.h"

static const char *const names[] = {"month", "week", "day"};

int period_parse_kind(const char *name) {
  for (size_t i = 0; name != NULL && i < sizeof names / sizeof names[0]; i++) {
    if (strcmp(name, names[i]) == 0)
      return (int)i;
  }
  return -1;
}

const char *period_kind_name(enum period_kind kind) {
  return names[kind];
}

static int clamp(int value, int low, int high) {
  return value < low ? low : value > high ? high : value;
}

/* The day on which the period of a month begins; `months` counts from January of year 0. */
static int64_t month_reset(int64_t months, int reset_day) {
  const int64_t year = months >= 0 ? months / 12 : (months - 11) / 12;
  struct civil date = {(int32_t)year, (int32_t)(months - year * 12) + 1, 1};
  date.day = clamp(reset_day, 1, calendar_days_in_month(date.year, date.month));
  return calendar_days(date);
}

struct period period_at(enum period_kind kind, int reset_day, const struct zone *zone,
                        int64_t utc_ms) {
  const int64_t today = zone_day(zone, utc_ms);
  int64_t first = today;
  int64_t next = today + 1;
  switch (kind) {
  case PERIOD_MONTH: {
    const struct civil date = calendar_civil(today);
    int64_t months = (int64_t)date.year * 12 + date.month - 1;
    if (today < month_reset(months, reset_day))
      months--;
    first = month_reset(months, reset_day);
    next = month_reset(months + 1, reset_day);
    break;
  }
  case PERIOD_WEEK:
    first = today - (calendar_weekday(today) - clamp(reset_day, 1, 7) + 7) % 7;
    next = first + 7;
    break;
  case PERIOD_DAY: break;
  }
  return (struct period){zone_day_start_ms(zone, first), zone_day_start_ms(zone, next)};
}

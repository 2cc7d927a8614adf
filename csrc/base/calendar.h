/* calendar.h - the proleptic Gregorian calendar, in whole numbers and without time zones. */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include "base/buf.h"
#include "base/public.h"

#define CALENDAR_DAY_MS INT64_C(86400000)

struct civil {
  int32_t year;
  int32_t month; /* 1..12 */
  int32_t day;   /* 1..31 */
};

/* Days since 1970-01-01 and back. */
int64_t calendar_days(struct civil date);
struct civil calendar_civil(int64_t days);
int calendar_days_in_month(int32_t year, int32_t month);
/* 1 Monday .. 7 Sunday. */
int calendar_weekday(int64_t days);

/* "2026-11-24" -> days; PURSER_EPARSE for anything else, impossible dates included. */
int calendar_parse_date(const char *text, int64_t *days);
/* RFC 3339 / ISO 8601 ("2026-11-24T10:00:00.123Z", offsets, space for T) -> UTC ms. A date alone is its midnight UTC. */
int calendar_parse_instant(const char *text, size_t len, int64_t *utc_ms);
void calendar_write_date(struct buf *out, int64_t days);
void calendar_write_instant(struct buf *out, int64_t utc_ms); /* "2026-11-24T10:00:00.123Z" */

#endif

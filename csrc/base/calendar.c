/* calendar.c - civil dates and whole days, after Howard Hinnant's "chrono-compatible low-level date
 * algorithms": the year begins in March, so that the leap day is the last of it, and eras of 400
 * years repeat exactly. */
#include "base/calendar.h"

#include <string.h>

enum {
  DAYS_PER_ERA = 146097,
  DAYS_TO_1970 = 719468,   /* from 0000-03-01 */
  FARTHEST_DAY = 365000000 /* about a million years either way: what is beyond is taken for it */
};

static int64_t floor_div(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

int64_t calendar_days(struct civil date) {
  const int64_t year = (int64_t)date.year - (date.month <= 2);
  const int64_t era = floor_div(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t month = (date.month + 9) % 12; /* March 0 .. February 11 */
  const int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

struct civil calendar_civil(int64_t days) {
  if (days > FARTHEST_DAY)
    days = FARTHEST_DAY;
  if (days < -FARTHEST_DAY)
    days = -FARTHEST_DAY;
  days += DAYS_TO_1970;
  const int64_t era = floor_div(days, DAYS_PER_ERA);
  const int64_t day_of_era = days - era * DAYS_PER_ERA;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month = (5 * day_of_year + 2) / 153; /* March 0 .. February 11 */
  return (struct civil){
      .year = (int32_t)(era * 400 + year_of_era + (month >= 10)),
      .month = (int32_t)(month < 10 ? month + 3 : month - 9),
      .day = (int32_t)(day_of_year - (153 * month + 2) / 5 + 1),
  };
}

int calendar_days_in_month(int32_t year, int32_t month) {
  static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12)
    return 0;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && leap);
}

int calendar_weekday(int64_t days) {
  const int64_t since_monday = days + 3; /* 1970-01-01 was a Thursday */
  return (int)(since_monday - floor_div(since_monday, 7) * 7) + 1;
}

/* ---- reading ---- */

struct cursor {
  const char *at;
  const char *end;
};

static bool take_char(struct cursor *c, char wanted) {
  if (c->at == c->end || *c->at != wanted)
    return false;
  c->at++;
  return true;
}

/* Exactly `digits` digits. */
static bool take_number(struct cursor *c, int digits, int32_t *out) {
  int32_t value = 0;
  if (c->end - c->at < digits)
    return false;
  for (int i = 0; i < digits; i++) {
    const char digit = c->at[i];
    if (digit < '0' || digit > '9')
      return false;
    value = value * 10 + (digit - '0');
  }
  c->at += digits;
  *out = value;
  return true;
}

static bool take_date(struct cursor *c, int64_t *days) {
  struct civil date;
  if (!take_number(c, 4, &date.year) || !take_char(c, '-') || !take_number(c, 2, &date.month) ||
      !take_char(c, '-') || !take_number(c, 2, &date.day))
    return false;
  if (date.day < 1 || date.day > calendar_days_in_month(date.year, date.month))
    return false;
  *days = calendar_days(date);
  return true;
}

/* "10:00", "10:00:00", "10:00:00.123456": milliseconds of the day, further digits cut off. */
static bool take_time(struct cursor *c, int64_t *ms) {
  int32_t hour = 0;
  int32_t minute = 0;
  int32_t second = 0;
  int32_t fraction = 0;
  if (!take_number(c, 2, &hour) || !take_char(c, ':') || !take_number(c, 2, &minute))
    return false;
  if (take_char(c, ':')) {
    if (!take_number(c, 2, &second))
      return false;
    if (take_char(c, '.') || take_char(c, ',')) {
      int digits = 0;
      for (; c->at != c->end && *c->at >= '0' && *c->at <= '9'; c->at++, digits++) {
        if (digits < 3)
          fraction = fraction * 10 + (*c->at - '0');
      }
      if (digits == 0)
        return false;
      for (; digits < 3; digits++)
        fraction *= 10;
    }
  }
  /* 60 is a leap second, which our count of milliseconds does not have: it is the next second. */
  if (hour > 23 || minute > 59 || second > 60)
    return false;
  *ms = ((hour * 60 + minute) * INT64_C(60) + second) * 1000 + fraction;
  return true;
}

/* "Z", "+02:00", "+0200", "+02", or nothing, which is UTC: milliseconds east. */
static bool take_offset(struct cursor *c, int64_t *ms) {
  int32_t hour = 0;
  int32_t minute = 0;
  *ms = 0;
  if (c->at == c->end || take_char(c, 'Z') || take_char(c, 'z'))
    return true;
  const bool west = *c->at == '-';
  if (!take_char(c, '+') && !take_char(c, '-'))
    return false;
  if (!take_number(c, 2, &hour))
    return false;
  if (c->at != c->end) {
    (void)take_char(c, ':');
    if (!take_number(c, 2, &minute))
      return false;
  }
  if (hour > 23 || minute > 59)
    return false;
  *ms = (west ? -1 : 1) * (hour * 60 + minute) * INT64_C(60000);
  return true;
}

int calendar_parse_date(const char *text, int64_t *days) {
  if (text == NULL)
    return PURSER_EPARSE;
  struct cursor c = {text, text + strlen(text)};
  int64_t value = 0;
  if (!take_date(&c, &value) || c.at != c.end)
    return PURSER_EPARSE;
  *days = value;
  return PURSER_OK;
}

int calendar_parse_instant(const char *text, size_t len, int64_t *utc_ms) {
  if (text == NULL)
    return PURSER_EPARSE;
  struct cursor c = {text, text + len};
  int64_t days = 0;
  int64_t ms = 0;
  int64_t offset_ms = 0;
  if (!take_date(&c, &days))
    return PURSER_EPARSE;
  if (c.at != c.end) {
    if (!take_char(&c, 'T') && !take_char(&c, 't') && !take_char(&c, ' '))
      return PURSER_EPARSE;
    if (!take_time(&c, &ms) || !take_offset(&c, &offset_ms) || c.at != c.end)
      return PURSER_EPARSE;
  }
  *utc_ms = days * CALENDAR_DAY_MS + ms - offset_ms;
  return PURSER_OK;
}

/* ---- writing ---- */

void calendar_write_date(struct buf *out, int64_t days) {
  const struct civil date = calendar_civil(days);
  buf_addf(out, "%04d-%02d-%02d", (int)date.year, (int)date.month, (int)date.day);
}

void calendar_write_instant(struct buf *out, int64_t utc_ms) {
  const int64_t days = floor_div(utc_ms, CALENDAR_DAY_MS);
  const int64_t remainder = utc_ms % CALENDAR_DAY_MS;
  const int64_t ms = remainder < 0 ? remainder + CALENDAR_DAY_MS : remainder;
  calendar_write_date(out, days);
  buf_addf(out, "T%02d:%02d:%02d.%03dZ", (int)(ms / 3600000), (int)(ms / 60000 % 60),
           (int)(ms / 1000 % 60), (int)(ms % 1000));
}

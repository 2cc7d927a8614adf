/* zone_rule.c - see zone_rule.h. The grammar is that of POSIX's TZ with the extensions of RFC 8536: quoted names in
 * <>, and change times from -167 to 167 hours. */
#include "base/zone_rule.h"

#include <string.h>

#include "base/calendar.h"

enum {
  DAY_S = 86400
};

struct cursor {
  const char *at;
  const char *end;
};

static char peek(const struct cursor *c) {
  return c->at != c->end ? *c->at : '\0';
}

static bool take(struct cursor *c, char wanted) {
  if (peek(c) != wanted || c->at == c->end)
    return false;
  c->at++;
  return true;
}

static bool take_number(struct cursor *c, int32_t low, int32_t high, int32_t *out) {
  int32_t value = 0;
  const char *start = c->at;
  for (; peek(c) >= '0' && peek(c) <= '9'; c->at++) {
    value = value * 10 + (*c->at - '0');
    if (value > high)
      return false;
  }
  *out = value;
  return c->at != start && value >= low;
}

static bool take_name(struct cursor *c) {
  const char *start = c->at;
  if (take(c, '<')) {
    while (c->at != c->end && *c->at != '>')
      c->at++;
    return take(c, '>');
  }
  while ((peek(c) >= 'A' && peek(c) <= 'Z') || (peek(c) >= 'a' && peek(c) <= 'z'))
    c->at++;
  return c->at - start >= 3;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool take_hours(struct cursor *c, int32_t max_hours, int32_t *out) {
  int32_t hour = 0;
  int32_t minute = 0;
  int32_t second = 0;
  const bool negative = take(c, '-');
  if (!negative)
    (void)take(c, '+');
  if (!take_number(c, 0, max_hours, &hour))
    return false;
  if (take(c, ':')) {
    if (!take_number(c, 0, 59, &minute))
      return false;
    if (take(c, ':') && !take_number(c, 0, 59, &second))
      return false;
  }
  *out = (negative ? -1 : 1) * (hour * 3600 + minute * 60 + second);
  return true;
}

static bool take_change(struct cursor *c, struct zone_change *out) {
  *out = (struct zone_change){.time_s = 2 * 3600};
  if (!take(c, ','))
    return false;
  if (take(c, 'M')) {
    out->kind = ZONE_CHANGE_MONTH;
    if (!take_number(c, 1, 12, &out->month) || !take(c, '.') || !take_number(c, 1, 5, &out->week) ||
        !take(c, '.') || !take_number(c, 0, 6, &out->day))
      return false;
  } else if (take(c, 'J')) {
    out->kind = ZONE_CHANGE_JULIAN;
    if (!take_number(c, 1, 365, &out->day))
      return false;
  } else {
    out->kind = ZONE_CHANGE_ORDINAL;
    if (!take_number(c, 0, 365, &out->day))
      return false;
  }
  return !take(c, '/') || take_hours(c, 167, &out->time_s);
}

int zone_rule_parse(struct zone_rule *out, const char *text, size_t len) {
  struct cursor c = {text, text + len};
  struct zone_rule rule = {0};
  int32_t west = 0;
  if (!take_name(&c) || !take_hours(&c, 24, &west))
    return PURSER_EPARSE;
  rule.standard_s = -west;
  if (c.at != c.end) {
    if (!take_name(&c))
      return PURSER_EPARSE;
    west -= 3600;
    if (peek(&c) != ',' && c.at != c.end && !take_hours(&c, 24, &west))
      return PURSER_EPARSE;
    rule.has_saving = true;
    rule.saving_s = -west;
    if (c.at == c.end) {
      /* Without a rule POSIX leaves the dates open; everybody takes those of the United States. */
      rule.to_saving = (struct zone_change){ZONE_CHANGE_MONTH, 3, 2, 0, 7200};
      rule.to_standard = (struct zone_change){ZONE_CHANGE_MONTH, 11, 1, 0, 7200};
    } else if (!take_change(&c, &rule.to_saving) || !take_change(&c, &rule.to_standard) ||
               c.at != c.end) {
      return PURSER_EPARSE;
    }
  }
  *out = rule;
  return PURSER_OK;
}

/* The day of a change in a year. */
static int64_t change_day(const struct zone_change *change, int32_t year) {
  const int64_t january = calendar_days((struct civil){year, 1, 1});
  switch (change->kind) {
  case ZONE_CHANGE_MONTH: {
    const int64_t first = calendar_days((struct civil){year, change->month, 1});
    const int weekday = calendar_weekday(first) % 7; /* Sunday 0, as in the rule */
    int32_t of_month = (change->day - weekday + 7) % 7 + 7 * (change->week - 1);
    while (of_month >= calendar_days_in_month(year, change->month))
      of_month -= 7;
    return first + of_month;
  }
  case ZONE_CHANGE_JULIAN:
    /* 29 February is never counted. */
    if (change->day >= 60 && calendar_days_in_month(year, 2) == 29)
      return january + change->day;
    return january + change->day - 1;
  case ZONE_CHANGE_ORDINAL: break;
  }
  return january + change->day;
}

/* The instant of a change in a year, for a wall clock `offset_s` east of UTC. */
static int64_t change_instant(const struct zone_change *change, int32_t year, int32_t offset_s) {
  return change_day(change, year) * DAY_S + change->time_s - offset_s;
}

int32_t zone_rule_segment(const struct zone_rule *rule, int64_t utc_s, int64_t *until_s) {
  *until_s = INT64_MAX;
  if (!rule->has_saving)
    return rule->standard_s;

  /* A change may be off its year by a week on either side; three years around hold the last and the next. Where two
   * changes fall together (daylight saving all year), the order of the year decides, and the second one has it. */
  const int64_t days = utc_s / DAY_S;
  const int32_t year = calendar_civil(days).year;
  int64_t last_s = INT64_MIN;
  int32_t offset_s = rule->standard_s;
  for (int32_t y = year - 2; y <= year + 2; y++) {
    const int64_t saving = change_instant(&rule->to_saving, y, rule->standard_s);
    const int64_t standard = change_instant(&rule->to_standard, y, rule->saving_s);
    const bool saving_first = saving <= standard;
    for (int i = 0; i < 2; i++) {
      const bool is_saving = (i == 0) == saving_first;
      const int64_t instant = is_saving ? saving : standard;
      if (instant > utc_s) {
        if (instant < *until_s)
          *until_s = instant;
      } else if (instant >= last_s) {
        last_s = instant;
        offset_s = is_saving ? rule->saving_s : rule->standard_s;
      }
    }
  }
  return offset_s;
}

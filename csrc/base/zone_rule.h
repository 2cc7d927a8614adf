/* zone_rule.h - the POSIX rule for daylight saving ("CET-1CEST,M3.5.0,M10.5.0/3") that a TZif file ends with, and that
 * TZ may hold by itself. A value: no memory of its own. */
#ifndef BASE_ZONE_RULE_H
#define BASE_ZONE_RULE_H

#include "base/public.h"

enum zone_change_kind {
  ZONE_CHANGE_MONTH = 0,   /* Mm.w.d: the week'th weekday of a month */
  ZONE_CHANGE_JULIAN = 1,  /* Jn: day 1..365, February 29 never counted */
  ZONE_CHANGE_ORDINAL = 2, /* n: day 0..365, February 29 counted */
};

struct zone_change {
  enum zone_change_kind kind;
  int32_t month, week, day; /* day alone for the last two kinds */
  int32_t time_s;           /* wall clock before the change; may be negative or beyond a day */
};

struct zone_rule {
  int32_t standard_s; /* seconds east of UTC */
  int32_t saving_s;
  bool has_saving;
  struct zone_change to_saving;
  struct zone_change to_standard;
};

/* 0 or PURSER_EPARSE. */
int zone_rule_parse(struct zone_rule *out, const char *text, size_t len);

/* The offset at an instant (seconds since 1970), and the instant at which it changes next (INT64_MAX: never). */
int32_t zone_rule_segment(const struct zone_rule *rule, int64_t utc_s, int64_t *until_s);

#endif

/* zone.c - TZif files (RFC 8536) and what one asks of them. Where they are found: zone_find.c. */
#include "base/zone.h"

#include <string.h>

#include "base/calendar.h"
#include "base/mem.h"
#include "base/zone_internal.h"
#include "base/zone_rule.h"

struct zone {
  char *name;
  int64_t *changes;     /* instants, seconds since 1970, ascending */
  int32_t *offsets;     /* offsets[i]: from changes[i] on */
  int32_t first_offset; /* before the first change */
  size_t count;
  bool has_rule;
  struct zone_rule rule; /* after the last change */
};

enum {
  HEADER = 44,
  DAY_S = 86400,
  /* Real offsets stay within 26 hours; more is a broken file, and would break the search for a day's start. */
  MAX_OFFSET_S = 26 * 3600
};

/* Beyond these instants (some 270,000 years either way) a time is taken for them. */
#define FARTHEST_MS  INT64_C(8640000000000000)
#define FARTHEST_DAY (FARTHEST_MS / CALENDAR_DAY_MS + 10)

/* ---- reading ---- */

struct counts {
  uint32_t isut, isstd, leap, time, type, chars;
};

static uint32_t big32(const unsigned char *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t signed32(const unsigned char *p) {
  const uint32_t value = big32(p);
  return value <= INT32_MAX ? (int64_t)value : (int64_t)value - (INT64_C(1) << 32);
}

static int64_t signed64(const unsigned char *p) {
  const uint64_t value = (uint64_t)big32(p) << 32 | big32(p + 4);
  int64_t out;
  memcpy(&out, &value, sizeof out);
  return out;
}

static bool read_header(const unsigned char *p, size_t len, struct counts *out) {
  if (len < HEADER || memcmp(p, "TZif", 4) != 0)
    return false;
  *out = (struct counts){big32(p + 20), big32(p + 24), big32(p + 28),
                         big32(p + 32), big32(p + 36), big32(p + 40)};
  return true;
}

/* The length of a block's data whose times have `wide` bytes. */
static uint64_t block_length(const struct counts *n, unsigned wide) {
  return (uint64_t)n->time * wide + n->time + (uint64_t)n->type * 6 + n->chars +
         (uint64_t)n->leap * (wide + 4) + n->isstd + n->isut;
}

static int read_block(struct zone *zone, const unsigned char *p, const struct counts *n,
                      unsigned wide) {
  const unsigned char *indexes = p + (size_t)n->time * wide;
  const unsigned char *types = indexes + n->time;
  if (n->type == 0)
    return PURSER_EPARSE;
  for (uint32_t i = 0; i < n->type; i++) {
    const int64_t offset = signed32(types + 6 * (size_t)i);
    if (offset > MAX_OFFSET_S || offset < -MAX_OFFSET_S)
      return PURSER_EPARSE;
  }
  zone->first_offset = (int32_t)signed32(types);
  zone->changes = mem_alloc(sizeof *zone->changes * n->time);
  zone->offsets = mem_alloc(sizeof *zone->offsets * n->time);
  if (zone->changes == NULL || zone->offsets == NULL)
    return PURSER_ENOMEM;
  for (uint32_t i = 0; i < n->time; i++) {
    const int64_t at = wide == 8 ? signed64(p + 8 * (size_t)i) : signed32(p + 4 * (size_t)i);
    if (indexes[i] >= n->type || (i > 0 && at <= zone->changes[i - 1]))
      return PURSER_EPARSE;
    zone->changes[i] = at;
    zone->offsets[i] = (int32_t)signed32(types + 6 * (size_t)indexes[i]);
  }
  zone->count = n->time;
  return PURSER_OK;
}

/* "\nRULE\n" at the end of a file of version 2 or later; empty: the last offset holds for ever. */
static int read_footer(struct zone *zone, const unsigned char *p, size_t len) {
  const unsigned char *end = len > 0 && p[0] == '\n' ? memchr(p + 1, '\n', len - 1) : NULL;
  if (end == NULL)
    return PURSER_EPARSE;
  const size_t rule_len = (size_t)(end - p) - 1;
  if (rule_len == 0)
    return PURSER_OK;
  zone->has_rule = true;
  if (zone->name == NULL) {
    zone->name = mem_strndup((const char *)p + 1, rule_len);
    if (zone->name == NULL)
      return PURSER_ENOMEM;
  }
  return zone_rule_parse(&zone->rule, (const char *)p + 1, rule_len);
}

static int read_tzif(struct zone *zone, const unsigned char *p, size_t len) {
  struct counts n = {0};
  if (!read_header(p, len, &n))
    return PURSER_EPARSE;
  const unsigned char version = p[4];
  uint64_t data = block_length(&n, 4);
  if (data > len - HEADER)
    return PURSER_EPARSE;
  if (version < '2')
    return read_block(zone, p + HEADER, &n, 4);

  p += HEADER + data;
  len -= HEADER + (size_t)data;
  if (!read_header(p, len, &n))
    return PURSER_EPARSE;
  data = block_length(&n, 8);
  if (data > len - HEADER)
    return PURSER_EPARSE;
  const int status = read_block(zone, p + HEADER, &n, 8);
  if (status != PURSER_OK)
    return status;
  return read_footer(zone, p + HEADER + data, len - HEADER - (size_t)data);
}

static struct zone *zone_new(const char *name) {
  struct zone *zone = mem_zalloc(sizeof *zone);
  if (zone == NULL)
    return NULL;
  zone->name = mem_strdup(name);
  if (zone->name == NULL && name != NULL) {
    mem_free(zone);
    return NULL;
  }
  return zone;
}

int zone_from_bytes(struct zone **out, const char *name, const void *bytes, size_t len,
                    struct error *error) {
  *out = NULL;
  struct zone *zone = zone_new(name);
  int status = zone != NULL ? read_tzif(zone, bytes, len) : PURSER_ENOMEM;
  if (status == PURSER_OK && zone->name == NULL) {
    zone->name = mem_strdup("local");
    status = zone->name != NULL ? PURSER_OK : PURSER_ENOMEM;
  }
  if (status != PURSER_OK) {
    zone_free(zone);
    return error_set(error, status, "time zone %s: %s", name != NULL ? name : "of the system",
                     status == PURSER_ENOMEM ? "out of memory" : "not a valid TZif file");
  }
  *out = zone;
  return PURSER_OK;
}

int zone_from_rule(struct zone **out, const char *name, const char *rule, struct error *error) {
  *out = NULL;
  struct zone_rule parsed;
  if (zone_rule_parse(&parsed, rule, strlen(rule)) != PURSER_OK)
    return error_set(error, PURSER_EPARSE, "%s is no time zone rule", rule);
  struct zone *zone = zone_new(name);
  if (zone == NULL)
    return error_set(error, PURSER_ENOMEM, "time zone %s: out of memory", name);
  zone->has_rule = true;
  zone->rule = parsed;
  *out = zone;
  return PURSER_OK;
}

void zone_free(struct zone *zone) {
  if (zone == NULL)
    return;
  mem_free(zone->name);
  mem_free(zone->changes);
  mem_free(zone->offsets);
  mem_free(zone);
}

const char *zone_name(const struct zone *zone) {
  return zone->name;
}

/* ---- asking ---- */

/* The offset at an instant, and the instant at which it may change next (INT64_MAX: never). */
static int32_t segment(const struct zone *zone, int64_t utc_s, int64_t *until_s) {
  size_t low = 0;
  size_t high = zone->count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (zone->changes[middle] <= utc_s)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == zone->count && zone->has_rule)
    return zone_rule_segment(&zone->rule, utc_s, until_s);
  *until_s = low < zone->count ? zone->changes[low] : INT64_MAX;
  return low > 0 ? zone->offsets[low - 1] : zone->first_offset;
}

static int64_t floor_div(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && a < 0);
}

static int64_t clamp(int64_t value, int64_t bound) {
  return value > bound ? bound : value < -bound ? -bound : value;
}

static int64_t to_seconds(int64_t utc_ms) {
  return floor_div(clamp(utc_ms, FARTHEST_MS), 1000);
}

int32_t zone_offset_s(const struct zone *zone, int64_t utc_ms) {
  int64_t until_s;
  return segment(zone, to_seconds(utc_ms), &until_s);
}

int64_t zone_day_start_ms(const struct zone *zone, int64_t days) {
  const int64_t midnight_s = clamp(days, FARTHEST_DAY) * DAY_S;
  /* Local time grows evenly between changes of the offset: walk those around midnight to the first instant at which
   * the wall clock shows it, or has jumped over it. */
  int64_t from_s = midnight_s - MAX_OFFSET_S;
  for (;;) {
    int64_t until_s;
    const int32_t offset_s = segment(zone, from_s, &until_s);
    const int64_t there_s = midnight_s - offset_s > from_s ? midnight_s - offset_s : from_s;
    if (there_s < until_s)
      return there_s * 1000;
    from_s = until_s;
  }
}

int64_t zone_day(const struct zone *zone, int64_t utc_ms) {
  const int64_t utc_s = to_seconds(utc_ms);
  int64_t until_s;
  int64_t day = floor_div(utc_s + segment(zone, utc_s, &until_s), DAY_S);
  /* A clock set back over midnight shows the old date again; the new day has begun all the same. */
  while (zone_day_start_ms(zone, day + 1) <= utc_s * 1000)
    day++;
  return day;
}

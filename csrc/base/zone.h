/* zone.h - IANA time zones, read from the system's TZif files.
 *
 * The process's TZ is never changed and localtime() never called: we are a guest in the editor. A zone is immutable once
 * loaded and may be used from any thread. */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/error.h"
#include "base/public.h"

struct zone;

/* `name`: "Europe/Berlin", "UTC", a POSIX rule ("CET-1CEST,M3.5.0,M10.5.0/3"), or "" / NULL for the system's (TZ if it names one, /etc/localtime, /etc/timezone, else UTC).
 * PURSER_ENOTFOUND with a message that says where it looked; names with ".." or a leading "/" are refused. */
int zone_load(struct zone **out, const char *name, struct error *error);
/* The same from the bytes of a TZif file: PURSER_EPARSE when they are none. Without a name it goes by the rule in its footer, under
 * which zone_load() finds it again, near enough. */
int zone_from_bytes(struct zone **out, const char *name, const void *bytes, size_t len,
                    struct error *error);
void zone_free(struct zone *zone);
/* The IANA name; for the system's, the one it was found under. */
const char *zone_name(const struct zone *zone);

/* Seconds east of UTC at an instant. Beyond the file's table the POSIX rule in its footer applies. */
int32_t zone_offset_s(const struct zone *zone, int64_t utc_ms);
/* The first instant of a local day (days since 1970): midnight, or the instant after a gap that swallows midnight; the earlier
 * one where midnight comes twice. A day that a zone skipped altogether (Apia, 2011-12-30) is empty: it starts with the next. */
int64_t zone_day_start_ms(const struct zone *zone, int64_t days);
/* The local day (days since 1970) of an instant: the one with zone_day_start_ms(day) <= utc_ms < zone_day_start_ms(day + 1). */
int64_t zone_day(const struct zone *zone, int64_t utc_ms);

#endif

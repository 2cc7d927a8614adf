/* zone.h - IANA time zones, read from the system's TZif files.
 *
 * The process's TZ is never changed and localtime() never called: we are a guest in the editor. A zone is immutable once
 * loaded and may be used from any thread. */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/error.h"
#include "base/public.h"

struct zone;

/* `name`: "Europe/Berlin", "UTC", or "" / NULL for the system's (TZ if it names one, /etc/localtime, /etc/timezone, else UTC).
 * PURSER_ENOTFOUND with a message that says where it looked; names with ".." or a leading "/" are refused. */
int zone_load(struct zone **out, const char *name, struct error *error);
void zone_free(struct zone *zone);
/* The IANA name; for the system's, the one it was found under. */
const char *zone_name(const struct zone *zone);

/* Seconds east of UTC at an instant. Beyond the file's table the POSIX rule in its footer applies. */
int32_t zone_offset_s(const struct zone *zone, int64_t utc_ms);
/* The instant at which local midnight of a day (days since 1970) falls, or, where that does not exist (a daylight-saving
 * gap at midnight), the first instant of that day. */
int64_t zone_day_start_ms(const struct zone *zone, int64_t days);
/* The local day (days since 1970) of an instant. */
int64_t zone_day(const struct zone *zone, int64_t utc_ms);

#endif

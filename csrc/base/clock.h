/* clock.h - the time, injected.
 *
 * Wall-clock times come from the first function, durations from the second (rule 23: a duration never comes from two
 * readings of a clock that can be set). */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/public.h"

struct clock {
  int64_t (*now_ms)(void *data);  /* UTC, milliseconds since 1970 */
  int64_t (*mono_ns)(void *data); /* monotonic, nanoseconds */
  void *data;
};

/* The system's clocks. */
extern const struct clock clock_system;

int64_t clock_now_ms(const struct clock *clock);
int64_t clock_mono_ns(const struct clock *clock);

/* The system clock, shifted so that it starts at PURSER_NOW ("2026-11-24" or "2026-11-24T10:00:00Z") when that
 * environment variable is set: for the program's tests and for demonstrations. */
const struct clock *clock_from_environment(void);

#endif

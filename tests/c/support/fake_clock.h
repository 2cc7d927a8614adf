/* fake_clock.h - a clock that stands still until the test moves it. */
#ifndef SUPPORT_FAKE_CLOCK_H
#define SUPPORT_FAKE_CLOCK_H

#include "base/clock.h"

struct fake_clock {
  int64_t now_ms;
  int64_t mono_ns;
  struct clock clock; /* hand this one out */
};

/* Starts at an ISO 8601 instant; the struct must stay where it is. */
void fake_clock_init(struct fake_clock *fake, const char *instant);
/* Both hands move. */
void fake_clock_advance(struct fake_clock *fake, int64_t ms);
/* The wall clock is set, forward or back; the monotonic one goes on. */
void fake_clock_set(struct fake_clock *fake, const char *instant);

/* An ISO 8601 instant as milliseconds; fails the test if it is none. */
int64_t instant_ms(const char *text);

#endif

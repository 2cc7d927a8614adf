/* clock.c - see clock.h. */
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/calendar.h"

static int64_t read_clock(clockid_t id) {
  struct timespec t;
  if (clock_gettime(id, &t) != 0)
    return 0;
  return (int64_t)t.tv_sec * INT64_C(1000000000) + (int64_t)t.tv_nsec;
}

static int64_t system_now_ms(void *data) {
  (void)data;
  return read_clock(CLOCK_REALTIME) / 1000000;
}

static int64_t system_mono_ns(void *data) {
  (void)data;
  return read_clock(CLOCK_MONOTONIC);
}

const struct clock clock_system = {system_now_ms, system_mono_ns, NULL};

int64_t clock_now_ms(const struct clock *clock) {
  return clock->now_ms(clock->data);
}

int64_t clock_mono_ns(const struct clock *clock) {
  return clock->mono_ns(clock->data);
}

static int64_t shifted_now_ms(void *data) {
  int64_t shift_ms;
  memcpy(&shift_ms, data, sizeof shift_ms);
  return system_now_ms(NULL) + shift_ms;
}

const struct clock *clock_from_environment(void) {
  static int64_t shift_ms;
  static const struct clock shifted = {shifted_now_ms, system_mono_ns, &shift_ms};
  const char *text = getenv("PURSER_NOW");
  int64_t start_ms;
  if (text == NULL || calendar_parse_instant(text, strlen(text), &start_ms) != PURSER_OK)
    return &clock_system;
  if (shift_ms == 0)
    shift_ms = start_ms - system_now_ms(NULL);
  return &shifted;
}

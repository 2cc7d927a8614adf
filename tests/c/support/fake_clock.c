/* fake_clock.c - see fake_clock.h. */
#include "support/fake_clock.h"

#include <string.h>

#include "base/calendar.h"
#include "support/support.h"

int64_t instant_ms(const char *text) {
  int64_t ms = 0;
  if (calendar_parse_instant(text, strlen(text), &ms) != PURSER_OK)
    fail_msg("%s is no instant", text);
  return ms;
}

static int64_t now_ms(void *data) {
  return ((const struct fake_clock *)data)->now_ms;
}

static int64_t mono_ns(void *data) {
  return ((const struct fake_clock *)data)->mono_ns;
}

void fake_clock_init(struct fake_clock *fake, const char *instant) {
  fake->now_ms = instant_ms(instant);
  fake->mono_ns = 0;
  fake->clock = (struct clock){now_ms, mono_ns, fake};
}

void fake_clock_advance(struct fake_clock *fake, int64_t ms) {
  fake->now_ms += ms;
  fake->mono_ns += ms * 1000000;
}

void fake_clock_set(struct fake_clock *fake, const char *instant) {
  fake->now_ms = instant_ms(instant);
}

/* test_period.c - the one function that says when a budget resets (rule 22). */
#include "support/support.h"

#include <string.h>

#include "base/calendar.h"
#include "base/period.h"
#include "support/fake_clock.h"

static struct zone *load(const char *name) {
  struct zone *zone = NULL;
  struct error error = {0};
  if (zone_load(&zone, name, &error) != PURSER_OK)
    fail_msg("%s: %s", name, error_text(&error));
  return zone;
}

static bool have(const char *name) {
  struct zone *zone = NULL;
  const bool found = zone_load(&zone, name, NULL) == PURSER_OK;
  zone_free(zone);
  return found;
}

#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"

static void rule_22_the_period_around_an_instant(void **state) {
  (void)state;
  static const struct {
    enum period_kind kind;
    int reset_day;
    const char *zone, *at, *start, *end;
  } cases[] = {
      /* months */
      {PERIOD_MONTH, 1, "UTC", "2026-11-24T10:00:00Z", "2026-11-01T00:00:00Z",
       "2026-12-01T00:00:00Z"},
      {PERIOD_MONTH, 1, "UTC", "2026-12-31T23:59:59.999Z", "2026-12-01T00:00:00Z",
       "2027-01-01T00:00:00Z"},
      {PERIOD_MONTH, 1, "UTC", "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z",
       "2027-02-01T00:00:00Z"},
      {PERIOD_MONTH, 15, "UTC", "2026-11-14T23:59:59.999Z", "2026-10-15T00:00:00Z",
       "2026-11-15T00:00:00Z"},
      {PERIOD_MONTH, 15, "UTC", "2026-11-15T00:00:00Z", "2026-11-15T00:00:00Z",
       "2026-12-15T00:00:00Z"},
      /* the year's end with a reset day */
      {PERIOD_MONTH, 15, "UTC", "2027-01-03T00:00:00Z", "2026-12-15T00:00:00Z",
       "2027-01-15T00:00:00Z"},
      /* 29 to 31 clamp to the month's end */
      {PERIOD_MONTH, 31, "UTC", "2026-02-10T00:00:00Z", "2026-01-31T00:00:00Z",
       "2026-02-28T00:00:00Z"},
      {PERIOD_MONTH, 31, "UTC", "2026-02-28T00:00:00Z", "2026-02-28T00:00:00Z",
       "2026-03-31T00:00:00Z"},
      {PERIOD_MONTH, 31, "UTC", "2024-02-28T12:00:00Z", "2024-01-31T00:00:00Z",
       "2024-02-29T00:00:00Z"},
      {PERIOD_MONTH, 29, "UTC", "2024-02-29T12:00:00Z", "2024-02-29T00:00:00Z",
       "2024-03-29T00:00:00Z"},
      {PERIOD_MONTH, 30, "UTC", "2026-04-30T12:00:00Z", "2026-04-30T00:00:00Z",
       "2026-05-30T00:00:00Z"},
      /* daylight saving, both ways */
      {PERIOD_MONTH, 1, BERLIN, "2026-03-15T00:00:00Z", "2026-02-28T23:00:00Z",
       "2026-03-31T22:00:00Z"},
      {PERIOD_MONTH, 1, BERLIN, "2026-10-15T00:00:00Z", "2026-09-30T22:00:00Z",
       "2026-10-31T23:00:00Z"},
      /* the zone decides the month, not UTC */
      {PERIOD_MONTH, 1, BERLIN, "2026-10-31T23:30:00Z", "2026-10-31T23:00:00Z",
       "2026-11-30T23:00:00Z"},
      {PERIOD_MONTH, 1, "<-10>10", "2026-11-01T09:59:59Z", "2026-10-01T10:00:00Z",
       "2026-11-01T10:00:00Z"},
      /* a reset day out of range is clamped into it */
      {PERIOD_MONTH, 0, "UTC", "2026-11-24T10:00:00Z", "2026-11-01T00:00:00Z",
       "2026-12-01T00:00:00Z"},
      {PERIOD_MONTH, 99, "UTC", "2026-11-24T10:00:00Z", "2026-10-31T00:00:00Z",
       "2026-11-30T00:00:00Z"},
      {PERIOD_MONTH, -4, "UTC", "2026-11-24T10:00:00Z", "2026-11-01T00:00:00Z",
       "2026-12-01T00:00:00Z"},
      /* weeks; 2026-11-24 is a Tuesday */
      {PERIOD_WEEK, 1, "UTC", "2026-11-24T10:00:00Z", "2026-11-23T00:00:00Z",
       "2026-11-30T00:00:00Z"},
      {PERIOD_WEEK, 1, "UTC", "2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z",
       "2026-11-30T00:00:00Z"},
      {PERIOD_WEEK, 1, "UTC", "2026-11-22T23:59:59.999Z", "2026-11-16T00:00:00Z",
       "2026-11-23T00:00:00Z"},
      {PERIOD_WEEK, 7, "UTC", "2026-11-24T10:00:00Z", "2026-11-22T00:00:00Z",
       "2026-11-29T00:00:00Z"},
      {PERIOD_WEEK, 2, "UTC", "2026-11-24T10:00:00Z", "2026-11-24T00:00:00Z",
       "2026-12-01T00:00:00Z"},
      {PERIOD_WEEK, 3, "UTC", "2027-01-01T10:00:00Z", "2026-12-30T00:00:00Z",
       "2027-01-06T00:00:00Z"},
      {PERIOD_WEEK, 1, BERLIN, "2026-10-25T12:00:00Z", "2026-10-18T22:00:00Z",
       "2026-10-25T23:00:00Z"},
      /* days of 23 and of 25 hours */
      {PERIOD_DAY, 1, BERLIN, "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z",
       "2026-03-29T22:00:00Z"},
      {PERIOD_DAY, 1, BERLIN, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z",
       "2026-10-25T23:00:00Z"},
      {PERIOD_DAY, 1, "UTC", "2024-02-29T12:00:00Z", "2024-02-29T00:00:00Z",
       "2024-03-01T00:00:00Z"},
      {PERIOD_DAY, 1, "UTC", "1969-12-31T12:00:00Z", "1969-12-31T00:00:00Z",
       "1970-01-01T00:00:00Z"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct zone *zone = load(cases[i].zone);
    const struct period got =
        period_at(cases[i].kind, cases[i].reset_day, zone, instant_ms(cases[i].at));
    zone_free(zone);
    if (got.start_ms != instant_ms(cases[i].start) || got.end_ms != instant_ms(cases[i].end))
      fail_msg("%s from %d in %s at %s", period_kind_name(cases[i].kind), cases[i].reset_day,
               cases[i].zone, cases[i].at);
  }
}

/* Every instant lies in exactly one period; the next begins where it ends. */
static void rule_22_periods_are_half_open_contiguous_and_without_a_gap(void **state) {
  (void)state;
  static const char *const zones[] = {"UTC",
                                      BERLIN,
                                      "Europe/Berlin",
                                      "America/New_York",
                                      "America/St_Johns",
                                      "America/Sao_Paulo",
                                      "Pacific/Apia",
                                      "Australia/Lord_Howe",
                                      "America/Havana",
                                      "<+14>-14"};
  struct rng rng = {22};
  for (size_t z = 0; z < COUNT(zones); z++) {
    if (!have(zones[z]))
      continue;
    struct zone *zone = load(zones[z]);
    for (int n = 0; n < 4000; n++) {
      const enum period_kind kind = (enum period_kind)rng_below(&rng, 3);
      const int reset = (int)rng_between(&rng, 1, kind == PERIOD_WEEK ? 7 : 31);
      int64_t at = rng_between(&rng, instant_ms("1985-01-01"), instant_ms("2090-01-01"));
      const struct period p = period_at(kind, reset, zone, at);
      assert_true(p.start_ms <= at && at < p.end_ms);

      /* The same from anywhere inside it, the first and the last instant included. */
      const int64_t inside[] = {p.start_ms, p.end_ms - 1,
                                p.start_ms + rng_below(&rng, p.end_ms - p.start_ms)};
      for (size_t i = 0; i < COUNT(inside); i++) {
        const struct period again = period_at(kind, reset, zone, inside[i]);
        assert_int_equal(again.start_ms, p.start_ms);
        assert_int_equal(again.end_ms, p.end_ms);
      }
      assert_int_equal(period_at(kind, reset, zone, p.end_ms).start_ms, p.end_ms);
      assert_int_equal(period_at(kind, reset, zone, p.start_ms - 1).end_ms, p.start_ms);
    }
    zone_free(zone);
  }
}

static void kinds_have_names(void **state) {
  (void)state;
  for (int kind = PERIOD_MONTH; kind <= PERIOD_DAY; kind++)
    assert_int_equal(period_parse_kind(period_kind_name((enum period_kind)kind)), kind);
  assert_int_equal(period_parse_kind("year"), -1);
  assert_int_equal(period_parse_kind(""), -1);
  assert_int_equal(period_parse_kind(NULL), -1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rule_22_the_period_around_an_instant),
      cmocka_unit_test(rule_22_periods_are_half_open_contiguous_and_without_a_gap),
      cmocka_unit_test(kinds_have_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_zone.c - IANA zones from TZif files, compared with the C library's where it has them too. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/zone.h"
#include "base/zone_rule.h"
#include "support/fake_clock.h"
#include "support/temp.h"

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

static int64_t day_of(const char *date) {
  int64_t days = 0;
  assert_int_equal(calendar_parse_date(date, &days), PURSER_OK);
  return days;
}

static const char *const zones[] = {
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Santiago",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Asia/Gaza",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Chatham",
    "Asia/Beirut",
    "America/Scoresbysund",
    "Antarctica/Troll",
    "Pacific/Kwajalein",
    "America/Havana",
};

static void offsets_are_those_of_the_c_library(void **state) {
  (void)state;
  struct rng rng = {1};
  const char *kept = getenv("TZ");
  char *before = kept != NULL ? strdup(kept) : NULL;
  for (size_t i = 0; i < COUNT(zones); i++) {
    if (!have(zones[i]))
      continue;
    struct zone *zone = load(zones[i]);
    char tz[64];
    (void)snprintf(tz, sizeof tz, ":%s", zones[i]);
    (void)setenv("TZ", tz, 1);
    tzset();
    for (int n = 0; n < 20000; n++) {
      /* 1940 to 2120: the table, and beyond it the rule in the footer. */
      const time_t at = (time_t)rng_between(&rng, -946684800, 4733510400);
      struct tm local;
      assert_non_null(localtime_r(&at, &local));
      if (zone_offset_s(zone, (int64_t)at * 1000) != local.tm_gmtoff)
        fail_msg("%s at %lld: %d, but the C library says %ld", zones[i], (long long)at,
                 (int)zone_offset_s(zone, (int64_t)at * 1000), local.tm_gmtoff);
    }
    zone_free(zone);
  }
  if (before != NULL)
    (void)setenv("TZ", before, 1);
  else
    (void)unsetenv("TZ");
  tzset();
  free(before);
}

static void days_follow_each_other_without_a_gap(void **state) {
  (void)state;
  struct rng rng = {2};
  for (size_t i = 0; i < COUNT(zones); i++) {
    if (!have(zones[i]))
      continue;
    struct zone *zone = load(zones[i]);
    int64_t before = zone_day_start_ms(zone, day_of("1985-01-01"));
    for (int64_t day = day_of("1985-01-01"); day < day_of("2040-01-01"); day++) {
      const int64_t start = zone_day_start_ms(zone, day);
      const int64_t end = zone_day_start_ms(zone, day + 1);
      assert_true(start >= before && end >= start);
      before = start;
      if (start == end)
        continue;
      assert_int_equal(zone_day(zone, start), day);
      assert_int_equal(zone_day(zone, end - 1), day);
      assert_int_equal(zone_day(zone, start + rng_below(&rng, end - start)), day);
    }
    zone_free(zone);
  }
}

static void the_first_instant_of_a_day(void **state) {
  (void)state;
  static const struct {
    const char *zone, *date, *start, *why;
  } cases[] = {
      {"UTC", "2026-11-24", "2026-11-24T00:00:00Z", "plain"},
      {"Europe/Berlin", "2026-01-15", "2026-01-14T23:00:00Z", "winter"},
      {"Europe/Berlin", "2026-07-15", "2026-07-14T22:00:00Z", "summer"},
      {"Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00Z", "after a day of 23 hours"},
      {"Europe/Berlin", "2026-10-26", "2026-10-25T23:00:00Z", "after a day of 25 hours"},
      {"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "midnight does not exist"},
      {"America/Havana", "2023-03-12", "2023-03-12T05:00:00Z", "midnight does not exist"},
      {"America/Havana", "2023-11-05", "2023-11-05T04:00:00Z", "midnight comes twice: the first"},
      {"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", "a day that never was starts ..."},
      {"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", "... where the next one does"},
      {"America/St_Johns", "2006-10-29", "2006-10-29T02:30:00Z", "set back one minute past it"},
      {"Asia/Kathmandu", "2026-11-24", "2026-11-23T18:15:00Z", "quarters of an hour"},
      {"Europe/Berlin", "2100-07-15", "2100-07-14T22:00:00Z", "by the rule in the footer"},
      {"Pacific/Kiritimati", "2026-11-24", "2026-11-23T10:00:00Z", "14 hours ahead"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    if (!have(cases[i].zone))
      continue;
    struct zone *zone = load(cases[i].zone);
    if (zone_day_start_ms(zone, day_of(cases[i].date)) != instant_ms(cases[i].start))
      fail_msg("%s %s (%s) starts at %lld", cases[i].zone, cases[i].date, cases[i].why,
               (long long)zone_day_start_ms(zone, day_of(cases[i].date)));
    zone_free(zone);
  }
}

static void posix_rules(void **state) {
  (void)state;
  static const struct {
    const char *rule, *at;
    int32_t offset;
  } cases[] = {
      {"UTC0", "2026-07-01T00:00:00Z", 0},
      {"<+0530>-5:30", "2026-07-01T00:00:00Z", 19800},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T00:59:59Z", 3600},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 7200},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T00:59:59Z", 7200},
      {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00Z", 3600},
      {"EST5EDT", "2026-07-01T00:00:00Z", -14400},
      {"EST5EDT", "2026-12-01T00:00:00Z", -18000},
      {"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-12-24T00:00:00Z", 0},
      {"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-24T00:00:00Z", 3600},
      {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01T00:00:00Z", 39600},
      {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-07-01T00:00:00Z", 36000},
      {"XXX3EDT4,0/0,J365/23", "2026-01-01T03:00:00Z", -14400},
      {"XXX3EDT4,0/0,J365/23", "2026-12-31T23:00:00Z", -14400},
      {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200},
      {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600},
      {"EET-2EEST,J60/2,J300/3", "2024-02-29T12:00:00Z", 7200},
      {"EET-2EEST,J60/2,J300/3", "2024-03-01T00:00:00Z", 10800},
      {"EET-2EEST,59/2,299/3", "2024-02-29T12:00:00Z", 10800},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct zone_rule rule;
    int64_t until_s = 0;
    if (zone_rule_parse(&rule, cases[i].rule, strlen(cases[i].rule)) != PURSER_OK)
      fail_msg("%s was refused", cases[i].rule);
    const int64_t at_s = instant_ms(cases[i].at) / 1000;
    if (zone_rule_segment(&rule, at_s, &until_s) != cases[i].offset)
      fail_msg("%s at %s: %d", cases[i].rule, cases[i].at,
               (int)zone_rule_segment(&rule, at_s, &until_s));
    assert_true(until_s > at_s);
  }
  static const char *const bad[] = {"",
                                    "U0",
                                    "UTC",
                                    "UTC0x",
                                    "UTC25",
                                    "<UTC0",
                                    "A1B-1",
                                    "CET-1CEST,M3.5.0",
                                    "UTC0,M1",
                                    "CET-1CEST,M13.5.0,M10.5.0",
                                    "CET-1CEST,M3.5.0,M10.5.0/200"};
  for (size_t i = 0; i < COUNT(bad); i++) {
    struct zone_rule rule;
    if (zone_rule_parse(&rule, bad[i], strlen(bad[i])) != PURSER_EPARSE)
      fail_msg("\"%s\" was taken for a rule", bad[i]);
  }
}

static void unknown_zones_say_where_they_were_looked_for(void **state) {
  (void)state;
  static const char *const names[] = {
      "Europe/Nowhere", "../../etc/passwd", "/etc/passwd", "Europe/../UTC",
      "Europe//Berlin", "Europe/",          ".",           "Berlin"};
  for (size_t i = 0; i < COUNT(names); i++) {
    struct zone *zone = NULL;
    struct error error = {0};
    assert_int_equal(zone_load(&zone, names[i], &error), PURSER_ENOTFOUND);
    assert_null(zone);
    assert_non_null(strstr(error.message, "Europe/Berlin"));
  }
}

static void utc_needs_no_file(void **state) {
  (void)state;
  (void)setenv("TZDIR", "/nonexistent", 1);
  struct zone *zone = load("UTC");
  assert_int_equal(zone_offset_s(zone, INT64_C(1800000000000)), 0);
  assert_string_equal(zone_name(zone), "UTC");
  zone_free(zone);
  (void)unsetenv("TZDIR");
}

static void the_system_s_zone_follows_tz(void **state) {
  (void)state;
  static const struct {
    const char *tz, *name;
    int32_t offset;
  } cases[] = {
      {"", "UTC", 0},
      {"Asia/Kolkata", "Asia/Kolkata", 19800},
      {":Asia/Kolkata", "Asia/Kolkata", 19800},
      {"/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo", 32400},
      {"XYZ-3", "XYZ-3", 10800},
  };
  if (!have("Asia/Kolkata") || access(cases[3].tz, R_OK) != 0)
    skip();
  for (size_t i = 0; i < COUNT(cases); i++) {
    (void)setenv("TZ", cases[i].tz, 1);
    struct zone *zone = load("");
    assert_string_equal(zone_name(zone), cases[i].name);
    assert_int_equal(zone_offset_s(zone, INT64_C(1800000000000)), cases[i].offset);
    zone_free(zone);
    /* What it is called is what it is found by: the ledger stores the name. */
    zone = load(cases[i].name);
    assert_int_equal(zone_offset_s(zone, INT64_C(1800000000000)), cases[i].offset);
    zone_free(zone);
  }
  (void)setenv("TZ", "No/Such_Zone", 1);
  struct zone *zone = load(NULL);
  assert_non_null(zone_name(zone));
  zone_free(zone);
  (void)unsetenv("TZ");
}

static void broken_files_are_refused(void **state) {
  (void)state;
  struct temp temp;
  temp_make(&temp);
  FILE *file = fopen("/usr/share/zoneinfo/Europe/Berlin", "rb");
  if (file == NULL) {
    temp_remove(&temp);
    skip();
  }
  static unsigned char bytes[65536];
  const size_t len = fread(bytes, 1, sizeof bytes, file);
  (void)fclose(file);

  struct zone *zone = NULL;
  assert_int_equal(zone_from_bytes(&zone, "whole", bytes, len, NULL), PURSER_OK);
  zone_free(zone);
  for (size_t cut = 0; cut < len; cut++) {
    assert_int_equal(zone_from_bytes(&zone, "cut", bytes, cut, NULL), PURSER_EPARSE);
    assert_null(zone);
  }
  /* Any single byte may be anything: refused or not, nothing is read out of bounds and every day has a start. */
  struct rng rng = {3};
  for (int i = 0; i < 20000; i++) {
    const size_t at = (size_t)rng_below(&rng, (int64_t)len);
    const unsigned char kept = bytes[at];
    bytes[at] = (unsigned char)rng_next(&rng);
    if (zone_from_bytes(&zone, "hurt", bytes, len, NULL) == PURSER_OK) {
      const int64_t day = rng_between(&rng, -20000, 40000);
      assert_true(zone_day_start_ms(zone, day) <= zone_day_start_ms(zone, day + 1));
      zone_free(zone);
    }
    bytes[at] = kept;
  }
  (void)setenv("TZDIR", temp.path, 1);
  temp_write(&temp, "Junk", "not a zone at all", 17);
  struct error error = {0};
  assert_int_equal(zone_load(&zone, "Junk", &error), PURSER_EPARSE);
  assert_non_null(strstr(error.message, "Junk"));
  (void)unsetenv("TZDIR");
  temp_remove(&temp);
}

static void far_times_do_not_overflow(void **state) {
  (void)state;
  static const int64_t times[] = {INT64_MIN, INT64_MIN / 2, INT64_MAX / 2, INT64_MAX};
  static const char *const names[] = {"UTC", "CET-1CEST,M3.5.0,M10.5.0/3", "<+14>-14"};
  for (size_t n = 0; n < COUNT(names); n++) {
    struct zone *zone = load(names[n]);
    for (size_t i = 0; i < COUNT(times); i++) {
      (void)zone_offset_s(zone, times[i]);
      const int64_t day = zone_day(zone, times[i]);
      assert_true(zone_day_start_ms(zone, day) <= zone_day_start_ms(zone, day + 1));
      (void)zone_day_start_ms(zone, times[i]);
    }
    zone_free(zone);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(offsets_are_those_of_the_c_library),
      cmocka_unit_test(days_follow_each_other_without_a_gap),
      cmocka_unit_test(the_first_instant_of_a_day),
      cmocka_unit_test(posix_rules),
      cmocka_unit_test(unknown_zones_say_where_they_were_looked_for),
      cmocka_unit_test(utc_needs_no_file),
      cmocka_unit_test(the_system_s_zone_follows_tz),
      cmocka_unit_test(broken_files_are_refused),
      cmocka_unit_test(far_times_do_not_overflow),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

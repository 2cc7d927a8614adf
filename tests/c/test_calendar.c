/* test_calendar.c - civil dates, whole days, and instants as text. */
#include "support/support.h"

#include <string.h>

#include "base/calendar.h"

static void days_and_dates_are_each_other_s_inverse(void **state) {
  (void)state;
  struct civil expected = {1599, 12, 31};
  int64_t days = calendar_days(expected);
  /* Day by day through 500 years: the next date is found by the rules a child knows. */
  for (int i = 0; i < 500 * 366; i++) {
    const struct civil got = calendar_civil(days);
    assert_int_equal(got.year, expected.year);
    assert_int_equal(got.month, expected.month);
    assert_int_equal(got.day, expected.day);
    assert_int_equal(calendar_days(got), days);
    days++;
    expected.day++;
    if (expected.day > calendar_days_in_month(expected.year, expected.month)) {
      expected.day = 1;
      expected.month++;
    }
    if (expected.month == 13) {
      expected.month = 1;
      expected.year++;
    }
  }
}

static void known_days(void **state) {
  (void)state;
  static const struct {
    const char *date;
    int64_t days;
    int weekday;
  } cases[] = {
      {"1970-01-01", 0, 4},     {"1969-12-31", -1, 3},      {"2000-02-29", 11016, 2},
      {"2026-11-24", 20781, 2}, {"0000-03-01", -719468, 3}, {"9999-12-31", 2932896, 5},
      {"2024-02-29", 19782, 4}, {"2023-12-31", 19722, 7},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    int64_t days = 0;
    assert_int_equal(calendar_parse_date(cases[i].date, &days), PURSER_OK);
    assert_int_equal(days, cases[i].days);
    assert_int_equal(calendar_weekday(days), cases[i].weekday);
    struct buf text = BUF_INIT;
    calendar_write_date(&text, days);
    assert_string_equal(buf_text(&text), cases[i].date);
    buf_fini(&text);
  }
}

static void leap_years(void **state) {
  (void)state;
  assert_int_equal(calendar_days_in_month(2024, 2), 29);
  assert_int_equal(calendar_days_in_month(2023, 2), 28);
  assert_int_equal(calendar_days_in_month(2000, 2), 29);
  assert_int_equal(calendar_days_in_month(1900, 2), 28);
  assert_int_equal(calendar_days_in_month(2026, 0), 0);
  assert_int_equal(calendar_days_in_month(2026, 13), 0);
}

static void impossible_dates_are_refused(void **state) {
  (void)state;
  static const char *const cases[] = {"",           "2026",        "2026-11",     "2026-02-29",
                                      "2026-13-01", "2026-00-10",  "2026-04-31",  "2026-11-00",
                                      "26-11-24",   "2026-11-24 ", " 2026-11-24", "2026/11/24",
                                      "2026-1-24",  "tomorrow",    "2026-11-2x"};
  for (size_t i = 0; i < COUNT(cases); i++) {
    int64_t days = 77;
    if (calendar_parse_date(cases[i], &days) != PURSER_EPARSE || days != 77)
      fail_msg("\"%s\" was taken for a date", cases[i]);
  }
  int64_t days = 0;
  assert_int_equal(calendar_parse_date(NULL, &days), PURSER_EPARSE);
}

static void instants_with_and_without_an_offset(void **state) {
  (void)state;
  static const struct {
    const char *text, *utc;
  } cases[] = {
      {"2026-11-24T10:00:00.123Z", "2026-11-24T10:00:00.123Z"},
      {"2026-11-24T10:00:00Z", "2026-11-24T10:00:00.000Z"},
      {"2026-11-24t10:00:00z", "2026-11-24T10:00:00.000Z"},
      {"2026-11-24 10:00", "2026-11-24T10:00:00.000Z"},
      {"2026-11-24", "2026-11-24T00:00:00.000Z"},
      {"2026-11-24T10:00:00.1Z", "2026-11-24T10:00:00.100Z"},
      {"2026-11-24T10:00:00.123456789Z", "2026-11-24T10:00:00.123Z"},
      {"2026-11-24T00:30:00+02:00", "2026-11-23T22:30:00.000Z"},
      {"2026-11-24T23:30:00-0530", "2026-11-25T05:00:00.000Z"},
      {"2026-11-24T10:00:00+05", "2026-11-24T05:00:00.000Z"},
      {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},
      {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
      {"2026-11-24T10:00:00,5Z", "2026-11-24T10:00:00.500Z"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    int64_t ms = 0;
    if (calendar_parse_instant(cases[i].text, strlen(cases[i].text), &ms) != PURSER_OK)
      fail_msg("\"%s\" was refused", cases[i].text);
    struct buf text = BUF_INIT;
    calendar_write_instant(&text, ms);
    assert_string_equal(buf_text(&text), cases[i].utc);
    buf_fini(&text);
  }
}

static void malformed_instants_are_refused(void **state) {
  (void)state;
  static const char *const cases[] = {
      "",
      "2026-11-24T",
      "2026-11-24T10",
      "2026-11-24T24:00:00Z",
      "2026-11-24T10:60:00Z",
      "2026-11-24T10:00:61Z",
      "2026-11-24T10:00:00.Z",
      "2026-11-24T10:00:00+25:00",
      "2026-11-24T10:00:00+1",
      "2026-11-24T10:00:00Zx",
      "2026-02-30T10:00:00Z",
      "2026-11-24_10:00:00Z",
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    int64_t ms = 77;
    if (calendar_parse_instant(cases[i], strlen(cases[i]), &ms) != PURSER_EPARSE || ms != 77)
      fail_msg("\"%s\" was taken for an instant", cases[i]);
  }
}

static void an_instant_needs_no_terminator(void **state) {
  (void)state;
  int64_t ms = 0;
  assert_int_equal(calendar_parse_instant("2026-11-24T10:00:00Z,\"next\"", 20, &ms), PURSER_OK);
  assert_int_equal(ms, 20781 * CALENDAR_DAY_MS + 10 * INT64_C(3600000));
}

static void far_times_do_not_overflow(void **state) {
  (void)state;
  static const int64_t times[] = {INT64_MIN, INT64_MAX, INT64_MIN / 2, INT64_MAX / 3};
  for (size_t i = 0; i < COUNT(times); i++) {
    struct buf text = BUF_INIT;
    calendar_write_instant(&text, times[i]);
    assert_non_null(strchr(buf_text(&text), 'T'));
    buf_fini(&text);
    assert_in_range(calendar_weekday(times[i] / 8), 1, 7);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(days_and_dates_are_each_other_s_inverse),
      cmocka_unit_test(known_days),
      cmocka_unit_test(leap_years),
      cmocka_unit_test(impossible_dates_are_refused),
      cmocka_unit_test(instants_with_and_without_an_offset),
      cmocka_unit_test(malformed_instants_are_refused),
      cmocka_unit_test(an_instant_needs_no_terminator),
      cmocka_unit_test(far_times_do_not_overflow),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

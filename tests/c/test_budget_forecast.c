/* test_budget_forecast.c - where a month will end: ranges that keep their word, silence where too little is known, and the same fed from a
 * ledger. */
#include "budget/coverage.h"
#include "budget/outlook.h"

#include <math.h>
#include <stdio.h>

#include "base/calendar.h"
#include "support/gate.h"

enum {
  MONTH = 30,
  PAST = 150
};

/* ---- months that never were ---- */

static double uniform(struct rng *rng, double low, double high) {
  return low + (high - low) * (double)rng_below(rng, 1000001) / 1e6;
}

static double normal(struct rng *rng) {
  double sum = -6;
  for (int i = 0; i < 12; i++)
    sum += uniform(rng, 0, 1);
  return sum;
}

/* Somebody's habits: what a day of the week is like, whether it grows or shrinks, how it wanders, bursts, days off. */
struct habits {
  double week[7];
  double base, trend, noise, burst;
  int burst_percent, burst_days, idle_percent;
};

static struct habits habits_of(struct rng *rng) {
  static const double office[7] = {1, 1.1, 1.2, 1.1, 0.9, 0.15, 0.1};
  struct habits h = {
      .base = 3e9 * exp(0.8 * normal(rng)),
      .trend = uniform(rng, -0.012, 0.015),
      .noise = uniform(rng, 0.3, 0.8),
      .burst = uniform(rng, 2, 5),
      .burst_percent = (int)rng_below(rng, 7),
      .burst_days = (int)rng_between(rng, 1, 4),
      .idle_percent = (int)rng_below(rng, 3) * 15,
  };
  const int64_t kind = rng_below(rng, 3);
  for (int i = 0; i < 7; i++)
    h.week[i] = kind == 0 ? office[i] : kind == 1 ? 1 : uniform(rng, 0.3, 1.7);
  return h;
}

static void live(struct rng *rng, const struct habits *h, int64_t first, int64_t *days,
                 size_t count) {
  double level = 0;
  int burst = 0;
  for (size_t i = 0; i < count; i++) {
    level = level * 0.9 + 0.1 * normal(rng);
    if (burst > 0)
      burst--;
    else if (rng_chance(rng, h->burst_percent))
      burst = h->burst_days;
    const double day = h->base * h->week[calendar_weekday(first + (int64_t)i) - 1] *
                       exp(h->trend * (double)i + level + h->noise * normal(rng)) *
                       (burst > 0 ? h->burst : 1);
    days[i] = rng_chance(rng, h->idle_percent) ? 0 : (int64_t)day;
  }
}

static int64_t sum_of(const int64_t *days, size_t count) {
  int64_t sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += days[i];
  return sum;
}

/* 1,000 months of as many people, each asked about on one day of it, with a past of one to five months. */
static void four_of_five_months_end_within_the_range(void **state) {
  (void)state;
  enum {
    MONTHS = 1000
  };
  struct rng rng = {20261124};
  int within = 0;
  int asked = 0;
  while (asked < MONTHS) {
    static int64_t days[PAST + MONTH];
    const struct habits h = habits_of(&rng);
    const size_t past = (size_t)rng_between(&rng, 30, PAST);
    const int64_t first = rng_between(&rng, 15000, 22000);
    const size_t day = (size_t)rng_between(&rng, 1, MONTH - 3); /* whole ones of the month */
    live(&rng, &h, first, days, past + MONTH);
    const struct forecast_input input = {
        .days = days,
        .count = past + day,
        .today = first + (int64_t)(past + day),
        .today_left_permille = 1000,
        .days_left = MONTH - 1 - (int32_t)day,
        .spent_nanousd = sum_of(days + past, day),
        .limit_nanousd = -1,
    };
    struct forecast f;
    assert_int_equal(forecast_make(&input, &f), PURSER_OK);
    if (f.method == FORECAST_NONE)
      continue;
    const int64_t end = sum_of(days + past, MONTH);
    assert_true(f.p10_nanousd >= input.spent_nanousd);
    assert_true(f.p10_nanousd <= f.p50_nanousd && f.p50_nanousd <= f.p90_nanousd);
    within += f.p10_nanousd <= end && end <= f.p90_nanousd;
    asked++;
  }
  print_message("%d of %d months ended within the range\n", within, MONTHS);
  assert_in_range(within, MONTHS * 75 / 100, MONTHS * 85 / 100);
}

/* ---- what is known of a few days ---- */

/* A Tuesday. */
#define TODAY 20781

static struct forecast ask(const int64_t *days, size_t count, int32_t left, int64_t spent,
                           int64_t limit) {
  const struct forecast_input input = {
      .days = days,
      .count = count,
      .today = TODAY,
      .today_left_permille = 1000,
      .days_left = left,
      .spent_nanousd = spent,
      .limit_nanousd = limit,
  };
  struct forecast f;
  assert_int_equal(calendar_weekday(TODAY), 2);
  assert_int_equal(forecast_make(&input, &f), PURSER_OK);
  return f;
}

static void nothing_is_said_below_three_active_days(void **state) {
  (void)state;
  struct rng rng = {3};
  for (int i = 0; i < 500; i++) {
    int64_t days[FORECAST_DAYS + 20] = {0};
    const size_t count = (size_t)rng_below(&rng, FORECAST_DAYS + 20);
    const int active = (int)rng_below(&rng, 3);
    for (int n = 0; n < active && count > 0; n++)
      days[rng_below(&rng, (int64_t)count)] = rng_between(&rng, 1, CENT);
    const struct forecast f = ask(days, count, (int32_t)rng_below(&rng, 31), CENT, CENT * 100);
    assert_int_equal(f.method, FORECAST_NONE);
    assert_int_equal(f.p10_nanousd | f.p50_nanousd | f.p90_nanousd, 0);
    assert_int_equal(f.exhausted_days, -1);
  }
}

static void what_is_long_ago_counts_for_nothing(void **state) {
  (void)state;
  int64_t days[FORECAST_DAYS + 10] = {CENT, CENT, CENT, CENT, CENT};
  assert_int_equal(ask(days, COUNT(days), 10, 0, -1).method, FORECAST_NONE);
}

static void a_short_past_knows_no_weekdays(void **state) {
  (void)state;
  int64_t days[FORECAST_WEEKDAYS];
  for (size_t i = 0; i < COUNT(days); i++)
    days[i] = CENT;
  assert_int_equal(ask(days, FORECAST_WEEKDAYS - 1, 10, 0, -1).method, FORECAST_DAILY);
  assert_int_equal(ask(days, FORECAST_WEEKDAYS, 10, 0, -1).method, FORECAST_WEEKDAYS_KNOWN);
}

/* Who works on Mondays only has spent a week's all when Tuesday comes. */
static void weekdays_are_told_apart(void **state) {
  (void)state;
  int64_t days[56] = {0};
  for (size_t i = 0; i < COUNT(days); i++)
    days[i] = calendar_weekday(TODAY - 56 + (int64_t)i) == 1 ? 100 * CENT : 0;
  const struct forecast week = ask(days, COUNT(days), 5, 100 * CENT, -1);
  assert_int_equal(week.p10_nanousd, 100 * CENT);
  assert_int_equal(week.p90_nanousd, 100 * CENT);
  const struct forecast next = ask(days, COUNT(days), 6, 100 * CENT, -1);
  assert_true(next.p10_nanousd > 130 * CENT && next.p90_nanousd < 300 * CENT);
}

static void the_same_days_give_the_same_answer(void **state) {
  (void)state;
  int64_t days[56];
  struct rng rng = {5};
  for (size_t i = 0; i < COUNT(days); i++)
    days[i] = rng_below(&rng, 100 * CENT);
  const struct forecast a = ask(days, COUNT(days), 20, 7 * CENT, 900 * CENT);
  const struct forecast b = ask(days, COUNT(days), 20, 7 * CENT, 900 * CENT);
  assert_memory_equal(&a, &b, sizeof a);
  /* What is spent moves the range and does not change its width. */
  const struct forecast c = ask(days, COUNT(days), 20, 9 * CENT, 900 * CENT);
  assert_int_equal(c.p10_nanousd - a.p10_nanousd, 2 * CENT);
  assert_int_equal(c.p90_nanousd - a.p90_nanousd, 2 * CENT);
}

static void a_limit_is_reached_when_the_middle_reaches_it(void **state) {
  (void)state;
  int64_t days[56];
  for (size_t i = 0; i < COUNT(days); i++)
    days[i] = 10 * CENT;
  /* Ten cents a day: a hundred cents go in ten days from now, the next months' level in doubt. */
  const struct forecast f = ask(days, COUNT(days), 30, 0, 100 * CENT);
  assert_in_range(f.exhausted_days, 9, 10);
  assert_in_range(f.exhausted_permille, 0, 1000);
  assert_int_equal(ask(days, COUNT(days), 5, 0, 100 * CENT).exhausted_days, -1);
  assert_int_equal(ask(days, COUNT(days), 5, 0, -1).exhausted_days, -1);
  /* Used up is used up, whatever is known. */
  const struct forecast now = ask(days, 2, 5, 100 * CENT, 100 * CENT);
  assert_int_equal(now.exhausted_days, 0);
  assert_int_equal(now.exhausted_permille, 0);
  assert_int_equal(ask(days, 2, 5, 0, 0).exhausted_days, 0);
}

static void sums_beyond_all_money_do_not_overflow(void **state) {
  (void)state;
  int64_t days[56];
  for (size_t i = 0; i < COUNT(days); i++)
    days[i] = INT64_MAX / 2;
  const struct forecast f = ask(days, COUNT(days), 300, INT64_MAX / 2, INT64_MAX - 1);
  assert_int_equal(f.p90_nanousd, INT64_MAX);
  assert_true(f.exhausted_days >= 0);
  /* Corrections can make a day negative. */
  days[7] = -5 * CENT;
  days[50] = INT64_MIN;
  assert_true(ask(days, COUNT(days), 3, 0, -1).p10_nanousd >= 0);
}

/* ---- fed from a ledger ---- */

static int set_up(void **state) {
  static struct books books;
  books_open(&books, "2026-09-01T10:00:00Z");
  *state = &books;
  return 0;
}

static int tear_down(void **state) {
  books_close(*state);
  return 0;
}

/* So many cents on each day from 1 September on, until the clock stands at noon of the day after the last. */
static void spend_days(struct books *books, const char *agent, int days, int64_t cents) {
  for (int i = 0; i < days; i++) {
    char key[32];
    const int64_t run = books_run(books, agent, "/w");
    (void)snprintf(key, sizeof key, "%s/%lld", agent, (long long)run);
    const struct request r = books_request(books, run, key, cents * CENT);
    (void)books_book(books, &r);
    books_end(books, run, RUN_COMPLETED);
    fake_clock_advance(&books->clock, 86400000);
  }
}

static void a_budget_says_when_it_will_be_used_up(void **state) {
  struct books *books = *state;
  const int64_t all = gate_budget(books->ledger, "global", 600);
  const int64_t mine = gate_budget(books->ledger, "agent:reviewer", 100000);
  const int64_t other = gate_budget(books->ledger, "agent:writer", 500);
  struct outlook o;
  spend_days(books, "reviewer", 40, 20);
  /* 11 October, 10:00: 200 cents of this month are spent, and 20 a day until the 31st. */
  struct policy_state s = gate_state(books->ledger, all);
  assert_int_equal(s.spent_nanousd, 200 * CENT);
  assert_ok(outlook_of_budget(books->ledger, &s, &o, &books->error), &books->error);
  assert_int_equal(o.forecast.method, FORECAST_WEEKDAYS_KNOWN);
  assert_int_equal(o.forecast.days_active, 40);
  assert_in_range(o.forecast.p50_nanousd, 580 * CENT, 650 * CENT);
  assert_true(o.forecast.p10_nanousd < o.forecast.p50_nanousd);
  assert_true(o.forecast.p50_nanousd < o.forecast.p90_nanousd);
  assert_true(o.exhausted_ms > instant_ms("2026-10-29T00:00:00Z"));
  assert_true(o.exhausted_ms < s.period.end_ms);

  s = gate_state(books->ledger, mine);
  assert_ok(outlook_of_budget(books->ledger, &s, &o, &books->error), &books->error);
  assert_int_equal(o.exhausted_ms, 0);
  assert_true(o.forecast.p50_nanousd > 0);

  s = gate_state(books->ledger, other);
  assert_ok(outlook_of_budget(books->ledger, &s, &o, &books->error), &books->error);
  assert_int_equal(o.forecast.method, FORECAST_NONE);
  assert_int_equal(o.exhausted_ms, 0);
}

static void a_month_is_asked_about_by_agent_and_kind_of_bill(void **state) {
  struct books *books = *state;
  struct outlook o;
  spend_days(books, "reviewer", 35, 20);
  struct report_query query = {.agent = "reviewer", .billing = "metered"};
  assert_ok(outlook_of_month(books->ledger, &query, 0, &o, &books->error), &books->error);
  assert_int_equal(o.spent_nanousd, 5 * 20 * CENT);
  assert_int_equal(o.period.end_ms, instant_ms("2026-11-01T00:00:00Z"));
  assert_true(o.forecast.p50_nanousd > o.spent_nanousd);
  query.billing = "subscription";
  assert_ok(outlook_of_month(books->ledger, &query, 0, &o, &books->error), &books->error);
  assert_int_equal(o.spent_nanousd, 0);
  assert_int_equal(o.forecast.method, FORECAST_NONE);
  /* As of the end of a day of the month before, nothing later is known. */
  query = (struct report_query){.agent = NULL};
  assert_ok(outlook_of_month(books->ledger, &query, instant_ms("2026-09-11T00:00:00Z"), &o,
                             &books->error),
            &books->error);
  assert_int_equal(o.spent_nanousd, 11 * 20 * CENT);
  assert_int_equal(o.forecast.method, FORECAST_DAILY);
  assert_int_equal(o.period.end_ms, instant_ms("2026-10-01T00:00:00Z"));
}

/* ---- alarms on the forecast ---- */

static int64_t ringing_budget(struct books *books, const char *scope, int64_t cents) {
  struct policy policy = gate_policy(scope, cents);
  policy.forecast = true;
  return gate_set(books->ledger, &policy);
}

struct rung {
  struct crossing items[8];
  size_t count;
};

static int take_crossing(void *data, const struct crossing *crossing) {
  struct rung *rung = data;
  assert_true(rung->count < COUNT(rung->items));
  rung->items[rung->count++] = *crossing;
  return 0;
}

/* What rang on the forecast after the last one that is known. */
static struct rung look(struct books *books, int64_t after) {
  struct rung rung = {.count = 0};
  struct error *e = &books->error;
  assert_ok(budget_check_pace(books->ledger, e), e);
  assert_ok(budget_crossing_each(books->ledger, after, take_crossing, &rung, e), e);
  return rung;
}

static void a_budget_rings_once_when_at_this_pace_its_limit_is_reached(void **state) {
  struct books *books = *state;
  struct error *e = &books->error;
  const int64_t all = ringing_budget(books, "global", 450);
  (void)ringing_budget(books, "agent:reviewer", 5000);
  (void)gate_budget(books->ledger, "workspace:/w", 460); /* doesn't want it */
  spend_days(books, "reviewer", 2, 20);
  assert_int_equal(look(books, 0).count, 0); /* two days tell nothing */
  spend_days(books, "reviewer", 8, 20);
  /* 11 September: 200 cents in ten days, and 450 are gone about the 23rd. */
  const struct rung rung = look(books, 0);
  assert_int_equal(rung.count, 1);
  const struct crossing *c = &rung.items[0];
  assert_int_equal(c->policy_id, all);
  assert_int_equal(c->threshold, 0);
  assert_int_equal(c->spend_nanousd, 200 * CENT);
  assert_int_equal(c->limit_nanousd, 450 * CENT);
  assert_int_equal(c->run_id, 0);
  assert_true(c->exhausted_ms > instant_ms("2026-09-20T00:00:00Z"));
  assert_true(c->exhausted_ms < instant_ms("2026-09-27T00:00:00Z"));
  /* It blocks nobody, and is told once, however often it is looked at. */
  assert_true(gate_ask(books->ledger, 10, 10).admitted);
  spend_days(books, "reviewer", 1, 20);
  assert_int_equal(look(books, c->id).count, 0);
  bool mine = false;
  assert_ok(budget_crossing_claim(books->ledger, c->id, &mine, e), e);
  assert_true(mine);
  assert_ok(budget_crossing_claim(books->ledger, c->id, &mine, e), e);
  assert_false(mine);
}

static void another_limit_and_another_period_ring_again(void **state) {
  struct books *books = *state;
  struct error *e = &books->error;
  const int64_t id = ringing_budget(books, "global", 450);
  spend_days(books, "reviewer", 10, 20);
  struct rung rung = look(books, 0);
  assert_int_equal(rung.count, 1);
  int64_t last = rung.items[0].id;
  /* Raised, but not by enough. */
  assert_ok(budget_policy_raise(books->ledger, id, 50 * CENT, NULL, e), e);
  rung = look(books, last);
  assert_int_equal(rung.count, 1);
  assert_int_equal(rung.items[0].limit_nanousd, 500 * CENT);
  last = rung.items[0].id;
  /* By enough. */
  assert_ok(budget_policy_raise(books->ledger, id, 4500 * CENT, NULL, e), e);
  assert_int_equal(look(books, last).count, 0);
  /* October: the limit is 450 again, and September's pace is known. */
  spend_days(books, "reviewer", 20, 20);
  rung = look(books, last);
  assert_int_equal(rung.count, 1);
  assert_int_equal(rung.items[0].period.start_ms, instant_ms("2026-10-01T00:00:00Z"));
  spend_days(books, "reviewer", 1, 20);
  assert_int_equal(look(books, rung.items[0].id).count, 0);
}

static void what_is_used_up_rings_by_its_thresholds_alone(void **state) {
  struct books *books = *state;
  struct rung rung = {.count = 0};
  (void)ringing_budget(books, "global", 100);
  spend_days(books, "reviewer", 6, 20);
  assert_ok(budget_check_pace(books->ledger, &books->error), &books->error);
  assert_ok(budget_crossing_each(books->ledger, 0, take_crossing, &rung, &books->error),
            &books->error);
  for (size_t i = 0; i < rung.count; i++)
    assert_int_equal(rung.items[i].exhausted_ms, 0);
}

static void whether_it_rings_is_kept_with_the_budget(void **state) {
  struct books *books = *state;
  struct policy policy = gate_policy("global", 450);
  const int64_t id = gate_set(books->ledger, &policy);
  assert_false(gate_state(books->ledger, id).policy.forecast);
  policy.forecast = true;
  assert_int_equal(gate_set(books->ledger, &policy), id);
  books_reopen(books);
  const struct policy_state kept = gate_state(books->ledger, id);
  assert_true(kept.policy.forecast);
  assert_int_equal(kept.policy.version, 1);
}

/* ---- whether they kept their word ---- */

static void past_forecasts_are_held_against_how_the_months_ended(void **state) {
  struct books *books = *state;
  struct coverage c;
  const struct report_query all = {.agent = NULL};
  const struct report_query nobody = {.agent = "nobody"};
  assert_ok(coverage_of_months(books->ledger, &all, &c, &books->error), &books->error);
  assert_int_equal(c.months, 0);
  spend_days(books, "reviewer", 45, 1);
  spend_days(books, "reviewer", 16, 300); /* from 16 October on, as nobody could know */
  assert_ok(coverage_of_months(books->ledger, &all, &c, &books->error), &books->error);
  /* 1 November: September went as it was, October did not. */
  assert_int_equal(c.months, 2);
  assert_int_equal(c.covered, 1);
  assert_ok(coverage_of_months(books->ledger, &nobody, &c, &books->error), &books->error);
  assert_int_equal(c.months, 0);
  /* The running month is none of them, and the oldest make room. */
  fake_clock_set(&books->clock, "2027-09-30T10:00:00Z");
  assert_ok(coverage_of_months(books->ledger, &all, &c, &books->error), &books->error);
  assert_int_equal(c.months, 4); /* for some weeks it looked as if it went on */
  fake_clock_set(&books->clock, "2027-11-30T10:00:00Z");
  assert_ok(coverage_of_months(books->ledger, &all, &c, &books->error), &books->error);
  assert_int_equal(c.months, 2);
  fake_clock_set(&books->clock, "2028-02-29T10:00:00Z");
  assert_ok(coverage_of_months(books->ledger, &all, &c, &books->error), &books->error);
  assert_int_equal(c.months, 0);
}

static void what_was_found_holds_for_the_day_and_its_filters(void **state) {
  struct books *books = *state;
  struct coverage c;
  struct coverage_memo memo = {0};
  const struct report_query all = {.agent = NULL};
  const struct report_query reviewer = {.agent = "reviewer"};
  const struct report_query place = {.workspace = "reviewer"};
  spend_days(books, "reviewer", 61, 1);
  assert_ok(coverage_recall(&memo, books->ledger, &all, &c, &books->error), &books->error);
  assert_int_equal(c.months, 2);
  assert_int_equal(c.covered, 2);
  fake_clock_set(&books->clock, "2026-10-20T10:00:00Z");
  spend_days(books, "reviewer", 1, 10000);
  fake_clock_set(&books->clock, "2026-11-01T10:00:00Z");
  assert_ok(coverage_recall(&memo, books->ledger, &all, &c, &books->error), &books->error);
  assert_int_equal(c.covered, 2);
  assert_ok(coverage_recall(&memo, books->ledger, &reviewer, &c, &books->error), &books->error);
  assert_int_equal(c.covered, 1);
  assert_ok(coverage_recall(&memo, books->ledger, &place, &c, &books->error), &books->error);
  assert_int_equal(c.months, 0);
  fake_clock_set(&books->clock, "2026-11-02T10:00:00Z");
  assert_ok(coverage_recall(&memo, books->ledger, &all, &c, &books->error), &books->error);
  assert_int_equal(c.covered, 1);
}

#define ON_BOOKS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(four_of_five_months_end_within_the_range),
      cmocka_unit_test(nothing_is_said_below_three_active_days),
      cmocka_unit_test(what_is_long_ago_counts_for_nothing),
      cmocka_unit_test(a_short_past_knows_no_weekdays),
      cmocka_unit_test(weekdays_are_told_apart),
      cmocka_unit_test(the_same_days_give_the_same_answer),
      cmocka_unit_test(a_limit_is_reached_when_the_middle_reaches_it),
      cmocka_unit_test(sums_beyond_all_money_do_not_overflow),
      ON_BOOKS(a_budget_says_when_it_will_be_used_up),
      ON_BOOKS(a_month_is_asked_about_by_agent_and_kind_of_bill),
      ON_BOOKS(a_budget_rings_once_when_at_this_pace_its_limit_is_reached),
      ON_BOOKS(another_limit_and_another_period_ring_again),
      ON_BOOKS(what_is_used_up_rings_by_its_thresholds_alone),
      ON_BOOKS(whether_it_rings_is_kept_with_the_budget),
      ON_BOOKS(past_forecasts_are_held_against_how_the_months_ended),
      ON_BOOKS(what_was_found_holds_for_the_day_and_its_filters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_budget_threshold.c - BudgetThresholdCrossed: once each, the highest only, armed again by a new period or limit (rule 30). */
#include "support/gate.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int set_up(void **state) {
  static struct books books;
  books_open(&books, "2026-11-24T12:00:00Z");
  *state = &books;
  return 0;
}

static int tear_down(void **state) {
  books_close(*state);
  return 0;
}

enum {
  CROSSINGS_MAX = 32
};

struct crossings {
  struct crossing items[CROSSINGS_MAX];
  size_t count;
};

static int collect(void *data, const struct crossing *crossing) {
  struct crossings *list = data;
  assert_true(list->count < COUNT(list->items));
  list->items[list->count++] = *crossing;
  return 0;
}

static struct crossings crossings_after(struct books *books, int64_t id) {
  struct crossings list = {.count = 0};
  assert_ok(budget_crossing_each(books->ledger, id, collect, &list, &books->error), &books->error);
  return list;
}

/* The thresholds announced so far, as text: "50 80". */
static const char *told(struct books *books) {
  static char text[128];
  const struct crossings list = crossings_after(books, 0);
  size_t len = 0;
  text[0] = '\0';
  for (size_t i = 0; i < list.count; i++)
    len += (size_t)snprintf(text + len, sizeof text - len, "%s%d", i > 0 ? " " : "",
                            (int)list.items[i].threshold);
  return text;
}

static int64_t start(struct books *books) {
  const struct run_spec spec = {.agent = "reviewer", .workspace = "/w"};
  const struct admission_request request = {
      .spec = &spec, .estimate_nanousd = CENT, .fallback_nanousd = -1, .override_once = true};
  return gate_admit(books->ledger, &request).run_id;
}

static void rule_30_a_threshold_is_told_once(void **state) {
  struct books *books = *state;
  const int64_t policy = gate_budget(books->ledger, "agent:reviewer", 100);
  const int64_t run = start(books);
  (void)gate_spend(books, run, 49 * CENT, 0);
  assert_string_equal(told(books), "");
  (void)gate_spend(books, run, 1 * CENT - 1, 0);
  assert_string_equal(told(books), "");
  (void)gate_spend(books, run, 1, 0);
  assert_string_equal(told(books), "50");
  for (int i = 0; i < 5; i++)
    (void)gate_spend(books, run, CENT, 0);
  assert_string_equal(told(books), "50");
  (void)gate_spend(books, run, 25 * CENT, 0);
  assert_string_equal(told(books), "50 80");

  const struct crossings list = crossings_after(books, 0);
  const struct crossing *c = &list.items[1];
  assert_int_equal(c->policy_id, policy);
  assert_int_equal(c->scope, SCOPE_AGENT);
  assert_string_equal(c->scope_key, "reviewer");
  assert_int_equal(c->spend_nanousd, 80 * CENT);
  assert_int_equal(c->limit_nanousd, 100 * CENT);
  assert_int_equal(c->period.start_ms, instant_ms("2026-11-01"));
  assert_int_equal(c->period.end_ms, instant_ms("2026-12-01"));
  assert_int_equal(c->run_id, run);
  assert_int_equal(c->at_ms, books->clock.now_ms);
  assert_int_equal(crossings_after(books, list.items[0].id).count, 1);
}

static void rule_30_of_several_at_once_the_highest_is_told(void **state) {
  struct books *books = *state;
  (void)gate_budget(books->ledger, "agent:reviewer", 100);
  const int64_t run = start(books);
  (void)gate_spend(books, run, 250 * CENT, 0);
  assert_string_equal(told(books), "100");
  (void)gate_spend(books, run, CENT, 0);
  assert_string_equal(told(books), "100");
}

static void rule_30_a_new_period_arms_them_again(void **state) {
  struct books *books = *state;
  (void)gate_budget(books->ledger, "agent:reviewer", 100);
  const int64_t run = start(books);
  (void)gate_spend(books, run, 60 * CENT, 0);
  fake_clock_set(&books->clock, "2026-12-01T00:00:00Z");
  (void)gate_spend(books, run, CENT, 0);
  assert_string_equal(told(books), "50");
  (void)gate_spend(books, run, 59 * CENT, 0);
  assert_string_equal(told(books), "50 50");
}

static void rule_30_a_raised_limit_arms_what_is_no_longer_passed(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "agent:reviewer", 100);
  const int64_t run = start(books);
  (void)gate_spend(books, run, 100 * CENT, 0);
  assert_string_equal(told(books), "100");
  /* 200 cents: 50 % is passed still, and was told; 80 and 100 are ahead again. */
  assert_ok(budget_policy_raise(books->ledger, id, 100 * CENT, "user", &books->error),
            &books->error);
  (void)gate_spend(books, run, CENT, 0);
  assert_string_equal(told(books), "100");
  (void)gate_spend(books, run, 59 * CENT, 0);
  assert_string_equal(told(books), "100 80");
  (void)gate_spend(books, run, 40 * CENT, 0);
  assert_string_equal(told(books), "100 80 100");
  /* For good as well. */
  (void)gate_budget(books->ledger, "agent:reviewer", 300);
  (void)gate_spend(books, run, 200 * CENT, 0);
  assert_string_equal(told(books), "100 80 100 100");
}

static void a_lowered_limit_tells_what_it_makes_of_the_spend(void **state) {
  struct books *books = *state;
  (void)gate_budget(books->ledger, "agent:reviewer", 1000);
  const int64_t run = start(books);
  (void)gate_spend(books, run, 90 * CENT, 0);
  assert_string_equal(told(books), "");
  (void)gate_budget(books->ledger, "agent:reviewer", 100);
  assert_ok(ledger_begin(books->ledger, &books->error), &books->error);
  assert_ok(budget_check_thresholds(books->ledger, 0, &books->error), &books->error);
  assert_ok(ledger_commit(books->ledger, &books->error), &books->error);
  assert_string_equal(told(books), "80");
}

static void every_policy_has_its_own_alarms(void **state) {
  struct books *books = *state;
  struct policy p = gate_policy("global", 1000);
  p.thresholds[0] = 1;
  p.threshold_count = 1;
  (void)gate_set(books->ledger, &p);
  (void)gate_budget(books->ledger, "agent:reviewer", 100);
  (void)gate_budget(books->ledger, "agent:writer", 1);
  p = gate_policy("workspace:/w", 10);
  p.threshold_count = 0;
  (void)gate_set(books->ledger, &p);
  (void)gate_budget(books->ledger, "workspace:/v", -1);
  const int64_t run = start(books);
  (void)gate_spend(books, run, 50 * CENT, 0);
  const struct crossings list = crossings_after(books, 0);
  assert_int_equal(list.count, 2);
  assert_int_equal(list.items[0].threshold + list.items[1].threshold, 51);
}

static void a_limit_of_zero_has_no_thresholds(void **state) {
  struct books *books = *state;
  (void)gate_budget(books->ledger, "agent:reviewer", 0);
  (void)gate_spend(books, start(books), 50 * CENT, 0);
  assert_string_equal(told(books), "");
}

static void thresholds_above_100_percent_are_told_too(void **state) {
  struct books *books = *state;
  struct policy p = gate_policy("agent:reviewer", 100);
  p.at_limit = AT_LIMIT_WARN;
  p.thresholds[0] = 100;
  p.thresholds[1] = 150;
  p.threshold_count = 2;
  (void)gate_set(books->ledger, &p);
  const int64_t run = start(books);
  (void)gate_spend(books, run, 120 * CENT, 0);
  (void)gate_spend(books, run, 30 * CENT, 0);
  assert_string_equal(told(books), "100 150");
}

/* Any amounts in any order: each threshold at most once per period and version, all that were passed are latched, and what was told
 * last is the highest. */
static void rule_30_each_threshold_fires_once_per_period_and_limit_version(void **state) {
  (void)state;
  const int seeds = property_seeds(10);
  for (int seed = 1; seed <= seeds; seed++) {
    struct rng rng = {(uint64_t)seed};
    struct books books;
    books_open(&books, "2026-11-24T12:00:00Z");
    struct policy p = gate_policy("agent:reviewer", rng_between(&rng, 50, 200));
    p.period = PERIOD_DAY;
    const int64_t id = gate_set(books.ledger, &p);
    const int64_t run = start(&books);
    int64_t versions[CROSSINGS_MAX];
    size_t seen = 0;
    for (int n = 0; n < 60; n++) {
      if (rng_chance(&rng, 8))
        assert_ok(budget_policy_raise(books.ledger, id, rng_between(&rng, 1, 80) * CENT, "u",
                                      &books.error),
                  &books.error);
      if (rng_chance(&rng, 8)) {
        p.limit_nanousd = rng_between(&rng, 20, 300) * CENT;
        (void)gate_set(books.ledger, &p);
      }
      if (rng_chance(&rng, 6))
        fake_clock_advance(&books.clock, 86400000);
      (void)gate_spend(&books, run, rng_below(&rng, 25 * CENT), 0);

      const struct policy_state s = gate_state(books.ledger, id);
      const struct crossings list = crossings_after(&books, 0);
      assert_true(list.count <= COUNT(list.items));
      for (; seen < list.count; seen++)
        versions[seen] = s.policy.version;
      for (size_t i = 0; i < list.count; i++) {
        for (size_t j = 0; j < i; j++) {
          const struct crossing *a = &list.items[i];
          const struct crossing *b = &list.items[j];
          /* A limit may be what it once was, and is another version all the same. */
          if (a->period.start_ms == b->period.start_ms && a->threshold == b->threshold)
            assert_true(versions[i] != versions[j] || a->limit_nanousd != b->limit_nanousd);
        }
      }
      /* Nothing that the spend means is left untold: asking again adds nothing. */
      assert_ok(ledger_begin(books.ledger, &books.error), &books.error);
      assert_ok(budget_check_thresholds(books.ledger, 0, &books.error), &books.error);
      assert_ok(ledger_commit(books.ledger, &books.error), &books.error);
      assert_int_equal(crossings_after(&books, 0).count, list.count);
      if (s.spent_nanousd >= s.limit_nanousd && list.count > 0)
        assert_true(list.items[list.count - 1].threshold == 100 ||
                    list.items[list.count - 1].period.start_ms <= s.period.start_ms);
    }
    books_close(&books);
  }
}

/* Eight processes hear of the same crossing; one of them rings. */
static void rule_30_exactly_one_process_claims_a_crossing(void **state) {
  struct books *books = *state;
  (void)gate_budget(books->ledger, "agent:reviewer", 100);
  (void)gate_spend(books, start(books), 60 * CENT, 0);
  const int64_t id = crossings_after(books, 0).items[0].id;
  const char *path = ledger_path(books->ledger);
  pid_t children[8];
  for (size_t i = 0; i < COUNT(children); i++) {
    children[i] = fork();
    assert_true(children[i] >= 0);
    if (children[i] == 0) {
      struct ledger *mine = NULL;
      const struct ledger_options options = {.path = path};
      bool claimed = false;
      bool again = false;
      if (ledger_open(&mine, &options, NULL) != PURSER_OK ||
          budget_crossing_claim(mine, id, &claimed, NULL) != PURSER_OK ||
          budget_crossing_claim(mine, id, &again, NULL) != PURSER_OK || again)
        _exit(9);
      ledger_close(mine);
      _exit(claimed ? 1 : 0);
    }
  }
  int claims = 0;
  for (size_t i = 0; i < COUNT(children); i++) {
    int status = 0;
    assert_int_equal(waitpid(children[i], &status, 0), children[i]);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
    claims += WEXITSTATUS(status);
  }
  assert_int_equal(claims, 1);
  bool mine = true;
  assert_ok(budget_crossing_claim(books->ledger, 4711, &mine, &books->error), &books->error);
  assert_false(mine);
}

#define ON_BOOKS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      ON_BOOKS(rule_30_a_threshold_is_told_once),
      ON_BOOKS(rule_30_of_several_at_once_the_highest_is_told),
      ON_BOOKS(rule_30_a_new_period_arms_them_again),
      ON_BOOKS(rule_30_a_raised_limit_arms_what_is_no_longer_passed),
      ON_BOOKS(a_lowered_limit_tells_what_it_makes_of_the_spend),
      ON_BOOKS(every_policy_has_its_own_alarms),
      ON_BOOKS(a_limit_of_zero_has_no_thresholds),
      ON_BOOKS(thresholds_above_100_percent_are_told_too),
      cmocka_unit_test(rule_30_each_threshold_fires_once_per_period_and_limit_version),
      ON_BOOKS(rule_30_exactly_one_process_claims_a_crossing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_budget_gate.c - who may start, with how much set aside, and what a refusal says (rules 17, 24, 26, 28, 29). */
#include "support/gate.h"

#include <stdio.h>
#include <string.h>

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

/* ---- every combination ---- */

enum level {
  NO_LIMIT,
  ZERO,
  BELOW,   /* spend and estimate together stay below the limit */
  EXACTLY, /* they reach it */
  ABOVE,   /* they exceed it */
  LEVELS
};

enum pricing {
  FREE,
  KNOWN,
  UNKNOWN,
  FALLBACK,
  PRICINGS
};

/* 40 cents are spent, the run is estimated at 10, its input alone at 10. */
static int64_t limit_of(enum level level) {
  static const int64_t cents[LEVELS] = {-1, 0, 60, 50, 49};
  return cents[level];
}

static void rule_28_every_scope_with_every_limit_and_every_price(void **state) {
  struct books *books = *state;
  const struct request earlier =
      books_request(books, books_run(books, "reviewer", "/w"), "k", 40 * CENT);
  (void)books_book(books, &earlier);
  for (int code = 0; code < LEVELS * LEVELS * LEVELS * PRICINGS; code++) {
    const enum level levels[3] = {(enum level)(code % LEVELS), (enum level)(code / LEVELS % LEVELS),
                                  (enum level)(code / LEVELS / LEVELS % LEVELS)};
    const enum pricing pricing = (enum pricing)(code / LEVELS / LEVELS / LEVELS);
    static const char *const scopes[3] = {"agent:reviewer", "workspace:/w", "global"};
    for (size_t i = 0; i < 3; i++)
      (void)gate_budget(books->ledger, scopes[i], limit_of(levels[i]));

    const struct run_spec spec = {.agent = "reviewer", .workspace = "/w", .source = "claude"};
    const bool priced = pricing == KNOWN;
    const struct admission_request request = {
        .spec = &spec,
        .estimate_nanousd = priced ? 10 * CENT : -1,
        .minimum_nanousd = priced || pricing == FALLBACK ? 10 * CENT : 0,
        .fallback_nanousd = pricing == FALLBACK ? 10 * CENT : -1,
        .known_free = pricing == FREE,
    };
    const struct admission a = gate_admit(books->ledger, &request);

    bool any_limit = false;
    bool all_fit = true;
    bool any_zero = false;
    for (size_t i = 0; i < 3; i++) {
      any_limit = any_limit || levels[i] != NO_LIMIT;
      any_zero = any_zero || levels[i] == ZERO;
      all_fit = all_fit && levels[i] != ZERO && levels[i] != ABOVE;
    }
    enum refusal expected = REFUSAL_NONE;
    if (pricing == UNKNOWN && any_limit)
      expected = REFUSAL_UNPRICED;
    if ((pricing == KNOWN || pricing == FALLBACK) && !all_fit)
      expected = any_zero ? REFUSAL_NEVER : REFUSAL_EXHAUSTED;
    if (a.refusal != expected || a.admitted != (expected == REFUSAL_NONE))
      fail_msg("limits %d %d %d, price %d: refusal %d, not %d", levels[0], levels[1], levels[2],
               pricing, a.refusal, expected);
    assert_int_equal(a.admitted, a.run_id != 0);
    assert_int_equal(a.admitted, a.message[0] == '\0');
    assert_int_equal(a.has_policy, any_limit);
    const bool holds = a.admitted && (pricing == KNOWN || pricing == FALLBACK);
    assert_int_equal(a.hold_nanousd, holds ? 10 * CENT : 0);
    if (a.admitted)
      gate_finish(books, a.run_id);
  }
}

/* ---- the hold ---- */

static void rule_24_what_is_held_counts(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "agent:reviewer", 100);
  const struct admission first = gate_ask(books->ledger, 60, 60);
  assert_true(first.admitted);
  assert_int_equal(gate_state(books->ledger, id).held_nanousd, 60 * CENT);
  const struct admission second = gate_ask(books->ledger, 60, 60);
  assert_false(second.admitted);
  assert_int_equal(second.refusal, REFUSAL_WAIT);
  assert_non_null(strstr(second.message, "in flight"));
  assert_true(gate_ask(books->ledger, 40, 40).admitted);
  assert_int_equal(gate_state(books->ledger, id).held_nanousd, 100 * CENT);
  gate_finish(books, first.run_id);
  assert_int_equal(gate_state(books->ledger, id).held_nanousd, 40 * CENT);
  assert_true(gate_ask(books->ledger, 60, 60).admitted);
}

static void rule_26_a_pessimistic_estimate_is_shrunk_to_what_is_left(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "global", 100);
  const struct admission a = gate_ask(books->ledger, 250, 20);
  assert_true(a.admitted);
  assert_int_equal(a.hold_nanousd, 100 * CENT);
  assert_int_equal(gate_state(books->ledger, id).held_nanousd, 100 * CENT);
  /* Nothing is left: the next one waits. */
  assert_int_equal(gate_ask(books->ledger, 1, 1).refusal, REFUSAL_WAIT);
  assert_int_equal(gate_ask(books->ledger, 1, 0).refusal, REFUSAL_WAIT);
}

static void rule_26_wait_exhausted_and_never_are_told_apart(void **state) {
  struct books *books = *state;
  (void)gate_budget(books->ledger, "agent:reviewer", 100);
  const struct request earlier =
      books_request(books, books_run(books, "reviewer", "/w"), "k", 50 * CENT);
  (void)books_book(books, &earlier);
  const struct admission never = gate_ask(books->ledger, 150, 101);
  assert_int_equal(never.refusal, REFUSAL_NEVER);
  assert_non_null(strstr(never.message, "more than all of"));
  const struct admission exhausted = gate_ask(books->ledger, 150, 51);
  assert_int_equal(exhausted.refusal, REFUSAL_EXHAUSTED);
  assert_non_null(strstr(exhausted.message, "2026-12-01"));
  assert_true(gate_ask(books->ledger, 30, 30).admitted);
  const struct admission wait = gate_ask(books->ledger, 150, 50);
  assert_int_equal(wait.refusal, REFUSAL_WAIT);
  assert_int_equal(wait.policy.spent_nanousd, 50 * CENT);
  assert_int_equal(wait.policy.held_nanousd, 30 * CENT);
  assert_int_equal(wait.policy.limit_nanousd, 100 * CENT);
  assert_int_equal(wait.policy.period.end_ms, instant_ms("2026-12-01"));
}

static void at_100_percent_a_dispatch_is_refused_until_the_next_period(void **state) {
  struct books *books = *state;
  (void)gate_budget(books->ledger, "agent:reviewer", 100);
  const struct admission a = gate_ask(books->ledger, 100, 100);
  assert_true(a.admitted);
  (void)gate_spend(books, a.run_id, 100 * CENT, 0);
  gate_finish(books, a.run_id);
  /* Not even one that claims to cost nothing: only what is known to be free passes. */
  assert_int_equal(gate_ask(books->ledger, 0, 0).refusal, REFUSAL_EXHAUSTED);
  fake_clock_set(&books->clock, "2026-11-30T23:59:59.999Z");
  assert_int_equal(gate_ask(books->ledger, 1, 1).refusal, REFUSAL_EXHAUSTED);
  fake_clock_set(&books->clock, "2026-12-01T00:00:00Z");
  assert_true(gate_ask(books->ledger, 100, 100).admitted);
}

static void one_run_at_a_time_may_start_without_its_first_request_covered(void **state) {
  struct books *books = *state;
  (void)gate_budget(books->ledger, "global", 100);
  const struct admission whole = gate_ask(books->ledger, 40, 40);
  const struct admission shrunk = gate_ask(books->ledger, 80, 10);
  assert_true(shrunk.admitted);
  assert_int_equal(shrunk.hold_nanousd, 60 * CENT);
  gate_finish(books, whole.run_id);
  assert_int_equal(gate_ask(books->ledger, 80, 10).refusal, REFUSAL_WAIT);
  const struct admission fits = gate_ask(books->ledger, 40, 10);
  assert_true(fits.admitted);
  (void)gate_spend(books, shrunk.run_id, 5 * CENT, 70 * CENT);
  gate_finish(books, shrunk.run_id);

  /* With the price of a request known, a run is covered by less than its whole estimate. */
  const struct run_spec spec = {.agent = "reviewer", .workspace = "/w"};
  struct admission_request request = {.spec = &spec,
                                      .estimate_nanousd = 80 * CENT,
                                      .minimum_nanousd = 10 * CENT,
                                      .request_nanousd = 15 * CENT,
                                      .fallback_nanousd = -1};
  const struct admission covered = gate_admit(books->ledger, &request);
  assert_true(covered.admitted);
  assert_int_equal(covered.hold_nanousd, 55 * CENT);
}

/* ---- many policies ---- */

static void all_policies_that_apply_must_pass(void **state) {
  struct books *books = *state;
  (void)gate_budget(books->ledger, "agent:reviewer", 100);
  (void)gate_budget(books->ledger, "workspace:/w", 50);
  (void)gate_budget(books->ledger, "global", 200);
  (void)gate_budget(books->ledger, "agent:writer", 0);
  (void)gate_budget(books->ledger, "workspace:/other", 0);
  const struct admission a = gate_ask(books->ledger, 60, 60);
  assert_false(a.admitted);
  assert_int_equal(a.policy.policy.scope, SCOPE_WORKSPACE);
  assert_string_equal(a.policy.policy.scope_key, "/w");
  const struct admission b = gate_ask(books->ledger, 50, 50);
  assert_true(b.admitted);
  assert_int_equal(b.policy.policy.scope, SCOPE_WORKSPACE);
}

static void day_week_and_month_hold_side_by_side(void **state) {
  struct books *books = *state;
  struct policy day = gate_policy("global", 10);
  day.period = PERIOD_DAY;
  struct policy week = gate_policy("global", 15);
  week.period = PERIOD_WEEK;
  (void)gate_budget(books->ledger, "global", 100);
  (void)gate_set(books->ledger, &day);
  (void)gate_set(books->ledger, &week);
  const struct admission a = gate_ask(books->ledger, 10, 10);
  (void)gate_spend(books, a.run_id, 10 * CENT, 0);
  gate_finish(books, a.run_id);
  assert_int_equal(gate_ask(books->ledger, 1, 1).policy.policy.period, PERIOD_DAY);
  fake_clock_set(&books->clock, "2026-11-25T00:00:00Z");
  assert_int_equal(gate_ask(books->ledger, 6, 6).policy.policy.period, PERIOD_WEEK);
  assert_true(gate_ask(books->ledger, 5, 5).admitted);
}

static void a_block_outweighs_an_ask(void **state) {
  struct books *books = *state;
  struct policy ask = gate_policy("global", 1);
  ask.at_limit = AT_LIMIT_ASK;
  (void)gate_set(books->ledger, &ask);
  struct admission a = gate_ask(books->ledger, 10, 10);
  assert_false(a.admitted);
  assert_int_equal(a.at_limit, AT_LIMIT_ASK);
  (void)gate_budget(books->ledger, "agent:reviewer", 5);
  a = gate_ask(books->ledger, 10, 10);
  assert_int_equal(a.at_limit, AT_LIMIT_BLOCK);
  assert_int_equal(a.policy.policy.scope, SCOPE_AGENT);
}

static void a_warning_policy_lets_pass_and_says_so(void **state) {
  struct books *books = *state;
  struct policy warn = gate_policy("global", 5);
  warn.at_limit = AT_LIMIT_WARN;
  (void)gate_set(books->ledger, &warn);
  struct admission a = gate_ask(books->ledger, 5, 5);
  assert_true(a.admitted);
  assert_false(a.warned);
  a = gate_ask(books->ledger, 5, 5);
  assert_true(a.admitted);
  assert_true(a.warned);
  assert_non_null(strstr(a.message, "only warns"));
  const struct run_spec spec = {.agent = "reviewer", .workspace = "/w"};
  const struct admission_request unpriced = {
      .spec = &spec, .estimate_nanousd = -1, .fallback_nanousd = -1};
  assert_true(gate_admit(books->ledger, &unpriced).admitted);
}

/* ---- the user's word ---- */

struct seen {
  int count;
  char who[32], action[32], detail[64];
  int64_t run_id, amount;
};

static int see(void *data, const struct audit_row *row) {
  struct seen *seen = data;
  if (seen->count++ == 0) {
    (void)snprintf(seen->who, sizeof seen->who, "%s", row->who);
    (void)snprintf(seen->action, sizeof seen->action, "%s", row->action);
    (void)snprintf(seen->detail, sizeof seen->detail, "%s", row->detail);
    seen->run_id = row->run_id;
    seen->amount = row->amount_nanousd;
  }
  return 0;
}

static void run_once_anyway_is_admitted_and_logged(void **state) {
  struct books *books = *state;
  (void)gate_budget(books->ledger, "agent:reviewer", 0);
  const struct run_spec spec = {.agent = "reviewer", .workspace = "/w"};
  const struct admission_request request = {.spec = &spec,
                                            .estimate_nanousd = 7 * CENT,
                                            .minimum_nanousd = CENT,
                                            .fallback_nanousd = -1,
                                            .override_once = true,
                                            .who = "user at the prompt"};
  const struct admission a = gate_admit(books->ledger, &request);
  assert_true(a.admitted);
  struct seen seen = {0};
  assert_ok(budget_audit_each(books->ledger, 1, see, &seen, &books->error), &books->error);
  assert_string_equal(seen.who, "user at the prompt");
  assert_string_equal(seen.action, "override");
  assert_string_equal(seen.detail, "agent:reviewer");
  assert_int_equal(seen.run_id, a.run_id);
  assert_int_equal(seen.amount, 7 * CENT);
  /* It goes on to its end, and the next one is asked again. */
  assert_int_equal(gate_spend(books, a.run_id, 50 * CENT, CENT), VERDICT_CONTINUE);
  gate_finish(books, a.run_id);
  assert_false(gate_ask(books->ledger, 1, 1).admitted);
}

static void overriding_what_is_allowed_anyway_is_not_logged(void **state) {
  struct books *books = *state;
  const struct run_spec spec = {.agent = "reviewer", .workspace = "/w"};
  const struct admission_request request = {
      .spec = &spec, .estimate_nanousd = CENT, .fallback_nanousd = -1, .override_once = true};
  assert_true(gate_admit(books->ledger, &request).admitted);
  struct seen seen = {0};
  assert_ok(budget_audit_each(books->ledger, 0, see, &seen, &books->error), &books->error);
  assert_int_equal(seen.count, 0);
}

/* ---- billing ---- */

static void rule_21_subscription_is_enforced_only_if_told(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "global", 10);
  const struct run_spec spec = {
      .agent = "reviewer", .workspace = "/w", .billing = BILLING_SUBSCRIPTION};
  struct admission_request request = {.spec = &spec,
                                      .estimate_nanousd = 50 * CENT,
                                      .minimum_nanousd = 50 * CENT,
                                      .fallback_nanousd = -1};
  const struct admission a = gate_admit(books->ledger, &request);
  assert_true(a.admitted);
  assert_int_equal(a.hold_nanousd, 0);
  assert_int_equal(gate_spend(books, a.run_id, 50 * CENT, 50 * CENT), VERDICT_CONTINUE);
  gate_finish(books, a.run_id);
  assert_int_equal(gate_state(books->ledger, id).spent_nanousd, 0);

  request.enforce_subscription = true;
  assert_false(gate_admit(books->ledger, &request).admitted);
  request.enforce_subscription = false;
  assert_ok(budget_enforce_subscription(books->ledger, true, &books->error), &books->error);
  assert_int_equal(gate_state(books->ledger, id).spent_nanousd, 50 * CENT);
  assert_false(gate_admit(books->ledger, &request).admitted);
  books_reopen(books);
  assert_false(gate_admit(books->ledger, &request).admitted);
}

static void a_local_agent_passes_and_never_counts(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "global", 0);
  const struct run_spec spec = {.agent = "reviewer", .workspace = "/w", .billing = BILLING_LOCAL};
  const struct admission_request request = {
      .spec = &spec, .estimate_nanousd = -1, .fallback_nanousd = -1};
  const struct admission a = gate_admit(books->ledger, &request);
  assert_true(a.admitted);
  assert_int_equal(gate_spend(books, a.run_id, 9 * CENT, CENT), VERDICT_CONTINUE);
  assert_int_equal(gate_state(books->ledger, id).spent_nanousd, 0);
}

static void rule_5_uncertain_spend_is_not_enforced(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "global", 100);
  struct request r = books_request(books, books_run(books, "reviewer", "/w"), "k", 70 * CENT);
  r.flags = PURSER_FLAG_UNCERTAIN;
  (void)books_book(books, &r);
  assert_int_equal(gate_state(books->ledger, id).spent_nanousd, 0);
  /* A surer record of the same response makes it count. */
  r.flags = 0;
  r.usage.output++;
  (void)books_book(books, &r);
  assert_int_equal(gate_state(books->ledger, id).spent_nanousd, 70 * CENT);
}

/* ---- asking only ---- */

static void asking_only_changes_nothing(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "agent:reviewer", 100);
  const struct run_spec spec = {.agent = "reviewer", .workspace = "/never/seen"};
  const struct admission_request request = {.spec = &spec,
                                            .estimate_nanousd = 60 * CENT,
                                            .minimum_nanousd = 60 * CENT,
                                            .fallback_nanousd = -1,
                                            .dry = true};
  for (int i = 0; i < 3; i++) {
    const struct admission a = gate_admit(books->ledger, &request);
    assert_true(a.admitted);
    assert_int_equal(a.run_id, 0);
    assert_int_equal(a.hold_nanousd, 60 * CENT);
  }
  assert_int_equal(gate_state(books->ledger, id).held_nanousd, 0);
  assert_true(gate_ask(books->ledger, 60, 60).admitted);
  assert_int_equal(gate_admit(books->ledger, &request).refusal, REFUSAL_WAIT);
  /* The next period is told of before anything has opened it. */
  fake_clock_set(&books->clock, "2027-01-05T00:00:00Z");
  const struct admission later = gate_admit(books->ledger, &request);
  assert_int_equal(later.policy.period.start_ms, instant_ms("2027-01-01"));
  assert_int_equal(gate_state(books->ledger, id).period.start_ms, instant_ms("2027-01-01"));
}

static void the_gate_can_t_be_asked_inside_a_transaction(void **state) {
  struct books *books = *state;
  const struct run_spec spec = {.agent = "reviewer"};
  const struct admission_request request = {.spec = &spec};
  struct admission a;
  assert_ok(ledger_begin(books->ledger, &books->error), &books->error);
  assert_int_equal(budget_admit(books->ledger, &request, &a, &books->error), PURSER_EINVAL);
  assert_false(a.admitted);
  ledger_rollback(books->ledger);
}

/* ---- children ---- */

static void rule_29_a_child_draws_on_its_parent_s_hold(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "global", 100);
  const struct admission parent = gate_ask(books->ledger, 100, 100);
  assert_true(parent.admitted);
  assert_false(gate_ask(books->ledger, 40, 40).admitted);
  const struct run_spec spec = {.agent = "writer", .workspace = "/w", .parent_run = parent.run_id};
  const struct admission_request request = {.spec = &spec,
                                            .estimate_nanousd = 40 * CENT,
                                            .minimum_nanousd = 40 * CENT,
                                            .fallback_nanousd = -1};
  const struct admission child = gate_admit(books->ledger, &request);
  assert_true(child.admitted);
  assert_int_equal(child.hold_nanousd, 40 * CENT);
  /* Nothing more is held than before: it went from one to the other. */
  assert_int_equal(gate_state(books->ledger, id).held_nanousd, 100 * CENT);
  (void)gate_spend(books, child.run_id, 10 * CENT, 0);
  assert_int_equal(gate_state(books->ledger, id).held_nanousd, 90 * CENT);
  /* What it did not use goes back to the parent, not to everybody. */
  gate_finish(books, child.run_id);
  assert_int_equal(gate_state(books->ledger, id).held_nanousd, 90 * CENT);
  assert_false(gate_ask(books->ledger, 5, 5).admitted);
  gate_finish(books, parent.run_id);
  assert_int_equal(gate_state(books->ledger, id).held_nanousd, 0);
}

static void rule_29_a_child_s_own_agent_has_its_own_budget(void **state) {
  struct books *books = *state;
  (void)gate_budget(books->ledger, "global", 100);
  (void)gate_budget(books->ledger, "agent:writer", 30);
  const struct admission parent = gate_ask(books->ledger, 100, 100);
  const struct run_spec spec = {.agent = "writer", .workspace = "/w", .parent_run = parent.run_id};
  struct admission_request request = {.spec = &spec,
                                      .estimate_nanousd = 40 * CENT,
                                      .minimum_nanousd = 40 * CENT,
                                      .fallback_nanousd = -1};
  const struct admission refused = gate_admit(books->ledger, &request);
  assert_false(refused.admitted);
  assert_int_equal(refused.policy.policy.scope, SCOPE_AGENT);
  request.estimate_nanousd = request.minimum_nanousd = 30 * CENT;
  assert_true(gate_admit(books->ledger, &request).admitted);
}

#define ON_BOOKS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      ON_BOOKS(rule_28_every_scope_with_every_limit_and_every_price),
      ON_BOOKS(rule_24_what_is_held_counts),
      ON_BOOKS(rule_26_a_pessimistic_estimate_is_shrunk_to_what_is_left),
      ON_BOOKS(rule_26_wait_exhausted_and_never_are_told_apart),
      ON_BOOKS(at_100_percent_a_dispatch_is_refused_until_the_next_period),
      ON_BOOKS(one_run_at_a_time_may_start_without_its_first_request_covered),
      ON_BOOKS(all_policies_that_apply_must_pass),
      ON_BOOKS(day_week_and_month_hold_side_by_side),
      ON_BOOKS(a_block_outweighs_an_ask),
      ON_BOOKS(a_warning_policy_lets_pass_and_says_so),
      ON_BOOKS(run_once_anyway_is_admitted_and_logged),
      ON_BOOKS(overriding_what_is_allowed_anyway_is_not_logged),
      ON_BOOKS(rule_21_subscription_is_enforced_only_if_told),
      ON_BOOKS(a_local_agent_passes_and_never_counts),
      ON_BOOKS(rule_5_uncertain_spend_is_not_enforced),
      ON_BOOKS(asking_only_changes_nothing),
      ON_BOOKS(the_gate_can_t_be_asked_inside_a_transaction),
      ON_BOOKS(rule_29_a_child_draws_on_its_parent_s_hold),
      ON_BOOKS(rule_29_a_child_s_own_agent_has_its_own_budget),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

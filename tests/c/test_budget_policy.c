/* test_budget_policy.c - policies: what they look like, who wins, periods that open, clocks that are set (rules 22, 28). */
#include "support/gate.h"

#include <stdio.h>
#include <string.h>

#include "ledger/internal.h"

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

static void spend(struct books *books, const char *key, int64_t cents, const char *at) {
  const int64_t run = books_run(books, "reviewer", "/w");
  struct request r = books_request(books, run, key, cents * CENT);
  if (at != NULL)
    r.at_ms = instant_ms(at);
  (void)books_book(books, &r);
}

static int count(void *data, const struct policy_state *state) {
  (void)state;
  (*(int *)data)++;
  return 0;
}

static int policies(struct books *books) {
  int n = 0;
  assert_ok(budget_policy_each(books->ledger, count, &n, &books->error), &books->error);
  return n;
}

/* ---- scopes ---- */

static void scopes_are_read_and_written(void **state) {
  (void)state;
  static const char *const good[] = {"agent:reviewer", "workspace:/home/a b:c", "global"};
  static const char *const bad[] = {"",       "agent",    "agent:",   "workspace:", "globally",
                                    "Global", "reviewer", "agents:x", "/home"};
  for (size_t i = 0; i < COUNT(good); i++) {
    enum scope_kind kind;
    char key[64];
    struct buf text = BUF_INIT;
    assert_int_equal(scope_parse(good[i], &kind, key, sizeof key, NULL), PURSER_OK);
    scope_write(&text, kind, key);
    assert_string_equal(buf_text(&text), good[i]);
    buf_fini(&text);
  }
  for (size_t i = 0; i < COUNT(bad); i++) {
    enum scope_kind kind;
    char key[64];
    struct error error = {0};
    assert_int_equal(scope_parse(bad[i], &kind, key, sizeof key, &error), PURSER_EPARSE);
    assert_non_null(strstr(error.message, "agent:NAME"));
  }
  enum scope_kind kind;
  char small[4];
  assert_int_equal(scope_parse("agent:reviewer", &kind, small, sizeof small, NULL), PURSER_ERANGE);
}

static void impossible_policies_are_refused(void **state) {
  struct books *books = *state;
  struct policy p;
  int64_t id = 1;

#define REFUSED(status, change)                                                         \
  do {                                                                                  \
    p = gate_policy("agent:reviewer", 100);                                             \
    change;                                                                             \
    assert_int_equal(budget_policy_set(books->ledger, &p, &id, &books->error), status); \
    assert_int_equal(id, 0);                                                            \
    assert_true(books->error.message[0] != '\0');                                       \
  } while (0)

  REFUSED(PURSER_ERANGE, p.limit_nanousd = -1);
  REFUSED(PURSER_ERANGE, p.limit_nanousd = INT64_MAX);
  REFUSED(PURSER_EINVAL, p.thresholds[0] = 0);
  REFUSED(PURSER_EINVAL, p.thresholds[1] = 50);
  REFUSED(PURSER_EINVAL, p.thresholds[2] = 1001);
  REFUSED(PURSER_EINVAL, p.threshold_count = 9);
  REFUSED(PURSER_ENOTFOUND, (void)snprintf(p.zone, sizeof p.zone, "Europe/Nowhere"));
  REFUSED(PURSER_EINVAL, p.scope_key[0] = '\0');
  REFUSED(PURSER_EINVAL, p.scope = SCOPE_GLOBAL);
#undef REFUSED
  assert_int_equal(policies(books), 0);
}

/* ---- saving ---- */

static void saving_again_keeps_the_id_and_counts_the_limit_s_versions(void **state) {
  struct books *books = *state;
  struct policy p = gate_policy("agent:reviewer", 100);
  const int64_t id = gate_set(books->ledger, &p);
  assert_int_equal(gate_state(books->ledger, id).policy.version, 1);
  assert_int_equal(gate_set(books->ledger, &p), id);
  p.at_limit = AT_LIMIT_ASK;
  assert_int_equal(gate_set(books->ledger, &p), id);
  assert_int_equal(gate_state(books->ledger, id).policy.version, 1);
  assert_int_equal(gate_state(books->ledger, id).policy.at_limit, AT_LIMIT_ASK);
  p.limit_nanousd = 200 * CENT;
  assert_int_equal(gate_set(books->ledger, &p), id);
  assert_int_equal(gate_state(books->ledger, id).policy.version, 2);
  p.has_limit = false;
  assert_int_equal(gate_set(books->ledger, &p), id);
  assert_int_equal(gate_state(books->ledger, id).policy.version, 3);
  assert_false(gate_state(books->ledger, id).policy.has_limit);
  p.period = PERIOD_WEEK;
  assert_int_not_equal(gate_set(books->ledger, &p), id);
  assert_int_equal(policies(books), 2);
}

static void a_new_policy_counts_what_its_period_has_cost_already(void **state) {
  struct books *books = *state;
  spend(books, "k1", 10, "2026-10-31T23:59:59.999Z");
  spend(books, "k2", 20, "2026-11-01T00:00:00Z");
  spend(books, "k3", 40, "2026-11-24T11:00:00Z");
  /* Dated ahead, within the day that rule 23 allows. */
  fake_clock_set(&books->clock, "2026-11-30T12:00:00Z");
  spend(books, "k4", 80, "2026-12-01T01:00:00Z");
  const int64_t id = gate_budget(books->ledger, "workspace:/w", 100);
  assert_int_equal(gate_state(books->ledger, id).spent_nanousd, 60 * CENT);
  fake_clock_set(&books->clock, "2026-12-01T02:00:00Z");
  assert_int_equal(gate_state(books->ledger, id).spent_nanousd, 80 * CENT);
  (void)gate_ask(books->ledger, 1, 1);
  assert_int_equal(gate_state(books->ledger, id).spent_nanousd, 80 * CENT);
}

static void a_policy_in_another_zone_counts_by_that_zone_s_days(void **state) {
  struct books *books = *state;
  spend(books, "k1", 10, "2026-11-23T09:59:59.999Z");
  spend(books, "k2", 20, "2026-11-23T10:00:00Z");
  spend(books, "k3", 40, "2026-11-24T09:59:59.999Z");
  fake_clock_set(&books->clock, "2026-11-24T09:59:59.999Z");
  struct policy p = gate_policy("global", 100);
  p.period = PERIOD_DAY;
  (void)snprintf(p.zone, sizeof p.zone, "<-10>10");
  const int64_t id = gate_set(books->ledger, &p);
  assert_int_equal(gate_state(books->ledger, id).spent_nanousd, 60 * CENT);
  assert_int_equal(gate_state(books->ledger, id).period.end_ms, instant_ms("2026-11-24T10:00:00Z"));
}

static void what_the_user_saved_hides_what_was_configured(void **state) {
  struct books *books = *state;
  struct policy configured = gate_policy("agent:reviewer", 100);
  configured.origin = ORIGIN_CONFIG;
  assert_ok(budget_config_replace(books->ledger, &configured, 1, &books->error), &books->error);
  assert_false(gate_ask(books->ledger, 150, 150).admitted);
  const int64_t saved = gate_budget(books->ledger, "agent:reviewer", 200);
  assert_int_equal(policies(books), 1);
  const struct admission a = gate_ask(books->ledger, 150, 150);
  assert_true(a.admitted);
  (void)gate_spend(books, a.run_id, 90 * CENT, 0);
  gate_finish(books, a.run_id);

  /* Neovim starts again and declares the same: the user's word stays. */
  assert_ok(budget_config_replace(books->ledger, &configured, 1, &books->error), &books->error);
  assert_int_equal(policies(books), 1);
  assert_int_equal(gate_state(books->ledger, saved).policy.origin, ORIGIN_SAVED);

  /* Removed: what is configured holds again, and knows what was spent meanwhile. */
  assert_ok(budget_policy_remove(books->ledger, saved, &books->error), &books->error);
  assert_int_equal(policies(books), 1);
  assert_false(gate_ask(books->ledger, 20, 20).admitted);
  assert_true(gate_ask(books->ledger, 10, 10).admitted);
  assert_int_equal(budget_policy_remove(books->ledger, saved, &books->error), PURSER_ENOTFOUND);
}

static void off_is_no_limit_and_hides_the_configured_one_as_well(void **state) {
  struct books *books = *state;
  struct policy configured = gate_policy("agent:reviewer", 100);
  configured.origin = ORIGIN_CONFIG;
  assert_ok(budget_config_replace(books->ledger, &configured, 1, &books->error), &books->error);
  (void)gate_budget(books->ledger, "agent:reviewer", -1);
  assert_true(gate_ask(books->ledger, 100000, 100000).admitted);
}

static int last_of_audit(void *data, const struct audit_row *row) {
  (void)snprintf(data, 80, "%s %s %s %lld", row->who, row->action, row->detail,
                 (long long)row->amount_nanousd);
  return 1;
}

static void every_change_is_logged_with_who_asked(void **state) {
  struct books *books = *state;
  struct policy p = gate_policy("agent:reviewer", 500);
  char said[80];
  int64_t id = 0;
  assert_ok(budget_policy_set_by(books->ledger, &p, "cli", &id, &books->error), &books->error);
  (void)budget_audit_each(books->ledger, 1, last_of_audit, said, &books->error);
  assert_string_equal(said, "cli save agent:reviewer 5000000000");
  p.has_limit = false;
  assert_ok(budget_policy_set_by(books->ledger, &p, NULL, &id, &books->error), &books->error);
  (void)budget_audit_each(books->ledger, 1, last_of_audit, said, &books->error);
  assert_string_equal(said, "user save agent:reviewer -1");
  p.has_limit = true;
  (void)gate_set(books->ledger, &p);
  assert_ok(budget_policy_raise(books->ledger, id, CENT, "headless", &books->error), &books->error);
  (void)budget_audit_each(books->ledger, 1, last_of_audit, said, &books->error);
  assert_string_equal(said, "headless raise agent:reviewer 10000000");
  assert_ok(budget_policy_remove_by(books->ledger, id, "somebody", &books->error), &books->error);
  (void)budget_audit_each(books->ledger, 1, last_of_audit, said, &books->error);
  assert_string_equal(said, "somebody remove agent:reviewer 0");
}

static void setup_declares_its_policies_anew(void **state) {
  struct books *books = *state;
  struct policy configured[3] = {gate_policy("agent:reviewer", 100),
                                 gate_policy("agent:writer", 50), gate_policy("global", 500)};
  assert_ok(budget_config_replace(books->ledger, configured, 3, &books->error), &books->error);
  assert_int_equal(policies(books), 3);
  /* Unchanged, nothing is written: every start of the editor does this. */
  const uint32_t before = db_change_counter(books->ledger->db);
  assert_ok(budget_config_replace(books->ledger, configured, 3, &books->error), &books->error);
  assert_int_equal(db_change_counter(books->ledger->db), before + 1);
  configured[0].limit_nanousd = 300 * CENT;
  assert_ok(budget_config_replace(books->ledger, configured, 1, &books->error), &books->error);
  assert_int_equal(policies(books), 1);
  assert_ok(budget_config_replace(books->ledger, NULL, 0, &books->error), &books->error);
  assert_int_equal(policies(books), 0);
}

static void two_instances_saving_the_same_policy(void **state) {
  struct books *books = *state;
  struct ledger *other = NULL;
  const struct ledger_options options = {.path = ledger_path(books->ledger),
                                         .clock = &books->clock.clock};
  assert_ok(ledger_open(&other, &options, &books->error), &books->error);
  const int64_t id = gate_budget(books->ledger, "agent:reviewer", 100);
  assert_int_equal(gate_budget(other, "agent:reviewer", 50), id);
  assert_int_equal(gate_state(books->ledger, id).limit_nanousd, 50 * CENT);
  /* The gate of the first sees it at once. */
  assert_false(gate_ask(books->ledger, 60, 60).admitted);
  ledger_close(other);
}

/* ---- raising ---- */

static void a_raise_holds_for_the_open_period_only(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "agent:reviewer", 100);
  assert_false(gate_ask(books->ledger, 120, 120).admitted);
  assert_ok(budget_policy_raise(books->ledger, id, 50 * CENT, "user", &books->error),
            &books->error);
  struct policy_state s = gate_state(books->ledger, id);
  assert_int_equal(s.limit_nanousd, 150 * CENT);
  assert_int_equal(s.raise_nanousd, 50 * CENT);
  assert_int_equal(s.policy.limit_nanousd, 100 * CENT);
  const struct admission a = gate_ask(books->ledger, 120, 120);
  assert_true(a.admitted);
  gate_finish(books, a.run_id);
  /* Saving something else keeps the raise; the next period does not. */
  struct policy p = gate_policy("agent:reviewer", 100);
  p.at_limit = AT_LIMIT_ASK;
  (void)gate_set(books->ledger, &p);
  assert_int_equal(gate_state(books->ledger, id).raise_nanousd, 50 * CENT);
  fake_clock_set(&books->clock, "2026-12-02T00:00:00Z");
  s = gate_state(books->ledger, id);
  assert_int_equal(s.limit_nanousd, 100 * CENT);
  assert_false(gate_ask(books->ledger, 120, 120).admitted);
  assert_int_equal(gate_state(books->ledger, id).raise_nanousd, 0);
}

static void what_can_t_be_raised(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "agent:reviewer", 100);
  assert_int_equal(budget_policy_raise(books->ledger, id, 0, "u", &books->error), PURSER_EINVAL);
  assert_int_equal(budget_policy_raise(books->ledger, id, -5, "u", &books->error), PURSER_EINVAL);
  assert_int_equal(budget_policy_raise(books->ledger, id, INT64_MAX, "u", &books->error),
                   PURSER_ERANGE);
  assert_int_equal(budget_policy_raise(books->ledger, 99, CENT, "u", &books->error),
                   PURSER_ENOTFOUND);
  const int64_t off = gate_budget(books->ledger, "global", -1);
  assert_int_equal(budget_policy_raise(books->ledger, off, CENT, "u", &books->error),
                   PURSER_EINVAL);
}

/* ---- clocks and calendars ---- */

static void rule_22_a_period_opens_when_its_time_has_come(void **state) {
  struct books *books = *state;
  struct policy p = gate_policy("agent:reviewer", 100);
  p.reset_day = 31;
  const int64_t id = gate_set(books->ledger, &p);
  static const struct {
    const char *now, *start, *end;
  } cases[] = {
      {"2026-11-24T12:00:00Z", "2026-10-31", "2026-11-30"},
      {"2026-11-30T00:00:00Z", "2026-11-30", "2026-12-31"},
      {"2027-01-01T00:00:00Z", "2026-12-31", "2027-01-31"},
      {"2027-02-28T12:00:00Z", "2027-02-28", "2027-03-31"},
      {"2028-02-29T12:00:00Z", "2028-02-29", "2028-03-31"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    fake_clock_set(&books->clock, cases[i].now);
    /* Before anything is written, and after. */
    for (int turn = 0; turn < 2; turn++) {
      const struct policy_state s = gate_state(books->ledger, id);
      assert_int_equal(s.period.start_ms, instant_ms(cases[i].start));
      assert_int_equal(s.period.end_ms, instant_ms(cases[i].end));
      const struct admission a = gate_ask(books->ledger, 1, 1);
      assert_true(a.admitted);
      gate_finish(books, a.run_id);
    }
  }
}

static void rule_22_a_clock_set_back_opens_no_budget(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "agent:reviewer", 100);
  struct admission a = gate_ask(books->ledger, 100, 100);
  (void)gate_spend(books, a.run_id, 90 * CENT, 0);
  gate_finish(books, a.run_id);

  fake_clock_set(&books->clock, "2026-10-10T00:00:00Z");
  assert_int_equal(gate_state(books->ledger, id).period.start_ms, instant_ms("2026-11-01"));
  assert_int_equal(gate_ask(books->ledger, 20, 20).refusal, REFUSAL_EXHAUSTED);
  /* What is spent now counts for the period that is open. */
  a = gate_ask(books->ledger, 10, 10);
  assert_true(a.admitted);
  (void)gate_spend(books, a.run_id, 10 * CENT, 0);
  gate_finish(books, a.run_id);
  assert_int_equal(gate_state(books->ledger, id).spent_nanousd, 100 * CENT);
  assert_false(gate_ask(books->ledger, 1, 1).admitted);
  /* Set right again, it goes on as if nothing had been. */
  fake_clock_set(&books->clock, "2026-11-25T00:00:00Z");
  assert_int_equal(gate_state(books->ledger, id).spent_nanousd, 100 * CENT);
}

static void rule_22_a_clock_set_forward_and_back_again(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "agent:reviewer", 100);
  struct admission a = gate_ask(books->ledger, 60, 60);
  (void)gate_spend(books, a.run_id, 60 * CENT, 0);
  gate_finish(books, a.run_id);
  fake_clock_set(&books->clock, "2027-03-05T00:00:00Z");
  a = gate_ask(books->ledger, 70, 70);
  assert_true(a.admitted);
  (void)gate_spend(books, a.run_id, 70 * CENT, 0);
  gate_finish(books, a.run_id);
  fake_clock_set(&books->clock, "2026-11-25T00:00:00Z");
  assert_int_equal(gate_state(books->ledger, id).period.start_ms, instant_ms("2027-03-01"));
  assert_int_equal(gate_state(books->ledger, id).spent_nanousd, 70 * CENT);
  assert_false(gate_ask(books->ledger, 40, 40).admitted);
}

/* What was booked while the clock was far ahead counts in the periods that it names, when they come, for a budget that was set after the
 * clock had been put right, too. */
static void rule_22_a_budget_set_after_the_clock_was_set_back_counts_what_lies_ahead(void **state) {
  struct books *books = *state;
  fake_clock_set(&books->clock, "2027-02-10T12:00:00Z");
  spend(books, "k1", 30, "2027-01-20T12:00:00Z");
  spend(books, "k2", 50, "2027-02-10T11:00:00Z");
  fake_clock_set(&books->clock, "2026-11-24T12:00:00Z");
  const int64_t id = gate_budget(books->ledger, "workspace:/w", 100);
  assert_int_equal(gate_state(books->ledger, id).spent_nanousd, 0);
  static const struct {
    const char *now;
    int64_t cents;
  } months[] = {{"2026-12-05T00:00:00Z", 0},
                {"2027-01-05T00:00:00Z", 30},
                {"2027-02-05T00:00:00Z", 50},
                {"2027-03-05T00:00:00Z", 0}};
  for (size_t i = 0; i < COUNT(months); i++) {
    fake_clock_set(&books->clock, months[i].now);
    (void)gate_ask(books->ledger, 1, 1);
    assert_int_equal(gate_state(books->ledger, id).spent_nanousd, months[i].cents * CENT);
  }
}

static void rule_22_a_late_record_counts_for_its_own_period(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "agent:reviewer", 100);
  fake_clock_set(&books->clock, "2026-12-03T00:00:00Z");
  (void)gate_ask(books->ledger, 1, 1);
  spend(books, "k1", 50, "2026-11-29T00:00:00Z");
  assert_int_equal(gate_state(books->ledger, id).spent_nanousd, 0);
  int64_t closed = 0;
  assert_int_equal(db_get_int(books->ledger->db,
                              "SELECT metered FROM policy_period WHERE policy = 1", NULL, 0,
                              &closed, NULL),
                   0);
  assert_int_equal(closed, 50 * CENT);
}

/* Whatever is booked, with whatever times and clocks, and whenever policies come and go: what is counted is what the period
 * holds. The audit at the end of each round compares. */
static void rule_2_the_counters_are_the_sums_of_their_periods(void **state) {
  (void)state;
  static const char *const agents[] = {"reviewer", "writer"};
  static const char *const workspaces[] = {"/w", "/v"};
  static const char *const scopes[] = {"agent:reviewer", "agent:writer", "workspace:/w", "global"};
  static const char *const zones[] = {"UTC", "CET-1CEST,M3.5.0,M10.5.0/3", "<-0930>9:30"};
  const int seeds = property_seeds(8);
  for (int seed = 1; seed <= seeds; seed++) {
    struct rng rng = {(uint64_t)seed};
    struct books books;
    books_open(&books, "2026-11-24T12:00:00Z");
    int64_t runs[6];
    for (size_t i = 0; i < COUNT(runs); i++) {
      const struct run_spec spec = {.agent = agents[rng_below(&rng, 2)],
                                    .workspace = workspaces[rng_below(&rng, 2)],
                                    .billing = (enum billing)rng_below(&rng, 3),
                                    .imported = rng_chance(&rng, 50)};
      runs[i] = books_run_of(&books, &spec, RUN_RUNNING);
    }
    for (int n = 0; n < 150; n++) {
      if (rng_chance(&rng, 15)) {
        struct policy p =
            gate_policy(scopes[rng_below(&rng, COUNT(scopes))], rng_between(&rng, -1, 50));
        p.period = (enum period_kind)rng_below(&rng, 3);
        p.reset_day = (int32_t)rng_between(&rng, 1, 7);
        p.origin = (enum policy_origin)rng_below(&rng, 2);
        (void)snprintf(p.zone, sizeof p.zone, "%s", zones[rng_below(&rng, COUNT(zones))]);
        const int64_t id = gate_set(books.ledger, &p);
        if (rng_chance(&rng, 20))
          assert_ok(budget_policy_remove(books.ledger, id, &books.error), &books.error);
      }
      if (rng_chance(&rng, 10))
        fake_clock_advance(&books.clock, rng_below(&rng, 4 * INT64_C(86400000)));
      if (rng_chance(&rng, 4))
        fake_clock_advance(&books.clock, -rng_below(&rng, 20 * INT64_C(86400000)));
      char key[24];
      (void)snprintf(key, sizeof key, "k%lld", (long long)rng_below(&rng, 80));
      struct request r =
          books_request(&books, runs[rng_below(&rng, COUNT(runs))], key, rng_below(&rng, 99999));
      r.at_ms += rng_between(&rng, -9 * INT64_C(86400000), 86400000);
      r.usage.output = rng_below(&rng, 100);
      r.flags = rng_chance(&rng, 10) ? PURSER_FLAG_UNCERTAIN : 0;
      (void)books_book(&books, &r);
      if (n % 30 == 29)
        books_audit(books.ledger);
    }
    books_close(&books);
  }
}

#define ON_BOOKS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scopes_are_read_and_written),
      ON_BOOKS(impossible_policies_are_refused),
      ON_BOOKS(saving_again_keeps_the_id_and_counts_the_limit_s_versions),
      ON_BOOKS(a_new_policy_counts_what_its_period_has_cost_already),
      ON_BOOKS(a_policy_in_another_zone_counts_by_that_zone_s_days),
      ON_BOOKS(what_the_user_saved_hides_what_was_configured),
      ON_BOOKS(off_is_no_limit_and_hides_the_configured_one_as_well),
      ON_BOOKS(every_change_is_logged_with_who_asked),
      ON_BOOKS(setup_declares_its_policies_anew),
      ON_BOOKS(two_instances_saving_the_same_policy),
      ON_BOOKS(a_raise_holds_for_the_open_period_only),
      ON_BOOKS(what_can_t_be_raised),
      ON_BOOKS(rule_22_a_period_opens_when_its_time_has_come),
      ON_BOOKS(rule_22_a_clock_set_back_opens_no_budget),
      ON_BOOKS(rule_22_a_clock_set_forward_and_back_again),
      ON_BOOKS(rule_22_a_budget_set_after_the_clock_was_set_back_counts_what_lies_ahead),
      ON_BOOKS(rule_22_a_late_record_counts_for_its_own_period),
      cmocka_unit_test(rule_2_the_counters_are_the_sums_of_their_periods),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

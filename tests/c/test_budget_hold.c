/* test_budget_hold.c - holds: what a run may spend from request to request, and what becomes of the dead (rules 25, 26). */
#include "support/gate.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "budget/hold.h"
#include "budget/owner.h"
#include "ledger/internal.h"
#include "support/pipes.h"

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

static struct hold hold_of(struct books *books, int64_t run_id) {
  struct hold hold;
  assert_ok(hold_get(books->ledger, run_id, &hold, &books->error), &books->error);
  return hold;
}

/* ---- from request to request ---- */

static void the_hold_becomes_cost(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "global", 100);
  const struct admission a = gate_ask(books->ledger, 60, 10);
  static const struct {
    int64_t cost, next, held, spent;
  } steps[] = {
      {10, 5, 50, 10},                 /* the rest of the estimate stays set aside */
      {30, 5, 20, 40}, {18, 5, 5, 58}, /* but never less than one request */
      {20, 5, 5, 78},  {2, 12, 12, 80},
  };
  for (size_t i = 0; i < COUNT(steps); i++) {
    assert_int_equal(gate_spend(books, a.run_id, steps[i].cost * CENT, steps[i].next * CENT),
                     VERDICT_CONTINUE);
    const struct policy_state s = gate_state(books->ledger, id);
    assert_int_equal(s.held_nanousd, steps[i].held * CENT);
    assert_int_equal(s.spent_nanousd, steps[i].spent * CENT);
  }
  gate_finish(books, a.run_id);
  assert_int_equal(gate_state(books->ledger, id).held_nanousd, 0);
}

static void an_exhausted_budget_stops_the_run(void **state) {
  struct books *books = *state;
  (void)gate_budget(books->ledger, "global", 100);
  const struct admission a = gate_ask(books->ledger, 50, 10);
  assert_int_equal(gate_spend(books, a.run_id, 40 * CENT, 40 * CENT), VERDICT_CONTINUE);
  /* Less is left than one more request may cost: the only run in flight may have it. */
  assert_int_equal(gate_spend(books, a.run_id, 40 * CENT, 40 * CENT), VERDICT_CONTINUE);
  assert_int_equal(gate_spend(books, a.run_id, 20 * CENT, 40 * CENT), VERDICT_STOP);
  /* What comes in while it is being ended is booked all the same. */
  assert_int_equal(gate_spend(books, a.run_id, 40 * CENT, 40 * CENT), VERDICT_STOP);
  assert_int_equal(hold_of(books, a.run_id).amount, 0);
}

static void an_ask_policy_asks_and_a_warn_policy_does_not_stop(void **state) {
  struct books *books = *state;
  struct policy p = gate_policy("global", 10);
  p.at_limit = AT_LIMIT_WARN;
  (void)gate_set(books->ledger, &p);
  const struct admission a = gate_ask(books->ledger, 10, 1);
  assert_int_equal(gate_spend(books, a.run_id, 50 * CENT, CENT), VERDICT_CONTINUE);
  p.at_limit = AT_LIMIT_ASK;
  (void)gate_set(books->ledger, &p);
  assert_int_equal(gate_spend(books, a.run_id, CENT, CENT), VERDICT_ASK);
  /* The user raises it: the run goes on. */
  assert_ok(budget_policy_raise(books->ledger, 1, 100 * CENT, "user", &books->error),
            &books->error);
  assert_int_equal(gate_spend(books, a.run_id, CENT, CENT), VERDICT_CONTINUE);
  (void)gate_budget(books->ledger, "agent:reviewer", 1);
  p.limit_nanousd = CENT;
  (void)gate_set(books->ledger, &p);
  assert_int_equal(gate_spend(books, a.run_id, CENT, CENT), VERDICT_STOP);
}

static void others_pessimism_stops_nobody(void **state) {
  struct books *books = *state;
  (void)gate_budget(books->ledger, "global", 1000);
  const struct admission a = gate_ask(books->ledger, 100, 10);
  const struct admission b = gate_ask(books->ledger, 900, 10);
  (void)gate_spend(books, b.run_id, 20 * CENT, 20 * CENT);
  /* The first needs more than it said; the second has much set aside that it is not using now. */
  for (int i = 0; i < 8; i++)
    assert_int_equal(gate_spend(books, a.run_id, 50 * CENT, 50 * CENT), VERDICT_CONTINUE);
  assert_int_equal(gate_spend(books, b.run_id, 20 * CENT, 20 * CENT), VERDICT_CONTINUE);
}

static void one_run_at_a_time_goes_on_without_whole_cover(void **state) {
  struct books *books = *state;
  (void)gate_budget(books->ledger, "global", 100);
  const struct admission a = gate_ask(books->ledger, 40, 10);
  const struct admission b = gate_ask(books->ledger, 40, 10);
  assert_int_equal(gate_spend(books, a.run_id, 35 * CENT, 35 * CENT), VERDICT_CONTINUE);
  assert_int_equal(hold_of(books, a.run_id).flags & HOLD_SHORT, HOLD_SHORT);
  /* 65 are left beside the first one's 25; the second would have to share what the first may use up. */
  assert_int_equal(gate_spend(books, b.run_id, 35 * CENT, 35 * CENT), VERDICT_STOP);
  gate_finish(books, b.run_id);
  assert_int_equal(gate_spend(books, a.run_id, 10 * CENT, 20 * CENT), VERDICT_CONTINUE);
  assert_int_equal(hold_of(books, a.run_id).flags & HOLD_SHORT, 0);
}

static void a_run_without_a_hold_is_nobody_s_business(void **state) {
  struct books *books = *state;
  (void)gate_budget(books->ledger, "global", 0);
  const int64_t run = books_run(books, "reviewer", "/w");
  assert_int_equal(gate_spend(books, run, CENT, CENT), VERDICT_CONTINUE);
  gate_finish(books, run);
}

static void a_hold_outlives_the_period_it_was_made_in(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "global", 100);
  const struct admission a = gate_ask(books->ledger, 80, 10);
  fake_clock_set(&books->clock, "2026-12-01T00:00:00Z");
  assert_false(gate_ask(books->ledger, 30, 30).admitted);
  (void)gate_spend(books, a.run_id, 20 * CENT, CENT);
  assert_int_equal(gate_state(books->ledger, id).spent_nanousd, 20 * CENT);
  assert_int_equal(gate_state(books->ledger, id).held_nanousd, 60 * CENT);
}

/* ---- owners ---- */

static void an_owner_is_known_by_host_pid_and_start(void **state) {
  (void)state;
  struct owner self;
  assert_int_equal(budget_owner_self(&self), PURSER_OK);
  assert_int_equal(self.pid, getpid());
  assert_true(self.host[0] != '\0');
  assert_true(owner_is_alive(&self, &self, 0, 0));

  struct owner other = self;
  other.start_time++;
  assert_false(owner_is_alive(&other, &self, 0, 0));
  other = self;
  other.pid = getppid();
  /* Another process's id with our start time: used again since. */
  assert_false(owner_is_alive(&other, &self, 0, 0));
  other.start_time = 0;
  assert_true(owner_is_alive(&other, &self, 0, 0));
  other.pid = 0;
  assert_false(owner_is_alive(&other, &self, 0, 0));

  /* Another machine's processes can't be looked at: they are believed for a day. */
  (void)snprintf(other.host, sizeof other.host, "elsewhere");
  assert_true(owner_is_alive(&other, &self, 1000, 1000 + OWNER_FOREIGN_MS - 1));
  assert_false(owner_is_alive(&other, &self, 1000, 1000 + OWNER_FOREIGN_MS));
}

/* A child that is admitted and killed; with `reap` false it stays a zombie until the caller reaps it. */
static pid_t kill_a_holder(struct books *books, int64_t cents, bool reap) {
  int ready[2];
  assert_int_equal(pipe(ready), 0);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    struct ledger *mine = NULL;
    const struct ledger_options options = {.path = ledger_path(books->ledger),
                                           .clock = &books->clock.clock};
    const struct run_spec spec = {.agent = "reviewer", .workspace = "/w", .source = "claude"};
    const struct admission_request request = {.spec = &spec,
                                              .estimate_nanousd = cents * CENT,
                                              .minimum_nanousd = cents * CENT,
                                              .fallback_nanousd = -1};
    struct admission a;
    if (ledger_open(&mine, &options, NULL) == PURSER_OK &&
        budget_admit(mine, &request, &a, NULL) == PURSER_OK && a.admitted)
      (void)pipe_tell(ready[1]);
    for (;;)
      pause();
  }
  assert_true(pipe_hear(ready[0]));
  (void)close(ready[0]);
  (void)close(ready[1]);
  assert_int_equal(kill(child, SIGKILL), 0);
  siginfo_t info;
  assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | (reap ? 0 : WNOWAIT)), 0);
  return child;
}

static int remember(void *data, int64_t run_id) {
  *(int64_t *)data = run_id;
  return 0;
}

static void rule_25_a_dead_owner_s_hold_blocks_nobody(void **state) {
  struct books *books = *state;
  for (int reap = 0; reap < 2; reap++) {
    const int64_t id = gate_budget(books->ledger, "global", 100);
    const pid_t child = kill_a_holder(books, 100, reap);
    /* The display leaves it out, the gate takes it away. */
    assert_int_equal(gate_state(books->ledger, id).held_nanousd, 0);
    const struct admission a = gate_ask(books->ledger, 100, 100);
    assert_true(a.admitted);
    assert_int_equal(gate_state(books->ledger, id).spent_nanousd, 0);
    gate_finish(books, a.run_id);

    /* Its run is given out to be settled, until it is. */
    int64_t found = 0;
    assert_ok(budget_reclaim(books->ledger, remember, &found, &books->error), &books->error);
    assert_int_not_equal(found, 0);
    int64_t again = 0;
    assert_ok(budget_reclaim(books->ledger, remember, &again, &books->error), &books->error);
    assert_int_equal(again, found);
    gate_finish(books, found);
    found = 0;
    assert_ok(budget_reclaim(books->ledger, remember, &found, &books->error), &books->error);
    assert_int_equal(found, 0);
    if (!reap)
      assert_int_equal(waitpid(child, NULL, 0), child);
  }
}

static void a_living_run_is_not_given_out(void **state) {
  struct books *books = *state;
  (void)gate_budget(books->ledger, "global", 100);
  const struct admission a = gate_ask(books->ledger, 10, 10);
  int64_t found = 0;
  assert_ok(budget_reclaim(books->ledger, remember, &found, &books->error), &books->error);
  assert_int_equal(found, 0);
  assert_int_equal(hold_of(books, a.run_id).amount, 10 * CENT);
}

/* One process of several takes a dead one's run over; the others don't see it. */
static void a_dead_run_is_taken_over_by_one_process(void **state) {
  struct books *books = *state;
  (void)kill_a_holder(books, 10, true);
  pid_t children[4];
  int looked[2];
  int leave[2];
  assert_int_equal(pipe(looked), 0);
  assert_int_equal(pipe(leave), 0);
  for (size_t i = 0; i < COUNT(children); i++) {
    children[i] = fork();
    assert_true(children[i] >= 0);
    if (children[i] == 0) {
      struct ledger *mine = NULL;
      const struct ledger_options options = {.path = ledger_path(books->ledger),
                                             .clock = &books->clock.clock};
      int64_t found = 0;
      (void)close(leave[1]);
      if (ledger_open(&mine, &options, NULL) != PURSER_OK ||
          budget_reclaim(mine, remember, &found, NULL) != PURSER_OK)
        _exit(9);
      /* Nobody dies before all have looked: that would set the run free again. */
      (void)pipe_tell(looked[1]);
      (void)pipe_hear(leave[0]);
      _exit(found != 0 ? 1 : 0);
    }
  }
  (void)close(looked[1]);
  for (size_t i = 0; i < COUNT(children); i++)
    assert_true(pipe_hear(looked[0]));
  (void)close(looked[0]);
  (void)close(leave[0]);
  (void)close(leave[1]);
  int taken = 0;
  for (size_t i = 0; i < COUNT(children); i++) {
    int status = 0;
    assert_int_equal(waitpid(children[i], &status, 0), children[i]);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
    taken += WEXITSTATUS(status);
  }
  assert_int_equal(taken, 1);
  /* The one that took it is dead by now: it is free for the next. */
  int64_t found = 0;
  assert_ok(budget_reclaim(books->ledger, remember, &found, &books->error), &books->error);
  assert_int_not_equal(found, 0);
}

static void an_adopted_run_holds_nothing_while_it_is_settled(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "global", 100);
  (void)kill_a_holder(books, 100, true);
  int64_t found = 0;
  assert_ok(budget_reclaim(books->ledger, remember, &found, &books->error), &books->error);
  assert_int_equal(gate_spend(books, found, 30 * CENT, 30 * CENT), VERDICT_CONTINUE);
  assert_int_equal(gate_state(books->ledger, id).held_nanousd, 0);
  assert_int_equal(gate_state(books->ledger, id).spent_nanousd, 30 * CENT);
}

#define ON_BOOKS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      ON_BOOKS(the_hold_becomes_cost),
      ON_BOOKS(an_exhausted_budget_stops_the_run),
      ON_BOOKS(an_ask_policy_asks_and_a_warn_policy_does_not_stop),
      ON_BOOKS(others_pessimism_stops_nobody),
      ON_BOOKS(one_run_at_a_time_goes_on_without_whole_cover),
      ON_BOOKS(a_run_without_a_hold_is_nobody_s_business),
      ON_BOOKS(a_hold_outlives_the_period_it_was_made_in),
      cmocka_unit_test(an_owner_is_known_by_host_pid_and_start),
      ON_BOOKS(rule_25_a_dead_owner_s_hold_blocks_nobody),
      ON_BOOKS(a_living_run_is_not_given_out),
      ON_BOOKS(a_dead_run_is_taken_over_by_one_process),
      ON_BOOKS(an_adopted_run_holds_nothing_while_it_is_settled),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

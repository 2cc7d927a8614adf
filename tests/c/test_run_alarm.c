/* test_run_alarm.c - runs that run away, through their life: what is told of them, once, and the budget that one is given. */
#include "support/books.h"

#include <stdio.h>
#include <string.h>

#include "run/run.h"

struct stage {
  struct books books;
  struct catalog *catalog;
  struct run_config config;
};

static int set_up(void **state) {
  static struct stage stage;
  books_open(&stage.books, "2026-11-24T12:00:00Z");
  assert_ok(catalog_load(&stage.catalog, NULL, NULL, &stage.books.error), &stage.books.error);
  stage.config =
      (struct run_config){.catalog = stage.catalog, .fallback_input = -1, .fallback_output = -1};
  *state = &stage;
  return 0;
}

static int tear_down(void **state) {
  struct stage *stage = *state;
  catalog_free(stage->catalog);
  books_close(&stage->books);
  return 0;
}

static purser_str str(const char *text) {
  return (purser_str){text, strlen(text)};
}

static struct run *admit(struct stage *stage, const struct runaway_limits *limits) {
  struct run *run = NULL;
  struct run_answer answer;
  const struct run_request request = {
      .agent = "reviewer",
      .source = "anthropic",
      .model = "claude-opus-5-5",
      .workspace = "/w",
      .prompt = "go",
      .runaway = *limits,
  };
  assert_ok(
      run_admit(&run, stage->books.ledger, &stage->config, &request, &answer, &stage->books.error),
      &stage->books.error);
  assert_non_null(run);
  return run;
}

static enum run_verdict observe(struct stage *stage, struct run *run, const purser_event *event) {
  enum run_verdict verdict;
  assert_ok(run_observe(run, event, 1, &verdict, NULL, &stage->books.error), &stage->books.error);
  return verdict;
}

/* One response of so many output tokens. */
static enum run_verdict burn(struct stage *stage, struct run *run, const char *id, int64_t tokens) {
  const purser_event event = {
      .kind = PURSER_EVENT_USAGE,
      .scope = PURSER_SCOPE_REQUEST,
      .id = str(id),
      .model = str("claude-opus-5-5"),
      .cost_nanousd = -1,
      .usage = {.input = 10, .output = tokens},
  };
  return observe(stage, run, &event);
}

static purser_event call(const char *input) {
  return (purser_event){.kind = PURSER_EVENT_TOOL_CALL, .name = str("Bash"), .text = str(input)};
}

static void settle(struct stage *stage, struct run *run) {
  const struct run_finish finish = {.duration_ms = 5, .reason = "exit", .output = ""};
  assert_ok(run_settle(run, &finish, &stage->books.error), &stage->books.error);
  run_free(run);
}

static const struct runaway_limits limits = {
    .repeats = 5, .times_usual = 5, .least_nanousd = 10 * CENT};

static void a_loop_is_told_once(void **state) {
  struct stage *stage = *state;
  struct run *run = admit(stage, &limits);
  struct run_alarm alarm;
  (void)burn(stage, run, "r1", 1000);
  const purser_event event = call("{\"command\":\"ls\"}");
  for (int i = 1; i <= 30; i++) {
    assert_int_equal(observe(stage, run, &event), RUN_GO_ON);
    assert_int_equal(run_alarm(run, &alarm), i == 5);
    if (i != 5)
      continue;
    assert_int_equal(alarm.cause, RUNAWAY_REPEATS);
    assert_int_equal(alarm.repeat.times, 5);
    assert_string_equal(alarm.repeat.tool, "Bash");
    assert_true(alarm.spent_nanousd > 0);
  }
  settle(stage, run);
}

/* The client's record repeats what the stream told. */
static void calls_from_the_record_do_not_count(void **state) {
  struct stage *stage = *state;
  struct run *run = admit(stage, &limits);
  struct run_alarm alarm;
  purser_event event = call("{}");
  event.flags = PURSER_FLAG_IMPORTED;
  for (int i = 0; i < 30; i++)
    (void)observe(stage, run, &event);
  assert_false(run_alarm(run, &alarm));
  settle(stage, run);
}

static void run_of(struct stage *stage, int64_t tokens) {
  struct run *run = admit(stage, &limits);
  (void)burn(stage, run, "r", tokens);
  settle(stage, run);
}

static void many_times_the_usual_is_told_from_eight_runs_on(void **state) {
  struct stage *stage = *state;
  struct run_alarm alarm;
  for (int i = 0; i < 7; i++)
    run_of(stage, 1000 + 10 * i);
  struct run *run = admit(stage, &limits);
  (void)burn(stage, run, "a", 100000);
  assert_false(run_alarm(run, &alarm)); /* seven runs are no habit */
  settle(stage, run);

  /* That dear one is one of eight now: the next is measured against the middle and the high end. */
  for (int i = 0; i < 40; i++)
    run_of(stage, 1000);
  run = admit(stage, &limits);
  (void)burn(stage, run, "a", 4000);
  assert_false(run_alarm(run, &alarm));
  (void)burn(stage, run, "b", 200000);
  assert_true(run_alarm(run, &alarm));
  assert_int_equal(alarm.cause, RUNAWAY_COST);
  assert_in_range(alarm.usual.runs, 8, HISTORY_RUNS);
  assert_true(alarm.spent_nanousd >= 5 * alarm.usual.median_nanousd);
  (void)burn(stage, run, "c", 200000);
  assert_false(run_alarm(run, &alarm));
  settle(stage, run);
}

static void what_is_switched_off_is_not_told(void **state) {
  struct stage *stage = *state;
  const struct runaway_limits off = {0};
  struct run_alarm alarm;
  for (int i = 0; i < 12; i++)
    run_of(stage, 1000);
  struct run *run = admit(stage, &off);
  const purser_event event = call("{}");
  for (int i = 0; i < 30; i++)
    (void)observe(stage, run, &event);
  (void)burn(stage, run, "a", 900000);
  assert_false(run_alarm(run, &alarm));
  settle(stage, run);
}

static void a_run_is_held_to_the_budget_it_was_given(void **state) {
  struct stage *stage = *state;
  struct run *run = admit(stage, &limits);
  assert_int_equal(burn(stage, run, "a", 10000), RUN_GO_ON);
  assert_false(run_budget_spent(run));
  assert_true(run_set_budget(run, CENT)); /* more is spent already */
  assert_false(run_set_budget(run, 60 * CENT));
  assert_int_equal(burn(stage, run, "b", 1000), RUN_GO_ON);
  assert_int_equal(burn(stage, run, "c", 20000), RUN_STOP_LIMIT);
  assert_true(run_budget_spent(run));
  assert_false(run_set_budget(run, 0)); /* none any more */
  assert_int_equal(burn(stage, run, "d", 20000), RUN_GO_ON);
  settle(stage, run);
}

/* What was booked is booked once, however often it is told: restated figures are no spending. */
static void a_response_told_again_is_not_spent_again(void **state) {
  struct stage *stage = *state;
  struct run *run = admit(stage, &limits);
  assert_false(run_set_budget(run, 60 * CENT));
  for (int i = 0; i < 20; i++)
    assert_int_equal(burn(stage, run, "same", 10000), RUN_GO_ON);
  settle(stage, run);
}

/* A transaction that fails is tried again with the same events: they count once. */
static void events_that_could_not_be_booked_count_once(void **state) {
  struct stage *stage = *state;
  struct run *run = admit(stage, &limits);
  struct run_alarm alarm;
  enum run_verdict verdict;
  const purser_event events[] = {call("{}"), call("{}"), call("{}")};
  /* Somebody is in a transaction already: a second one can't begin. */
  assert_ok(ledger_begin(stage->books.ledger, &stage->books.error), &stage->books.error);
  for (int i = 0; i < 4; i++)
    assert_true(run_observe(run, events, COUNT(events), &verdict, NULL, &stage->books.error) < 0);
  ledger_rollback(stage->books.ledger);
  assert_ok(run_observe(run, events, COUNT(events), &verdict, NULL, &stage->books.error),
            &stage->books.error);
  assert_false(run_alarm(run, &alarm));
  settle(stage, run);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_loop_is_told_once, set_up, tear_down),
      cmocka_unit_test_setup_teardown(calls_from_the_record_do_not_count, set_up, tear_down),
      cmocka_unit_test_setup_teardown(many_times_the_usual_is_told_from_eight_runs_on, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(what_is_switched_off_is_not_told, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_run_is_held_to_the_budget_it_was_given, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_response_told_again_is_not_spent_again, set_up, tear_down),
      cmocka_unit_test_setup_teardown(events_that_could_not_be_booked_count_once, set_up,
                                      tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

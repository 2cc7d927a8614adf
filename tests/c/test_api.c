/* test_api.c - the exported functions as the editor calls them: questions, a run, bad input, and memory that runs short. */
#include "support/support.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/public.h"
#include "support/fail_mem.h"
#include "support/temp.h"

static struct temp folder;

static const char stream[] =
    "{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"s1\",\"model\":\"claude-opus-5-5\",\"cwd\":\"/p\"}\n"
    "{\"type\":\"stream_event\",\"session_id\":\"s1\",\"event\":{\"type\":\"message_start\",\"message\":{\"id\":\"m1\","
    "\"model\":\"claude-opus-5-5\",\"usage\":{\"input_tokens\":1000,\"output_tokens\":1}}}}\n"
    "{\"type\":\"stream_event\",\"session_id\":\"s1\",\"event\":{\"type\":\"content_block_delta\",\"index\":0,"
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"hello\"}}}\n"
    "{\"type\":\"stream_event\",\"session_id\":\"s1\",\"event\":{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
    "\"end_turn\"},\"usage\":{\"output_tokens\":100}}}\n"
    "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"session_id\":\"s1\",\"result\":\"hello\"}\n";

static const char spec[] =
    "{\"agent\":\"a\",\"source\":\"claude\",\"dialect\":\"claude\",\"workspace\":\"/p\",\"prompt\":\"hi\"}";

static purser *open_core(const char *name) {
  char options[1024];
  (void)snprintf(options, sizeof options, "{\"db\":\"%s\"}", temp_path(&folder, name));
  purser *core = NULL;
  char error[256];
  const int32_t status = purser_open(&core, options, error, sizeof error);
  if (status != PURSER_OK)
    return NULL;
  return core;
}

/* The next message of a kind; others pass by. */
static purser_message await(purser *core, int32_t kind, int64_t ticket) {
  for (;;) {
    purser_message message;
    while (purser_next(core, &message) == 1) {
      if (message.kind == kind && (ticket == 0 || message.ticket == ticket))
        return message;
      if (message.ticket == ticket && message.kind == PURSER_MESSAGE_REFUSED)
        return message;
    }
    struct pollfd fd = {.fd = purser_fd(core), .events = POLLIN};
    assert_true(poll(&fd, 1, -1) >= 0);
  }
}

static int64_t number(const char *json, const char *path) {
  struct json_doc doc = JSON_DOC_INIT;
  assert_int_equal(json_parse(&doc, json, strlen(json)), 0);
  const int64_t value = json_i64_or(&doc, json_path(&doc, 0, path), -1);
  json_fini(&doc);
  return value;
}

static void a_run_goes_through_the_house(void **state) {
  (void)state;
  purser *core = open_core("run.db");
  assert_non_null(core);
  assert_int_equal(await(core, PURSER_MESSAGE_OPENED, 0).status, 0);
  purser_run *run = NULL;
  const int64_t ticket = purser_run_admit(core, &run, spec);
  assert_true(ticket > 0);
  const purser_message admitted = await(core, PURSER_MESSAGE_ADMITTED, ticket);
  assert_int_equal(admitted.kind, PURSER_MESSAGE_ADMITTED);
  const int64_t id = admitted.run;
  assert_int_equal(purser_run_started(run, 1), 0);

  struct buf text = BUF_INIT;
  purser_event event;
  for (size_t i = 0; i < sizeof stream - 1; i++) {
    assert_int_equal(purser_run_feed(run, stream + i, 1), 0);
    while (purser_run_next(run, &event) == 1) {
      if (event.kind == PURSER_EVENT_TEXT)
        buf_add(&text, event.text.ptr, event.text.len);
    }
  }
  assert_string_equal(buf_text(&text), "hello");
  assert_int_equal(
      purser_run_finish(run, "{\"exit_code\":0,\"duration_ms\":5,\"reason\":\"exit\"}"), 0);
  assert_int_equal(purser_run_finish(run, NULL), PURSER_ECLOSED);
  const purser_message settled = await(core, PURSER_MESSAGE_SETTLED, ticket);
  assert_int_equal(number(settled.json, "run.sums.input"), 1000);
  assert_int_equal(number(settled.json, "run.sums.output"), 100);
  assert_int_equal(number(settled.json, "run.sums.requests"), 1);
  assert_true(number(settled.json, "run.sums.cost_nanousd") > 0);
  purser_run_free(run);

  char arguments[64];
  (void)snprintf(arguments, sizeof arguments, "{\"id\":%lld}", (long long)id);
  const int64_t ask = purser_ask(core, "run", arguments);
  const purser_message reply = await(core, PURSER_MESSAGE_REPLY, ask);
  assert_int_equal(reply.status, 0);
  assert_int_equal(number(reply.json, "run.id"), id);

  /* One active day is too few for a forecast. */
  const int64_t asked = purser_ask(core, "forecast", "{\"billing\":\"metered\"}");
  const purser_message forecast = await(core, PURSER_MESSAGE_REPLY, asked);
  assert_int_equal(forecast.status, 0);
  assert_non_null(strstr(forecast.json, "\"method\":\"none\""));
  assert_null(strstr(forecast.json, "p50_nanousd"));
  assert_true(number(forecast.json, "spent_nanousd") > 0);
  assert_true(number(forecast.json, "end_ms") > number(forecast.json, "start_ms"));
  const int64_t saved = purser_ask(core, "budget.set", "{\"scope\":\"global\",\"limit_cents\":0}");
  assert_int_equal(await(core, PURSER_MESSAGE_REPLY, saved).status, 0);
  const int64_t listed = purser_ask(core, "budget.list", "{}");
  const purser_message budgets = await(core, PURSER_MESSAGE_REPLY, listed);
  assert_null(strstr(budgets.json, "forecast_nanousd"));
  /* Nothing is left of nothing. */
  assert_non_null(strstr(budgets.json, "exhausted_ms"));
  purser_close(core);
  buf_fini(&text);
}

static void a_question_that_is_wrong_gets_one_message(void **state) {
  (void)state;
  static const struct {
    const char *verb, *arguments, *message;
  } cases[] = {
      {"sing", "{}", "no such verb: sing"},
      {"report", "{", "report: the arguments are not valid JSON"},
      {"report", "{\"by\":\"colour\"}",
       "by: expected day, month, agent, workspace, model, source, effort, branch or billing, got \"colour\""},
      {"report", "{\"since\":\"2026-02-30\"}",
       "since: expected a date like 2026-11-24, got \"2026-02-30\""},
      {"log", "{\"status\":\"asleep\"}", "status: there is no \"asleep\""},
      {"budget.set", "{\"scope\":\"global\",\"limit_cents\":-1}",
       "limit_cents: expected a whole number of cents from 0 to 900000000"},
      {"budget.set", "{\"scope\":\"global\",\"limit_cents\":1.5}",
       "limit_cents: expected a whole number of cents from 0 to 900000000"},
      {"budget.set", "{\"scope\":\"global\",\"period\":\"year\",\"limit_cents\":1}",
       "period: expected one of \"month\", \"week\", \"day\""},
      {"budget.raise", "{\"scope\":\"global\",\"cents\":0}",
       "cents: expected a whole number from 1 to 100000000"},
  };
  purser *core = open_core("ask.db");
  assert_non_null(core);
  for (size_t i = 0; i < COUNT(cases); i++) {
    const int64_t ticket = purser_ask(core, cases[i].verb, cases[i].arguments);
    const purser_message reply = await(core, PURSER_MESSAGE_REPLY, ticket);
    assert_true(reply.status < 0);
    struct json_doc doc = JSON_DOC_INIT;
    struct buf text = BUF_INIT;
    assert_int_equal(json_parse(&doc, reply.json, reply.json_len), 0);
    json_add_text(&doc, json_get(&doc, 0, "message"), &text);
    assert_string_equal(buf_text(&text), cases[i].message);
    buf_fini(&text);
    json_fini(&doc);
  }
  purser_close(core);
}

/* A statusline must not need a run of its own editor to become true. */
static void what_another_process_books_is_shown(void **state) {
  (void)state;
  purser *watching = open_core("shared.db");
  assert_non_null(watching);
  assert_int_equal(await(watching, PURSER_MESSAGE_OPENED, 0).status, 0);
  assert_int_equal(number(await(watching, PURSER_MESSAGE_SPEND, 0).json, "today_nanousd"), 0);

  purser *working = open_core("shared.db");
  assert_non_null(working);
  purser_run *run = NULL;
  const int64_t ticket = purser_run_admit(working, &run, spec);
  (void)await(working, PURSER_MESSAGE_ADMITTED, ticket);
  assert_int_equal(purser_run_feed(run, stream, sizeof stream - 1), 0);
  assert_int_equal(purser_run_finish(run, NULL), 0);
  const purser_message settled = await(working, PURSER_MESSAGE_SETTLED, ticket);
  const int64_t cost = number(settled.json, "run.sums.cost_nanousd");
  assert_true(cost > 0);
  purser_run_free(run);
  purser_close(working);

  int64_t shown = 0;
  while (shown != cost)
    shown = number(await(watching, PURSER_MESSAGE_SPEND, 0).json, "today_nanousd");
  purser_close(watching);
}

static void options_that_are_wrong_are_named(void **state) {
  (void)state;
  static const struct {
    const char *options, *message;
  } cases[] = {
      {"[", "options: not valid JSON"},
      {"{\"keep_prompt\":\"some\"}", "keep_prompt: expected one of \"none\", \"excerpt\", \"all\""},
      {"{\"fallback\":{\"input\":\"-1\"}}", "fallback.input: expected dollars per million tokens"},
      {"{\"policies\":[{\"scope\":\"global\",\"reset_day\":32}]}",
       "policies[1]: reset_day: expected 1 to 31"},
      {"{\"policies\":[{\"scope\":\"global\",\"thresholds\":[80,50]}]}",
       "policies[1]: thresholds: expected up to 8 ascending whole percents from 1 to 1000"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    purser *core = NULL;
    char error[256] = "";
    assert_true(purser_open(&core, cases[i].options, error, sizeof error) < 0);
    assert_null(core);
    assert_string_equal(error, cases[i].message);
  }
}

static void a_ledger_that_cannot_be_opened_refuses_runs(void **state) {
  (void)state;
  temp_write(&folder, "foreign.db", "not a database at all, but long enough to look at", 49);
  purser *core = open_core("foreign.db");
  assert_non_null(core);
  assert_int_equal(await(core, PURSER_MESSAGE_OPENED, 0).status, PURSER_EFOREIGN);
  purser_run *run = NULL;
  const int64_t ticket = purser_run_admit(core, &run, spec);
  const purser_message refused = await(core, PURSER_MESSAGE_REFUSED, ticket);
  assert_int_equal(refused.status, PURSER_EFOREIGN);
  purser_run_free(run);
  purser_close(core);
  size_t len = 0;
  char *left = temp_read(&folder, "foreign.db", &len);
  assert_int_equal(len, 49);
  free(left);
}

/* Everything that the editor calls, once; whatever fails, nothing crashes, hangs or leaks. */
static void visit(const char *name) {
  purser *core = open_core(name);
  if (core == NULL)
    return;
  purser_run *run = NULL;
  const int64_t ticket = purser_run_admit(core, &run, spec);
  if (ticket > 0) {
    (void)await(core, PURSER_MESSAGE_ADMITTED, ticket);
    (void)purser_run_started(run, 1);
    (void)purser_run_feed(run, stream, sizeof stream - 1);
    purser_event event;
    while (purser_run_next(run, &event) == 1) {}
    (void)purser_run_finish(run, NULL);
    purser_run_free(run);
  }
  static const char *const verbs[] = {"report", "log",      "health",      "estimate",
                                      "gate",   "watch",    "budget.list", "budget.set",
                                      "prices", "crossings"};
  for (size_t i = 0; i < COUNT(verbs); i++) {
    const int64_t ask = purser_ask(
        core, verbs[i],
        "{\"agent\":\"a\",\"source\":\"claude\",\"workspace\":\"/p\",\"scope\":\"global\",\"limit_cents\":100,"
        "\"model\":\"claude-opus-5-5\"}");
    if (ask > 0)
      (void)await(core, PURSER_MESSAGE_REPLY, ask);
  }
  purser_close(core);
}

static void failing_the_nth_allocation_breaks_nothing(void **state) {
  (void)state;
  visit("sweep.db"); /* what is made once stays: prepared tables, names */
  const int64_t alive = fail_mem_alive();
  /* Every one of the first few hundred, then in growing steps: two threads make the count differ from run to run. */
  for (int64_t n = 1; n < 20000; n += 1 + n / 60) {
    fail_mem_at(n, n % 2 == 0);
    visit("sweep.db");
    const bool reached = fail_mem_off();
    assert_int_equal(fail_mem_alive(), alive);
    if (!reached)
      break;
  }
  visit("sweep.db");
}

int main(void) {
  fail_mem_install();
  temp_make(&folder);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_run_goes_through_the_house),
      cmocka_unit_test(a_question_that_is_wrong_gets_one_message),
      cmocka_unit_test(what_another_process_books_is_shown),
      cmocka_unit_test(options_that_are_wrong_are_named),
      cmocka_unit_test(a_ledger_that_cannot_be_opened_refuses_runs),
      cmocka_unit_test(failing_the_nth_allocation_breaks_nothing),
  };
  const int failed = cmocka_run_group_tests(tests, NULL, NULL);
  temp_remove(&folder);
  return failed;
}

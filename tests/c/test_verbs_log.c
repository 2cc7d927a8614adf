/* test_verbs_log.c - the questions of the analytics views, as JSON: pages of runs, one run, a conversation, several questions at once. */
#include "support/books.h"

#include <stdio.h>
#include <string.h>

#include "api/core.h"
#include "base/json.h"
#include "base/mem.h"

#define NOON "2026-11-24T12:00:00Z"

struct desk {
  struct books books;
  struct purser core;
  char *json;
  struct json_doc doc;
};

static struct desk desk;

static int set_up(void **state) {
  (void)state;
  desk = (struct desk){.json = NULL, .doc = JSON_DOC_INIT};
  books_open(&desk.books, NOON);
  desk.core.ledger = desk.books.ledger;
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  json_fini(&desk.doc);
  mem_free(desk.json);
  books_close(&desk.books);
  return 0;
}

/* ---- asking ---- */

static int try_ask(const char *verb, const char *arguments) {
  mem_free(desk.json);
  desk.json = NULL;
  desk.books.error = (struct error){0};
  const int status = verb_answer(&desk.core, verb, arguments, &desk.json, &desk.books.error);
  if (status == PURSER_OK)
    assert_int_equal(json_parse(&desk.doc, desk.json, strlen(desk.json)), PURSER_OK);
  return status;
}

static void ask(const char *verb, const char *arguments) {
  assert_ok(try_ask(verb, arguments), &desk.books.error);
}

static int64_t number(const char *path) {
  return json_i64_or(&desk.doc, json_path(&desk.doc, 0, path), -1);
}

static bool is_text(const char *path, const char *text) {
  return json_equals(&desk.doc, json_path(&desk.doc, 0, path), text);
}

/* The ids of the runs below `path`: "3 1". */
static const char *ids_at(const char *path) {
  static char text[256];
  text[0] = '\0';
  const json_id list = json_path(&desk.doc, 0, path);
  assert_int_equal(json_kind(&desk.doc, list), JSON_ARRAY);
  for (json_id r = json_first(&desk.doc, list); r != JSON_NONE; r = json_next(&desk.doc, list, r)) {
    const size_t len = strlen(text);
    (void)snprintf(text + len, sizeof text - len, "%s%lld", len > 0 ? " " : "",
                   (long long)json_i64_or(&desk.doc, json_get(&desk.doc, r, "id"), -1));
  }
  return text;
}

/* ---- something to ask about ---- */

/* A minute after the one before; its requests have the sizes. */
static int64_t run(const char *agent, const char *conversation, enum run_status status,
                   const int64_t *sizes, uint32_t last_flags) {
  struct books *b = &desk.books;
  fake_clock_advance(&b->clock, 60000);
  const struct run_spec spec = {.agent = agent,
                                .workspace = "/w",
                                .source = "claude",
                                .model = "model-a",
                                .effort = "high",
                                .conversation = conversation,
                                .prompt = "Why is the sky blue?"};
  const int64_t id = books_run_of(b, &spec, RUN_RUNNING);
  for (size_t i = 0; sizes[i] != 0; i++) {
    char key[32];
    (void)snprintf(key, sizeof key, "%lld.%zu", (long long)id, i);
    struct request r = books_request(b, id, key, sizes[i] * 10);
    r.at_ms += (int64_t)i;
    r.usage = (purser_usage){.input = sizes[i] - 5, .output = 5};
    r.price.input_nanousd = sizes[i] * 9;
    r.price.output_nanousd = sizes[i];
    r.flags = sizes[i + 1] == 0 ? last_flags : 0;
    (void)books_book(b, &r);
  }
  if (status >= RUN_COMPLETED)
    books_end(b, id, status);
  return id;
}

static const int64_t small[] = {100, 200, 0};
static const int64_t large[] = {300, 0};
static const int64_t odd[] = {700, 50, 0};

static void fill(void) {
  assert_int_equal(run("reviewer", "c1", RUN_COMPLETED, small, 0), 1);
  assert_int_equal(run("writer", "", RUN_FAILED, large, 0), 2);
  /* A subagent's last request is no point of the conversation. */
  assert_int_equal(run("reviewer", "c1", RUN_CANCELLED, odd, PURSER_FLAG_SIDECHAIN), 3);
  assert_int_equal(run("reviewer", "c1", RUN_RUNNING, large, 0), 4);
}

/* ---- the questions ---- */

static void the_log_pages_over_all_runs(void **state) {
  (void)state;
  fill();
  ask("log", "{}");
  assert_string_equal(ids_at("runs"), "4 3 2 1");
  assert_false(json_is_true(&desk.doc, json_get(&desk.doc, 0, "more")));
  ask("log", "{\"limit\": 2}");
  assert_string_equal(ids_at("runs"), "4 3");
  assert_true(json_is_true(&desk.doc, json_get(&desk.doc, 0, "more")));
  ask("log", "{\"limit\": 2, \"offset\": 2}");
  assert_string_equal(ids_at("runs"), "2 1");
  assert_false(json_is_true(&desk.doc, json_get(&desk.doc, 0, "more")));
  ask("log", "{\"limit\": 2, \"before\": 3}");
  assert_string_equal(ids_at("runs"), "2 1");
  ask("log", "{\"sort\": \"cost\", \"limit\": 0}");
  assert_string_equal(ids_at("runs"), "3 4 2 1");
  ask("log", "{\"sort\": \"tokens\", \"ascending\": true}");
  assert_string_equal(ids_at("runs"), "1 2 4 3");
  ask("log", "{\"status\": \"failed,cancelled\"}");
  assert_string_equal(ids_at("runs"), "3 2");
  ask("log", "{\"min_nanousd\": 3001, \"agent_like\": \"REV\", \"text\": \"SKY\"}");
  assert_string_equal(ids_at("runs"), "3");
  ask("log", "{\"effort\": \"\"}");
  assert_string_equal(ids_at("runs"), "");
}

static void a_wrong_filter_gets_a_word(void **state) {
  (void)state;
  static const char *const wrong[][2] = {
      {"{\"sort\": \"colour\"}",
       "sort: expected started, cost, tokens or duration, got \"colour\""},
      {"{\"status\": \"failed,fine\"}", "status: there is no \"fine\""},
      {"{\"billing\": \"free\"}", "billing: expected metered, subscription or local, got \"free\""},
      {"{\"sort\": \"cost\", \"before\": 1}", "before: goes with the order by start only"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    assert_int_equal(try_ask("log", wrong[i][0]), PURSER_EINVAL);
    assert_string_equal(error_text(&desk.books.error), wrong[i][1]);
  }
}

static void a_run_tells_its_requests_and_its_context(void **state) {
  (void)state;
  fill();
  ask("run", "{\"id\": 3}");
  assert_int_equal(number("run.context_tokens"), 700);
  assert_int_equal(number("run.sums.cost_nanousd"), 7500);
  assert_int_equal(number("run.sums.cost_input_nanousd"), 6750);
  assert_int_equal(number("run.sums.cost_output_nanousd"), 750);
  const json_id first = json_first(&desk.doc, json_get(&desk.doc, 0, "requests"));
  assert_int_equal(json_i64_or(&desk.doc, json_get(&desk.doc, first, "cost_input_nanousd"), -1),
                   6300);
  assert_int_equal(json_i64_or(&desk.doc, json_get(&desk.doc, first, "context_tokens"), -1), 700);
  assert_int_equal(try_ask("run", "{\"id\": 99}"), PURSER_ENOTFOUND);
}

static void a_conversation_is_its_runs_and_its_growing_context(void **state) {
  (void)state;
  fill();
  static const int64_t contexts[] = {100, 200, 700, 300};
  static const int64_t runs[] = {1, 1, 3, 4};
  ask("conversation", "{\"run\": 3}");
  assert_string_equal(ids_at("runs"), "1 3 4");
  const json_id points = json_get(&desk.doc, 0, "points");
  size_t i = 0;
  for (json_id p = json_first(&desk.doc, points); p != JSON_NONE;
       p = json_next(&desk.doc, points, p), i++) {
    assert_in_range(i, 0, 3);
    assert_int_equal(json_i64_or(&desk.doc, json_get(&desk.doc, p, "run"), -1), runs[i]);
    assert_int_equal(json_i64_or(&desk.doc, json_get(&desk.doc, p, "context_tokens"), -1),
                     contexts[i]);
    assert_int_equal(json_i64_or(&desk.doc, json_get(&desk.doc, p, "cost_nanousd"), -1),
                     contexts[i] * 10);
  }
  assert_int_equal(i, 4);
  /* Without a conversation it is the run alone. */
  ask("conversation", "{\"run\": 2}");
  assert_string_equal(ids_at("runs"), "2");
  assert_int_equal(try_ask("conversation", "{}"), PURSER_ENOTFOUND);
}

static void a_batch_answers_each_question_and_tells_which_failed(void **state) {
  (void)state;
  fill();
  ask("batch", "{\"questions\": {\"agents\": [\"report\", {\"by\": \"agent\"}],"
               " \"page\": [\"log\", {\"limit\": 1}], \"total\": [\"report\"],"
               " \"no such\": [\"colour\", {}], \"bad\": [\"report\", {\"by\": \"colour\"}],"
               " \"writes\": [\"budget.set\", {\"scope\": \"global\", \"limit_cents\": 1}],"
               " \"nested\": [\"batch\", {\"questions\": {}}]}}");
  assert_string_equal(ids_at("answers.page.runs"), "4");
  assert_int_equal(number("answers.agents.total.cost_nanousd"), 16500);
  assert_int_equal(number("answers.total.total.requests"), 6);
  assert_true(is_text("errors.no such.message", "colour can't be asked in a batch"));
  assert_true(is_text("errors.writes.message", "budget.set can't be asked in a batch"));
  assert_true(is_text("errors.nested.message", "batch can't be asked in a batch"));
  assert_int_equal(json_kind(&desk.doc, json_path(&desk.doc, 0, "errors.bad.message")),
                   JSON_STRING);
  assert_int_equal(json_path(&desk.doc, 0, "answers.bad"), JSON_NONE);
  /* It is over: the ledger can be written again. */
  (void)books_run(&desk.books, "a", "/w");
  assert_int_equal(try_ask("batch", "{}"), PURSER_EINVAL);
  assert_int_equal(try_ask("batch", "{\"questions\": {\"x\": {}}}"), PURSER_EINVAL);
  (void)books_run(&desk.books, "a", "/w");
}

/* Whatever others commit between two questions. */
static void a_batch_is_of_one_moment(void **state) {
  (void)state;
  struct ledger *other = NULL;
  struct error error = {0};
  struct sums before;
  struct booked booked;
  const struct report_query query = {.since_day = INT64_MIN, .until_day = INT64_MAX};
  const struct ledger_options options = {.path = ledger_path(desk.books.ledger),
                                         .clock = &desk.books.clock.clock};
  fill();
  assert_ok(ledger_open(&other, &options, &error), &error);
  assert_ok(ledger_snapshot_begin(desk.books.ledger, &error), &error);
  assert_ok(ledger_report(desk.books.ledger, &query, NULL, NULL, &before, &error), &error);
  const struct request r = books_request(&desk.books, 4, "late", 77);
  assert_ok(ledger_begin(other, &error), &error);
  assert_ok(ledger_book(other, &r, &booked, &error), &error);
  assert_ok(ledger_commit(other, &error), &error);
  struct sums still;
  assert_ok(ledger_report(desk.books.ledger, &query, NULL, NULL, &still, &error), &error);
  assert_memory_equal(&still, &before, sizeof before);
  assert_int_equal(ledger_begin(desk.books.ledger, &error), PURSER_EINVAL);
  ledger_snapshot_end(desk.books.ledger);
  assert_int_equal(books_total(desk.books.ledger).cost_nanousd, before.cost_nanousd + 77);
  ledger_close(other);
}

#define AT_DESK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      AT_DESK(the_log_pages_over_all_runs),
      AT_DESK(a_wrong_filter_gets_a_word),
      AT_DESK(a_run_tells_its_requests_and_its_context),
      AT_DESK(a_conversation_is_its_runs_and_its_growing_context),
      AT_DESK(a_batch_answers_each_question_and_tells_which_failed),
      AT_DESK(a_batch_is_of_one_moment),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

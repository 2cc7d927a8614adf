/* test_advice_compare.c - past runs of one kind beside each other, by model and effort. */
#include "support/books.h"

#include <stdio.h>
#include <string.h>

#include "api/core.h"
#include "base/json.h"
#include "base/mem.h"

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
  books_open(&desk.books, "2026-11-24T12:00:00Z");
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

struct wanted {
  const char *agent, *prompt, *model, *effort;
  int64_t cents, tokens; /* cents -1: no price */
  enum run_status status;
};

static void run(const struct wanted *w) {
  struct books *b = &desk.books;
  char key[32];
  fake_clock_advance(&b->clock, 60000);
  const struct run_spec spec = {.agent = w->agent,
                                .workspace = "/w",
                                .source = "claude",
                                .model = "nickname",
                                .effort = w->effort,
                                .prompt = w->prompt,
                                .prompt_bytes = (int64_t)strlen(w->prompt)};
  const int64_t id = books_run_of(b, &spec, RUN_RUNNING);
  (void)snprintf(key, sizeof key, "k%lld", (long long)id);
  struct request r = books_request(b, id, key, w->cents < 0 ? 0 : w->cents * CENT);
  r.model = w->model;
  r.usage = (purser_usage){.input = w->tokens};
  if (w->cents < 0)
    r.price.status = COST_UNKNOWN;
  (void)books_book(b, &r);
  books_end(b, id, w->status);
}

static int try_ask(const char *arguments) {
  mem_free(desk.json);
  desk.json = NULL;
  desk.books.error = (struct error){0};
  const int status = verb_answer(&desk.core, "compare", arguments, &desk.json, &desk.books.error);
  if (status == PURSER_OK)
    assert_int_equal(json_parse(&desk.doc, desk.json, strlen(desk.json)), PURSER_OK);
  return status;
}

static int64_t number(json_id object, const char *key) {
  return json_i64_or(&desk.doc, json_get(&desk.doc, object, key), -1);
}

/* "MODEL EFFORT RUNS/PRICED CENTS TOKENS COMPLETED-FAILED-STOPPED" of each row. */
static const char *rows(const char *arguments) {
  static char text[1024];
  text[0] = '\0';
  assert_ok(try_ask(arguments), &desk.books.error);
  const json_id list = json_get(&desk.doc, 0, "rows");
  for (json_id r = json_first(&desk.doc, list); r != JSON_NONE; r = json_next(&desk.doc, list, r)) {
    struct buf name = BUF_INIT;
    json_add_text(&desk.doc, json_get(&desk.doc, r, "model"), &name);
    buf_adds(&name, " ");
    json_add_text(&desk.doc, json_get(&desk.doc, r, "effort"), &name);
    const size_t len = strlen(text);
    (void)snprintf(text + len, sizeof text - len, "%s%s %d/%d %d %d %d-%d-%d", len > 0 ? "; " : "",
                   buf_text(&name), (int)number(r, "runs"), (int)number(r, "priced"),
                   (int)(number(r, "nanousd") / CENT), (int)number(r, "tokens"),
                   (int)number(r, "completed"), (int)number(r, "failed"),
                   (int)number(r, "stopped"));
    buf_fini(&name);
  }
  return text;
}

#define FIX    "Fix the bug in the parser"
#define FORMAT "Format this file"

static void fill(void) {
  static const struct wanted wanted[] = {
      {"reviewer", FIX, "large", "high", 30, 3000, RUN_COMPLETED},
      {"reviewer", FIX, "large", "high", 10, 1000, RUN_FAILED},
      {"reviewer", FIX, "large", "high", 900, 90000, RUN_STOPPED_BUDGET},
      {"reviewer", FIX, "small", "low", 2, 2000, RUN_COMPLETED},
      {"fixer", FIX, "small", "low", 4, 2500, RUN_CANCELLED},
      {"fixer", FORMAT, "small", "low", 1, 100, RUN_COMPLETED},
      {"fixer", FORMAT, "house", "", -1, 700, RUN_ABANDONED},
  };
  for (size_t i = 0; i < COUNT(wanted); i++)
    run(&wanted[i]);
}

static void runs_of_a_kind_are_compared_by_model_and_effort(void **state) {
  (void)state;
  fill();
  assert_string_equal(rows("{\"kind\": \"fix\"}"),
                      "large high 3/3 30 3000 1-1-1; small low 2/2 2 2000 1-0-1");
  assert_int_equal(number(0, "looked_at"), 7);
  assert_string_equal(rows("{\"kind\": \"formatting\"}"),
                      "house  1/0 0 700 0-1-0; small low 1/1 1 100 1-0-0");
  assert_string_equal(rows("{\"kind\": \"architecture\"}"), "");
  assert_string_equal(
      rows("{}"),
      "large high 3/3 30 3000 1-1-1; small low 3/3 2 2000 2-0-1; house  1/0 0 700 0-1-0");
}

static void the_scope_is_an_agent_s_a_workspace_s_a_time_s(void **state) {
  (void)state;
  fill();
  char arguments[96];
  assert_string_equal(rows("{\"kind\": \"fix\", \"agent\": \"fixer\"}"),
                      "small low 1/1 4 2500 0-0-1");
  assert_int_equal(number(0, "looked_at"), 3);
  assert_string_equal(rows("{\"workspace\": \"/other\"}"), "");
  assert_string_equal(rows("{\"billing\": \"subscription\"}"), "");
  (void)snprintf(arguments, sizeof arguments, "{\"workspace\": \"/w\", \"since_ms\": %lld}",
                 (long long)desk.books.clock.now_ms);
  assert_string_equal(rows(arguments), "house  1/0 0 700 0-1-0");
  assert_int_equal(try_ask("{\"billing\": \"free\"}"), PURSER_EINVAL);
}

static void the_user_s_rules_come_first(void **state) {
  (void)state;
  fill();
  static const char rules[] = "\"rules\": [{\"match\": \"the parser\", \"kind\": \"syntax\"}]";
  char arguments[256];
  (void)snprintf(arguments, sizeof arguments, "{\"kind\": \"syntax\", %s}", rules);
  assert_string_equal(rows(arguments), "large high 3/3 30 3000 1-1-1; small low 2/2 2 2000 1-0-1");
  (void)snprintf(arguments, sizeof arguments, "{\"kind\": \"fix\", %s}", rules);
  assert_string_equal(rows(arguments), "");
  assert_string_equal(rows("{\"kind\": \"fix\", \"builtin\": false}"), "");
  assert_int_equal(try_ask("{\"rules\": [{\"match\": \"x\"}]}"), PURSER_EINVAL);
  assert_string_equal(error_text(&desk.books.error), "rules[1]: match and kind are required");
}

static void runs_under_way_and_refused_ones_are_none(void **state) {
  (void)state;
  const struct run_spec spec = {
      .agent = "reviewer", .workspace = "/w", .source = "claude", .prompt = FIX};
  (void)books_run_of(&desk.books, &spec, RUN_RUNNING);
  (void)books_run_of(&desk.books, &spec, RUN_REFUSED);
  assert_string_equal(rows("{}"), "");
  assert_int_equal(number(0, "looked_at"), 0);
}

#define AT_DESK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      AT_DESK(runs_of_a_kind_are_compared_by_model_and_effort),
      AT_DESK(the_scope_is_an_agent_s_a_workspace_s_a_time_s),
      AT_DESK(the_user_s_rules_come_first),
      AT_DESK(runs_under_way_and_refused_ones_are_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_verbs_route.c - which model and effort are suggested for a prompt, and when nothing is. */
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
  assert_ok(catalog_load(&desk.core.catalog, NULL, NULL, &desk.books.error), &desk.books.error);
  desk.core.config = (struct run_config){
      .catalog = desk.core.catalog, .fallback_input = -1, .fallback_output = -1};
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  json_fini(&desk.doc);
  mem_free(desk.json);
  catalog_free(desk.core.catalog);
  books_close(&desk.books);
  return 0;
}

static int try_ask(const char *more) {
  char arguments[2000];
  (void)snprintf(arguments, sizeof arguments, "{\"agent\":\"reviewer\",\"workspace\":\"/w\"%s%s}",
                 more[0] != '\0' ? "," : "", more);
  mem_free(desk.json);
  desk.json = NULL;
  desk.books.error = (struct error){0};
  const int status = verb_answer(&desk.core, "route", arguments, &desk.json, &desk.books.error);
  if (status == PURSER_OK)
    assert_int_equal(json_parse(&desk.doc, desk.json, strlen(desk.json)), PURSER_OK);
  return status;
}

static void ask(const char *more) {
  assert_ok(try_ask(more), &desk.books.error);
}

static int64_t number(const char *path) {
  return json_i64_or(&desk.doc, json_path(&desk.doc, 0, path), -1);
}

/* "" is a field that is missing. */
static void is_text(const char *key, const char *text) {
  const json_id id = json_get(&desk.doc, 0, key);
  const bool same =
      text[0] == '\0' ? json_kind(&desk.doc, id) == JSON_MISSING : json_equals(&desk.doc, id, text);
  if (!same)
    fail_msg("%s is not \"%s\": %s", key, text, desk.json);
}

static void each_choice_has_its_suggestion(void **state) {
  (void)state;
  static const struct {
    const char *source, *prompt, *model, *effort;
    const char *kind, *to_model, *to_effort, *note;
  } rows[] = {
      {"anthropic", "reformat this", "claude-opus-5-5", "high", "formatting", "claude-haiku-4-5",
       "low", ""},
      {"anthropic", "reformat this", "claude-haiku-4-5", "high", "formatting", "", "low", ""},
      {"anthropic", "reformat this", "claude-haiku-4-5", "low", "formatting", "", "", "fits"},
      {"anthropic", "fix the crash", "claude-opus-5-5", "high", "fix", "claude-sonnet-5-5",
       "medium", ""},
      {"anthropic", "fix the crash", "claude-haiku-4-5", "low", "fix", "", "", "fits"},
      {"anthropic", "fix the crash", "claude-sonnet-5-5", "", "fix", "", "", "fits"},
      {"anthropic", "implement paging", "claude-opus-5-5", "high", "feature", "claude-sonnet-5-5",
       "", ""},
      {"anthropic", "design a job queue", "claude-haiku-4-5", "low", "architecture",
       "claude-opus-5-5", "high", ""},
      {"anthropic", "design a job queue", "claude-opus-5-5", "high", "architecture", "", "",
       "fits"},
      {"anthropic", "what is this?", "claude-opus-5-5", "high", "other", "", "", "no_choice"},
      /* A client's names for its models, and its own choice, which is a dear one. */
      {"claude", "reformat this", "opus", "", "formatting", "claude-haiku-4-5", "low", ""},
      {"claude", "reformat this", "", "", "formatting", "claude-haiku-4-5", "low", ""},
      {"claude", "reformat this", "haiku", "low", "formatting", "", "", "fits"},
      /* A provider's prefix stays. */
      {"opencode", "reformat this", "anthropic/claude-sonnet-5", "low", "formatting",
       "anthropic/claude-haiku-4-5", "", ""},
      {"openai", "reformat this", "gpt-5.5", "low", "formatting", "gpt-5.4-nano", "", ""},
      {"gemini_api", "fix the bug", "gemini-2.5-pro", "low", "fix", "gemini-2.5-flash", "", ""},
      /* Nobody knows what else is there. */
      {"openai_chat", "reformat this", "llama-4", "low", "formatting", "", "", "maker_unknown"},
      {"openai_chat", "reformat this", "llama-4", "high", "formatting", "", "low", "maker_unknown"},
      {"claude", "reformat this", "us.anthropic.claude-opus-5-5-v1:0", "low", "formatting", "", "",
       "maker_unknown"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    char more[600];
    (void)snprintf(more, sizeof more,
                   "\"source\":\"%s\",\"prompt\":\"%s\",\"model\":\"%s\",\"effort\":\"%s\"",
                   rows[i].source, rows[i].prompt, rows[i].model, rows[i].effort);
    ask(more);
    is_text("kind", rows[i].kind);
    is_text("model", rows[i].to_model);
    is_text("effort", rows[i].to_effort);
    is_text("note", rows[i].note);
    if (rows[i].to_model[0] != '\0')
      assert_true(number("now.high_nanousd") > 0 && number("then.high_nanousd") > 0);
    else
      assert_int_equal(number("then.high_nanousd"), -1);
  }
}

static void a_smaller_model_costs_what_the_same_tokens_do(void **state) {
  (void)state;
  ask("\"source\":\"anthropic\",\"prompt\":\"reformat\",\"model\":\"claude-opus-5-5\"");
  const int64_t now = number("now.high_nanousd"), then = number("then.high_nanousd");
  struct model_info opus;
  struct model_info haiku;
  const int64_t at = clock_now_ms(ledger_clock(desk.books.ledger));
  assert_int_equal(catalog_find(desk.core.catalog, NULL, "claude-opus-5-5", at, &opus), 0);
  assert_int_equal(catalog_find(desk.core.catalog, NULL, "claude-haiku-4-5", at, &haiku), 0);
  /* Both of their prices are in the same proportion, so the sums are. */
  assert_int_equal(opus.input / 1000 * (haiku.output / 1000),
                   opus.output / 1000 * (haiku.input / 1000));
  assert_in_range(then, now * haiku.input / opus.input - 1, now * haiku.input / opus.input + 1);
}

static void what_an_adapter_does_not_take_is_not_suggested(void **state) {
  (void)state;
  ask("\"source\":\"anthropic\",\"prompt\":\"reformat\",\"model\":\"claude-opus-5-5\","
      "\"takes_model\":false");
  is_text("model", "");
  is_text("effort", "low");
  ask("\"source\":\"anthropic\",\"prompt\":\"reformat\",\"model\":\"claude-opus-5-5\","
      "\"takes_effort\":false");
  is_text("model", "claude-haiku-4-5");
  is_text("effort", "");
  ask("\"source\":\"anthropic\",\"prompt\":\"reformat\",\"model\":\"claude-opus-5-5\","
      "\"takes_effort\":false,\"takes_model\":false");
  is_text("note", "fits");
  ask("\"source\":\"anthropic\",\"prompt\":\"reformat\",\"model\":\"claude-opus-5-5\","
      "\"free\":true");
  is_text("model", "");
  is_text("effort", "");
  is_text("note", "free");
}

static void what_the_client_is_known_to_take_comes_first(void **state) {
  (void)state;
  ask("\"source\":\"claude\",\"prompt\":\"reformat\",\"model\":\"opus\","
      "\"models\":[\"opus\",\"sonnet\",\"haiku\",\"fable\"]");
  is_text("model", "haiku");
  ask("\"source\":\"claude\",\"prompt\":\"fix the bug\",\"model\":\"opus\","
      "\"models\":[\"opus\",\"sonnet\",\"haiku\",\"fable\"]");
  is_text("model", "sonnet");
  /* None that is small: the next one on the way there. */
  ask("\"source\":\"codex\",\"prompt\":\"reformat\",\"model\":\"gpt-5.5\","
      "\"models\":[\"gpt-5.5\",\"gpt-5.4-mini\"]");
  is_text("model", "gpt-5.4-mini");
  /* Another maker's are no answer. */
  ask("\"source\":\"opencode\",\"prompt\":\"reformat\",\"model\":\"anthropic/claude-sonnet-5\","
      "\"models\":[\"anthropic/claude-sonnet-5\",\"openai/gpt-5.4-nano\"]");
  is_text("model", "anthropic/claude-haiku-4-5");
}

static void the_user_decides_about_kinds_and_rules(void **state) {
  (void)state;
  const char *base = "\"source\":\"anthropic\",\"model\":\"claude-opus-5-5\",\"effort\":\"high\"";
  char more[1200];
  (void)snprintf(more, sizeof more,
                 "%s,\"prompt\":\"reformat\",\"kinds\":{\"formatting\":{\"tier\":\"keep\"}}", base);
  ask(more);
  is_text("model", "");
  is_text("effort", "low");
  (void)snprintf(more, sizeof more,
                 "%s,\"prompt\":\"reformat\",\"kinds\":{\"formatting\":{\"effort\":\"medium\","
                 "\"tier\":\"medium\"}}",
                 base);
  ask(more);
  is_text("model", "claude-sonnet-5-5");
  is_text("effort", "medium");
  (void)snprintf(more, sizeof more,
                 "%s,\"prompt\":\"triage this bug\",\"rules\":[{\"match\":\"triage\",\"kind\":"
                 "\"v1.0 \\u00fcber\"}],\"kinds\":{\"v1.0 \xc3\xbc"
                 "ber\":{\"tier\":\"small\"}}",
                 base);
  ask(more);
  is_text("kind", "v1.0 \xc3\xbc"
                  "ber");
  is_text("words", "triage");
  is_text("model", "claude-haiku-4-5");
  is_text("effort", "");
  (void)snprintf(more, sizeof more, "%s,\"prompt\":\"reformat\",\"builtin\":false", base);
  ask(more);
  is_text("kind", "other");
  is_text("note", "no_choice");
}

static void the_text_decides_and_not_what_goes_with_it(void **state) {
  (void)state;
  ask("\"source\":\"anthropic\",\"model\":\"claude-opus-5-5\",\"text\":\"reformat this\","
      "\"prompt\":\"reformat this: fix bug crash broken\"");
  is_text("kind", "formatting");
  is_text("words", "reformat");
  ask("\"source\":\"anthropic\",\"model\":\"claude-opus-5-5\",\"text\":\"\",\"prompt\":\"crash\"");
  is_text("kind", "other");
}

static void bad_questions_are_refused(void **state) {
  (void)state;
  assert_int_equal(try_ask(""), PURSER_EINVAL); /* no source */
  assert_int_equal(try_ask("\"source\":\"anthropic\",\"rules\":[{\"match\":\"x\"}]"),
                   PURSER_EINVAL);
  assert_int_equal(try_ask("\"source\":\"anthropic\",\"rules\":[7]"), PURSER_EINVAL);
  ask("\"source\":\"anthropic\",\"rules\":7,\"models\":{},\"kinds\":[],\"prompt\":\"reformat\"");
  is_text("kind", "formatting");
  ask("\"source\":\"anthropic\",\"models\":[1,null,\"\",\"claude-haiku-4-5\"],"
      "\"prompt\":\"reformat\",\"model\":\"claude-opus-5-5\"");
  is_text("model", "claude-haiku-4-5");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(each_choice_has_its_suggestion, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_smaller_model_costs_what_the_same_tokens_do, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(what_an_adapter_does_not_take_is_not_suggested, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(what_the_client_is_known_to_take_comes_first, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(the_user_decides_about_kinds_and_rules, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_text_decides_and_not_what_goes_with_it, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(bad_questions_are_refused, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

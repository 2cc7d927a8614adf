/* test_agent_rules.c - whose spend a client's own run is, who sends the bill, and where both are said. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "import/settings.h"
#include "support/books.h"

static struct agent_rules *make(const char *json, const char *home, struct error *error) {
  static struct json_doc doc;
  struct agent_rules *rules = NULL;
  assert_int_equal(json_parse(&doc, json, strlen(json)), 0);
  (void)agent_rules_make(&rules, &doc, json_get(&doc, 0, "agent_rules"), &doc,
                         json_get(&doc, 0, "billing"), home, error);
  json_fini(&doc);
  return rules;
}

/* ---- matching ---- */

static void patterns_match_as_folders_and_models_do(void **state) {
  (void)state;
  static const struct {
    const char *pattern, *text;
    bool paths, expected;
  } cases[] = {
      {"/w/a", "/w/a", true, true},
      {"/w/a", "/w/a/b/c", true, true},
      {"/w/a", "/w/ab", true, false},
      {"/w/a/b", "/w/a", true, false},
      {"/w/*", "/w/a", true, true},
      {"/w/*", "/w/a/b", true, true}, /* what is in a folder that matches */
      {"/w/*/src", "/w/a/src", true, true},
      {"/w/*/src", "/w/a/b/src", true, false},
      {"/w/**/src", "/w/a/b/src", true, true},
      {"/w/**/src", "/w/a/b/srcs", true, false},
      {"**/src", "/deep/in/src", true, true},
      {"/w/a*b*c", "/w/aXbYbZc", true, true},
      {"/w/a*b*c", "/w/aXbY/bZc", true, false},
      {"/**/b*/c", "/x/b/b1/c", true, true},
      {"/w/?", "/w/x", true, true},
      {"/w/?", "/w//", true, false},
      {"/", "/", true, true},
      {"", "/w", true, true}, /* "/" without its slash: every folder */
      {"claude-*", "claude-opus-5-5", false, true},
      {"*opus*", "anthropic/claude-opus-5-5", false, true},
      {"claude-*", "anthropic/claude-opus", false, false},
      {"gpt-5", "gpt-5/x", false, false},
      {"gpt-?.5", "gpt-5.5", false, true},
      {"*", "", false, true},
      {"a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false, false},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    if (agent_rules_match(cases[i].pattern, cases[i].text, cases[i].paths) != cases[i].expected)
      fail_msg("%s against %s", cases[i].pattern, cases[i].text);
  }
}

static void the_first_rule_that_fits_names_the_agent(void **state) {
  (void)state;
  static const char json[] =
      "{\"agent_rules\":[{\"source\":\"claude\",\"workspace\":\"~/work/\",\"agent\":\"work\"},"
      "{\"model\":\"*haiku*\",\"agent\":\"small\"},{\"source\":\"claude\",\"agent\":\"home\"}]}";
  struct error error = {0};
  struct agent_rules *rules = make(json, "/home/me", &error);
  assert_non_null(rules);
  static const struct {
    const char *source, *workspace, *model, *agent;
  } cases[] = {
      {"claude", "/home/me/work/x", "claude-haiku-4-5", "work"},
      {"claude", "/home/me/works", "claude-haiku-4-5", "small"},
      {"claude", "/home/me", "claude-opus-5-5", "home"},
      {"codex", "/home/me/work", "gpt-5.5", "codex"},
      {"opencode", "/", "anthropic/claude-haiku-4-5", "small"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    assert_string_equal(
        agent_rules_agent(rules, cases[i].source, cases[i].workspace, cases[i].model),
        cases[i].agent);
  }
  assert_string_equal(agent_rules_agent(NULL, "gemini", "/x", "m"), "gemini");
  agent_rules_free(rules);
}

static void billing_switches_by_date(void **state) {
  (void)state;
  static const char json[] =
      "{\"billing\":[{\"source\":\"claude\",\"billing\":\"subscription\",\"since\":\"2026-10-01\"},"
      "{\"source\":\"claude\",\"billing\":\"metered\",\"since\":\"2026-12-01\"},"
      "{\"agent\":\"lab\",\"billing\":\"local\"},"
      "{\"source\":\"codex\",\"billing\":\"subscription\"}]}";
  struct error error = {0};
  struct agent_rules *rules = make(json, NULL, &error);
  struct zone *zone = NULL;
  assert_ok(zone_load(&zone, "America/New_York", &error), &error);
  assert_non_null(rules);
  static const struct {
    const char *source, *agent, *at;
    enum billing billing;
    bool found;
  } cases[] = {
      {"claude", "claude", "2026-09-30T12:00:00Z", BILLING_METERED, false},
      /* The day begins where the ledger's days begin. */
      {"claude", "claude", "2026-10-01T03:59:59Z", BILLING_METERED, false},
      {"claude", "claude", "2026-10-01T04:00:00Z", BILLING_SUBSCRIPTION, true},
      {"claude", "claude", "2026-12-24T12:00:00Z", BILLING_METERED, true},
      {"claude", "lab", "2026-10-24T12:00:00Z", BILLING_LOCAL, true},
      {"codex", "codex", "1999-10-24T12:00:00Z", BILLING_SUBSCRIPTION, true},
      {"gemini", "gemini", "2026-10-24T12:00:00Z", BILLING_METERED, false},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    bool found = !cases[i].found;
    const enum billing billing = agent_rules_billing(rules, cases[i].source, cases[i].agent,
                                                     instant_ms(cases[i].at), zone, &found);
    if (billing != cases[i].billing || found != cases[i].found)
      fail_msg("case %zu: %s", i, billing_name(billing));
  }
  assert_int_equal(agent_rules_billing(NULL, "x", "x", 0, zone, NULL), BILLING_METERED);
  zone_free(zone);
  agent_rules_free(rules);
}

static void a_mistake_is_named(void **state) {
  (void)state;
  static const struct {
    const char *json, *expected;
  } cases[] = {
      {"{\"agent_rules\":[{\"agnet\":\"x\"}]}", "agent_rules[1].agnet: unknown field"},
      {"{\"agent_rules\":[{\"agent\":\"x\"},{\"source\":\"claude\"}]}",
       "agent_rules[2].agent: missing"},
      {"{\"agent_rules\":[{\"agent\":7}]}", "agent_rules[1].agent: expected a text"},
      {"{\"agent_rules\":{\"agent\":\"x\"}}", "agent_rules: expected a list"},
      {"{\"agent_rules\":[{\"source\":\"cluade\",\"agent\":\"x\"}]}",
       "agent_rules[1].source: there is no source \"cluade\""},
      {"{\"agent_rules\":[\"x\"]}", "agent_rules[1]: expected an object"},
      {"{\"billing\":[{\"source\":\"claude\"}]}",
       "billing[1].billing: expected \"metered\", \"subscription\" or \"local\""},
      {"{\"billing\":[{\"billing\":\"metered\",\"since\":\"1.10.2026\"}]}",
       "billing[1].since: expected a day as \"YYYY-MM-DD\""},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct error error = {0};
    assert_null(make(cases[i].json, NULL, &error));
    assert_string_equal(error_text(&error), cases[i].expected);
  }
}

/* ---- the settings ---- */

static void load(const char *stored, const char *file, struct import_settings **out,
                 struct error *error) {
  struct temp temp;
  temp_make(&temp);
  if (file != NULL)
    temp_write(&temp, "config.json", file, strlen(file));
  (void)import_settings_load(out, stored, temp_path(&temp, "config.json"), error);
  temp_remove(&temp);
}

static void the_file_counts_before_what_setup_was_given(void **state) {
  (void)state;
  struct error error = {0};
  struct import_settings *settings;
  load("{\"agent_rules\":[{\"agent\":\"editor\"}],\"billing\":[{\"billing\":\"local\"}]}",
       "{\"agent_rules\":[{\"agent\":\"file\"}]}", &settings, &error);
  assert_non_null(settings);
  struct zone *utc = NULL;
  assert_ok(zone_load(&utc, "UTC", &error), &error);
  assert_string_equal(agent_rules_agent(settings->rules, "claude", "/x", "m"), "file");
  assert_int_equal(agent_rules_billing(settings->rules, "claude", "file", 0, utc, NULL),
                   BILLING_LOCAL);
  zone_free(utc);
  import_settings_free(settings);
}

static void sources_are_switched_off_and_given_more_places(void **state) {
  (void)state;
  struct error error = {0};
  struct import_settings *settings;
  load(NULL, NULL, &settings, &error);
  assert_non_null(settings);
  assert_false(settings->off);
  import_settings_free(settings);

  load("{\"sources\":false}", NULL, &settings, &error);
  assert_true(settings->off);
  import_settings_free(settings);

  const char *home = getenv("HOME");
  char *before = mem_strdup(home);
  assert_int_equal(setenv("HOME", "/home/me", 1), 0);
  load(NULL, "{\"sources\":{\"codex\":false,\"claude\":[\"~/far/.claude/\",\"/mnt/x\"]}}",
       &settings, &error);
  assert_non_null(settings);
  assert_string_equal(settings->sources[0].name, "claude");
  assert_int_equal(settings->sources[0].folder_count, 2);
  assert_string_equal(settings->sources[0].folders[0], "/home/me/far/.claude");
  assert_string_equal(settings->sources[0].folders[1], "/mnt/x");
  assert_false(settings->sources[0].off);
  assert_true(settings->sources[1].off);
  import_settings_free(settings);
  if (before != NULL)
    (void)setenv("HOME", before, 1);
  mem_free(before);
}

static void a_broken_file_is_an_error_that_names_it(void **state) {
  (void)state;
  static const struct {
    const char *file, *expected;
  } cases[] = {
      {"{\"sources\":", "config.json: not a JSON object"},
      {"[]", "config.json: not a JSON object"},
      {"{\"sources\":{\"cluade\":false}}", "config.json: sources.cluade: expected one of"},
      {"{\"sources\":{\"claude\":[\"relative\"]}}", "sources.claude: expected whole paths"},
      {"{\"sources\":7}", "config.json: sources: expected false"},
      {"{\"agent_rules\":[{}]}", "config.json: agent_rules[1].agent: missing"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct error error = {0};
    struct import_settings *settings;
    load(NULL, cases[i].file, &settings, &error);
    assert_null(settings);
    if (strstr(error_text(&error), cases[i].expected) == NULL)
      fail_msg("%s", error_text(&error));
  }
}

static void the_ledger_keeps_what_setup_gave_for_the_program(void **state) {
  (void)state;
  struct books books;
  books_open(&books, "2026-11-24T10:00:00Z");
  assert_int_equal(setenv("XDG_CONFIG_HOME", books.temp.path, 1), 0);
  static const char given[] = "{\"agent_rules\":[{\"agent\":\"reviewer\"}]}";
  struct import_settings *settings;
  assert_ok(import_settings_store(books.ledger, given, &books.error), &books.error);
  books_reopen(&books);
  assert_ok(import_settings_of(&settings, books.ledger, &books.error), &books.error);
  assert_string_equal(agent_rules_agent(settings->rules, "claude", "/x", "m"), "reviewer");
  import_settings_free(settings);

  assert_ok(import_settings_store(books.ledger, NULL, &books.error), &books.error);
  assert_ok(import_settings_of(&settings, books.ledger, &books.error), &books.error);
  assert_string_equal(agent_rules_agent(settings->rules, "claude", "/x", "m"), "claude");
  import_settings_free(settings);
  books_close(&books);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(patterns_match_as_folders_and_models_do),
      cmocka_unit_test(the_first_rule_that_fits_names_the_agent),
      cmocka_unit_test(billing_switches_by_date),
      cmocka_unit_test(a_mistake_is_named),
      cmocka_unit_test(the_file_counts_before_what_setup_was_given),
      cmocka_unit_test(sources_are_switched_off_and_given_more_places),
      cmocka_unit_test(a_broken_file_is_an_error_that_names_it),
      cmocka_unit_test(the_ledger_keeps_what_setup_gave_for_the_program),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

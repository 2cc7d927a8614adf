/* test_cli_terminal.c - the statusline and the doctor, as a terminal sees them. */
#include "support/support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "support/program.h"
#include "support/temp.h"

static struct temp temp;
static struct buf out;
static struct buf err;

static int set_up(void **state) {
  (void)state;
  temp_make(&temp);
  (void)unsetenv("CLAUDE_CONFIG_DIR");
  (void)unsetenv("CODEX_HOME");
  return setenv("PURSER_DB", temp_path(&temp, "purser.db"), 1) != 0 ||
         setenv("TZ", "UTC", 1) != 0 || setenv("HOME", temp.path, 1) != 0 ||
         setenv("XDG_CONFIG_HOME", temp_path(&temp, "config"), 1) != 0 ||
         setenv("XDG_DATA_HOME", temp_path(&temp, "data"), 1) != 0 ||
         setenv("PURSER_NOW", "2026-11-24T12:00:00Z", 1) != 0;
}

static int tear_down(void **state) {
  (void)state;
  temp_remove(&temp);
  buf_fini(&out);
  buf_fini(&err);
  return 0;
}

static void put(const char *name, const char *text) {
  temp_write(&temp, name, text, strlen(text));
}

static void expect(int code, const char *arguments) {
  char whole[1400];
  (void)snprintf(whole, sizeof whole, "%s%s", arguments,
                 strchr(arguments, '<') != NULL ? "" : " </dev/null");
  const int got = program_run(PURSER_PROGRAM, whole, &out, &err);
  if (got != code)
    fail_msg("purser %s: %d, not %d: %s%s", arguments, got, code, buf_text(&out), buf_text(&err));
}

static void contains(const char *what) {
  if (strstr(buf_text(&out), what) == NULL)
    fail_msg("\"%s\" is not in: %s", what, buf_text(&out));
}

static void lacks(const char *what) {
  if (strstr(buf_text(&out), what) != NULL)
    fail_msg("\"%s\" is in: %s", what, buf_text(&out));
}

/* On the day that it is in these tests. */
static void spend(const char *agent, const char *key, const char *cost) {
  char line[1024];
  char arguments[1100];
  const int len = snprintf(
      line, sizeof line,
      "{\"run\":{\"uid\":\"%s\",\"agent\":\"%s\",\"workspace\":\"/w\",\"source\":\"test\","
      "\"started_ms\":1795500000000},\"request\":{\"key\":\"%s\",\"model\":\"house-blend\","
      "\"at_ms\":1795500000000,%s}}\n",
      key, agent, key, cost);
  temp_write(&temp, "spent", line, (size_t)len);
  (void)snprintf(arguments, sizeof arguments, "import %s", temp_path(&temp, "spent"));
  expect(0, arguments);
}
#define DOLLARS_1_94 "\"cost_nanousd\":1940000000,\"cost_status\":\"known\""

/* ---- the statusline ---- */

static void it_says_today_and_the_tightest_budget_that_applies(void **state) {
  (void)state;
  expect(0, "budget set global 245");
  expect(0, "budget set agent:claude 500");
  expect(0, "budget set agent:reviewer 200");
  spend("claude", "k1", DOLLARS_1_94);
  expect(0, "statusline");
  assert_string_equal(buf_text(&out), "$1.94 today · 79 % of $2.45\n");
  expect(0, "budget set agent:claude 195");
  expect(0, "statusline");
  assert_string_equal(buf_text(&out), "$1.94 today · 79 % of $2.45\n");
  expect(0, "statusline --agent claude");
  assert_string_equal(buf_text(&out), "$1.94 today · 99 % of $1.95\n");
  expect(0, "statusline --agent reviewer");
  assert_string_equal(buf_text(&out), "$1.94 today · 79 % of $2.45\n");
}

static void without_a_ledger_or_a_budget_there_is_little_to_say(void **state) {
  (void)state;
  expect(0, "statusline");
  assert_string_equal(buf_text(&out), "0.00 ¢ today\n");
  assert_null(temp_read(&temp, "purser.db", NULL));
  spend("claude", "k1", DOLLARS_1_94);
  expect(0, "statusline");
  assert_string_equal(buf_text(&out), "$1.94 today\n");
}

static void rule_17_a_sum_with_unpriced_requests_is_a_lower_bound(void **state) {
  (void)state;
  spend("claude", "k1", "\"cost_status\":\"unknown\"");
  expect(0, "statusline");
  contains("≥ ");
}

static void the_format_has_placeholders_and_parts_that_may_be_left_out(void **state) {
  (void)state;
  static const struct {
    const char *format, *line;
  } cases[] = {
      {"{today}/{month}", "$1.94/$1.94"},
      {"{spent} {limit} {left}[ held {held}]", "$1.94 $2.45 51.00 ¢"},
      {"{scope} until {resets}", "global until 2026-12-01"},
      {"[session {session}]x", "x"},
      {"{{today} [[x] ]", "{today} [x] ]"},
      {"plain", "plain"},
      {"{today", "$1.94"},
      {"[a{percent}b", "a79 %b"},
  };
  expect(0, "budget set global 245");
  spend("claude", "k1", DOLLARS_1_94);
  for (size_t i = 0; i < COUNT(cases); i++) {
    char arguments[200];
    char line[200];
    (void)snprintf(arguments, sizeof arguments, "statusline --format '%s'", cases[i].format);
    (void)snprintf(line, sizeof line, "%s\n", cases[i].line);
    expect(0, arguments);
    assert_string_equal(buf_text(&out), line);
  }
  expect(0, "statusline --format '{frob}'");
  assert_string_equal(buf_text(&out), "purser: no {frob}\n");
}

static void claude_code_s_json_is_heeded_where_there_is_any(void **state) {
  (void)state;
  static const char said[] =
      "{\"session_id\":\"s\",\"cwd\":\"/w\",\"model\":{\"id\":\"claude-opus-5-5\",\"display_name\":\"Opus\"},"
      "\"workspace\":{\"current_dir\":\"/w\"},\"cost\":{\"total_cost_usd\":0.018262800000000003}}";
  char arguments[1200];
  expect(0, "budget set workspace:/w 300");
  expect(0, "budget set agent:claude 1000");
  spend("claude", "k1", DOLLARS_1_94);
  put("said", said);
  (void)snprintf(arguments, sizeof arguments,
                 "statusline --plain --format '{model} {session} {workspace} {percent}' <%s",
                 temp_path(&temp, "said"));
  expect(0, arguments);
  assert_string_equal(buf_text(&out), "Opus 1.83 ¢ w 64 %\n");
  put("said", "{\"cost\":{\"total_cost_usd\":\"x\"},\"model\":7,");
  (void)snprintf(arguments, sizeof arguments, "statusline --workspace /w --format '{percent}' <%s",
                 temp_path(&temp, "said"));
  expect(0, arguments);
  assert_string_equal(buf_text(&out), "64 %\n");
}

static void it_is_coloured_for_claude_code_and_on_demand(void **state) {
  (void)state;
  char arguments[1200];
  expect(0, "budget set global 200");
  spend("claude", "k1", DOLLARS_1_94);
  expect(0, "statusline");
  lacks("\033");
  expect(0, "statusline --color");
  contains("\033[33m");
  expect(0, "budget set global 100");
  put("said", "{}");
  (void)snprintf(arguments, sizeof arguments, "statusline <%s", temp_path(&temp, "said"));
  expect(0, arguments);
  contains("\033[31m");
  (void)snprintf(arguments, sizeof arguments, "statusline --plain <%s", temp_path(&temp, "said"));
  expect(0, arguments);
  lacks("\033");
}

/* A pipe that somebody keeps open and says nothing on. */
static void it_does_not_wait_for_an_input_that_says_nothing(void **state) {
  (void)state;
  int ends[2];
  char arguments[64];
  assert_int_equal(pipe(ends), 0);
  (void)snprintf(arguments, sizeof arguments, "statusline <&%d", ends[0]);
  expect(0, arguments);
  assert_string_equal(buf_text(&out), "0.00 ¢ today\n");
  (void)close(ends[0]);
  (void)close(ends[1]);
}

static void a_broken_ledger_is_a_short_text_and_no_failure(void **state) {
  (void)state;
  put("purser.db", "just some notes\n");
  expect(0, "statusline");
  assert_string_equal(buf_text(&out), "purser: no ledger\n");
  assert_int_equal(err.len, 0);
}

static void without_a_home_there_is_no_ledger(void **state) {
  (void)state;
  (void)unsetenv("PURSER_DB");
  (void)unsetenv("XDG_DATA_HOME");
  (void)unsetenv("HOME");
  expect(0, "statusline");
  assert_string_equal(buf_text(&out), "purser: no ledger\n");
  expect(1, "report");
  assert_non_null(strstr(buf_text(&err), "set HOME or PURSER_DB"));
}

/* ---- the doctor ---- */

static void the_doctor_is_content_with_a_new_machine(void **state) {
  (void)state;
  expect(0, "doctor");
  contains("ledger");
  contains("Claude Code has recorded nothing");
  lacks("warn");
  expect(0, "doctor --json");
  struct json_doc doc = JSON_DOC_INIT;
  assert_int_equal(json_parse(&doc, buf_text(&out), out.len), PURSER_OK);
  assert_false(json_is_true(&doc, json_get(&doc, 0, "needs_action")));
  json_fini(&doc);
}

/* It reads the version out of the file: a library that is broken must not be run. */
static void the_doctor_looks_at_the_library_beside_the_program(void **state) {
  (void)state;
  char command[1200];
  char program[600];
  (void)snprintf(program, sizeof program, "%s", temp_path(&temp, "purser"));
  (void)snprintf(command, sizeof command, "cp %s %s", PURSER_PROGRAM, program);
  assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): the test's own words
  assert_int_equal(program_run(program, "doctor </dev/null", &out, &err), 0);
  lacks("library");
  put("libpurser.so", "purser-version:9.9.9");
  assert_int_equal(program_run(program, "doctor </dev/null", &out, &err), 1);
  contains("libpurser.so is 9.9.9");
  contains("make build");
  put("libpurser.so", "something else");
  assert_int_equal(program_run(program, "doctor </dev/null", &out, &err), 1);
  contains("libpurser.so is no library of purser's");
}

static void the_doctor_names_what_no_budget_can_count(void **state) {
  (void)state;
  spend("claude", "k1", "\"cost_status\":\"unknown\"");
  expect(1, "doctor");
  contains("model house-blend has no price");
  contains("prices.json");
}

static void rule_31_the_doctor_names_budgets_that_can_t_work(void **state) {
  (void)state;
  expect(0, "budget set workspace:/no/such/folder 100");
  expect(1, "doctor");
  contains("workspace /no/such/folder, and no such folder");
}

static void the_doctor_sees_where_a_client_and_its_card_disagree(void **state) {
  (void)state;
  spend("claude", "k1", DOLLARS_1_94 ",\"reported_nanousd\":970000000");
  expect(1, "doctor");
  contains(
      "house-blend: for 1 requests of the last 30 days the rate card makes $1.94, and the client "
      "says 97.00 ¢");
}

static void write_session(const char *day) {
  char text[700];
  (void)mkdir(temp_path(&temp, ".claude"), 0700);
  (void)mkdir(temp_path(&temp, ".claude/projects"), 0700);
  (void)mkdir(temp_path(&temp, ".claude/projects/-w"), 0700);
  const int len = snprintf(
      text, sizeof text,
      "{\"type\":\"user\",\"sessionId\":\"s1\",\"uuid\":\"u1\",\"cwd\":\"/w\",\"timestamp\":\"%sT10:00:00.000Z\","
      "\"message\":{\"role\":\"user\",\"content\":\"Say hello\"}}\n",
      day);
  temp_write(&temp, ".claude/projects/-w/s1.jsonl", text, (size_t)len);
}

/* What a client deletes before it was read is lost (rule 14). */
static void rule_14_the_doctor_warns_of_what_will_be_gone_unread(void **state) {
  (void)state;
  char command[1200];
  (void)unsetenv("PURSER_NOW"); /* the file's own time is the machine's */
  write_session("2026-11-01");
  expect(0, "doctor");
  contains("1 of them not read to their end");
  (void)snprintf(command, sizeof command, "touch -d '25 days ago' %s",
                 temp_path(&temp, ".claude/projects/-w/s1.jsonl"));
  assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): the test's own words
  expect(1, "doctor");
  contains("deletes what is older than 30 days");
  put(".claude/settings.json", "{\"cleanupPeriodDays\": 365}");
  expect(0, "doctor");
  contains("older than 365 days (cleanupPeriodDays)");
  put(".claude/settings.json", "{\"cleanupPeriodDays\": 28}");
  expect(1, "doctor");
  expect(0, "import claude");
  expect(0, "doctor");
  contains("1 files, all of them read");
}

static void the_doctor_knows_whether_the_hooks_are_there_and_work(void **state) {
  (void)state;
  assert_int_equal(mkdir(temp_path(&temp, ".claude"), 0700), 0);
  expect(0, "doctor");
  contains("Claude Code is not held to its budgets in a terminal");
  expect(0, "setup claude --yes");
  expect(0, "doctor");
  contains("Claude Code asks purser");
  char *text = temp_read(&temp, ".claude/settings.json", NULL);
  assert_non_null(text);
  struct buf moved = BUF_INIT;
  for (char *at = text; *at != '\0'; at++) {
    if (strncmp(at, "\"command\": \"/", 13) == 0) {
      buf_adds(&moved, "\"command\": \"/gone");
      at += 11;
    } else {
      buf_addc(&moved, *at);
    }
  }
  temp_write(&temp, ".claude/settings.json", buf_text(&moved), moved.len);
  expect(1, "doctor");
  contains("which is not there");
  buf_fini(&moved);
  free(text);
}

static void the_doctor_tells_what_is_wrong_with_ledger_and_settings(void **state) {
  (void)state;
  assert_int_equal(mkdir(temp_path(&temp, "config"), 0700), 0);
  assert_int_equal(mkdir(temp_path(&temp, "config/purser"), 0700), 0);
  put("config/purser/config.json", "{");
  expect(1, "doctor");
  contains("config.json");
  put("config/purser/prices.json", "{");
  expect(1, "doctor");
  contains("prices.json");
  put("purser.db", "just some notes\n");
  expect(1, "doctor");
  contains("untouched");
  expect(64, "doctor more");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(it_says_today_and_the_tightest_budget_that_applies),
      IN_FOLDER(without_a_ledger_or_a_budget_there_is_little_to_say),
      IN_FOLDER(rule_17_a_sum_with_unpriced_requests_is_a_lower_bound),
      IN_FOLDER(the_format_has_placeholders_and_parts_that_may_be_left_out),
      IN_FOLDER(claude_code_s_json_is_heeded_where_there_is_any),
      IN_FOLDER(it_is_coloured_for_claude_code_and_on_demand),
      IN_FOLDER(it_does_not_wait_for_an_input_that_says_nothing),
      IN_FOLDER(a_broken_ledger_is_a_short_text_and_no_failure),
      IN_FOLDER(without_a_home_there_is_no_ledger),
      IN_FOLDER(the_doctor_is_content_with_a_new_machine),
      IN_FOLDER(the_doctor_looks_at_the_library_beside_the_program),
      IN_FOLDER(the_doctor_names_what_no_budget_can_count),
      IN_FOLDER(rule_31_the_doctor_names_budgets_that_can_t_work),
      IN_FOLDER(the_doctor_sees_where_a_client_and_its_card_disagree),
      IN_FOLDER(rule_14_the_doctor_warns_of_what_will_be_gone_unread),
      IN_FOLDER(the_doctor_knows_whether_the_hooks_are_there_and_work),
      IN_FOLDER(the_doctor_tells_what_is_wrong_with_ledger_and_settings),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

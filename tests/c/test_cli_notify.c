/* test_cli_notify.c - who tells of a crossed threshold when no editor is open: the program, once, on the desktop as well. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "support/program.h"
#include "support/temp.h"

static struct temp temp;
static struct buf out;
static struct buf err;

static int set_up(void **state) {
  (void)state;
  temp_make(&temp);
  (void)unsetenv("PURSER_RUN");
  (void)mkdir(temp_path(&temp, "config"), 0700);
  (void)mkdir(temp_path(&temp, "config/purser"), 0700);
  return setenv("PURSER_DB", temp_path(&temp, "purser.db"), 1) != 0 ||
         setenv("TZ", "UTC", 1) != 0 || setenv("HOME", temp.path, 1) != 0 ||
         setenv("XDG_CONFIG_HOME", temp_path(&temp, "config"), 1) != 0 ||
         setenv("PURSER_NOW", "2026-11-24T12:00:00Z", 1) != 0;
}

static int tear_down(void **state) {
  (void)state;
  temp_remove(&temp);
  buf_fini(&out);
  buf_fini(&err);
  return 0;
}

static void expect(int code, const char *arguments) {
  const int got = program_run(PURSER_PROGRAM, arguments, &out, &err);
  if (got != code)
    fail_msg("purser %s: %d, not %d: %s%s", arguments, got, code, buf_text(&out), buf_text(&err));
}

/* What sends notifications here: a script that writes down what it is given. */
static void notify_by_script(const char *more) {
  char text[2048];
  int len = snprintf(text, sizeof text, "#!/bin/sh\nprintf '%%s|' \"$@\" >>%s\n",
                     temp_path(&temp, "told"));
  temp_write(&temp, "tell", text, (size_t)len);
  assert_int_equal(chmod(temp_path(&temp, "tell"), 0700), 0);
  len = snprintf(text, sizeof text, "{\"notifications\":{\"command\":[\"%s\",\"--mine\"]%s}}",
                 temp_path(&temp, "tell"), more);
  temp_write(&temp, "config/purser/config.json", text, (size_t)len);
}

static void spend(const char *key, int cents) {
  char line[1024];
  char arguments[1100];
  const int len = snprintf(
      line, sizeof line,
      "{\"run\":{\"uid\":\"%s\",\"agent\":\"claude\",\"workspace\":\"/w\",\"source\":\"test\","
      "\"started_ms\":1795500000000},\"request\":{\"key\":\"%s\",\"model\":\"m\","
      "\"at_ms\":1795500000000,\"cost_nanousd\":%d0000000,\"cost_status\":\"known\"}}\n",
      key, key, cents);
  temp_write(&temp, "spent", line, (size_t)len);
  (void)snprintf(arguments, sizeof arguments, "import %s", temp_path(&temp, "spent"));
  expect(0, arguments);
}

/* The script is nobody's to wait for, so that it is asked until it has written. */
static const char *told(bool something) {
  static char text[2048];
  text[0] = '\0';
  for (int i = 0; i < 2000; i++) {
    size_t len = 0;
    char *got = temp_read(&temp, "told", &len);
    const bool whole = got != NULL && len > 0 && got[len - 1] == '|';
    if (whole)
      (void)snprintf(text, sizeof text, "%s", got);
    free(got);
    if (whole || (!something && i >= 20))
      break;
    (void)nanosleep(&(struct timespec){0, 5000000}, NULL);
  }
  return text;
}

static void rule_30_the_program_tells_what_nobody_has_told(void **state) {
  (void)state;
  notify_by_script("");
  expect(0, "budget set agent:claude 100");
  spend("k1", 85);
  assert_string_equal(
      told(true), "--mine|Budget threshold|agent claude has spent 80 % of the budget this month: "
                  "85.00 ¢ of $1.00, resets on 2026-12-01|");
  assert_non_null(strstr(buf_text(&err), "agent claude has spent 80 % of the budget this month"));
  assert_int_equal(unlink(temp_path(&temp, "told")), 0);
  spend("k2", 1);
  assert_string_equal(told(false), "");
  assert_string_equal(buf_text(&err), "");
}

static void rule_30_a_hook_tells_what_a_quiet_writer_left(void **state) {
  (void)state;
  expect(0, "budget set global 100");
  temp_write(&temp, "config/purser/config.json", "{\"notifications\":{\"desktop\":false}}", 35);
  spend("k1", 55);
  assert_non_null(strstr(buf_text(&err), "all agents together have spent 50 %"));
  notify_by_script("");
  static const char question[] =
      "{\"session_id\":\"s1\",\"cwd\":\"/w\",\"hook_event_name\":\"UserPromptSubmit\",\"prompt\":\"x\"}";
  char arguments[1100];
  temp_write(&temp, "question", question, sizeof question - 1);
  (void)snprintf(arguments, sizeof arguments, "hook claude <%s", temp_path(&temp, "question"));
  expect(0, arguments);
  assert_string_equal(told(false), ""); /* it was claimed */
  spend("k2", 30);
  assert_non_null(strstr(told(true), "all agents together have spent 80 %"));
}

static void who_wants_no_notices_gets_none(void **state) {
  (void)state;
  notify_by_script(",\"thresholds\":false");
  expect(0, "budget set agent:claude 100");
  spend("k1", 85);
  assert_string_equal(told(false), "");
  assert_string_equal(buf_text(&err), "");
}

static void a_program_that_is_not_there_is_no_failure(void **state) {
  (void)state;
  static const char settings[] = "{\"notifications\":{\"command\":\"/nowhere/at-all\"}}";
  temp_write(&temp, "config/purser/config.json", settings, sizeof settings - 1);
  expect(0, "budget set agent:claude 100");
  spend("k1", 105);
  assert_non_null(strstr(buf_text(&err), "agent claude has spent 100 %"));
}

static void a_mistake_in_the_settings_is_said(void **state) {
  (void)state;
  static const char settings[] = "{\"notifications\":{\"command\":[1]}}";
  temp_write(&temp, "config/purser/config.json", settings, sizeof settings - 1);
  expect(1, "import claude");
  assert_non_null(strstr(buf_text(&err), "notifications.command: expected a program's words"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(rule_30_the_program_tells_what_nobody_has_told),
      IN_FOLDER(rule_30_a_hook_tells_what_a_quiet_writer_left),
      IN_FOLDER(who_wants_no_notices_gets_none),
      IN_FOLDER(a_program_that_is_not_there_is_no_failure),
      IN_FOLDER(a_mistake_in_the_settings_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_cli_setup.c - `purser setup`: somebody else's settings are changed in the one place that is meant, once, and can be had back. */
#include "support/support.h"

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
  return setenv("CLAUDE_CONFIG_DIR", temp_path(&temp, "claude"), 1) != 0 ||
         setenv("CODEX_HOME", temp_path(&temp, "codex"), 1) != 0 ||
         setenv("HOME", temp.path, 1) != 0 || mkdir(temp_path(&temp, "claude"), 0700) != 0;
}

static int tear_down(void **state) {
  (void)state;
  temp_remove(&temp);
  buf_fini(&out);
  buf_fini(&err);
  return 0;
}

static void expect(int code, const char *arguments) {
  char whole[600];
  (void)snprintf(whole, sizeof whole, "%s </dev/null", arguments);
  const int got = program_run(PURSER_PROGRAM, whole, &out, &err);
  if (got != code)
    fail_msg("purser %s: %d, not %d: %s%s", arguments, got, code, buf_text(&out), buf_text(&err));
}

static void put(const char *name, const char *text) {
  temp_write(&temp, name, text, strlen(text));
}

static void file_is(const char *name, const char *expected) {
  char *text = temp_read(&temp, name, NULL);
  if (expected == NULL) {
    assert_null(text);
    return;
  }
  assert_non_null(text);
  assert_string_equal(text, expected);
  free(text);
}

static void contains(const char *text, const char *what) {
  if (strstr(text, what) == NULL)
    fail_msg("\"%s\" is not in: %s", what, text);
}

static size_t count(const char *text, const char *what) {
  size_t found = 0;
  for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
    found++;
  return found;
}

#define SETTINGS "claude/settings.json"
#define COPY     "claude/settings.json.before-purser"

static char *settings(void) {
  char *text = temp_read(&temp, SETTINGS, NULL);
  struct json_doc doc = JSON_DOC_INIT;
  assert_non_null(text);
  assert_int_equal(json_parse(&doc, text, strlen(text)), PURSER_OK);
  json_fini(&doc);
  return text;
}

/* ---- there and back ---- */

static const char with_hooks[] =
    "{\n  \"hooks\": {\n    \"PreToolUse\": [\n      {\n        \"matcher\": \"Bash\",\n"
    "        \"hooks\": [{ \"type\": \"command\", \"command\": \"check }]\\\"\" }]\n      }\n    ]\n  },\n"
    "  \"statusLine\": { \"type\": \"command\", \"command\": \"mine\" }\n}\n";

static const char *const files[] = {
    "{}",
    "{}\n",
    "{\n}\n",
    "{ }",
    "{\n  \"model\": \"opus\"\n}\n",
    "{\n    \"model\": \"opus\",\n    \"x\": [1, 2, {\"y\": 1e3}]\n}",
    "{\n\t\"model\": \"opus\"\n}\n",
    "{\r\n  \"model\": \"opus\"\r\n}\r\n",
    "{\"model\":\"opus\"}",
    "{\"model\":\"opus\",\"hooks\":{\"Stop\":[{\"hooks\":[{\"type\":\"command\",\"command\":\"beep\"}]}]}}",
    with_hooks,
    "{\"é\\u00e9\":\"\\\\\",\"deep\":{\"hooks\":{\"command\":\"purser hook claude\"}}}",
};

static void the_settings_come_back_byte_for_byte(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(files); i++) {
    put(SETTINGS, files[i]);
    expect(0, "setup claude --yes --statusline");
    char *text = settings();
    assert_int_equal(count(text, " hook claude\""), 5 + (i == COUNT(files) - 1));
    assert_int_equal(count(text, " statusline\""), i != 10);
    free(text);
    expect(0, "setup claude --undo --yes");
    file_is(SETTINGS, files[i]);
    file_is(COPY, NULL);
  }
}

/* Without the copy, and so after any edit, too. */
static void taking_it_out_needs_no_copy(void **state) {
  (void)state;
  for (size_t i = 4; i < COUNT(files); i++) {
    put(SETTINGS, files[i]);
    expect(0, "setup claude --yes --statusline");
    assert_int_equal(unlink(temp_path(&temp, COPY)), 0);
    expect(0, "setup claude --undo --yes");
    file_is(SETTINGS, files[i]);
  }
}

static void what_the_user_edited_meanwhile_stays(void **state) {
  (void)state;
  put(SETTINGS, "{\n  \"model\": \"opus\"\n}\n");
  expect(0, "setup claude --yes");
  char *text = settings();
  /* Another hook beside ours, in the same list; and another model. */
  struct buf edited = BUF_INIT;
  const char *model = strstr(text, "opus");
  const char *entry = strstr(text, "{\n            \"type\"");
  assert_true(model != NULL && entry != NULL && model < entry);
  buf_add(&edited, text, (size_t)(model - text));
  buf_adds(&edited, "haiku");
  buf_add(&edited, model + 4, (size_t)(entry - model) - 4);
  buf_adds(&edited, "{\"type\": \"command\", \"command\": \"theirs\"}, ");
  buf_adds(&edited, entry);
  put(SETTINGS, buf_text(&edited));
  expect(0, "setup claude --undo --yes");
  char *after = settings();
  assert_null(strstr(after, "purser"));
  contains(after, "haiku");
  contains(after, "\"command\": \"theirs\"");
  assert_null(strstr(after, "UserPromptSubmit"));
  /* The copy is another file now, and stays for the user. */
  file_is(COPY, "{\n  \"model\": \"opus\"\n}\n");
  buf_fini(&edited);
  free(text);
  free(after);
}

static void a_file_that_purser_made_goes_with_it(void **state) {
  (void)state;
  expect(0, "setup claude --yes");
  contains(buf_text(&out), "(a new file)");
  file_is(COPY, NULL);
  struct stat info;
  assert_int_equal(stat(temp_path(&temp, SETTINGS), &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  expect(0, "setup claude --undo --yes");
  contains(buf_text(&out), "removed");
  file_is(SETTINGS, NULL);
}

static void a_second_time_there_is_nothing_to_do(void **state) {
  (void)state;
  expect(0, "setup claude --yes");
  char *first = settings();
  expect(0, "setup claude --yes");
  contains(buf_text(&out), "nothing to do");
  file_is(SETTINGS, first);
  free(first);
  expect(0, "setup claude --undo --yes");
  expect(0, "setup claude --undo --yes");
  contains(buf_text(&out), "nothing to do");
}

/* Another path or another setting: the command is changed where it stands. */
static void what_is_there_already_is_brought_up_to_date(void **state) {
  (void)state;
  put(SETTINGS, "{\"hooks\":{\"UserPromptSubmit\":[{\"hooks\":[{\"type\":\"command\","
                "\"command\":\"'/old place/purser' hook claude\",\"timeout\":3}]}]}}");
  expect(0, "setup claude --yes --fail closed");
  char *text = settings();
  assert_null(strstr(text, "/old place"));
  assert_int_equal(count(text, "hook claude --fail closed\""), 5);
  contains(text, "\"timeout\":3");
  free(text);
}

/* ---- asking ---- */

static void without_a_terminal_and_without_yes_nothing_is_written(void **state) {
  (void)state;
  put(SETTINGS, files[4]);
  expect(1, "setup claude");
  contains(buf_text(&out), "+ ");
  contains(buf_text(&err), "--yes");
  file_is(SETTINGS, files[4]);
  expect(0, "setup claude --dry-run");
  contains(buf_text(&out), "hook claude");
  file_is(SETTINGS, files[4]);
  file_is(COPY, NULL);
}

static void the_statusline_is_left_alone_unless_asked_for_and_free(void **state) {
  (void)state;
  put(SETTINGS, files[4]);
  expect(0, "setup claude --yes");
  char *text = settings();
  assert_null(strstr(text, "statusLine"));
  free(text);
  put(SETTINGS, files[10]);
  expect(0, "setup claude --yes --statusline");
  text = settings();
  contains(text, "\"command\": \"mine\"");
  assert_null(strstr(text, "purser statusline"));
  free(text);
}

/* ---- what is wrong ---- */

static void broken_settings_are_one_clear_message_and_left_alone(void **state) {
  (void)state;
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"{\"model\": ", "not valid JSON"},
      {"{\"model\": \"opus\",}", "not valid JSON"},
      {"// mine\n{}", "not valid JSON"},
      {"[]", "not valid JSON"},
      {"\"x\"", "not valid JSON"},
      {"{\"hooks\": []}", "\"hooks\" is not an object"},
      {"{\"hooks\": {\"Stop\": {}}}", "Stop is not a list"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    put(SETTINGS, cases[i].text);
    expect(1, "setup claude --yes");
    contains(buf_text(&err), cases[i].message);
    contains(buf_text(&err), "settings.json");
    assert_int_equal(count(buf_text(&err), "\n"), 1);
    file_is(SETTINGS, cases[i].text);
    file_is(COPY, NULL);
  }
}

static void a_link_to_settings_stays_one_and_so_do_their_permissions(void **state) {
  (void)state;
  struct stat info;
  char path[1024];
  put("dotfiles.json", files[4]);
  assert_int_equal(chmod(temp_path(&temp, "dotfiles.json"), 0640), 0);
  (void)snprintf(path, sizeof path, "%s", temp_path(&temp, SETTINGS));
  assert_int_equal(symlink(temp_path(&temp, "dotfiles.json"), path), 0);
  expect(0, "setup claude --yes");
  assert_int_equal(lstat(path, &info), 0);
  assert_true(S_ISLNK(info.st_mode));
  assert_int_equal(stat(path, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0640);
  char *text = temp_read(&temp, "dotfiles.json", NULL);
  contains(text, "hook claude");
  free(text);
}

static void a_folder_that_can_t_be_written_is_told(void **state) {
  (void)state;
  if (geteuid() == 0) {
    skip(); /* whom nothing is forbidden */
    return;
  }
  put(SETTINGS, files[4]);
  assert_int_equal(chmod(temp_path(&temp, "claude"), 0500), 0);
  expect(1, "setup claude --yes");
  contains(buf_text(&err), "Permission denied");
  file_is(SETTINGS, files[4]);
}

/* ---- the other clients ---- */

static void codex_has_a_file_of_its_own_and_a_step_that_is_the_user_s(void **state) {
  (void)state;
  expect(0, "setup codex --yes");
  contains(buf_text(&out), "trust");
  char *text = temp_read(&temp, "codex/hooks.json", NULL);
  assert_non_null(text);
  assert_int_equal(count(text, " hook codex\""), 4);
  free(text);
  expect(0, "setup codex --undo --yes");
  file_is("codex/hooks.json", NULL);
}

static void gemini_s_settings_may_hold_comments(void **state) {
  (void)state;
  static const char mine[] =
      "{\n  // {\"hooks\": mine}\n  \"model\": \"a//b\", /* \" */\n  \"x\": 1 // last\n}\n";
  assert_int_equal(mkdir(temp_path(&temp, ".gemini"), 0700), 0);
  put(".gemini/settings.json", mine);
  expect(0, "setup gemini --yes");
  char *text = temp_read(&temp, ".gemini/settings.json", NULL);
  assert_non_null(text);
  contains(text, "// {\"hooks\": mine}\n  \"model\": \"a//b\", /* \" */");
  contains(text, "// last");
  assert_int_equal(count(text, " hook gemini\""), 4);
  assert_int_equal(count(text, "\"matcher\": \"*\""), 4);
  free(text);
  assert_int_equal(unlink(temp_path(&temp, ".gemini/settings.json.before-purser")), 0);
  expect(0, "setup gemini --undo --yes");
  file_is(".gemini/settings.json", mine);
}

static void opencode_has_none_and_that_is_said(void **state) {
  (void)state;
  expect(1, "setup opencode --yes");
  contains(buf_text(&err), "opencode has no hooks");
  expect(64, "setup");
  expect(64, "setup frob");
  expect(64, "setup claude --fail later");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(the_settings_come_back_byte_for_byte),
      IN_FOLDER(taking_it_out_needs_no_copy),
      IN_FOLDER(what_the_user_edited_meanwhile_stays),
      IN_FOLDER(a_file_that_purser_made_goes_with_it),
      IN_FOLDER(a_second_time_there_is_nothing_to_do),
      IN_FOLDER(what_is_there_already_is_brought_up_to_date),
      IN_FOLDER(without_a_terminal_and_without_yes_nothing_is_written),
      IN_FOLDER(the_statusline_is_left_alone_unless_asked_for_and_free),
      IN_FOLDER(broken_settings_are_one_clear_message_and_left_alone),
      IN_FOLDER(a_link_to_settings_stays_one_and_so_do_their_permissions),
      IN_FOLDER(a_folder_that_can_t_be_written_is_told),
      IN_FOLDER(codex_has_a_file_of_its_own_and_a_step_that_is_the_user_s),
      IN_FOLDER(gemini_s_settings_may_hold_comments),
      IN_FOLDER(opencode_has_none_and_that_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

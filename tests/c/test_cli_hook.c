/* test_cli_hook.c - `purser hook`: what a client is answered at each moment, for whom it counts, and what happens when the ledger can't be
 * asked. The clients themselves are asked in tests/e2e/hook_spec.lua. */
#include "support/books.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "budget/budget.h"
#include "ledger/leave_log.h"
#include "support/program.h"

static struct temp temp;
static struct buf out;
static struct buf err;

static int set_up(void **state) {
  (void)state;
  temp_make(&temp);
  (void)unsetenv("PURSER_RUN");
  return setenv("PURSER_DB", temp_path(&temp, "purser.db"), 1) != 0 ||
         setenv("TZ", "UTC", 1) != 0 ||
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

static int run(const char *arguments) {
  return program_run(PURSER_PROGRAM, arguments, &out, &err);
}

static void expect(int code, const char *arguments) {
  const int got = run(arguments);
  if (got != code)
    fail_msg("purser %s: %d, not %d: %s%s", arguments, got, code, buf_text(&out), buf_text(&err));
}

/* The hook of a client, at a moment, in a folder. */
static int hook_in(const char *client, const char *event, const char *cwd, const char *options) {
  char json[2048];
  char arguments[1600];
  const int len = snprintf(json, sizeof json,
                           "{\"session_id\":\"s1\",\"transcript_path\":\"%s\",\"cwd\":\"%s\","
                           "\"hook_event_name\":\"%s\",\"prompt\":\"Say hello\"}",
                           temp_path(&temp, "claude/projects/-w/s1.jsonl"), cwd, event);
  assert_in_range(len, 1, sizeof json - 1);
  temp_write(&temp, "question", json, (size_t)len);
  (void)snprintf(arguments, sizeof arguments, "hook %s %s <%s", client, options,
                 temp_path(&temp, "question"));
  return run(arguments);
}

static int hook(const char *client, const char *event) {
  return hook_in(client, event, "/elsewhere", "");
}

/* What was answered is one JSON document; the text at a path, "" none. */
static const char *answer(const char *path) {
  static char text[4096];
  struct json_doc doc = JSON_DOC_INIT;
  struct buf value = BUF_INIT;
  text[0] = '\0';
  if (out.len > 0) {
    assert_int_equal(json_parse(&doc, buf_text(&out), out.len), PURSER_OK);
    const json_id id = json_path(&doc, 0, path);
    const purser_str raw = json_raw(&doc, id);
    if (json_kind(&doc, id) == JSON_STRING)
      json_add_text(&doc, id, &value);
    else
      buf_add(&value, raw.ptr != NULL ? raw.ptr : "", raw.len);
    (void)snprintf(text, sizeof text, "%s", buf_text(&value));
  }
  buf_fini(&value);
  json_fini(&doc);
  return text;
}

static void contains(const char *text, const char *what) {
  if (strstr(text, what) == NULL)
    fail_msg("\"%s\" is not in: %s", what, text);
}

/* Spends by the program's own door. */
static void spend(const char *agent, const char *workspace, const char *key, int cents) {
  char line[1024];
  const int len =
      snprintf(line, sizeof line,
               "{\"run\":{\"uid\":\"%s\",\"agent\":\"%s\",\"workspace\":\"%s\",\"source\":\"test\","
               "\"started_ms\":1795500000000},\"request\":{\"key\":\"%s\",\"model\":\"m\","
               "\"at_ms\":1795500000000,\"cost_nanousd\":%d0000000,\"cost_status\":\"known\"}}\n",
               key, agent, workspace, key, cents);
  char arguments[1100];
  temp_write(&temp, "spent", line, (size_t)len);
  (void)snprintf(arguments, sizeof arguments, "import %s", temp_path(&temp, "spent"));
  expect(0, arguments);
}

/* ---- refusing ---- */

static void without_a_budget_nothing_is_said(void **state) {
  (void)state;
  static const char *const events[] = {
      "SessionStart", "UserPromptSubmit", "PreToolUse", "PreCompact", "Stop", "SomethingNew"};
  for (size_t i = 0; i < COUNT(events); i++) {
    assert_int_equal(hook("claude", events[i]), 0);
    assert_int_equal(out.len, 0);
    assert_int_equal(err.len, 0);
  }
}

static void an_exhausted_budget_refuses_a_prompt_with_what_is_spent_and_what_to_do(void **state) {
  (void)state;
  expect(0, "budget set agent:claude 100");
  spend("claude", "/w", "k", 102);
  assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
  assert_string_equal(answer("decision"), "block");
  contains(answer("reason"), "The monthly budget of agent claude ($1.00) is used up");
  contains(answer("reason"), "$1.02 are spent");
  contains(answer("reason"), "resets on 2026-12-01");
  contains(answer("reason"), "`purser budget raise agent:claude 22`");
  /* Which works. */
  expect(0, "budget raise agent:claude 22");
  assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
  assert_string_equal(answer("decision"), "");
}

static void a_limit_of_zero_is_answered_with_how_to_set_one(void **state) {
  (void)state;
  expect(0, "budget set \"agent:claude\" 0");
  assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
  assert_string_equal(answer("decision"), "block");
  contains(answer("reason"), "allows no paid runs");
  contains(answer("reason"), "purser budget set agent:claude 500");
}

/* Denied alone, the model goes on; stopped alone, the tool runs. */
static void a_turn_of_claude_s_is_stopped_before_a_tool_by_both_answers_together(void **state) {
  (void)state;
  expect(0, "budget set global 1");
  spend("x", "/w", "k", 1);
  assert_int_equal(hook("claude", "PreToolUse"), 0);
  assert_string_equal(answer("continue"), "false");
  assert_string_equal(answer("hookSpecificOutput.hookEventName"), "PreToolUse");
  assert_string_equal(answer("hookSpecificOutput.permissionDecision"), "deny");
  contains(answer("stopReason"), "is used up");
  contains(answer("hookSpecificOutput.permissionDecisionReason"), "is used up");
}

static void a_compaction_is_stopped_by_the_exit_code(void **state) {
  (void)state;
  expect(0, "budget set global 1");
  spend("x", "/w", "k", 1);
  assert_int_equal(hook("claude", "PreCompact"), 2);
  contains(buf_text(&err), "is used up");
}

static void a_session_s_start_and_end_can_t_be_refused(void **state) {
  (void)state;
  expect(0, "budget set global 1");
  spend("x", "/w", "k", 1);
  assert_int_equal(hook("claude", "SessionStart"), 0);
  contains(answer("systemMessage"), "is used up");
  assert_string_equal(answer("decision"), "");
  assert_int_equal(hook("claude", "Stop"), 0);
  assert_string_equal(answer("decision"), "");
}

static void codex_and_gemini_are_refused_in_their_own_words(void **state) {
  (void)state;
  expect(0, "budget set global 1");
  spend("x", "/w", "k", 1);
  assert_int_equal(hook("codex", "UserPromptSubmit"), 0);
  assert_string_equal(answer("decision"), "block");
  assert_int_equal(hook("codex", "PreToolUse"), 0);
  assert_string_equal(answer("continue"), "");
  assert_string_equal(answer("hookSpecificOutput.permissionDecision"), "deny");
  contains(answer("hookSpecificOutput.permissionDecisionReason"), "end your turn");
  static const char *const before[] = {"BeforeAgent", "BeforeModel"};
  for (size_t i = 0; i < COUNT(before); i++) {
    assert_int_equal(hook("gemini", before[i]), 0);
    assert_string_equal(answer("decision"), "block");
  }
  assert_int_equal(hook("gemini", "BeforeTool"), 0);
  assert_string_equal(answer("continue"), "false");
}

static void a_budget_that_only_warns_refuses_nothing(void **state) {
  (void)state;
  expect(0, "budget set global 1 --at-limit warn");
  spend("x", "/w", "k", 5);
  assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
  assert_string_equal(answer("decision"), "");
  contains(answer("systemMessage"), "100 % of the monthly budget");
}

/* ---- for whom ---- */

static void the_budget_of_the_folder_s_repository_counts(void **state) {
  (void)state;
  char path[512];
  char arguments[700];
  char real[1024];
  assert_non_null(realpath(temp.path, real));
  (void)snprintf(path, sizeof path, "%.400s/project", real);
  assert_int_equal(mkdir(path, 0700), 0);
  (void)snprintf(path, sizeof path, "%.400s/project/.git", real);
  assert_int_equal(mkdir(path, 0700), 0);
  temp_write(&temp, "project/.git/HEAD", "ref: refs/heads/main\n", 21);
  (void)snprintf(path, sizeof path, "%.400s/project/src", real);
  assert_int_equal(mkdir(path, 0700), 0);
  (void)snprintf(arguments, sizeof arguments, "budget set workspace:%.400s/project 0", real);
  expect(0, arguments);
  assert_int_equal(hook_in("claude", "UserPromptSubmit", path, ""), 0);
  assert_string_equal(answer("decision"), "block");
  assert_int_equal(hook_in("claude", "UserPromptSubmit", real, ""), 0);
  assert_string_equal(answer("decision"), "");
}

static void agent_rules_say_whose_budget_it_is(void **state) {
  (void)state;
  static const char rules[] =
      "{\"agent_rules\":[{\"agent\":\"night shift\",\"source\":\"claude\"}]}";
  assert_int_equal(mkdir(temp_path(&temp, "config"), 0700), 0);
  assert_int_equal(mkdir(temp_path(&temp, "config/purser"), 0700), 0);
  temp_write(&temp, "config/purser/config.json", rules, sizeof rules - 1);
  expect(0, "budget set agent:claude 0");
  assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
  assert_string_equal(answer("decision"), "");
  expect(0, "budget set 'agent:night shift' 0");
  assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
  contains(answer("reason"), "purser budget set 'agent:night shift' 500");
}

static void rule_21_a_subscription_is_held_only_if_the_user_says_so(void **state) {
  (void)state;
  static const char rules[] =
      "{\"billing\":[{\"source\":\"claude\",\"billing\":\"subscription\"}]}";
  assert_int_equal(mkdir(temp_path(&temp, "config"), 0700), 0);
  assert_int_equal(mkdir(temp_path(&temp, "config/purser"), 0700), 0);
  temp_write(&temp, "config/purser/config.json", rules, sizeof rules - 1);
  expect(0, "budget set global 0");
  assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
  assert_string_equal(answer("decision"), "");
}

/* ---- what was just spent ---- */

static void write_transcript(int responses) {
  static const char user[] =
      "{\"type\":\"user\",\"sessionId\":\"s1\",\"uuid\":\"u1\",\"cwd\":\"/elsewhere\","
      "\"timestamp\":\"2026-11-24T11:59:00.000Z\",\"message\":{\"role\":\"user\",\"content\":\"Say hello\"}}\n";
  struct buf text = BUF_INIT;
  buf_adds(&text, user);
  for (int i = 1; i <= responses; i++)
    buf_addf(
        &text,
        "{\"type\":\"assistant\",\"sessionId\":\"s1\",\"uuid\":\"a%d\",\"requestId\":\"req_%d\","
        "\"cwd\":\"/elsewhere\",\"timestamp\":\"2026-11-24T11:59:0%d.000Z\",\"message\":{\"id\":\"msg_%d\","
        "\"role\":\"assistant\",\"model\":\"claude-opus-5-5\",\"content\":[],\"stop_reason\":\"end_turn\","
        "\"usage\":{\"input_tokens\":100000,\"output_tokens\":100}}}\n",
        i, i, i, i);
  (void)mkdir(temp_path(&temp, "claude"), 0700);
  (void)mkdir(temp_path(&temp, "claude/projects"), 0700);
  (void)mkdir(temp_path(&temp, "claude/projects/-w"), 0700);
  temp_write(&temp, "claude/projects/-w/s1.jsonl", buf_text(&text), text.len);
  buf_fini(&text);
}

static int requests_in_the_log(void) {
  expect(0, "report --json");
  return (int)strtol(answer("total.requests"), NULL, 10);
}

static void the_verdict_counts_what_the_session_has_just_spent(void **state) {
  (void)state;
  expect(0, "budget set agent:claude 10");
  assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
  assert_string_equal(answer("decision"), "");
  write_transcript(1);
  assert_int_equal(hook("claude", "PreToolUse"), 0);
  assert_string_equal(answer("continue"), "false");
  assert_int_equal(requests_in_the_log(), 1);
  /* Asked again nothing is booked twice, and what came since is. */
  assert_int_equal(hook("claude", "PreToolUse"), 0);
  assert_int_equal(requests_in_the_log(), 1);
  write_transcript(2);
  assert_int_equal(hook("claude", "Stop"), 0);
  assert_int_equal(requests_in_the_log(), 2);
}

/* The tool's own line, which has what the request used, may come a moment after the question. */
static void a_call_that_the_record_lacks_is_waited_for(void **state) {
  (void)state;
  static const char called[] = "{\"type\":\"note\",\"content\":[{\"id\":\"toolu_9\"}]}\n";
  char question[1400];
  char arguments[1600];
  expect(0, "budget set agent:claude 10");
  write_transcript(1);
  char *whole = temp_read(&temp, "claude/projects/-w/s1.jsonl", NULL);
  assert_non_null(whole);
  temp_write(&temp, "claude/projects/-w/s1.jsonl", "", 0);
  const int len = snprintf(question, sizeof question,
                           "{\"session_id\":\"s1\",\"transcript_path\":\"%s\",\"cwd\":\"/w\","
                           "\"hook_event_name\":\"PreToolUse\",\"tool_use_id\":\"toolu_9\"}",
                           temp_path(&temp, "claude/projects/-w/s1.jsonl"));
  temp_write(&temp, "question", question, (size_t)len);
  (void)snprintf(arguments, sizeof arguments, "hook claude <%s", temp_path(&temp, "question"));
  const pid_t client = fork();
  if (client == 0) {
    (void)nanosleep(&(struct timespec){0, 20000000}, NULL);
    FILE *record = fopen(temp_path(&temp, "claude/projects/-w/s1.jsonl"), "a");
    if (record != NULL) {
      (void)fprintf(record, "%s%s", whole, called);
      (void)fclose(record);
    }
    _exit(0);
  }
  expect(0, arguments);
  assert_string_equal(answer("continue"), "false");
  assert_int_equal(waitpid(client, NULL, 0), client);
  free(whole);
}

/* The client waits for the hook, and the hook not for the disk: it leaves its log behind, but never a long one, and not either
 * where the ledger is always open somewhere, so that nobody closes it last. */
static void many_questions_leave_no_long_log_behind(void **state) {
  (void)state;
  struct ledger *other = NULL;
  struct error error = {0};
  const struct ledger_options options = {.path = NULL};
  struct stat info = {0};
  assert_ok(ledger_open(&other, &options, &error), &error);
  for (int i = 1; i <= 40; i++) {
    write_transcript(i);
    assert_int_equal(hook("claude", "PreToolUse"), 0);
  }
  assert_int_equal(stat(temp_path(&temp, "purser.db-wal"), &info), 0);
  for (int tries = 0; tries < 3000 && info.st_size > LEAVE_LOG_BYTES; tries++) {
    (void)nanosleep(&(struct timespec){0, 10000000}, NULL);
    assert_int_equal(stat(temp_path(&temp, "purser.db-wal"), &info), 0);
  }
  assert_true(info.st_size <= LEAVE_LOG_BYTES);
  ledger_close(other);
  assert_int_equal(requests_in_the_log(), 40);
}

static void a_source_that_is_turned_off_is_not_read(void **state) {
  (void)state;
  static const char off[] = "{\"sources\":{\"claude\":false}}";
  assert_int_equal(mkdir(temp_path(&temp, "config"), 0700), 0);
  assert_int_equal(mkdir(temp_path(&temp, "config/purser"), 0700), 0);
  temp_write(&temp, "config/purser/config.json", off, sizeof off - 1);
  write_transcript(1);
  assert_int_equal(hook("claude", "PreToolUse"), 0);
  assert_int_equal(requests_in_the_log(), 0);
}

/* ---- thresholds ---- */

static void rule_30_a_threshold_is_told_once_over_all_terminals(void **state) {
  (void)state;
  expect(0, "budget set global 100");
  spend("x", "/w", "k1", 85);
  assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
  contains(answer("systemMessage"),
           "80 % of the monthly budget of everything is spent: 85.00 ¢ of $1.00");
  assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
  assert_int_equal(out.len, 0);
  assert_int_equal(hook("gemini", "BeforeModel"), 0);
  assert_int_equal(out.len, 0);
  /* A raised limit arms it again, and so does the next period. */
  expect(0, "budget set global 105");
  assert_int_equal(hook("claude", "Stop"), 0);
  contains(answer("systemMessage"), "80 %");
  (void)setenv("PURSER_NOW", "2026-12-24T12:00:00Z", 1);
  assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
  assert_int_equal(out.len, 0);
}

static void thresholds_of_others_are_not_told(void **state) {
  (void)state;
  expect(0, "budget set agent:reviewer 100");
  spend("reviewer", "/w", "k1", 85);
  assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
  assert_int_equal(out.len, 0);
}

/* ---- runs of our own ---- */

/* A run that the editor has dispatched and that holds all that is left. */
static int64_t dispatch(const char *session, int64_t spent_cents) {
  struct ledger *ledger = NULL;
  struct error error = {0};
  struct fake_clock clock;
  struct admission admission;
  struct booked booked;
  fake_clock_init(&clock, "2026-11-24T12:00:00Z");
  const struct ledger_options options = {.clock = &clock.clock};
  const struct run_spec spec = {.agent = "claude",
                                .workspace = "/elsewhere",
                                .source = "claude",
                                .model = "claude-opus-5-5",
                                .session = session};
  const struct admission_request asked = {
      .spec = &spec, .estimate_nanousd = 100 * CENT, .fallback_nanousd = -1, .who = "test"};
  assert_ok(ledger_open(&ledger, &options, &error), &error);
  assert_ok(budget_admit(ledger, &asked, &admission, &error), &error);
  assert_true(admission.admitted);
  if (spent_cents > 0) {
    const struct request request = {
        .run_id = admission.run_id,
        .key = "claude/of the run",
        .at_ms = clock.now_ms,
        .model = "m",
        .reported_nanousd = -1,
        .price = {.status = COST_KNOWN, .cost_nanousd = spent_cents * CENT, .rate_card = ""}};
    assert_ok(ledger_begin(ledger, &error), &error);
    assert_ok(ledger_book(ledger, &request, &booked, &error), &error);
    assert_ok(ledger_commit(ledger, &error), &error);
  }
  ledger_close(ledger);
  return admission.run_id;
}

static void in_run(int64_t run_id) {
  char text[24];
  (void)snprintf(text, sizeof text, "%lld", (long long)run_id);
  (void)setenv("PURSER_RUN", text, 1);
}

static void a_run_that_purser_dispatched_is_not_asked_for_twice(void **state) {
  (void)state;
  static const char *const sessions[] = {"s1", ""};
  for (size_t i = 0; i < COUNT(sessions); i++) {
    temp_remove(&temp);
    (void)set_up(NULL);
    expect(0, "budget set global 100");
    const int64_t run_id = dispatch(sessions[i], 100);
    /* Somebody else has spent the rest. */
    assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
    assert_string_equal(answer("decision"), "block");
    in_run(run_id);
    assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
    assert_int_equal(out.len, 0);
  }
}

static void rule_29_a_client_inside_a_run_draws_on_the_run_s_hold(void **state) {
  (void)state;
  expect(0, "budget set global 100");
  const int64_t run_id = dispatch("another session", 0);
  /* All is held: a prompt elsewhere waits, a turn that is under way goes on. */
  assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
  contains(answer("reason"), "Runs in flight hold");
  assert_null(strstr(answer("reason"), "budget raise"));
  assert_int_equal(hook("claude", "PreToolUse"), 0);
  assert_string_equal(answer("continue"), "");
  in_run(run_id);
  assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
  assert_string_equal(answer("decision"), "");
}

/* ---- when the ledger can't be asked ---- */

static void it_fails_open_with_a_warning_or_closed_as_the_user_says(void **state) {
  (void)state;
  temp_write(&temp, "purser.db", "just some notes\n", 16);
  assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
  contains(answer("systemMessage"), "the budgets can't be asked");
  contains(answer("systemMessage"), "goes on unchecked");
  assert_int_equal(hook("claude", "PreToolUse"), 0);
  assert_int_equal(out.len, 0);
  assert_int_equal(hook_in("claude", "UserPromptSubmit", "/", "--fail closed"), 0);
  assert_string_equal(answer("decision"), "block");
  assert_int_equal(hook_in("claude", "PreToolUse", "/", "--fail=closed"), 0);
  assert_string_equal(answer("continue"), "false");
  assert_int_equal(hook_in("claude", "SessionStart", "/", "--fail closed"), 0);
  assert_string_equal(answer("decision"), "");
}

static void rules_that_can_t_be_read_are_as_bad(void **state) {
  (void)state;
  static const char rules[] = "{\"agent_rules\":[{\"agnt\":\"x\"}]}";
  assert_int_equal(mkdir(temp_path(&temp, "config"), 0700), 0);
  assert_int_equal(mkdir(temp_path(&temp, "config/purser"), 0700), 0);
  temp_write(&temp, "config/purser/config.json", rules, sizeof rules - 1);
  assert_int_equal(hook("claude", "UserPromptSubmit"), 0);
  contains(answer("systemMessage"), "config.json");
}

static void what_is_no_hook_s_json_is_one_clear_message(void **state) {
  (void)state;
  static const struct {
    const char *words, *options;
    int code;
  } cases[] = {
      {"", "", 1},
      {"hello", "", 1},
      {"{\"session_id\":\"s1\"}", "", 1},
      {"[]", "", 1},
      {"{\"hook_event_name\":7}", "", 1},
      {"{\"hook_event_name\":\"UserPromptSubmit\"", "--fail closed", 2},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    char arguments[700];
    temp_write(&temp, "question", cases[i].words, strlen(cases[i].words));
    (void)snprintf(arguments, sizeof arguments, "hook claude %s <%s", cases[i].options,
                   temp_path(&temp, "question"));
    expect(cases[i].code, arguments);
    contains(buf_text(&err), "is no hook's JSON");
    assert_int_equal(out.len, 0);
  }
}

static void members_that_are_missing_or_strange_stop_nothing(void **state) {
  (void)state;
  static const char *const cases[] = {
      "{\"hook_event_name\":\"UserPromptSubmit\"}",
      "{\"hook_event_name\":\"PreToolUse\",\"cwd\":null,\"session_id\":[1],\"transcript_path\":{}}",
      "{\"hook_event_name\":\"Stop\",\"transcript_path\":\"/dev/null\",\"cwd\":\"/no/such/folder\"}",
      "{\"hook_event_name\":\"Stop\",\"transcript_path\":\"relative.jsonl\",\"cwd\":\"\"}",
      "{\"hook_event_name\":\"Stop\",\"transcript_path\":\"/\",\"cwd\":\"/\"}",
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    char arguments[700];
    temp_write(&temp, "question", cases[i], strlen(cases[i]));
    (void)snprintf(arguments, sizeof arguments, "hook claude <%s", temp_path(&temp, "question"));
    expect(0, arguments);
    assert_int_equal(out.len, 0);
  }
}

static void wrong_usage_is_told(void **state) {
  (void)state;
  static const struct {
    const char *arguments, *message;
  } cases[] = {
      {"hook </dev/null", "which client?"},
      {"hook frob </dev/null", "there is no client"},
      {"hook opencode </dev/null", "opencode has no hooks"},
      {"hook claude --fail never </dev/null", "open or closed"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    expect(64, cases[i].arguments);
    contains(buf_text(&err), cases[i].message);
  }
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(without_a_budget_nothing_is_said),
      IN_FOLDER(an_exhausted_budget_refuses_a_prompt_with_what_is_spent_and_what_to_do),
      IN_FOLDER(a_limit_of_zero_is_answered_with_how_to_set_one),
      IN_FOLDER(a_turn_of_claude_s_is_stopped_before_a_tool_by_both_answers_together),
      IN_FOLDER(a_compaction_is_stopped_by_the_exit_code),
      IN_FOLDER(a_session_s_start_and_end_can_t_be_refused),
      IN_FOLDER(codex_and_gemini_are_refused_in_their_own_words),
      IN_FOLDER(a_budget_that_only_warns_refuses_nothing),
      IN_FOLDER(the_budget_of_the_folder_s_repository_counts),
      IN_FOLDER(agent_rules_say_whose_budget_it_is),
      IN_FOLDER(rule_21_a_subscription_is_held_only_if_the_user_says_so),
      IN_FOLDER(the_verdict_counts_what_the_session_has_just_spent),
      IN_FOLDER(a_call_that_the_record_lacks_is_waited_for),
      IN_FOLDER(many_questions_leave_no_long_log_behind),
      IN_FOLDER(a_source_that_is_turned_off_is_not_read),
      IN_FOLDER(rule_30_a_threshold_is_told_once_over_all_terminals),
      IN_FOLDER(thresholds_of_others_are_not_told),
      IN_FOLDER(a_run_that_purser_dispatched_is_not_asked_for_twice),
      IN_FOLDER(rule_29_a_client_inside_a_run_draws_on_the_run_s_hold),
      IN_FOLDER(it_fails_open_with_a_warning_or_closed_as_the_user_says),
      IN_FOLDER(rules_that_can_t_be_read_are_as_bad),
      IN_FOLDER(what_is_no_hook_s_json_is_one_clear_message),
      IN_FOLDER(members_that_are_missing_or_strange_stop_nothing),
      IN_FOLDER(wrong_usage_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

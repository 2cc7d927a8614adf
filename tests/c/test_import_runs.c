/* test_import_runs.c - what is booked, and for whom: the rules of counting by name, the runs that prompts become, and those that purser
 * had dispatched itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#include "import/place.h"
#include "import/settings.h"
#include "support/gate.h"
#include "support/records.h"

#define FILE_1 "claude/projects/p/s1.jsonl"
#define FILE_2 "claude/projects/p/s2.jsonl"
#define AGENT  "claude/projects/p/s1/subagents/agent-a.jsonl"

static const struct import_counts *counts(const struct records *records) {
  return &records->result.total;
}

/* When the client wrote last to a file. */
static void last_written(const struct records *r, const char *path, const char *instant) {
  const time_t at = (time_t)(instant_ms(instant) / 1000);
  const struct utimbuf times = {at, at};
  assert_int_equal(utime(records_path(r, path), &times), 0);
}

/* ---- counting ---- */

static void rule_1_a_streamed_response_counts_once_with_its_largest_figure(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 0));
  static const int outputs[] = {1, 40, 40, 40, 12};
  for (size_t i = 0; i < COUNT(outputs); i++)
    records_add(&r, FILE_1, claude_answer("s1", "m1", 1, outputs[i]));
  records_import(&r);
  assert_int_equal(counts(&r)->booked, 1);
  assert_int_equal(counts(&r)->duplicates, 4);
  records_expect_requests(&r, "m1 s1 10/40 1\n");
  records_close(&r);
}

static void rule_2_every_cut_has_the_same_total(void **state) {
  (void)state;
  struct records r;
  char id[8];
  records_open(&r);
  for (int i = 0; i < 30; i++) {
    (void)snprintf(id, sizeof id, "m%d", i);
    records_add(&r, i % 2 == 0 ? FILE_1 : FILE_2,
                claude_answer(i % 2 == 0 ? "s1" : "s2", id, i, i));
  }
  records_import(&r);
  records_close(&r); /* audits all cuts */
}

/* The file of a fork begins with the lines of the original, under its own session and the same ids. */
static void rule_3_copies_count_for_the_session_that_was_first(void **state) {
  (void)state;
  for (int order = 0; order < 3; order++) {
    struct records r;
    records_open(&r);
    records_add(&r, FILE_1, claude_prompt("s1", "u1", 0));
    records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
    records_add(&r, FILE_2, claude_prompt("s2", "u1", 0));
    records_add(&r, FILE_2, claude_answer("s2", "m1", 1, 5));
    records_add(&r, FILE_2, claude_prompt("s2", "u2", 30));
    records_add(&r, FILE_2, claude_answer("s2", "m2", 31, 6));
    last_written(&r, FILE_1, "2026-11-20T10:20:00Z");
    last_written(&r, FILE_2, "2026-11-20T10:40:00Z");
    char path[700];
    (void)snprintf(path, sizeof path, "%s", records_path(&r, order == 1 ? FILE_1 : FILE_2));
    const char *const first[] = {path, NULL};
    const struct import_options options = {.paths = order == 0 ? NULL : first};
    records_import_with(&r, &options);
    records_import(&r);
    if (order != 0) /* else the numbers of the runs are a matter of the files' sizes */
      records_expect_requests(&r, "m1 s1 10/5 1\nm2 s2 10/6 2\n");
    assert_int_equal(books_total(r.books.ledger).requests, 2);
    assert_int_equal(books_total(r.books.ledger).runs, 2);
    records_close(&r);
  }
}

/* Newer versions say where a line was copied from: then the times of files do not matter. */
static void rule_3_a_copy_that_names_its_origin_counts_there(void **state) {
  (void)state;
  struct records r;
  char line[1200];
  records_open(&r);
  records_add(&r, FILE_2, claude_prompt("s2", "u1", 0));
  (void)snprintf(line, sizeof line, "%s", claude_answer("s2", "m1", 1, 5));
  line[strlen(line) - 2] = '\0'; /* "}\n" */
  (void)strncat(line, ",'requestSessionId':'s1'}\n", sizeof line - strlen(line) - 1);
  records_add(&r, FILE_2, line);
  records_import(&r);
  records_expect_requests(&r, "m1 s1 10/5 1\n");
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 0));
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  records_import(&r);
  assert_int_equal(counts(&r)->runs, 0);
  records_expect_requests(&r, "m1 s1 10/5 1\n");
  records_close(&r);
}

/* The same line with another word of the same length in it. */
static const char *with(const char *line, const char *from, const char *to) {
  static char text[1300];
  if (line != text)
    (void)snprintf(text, sizeof text, "%s", line);
  assert_int_equal(strlen(from), strlen(to));
  for (char *at = strstr(text, from); at != NULL; at = strstr(at, from))
    memcpy(at, to, strlen(to));
  return text;
}

static const char *elsewhere(const char *line) {
  return with(line, "/nowhere/p", "/nowhere/q");
}

static const char *as_sidechain(const char *line, const char *from, const char *to) {
  const char *text = with(line, "'isSidechain':false", "'isSidechain':true ");
  assert_ptr_not_equal(strstr(text, "'isSidechain':true "), NULL);
  return from != NULL ? with(text, from, to) : text;
}

static void rule_4_a_side_chains_replay_of_its_parent_counts_once(void **state) {
  (void)state;
  for (int order = 0; order < 2; order++) {
    struct records r;
    records_open(&r);
    records_add(&r, FILE_1, claude_prompt("s1", "u1", 0));
    records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
    records_add(&r, AGENT, as_sidechain(claude_answer("s1", "m1", 1, 5), "r-m1", "q-m1"));
    records_add(&r, AGENT, as_sidechain(claude_answer("s1", "m2", 2, 6), NULL, NULL));
    if (order == 1) {
      char path[700];
      (void)snprintf(path, sizeof path, "%s", records_path(&r, AGENT));
      const char *const paths[] = {path, NULL};
      const struct import_options options = {.paths = paths};
      records_import_with(&r, &options);
    }
    records_import(&r);
    assert_int_equal(books_total(r.books.ledger).requests, 2);
    if (order == 0) {
      records_expect_requests(&r, "m1 s1 10/5 1\nm2 s1 10/6 1\n");
      records_expect_runs(&r, "1 prompt u1 2 /nowhere/p\n");
    }
    records_close(&r);
  }
}

/* ---- codex ---- */

#define ROLLOUT "codex/sessions/2026/11/20/rollout-2026-11-20T10-00-00-%s.jsonl"
#define THREAD  "019aa0c0-0000-7000-8000-000000000001"
#define CHILD   "019aa0c1-0000-7000-8000-000000000002"

#define META(id, more)                                                                            \
  "{'timestamp':'2026-11-20T10:00:00.000Z','type':'session_meta','payload':{'id':'" id "','cwd':" \
  "'/nowhere/c','cli_version':'0.1'" more "}}\n"
#define TURN(id)                                                                                 \
  "{'timestamp':'2026-11-20T10:00:00.500Z','type':'turn_context','payload':{'turn_id':'" id "'," \
  "'model':'gpt-5.1-codex','effort':'low','cwd':'/nowhere/c'}}\n"
#define USER(minute, text)                                                                \
  "{'timestamp':'2026-11-20T10:" minute ":00.000Z','type':'event_msg','payload':{'type':" \
  "'user_message','message':'" text "'}}\n"
#define COUNTER(minute, total_in, total_out, last_in, last_out)                           \
  "{'timestamp':'2026-11-20T10:" minute ":01.000Z','type':'event_msg','payload':{'type':" \
  "'token_count','info':{'total_token_usage':{'input_tokens':" #total_in                  \
  ",'output_tokens':" #total_out "},'last_token_usage':{'input_tokens':" #last_in         \
  ",'output_tokens':" #last_out "}}}}\n"

static void add_rollout(struct records *r, const char *thread, const char *lines) {
  char path[200];
  (void)snprintf(path, sizeof path, ROLLOUT, thread);
  records_add(r, path, lines);
}

static struct sums total(struct records *r) {
  return books_total(r->books.ledger);
}

/* Before 0.137 there are only counters: repeated, and one turn as dear as the last. */
static void rule_5_counters_become_requests_whatever_is_repeated(void **state) {
  (void)state;
  static const char *const lines[] = {
      META(THREAD, ""),
      TURN("t"),
      USER("01", "one"),
      COUNTER("02", 100, 10, 100, 10),
      COUNTER("02", 100, 10, 100, 10),
      USER("03", "two"),
      COUNTER("04", 200, 20, 100, 10),
      COUNTER("05", 200, 20, 0, 0),
  };
  for (int pieces = 0; pieces < 2; pieces++) {
    struct records r;
    records_open(&r);
    for (size_t i = 0; i < COUNT(lines); i++) {
      add_rollout(&r, THREAD, lines[i]);
      if (pieces == 1) {
        records_import(&r); /* the counters so far are remembered */
        books_reopen(&r.books);
      }
    }
    records_import(&r);
    assert_int_equal(total(&r).requests, 2);
    assert_int_equal(total(&r).input, 200);
    assert_int_equal(total(&r).output, 20);
    records_expect_runs(&r, "1 one 1 /nowhere/c\n2 two 1 /nowhere/c\n");
    records_close(&r);
  }
}

static void rule_5_what_can_t_be_placed_is_uncertain(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  add_rollout(&r, CHILD, META(CHILD, ",'forked_from_id':'" THREAD "'"));
  add_rollout(&r, CHILD, TURN("no-uuid") COUNTER("02", 100, 10, 100, 10));
  records_import(&r);
  assert_int_equal(counts(&r)->uncertain, 1);
  assert_true(total(&r).uncertain_nanousd > 0);
  records_close(&r);
}

/* A thread that another one started is a file of its own; what it spends is the prompt's that started it. */
static void a_codex_subagent_belongs_to_the_prompt_that_started_it(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  add_rollout(&r, CHILD,
              META(CHILD, ",'source':{'subagent':{'thread_spawn':{'parent_thread_id':'" THREAD
                          "'}}}") TURN(CHILD) COUNTER("03", 50, 5, 50, 5));
  add_rollout(&r, THREAD,
              META(THREAD, "") TURN("t") USER("01", "one") COUNTER("02", 100, 10, 100, 10));
  records_import(&r);
  records_expect_runs(&r, "1 one 2 /nowhere/c\n");
  records_close(&r);
}

/* ---- runs ---- */

static void a_prompt_is_a_run_and_what_follows_is_its(void **state) {
  (void)state;
  struct records r;
  struct run_row row = {0};
  records_open(&r);
  records_add(&r, FILE_1, claude_answer("s1", "m0", 0, 4)); /* before any prompt */
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 1));
  records_add(&r, FILE_1, claude_answer("s1", "m1", 2, 5));
  records_add(&r, FILE_1, claude_answer("s1", "m2", 3, 6));
  records_add(&r, FILE_1, claude_prompt("s1", "u2", 4)); /* blocked: nothing came */
  records_add(&r, FILE_1, claude_prompt("s1", "u3", 5));
  records_add(&r, FILE_1, claude_answer("s1", "m3", 9, 7));
  records_import(&r);
  records_expect_runs(&r, "1 - 1 /nowhere/p\n2 prompt u1 2 /nowhere/p\n3 prompt u3 1 /nowhere/p\n");
  records_expect_requests(&r, "m0 s1 10/4 1\nm1 s1 10/5 2\nm2 s1 10/6 2\nm3 s1 10/7 3\n");
  assert_ok(ledger_run_get(r.books.ledger, 3, &row, &r.books.error), &r.books.error);
  assert_string_equal(row.agent, "claude");
  assert_string_equal(row.source, "claude");
  assert_string_equal(row.session, "s1");
  assert_string_equal(row.branch, "main");
  assert_string_equal(row.model, "claude-opus-4-5");
  assert_string_equal(row.effort, "high");
  assert_string_equal(row.cwd, "/nowhere/p");
  assert_int_equal(row.status, RUN_COMPLETED);
  assert_int_equal(row.started_ms, instant_ms("2026-11-20T10:05:00Z"));
  assert_int_equal(row.ended_ms, instant_ms("2026-11-20T10:09:01Z"));
  assert_int_equal(row.prompt_bytes, strlen("prompt u3"));
  run_row_fini(&row);
  records_close(&r);
}

static void a_subagent_works_for_the_prompt_that_was_open_when_it_began(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 0));
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  records_add(&r, FILE_1, claude_prompt("s1", "u2", 10));
  records_add(&r, FILE_1, claude_answer("s1", "m2", 11, 6));
  records_add(&r, AGENT, as_sidechain(claude_prompt("s1", "t1", 2), NULL, NULL));
  records_add(&r, AGENT, as_sidechain(claude_answer("s1", "m3", 3, 7), NULL, NULL));
  records_add(&r, AGENT, as_sidechain(claude_answer("s1", "m4", 12, 8), NULL, NULL));
  /* Early versions kept it beside the session's. */
  records_add(&r, "claude/projects/p/agent-b.jsonl",
              as_sidechain(claude_answer("s1", "m5", 13, 9), NULL, NULL));
  records_import(&r);
  records_expect_requests(&r, "m1 s1 10/5 1\nm2 s1 10/6 2\nm3 s1 10/7 1\nm4 s1 10/8 1\n"
                              "m5 s1 10/9 2\n");
  records_close(&r);
}

/* The session goes to another folder, and its subagent's file is read before the prompt that says so. */
static void a_subagent_s_spend_counts_where_it_worked(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 0));
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  records_add(&r, AGENT, elsewhere(as_sidechain(claude_prompt("s1", "a1", 11), NULL, NULL)));
  records_add(&r, AGENT, elsewhere(as_sidechain(claude_answer("s1", "m3", 12, 6), NULL, NULL)));
  records_import(&r);
  records_expect_runs(&r, "1 prompt u1 1 /nowhere/p\n2 - 1 /nowhere/q\n");
  records_add(&r, FILE_1, elsewhere(claude_prompt("s1", "u2", 10)));
  records_add(&r, FILE_1, elsewhere(claude_answer("s1", "m2", 11, 7)));
  records_add(&r, AGENT, elsewhere(as_sidechain(claude_answer("s1", "m4", 13, 8), NULL, NULL)));
  records_import(&r);
  records_expect_runs(&r, "1 prompt u1 1 /nowhere/p\n2 - 2 /nowhere/q\n3 prompt u2 1 /nowhere/q\n");
  records_close(&r);
}

static void prompts_are_kept_as_far_as_privacy_allows(void **state) {
  (void)state;
  static const struct {
    int64_t chars;
    const char *kept;
  } cases[] = {{0, NULL}, {3, "pr\xC3\xBC"}, {-1, "pr\xC3\xBC\x66ung"}, {6, "pr\xC3\xBC\x66un"}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct records r;
    struct run_row row = {0};
    char folder[700];
    struct import_result result;
    records_open(&r);
    records_add(&r, FILE_1,
                "{'type':'user','message':{'role':'user','content':'pr\xC3\xBC\x66ung'},'uuid':'u',"
                "'timestamp':'2026-11-20T10:00:00Z','sessionId':'s1','cwd':'/nowhere/p'}\n");
    records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
    (void)snprintf(folder, sizeof folder, "%s", records_path(&r, "claude"));
    const struct import_root root = {"claude", folder};
    const struct import_options options = {
        .roots = &root, .root_count = 1, .prompt_chars = cases[i].chars};
    assert_ok(import_sync(r.books.ledger, r.catalog, &options, &result, &r.books.error),
              &r.books.error);
    import_result_fini(&result);
    assert_ok(ledger_run_get(r.books.ledger, 1, &row, &r.books.error), &r.books.error);
    assert_string_equal(row.prompt, cases[i].kept != NULL ? cases[i].kept : "");
    assert_int_equal(row.prompt_bytes, 8);
    run_row_fini(&row);
    records_close(&r);
  }
}

static void rules_choose_the_agent_and_the_bill(void **state) {
  (void)state;
  struct records r;
  struct run_row row = {0};
  records_open(&r);
  static const char settings[] =
      "{\"agent_rules\":[{\"agent\":\"terminal\",\"source\":\"claude\",\"workspace\":\"/nowhere/**\"}],"
      "\"billing\":[{\"billing\":\"subscription\",\"source\":\"claude\"}]}";
  assert_ok(import_settings_load(&r.settings, settings, "/nowhere/config.json", &r.books.error),
            &r.books.error);
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 5));
  records_import(&r);
  assert_ok(ledger_run_get(r.books.ledger, 1, &row, &r.books.error), &r.books.error);
  assert_string_equal(row.agent, "terminal");
  assert_int_equal(row.billing, BILLING_SUBSCRIPTION);
  run_row_fini(&row);
  records_close(&r);
}

static int count_crossing(void *data, const struct crossing *crossing) {
  (void)crossing;
  (*(int *)data)++;
  return 0;
}

/* The same budgets hold. */
static void what_is_imported_counts_for_budgets_and_crosses_thresholds(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  const int64_t policy = gate_budget(r.books.ledger, "agent:claude", 1);
  records_add(&r, FILE_1, claude_answer("s1", "m1", 1, 40000));
  records_import(&r);
  const struct policy_state state_of = gate_state(r.books.ledger, policy);
  assert_int_equal(state_of.spent_nanousd, total(&r).cost_nanousd);
  assert_true(state_of.spent_nanousd > CENT);
  int crossings = 0;
  assert_ok(budget_crossing_each(r.books.ledger, 0, count_crossing, &crossings, &r.books.error),
            &r.books.error);
  assert_true(crossings > 0);
  records_close(&r);
}

/* ---- runs of purser's own (rule 12) ---- */

static int64_t dispatched(struct records *r, const char *session, const char *instant) {
  const struct run_spec spec = {.agent = "reviewer",
                                .workspace = "/w",
                                .source = "claude",
                                .session = session,
                                .started_ms = instant_ms(instant)};
  return books_run_of(&r->books, &spec, RUN_RUNNING);
}

static void end_at(struct records *r, int64_t run_id, const char *instant) {
  const struct run_end end = {.status = RUN_COMPLETED, .ended_ms = instant_ms(instant)};
  assert_ok(ledger_begin(r->books.ledger, &r->books.error), &r->books.error);
  assert_ok(ledger_run_end(r->books.ledger, run_id, &end, NULL, &r->books.error), &r->books.error);
  assert_ok(ledger_commit(r->books.ledger, &r->books.error), &r->books.error);
}

static void rule_12_a_run_that_purser_dispatched_is_joined_and_not_doubled(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  const int64_t run = dispatched(&r, "s1", "2026-11-20T10:00:58Z");
  struct request request = books_request(&r.books, run, "claude/m1", 100);
  request.request_id = "r-m1";
  request.usage = (purser_usage){.input = 10, .output = 5};
  (void)books_book(&r.books, &request);
  end_at(&r, run, "2026-11-20T10:05:00Z");
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 1));
  records_add(&r, FILE_1, claude_answer("s1", "m1", 2, 5)); /* known */
  records_add(&r, FILE_1, claude_answer("s1", "m2", 3, 6)); /* missed by the stream */
  records_add(&r, FILE_1, claude_prompt("s1", "u2", 20));   /* typed in a terminal, later */
  records_add(&r, FILE_1, claude_answer("s1", "m3", 21, 7));
  records_import(&r);
  assert_int_equal(counts(&r)->runs, 1);
  assert_int_equal(counts(&r)->booked, 2);
  assert_int_equal(total(&r).requests, 3);
  assert_int_equal(total(&r).runs, 2);
  struct sums sums;
  assert_ok(ledger_run_sums(r.books.ledger, run, NULL, &sums, &r.books.error), &r.books.error);
  assert_int_equal(sums.requests, 2);
  records_close(&r);
}

/* It reads its record itself, and must see what is spent to be stopped in time. */
static void the_files_of_a_run_under_way_are_left_to_it(void **state) {
  (void)state;
  struct records r;
  records_open(&r);
  const struct run_spec spec = {
      .agent = "reviewer", .workspace = "/w", .source = "claude", .session = "s1"};
  const struct admission_request asked = {.spec = &spec, .estimate_nanousd = CENT};
  const struct admission admission = gate_admit(r.books.ledger, &asked);
  assert_true(admission.admitted);
  records_add(&r, FILE_1, claude_prompt("s1", "u1", 1));
  records_add(&r, FILE_1, claude_answer("s1", "m1", 2, 5));
  records_add(&r, AGENT, as_sidechain(claude_answer("s1", "m2", 3, 6), NULL, NULL));
  records_add(&r, FILE_2, claude_answer("s2", "m3", 3, 7));
  records_import(&r);
  assert_int_equal(counts(&r)->deferred, 2);
  assert_int_equal(counts(&r)->booked, 1);
  gate_finish(&r.books, admission.run_id);
  records_import(&r);
  assert_int_equal(counts(&r)->deferred, 0);
  assert_int_equal(counts(&r)->booked, 2);
  records_close(&r);
}

/* ---- workspaces ---- */

static void make(const struct records *r, const char *path, const char *text) {
  char quoted[900];
  (void)snprintf(quoted, sizeof quoted, "%s", text);
  records_add(r, path, quoted);
}

static void expect_place(struct records *r, const char *folder, const char *expected) {
  struct buf place = BUF_INIT;
  char real[700];
  place_find(records_path(r, folder), &place);
  (void)snprintf(real, sizeof real, "%s", records_path(r, expected));
  assert_string_equal(buf_text(&place), real);
  buf_fini(&place);
}

static void a_workspace_is_the_git_root_that_worktrees_share(void **state) {
  (void)state;
  struct records r;
  char text[800];
  records_open(&r);
  make(&r, "repo/.git/HEAD", "ref: refs/heads/main\n");
  make(&r, "repo/src/deep/file", "x");
  expect_place(&r, "repo/src/deep", "repo");
  expect_place(&r, "repo", "repo");
  /* A linked worktree. */
  (void)snprintf(text, sizeof text, "gitdir: %s\n", records_path(&r, "repo/.git/worktrees/wt"));
  make(&r, "wt/.git", text);
  make(&r, "repo/.git/worktrees/wt/commondir", "../..\n");
  make(&r, "wt/sub/file", "x");
  expect_place(&r, "wt/sub", "repo");
  /* A submodule is a project of its own. */
  make(&r, "repo/module/.git", "gitdir: ../.git/modules/module\n");
  make(&r, "repo/.git/modules/module/HEAD", "ref: refs/heads/main\n");
  expect_place(&r, "repo/module", "repo/module");
  /* Neither a repository nor there. */
  make(&r, "plain/.git/notes", "x");
  expect_place(&r, "plain", "plain");
  struct buf gone = BUF_INIT;
  place_find("/nowhere/at/all/", &gone);
  assert_string_equal(buf_text(&gone), "/nowhere/at/all");
  buf_fini(&gone);
  records_close(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rule_1_a_streamed_response_counts_once_with_its_largest_figure),
      cmocka_unit_test(rule_2_every_cut_has_the_same_total),
      cmocka_unit_test(rule_3_copies_count_for_the_session_that_was_first),
      cmocka_unit_test(rule_3_a_copy_that_names_its_origin_counts_there),
      cmocka_unit_test(rule_4_a_side_chains_replay_of_its_parent_counts_once),
      cmocka_unit_test(rule_5_counters_become_requests_whatever_is_repeated),
      cmocka_unit_test(rule_5_what_can_t_be_placed_is_uncertain),
      cmocka_unit_test(a_codex_subagent_belongs_to_the_prompt_that_started_it),
      cmocka_unit_test(a_prompt_is_a_run_and_what_follows_is_its),
      cmocka_unit_test(a_subagent_works_for_the_prompt_that_was_open_when_it_began),
      cmocka_unit_test(a_subagent_s_spend_counts_where_it_worked),
      cmocka_unit_test(prompts_are_kept_as_far_as_privacy_allows),
      cmocka_unit_test(rules_choose_the_agent_and_the_bill),
      cmocka_unit_test(what_is_imported_counts_for_budgets_and_crosses_thresholds),
      cmocka_unit_test(rule_12_a_run_that_purser_dispatched_is_joined_and_not_doubled),
      cmocka_unit_test(the_files_of_a_run_under_way_are_left_to_it),
      cmocka_unit_test(a_workspace_is_the_git_root_that_worktrees_share),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

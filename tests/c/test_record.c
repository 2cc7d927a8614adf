/* test_record.c - finding and following what a client writes down for itself. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "import/record.h"
#include "support/fake_clock.h"
#include "support/temp.h"

struct seen {
  int64_t input, sidechain_input;
  int usages;
};

static void look(void *data, const purser_event *event) {
  struct seen *seen = data;
  assert_true((event->flags & PURSER_FLAG_IMPORTED) != 0);
  if (event->kind != PURSER_EVENT_USAGE || event->scope != PURSER_SCOPE_REQUEST)
    return;
  seen->usages++;
  seen->input += event->usage.input;
  if ((event->flags & PURSER_FLAG_SIDECHAIN) != 0)
    seen->sidechain_input += event->usage.input;
}

static void write_rollout(const struct temp *temp, const char *thread, const char *session,
                          int input) {
  char name[256];
  char text[1024];
  (void)snprintf(name, sizeof name, "sessions/2026/11/24/rollout-2026-11-24T10-00-00-%s.jsonl",
                 thread);
  const int n = snprintf(
      text, sizeof text,
      "{\"timestamp\":\"2026-11-24T10:00:00.000Z\",\"type\":\"session_meta\",\"payload\":{\"session_id\":\"%s\",\"id\":\"%s\"}}\n"
      "{\"timestamp\":\"2026-11-24T10:00:01.000Z\",\"type\":\"token_usage_record\",\"payload\":{\"thread_id\":\"%s\","
      "\"response_id\":\"resp_%s\",\"usage\":{\"input_tokens\":%d,\"cached_input_tokens\":0,\"output_tokens\":1}}}\n",
      session, thread, thread, thread, input);
  temp_write(temp, name, text, (size_t)n);
}

static void make_folders(const struct temp *temp) {
  static const char *const folders[] = {"sessions", "sessions/2026", "sessions/2026/11",
                                        "sessions/2026/11/24"};
  for (size_t i = 0; i < COUNT(folders); i++)
    assert_int_equal(mkdir(temp_path(temp, folders[i]), 0700), 0);
}

static void codex_threads_count_for_the_session_they_work_for(void **state) {
  (void)state;
  struct temp temp;
  temp_make(&temp);
  make_folders(&temp);
  write_rollout(&temp, "aaaa", "aaaa", 10);
  write_rollout(&temp, "bbbb", "aaaa", 200);  /* a subagent's */
  write_rollout(&temp, "cccc", "cccc", 3000); /* somebody else's */
  write_rollout(&temp, "dddd", "aaaaa", 40000);
  const struct record_source source = {.kind = "codex_rollout",
                                       .root = temp.path,
                                       .session = "aaaa",
                                       .since_ms = instant_ms("2026-11-24T09:59:00Z")};
  struct record *record = NULL;
  assert_int_equal(record_open(&record, &source, NULL), 0);
  struct seen seen = {0};
  int files = 0;
  assert_int_equal(record_poll(record, look, &seen, &files, NULL), 0);
  assert_int_equal(seen.input, 10);
  assert_int_equal(record_finish(record, look, &seen, &files, NULL), 0);
  assert_int_equal(files, 2);
  assert_int_equal(seen.usages, 2);
  assert_int_equal(seen.input, 210);
  assert_int_equal(seen.sidechain_input, 200);
  record_close(record);
  temp_remove(&temp);
}

static void gemini_subagents_belong_to_their_session(void **state) {
  (void)state;
  struct temp temp;
  temp_make(&temp);
  static const char *const folders[] = {"tmp", "tmp/p", "tmp/p/chats", "tmp/p/chats/aaaaaaaa-1"};
  for (size_t i = 0; i < COUNT(folders); i++)
    assert_int_equal(mkdir(temp_path(&temp, folders[i]), 0700), 0);
  static const char main_chat[] =
      "{\"sessionId\":\"aaaaaaaa-1\"}\n"
      "{\"id\":\"g1\",\"type\":\"gemini\",\"timestamp\":\"2026-11-24T10:00:01.000Z\",\"model\":\"m\",\"tokens\":{\"input\":10}}\n";
  static const char side_chat[] =
      "{\"sessionId\":\"bbbb\",\"kind\":\"subagent\"}\n"
      "{\"id\":\"g2\",\"type\":\"gemini\",\"timestamp\":\"2026-11-24T10:00:02.000Z\",\"model\":\"m\",\"tokens\":{\"input\":200}}\n";
  temp_write(&temp, "tmp/p/chats/session-x-aaaaaaaa.jsonl", main_chat, sizeof main_chat - 1);
  temp_write(&temp, "tmp/p/chats/aaaaaaaa-1/bbbb.jsonl", side_chat, sizeof side_chat - 1);
  const struct record_source source = {
      .kind = "gemini_chat", .root = temp.path, .session = "aaaaaaaa-1", .since_ms = 0};
  struct record *record = NULL;
  struct seen seen = {0};
  int files = 0;
  assert_int_equal(record_open(&record, &source, NULL), 0);
  assert_int_equal(record_finish(record, look, &seen, &files, NULL), 0);
  assert_int_equal(files, 2);
  assert_int_equal(seen.input, 210);
  assert_int_equal(seen.sidechain_input, 200);
  record_close(record);
  temp_remove(&temp);
}

static void earlier_runs_are_left_out(void **state) {
  (void)state;
  struct temp temp;
  temp_make(&temp);
  make_folders(&temp);
  write_rollout(&temp, "aaaa", "aaaa", 10);
  const struct record_source source = {.kind = "codex_rollout",
                                       .root = temp.path,
                                       .session = "aaaa",
                                       .since_ms = instant_ms("2026-11-24T10:00:02Z")};
  struct record *record = NULL;
  assert_int_equal(record_open(&record, &source, NULL), 0);
  struct seen seen = {0};
  int files = 0;
  assert_int_equal(record_finish(record, look, &seen, &files, NULL), 0);
  assert_int_equal(files, 1);
  assert_int_equal(seen.usages, 0);
  record_close(record);
  temp_remove(&temp);
}

static void a_session_that_could_leave_the_folder_is_refused(void **state) {
  (void)state;
  static const char *const sessions[] = {"../x", ".hidden", "a/b", ""};
  static const char *const kinds[] = {"claude_transcript", "codex_rollout", "gemini_chat"};
  struct temp temp;
  temp_make(&temp);
  for (size_t i = 0; i < COUNT(sessions) * COUNT(kinds); i++) {
    const struct record_source source = {
        .kind = kinds[i % COUNT(kinds)], .root = temp.path, .session = sessions[i / COUNT(kinds)]};
    struct record *record = NULL;
    struct seen seen = {0};
    int files = 0;
    assert_int_equal(record_open(&record, &source, NULL), 0);
    assert_int_equal(record_poll(record, look, &seen, &files, NULL), PURSER_EINVAL);
    record_close(record);
  }
  temp_remove(&temp);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(codex_threads_count_for_the_session_they_work_for),
      cmocka_unit_test(gemini_subagents_belong_to_their_session),
      cmocka_unit_test(earlier_runs_are_left_out),
      cmocka_unit_test(a_session_that_could_leave_the_folder_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

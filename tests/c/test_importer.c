/* test_importer.c - the thread that reads the clients' records while the worker answers: as the editor sees both. Also what is run
 * under the thread sanitizer. */
#include "support/support.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/watch.h"
#include "base/json.h"
#include "base/public.h"
#include "import/import_lock.h"
#include "support/temp.h"

static struct temp home;
static int made;

/* ---- a home in which Claude Code works ---- */

static void make_folders(char *path) {
  for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    (void)mkdir(path, 0700);
    *slash = '/';
  }
}

/* Appends prompts with an answer each: 1000 tokens in, 100 out. */
static void work(const char *session, int exchanges) {
  char path[1024];
  (void)snprintf(path, sizeof path, "%s/.claude/projects/p/%s.jsonl", home.path, session);
  make_folders(path);
  FILE *file = fopen(path, "ab");
  assert_non_null(file);
  for (int i = 0; i < exchanges; i++) {
    made++;
    (void)fprintf(
        file,
        "{\"type\":\"user\",\"uuid\":\"u%d\",\"timestamp\":\"2026-11-24T10:00:00.000Z\",\"sessionId\":\"%s\",\"cwd\":\"/p\","
        "\"message\":{\"role\":\"user\",\"content\":\"Go on\"}}\n"
        "{\"type\":\"assistant\",\"uuid\":\"a%d\",\"isSidechain\":false,\"timestamp\":\"2026-11-24T10:00:01.000Z\",\"sessionId\":\"%s\","
        "\"cwd\":\"/p\",\"requestId\":\"r%d\",\"message\":{\"id\":\"m%d\",\"type\":\"message\",\"role\":\"assistant\","
        "\"model\":\"claude-opus-4-1\",\"content\":[],\"stop_reason\":\"end_turn\","
        "\"usage\":{\"input_tokens\":1000,\"output_tokens\":100}}}\n",
        made, session, made, session, made, made);
  }
  assert_int_equal(fclose(file), 0);
}

/* ---- the core ---- */

static purser *open_core(const char *more) {
  char options[2048];
  char error[256];
  (void)snprintf(options, sizeof options, "{\"db\":\"%s\"%s}", temp_path(&home, "purser.db"), more);
  purser *core = NULL;
  if (purser_open(&core, options, error, sizeof error) != PURSER_OK)
    fail_msg("%s", error);
  return core;
}

/* The next message of a kind, and of a ticket unless that is 0; others pass by. */
static purser_message await(purser *core, int32_t kind, int64_t ticket) {
  for (;;) {
    purser_message message;
    while (purser_next(core, &message) == 1) {
      if (message.kind == kind && (ticket == 0 || message.ticket == ticket))
        return message;
    }
    struct pollfd fd = {.fd = purser_fd(core), .events = POLLIN};
    assert_true(poll(&fd, 1, -1) >= 0);
  }
}

static int64_t number(const char *json, const char *path) {
  struct json_doc doc = JSON_DOC_INIT;
  assert_int_equal(json_parse(&doc, json, strlen(json)), 0);
  const int64_t value = json_i64_or(&doc, json_path(&doc, 0, path), -1);
  json_fini(&doc);
  return value;
}

static int64_t requests(purser *core) {
  const purser_message reply =
      await(core, PURSER_MESSAGE_REPLY, purser_ask(core, "report", "{\"by\":\"agent\"}"));
  assert_int_equal(reply.status, 0);
  return number(reply.json, "total.requests");
}

/* What is read by itself comes when it comes. */
static void await_requests(purser *core, int64_t count) {
  while (requests(core) < count)
    (void)await(core, PURSER_MESSAGE_SPEND, 0);
  assert_int_equal(requests(core), count);
}

static purser_message import(purser *core, const char *arguments) {
  return await(core, PURSER_MESSAGE_REPLY, purser_ask(core, "import", arguments));
}

static int set_up(void **state) {
  (void)state;
  temp_make(&home);
  (void)setenv("HOME", home.path, 1);
  (void)unsetenv("XDG_CONFIG_HOME");
  (void)unsetenv("XDG_DATA_HOME");
  (void)unsetenv("CLAUDE_CONFIG_DIR");
  (void)unsetenv("CODEX_HOME");
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  temp_remove(&home);
  return 0;
}

/* ---- reading by itself ---- */

static void what_is_there_and_what_is_written_is_booked(void **state) {
  (void)state;
  work("a", 3);
  work("b", 2);
  purser *core = open_core("");
  await_requests(core, 5);
  for (int i = 1; i <= 20; i++) {
    work(i % 3 == 0 ? "c" : "a", 1);
    await_requests(core, 5 + i);
  }
  purser_close(core);
}

static void two_cores_count_once(void **state) {
  (void)state;
  work("a", 5);
  purser *one = open_core("");
  purser *two = open_core("");
  await_requests(one, 5);
  await_requests(two, 5);
  for (int i = 1; i <= 10; i++) {
    work("a", 1);
    await_requests(two, 5 + i);
    await_requests(one, 5 + i);
  }
  purser_close(one);
  purser_close(two);
}

static void a_gate_is_answered_while_records_are_read(void **state) {
  (void)state;
  work("a", 4000);
  purser *core = open_core("");
  for (int i = 0; i < 50; i++) {
    const purser_message reply =
        await(core, PURSER_MESSAGE_REPLY,
              purser_ask(core, "gate", "{\"agent\":\"x\",\"workspace\":\"/p\"}"));
    assert_int_equal(reply.status, 0);
  }
  await_requests(core, 4000);
  purser_close(core);
}

static void a_core_can_be_closed_at_any_moment(void **state) {
  (void)state;
  work("a", 3000);
  for (int i = 0; i < 12; i++) {
    purser *core = open_core("");
    if (i % 3 == 1)
      (void)purser_ask(core, "import", "{}");
    if (i % 3 == 2)
      (void)await(core, PURSER_MESSAGE_OPENED, 0);
    if (i % 4 == 3)
      (void)requests(core);
    purser_close(core);
  }
  purser *core = open_core("");
  await_requests(core, 3000);
  const purser_message again = import(core, "{\"again\":true}");
  assert_int_equal(again.status, 0);
  assert_int_equal(number(again.json, "booked"), 0);
  purser_close(core);
}

/* ---- reading when asked ---- */

static void an_import_is_answered_with_what_came_of_it(void **state) {
  (void)state;
  work("a", 3);
  purser *core = open_core(",\"sources\":false");
  const purser_message dry = import(core, "{\"dry_run\":true}");
  assert_int_equal(dry.status, 0);
  assert_int_equal(number(dry.json, "booked"), 3);
  assert_int_equal(requests(core), 0);
  const purser_message done = import(core, "{\"sources\":[\"claude\"]}");
  assert_int_equal(number(done.json, "booked"), 3);
  assert_int_equal(number(done.json, "runs"), 3);
  assert_true(number(done.json, "cost_nanousd") > 0);
  assert_int_equal(requests(core), 3);
  purser_close(core);
}

static void a_question_that_is_wrong_reads_nothing(void **state) {
  (void)state;
  static const struct {
    const char *arguments, *expected;
  } cases[] = {
      {"{\"sources\":[\"claud\"]}",
       "there is no source \"claud\": there are claude, codex, opencode, gemini"},
      {"{\"since\":\"today\"}", "since: expected a day as YYYY-MM-DD"},
      {"{", "import: the arguments are not valid JSON"},
  };
  purser *core = open_core(",\"sources\":false");
  for (size_t i = 0; i < COUNT(cases); i++) {
    const purser_message reply = import(core, cases[i].arguments);
    assert_true(reply.status < 0);
    assert_non_null(strstr(reply.json, "message"));
    char plain[256];
    size_t n = 0;
    for (const char *c = reply.json; *c != '\0' && n < sizeof plain - 1; c++) {
      if (*c != '\\')
        plain[n++] = *c;
    }
    plain[n] = '\0';
    if (strstr(plain, cases[i].expected) == NULL)
      fail_msg("%s", reply.json);
  }
  purser_close(core);
}

static void who_asks_while_another_reads_waits_for_it(void **state) {
  (void)state;
  work("a", 2);
  purser *core = open_core(",\"sources\":false");
  assert_int_equal(await(core, PURSER_MESSAGE_OPENED, 0).status, 0);
  struct import_lock other = IMPORT_LOCK_INIT;
  assert_true(import_lock_try(&other, temp_path(&home, "purser.db")));
  const int64_t ticket = purser_ask(core, "import", "{}");
  const purser_message waiting = await(core, PURSER_MESSAGE_IMPORT, 0);
  assert_non_null(strstr(waiting.json, "\"waiting\""));
  import_lock_release(&other);
  const purser_message reply = await(core, PURSER_MESSAGE_REPLY, ticket);
  assert_int_equal(reply.status, 0);
  assert_int_equal(number(reply.json, "booked"), 2);
  purser_close(core);
}

static void a_ledger_that_is_only_read_stays_so(void **state) {
  (void)state;
  work("a", 2);
  purser *first = open_core(",\"sources\":false");
  assert_int_equal(await(first, PURSER_MESSAGE_OPENED, 0).status, 0);
  purser_close(first);
  purser *core = open_core(",\"readonly\":true");
  assert_int_equal(import(core, "{}").status, PURSER_EREADONLY);
  assert_int_equal(requests(core), 0);
  purser_close(core);
}

/* ---- the watcher ---- */

struct seen {
  char paths[64][512];
  size_t count;
};

static void see(void *data, int tag, const char *path) {
  struct seen *seen = data;
  assert_int_equal(tag, 7);
  assert_in_range(seen->count, 0, COUNT(seen->paths) - 1);
  (void)snprintf(seen->paths[seen->count++], sizeof seen->paths[0], "%s", path);
}

static bool saw(const struct seen *seen, const char *path) {
  for (size_t i = 0; i < seen->count; i++) {
    if (strcmp(seen->paths[i], path) == 0)
      return true;
  }
  return false;
}

static void await_path(uv_loop_t *loop, struct seen *seen, const char *path) {
  while (!saw(seen, path))
    (void)uv_run(loop, UV_RUN_ONCE);
  seen->count = 0;
}

static void folders_are_watched_as_they_come_and_go(void **state) {
  (void)state;
  uv_loop_t loop;
  struct seen seen = {.count = 0};
  struct watcher *watcher = NULL;
  char root[600];
  (void)snprintf(root, sizeof root, "%s/root", home.path);
  const struct watch_root roots[] = {{root, 2, 7}};
  assert_int_equal(uv_loop_init(&loop), 0);
  assert_int_equal(watcher_start(&watcher, &loop, roots, 1, see, &seen, NULL), 0);
  assert_int_equal(watcher_count(watcher), 0);

  /* The root comes; what is in it by then is told. */
  assert_int_equal(mkdir(root, 0700), 0);
  assert_int_equal(mkdir(temp_path(&home, "root/a"), 0700), 0);
  watcher_look_for_roots(watcher);
  assert_int_equal(watcher_count(watcher), 2);
  assert_true(watcher_complete(watcher));
  await_path(&loop, &seen, temp_path(&home, "root/a"));

  temp_write(&home, "root/a/file", "x", 1);
  await_path(&loop, &seen, temp_path(&home, "root/a/file"));
  assert_int_equal(mkdir(temp_path(&home, "root/a/b"), 0700), 0);
  await_path(&loop, &seen, temp_path(&home, "root/a/b"));
  /* No deeper than it was told; and links that go in circles lead nowhere. */
  assert_int_equal(mkdir(temp_path(&home, "root/a/b/c"), 0700), 0);
  assert_int_equal(symlink(root, temp_path(&home, "root/a/circle")), 0);
  watcher_refresh(watcher);
  assert_int_equal(watcher_count(watcher), 3);
  temp_write(&home, "root/a/b/deep", "x", 1);
  await_path(&loop, &seen, temp_path(&home, "root/a/b/deep"));

  /* The root goes, and comes again as another folder. */
  assert_int_equal(rename(root, temp_path(&home, "gone")), 0);
  await_path(&loop, &seen, root);
  assert_int_equal(mkdir(root, 0700), 0);
  watcher_refresh(watcher);
  temp_write(&home, "root/again", "x", 1);
  await_path(&loop, &seen, temp_path(&home, "root/again"));
  watcher_stop(watcher);
  (void)uv_run(&loop, UV_RUN_DEFAULT);
  assert_int_equal(uv_loop_close(&loop), 0);
}

static void watches_are_bounded(void **state) {
  (void)state;
  uv_loop_t loop;
  struct seen seen = {.count = 0};
  struct watcher *watcher = NULL;
  for (int i = 0; i < WATCH_MOST + 20; i++) {
    char name[64];
    (void)snprintf(name, sizeof name, "many%d", i);
    assert_int_equal(mkdir(temp_path(&home, name), 0700), 0);
  }
  const struct watch_root roots[] = {{home.path, 1, 7}};
  assert_int_equal(uv_loop_init(&loop), 0);
  assert_int_equal(watcher_start(&watcher, &loop, roots, 1, see, &seen, NULL), 0);
  assert_int_equal(watcher_count(watcher), WATCH_MOST);
  assert_false(watcher_complete(watcher));
  watcher_stop(watcher);
  (void)uv_run(&loop, UV_RUN_DEFAULT);
  assert_int_equal(uv_loop_close(&loop), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(what_is_there_and_what_is_written_is_booked),
      TEST(two_cores_count_once),
      TEST(a_gate_is_answered_while_records_are_read),
      TEST(a_core_can_be_closed_at_any_moment),
      TEST(an_import_is_answered_with_what_came_of_it),
      TEST(a_question_that_is_wrong_reads_nothing),
      TEST(who_asks_while_another_reads_waits_for_it),
      TEST(a_ledger_that_is_only_read_stays_so),
      TEST(folders_are_watched_as_they_come_and_go),
      TEST(watches_are_bounded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

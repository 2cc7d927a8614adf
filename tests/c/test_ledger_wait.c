/* test_ledger_wait.c - processes that want to write at once: whose turn it is, who is not waited for, and the log that is checked in
 * beside them. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "ledger/internal.h"
#include "ledger/turn.h"
#include "support/books.h"
#include "support/pipes.h"

/* ---- numbers ---- */

static int set_up_folder(void **state) {
  static struct temp temp;
  temp_make(&temp);
  *state = &temp;
  return 0;
}

static int tear_down_folder(void **state) {
  temp_remove(*state);
  return 0;
}

static void the_older_number_is_seen_by_the_younger(void **state) {
  const char *path = temp_path(*state, "purser.db");
  struct turn a;
  struct turn b;
  turn_open(&a, path);
  turn_open(&b, path);
  if (a.fd < 0)
    skip(); /* a system without locks of open files */
  assert_int_equal(turn_before(&b, 200), 0);
  turn_take(&a, 100);
  assert_int_equal(a.number, 100);
  assert_int_equal(turn_before(&b, 200), 100);
  assert_int_equal(turn_before(&b, 50), 0);
  /* One's own is in nobody's way but the others'. */
  assert_int_equal(turn_before(&a, 200), 0);
  turn_take(&b, 150);
  assert_int_equal(turn_before(&a, 100), 0);
  assert_int_equal(turn_before(&b, 150), 100);
  turn_give_back(&a);
  assert_int_equal(turn_before(&b, 150), 0);
  turn_take(&a, 300);
  assert_int_equal(turn_before(&a, 300), 150);
  turn_close(&b);
  assert_int_equal(turn_before(&a, 300), 0);
  turn_close(&a);
}

static void who_was_passed_over_is_not_waited_for_again(void **state) {
  const char *path = temp_path(*state, "purser.db");
  struct turn a;
  struct turn b;
  struct turn c;
  turn_open(&a, path);
  turn_open(&b, path);
  turn_open(&c, path);
  if (a.fd < 0)
    skip();
  turn_take(&a, 100);
  turn_pass(&c, 100);
  assert_int_equal(turn_before(&c, 500), 0);
  turn_take(&b, 90);
  assert_int_equal(turn_before(&c, 500), 90);
  turn_give_back(&b);
  turn_take(&b, 200);
  assert_int_equal(turn_before(&c, 500), 200);
  turn_close(&a);
  turn_close(&b);
  turn_close(&c);
}

static void a_number_dies_with_its_owner(void **state) {
  const char *path = temp_path(*state, "purser.db");
  struct turn mine;
  int said[2];
  int end[2];
  assert_int_equal(pipe(said), 0);
  assert_int_equal(pipe(end), 0);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    struct turn theirs;
    turn_open(&theirs, path);
    turn_take(&theirs, 7);
    (void)pipe_tell(said[1]);
    (void)pipe_hear(end[0]);
    _exit(1);
  }
  turn_open(&mine, path);
  assert_true(pipe_hear(said[0]));
  if (mine.fd >= 0)
    assert_int_equal(turn_before(&mine, 1000), 7);
  assert_int_equal(kill(child, SIGKILL), 0);
  assert_int_equal(waitpid(child, NULL, 0), child);
  assert_int_equal(turn_before(&mine, 1000), 0);
  turn_close(&mine);
  for (int i = 0; i < 2; i++) {
    (void)close(said[i]);
    (void)close(end[i]);
  }
}

static void where_the_file_can_t_be_made_there_are_no_turns(void **state) {
  struct turn turn;
  turn_open(&turn, temp_path(*state, "no/such/folder/purser.db"));
  assert_int_equal(turn.fd, -1);
  turn_take(&turn, 5);
  assert_int_equal(turn.number, 0);
  assert_int_equal(turn_before(&turn, 10), 0);
  turn_give_back(&turn);
  turn_close(&turn);
}

/* ---- writers ---- */

static int set_up(void **state) {
  static struct books books;
  books_open(&books, "2026-11-24T12:00:00Z");
  *state = &books;
  return 0;
}

static int tear_down(void **state) {
  books_close(*state);
  return 0;
}

static void write_once(struct books *books) {
  assert_ok(ledger_begin(books->ledger, &books->error), &books->error);
  assert_ok(ledger_commit(books->ledger, &books->error), &books->error);
}

/* Somebody stopped (Ctrl-Z) while waiting holds the lowest number: others pass, once and for all. */
static void nobody_waits_for_a_process_that_is_stopped(void **state) {
  struct books *books = *state;
  struct turn theirs;
  turn_open(&theirs, ledger_path(books->ledger));
  if (theirs.fd < 0)
    skip();
  turn_take(&theirs, 1);
  write_once(books);
  const int32_t tries = db_last_wait(books->ledger->db).tries;
  assert_true(tries > 1);
  write_once(books);
  assert_int_equal(db_last_wait(books->ledger->db).tries, 1);
  turn_close(&theirs);
}

static void a_lock_that_stays_is_told(void **state) {
  struct books *books = *state;
  struct ledger *other = NULL;
  const struct ledger_options options = {.path = ledger_path(books->ledger), .busy_ms = 20};
  assert_ok(ledger_open(&other, &options, &books->error), &books->error);
  assert_ok(ledger_begin(books->ledger, &books->error), &books->error);
  struct error error = {0};
  assert_int_equal(ledger_begin(other, &error), PURSER_EBUSY);
  assert_non_null(strstr(error_text(&error), "keeps it locked"));
  assert_ok(ledger_commit(books->ledger, &books->error), &books->error);
  assert_ok(ledger_begin(other, &error), &error);
  ledger_rollback(other);
  ledger_close(other);
}

/* ---- the log ---- */

static int64_t size_of(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 ? (int64_t)info.st_size : -1;
}

static void a_long_log_is_checked_in_beside_the_writer(void **state) {
  struct books *books = *state;
  char key[32];
  char *text = malloc(100001);
  assert_non_null(text);
  memset(text, 'x', 100000);
  text[100000] = '\0';
  /* Twelve megabytes, a tenth at a time. */
  for (int i = 0; i < 120; i++) {
    (void)snprintf(key, sizeof key, "filler %d", i);
    assert_ok(ledger_meta_set(books->ledger, key, text, &books->error), &books->error);
  }
  const struct timespec moment = {0, 1000000};
  while (size_of(ledger_path(books->ledger)) < 8000000)
    (void)nanosleep(&moment, NULL);
  books_reopen(books);
  for (int i = 0; i < 120; i++) {
    char *found = NULL;
    (void)snprintf(key, sizeof key, "filler %d", i);
    assert_ok(ledger_meta_get(books->ledger, key, &found, &books->error), &books->error);
    assert_non_null(found);
    assert_string_equal(found, text);
    mem_free(found);
  }
  free(text);
}

/* A single writer that never pauses, as an import is: the log does not grow for ever. */
static void a_busy_writer_waits_before_the_log_fills_the_disk(void **state) {
  struct books *books = *state;
  struct buf log = BUF_INIT;
  char *text = malloc(4000001);
  int64_t longest = 0;
  assert_non_null(text);
  memset(text, 'y', 4000000);
  text[4000000] = '\0';
  buf_addf(&log, "%s-wal", ledger_path(books->ledger));
  for (int i = 0; i < 100; i++) {
    assert_ok(ledger_meta_set(books->ledger, "filler", text, &books->error), &books->error);
    const int64_t size = size_of(buf_text(&log));
    longest = size > longest ? size : longest;
  }
  /* 400 MB went through it. */
  assert_true(longest < INT64_C(200000000));
  buf_fini(&log);
  free(text);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up_folder, tear_down_folder)
#define ON_BOOKS(test)    cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_A_FOLDER(the_older_number_is_seen_by_the_younger),
      IN_A_FOLDER(who_was_passed_over_is_not_waited_for_again),
      IN_A_FOLDER(a_number_dies_with_its_owner),
      IN_A_FOLDER(where_the_file_can_t_be_made_there_are_no_turns),
      ON_BOOKS(nobody_waits_for_a_process_that_is_stopped),
      ON_BOOKS(a_lock_that_stays_is_told),
      ON_BOOKS(a_long_log_is_checked_in_beside_the_writer),
      ON_BOOKS(a_busy_writer_waits_before_the_log_fills_the_disk),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

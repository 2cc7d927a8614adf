/* test_budget_race.c - several processes at one ledger: nothing is admitted twice, nothing booked is lost (rules 24, 25). */
#include "support/gate.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/internal.h"
#include "support/pipes.h"

enum {
  PROCESSES = 8
};

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

/* A gun that all children wait for, so that they start together. */
struct gun {
  int pipe[2];
};

static void load(struct gun *gun) {
  assert_int_equal(pipe(gun->pipe), 0);
}

static void wait_for(const struct gun *gun) {
  (void)close(gun->pipe[1]);
  (void)pipe_hear(gun->pipe[0]);
  (void)close(gun->pipe[0]);
}

static void fire(const struct gun *gun) {
  (void)close(gun->pipe[0]);
  (void)close(gun->pipe[1]);
}

static int count_open(void *data, const struct run_row *row) {
  (void)row;
  (*(int *)data)++;
  return 0;
}

/* The child's exit code is how many were admitted; 99: something failed. It holds on until everybody has asked. */
static void ask_25_times(const struct books *books, const struct gun *gun, const struct gun *end,
                         int done) {
  struct ledger *mine = NULL;
  const struct ledger_options options = {.path = ledger_path(books->ledger),
                                         .clock = &books->clock.clock};
  const struct run_spec spec = {.agent = "reviewer", .workspace = "/w", .source = "claude"};
  const struct admission_request request = {
      .spec = &spec, .estimate_nanousd = 5 * CENT, .minimum_nanousd = 1, .fallback_nanousd = -1};
  int admitted = 0;
  (void)close(end->pipe[1]);
  wait_for(gun);
  if (ledger_open(&mine, &options, NULL) != PURSER_OK)
    _exit(99);
  for (int i = 0; i < 25; i++) {
    struct admission a;
    if (budget_admit(mine, &request, &a, NULL) != PURSER_OK ||
        (!a.admitted && a.refusal != REFUSAL_WAIT))
      _exit(99);
    admitted += a.admitted;
  }
  (void)pipe_tell(done);
  (void)pipe_hear(end->pipe[0]);
  _exit(admitted);
}

static void rule_24_of_200_admissions_at_once_exactly_20_fit(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "global", 100);
  struct gun start;
  struct gun end;
  int done[2];
  pid_t children[PROCESSES];
  load(&start);
  load(&end);
  assert_int_equal(pipe(done), 0);
  for (size_t i = 0; i < PROCESSES; i++) {
    children[i] = fork();
    assert_true(children[i] >= 0);
    if (children[i] == 0)
      ask_25_times(books, &start, &end, done[1]);
  }
  fire(&start);
  (void)close(done[1]);
  for (int i = 0; i < PROCESSES; i++)
    assert_true(pipe_hear(done[0]));
  (void)close(done[0]);
  assert_int_equal(gate_state(books->ledger, id).held_nanousd, 100 * CENT);
  fire(&end);
  int admitted = 0;
  for (size_t i = 0; i < PROCESSES; i++) {
    int status = 0;
    assert_int_equal(waitpid(children[i], &status, 0), children[i]);
    assert_true(WIFEXITED(status));
    assert_int_not_equal(WEXITSTATUS(status), 99);
    admitted += WEXITSTATUS(status);
  }
  assert_int_equal(admitted, 20);
  int runs = 0;
  assert_ok(ledger_run_each(books->ledger, NULL, count_open, &runs, &books->error), &books->error);
  assert_int_equal(runs, 20);
  /* They are all dead now, and hold nothing. */
  assert_int_equal(gate_state(books->ledger, id).held_nanousd, 0);
}

/* ---- writers side by side ---- */

static void write_100_requests(const struct books *books, const struct gun *gun, int number) {
  struct ledger *mine = NULL;
  const struct ledger_options options = {.path = ledger_path(books->ledger)};
  int64_t run = 0;
  wait_for(gun);
  if (ledger_open(&mine, &options, NULL) != PURSER_OK)
    _exit(1);
  const struct run_spec spec = {.agent = "reviewer", .workspace = "/w", .source = "claude"};
  if (ledger_begin(mine, NULL) != PURSER_OK ||
      ledger_run_create(mine, &spec, RUN_RUNNING, &run, NULL) != PURSER_OK ||
      ledger_commit(mine, NULL) != PURSER_OK)
    _exit(2);
  for (int i = 0; i < 100; i++) {
    char key[32];
    struct booked booked;
    (void)snprintf(key, sizeof key, "p%d/%d", number, i);
    struct request r = books_request(books, run, key, 1000);
    r.at_ms = 0;
    if (ledger_begin(mine, NULL) != PURSER_OK ||
        ledger_book(mine, &r, &booked, NULL) != PURSER_OK || ledger_commit(mine, NULL) != PURSER_OK)
      _exit(3);
  }
  ledger_close(mine);
  _exit(0);
}

static void eight_writers_lose_nothing_and_never_see_a_lock(void **state) {
  struct books *books = *state;
  const int64_t id = gate_budget(books->ledger, "global", 100000);
  struct gun gun;
  pid_t children[PROCESSES];
  load(&gun);
  for (int i = 0; i < PROCESSES; i++) {
    children[i] = fork();
    assert_true(children[i] >= 0);
    if (children[i] == 0)
      write_100_requests(books, &gun, i);
  }
  fire(&gun);
  for (size_t i = 0; i < PROCESSES; i++) {
    int status = 0;
    assert_int_equal(waitpid(children[i], &status, 0), children[i]);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
  }
  const struct sums total = books_total(books->ledger);
  assert_int_equal(total.requests, PROCESSES * 100);
  assert_int_equal(total.runs, PROCESSES);
  assert_int_equal(total.cost_nanousd, PROCESSES * 100 * 1000);
  (void)id;
}

static void a_new_ledger_may_be_made_by_several_at_once(void **state) {
  (void)state;
  for (int round = 0; round < 5; round++) {
    struct temp temp;
    struct gun gun;
    pid_t children[PROCESSES];
    temp_make(&temp);
    load(&gun);
    const char *path = temp_path(&temp, "deep/er/purser.db");
    for (size_t i = 0; i < PROCESSES; i++) {
      children[i] = fork();
      assert_true(children[i] >= 0);
      if (children[i] == 0) {
        struct ledger *mine = NULL;
        struct error error = {0};
        const struct ledger_options options = {.path = path};
        wait_for(&gun);
        const int status = ledger_open(&mine, &options, &error);
        if (status != PURSER_OK)
          (void)fprintf(stderr, "%s\n", error_text(&error));
        ledger_close(mine);
        _exit(-status);
      }
    }
    fire(&gun);
    for (size_t i = 0; i < PROCESSES; i++) {
      int status = 0;
      assert_int_equal(waitpid(children[i], &status, 0), children[i]);
      assert_true(WIFEXITED(status));
      assert_int_equal(WEXITSTATUS(status), 0);
    }
    struct ledger *ledger = NULL;
    const struct ledger_options options = {.path = path};
    assert_int_equal(ledger_open(&ledger, &options, NULL), PURSER_OK);
    books_audit(ledger);
    ledger_close(ledger);
    temp_remove(&temp);
  }
}

/* ---- death in the middle ---- */

/* Books without end, and says after each commit that it was one. */
static void book_for_ever(const struct books *books, int64_t run, int said, int number) {
  struct ledger *mine = NULL;
  const struct ledger_options options = {.path = ledger_path(books->ledger)};
  if (ledger_open(&mine, &options, NULL) != PURSER_OK)
    _exit(1);
  for (int i = 0;; i++) {
    char key[32];
    struct booked booked;
    (void)snprintf(key, sizeof key, "k%d/%d", number, i);
    struct request r = books_request(books, run, key, 1000);
    r.at_ms = 0;
    if (ledger_begin(mine, NULL) != PURSER_OK ||
        ledger_book(mine, &r, &booked, NULL) != PURSER_OK ||
        ledger_commit(mine, NULL) != PURSER_OK || !pipe_tell(said))
      _exit(2);
  }
}

static void kill_9_in_the_middle_loses_nothing_that_was_said_to_be_booked(void **state) {
  struct books *books = *state;
  (void)gate_budget(books->ledger, "global", 1000000);
  struct rng rng = {9};
  for (int round = 0; round < 12; round++) {
    const int64_t run = books_run(books, "reviewer", "/w");
    int said[2];
    assert_int_equal(pipe(said), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
      book_for_ever(books, run, said[1], round);
    (void)close(said[1]);
    int64_t heard = 0;
    const int64_t enough = rng_between(&rng, 1, 200);
    while (heard < enough && pipe_hear(said[0]))
      heard++;
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    while (pipe_hear(said[0]))
      heard++;
    (void)close(said[0]);
    struct run_row row;
    assert_ok(ledger_run_get(books->ledger, run, &row, &books->error), &books->error);
    /* At most the one that was committed and not yet said. */
    assert_in_range(row.sums.requests, heard, heard + 1);
    run_row_fini(&row);
    books_audit(books->ledger);
  }
}

#define ON_BOOKS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      ON_BOOKS(rule_24_of_200_admissions_at_once_exactly_20_fit),
      ON_BOOKS(eight_writers_lose_nothing_and_never_see_a_lock),
      cmocka_unit_test(a_new_ledger_may_be_made_by_several_at_once),
      ON_BOOKS(kill_9_in_the_middle_loses_nothing_that_was_said_to_be_booked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_import_kill.c - `purser import` is killed at any instant, again and again, while its files grow: the import after that brings the
 * ledger to exactly what the tree amounts to. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/home.h"

enum {
  KILLS = 50
};

/* The program on the test's home and ledger, at the test's time. */
static pid_t start_import(const struct home *home) {
  const pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid != 0)
    return pid;
  const int nothing = open("/dev/null", O_RDWR);
  char claude[700];
  char codex[700];
  (void)snprintf(claude, sizeof claude, "%s/.claude", home->path);
  (void)snprintf(codex, sizeof codex, "%s/.codex", home->path);
  (void)dup2(nothing, STDOUT_FILENO);
  (void)dup2(nothing, STDERR_FILENO);
  (void)setenv("HOME", home->path, 1);
  (void)setenv("XDG_DATA_HOME", home->books.temp.path, 1);
  (void)setenv("XDG_CONFIG_HOME", home->books.temp.path, 1);
  (void)setenv("CLAUDE_CONFIG_DIR", claude, 1);
  (void)setenv("CODEX_HOME", codex, 1);
  (void)setenv("PURSER_DB", temp_path(&home->books.temp, "purser.db"), 1);
  (void)setenv("PURSER_NOW", HOME_TODAY, 1);
  (void)execl(PURSER_PROGRAM, "purser", "import", "claude", "codex", "gemini", (char *)NULL);
  _exit(127);
}

static int64_t now_ns(void) {
  return clock_mono_ns(&clock_system);
}

/* How it ended: its exit code, or -1 for a kill. */
static int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0)
    assert_int_equal(errno, EINTR);
  if (WIFSIGNALED(status))
    return -1;
  return WEXITSTATUS(status);
}

static void sleep_ns(int64_t ns) {
  struct timespec left = {.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {}
}

static void import_and_check(struct home *home, const char *when) {
  assert_int_equal(wait_for(start_import(home)), 0);
  home_return(home);
  home_check(home, when);
  home_leave(home);
}

static int64_t time_of_an_import(struct home *home) {
  const int64_t began = now_ns();
  assert_int_equal(wait_for(start_import(home)), 0);
  const int64_t took = now_ns() - began;
  import_and_check(home, "not killed");
  home_return(home);
  home_forget(home);
  home_leave(home);
  return took;
}

/* Puts the files away and lets them come back a piece at a time, as they do while clients write. */
struct growth {
  struct home_files files;
  char **whole;  /* their contents */
  int64_t *size; /* of these */
  int64_t *shown;
};

static void growth_begin(struct growth *growth, const struct home *home) {
  home_files(home->path, &growth->files);
  const size_t count = growth->files.count;
  growth->whole = calloc(count, sizeof *growth->whole);
  growth->size = calloc(count, sizeof *growth->size);
  growth->shown = calloc(count, sizeof *growth->shown);
  assert_true(growth->whole != NULL && growth->size != NULL && growth->shown != NULL);
  for (size_t i = 0; i < count; i++) {
    const char *path = growth->files.paths[i];
    size_t len = 0;
    if (strstr(path, ".jsonl") == NULL)
      continue;
    growth->whole[i] = temp_read(&home->books.temp, path + strlen(home->books.temp.path) + 1, &len);
    growth->size[i] = (int64_t)len;
    assert_int_equal(truncate(path, 0), 0);
  }
}

static void show(struct growth *growth, size_t i, int64_t more) {
  const int64_t left = growth->size[i] - growth->shown[i];
  const int64_t len = more < left ? more : left;
  if (len <= 0)
    return;
  const int fd = open(growth->files.paths[i], O_WRONLY | O_APPEND | O_CLOEXEC);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, growth->whole[i] + growth->shown[i], (size_t)len), len);
  (void)close(fd);
  growth->shown[i] += len;
}

/* So that each of `steps` brings about as much as the others. */
static void growth_step(struct growth *growth, struct rng *rng, int steps) {
  for (size_t i = 0; i < growth->files.count; i++)
    show(growth, i, rng_between(rng, 0, 2 * growth->size[i] / steps + 1));
}

static void growth_end(struct growth *growth) {
  for (size_t i = 0; i < growth->files.count; i++) {
    show(growth, i, growth->size[i]);
    free(growth->whole[i]);
  }
  free(growth->whole);
  free(growth->size);
  free(growth->shown);
  home_files_free(&growth->files);
}

static void kill_and_grow(uint64_t seed) {
  struct home home;
  struct growth growth;
  struct rng rng = {seed};
  const struct tree_options options = {.seed = seed,
                                       .bytes = 4000000,
                                       .traps = TRAPS_ALL,
                                       .density = 200,
                                       .files_per_gb = 12000,
                                       .usage_percent = 70,
                                       .clients = TREE_CLAUDE | TREE_CODEX | TREE_GEMINI};
  home_make(&home, &options);
  home_leave(&home);
  const int64_t whole_ns = time_of_an_import(&home);
  growth_begin(&growth, &home);
  int killed = 0;
  for (int i = 0; i < KILLS; i++) {
    /* At first everything is new, and the longest import is the best place to be killed in. */
    growth_step(&growth, &rng, i < KILLS / 2 ? KILLS / 2 : KILLS);
    const pid_t pid = start_import(&home);
    sleep_ns(rng_between(&rng, 0, whole_ns / (i % 5 == 0 ? 1 : 4)));
    (void)kill(pid, SIGKILL);
    killed += wait_for(pid) == -1;
  }
  assert_true(killed > 0);
  growth_end(&growth);
  import_and_check(&home, "killed fifty times");
  import_and_check(&home, "killed fifty times, and read again");
  home_return(&home);
  home_remove(&home);
}

static void test_killed_while_files_grow(void **state) {
  (void)state;
  const uint64_t seeds = (uint64_t)property_seeds(1);
  for (uint64_t seed = 1; seed <= seeds; seed++)
    kill_and_grow(seed);
}

/* A first import of everything, killed until one gets to its end: none begins from nothing. */
static void test_killed_in_a_first_import(void **state) {
  (void)state;
  struct home home;
  struct rng rng = {99};
  const struct tree_options options = {.seed = 5,
                                       .bytes = 6000000,
                                       .traps = TRAPS_ALL,
                                       .density = 200,
                                       .files_per_gb = 12000,
                                       .usage_percent = 70,
                                       .clients = TREE_CLAUDE | TREE_CODEX};
  home_make(&home, &options);
  home_leave(&home);
  const int64_t whole_ns = time_of_an_import(&home);
  int ended = -1;
  for (int i = 0; i < KILLS && ended != 0; i++) {
    const pid_t pid = start_import(&home);
    sleep_ns(rng_between(&rng, whole_ns / 20, whole_ns / 2));
    (void)kill(pid, SIGKILL);
    ended = wait_for(pid);
    assert_true(ended <= 0);
  }
  import_and_check(&home, "a first import, killed");
  home_return(&home);
  home_remove(&home);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_killed_while_files_grow),
      cmocka_unit_test(test_killed_in_a_first_import),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

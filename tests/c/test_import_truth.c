/* test_import_truth.c - made-up trees with every trap that readers have fallen into: whatever the order, the pieces, the readers and
 * the repetitions, the ledger says exactly what the tree was meant to amount to. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/home.h"

enum {
  KB = 1000
};

static struct tree_options tree_of(uint64_t seed) {
  return (struct tree_options){.seed = seed,
                               .bytes = 2500 * KB,
                               .traps = TRAPS_ALL,
                               .density = 300,
                               .files_per_gb = 16000,
                               .usage_percent = 70,
                               .clients = TREE_CLAUDE | TREE_CODEX | TREE_GEMINI | TREE_OPENCODE};
}

static const char *named(const char *what, uint64_t seed) {
  static char text[100];
  (void)snprintf(text, sizeof text, "%s (seed %llu)", what, (unsigned long long)seed);
  return text;
}

/* ---- one trap at a time: what fails says what it was ---- */

static void test_each_trap_alone(void **state) {
  (void)state;
  for (int trap = -1; trap < TRAP_COUNT; trap++) {
    struct home home;
    struct tree_options options = tree_of(7);
    options.bytes = 700 * KB;
    options.traps = trap < 0 ? 0 : TRAP_BIT(trap) | TRAP_BIT(TRAP_STREAMED);
    if (trap == TRAP_SIDECHAIN_REPLAY)
      options.traps |= TRAP_BIT(TRAP_SIDECHAIN);
    home_make(&home, &options);
    home_import(&home, home.path, NULL, 1);
    home_check(&home, trap < 0 ? "without traps" : trap_name(trap));
    home_remove(&home);
  }
}

/* ---- everything at once ---- */

static void test_all_traps_with_any_number_of_readers(void **state) {
  (void)state;
  const uint64_t seeds = (uint64_t)property_seeds(4);
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    struct home home;
    const struct tree_options options = tree_of(seed);
    home_make(&home, &options);
    for (int threads = 1; threads <= 4; threads *= 2) {
      home_import(&home, home.path, NULL, threads);
      home_check(&home, named("all traps", seed));
      home_import(&home, home.path, NULL, threads);
      home_check(&home, named("all traps, read again", seed));
      home_forget(&home);
    }
    home_remove(&home);
  }
}

static void test_every_trap_is_planted(void **state) {
  (void)state;
  int64_t planted[TRAP_COUNT] = {0};
  for (uint64_t seed = 1; seed <= 6; seed++) {
    struct home home;
    const struct tree_options options = tree_of(seed);
    home_make(&home, &options);
    for (int i = 0; i < TRAP_COUNT; i++)
      planted[i] += home.truth.planted[i];
    home_remove(&home);
  }
  for (int i = 0; i < TRAP_COUNT; i++) {
    if (planted[i] == 0)
      fail_msg("the trap \"%s\" is in none of the trees", trap_name(i));
  }
}

/* ---- in any order ---- */

static void test_any_order_of_files(void **state) {
  (void)state;
  const uint64_t seeds = (uint64_t)property_seeds(3);
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    struct home home;
    struct home_files files;
    struct rng rng = {seed};
    const struct tree_options options = tree_of(seed);
    home_make(&home, &options);
    home_files(home.path, &files);
    home_files_shuffle(&files, &rng);
    for (size_t i = 0; i < files.count; i++) {
      const char *const one[] = {files.paths[i], NULL};
      home_import(&home, home.path, one, 1);
    }
    home_check(&home, named("file by file", seed));
    home_files_free(&files);
    home_remove(&home);
  }
}

/* ---- in any pieces ---- */

/* Makes the file at `to` as long as `size`, with what `from` has; the folders that it lies in as well. */
static void grow(const char *from, const char *to, int64_t size) {
  char path[1200];
  struct stat info;
  (void)snprintf(path, sizeof path, "%s", to);
  for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    (void)mkdir(path, 0755);
    *slash = '/';
  }
  const int in = open(from, O_RDONLY | O_CLOEXEC);
  const int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  assert_true(in >= 0 && out >= 0);
  assert_int_equal(fstat(out, &info), 0);
  int64_t at = (int64_t)info.st_size;
  if (at > size)
    assert_int_equal(ftruncate(out, (off_t)size), 0);
  while (at < size) {
    char chunk[65536];
    const int64_t left = size - at;
    const ssize_t got =
        pread(in, chunk, left < (int64_t)sizeof chunk ? (size_t)left : sizeof chunk, (off_t)at);
    assert_true(got > 0);
    assert_int_equal(pwrite(out, chunk, (size_t)got, (off_t)at), got);
    at += got;
  }
  (void)close(in);
  (void)close(out);
}

static int64_t size_of(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 ? (int64_t)info.st_size : 0;
}

/* One file's next step: a piece more, now and then a piece less, which is a file that was written anew. */
static bool step_file(const char *from, const char *to, struct rng *rng, bool shrinks) {
  const int64_t whole = size_of(from);
  const int64_t now = size_of(to);
  if (access(to, F_OK) == 0 && now == whole)
    return false;
  if (strstr(from, ".jsonl") == NULL) { /* clients put such files there whole */
    grow(from, to, whole);
    return true;
  }
  if (rng_chance(rng, 40))
    return true;
  int64_t next = now + rng_between(rng, 1, whole / 3 + 1000);
  if (shrinks && now > 0 && rng_chance(rng, 5))
    next = rng_below(rng, now);
  grow(from, to, next < whole ? next : whole);
  return true;
}

static void grow_up(struct home *home, uint64_t seed, bool shrinks) {
  struct home_files files;
  struct rng rng = {seed * 1000};
  char root[700];
  (void)snprintf(root, sizeof root, "%.500s/grown", home->books.temp.path);
  home_files(home->path, &files);
  bool more = true;
  for (int round = 0; more; round++) {
    more = false;
    for (size_t i = 0; i < files.count; i++) {
      char to[1300];
      (void)snprintf(to, sizeof to, "%s%.500s", root, files.paths[i] + strlen(home->path));
      more |= step_file(files.paths[i], to, &rng, shrinks && round < 12);
    }
    home_import(home, root, NULL, (int)rng_between(&rng, 1, 3));
  }
  home_check(home, named(shrinks ? "in pieces, some taken back" : "in pieces", seed));
  home_import(home, root, NULL, 2);
  home_check(home, named("in pieces, read again", seed));
  home_files_free(&files);
}

static void test_any_pieces(void **state) {
  (void)state;
  const uint64_t seeds = (uint64_t)property_seeds(3);
  for (uint64_t seed = 1; seed <= seeds; seed++) {
    struct home home;
    struct tree_options options = tree_of(seed);
    options.clients &= ~(unsigned)TREE_OPENCODE; /* half a database is none */
    home_make(&home, &options);
    grow_up(&home, seed, seed % 2 == 0);
    home_remove(&home);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_each_trap_alone),
      cmocka_unit_test(test_every_trap_is_planted),
      cmocka_unit_test(test_all_traps_with_any_number_of_readers),
      cmocka_unit_test(test_any_order_of_files),
      cmocka_unit_test(test_any_pieces),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_ledger_open.c - the ledger as a file: made, found, migrated, and refused where it is not ours or not well. */
#include "support/books.h"

#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "ledger/file.h"
#include "ledger/internal.h"
#include "ledger/schema.h"

static int set_up(void **state) {
  static struct temp temp;
  temp_make(&temp);
  *state = &temp;
  return 0;
}

static int tear_down(void **state) {
  temp_remove(*state);
  return 0;
}

static int try_open(const char *path, struct ledger **out, struct error *error) {
  const struct ledger_options options = {.path = path, .busy_ms = 50};
  return ledger_open(out, &options, error);
}

static struct ledger *open_at(const char *path) {
  struct ledger *ledger = NULL;
  struct error error = {0};
  assert_ok(try_open(path, &ledger, &error), &error);
  return ledger;
}

/* The message names the file. */
static void refused(const char *path, int status) {
  struct ledger *ledger = NULL;
  struct error error = {0};
  const int got = try_open(path, &ledger, &error);
  if (got != status)
    fail_msg("%s: status %d (%s), not %d", path, got, error_text(&error), status);
  assert_null(ledger);
  if (strstr(error.message, path) == NULL)
    fail_msg("\"%s\" does not name %s", error.message, path);
}

/* One run with one request in a new ledger, which is closed again. */
static void make_ledger(const char *path) {
  struct ledger *ledger = open_at(path);
  const struct run_spec spec = {.agent = "reviewer", .workspace = "/w", .source = "claude"};
  struct error error = {0};
  struct booked booked;
  int64_t run = 0;
  assert_ok(ledger_begin(ledger, &error), &error);
  assert_ok(ledger_run_create(ledger, &spec, RUN_RUNNING, &run, &error), &error);
  const struct request r = {.run_id = run,
                            .key = "k",
                            .model = "m",
                            .usage = {.input = 5},
                            .price = {.cost_nanousd = 7, .status = COST_KNOWN}};
  assert_ok(ledger_book(ledger, &r, &booked, &error), &error);
  assert_ok(ledger_commit(ledger, &error), &error);
  ledger_close(ledger);
}

static void sql(const char *path, const char *text) {
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static mode_t mode_of(const char *path) {
  struct stat info;
  assert_int_equal(stat(path, &info), 0);
  return info.st_mode & 0777;
}

/* ---- making and finding ---- */

static void a_new_ledger_is_the_user_s_alone(void **state) {
  const struct temp *temp = *state;
  const char *path = temp_path(temp, "data/purser/purser.db");
  const mode_t before = umask(022);
  ledger_close(open_at(path));
  (void)umask(before);
  assert_int_equal(mode_of(path), 0600);
  assert_int_equal(mode_of(temp_path(temp, "data/purser")), 0700);
  ledger_close(open_at(path));
}

static void it_is_found_by_environment(void **state) {
  const struct temp *temp = *state;
  const char *variables[] = {"PURSER_DB", "XDG_DATA_HOME", "HOME"};
  char *kept[3];
  for (size_t i = 0; i < COUNT(variables); i++) {
    const char *value = getenv(variables[i]);
    kept[i] = value != NULL ? strdup(value) : NULL;
    (void)unsetenv(variables[i]);
  }
  const char *expected[3] = {temp_path(temp, "home/.local/share/purser/purser.db"),
                             temp_path(temp, "xdg/purser/purser.db"), temp_path(temp, "named.db")};
  (void)setenv("HOME", temp_path(temp, "home"), 1);
  for (size_t i = 0; i < COUNT(expected); i++) {
    if (i == 1)
      (void)setenv("XDG_DATA_HOME", temp_path(temp, "xdg"), 1);
    if (i == 2)
      (void)setenv("PURSER_DB", expected[2], 1);
    struct ledger *ledger = open_at(NULL);
    assert_string_equal(ledger_path(ledger), expected[i]);
    ledger_close(ledger);
    assert_int_equal(access(expected[i], R_OK), 0);
  }
  for (size_t i = 0; i < COUNT(variables); i++) {
    if (kept[i] != NULL)
      (void)setenv(variables[i], kept[i], 1);
    else
      (void)unsetenv(variables[i]);
    free(kept[i]);
  }
}

static void an_empty_file_is_as_good_as_none(void **state) {
  const char *path = temp_path(*state, "purser.db");
  temp_write(*state, "purser.db", "", 0);
  ledger_close(open_at(path));
  make_ledger(path);
}

static void a_link_to_a_ledger_is_followed(void **state) {
  const char *path = temp_path(*state, "real.db");
  const char *link = temp_path(*state, "link.db");
  make_ledger(path);
  assert_int_equal(symlink(path, link), 0);
  struct ledger *ledger = open_at(link);
  assert_int_equal(books_total(ledger).requests, 1);
  ledger_close(ledger);
}

static void a_name_with_a_colon_is_a_name(void **state) {
  const struct temp *temp = *state;
  char before[1024];
  assert_non_null(getcwd(before, sizeof before));
  assert_int_equal(chdir(temp->path), 0);
  ledger_close(open_at(":memory:"));
  assert_int_equal(access(":memory:", R_OK), 0);
  assert_int_equal(chdir(before), 0);
}

/* ---- not ours ---- */

static void what_is_not_ours_is_left_untouched(void **state) {
  const struct temp *temp = *state;
  static const struct {
    const char *name, *content;
    size_t len;
  } files[] = {
      {"notes.txt", "just some notes\n", 16},
      {"short", "S", 1},
      {"almost", "SQLite format 3", 15},
  };
  for (size_t i = 0; i < COUNT(files); i++) {
    temp_write(temp, files[i].name, files[i].content, files[i].len);
    refused(temp_path(temp, files[i].name), PURSER_EFOREIGN);
    size_t len = 0;
    char *now = temp_read(temp, files[i].name, &len);
    assert_int_equal(len, files[i].len);
    assert_memory_equal(now, files[i].content, len);
    free(now);
  }
  /* Another program's database, with and without an id of its own. */
  for (int i = 0; i < 2; i++) {
    const char *path = temp_path(temp, i == 0 ? "other.db" : "signed.db");
    sql(path, i == 0 ? "CREATE TABLE run_log (id)"
                     : "PRAGMA application_id = 252006674; CREATE TABLE x (y)");
    size_t before_len = 0;
    size_t after_len = 0;
    char *before = temp_read(temp, i == 0 ? "other.db" : "signed.db", &before_len);
    refused(path, PURSER_EFOREIGN);
    char *after = temp_read(temp, i == 0 ? "other.db" : "signed.db", &after_len);
    assert_int_equal(before_len, after_len);
    assert_memory_equal(before, after, after_len);
    free(before);
    free(after);
  }
  assert_int_not_equal(access(temp_path(temp, "other.db-wal"), F_OK), 0);
}

static void folders_and_pipes_are_no_ledgers(void **state) {
  const struct temp *temp = *state;
  assert_int_equal(mkdir(temp_path(temp, "folder"), 0700), 0);
  refused(temp_path(temp, "folder"), PURSER_EFOREIGN);
  /* Opening a pipe to look into it would wait for ever. */
  assert_int_equal(mkfifo(temp_path(temp, "pipe"), 0600), 0);
  refused(temp_path(temp, "pipe"), PURSER_EFOREIGN);
  refused("/dev/null", PURSER_EFOREIGN);
  temp_write(temp, "file", "x", 1);
  refused(temp_path(temp, "file/purser.db"), PURSER_EIO);
}

/* ---- newer, older ---- */

static void a_newer_ledger_is_left_untouched(void **state) {
  const struct temp *temp = *state;
  const char *path = temp_path(temp, "purser.db");
  make_ledger(path);
  sql(path, "PRAGMA user_version = 99");
  size_t before_len = 0;
  size_t after_len = 0;
  char *before = temp_read(temp, "purser.db", &before_len);
  refused(path, PURSER_ENEWER);
  char *after = temp_read(temp, "purser.db", &after_len);
  assert_int_equal(before_len, after_len);
  assert_memory_equal(before, after, after_len);
  free(before);
  free(after);
}

/* Somebody newer has it open: its version is in the log only. */
static void a_newer_ledger_in_use_is_refused_too(void **state) {
  const char *path = temp_path(*state, "purser.db");
  make_ledger(path);
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
  refused(path, PURSER_ENEWER);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The real steps, and room for two more. */
enum {
  MOST_STEPS = 32
};

static void real_steps(struct schema_step steps[MOST_STEPS]) {
  assert_in_range(schema_version, 1, MOST_STEPS - 2);
  memcpy(steps, schema_steps, (size_t)schema_version * sizeof *steps);
}

static void an_older_ledger_is_backed_up_and_migrated(void **state) {
  const struct temp *temp = *state;
  const char *path = temp_path(temp, "purser.db");
  struct error error = {0};
  make_ledger(path);
  const int version = schema_version;
  struct schema_step steps[MOST_STEPS];
  real_steps(steps);
  steps[version] = (struct schema_step){
      {"CREATE TABLE added (x INTEGER) STRICT", "INSERT INTO added VALUES (42)", NULL}};
  steps[version + 1] = (struct schema_step){{"ALTER TABLE added ADD COLUMN y INTEGER", NULL}};
  struct db *db = NULL;
  const struct db_options options = {.busy_ms = 50};
  assert_ok(db_open(&db, path, &options, &error), &error);
  assert_ok(schema_upgrade(db, steps, version + 2, NULL, &error), &error);
  int64_t x = 0;
  assert_ok(db_get_int(db, "SELECT x FROM added", NULL, 0, &x, &error), &error);
  assert_int_equal(x, 42);
  assert_ok(db_get_int(db, "PRAGMA user_version", NULL, 0, &x, &error), &error);
  assert_int_equal(x, version + 2);
  /* Once more is nothing. */
  assert_ok(schema_upgrade(db, steps, version + 2, NULL, &error), &error);
  db_close(db);

  char name[32];
  (void)snprintf(name, sizeof name, "purser.db.bak-%d", version);
  const char *backup = temp_path(temp, name);
  assert_int_equal(mode_of(backup), 0600);
  struct ledger *ledger = open_at(backup);
  assert_int_equal(books_total(ledger).requests, 1);
  ledger_close(ledger);
  refused(path, PURSER_ENEWER);
}

static void a_migration_that_fails_changes_nothing(void **state) {
  const char *path = temp_path(*state, "purser.db");
  struct error error = {0};
  make_ledger(path);
  const int version = schema_version;
  struct schema_step steps[MOST_STEPS];
  char words[64];
  real_steps(steps);
  steps[version] = (struct schema_step){
      {"CREATE TABLE added (x INTEGER) STRICT", "INSERT INTO nowhere VALUES (42)", NULL}};
  struct db *db = NULL;
  const struct db_options options = {.busy_ms = 50};
  assert_ok(db_open(&db, path, &options, &error), &error);
  assert_int_equal(schema_upgrade(db, steps, version + 1, NULL, &error), PURSER_ERROR);
  (void)snprintf(words, sizeof words, "migrate from schema %d to %d", version, version + 1);
  assert_non_null(strstr(error.message, words));
  db_close(db);
  struct ledger *ledger = open_at(path);
  books_audit(ledger);
  assert_int_equal(books_total(ledger).requests, 1);
  ledger_close(ledger);
}

/* ---- not well ---- */

static void a_damaged_ledger_says_how_to_mend_it(void **state) {
  const struct temp *temp = *state;
  const char *path = temp_path(temp, "purser.db");
  make_ledger(path);
  size_t len = 0;
  char *bytes = temp_read(temp, "purser.db", &len);
  assert_true(len > 8192);
  /* The header is whole, what follows is not. */
  memset(bytes + 100, 0xa5, 3996);
  temp_write(temp, "purser.db", bytes, len);
  refused(path, PURSER_ECORRUPT);
  struct ledger *ledger = NULL;
  struct error error = {0};
  assert_int_equal(try_open(path, &ledger, &error), PURSER_ECORRUPT);
  assert_non_null(strstr(error.message, ".recover"));
  assert_non_null(strstr(error.message, ".bak-"));
  /* Cut off in the header. */
  temp_write(temp, "purser.db", bytes, 60);
  refused(path, PURSER_ECORRUPT);
  free(bytes);
}

static void damage_found_later_is_reported_as_such(void **state) {
  const struct temp *temp = *state;
  const char *path = temp_path(temp, "purser.db");
  make_ledger(path);
  size_t len = 0;
  char *bytes = temp_read(temp, "purser.db", &len);
  memset(bytes + 4096 * 2, 0x5a, len - 4096 * 2);
  temp_write(temp, "purser.db", bytes, len);
  free(bytes);
  struct ledger *ledger = NULL;
  struct error error = {0};
  int status = try_open(path, &ledger, &error);
  if (status == PURSER_OK) {
    const struct report_query query = {.since_day = INT64_MIN, .until_day = INT64_MAX};
    struct sums total;
    status = ledger_report(ledger, &query, NULL, NULL, &total, &error);
  }
  assert_int_equal(status, PURSER_ECORRUPT);
  ledger_close(ledger);
}

static void a_locked_ledger_gives_up_after_a_while(void **state) {
  const char *path = temp_path(*state, "purser.db");
  make_ledger(path);
  struct ledger *ledger = open_at(path);
  sqlite3 *db = NULL;
  struct error error = {0};
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(ledger_begin(ledger, &error), PURSER_EBUSY);
  assert_non_null(strstr(error.message, "another program"));
  /* Reading goes on. */
  assert_int_equal(books_total(ledger).requests, 1);
  assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
  assert_ok(ledger_begin(ledger, &error), &error);
  ledger_rollback(ledger);
  ledger_close(ledger);
  assert_int_equal(
      sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE", NULL, NULL, NULL),
      SQLITE_OK);
  refused(path, PURSER_EBUSY);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* ---- without permission ---- */

/* Runs `body` as somebody who is not root, whom nothing is forbidden; exit code 0 is success. */
static void as_nobody(void (*body)(const char *path), const char *path) {
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0))
      _exit(77);
    body(path);
    _exit(0);
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77)
    skip();
  assert_int_equal(WEXITSTATUS(status), 0);
}

static void expect_read_only(const char *path) {
  struct ledger *ledger = NULL;
  struct error error = {0};
  const int status = try_open(path, &ledger, &error);
  if (status != PURSER_EREADONLY || strstr(error.message, "can't be written") == NULL) {
    (void)fprintf(stderr, "status %d: %s\n", status, error_text(&error));
    _exit(1);
  }
}

static void expect_to_read(const char *path) {
  struct ledger *ledger = NULL;
  struct error error = {0};
  const struct ledger_options options = {.path = path, .read_only = true};
  if (ledger_open(&ledger, &options, &error) != PURSER_OK) {
    (void)fprintf(stderr, "%s\n", error_text(&error));
    _exit(1);
  }
  const struct report_query query = {.since_day = INT64_MIN, .until_day = INT64_MAX};
  struct sums total = {0};
  if (ledger_report(ledger, &query, NULL, NULL, &total, &error) != PURSER_OK || total.requests != 1)
    _exit(2);
  if (ledger_begin(ledger, &error) != PURSER_EREADONLY)
    _exit(3);
  ledger_close(ledger);
}

static void an_unwritable_file_or_folder_says_so(void **state) {
  struct temp *temp = *state;
  const char *path = temp_path(temp, "folder/purser.db");
  make_ledger(path);
  assert_int_equal(chmod(temp->path, 0755), 0);
  /* The file may be read only. */
  assert_int_equal(chmod(path, 0444), 0);
  assert_int_equal(chmod(temp_path(temp, "folder"), 0777), 0);
  as_nobody(expect_read_only, path);
  as_nobody(expect_to_read, path);
  /* The folder may not be written: neither log nor locks can be made beside the file. */
  assert_int_equal(chmod(path, 0666), 0);
  assert_int_equal(chmod(temp_path(temp, "folder"), 0555), 0);
  as_nobody(expect_read_only, path);
  as_nobody(expect_to_read, path);
  /* There is no ledger yet, and none can be made. */
  as_nobody(expect_read_only, temp_path(temp, "folder/other.db"));
  as_nobody(expect_read_only, temp_path(temp, "folder/deeper/purser.db"));
  /* It may not even be read. */
  assert_int_equal(chmod(path, 0), 0);
  as_nobody(expect_read_only, path);
}

static void reading_only_never_makes_a_ledger(void **state) {
  const char *path = temp_path(*state, "purser.db");
  struct ledger *ledger = NULL;
  struct error error = {0};
  const struct ledger_options options = {.path = path, .read_only = true};
  assert_int_equal(ledger_open(&ledger, &options, &error), PURSER_ENOTFOUND);
  assert_int_not_equal(access(path, F_OK), 0);
  temp_write(*state, "purser.db", "", 0);
  assert_int_equal(ledger_open(&ledger, &options, &error), PURSER_ENOTFOUND);
}

/* ---- zones ---- */

static void the_zone_is_stored_with_the_ledger(void **state) {
  const char *path = temp_path(*state, "purser.db");
  (void)setenv("TZ", "<+0530>-5:30", 1);
  struct ledger *ledger = open_at(path);
  assert_string_equal(zone_name(ledger_zone(ledger)), "<+0530>-5:30");
  ledger_close(ledger);
  (void)setenv("TZ", "UTC", 1);
  ledger = open_at(path);
  assert_string_equal(zone_name(ledger_zone(ledger)), "<+0530>-5:30");
  struct ledger *other = open_at(path);
  struct error error = {0};
  assert_ok(ledger_set_zone(ledger, "<-08>8", &error), &error);
  assert_string_equal(zone_name(ledger_zone(ledger)), "<-08>8");
  /* The other handle learns of it with its next transaction. */
  assert_ok(ledger_begin(other, &error), &error);
  assert_string_equal(zone_name(ledger_zone(other)), "<-08>8");
  ledger_rollback(other);
  assert_int_equal(ledger_set_zone(ledger, "Europe/Nowhere", &error), PURSER_ENOTFOUND);
  assert_string_equal(zone_name(ledger_zone(ledger)), "<-08>8");
  ledger_close(other);
  ledger_close(ledger);
}

/* ---- transactions ---- */

static void nested_transactions_are_refused(void **state) {
  struct ledger *ledger = open_at(temp_path(*state, "purser.db"));
  struct error error = {0};
  assert_ok(ledger_begin(ledger, &error), &error);
  assert_int_equal(ledger_begin(ledger, &error), PURSER_EINVAL);
  assert_ok(ledger_commit(ledger, &error), &error);
  assert_int_equal(ledger_commit(ledger, &error), PURSER_EINVAL);
  ledger_rollback(ledger);
  ledger_close(ledger);
  ledger_close(NULL);
}

static void what_is_rolled_back_was_never_there(void **state) {
  struct ledger *ledger = open_at(temp_path(*state, "purser.db"));
  const struct run_spec spec = {.agent = "ghost", .workspace = "/w"};
  struct error error = {0};
  int64_t run = 0;
  for (int i = 0; i < 3; i++) {
    assert_ok(ledger_begin(ledger, &error), &error);
    assert_ok(ledger_run_create(ledger, &spec, RUN_COMPLETED, &run, &error), &error);
    if (i < 2)
      ledger_rollback(ledger);
    else
      assert_ok(ledger_commit(ledger, &error), &error);
  }
  /* Names are remembered in memory; those of the rolled back transactions must not be. */
  struct run_row row;
  assert_ok(ledger_run_get(ledger, run, &row, &error), &error);
  assert_string_equal(row.agent, "ghost");
  run_row_fini(&row);
  assert_int_equal(books_total(ledger).runs, 1);
  books_audit(ledger);
  ledger_close(ledger);
}

static void settings_are_kept(void **state) {
  const char *path = temp_path(*state, "purser.db");
  struct ledger *ledger = open_at(path);
  struct error error = {0};
  char *value = NULL;
  assert_ok(ledger_meta_get(ledger, "colour", &value, &error), &error);
  assert_null(value);
  assert_ok(ledger_meta_set(ledger, "colour", "blue", &error), &error);
  assert_ok(ledger_meta_set(ledger, "colour", "green", &error), &error);
  ledger_close(ledger);
  ledger = open_at(path);
  assert_ok(ledger_meta_get(ledger, "colour", &value, &error), &error);
  assert_string_equal(value, "green");
  mem_free(value);
  ledger_close(ledger);
}

/* Whether another process sees a lock of ours on the file (SQLite's bytes for that are the 512 from PENDING_BYTE on). */
static bool locked_for_others(const char *path) {
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0x40000000, .l_len = 512};
    const int fd = open(path, O_RDWR);
    _exit(fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? 0 : 1);
  }
  int how = 0;
  assert_int_equal(waitpid(child, &how, 0), child);
  return WIFEXITED(how) && WEXITSTATUS(how) == 0;
}

/* A process that closes a descriptor of a file loses all its locks on it. Without them another process takes itself for the last
 * one that has the ledger open, and throws away the log that ours goes on reading and writing. */
static void a_second_handle_leaves_the_locks_of_the_first(void **state) {
  struct temp *temp = *state;
  const char *path = temp_path(temp, "purser.db");
  make_ledger(path);
  struct ledger *first = open_at(path);
  char *value = NULL;
  struct error error = {0};
  assert_ok(ledger_meta_get(first, "colour", &value, &error), &error);
  assert_true(locked_for_others(path));
  struct ledger *second = open_at(path);
  assert_true(locked_for_others(path));
  ledger_close(second);
  assert_true(locked_for_others(path));
  ledger_close(first);
  assert_false(locked_for_others(path));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(a_new_ledger_is_the_user_s_alone),
      IN_FOLDER(it_is_found_by_environment),
      IN_FOLDER(an_empty_file_is_as_good_as_none),
      IN_FOLDER(a_link_to_a_ledger_is_followed),
      IN_FOLDER(a_name_with_a_colon_is_a_name),
      IN_FOLDER(what_is_not_ours_is_left_untouched),
      IN_FOLDER(folders_and_pipes_are_no_ledgers),
      IN_FOLDER(a_newer_ledger_is_left_untouched),
      IN_FOLDER(a_newer_ledger_in_use_is_refused_too),
      IN_FOLDER(an_older_ledger_is_backed_up_and_migrated),
      IN_FOLDER(a_migration_that_fails_changes_nothing),
      IN_FOLDER(a_damaged_ledger_says_how_to_mend_it),
      IN_FOLDER(damage_found_later_is_reported_as_such),
      IN_FOLDER(a_locked_ledger_gives_up_after_a_while),
      IN_FOLDER(an_unwritable_file_or_folder_says_so),
      IN_FOLDER(reading_only_never_makes_a_ledger),
      IN_FOLDER(the_zone_is_stored_with_the_ledger),
      IN_FOLDER(nested_transactions_are_refused),
      IN_FOLDER(what_is_rolled_back_was_never_there),
      IN_FOLDER(settings_are_kept),
      IN_FOLDER(a_second_handle_leaves_the_locks_of_the_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

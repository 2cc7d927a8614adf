/* test_import_clients.c - opencode's two stores and Gemini CLI's chats, read whole: each request once, under the prompt that it answers, and
 * one clear word about what can't be read. */
#include "support/support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "import/import.h"
#include "import/import_lock.h"
#include "support/books.h"

struct stage {
  struct books books;
  struct catalog *catalog;
  char root[600];
  const char *source;
  struct import_result result;
};

static void stage_open(struct stage *stage, const char *source) {
  *stage = (struct stage){.source = source};
  books_open(&stage->books, "2026-11-26T10:00:00Z");
  assert_int_equal(catalog_load(&stage->catalog, NULL, NULL, NULL), 0);
  (void)snprintf(stage->root, sizeof stage->root, "%s/root", stage->books.temp.path);
  assert_int_equal(mkdir(stage->root, 0700), 0);
}

static void stage_close(struct stage *stage) {
  import_result_fini(&stage->result);
  catalog_free(stage->catalog);
  books_close(&stage->books);
}

static void import(struct stage *stage) {
  const struct import_root roots[] = {{stage->source, stage->root}};
  const char *const sources[] = {stage->source, NULL};
  const struct import_options options = {
      .sources = sources, .roots = roots, .root_count = 1, .prompt_chars = 200};
  import_result_fini(&stage->result);
  assert_ok(import_sync(stage->books.ledger, stage->catalog, &options, &stage->result,
                        &stage->books.error),
            &stage->books.error);
}

/* What the ledger says in all; `runs` and `requests` are what it should. */
static struct sums check(struct stage *stage, int64_t runs, int64_t requests) {
  const struct sums total = books_total(stage->books.ledger);
  assert_int_equal(total.runs, runs);
  assert_int_equal(total.requests, requests);
  return total;
}

static void put(const struct stage *stage, const char *name, const char *text) {
  char path[2048];
  (void)snprintf(path, sizeof path, "root/%s", name);
  for (char *slash = strchr(path + 5, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    (void)mkdir(temp_path(&stage->books.temp, path), 0700);
    *slash = '/';
  }
  temp_write(&stage->books.temp, path, text, strlen(text));
}

static char *fixture(const char *name) {
  char path[2048];
  (void)snprintf(path, sizeof path, "%s/records/%s", PURSER_FIXTURES, name);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  (void)fseek(file, 0, SEEK_END);
  const long size = ftell(file);
  (void)fseek(file, 0, SEEK_SET);
  char *data = malloc((size_t)size + 1);
  assert_non_null(data);
  data[fread(data, 1, (size_t)size, file)] = '\0';
  (void)fclose(file);
  return data;
}

/* ---- opencode's database ---- */

static sqlite3 *open_database(const struct stage *stage) {
  char path[2048];
  sqlite3 *db = NULL;
  (void)snprintf(path, sizeof path, "%s/opencode.db", stage->root);
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  return db;
}

static void run_sql(sqlite3 *db, const char *sql) {
  char *message = NULL;
  if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
    fail_msg("%s: %s", sql, message);
}

static void make_database(const struct stage *stage, const char *scenario) {
  char name[128];
  (void)snprintf(name, sizeof name, "opencode/%s/opencode.sql", scenario);
  char *sql = fixture(name);
  sqlite3 *db = open_database(stage);
  run_sql(db, "PRAGMA journal_mode = WAL");
  run_sql(db, sql);
  (void)sqlite3_close(db);
  free(sql);
}

/* What is new in a log is looked for from a day before the database was last written: so that is when its last message was. */
static void write_last_with_messages(const struct stage *stage, sqlite3 *db) {
  char path[2048];
  sqlite3_stmt *row = NULL;
  assert_int_equal(
      sqlite3_prepare_v2(db, "SELECT max(time_updated) / 1000 FROM message", -1, &row, NULL),
      SQLITE_OK);
  assert_int_equal(sqlite3_step(row), SQLITE_ROW);
  const struct timespec written = {.tv_sec = (time_t)sqlite3_column_int64(row, 0)};
  (void)sqlite3_finalize(row);
  (void)snprintf(path, sizeof path, "%s/opencode.db", stage->root);
  assert_int_equal(utimensat(AT_FDCWD, path, (const struct timespec[]){written, written}, 0), 0);
}

static int take_prompt(void *data, const struct run_row *row) {
  char *out = data;
  const size_t len = strlen(out);
  (void)snprintf(out + len, 400 - len, "%s|%s|%s;", row->agent, row->workspace, row->prompt);
  return 0;
}

static void prompts_are(struct stage *stage, const char *expected) {
  char all[400] = "";
  const struct run_filter filter = {.status = -1};
  assert_ok(ledger_run_each(stage->books.ledger, &filter, take_prompt, all, &stage->books.error),
            &stage->books.error);
  assert_string_equal(all, expected);
}

static void opencode_runs_are_one_per_prompt(void **state) {
  (void)state;
  struct stage stage;
  stage_open(&stage, "opencode");
  make_database(&stage, "resume");
  import(&stage);
  const struct sums total = check(&stage, 2, 2);
  assert_int_equal(total.input, 1001 + 1002);
  prompts_are(&stage, "opencode|/home/me/proj|\"And again {{plain}}\";opencode|/home/me/"
                      "proj|\"Say hello\";");
  import(&stage);
  (void)check(&stage, 2, 2);
  assert_int_equal(stage.result.total.booked, 0);
  stage_close(&stage);
}

static int count_sidechains(void *data, const struct request_row *row) {
  int64_t *count = data;
  *count += (row->flags & PURSER_FLAG_SIDECHAIN) != 0;
  return 0;
}

static void opencode_subagents_belong_to_the_prompt_that_asked_them(void **state) {
  (void)state;
  struct stage stage;
  stage_open(&stage, "opencode");
  make_database(&stage, "subagent");
  import(&stage);
  const struct sums total = check(&stage, 1, 4);
  assert_int_equal(total.input, 1001 + 1002 + 1003 + 1004);
  int64_t sidechains = 0;
  assert_ok(ledger_request_each(stage.books.ledger, 1, count_sidechains, &sidechains, NULL), NULL);
  assert_int_equal(sidechains, 2);
  stage_close(&stage);
}

static void opencode_forks_count_once(void **state) {
  (void)state;
  struct stage stage;
  stage_open(&stage, "opencode");
  make_database(&stage, "fork");
  import(&stage);
  struct sums total = check(&stage, 2, 2);
  assert_int_equal(total.input, 1001 + 1002);
  /* The origin is deleted, and read from the start: its copy is the only one to tell of it, and nothing is ever taken away. */
  stage_close(&stage);

  stage_open(&stage, "opencode");
  make_database(&stage, "fork");
  sqlite3 *db = open_database(&stage);
  run_sql(db, "DELETE FROM session WHERE id = 'ses_df07a4a35ffejUQZmyOvv6foJO';"
              "DELETE FROM message WHERE session_id = 'ses_df07a4a35ffejUQZmyOvv6foJO'");
  (void)sqlite3_close(db);
  import(&stage);
  total = check(&stage, 2, 2);
  assert_int_equal(total.input, 1001 + 1002);
  stage_close(&stage);
}

static void opencode_is_read_on_from_where_it_was_left(void **state) {
  (void)state;
  struct stage stage;
  stage_open(&stage, "opencode");
  make_database(&stage, "tool");
  sqlite3 *db = open_database(&stage);
  run_sql(db, "PRAGMA journal_mode = WAL");
  /* The second answer is under way: a message without figures. */
  run_sql(db,
          "CREATE TEMP TABLE kept AS SELECT * FROM message WHERE data LIKE '%\"input\":1002%';"
          "UPDATE message SET data = json_set(data, '$.tokens.input', 0, '$.tokens.output', 0,"
          " '$.tokens.cache.read', 0, '$.tokens.reasoning', 0) WHERE id IN (SELECT id FROM kept)");
  write_last_with_messages(&stage, db);
  import(&stage);
  (void)check(&stage, 1, 1);
  /* It is written to the log beside the database, which stays as it was. */
  run_sql(db, "UPDATE message SET data = (SELECT data FROM kept), time_updated = time_updated + 5"
              " WHERE id IN (SELECT id FROM kept)");
  import(&stage);
  const struct sums total = check(&stage, 1, 2);
  assert_int_equal(total.input, 1001 + 1002);
  (void)sqlite3_close(db);
  import(&stage);
  (void)check(&stage, 1, 2);
  stage_close(&stage);
}

static void only_fault(const struct stage *stage, const char *part) {
  assert_int_equal(stage->result.fault_count, 1);
  assert_int_equal(stage->result.total.failed, 1);
  if (strstr(stage->result.faults[0].text, part) == NULL)
    fail_msg("%s", stage->result.faults[0].text);
}

static void an_opencode_database_that_cant_be_read_is_one_report(void **state) {
  (void)state;
  struct stage stage;
  stage_open(&stage, "opencode");
  put(&stage, "opencode.db", "this is no database, but long enough to be taken for one at first");
  import(&stage);
  only_fault(&stage, "not a database");
  stage_close(&stage);

  stage_open(&stage, "opencode");
  sqlite3 *db = open_database(&stage);
  run_sql(db, "CREATE TABLE session (id, elsewhere)");
  (void)sqlite3_close(db);
  import(&stage);
  only_fault(&stage, "unknown layout");
  stage_close(&stage);
}

static void a_locked_opencode_database_is_read_the_next_time(void **state) {
  (void)state;
  struct stage stage;
  stage_open(&stage, "opencode");
  make_database(&stage, "plain");
  sqlite3 *db = open_database(&stage);
  run_sql(db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  import(&stage);
  (void)check(&stage, 0, 0);
  assert_int_equal(stage.result.fault_count, stage.result.total.failed);
  assert_true(stage.result.fault_count > 0);
  assert_non_null(strstr(stage.result.faults[0].text, "opencode holds its database"));
  (void)sqlite3_close(db);
  import(&stage);
  (void)check(&stage, 1, 1);
  assert_int_equal(stage.result.fault_count, 0);
  stage_close(&stage);
}

/* ---- opencode's files ---- */

static void opencodes_older_files_are_read_as_well(void **state) {
  (void)state;
  struct stage stage;
  stage_open(&stage, "opencode");
  put(&stage, "storage/session/abc/ses_1.json",
      "{\"id\":\"ses_1\",\"directory\":\"/home/me/old\",\"time\":{\"created\":1764000000000}}");
  put(&stage, "storage/session/abc/ses_2.json",
      "{\"id\":\"ses_2\",\"parentID\":\"ses_1\",\"directory\":\"/home/me/old\",\"time\":{\"created\":1764000002000}}");
  put(&stage, "storage/message/ses_1/msg_a1.json",
      "{\"id\":\"msg_a1\",\"sessionID\":\"ses_1\",\"role\":\"user\",\"time\":{\"created\":1764000000100}}");
  put(&stage, "storage/part/msg_a1/prt_1.json", "{\"type\":\"text\",\"text\":\"Mend it\"}");
  put(&stage, "storage/message/ses_1/msg_a2.json",
      "{\"id\":\"msg_a2\",\"role\":\"assistant\",\"parentID\":\"msg_a1\",\"modelID\":\"gpt-5.5\",\"providerID\":\"openai\","
      "\"time\":{\"created\":1764000001000},\"tokens\":{\"input\":10,\"output\":2,\"reasoning\":1,\"cache\":{\"read\":5,\"write\":0}}}");
  put(&stage, "storage/message/ses_2/msg_a3.json",
      "{\"id\":\"msg_a3\",\"role\":\"user\",\"time\":{\"created\":1764000002000}}");
  put(&stage, "storage/message/ses_2/msg_a4.json",
      "{\"id\":\"msg_a4\",\"role\":\"assistant\",\"parentID\":\"msg_a3\",\"modelID\":\"gpt-5.5\",\"providerID\":\"openai\","
      "\"time\":{\"created\":1764000003000},\"tokens\":{\"input\":100,\"output\":20,\"cache\":{\"read\":0,\"write\":0}}}");
  put(&stage, "storage/message/ses_1/msg_a5.json", "{\"half\":");
  import(&stage);
  struct sums total = check(&stage, 1, 2);
  assert_int_equal(total.input, 110);
  assert_int_equal(total.output, 23);
  prompts_are(&stage, "opencode|/home/me/old|Mend it;");
  assert_int_equal(stage.result.fault_count, 1);

  /* A fork of it, and the half-written message whole. */
  put(&stage, "storage/session/abc/ses_3.json",
      "{\"id\":\"ses_3\",\"directory\":\"/home/me/old\",\"time\":{\"created\":1764000009000}}");
  put(&stage, "storage/message/ses_3/msg_b2.json",
      "{\"id\":\"msg_b2\",\"role\":\"assistant\",\"parentID\":\"msg_b1\",\"modelID\":\"gpt-5.5\",\"providerID\":\"openai\","
      "\"time\":{\"created\":1764000004000},\"tokens\":{\"input\":7,\"output\":1}}");
  char origin[256];
  (void)snprintf(origin, sizeof origin, "storage/message/ses_1/msg_%09llxabc.json",
                 1764000004000ULL & 0xfffffffffULL);
  put(&stage, origin,
      "{\"role\":\"assistant\",\"parentID\":\"msg_a1\",\"modelID\":\"gpt-5.5\",\"providerID\":\"openai\","
      "\"time\":{\"created\":1764000004000},\"tokens\":{\"input\":7,\"output\":1}}");
  put(&stage, "storage/message/ses_1/msg_a5.json", "{\"role\":\"user\"}");
  import(&stage);
  total = check(&stage, 1, 3);
  assert_int_equal(total.input, 117);
  assert_int_equal(stage.result.fault_count, 0);
  stage_close(&stage);
}

/* ---- Gemini CLI ---- */

static const char chat[] = "gemini/resume/proj/chats/session-2026-11-24T21-44-b46a7683.jsonl";

static void gemini_chats_are_read_in_any_pieces(void **state) {
  (void)state;
  char *text = fixture(chat);
  const size_t len = strlen(text);
  struct rng rng = {3};
  for (int round = 0; round < 4; round++) {
    struct stage stage;
    stage_open(&stage, "gemini");
    put(&stage, "projects.json", "{\"projects\":{\"/home/me/far\":\"proj\"}}");
    for (size_t at = 0; at < len;) {
      const size_t step = (size_t)rng_between(&rng, 1, round == 0 ? (int64_t)len : 1500);
      at = at + step < len ? at + step : len;
      char *part = strndup(text, at);
      put(&stage, "tmp/proj/chats/session-2026-11-24T21-44-b46a7683.jsonl", part);
      free(part);
      import(&stage);
    }
    const struct sums total = check(&stage, 2, 2);
    assert_int_equal(total.input, 1001 + 1002);
    prompts_are(&stage, "gemini|/home/me/far|And again {{plain}};gemini|/home/me/far|Say hello;");
    import(&stage);
    assert_int_equal(stage.result.total.unchanged, 1);
    stage_close(&stage);
  }
  free(text);
}

static void gemini_subagents_and_older_documents_are_read(void **state) {
  (void)state;
  struct stage stage;
  stage_open(&stage, "gemini");
  put(&stage, "tmp/p/.project_root", "/home/me/marked\n");
  put(&stage, "tmp/p/chats/session-2026-01-02T03-04-aaaaaaaa.json",
      "{\n  \"sessionId\": \"aaaaaaaa-1\",\n  \"startTime\": \"2026-01-02T03:04:00.000Z\",\n  \"messages\": [\n"
      "    {\"id\": \"u1\", \"type\": \"user\", \"timestamp\": \"2026-01-02T03:04:01.000Z\", \"content\": \"Old\\nwords\"},\n"
      "    {\"id\": \"g1\", \"type\": \"gemini\", \"timestamp\": \"2026-01-02T03:04:02.000Z\", \"model\": \"gemini-2.5-pro\",\n"
      "     \"tokens\": {\"input\": 50, \"output\": 5, \"cached\": 20, \"thoughts\": 1, \"tool\": 0, \"total\": 56}}\n  ]\n}\n");
  put(&stage, "tmp/p/chats/aaaaaaaa-1/bbbb.jsonl",
      "{\"sessionId\":\"bbbb\",\"startTime\":\"2026-01-02T03:04:03.000Z\",\"kind\":\"subagent\"}\n"
      "{\"id\":\"u2\",\"type\":\"user\",\"timestamp\":\"2026-01-02T03:04:03.000Z\",\"content\":\"Sub\"}\n"
      "{\"id\":\"g2\",\"type\":\"gemini\",\"timestamp\":\"2026-01-02T03:04:04.000Z\",\"model\":\"gemini-2.5-pro\","
      "\"tokens\":{\"input\":7,\"output\":1,\"cached\":0}}\n");
  import(&stage);
  const struct sums total = check(&stage, 1, 2);
  assert_int_equal(total.input, 37);
  assert_int_equal(total.cache_read, 20);
  assert_int_equal(total.output, 7);
  prompts_are(&stage, "gemini|/home/me/marked|Old\nwords;");
  stage_close(&stage);
}

static void a_gemini_chat_that_was_written_anew_is_read_anew(void **state) {
  (void)state;
  struct stage stage;
  stage_open(&stage, "gemini");
  static const char first[] =
      "{\"sessionId\":\"s\",\"startTime\":\"2026-01-02T03:04:00.000Z\"}\n"
      "{\"id\":\"u1\",\"type\":\"user\",\"timestamp\":\"2026-01-02T03:04:01.000Z\",\"content\":\"Go\"}\n"
      "{\"id\":\"g1\",\"type\":\"gemini\",\"timestamp\":\"2026-01-02T03:04:02.000Z\",\"model\":\"gemini-2.5-pro\","
      "\"tokens\":{\"input\":50,\"output\":5,\"cached\":0}}\n";
  static const char second[] =
      "{\"sessionId\":\"s\",\"startTime\":\"2026-01-02T03:04:00.000Z\",\"summary\":\"a long one, so that the file is no shorter than it was before it was written anew\"}\n"
      "{\"id\":\"u1\",\"type\":\"user\",\"timestamp\":\"2026-01-02T03:04:01.000Z\",\"content\":\"Go\"}\n"
      "{\"id\":\"g0\",\"type\":\"gemini\",\"timestamp\":\"2026-01-02T03:04:01.500Z\",\"model\":\"gemini-2.5-pro\","
      "\"tokens\":{\"input\":7,\"output\":1,\"cached\":0}}\n"
      "{\"id\":\"g1\",\"type\":\"gemini\",\"timestamp\":\"2026-01-02T03:04:02.000Z\",\"model\":\"gemini-2.5-pro\","
      "\"tokens\":{\"input\":50,\"output\":5,\"cached\":0}}\nnonsense\n";
  put(&stage, "tmp/p/chats/session-x-s.jsonl", first);
  import(&stage);
  (void)check(&stage, 1, 1);
  put(&stage, "tmp/p/chats/session-x-s.jsonl", second);
  import(&stage);
  const struct sums total = check(&stage, 1, 2);
  assert_int_equal(total.input, 57);
  assert_int_equal(stage.result.fault_count, 1);
  stage_close(&stage);
}

/* ---- who reads ---- */

static void one_process_reads_at_a_time(void **state) {
  (void)state;
  struct temp temp;
  temp_make(&temp);
  char path[600];
  (void)snprintf(path, sizeof path, "%s/purser.db", temp.path);
  struct import_lock a = IMPORT_LOCK_INIT;
  struct import_lock b = IMPORT_LOCK_INIT;
  assert_true(import_lock_try(&a, path));
  assert_false(import_lock_try(&b, path));
  import_lock_release(&a);
  assert_true(import_lock_try(&b, path));
  import_lock_release(&b);
  import_lock_release(&b);
  /* Where no lock can be made, the work is done all the same. */
  assert_true(import_lock_try(&a, "/nowhere/at/all/purser.db"));
  import_lock_release(&a);
  temp_remove(&temp);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(opencode_runs_are_one_per_prompt),
      cmocka_unit_test(opencode_subagents_belong_to_the_prompt_that_asked_them),
      cmocka_unit_test(opencode_forks_count_once),
      cmocka_unit_test(opencode_is_read_on_from_where_it_was_left),
      cmocka_unit_test(an_opencode_database_that_cant_be_read_is_one_report),
      cmocka_unit_test(a_locked_opencode_database_is_read_the_next_time),
      cmocka_unit_test(opencodes_older_files_are_read_as_well),
      cmocka_unit_test(gemini_chats_are_read_in_any_pieces),
      cmocka_unit_test(gemini_subagents_and_older_documents_are_read),
      cmocka_unit_test(a_gemini_chat_that_was_written_anew_is_read_anew),
      cmocka_unit_test(one_process_reads_at_a_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

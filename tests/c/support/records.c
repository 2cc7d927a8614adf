/* records.c - see records.h. */
#include "support/records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "import/settings.h"
#include "ledger/internal.h"

void records_open(struct records *records) {
  *records = (struct records){.catalog = NULL};
  books_open(&records->books, "2026-11-25T12:00:00Z");
  assert_ok(catalog_load(&records->catalog, NULL, NULL, &records->books.error),
            &records->books.error);
}

void records_close(struct records *records) {
  import_result_fini(&records->result);
  import_settings_free(records->settings);
  catalog_free(records->catalog);
  books_close(&records->books);
}

const char *records_path(const struct records *records, const char *path) {
  return temp_path(&records->books.temp, path);
}

static FILE *open_file(const struct records *records, const char *path, const char *mode) {
  char whole[1200];
  (void)snprintf(whole, sizeof whole, "%s", records_path(records, path));
  for (char *slash = strchr(whole + strlen(records->books.temp.path) + 1, '/'); slash != NULL;
       slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    (void)mkdir(whole, 0700);
    *slash = '/';
  }
  FILE *file = fopen(whole, mode);
  assert_non_null(file);
  return file;
}

void records_add(const struct records *records, const char *path, const char *quoted) {
  FILE *file = open_file(records, path, "a");
  for (; *quoted != '\0'; quoted++)
    (void)fputc(*quoted == '\'' ? '"' : *quoted, file);
  assert_int_equal(fclose(file), 0);
}

void records_write(const struct records *records, const char *path, const char *bytes, size_t len) {
  FILE *file = open_file(records, path, "w");
  assert_int_equal(fwrite(bytes, 1, len, file), len);
  assert_int_equal(fclose(file), 0);
}

/* One of a few texts that live a while. */
static char *next_line(void) {
  static char lines[16][1200];
  static unsigned next;
  return lines[next++ % 16];
}

const char *claude_prompt(const char *session, const char *uuid, int minute) {
  char *line = next_line();
  (void)snprintf(line, 1200,
                 "{'parentUuid':null,'isSidechain':false,'type':'user','message':{'role':'user',"
                 "'content':'prompt %s'},'uuid':'%s','timestamp':'2026-11-20T10:%02d:00.000Z',"
                 "'cwd':'/nowhere/p','sessionId':'%s','version':'2.1','gitBranch':'main'}\n",
                 uuid, uuid, minute, session);
  return line;
}

const char *claude_answer(const char *session, const char *id, int minute, int output) {
  char *line = next_line();
  (void)snprintf(line, 1200,
                 "{'parentUuid':'x','isSidechain':false,'message':{'id':'%s','type':'message',"
                 "'role':'assistant','model':'claude-opus-4-5','content':[],'stop_reason':"
                 "'end_turn','usage':{'input_tokens':10,'output_tokens':%d}},'requestId':'r-%s',"
                 "'type':'assistant','uuid':'y','timestamp':'2026-11-20T10:%02d:01.000Z',"
                 "'effort':'high','cwd':'/nowhere/p','sessionId':'%s','version':'2.1',"
                 "'gitBranch':'main'}\n",
                 id, output, id, minute, session);
  return line;
}

void records_import_with(struct records *records, const struct import_options *options) {
  static const char *const names[] = {"claude", "codex", "gemini", "opencode"};
  struct import_root roots[COUNT(names)];
  char folders[COUNT(names)][700];
  for (size_t i = 0; i < COUNT(names); i++) {
    (void)snprintf(folders[i], sizeof folders[i], "%s", records_path(records, names[i]));
    roots[i] = (struct import_root){names[i], folders[i]};
  }
  struct import_options all = options != NULL ? *options : (struct import_options){0};
  all.roots = roots;
  all.root_count = COUNT(names);
  all.prompt_chars = 100;
  all.settings = records->settings;
  import_result_fini(&records->result);
  const int status = import_sync(records->books.ledger, records->catalog, &all, &records->result,
                                 &records->books.error);
  assert_ok(status, &records->books.error);
}

void records_import(struct records *records) {
  records_import_with(records, NULL);
}

static void expect_rows(struct records *records, const char *sql, const char *expected) {
  struct buf got = BUF_INIT;
  sqlite3_stmt *stmt = NULL;
  sqlite3 *db = db_handle(records->books.ledger->db);
  if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
    fail_msg("%s", sqlite3_errmsg(db));
  while (sqlite3_step(stmt) == SQLITE_ROW)
    buf_addf(&got, "%s\n", (const char *)sqlite3_column_text(stmt, 0));
  (void)sqlite3_finalize(stmt);
  assert_string_equal(buf_text(&got), expected);
  buf_fini(&got);
}

void records_expect_requests(struct records *records, const char *expected) {
  expect_rows(records,
              "SELECT substr(q.key, 8) || ' ' || ifnull(s.text, '-') || ' ' || q.input || '/' ||"
              " q.output || ' ' || q.run_id FROM request q LEFT JOIN name s ON s.id = q.session"
              " ORDER BY q.key, q.request_id",
              expected);
}

void records_expect_runs(struct records *records, const char *expected) {
  expect_rows(records,
              "SELECT r.id || ' ' || ifnull(r.prompt, '-') || ' ' || r.requests || ' ' ||"
              " ifnull(w.text, '-') FROM run_log r LEFT JOIN name w ON w.id = r.workspace"
              " ORDER BY r.id",
              expected);
}

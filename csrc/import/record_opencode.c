/* record_opencode.c - opencode keeps its sessions in SQLite: each assistant message is one request, a subagent is a child
 * session. Opened read-only, so that nothing of the client's can be harmed. */
#include <string.h>

#include "base/buf.h"
#include "import/opencode_internal.h"
#include "import/record_internal.h"

static const char query[] =
    "WITH RECURSIVE family(id, depth) AS ("
    "  SELECT ?1, 0 UNION SELECT s.id, f.depth + 1 FROM session s JOIN family f ON s.parent_id = f.id WHERE f.depth < 32)"
    " SELECT m.id, m.session_id, m.time_created, m.data, f.depth FROM message m JOIN family f ON m.session_id = f.id"
    " WHERE m.time_created >= ?2 ORDER BY m.time_created, m.id";

static purser_str text_of(const char *text) {
  return text != NULL ? (purser_str){text, strlen(text)} : (purser_str){"", 0};
}

/* What lives while one message is turned into an event. */
struct reader {
  struct json_doc doc;
  struct buf model;
  decoder_sink sink;
  void *data;
};

static void emit_message(struct reader *r, sqlite3_stmt *row) {
  const char *data = (const char *)sqlite3_column_text(row, 3);
  purser_event event;
  if (data == NULL || json_parse(&r->doc, data, strlen(data)) != PURSER_OK ||
      !opencode_usage(&r->doc, &r->model, &event))
    return;
  event.flags |= PURSER_FLAG_IMPORTED;
  if (sqlite3_column_int(row, 4) > 0)
    event.flags |= PURSER_FLAG_SIDECHAIN;
  event.at_ms = sqlite3_column_int64(row, 2);
  event.id = text_of((const char *)sqlite3_column_text(row, 0));
  event.session = text_of((const char *)sqlite3_column_text(row, 1));
  r->sink(r->data, &event);
}

static int read_messages(sqlite3 *db, const char *path, const struct record_source *source,
                         struct reader *r, struct error *error) {
  sqlite3_stmt *row = NULL;
  if (sqlite3_prepare_v2(db, query, -1, &row, NULL) != SQLITE_OK)
    return opencode_fail(db, path, error);
  (void)sqlite3_bind_text(row, 1, source->session, -1, SQLITE_STATIC);
  (void)sqlite3_bind_int64(row, 2, source->since_ms);
  int step;
  while ((step = sqlite3_step(row)) == SQLITE_ROW)
    emit_message(r, row);
  const int status = step == SQLITE_DONE ? PURSER_OK : opencode_fail(db, path, error);
  (void)sqlite3_finalize(row);
  return status;
}

int record_opencode_read(const struct record_source *source, decoder_sink sink, void *data,
                         int *files, struct error *error) {
  *files = 0;
  struct buf path = BUF_INIT;
  struct reader r = {.doc = JSON_DOC_INIT, .sink = sink, .data = data};
  sqlite3 *db = NULL;
  buf_addf(&path, "%s/opencode.db", source->root);
  int status = path.failed ? error_set(error, PURSER_ENOMEM, "out of memory")
                           : opencode_open(&db, path.data, error);
  if (db != NULL) {
    *files = 1;
    status = read_messages(db, path.data, source, &r, error);
  }
  (void)sqlite3_close(db);
  json_fini(&r.doc);
  buf_fini(&r.model);
  buf_fini(&path);
  return status;
}

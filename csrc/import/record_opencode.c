/* record_opencode.c - opencode keeps its sessions in SQLite: each assistant message is one request, a subagent is a child
 * session. Opened read-only, so that nothing of the client's can be harmed. */
#include <string.h>

#include <sqlite3.h>

#include "base/json.h"
#include "base/mem.h"
#include "import/record_internal.h"

enum {
  COST_SCALE = 9,
  BUSY_MS = 250
};

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

static void add_name(struct reader *r, const char *key) {
  json_add_text(&r->doc, json_get(&r->doc, 0, key), &r->model);
}

static void emit_message(struct reader *r, sqlite3_stmt *row) {
  const char *data = (const char *)sqlite3_column_text(row, 3);
  if (data == NULL)
    return;
  if (json_parse(&r->doc, data, strlen(data)) != PURSER_OK)
    return;
  if (!json_equals(&r->doc, json_get(&r->doc, 0, "role"), "assistant"))
    return;
  const json_id tokens = json_get(&r->doc, 0, "tokens");
  if (tokens == JSON_NONE)
    return;

  purser_event event = {.kind = PURSER_EVENT_USAGE, .cost_nanousd = -1};
  const int64_t reasoning = json_i64_or(&r->doc, json_get(&r->doc, tokens, "reasoning"), 0);
  /* opencode's output leaves the reasoning out; ours holds it (rule 9). */
  event.usage = (purser_usage){
      .input = json_i64_or(&r->doc, json_get(&r->doc, tokens, "input"), 0),
      .output = json_i64_or(&r->doc, json_get(&r->doc, tokens, "output"), 0) + reasoning,
      .reasoning = reasoning,
      .cache_read = json_i64_or(&r->doc, json_path(&r->doc, tokens, "cache.read"), 0),
      .cache_write_5m = json_i64_or(&r->doc, json_path(&r->doc, tokens, "cache.write"), 0),
  };
  if (event.usage.input + event.usage.output + event.usage.cache_read +
          event.usage.cache_write_5m ==
      0) {
    return; /* never answered: nothing was counted */
  }
  (void)json_decimal(&r->doc, json_get(&r->doc, 0, "cost"), COST_SCALE, &event.cost_nanousd);
  if (event.cost_nanousd == 0)
    event.cost_nanousd = -1; /* no price configured there: not a statement that it was free */
  event.flags = PURSER_FLAG_IMPORTED;
  if (sqlite3_column_int(row, 4) > 0)
    event.flags |= PURSER_FLAG_SIDECHAIN;
  if (json_equals(&r->doc, json_get(&r->doc, 0, "mode"), "compaction")) {
    event.flags |= PURSER_FLAG_COMPACTION;
  }
  event.at_ms = sqlite3_column_int64(row, 2);
  event.id = text_of((const char *)sqlite3_column_text(row, 0));
  event.session = text_of((const char *)sqlite3_column_text(row, 1));
  buf_clear(&r->model);
  add_name(r, "providerID");
  buf_addc(&r->model, '/');
  add_name(r, "modelID");
  event.model = (purser_str){buf_text(&r->model), r->model.len};
  event.name = event.request_id = event.parent = event.service_tier = event.speed = event.effort =
      event.cwd = event.branch = event.text = text_of("");
  if (buf_status(&r->model) == PURSER_OK)
    r->sink(r->data, &event);
}

static int read_messages(sqlite3 *db, const struct record_source *source, struct reader *r,
                         struct error *error) {
  sqlite3_stmt *row = NULL;
  if (sqlite3_prepare_v2(db, query, -1, &row, NULL) != SQLITE_OK) {
    return error_set(error, PURSER_EPARSE, "opencode's database has an unknown layout: %s",
                     sqlite3_errmsg(db));
  }
  (void)sqlite3_bind_text(row, 1, source->session, -1, SQLITE_STATIC);
  (void)sqlite3_bind_int64(row, 2, source->since_ms);
  int step;
  while ((step = sqlite3_step(row)) == SQLITE_ROW)
    emit_message(r, row);
  int status = PURSER_OK;
  if (step != SQLITE_DONE) {
    status = error_set(error, step == SQLITE_BUSY ? PURSER_EBUSY : PURSER_EIO,
                       "opencode's database: %s", sqlite3_errmsg(db));
  }
  (void)sqlite3_finalize(row);
  return status;
}

int record_opencode_read(const struct record_source *source, decoder_sink sink, void *data,
                         int *files, struct error *error) {
  *files = 0;
  struct buf path = BUF_INIT;
  struct reader r = {.doc = JSON_DOC_INIT, .sink = sink, .data = data};
  sqlite3 *db = NULL;
  int status = PURSER_OK;
  buf_addf(&path, "%s/opencode.db", source->root);
  if (buf_status(&path) != PURSER_OK) {
    status = error_set(error, PURSER_ENOMEM, "out of memory");
    goto out;
  }
  if (sqlite3_open_v2(buf_text(&path), &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
    /* No database yet is no error: the client makes it at its first start. */
    if (sqlite3_errcode(db) != SQLITE_CANTOPEN) {
      status = error_set(error, PURSER_EIO, "%s: %s", buf_text(&path), sqlite3_errmsg(db));
    }
    goto out;
  }
  *files = 1;
  (void)sqlite3_busy_timeout(db, BUSY_MS);
  status = read_messages(db, source, &r, error);
out:
  (void)sqlite3_close(db);
  json_fini(&r.doc);
  buf_fini(&r.model);
  buf_fini(&path);
  return status;
}

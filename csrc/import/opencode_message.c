/* opencode_message.c - see opencode_internal.h. */
#include "import/opencode_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"

enum {
  COST_SCALE = 9,
  BUSY_MS = 250
};

static purser_str text_of(const char *text) {
  return (purser_str){text, strlen(text)};
}

static void add_text(const struct json_doc *doc, const char *key, struct buf *out) {
  json_add_text(doc, json_get(doc, 0, key), out);
}

static int64_t count(const struct json_doc *doc, json_id tokens, const char *path) {
  return json_i64_or(doc, json_path(doc, tokens, path), 0);
}

bool opencode_usage(const struct json_doc *doc, struct buf *model, purser_event *event) {
  if (!json_equals(doc, json_get(doc, 0, "role"), "assistant"))
    return false;
  const json_id tokens = json_get(doc, 0, "tokens");
  const int64_t reasoning = count(doc, tokens, "reasoning");
  *event = (purser_event){.kind = PURSER_EVENT_USAGE, .cost_nanousd = -1};
  /* opencode's output leaves the reasoning out; ours holds it (rule 9). */
  event->usage = (purser_usage){
      .input = count(doc, tokens, "input"),
      .output = count(doc, tokens, "output") + reasoning,
      .reasoning = reasoning,
      .cache_read = count(doc, tokens, "cache.read"),
      .cache_write_5m = count(doc, tokens, "cache.write"),
  };
  const purser_usage *u = &event->usage;
  if (u->input == 0 && u->output == 0 && u->cache_read == 0 && u->cache_write_5m == 0)
    return false; /* never answered: nothing was counted */
  (void)json_decimal(doc, json_get(doc, 0, "cost"), COST_SCALE, &event->cost_nanousd);
  if (event->cost_nanousd == 0)
    event->cost_nanousd = -1; /* no price configured there: not a statement that it was free */
  if (json_equals(doc, json_get(doc, 0, "mode"), "compaction"))
    event->flags |= PURSER_FLAG_COMPACTION;
  buf_clear(model);
  add_text(doc, "providerID", model);
  buf_addc(model, '/');
  add_text(doc, "modelID", model);
  event->model = (purser_str){buf_text(model), model->len};
  event->id = event->session = event->name = event->request_id = event->parent =
      event->service_tier = event->speed = event->effort = event->cwd = event->branch =
          event->text = text_of("");
  return buf_status(model) == PURSER_OK;
}

/* ---- the database ---- */

int opencode_fail(sqlite3 *db, const char *path, struct error *error) {
  const char *message = sqlite3_errmsg(db);
  switch (sqlite3_errcode(db) & 0xff) {
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return error_set(error, PURSER_EBUSY, "%s: opencode holds its database; it is read next time",
                     path);
  case SQLITE_ERROR:
    return error_set(error, PURSER_EPARSE, "%s: opencode's database has an unknown layout: %s",
                     path, message);
  case SQLITE_NOTADB:
  case SQLITE_CORRUPT: return error_set(error, PURSER_EPARSE, "%s: %s", path, message);
  case SQLITE_NOMEM: return error_set(error, PURSER_ENOMEM, "out of memory");
  default: return error_set(error, PURSER_EIO, "%s: %s", path, message);
  }
}

static bool has_log(const char *path) {
  struct stat st;
  struct buf log = BUF_INIT;
  buf_addf(&log, "%s-wal", path);
  const bool has = log.failed || (stat(log.data, &st) == 0 && st.st_size > 0);
  buf_fini(&log);
  return has;
}

/* "file:" wants a few characters escaped. */
static void add_uri(struct buf *out, const char *path) {
  buf_adds(out, "file:");
  for (; *path != '\0'; path++) {
    if (strchr("?#%", *path) != NULL)
      buf_addf(out, "%%%02X", (unsigned)(unsigned char)*path);
    else
      buf_addc(out, *path);
  }
  buf_adds(out, "?immutable=1");
}

/* Opening reads nothing: the first statement shows whether it can be read. */
static int try_open(sqlite3 **out, const char *path, bool immutable) {
  struct buf uri = BUF_INIT;
  if (immutable)
    add_uri(&uri, path);
  int rc = uri.failed
               ? SQLITE_NOMEM
               : sqlite3_open_v2(immutable ? uri.data : path, out,
                                 SQLITE_OPEN_READONLY | (immutable ? SQLITE_OPEN_URI : 0), NULL);
  buf_fini(&uri);
  if (rc == SQLITE_OK)
    rc = sqlite3_busy_timeout(*out, BUSY_MS);
  if (rc == SQLITE_OK)
    rc = sqlite3_exec(*out, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
  return rc;
}

int opencode_open(sqlite3 **out, const char *path, struct error *error) {
  struct stat st;
  *out = NULL;
  if (stat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR))
    return PURSER_OK;
  int rc = try_open(out, path, false);
  if (((rc & 0xff) == SQLITE_CANTOPEN || (rc & 0xff) == SQLITE_READONLY) && !has_log(path)) {
    (void)sqlite3_close(*out);
    *out = NULL;
    rc = try_open(out, path, true);
  }
  if (rc == SQLITE_OK)
    return PURSER_OK;
  const int status = *out != NULL ? opencode_fail(*out, path, error)
                                  : error_set(error, PURSER_ENOMEM, "out of memory");
  (void)sqlite3_close(*out);
  *out = NULL;
  return status;
}

/* opencode_database.c - all that opencode's database says of money, or what of it is new.
 *
 * What was written lately is in a log beside the database, until that is taken into it: either file tells that something is new.
 *
 * A message is written when a request begins and again when it ends, and its session is touched each time. So what was touched since the
 * last look is found through the sessions, with a margin for what was written by another process meanwhile; what was seen before is known
 * to the ledger. A fork copies the messages of its origin under new ids, older than the fork itself: those are told as the origin's where it is
 * still there, and by one of the copies alone where it is not (rule 6). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"
#include "base/mem.h"
#include "import/opencode_internal.h"
#include "import/opencode_tree.h"

enum {
  DEPTH_MOST = 32,              /* of sessions below sessions */
  MARGIN_MS = 60 * 1000,        /* between two writers' clocks and commits */
  SETTLE_MS = 10,               /* times of files are no finer */
  SESSION_MS = 24 * 3600 * 1000 /* a request lasts no longer, so nothing older changes */
};

static const char sessions_sql[] =
    "SELECT id, time_created FROM session WHERE time_updated >= ?1 ORDER BY time_updated DESC";
static const char messages_sql[] =
    "SELECT id, time_created, time_updated, data FROM message"
    " WHERE session_id = ?1 AND time_created >= ?2 AND time_updated >= ?3"
    " ORDER BY time_created, id";
static const char session_sql[] = "SELECT parent_id, directory FROM session WHERE id = ?1";
static const char parts_sql[] = "SELECT data FROM part WHERE message_id = ?1 ORDER BY id";
static const char before_sql[] =
    "SELECT id, time_created, data FROM message WHERE session_id = ?1 AND time_created <= ?2"
    " ORDER BY time_created DESC, id DESC";
/* Whoever tells of a message that was copied: its origin, which is no older than its session; else the copy in the eldest session. */
static const char origin_sql[] =
    "SELECT m.id FROM session s CROSS JOIN message m ON m.session_id = s.id"
    " WHERE s.project_id = (SELECT project_id FROM session WHERE id = ?1) AND m.time_created = ?2"
    " AND json_extract(m.data, '$.tokens') IS json_extract(?3, '$.tokens')"
    " AND json_extract(m.data, '$.modelID') IS json_extract(?3, '$.modelID')"
    " ORDER BY s.time_created > m.time_created, s.time_created, m.id LIMIT 1";

enum {
  SESSIONS,
  MESSAGES,
  SESSION,
  PARTS,
  BEFORE,
  ORIGIN,
  STATEMENTS
};

struct reader {
  sqlite3 *db;
  const char *path;
  struct import_sink *sink;
  sqlite3_stmt *statements[STATEMENTS];
  struct json_doc doc;  /* the message */
  struct json_doc part; /* a part or another message, while that is looked at */
  struct buf model, root, cwd, prompt_id, prompt;
  struct buf asked_of, told; /* whose prompt prompt_id is; the prompt that was told last */
  int64_t prompt_ms;
  bool prompt_found;
};

static purser_str text_of(const char *text) {
  return text != NULL ? (purser_str){text, strlen(text)} : (purser_str){"", 0};
}

static purser_str str_of(const struct buf *text) {
  return (purser_str){buf_text(text), text->len};
}

static const char *column(sqlite3_stmt *row, int index) {
  const unsigned char *text = sqlite3_column_text(row, index);
  return text != NULL ? (const char *)text : "";
}

static int prepare(struct reader *r, struct error *error) {
  static const char *const texts[STATEMENTS] = {
      [SESSIONS] = sessions_sql, [MESSAGES] = messages_sql, [SESSION] = session_sql,
      [PARTS] = parts_sql,       [BEFORE] = before_sql,     [ORIGIN] = origin_sql};
  for (int i = 0; i < STATEMENTS; i++) {
    if (sqlite3_prepare_v2(r->db, texts[i], -1, &r->statements[i], NULL) != SQLITE_OK)
      return opencode_fail(r->db, r->path, error);
  }
  return PURSER_OK;
}

/* ---- which session, and whose prompt ---- */

/* The session that nobody else's agent has started, and the folder it works in. */
static void find_root(struct reader *r, const char *session) {
  buf_clear(&r->root);
  buf_adds(&r->root, session);
  for (int depth = 0; depth < DEPTH_MOST; depth++) {
    sqlite3_stmt *row = r->statements[SESSION];
    (void)sqlite3_bind_text(row, 1, buf_text(&r->root), -1, SQLITE_TRANSIENT);
    const bool found = sqlite3_step(row) == SQLITE_ROW;
    const bool has_parent = found && sqlite3_column_type(row, 0) == SQLITE_TEXT;
    if (found) {
      buf_clear(&r->cwd);
      buf_adds(&r->cwd, column(row, 1));
    }
    if (has_parent) {
      buf_clear(&r->root);
      buf_adds(&r->root, column(row, 0));
    }
    (void)sqlite3_reset(row);
    if (!has_parent)
      break;
  }
}

/* Whether the user has typed the message, and what: the client writes messages in the user's name itself, to go on after a
 * compaction. */
static bool is_typed(struct reader *r, const char *message) {
  sqlite3_stmt *row = r->statements[PARTS];
  bool any = false;
  bool typed = false;
  buf_clear(&r->prompt);
  (void)sqlite3_bind_text(row, 1, message, -1, SQLITE_STATIC);
  while (sqlite3_step(row) == SQLITE_ROW) {
    const char *data = column(row, 0);
    any = true;
    if (json_parse(&r->part, data, strlen(data)) == PURSER_OK)
      typed = opencode_part_typed(&r->part, &r->prompt) || typed;
  }
  (void)sqlite3_reset(row);
  return typed || !any;
}

/* The last prompt that was typed into the root session until then: prompt_id, prompt_ms and prompt. */
static void find_prompt(struct reader *r, int64_t until_ms) {
  sqlite3_stmt *row = r->statements[BEFORE];
  r->prompt_found = false;
  buf_clear(&r->prompt_id);
  buf_clear(&r->prompt);
  (void)sqlite3_bind_text(row, 1, buf_text(&r->root), -1, SQLITE_STATIC);
  (void)sqlite3_bind_int64(row, 2, until_ms);
  while (!r->prompt_found && sqlite3_step(row) == SQLITE_ROW) {
    const char *data = column(row, 2);
    if (json_parse(&r->part, data, strlen(data)) != PURSER_OK ||
        !json_equals(&r->part, json_get(&r->part, 0, "role"), "user"))
      continue;
    buf_clear(&r->prompt_id);
    buf_adds(&r->prompt_id, column(row, 0));
    r->prompt_ms = sqlite3_column_int64(row, 1);
    r->prompt_found = is_typed(r, buf_text(&r->prompt_id));
  }
  (void)sqlite3_reset(row);
}

/* Tells whose message comes now, unless that is known from the one before. */
static void tell_prompt(struct reader *r, const char *session, int64_t at_ms) {
  struct buf asked = BUF_INIT;
  buf_addf(&asked, "%s %s ", buf_text(&r->root), session);
  json_add_text(&r->doc, json_get(&r->doc, 0, "parentID"), &asked);
  if (asked.failed || strcmp(asked.data, buf_text(&r->asked_of)) != 0) {
    find_prompt(r, at_ms);
    buf_clear(&r->asked_of);
    buf_adds(&r->asked_of, buf_text(&asked));
  }
  buf_fini(&asked);
  if (!r->prompt_found || strcmp(buf_text(&r->told), buf_text(&r->prompt_id)) == 0)
    return;
  buf_clear(&r->told);
  buf_adds(&r->told, buf_text(&r->prompt_id));
  opencode_tell_prompt(r->sink, str_of(&r->root), str_of(&r->cwd), str_of(&r->prompt_id),
                       r->prompt_ms, str_of(&r->prompt));
}

/* ---- messages ---- */

/* A copy is told by its origin, or by the eldest copy when the origin was deleted. */
static bool is_told_elsewhere(struct reader *r, const char *session, const char *id,
                              const char *data, int64_t at_ms) {
  sqlite3_stmt *row = r->statements[ORIGIN];
  (void)sqlite3_bind_text(row, 1, session, -1, SQLITE_STATIC);
  (void)sqlite3_bind_int64(row, 2, at_ms);
  (void)sqlite3_bind_text(row, 3, data, -1, SQLITE_STATIC);
  const bool elsewhere = sqlite3_step(row) == SQLITE_ROW && strcmp(column(row, 0), id) != 0;
  (void)sqlite3_reset(row);
  return elsewhere;
}

static void take_message(struct reader *r, sqlite3_stmt *row, const char *session,
                         int64_t session_ms) {
  const char *id = column(row, 0);
  const char *data = column(row, 3);
  const int64_t at_ms = sqlite3_column_int64(row, 1);
  purser_event event;
  if (json_parse(&r->doc, data, strlen(data)) != PURSER_OK) {
    import_sink_fault(r->sink, "malformed", 0, text_of(id));
    return;
  }
  if (!opencode_usage(&r->doc, &r->model, &event))
    return;
  if (at_ms < session_ms && is_told_elsewhere(r, session, id, data, at_ms))
    return;
  tell_prompt(r, session, at_ms);
  event.at_ms = at_ms;
  event.id = text_of(id);
  event.session = text_of(session);
  if (strcmp(session, buf_text(&r->root)) != 0) {
    event.flags |= PURSER_FLAG_SIDECHAIN;
    event.parent = str_of(&r->root);
  }
  import_sink_event(r->sink, &event);
}

/* ended: 0, or what SQLite said. */
static int take_session(struct reader *r, const char *session, int64_t session_ms, int64_t from_ms,
                        int64_t *to_ms, int64_t since_ms) {
  sqlite3_stmt *row = r->statements[MESSAGES];
  const int64_t oldest = from_ms > SESSION_MS ? from_ms - SESSION_MS : 0;
  find_root(r, session);
  (void)sqlite3_bind_text(row, 1, session, -1, SQLITE_TRANSIENT);
  (void)sqlite3_bind_int64(row, 2, oldest > since_ms ? oldest : since_ms);
  (void)sqlite3_bind_int64(row, 3, from_ms > MARGIN_MS ? from_ms - MARGIN_MS : 0);
  int step = SQLITE_DONE;
  while (!import_sink_stopped(r->sink) && (step = sqlite3_step(row)) == SQLITE_ROW) {
    const int64_t updated = sqlite3_column_int64(row, 2);
    take_message(r, row, session, session_ms);
    if (updated > *to_ms)
      *to_ms = updated;
  }
  (void)sqlite3_reset(row);
  return step == SQLITE_DONE || step == SQLITE_ROW ? SQLITE_OK : step;
}

static int take_all(struct reader *r, int64_t from_ms, int64_t *to_ms, int64_t since_ms,
                    struct error *error) {
  sqlite3_stmt *row = r->statements[SESSIONS];
  const int64_t oldest = from_ms > SESSION_MS ? from_ms - SESSION_MS : 0;
  (void)sqlite3_bind_int64(row, 1, oldest > since_ms ? oldest : since_ms);
  int step;
  while ((step = sqlite3_step(row)) == SQLITE_ROW && !import_sink_stopped(r->sink)) {
    const int rc =
        take_session(r, column(row, 0), sqlite3_column_int64(row, 1), from_ms, to_ms, since_ms);
    if (rc != SQLITE_OK)
      return opencode_fail(r->db, r->path, error);
  }
  if (step != SQLITE_DONE && step != SQLITE_ROW)
    return opencode_fail(r->db, r->path, error);
  return PURSER_OK;
}

/* ---- what is remembered ---- */

static int64_t written_ms(const char *path, int64_t *size) {
  struct stat st;
  *size = 0;
  if (stat(path, &st) != 0)
    return 0;
  *size = st.st_size;
#if defined(__APPLE__)
  return (int64_t)st.st_mtimespec.tv_sec * 1000 + st.st_mtimespec.tv_nsec / 1000000;
#else
  return (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
#endif
}

/* The time up to which the messages are accounted for. */
static int64_t read_state(purser_str state) {
  struct json_doc doc = JSON_DOC_INIT;
  const bool known = json_parse(&doc, state.ptr, state.len) == PURSER_OK;
  const int64_t mark_ms = known ? json_i64_or(&doc, 0, 0) : 0;
  json_fini(&doc);
  return mark_ms;
}

static void put_state(struct import_sink *sink, int64_t mark_ms) {
  char text[64];
  const int len = snprintf(text, sizeof text, "%" PRId64, mark_ms);
  import_sink_state(sink, text, (size_t)len);
}

/* What is written within the same tick of the file's clock looks like what was written before: let it pass. */
static void settle(const char *path) {
  int64_t size;
  const int64_t age_ms = clock_now_ms(&clock_system) - written_ms(path, &size);
  if (age_ms >= 0 && age_ms < SETTLE_MS)
    (void)nanosleep(&(struct timespec){.tv_nsec = SETTLE_MS * 1000000}, NULL);
}

/* A log that was never read holds what is newer than the database itself, which is read on its own account. */
static int64_t first_mark(const char *database, bool is_log) {
  int64_t size;
  const int64_t ms = is_log ? written_ms(database, &size) : 0;
  return ms > SESSION_MS ? ms - SESSION_MS : 0;
}

static int read_all(struct reader *r, int64_t from_ms, int64_t *to_ms, int64_t since_ms,
                    struct error *error) {
  /* One snapshot for all of it. */
  if (sqlite3_exec(r->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
    return opencode_fail(r->db, r->path, error);
  int status = prepare(r, error);
  if (status == PURSER_OK)
    status = take_all(r, from_ms, to_ms, since_ms, error);
  return status;
}

static void reader_fini(struct reader *r) {
  for (int i = 0; i < STATEMENTS; i++)
    (void)sqlite3_finalize(r->statements[i]);
  (void)sqlite3_close(r->db);
  json_fini(&r->doc);
  json_fini(&r->part);
  struct buf *const texts[] = {&r->model,  &r->root,     &r->cwd, &r->prompt_id,
                               &r->prompt, &r->asked_of, &r->told};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    buf_fini(texts[i]);
}

int opencode_read_database(const char *path, purser_str state, int64_t since_ms,
                           struct import_sink *sink, struct error *error) {
  static const char log[] = "-wal";
  const size_t len = strlen(path);
  const bool is_log = len > sizeof log && strcmp(path + len - (sizeof log - 1), log) == 0;
  char *database = mem_strndup(path, is_log ? len - (sizeof log - 1) : len);
  if (database == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  struct reader r = {.path = database, .sink = sink};
  int64_t size;
  int64_t from_ms = read_state(state);
  if (from_ms == 0)
    from_ms = first_mark(database, is_log);
  int64_t to_ms = from_ms;
  int status = PURSER_OK;
  (void)written_ms(path, &size);
  /* An empty log says nothing, and our own opening may have made it. */
  if (size > 0) {
    settle(path);
    status = opencode_open(&r.db, database, error);
  }
  if (r.db != NULL)
    status = read_all(&r, from_ms, &to_ms, since_ms, error);
  if (status == PURSER_OK && !import_sink_stopped(sink) && (since_ms == 0 || from_ms >= since_ms))
    put_state(sink, to_ms);
  reader_fini(&r);
  mem_free(database);
  return status;
}

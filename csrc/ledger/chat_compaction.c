/* chat_compaction.c - carrying out compactions of a chat, and taking them back; see chat.h. */
#include <string.h>

#include "base/mem.h"
#include "ledger/chat_internal.h"

struct compacting {
  const struct chat_compaction *what;
  const struct chat_change *changes;
  size_t count;
  const char *summary;
  int64_t summary_tokens;
  int64_t id;
};

static int insert_compaction(struct ledger *ledger, int64_t key, struct compacting *c,
                             struct error *error) {
  const struct chat_compaction *what = c->what;
  const struct db_value values[] = {
      db_int(key),
      db_text(what->kind),
      db_int(what->run_id),
      db_int(ledger_now(ledger)),
      db_int(what->before_tokens),
      db_int(what->after_tokens),
      db_text(what->session_before),
  };
  const int status =
      db_run(ledger->db,
             "INSERT INTO compaction (conversation, kind, run_id, at_ms, before_tokens,"
             " after_tokens, session_before, undone_ms) VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
             values, sizeof values / sizeof values[0], error);
  c->id = sqlite3_last_insert_rowid(db_handle(ledger->db));
  return status;
}

static int change_item(struct ledger *ledger, int64_t key, int64_t compaction,
                       const struct chat_change *change, struct error *error) {
  const struct db_value values[] = {db_int(change->item), db_int(key), db_int(compaction),
                                    db_int(change->masked)};
  const int status =
      db_run(ledger->db,
             "UPDATE chat_item SET masked = iif(?4, ?3, masked), summarised = iif(?4, 0, ?3)"
             " WHERE id = ?1 AND conversation = ?2 AND summarised = 0",
             values, 4, error);
  if (status == PURSER_OK && sqlite3_changes(db_handle(ledger->db)) == 0)
    return error_set(error, PURSER_ENOTFOUND,
                     "the conversation has changed meanwhile: plan the compaction anew");
  return status;
}

static int insert_summary(struct ledger *ledger, int64_t key, const struct compacting *c,
                          struct error *error) {
  const struct db_value values[] = {
      db_int(key),         db_int(c->what->run_id),   db_int(CHAT_SUMMARY),
      db_text(c->summary), db_int(c->summary_tokens), db_int(c->id)};
  return db_run(ledger->db,
                "INSERT INTO chat_item (conversation, place, run_id, kind, text, tokens, failed,"
                " masked, summarised, made) SELECT ?1, coalesce(min(place), 0), ?2, ?3, ?4, ?5, 0,"
                " 0, 0, ?6 FROM chat_item WHERE conversation = ?1 AND summarised = ?6",
                values, 6, error);
}

static int compact(struct ledger *ledger, void *data, struct error *error) {
  struct compacting *c = data;
  int64_t key = 0;
  int status = chat_key(ledger, c->what->conversation, &key, error);
  if (status == PURSER_OK)
    status = insert_compaction(ledger, key, c, error);
  for (size_t i = 0; status == PURSER_OK && i < c->count; i++)
    status = change_item(ledger, key, c->id, &c->changes[i], error);
  if (status == PURSER_OK && c->summary != NULL)
    status = insert_summary(ledger, key, c, error);
  const bool leaves = ledger_text(c->what->session_before)[0] != '\0';
  const struct db_value values[] = {db_int(key), db_int(ledger_now(ledger)),
                                    leaves ? db_text(c->what->session) : db_null()};
  if (status == PURSER_OK)
    status = db_run(ledger->db,
                    "UPDATE chat SET failures = 0, used_ms = max(used_ms, ?2),"
                    " session = coalesce(?3, session) WHERE conversation = ?1",
                    values, 3, error);
  return status;
}

int chat_compact(struct ledger *ledger, const struct chat_compaction *what,
                 const struct chat_change *changes, size_t count, const char *summary,
                 int64_t summary_tokens, int64_t *id, struct error *error) {
  struct compacting c = {what, changes, count, summary, summary_tokens, 0};
  const int status = ledger_transact(ledger, compact, &c, error);
  *id = status == PURSER_OK ? c.id : 0;
  return status;
}

/* ---- taking back ---- */

struct undoing {
  const char *conversation;
  int64_t id;
  char *session;
};

static int find_last(struct ledger *ledger, int64_t key, struct undoing *u, struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value value = db_int(key);
  int status = db_query(ledger->db, &q,
                        "SELECT id, session_before FROM compaction"
                        " WHERE conversation = ? AND undone_ms = 0 ORDER BY id DESC LIMIT 1",
                        &value, 1, error);
  if (status == PURSER_OK)
    status = db_step(ledger->db, &q, error);
  if (status == DB_ROW) {
    u->id = sqlite3_column_int64(q.stmt, 0);
    u->session = mem_strdup(db_column_text(q.stmt, 1));
    status = u->session != NULL ? PURSER_OK : error_set(error, PURSER_ENOMEM, "out of memory");
  } else if (status == PURSER_OK) {
    status = error_set(error, PURSER_ENOTFOUND,
                       "no compaction of this conversation is left to take back");
  }
  db_done(&q);
  return status;
}

static int undo(struct ledger *ledger, void *data, struct error *error) {
  struct undoing *u = data;
  int64_t key = 0;
  int status = chat_key(ledger, u->conversation, &key, error);
  if (status == PURSER_OK)
    status = find_last(ledger, key, u, error);
  if (status != PURSER_OK)
    return status;
  const struct db_value values[] = {db_int(key), db_int(u->id), db_int(ledger_now(ledger)),
                                    db_text(u->session)};
  /* The summary that it made goes by the compaction that made it: what was said before stands again. */
  status = db_run(ledger->db,
                  "UPDATE chat_item SET masked = iif(masked = ?2, 0, masked),"
                  " summarised = iif(made = ?2, ?2, iif(summarised = ?2, 0, summarised))"
                  " WHERE conversation = ?1 AND (masked = ?2 OR summarised = ?2 OR made = ?2)",
                  values, 2, error);
  if (status == PURSER_OK)
    status = db_run(ledger->db, "UPDATE compaction SET undone_ms = ?2 WHERE id = ?1", &values[1], 2,
                    error);
  if (status == PURSER_OK && u->session[0] != '\0')
    status = db_run(ledger->db,
                    "UPDATE chat SET session = ?4 WHERE conversation = ?1 AND ?2 <> 0 AND ?3 <> 0",
                    values, 4, error);
  return status;
}

int chat_undo(struct ledger *ledger, const char *conversation, int64_t *id, char **session,
              struct error *error) {
  struct undoing u = {.conversation = conversation};
  const int status = ledger_transact(ledger, undo, &u, error);
  *id = status == PURSER_OK ? u.id : 0;
  *session = u.session;
  if (status != PURSER_OK) {
    mem_free(u.session);
    *session = NULL;
  }
  return status;
}

/* ---- the circuit breaker, and the list ---- */

struct failing {
  const char *conversation;
  int64_t failures;
};

static int fail_once(struct ledger *ledger, void *data, struct error *error) {
  struct failing *f = data;
  int64_t key = 0;
  int status = chat_key(ledger, f->conversation, &key, error);
  const struct db_value value = db_int(key);
  if (status == PURSER_OK)
    status = db_run(ledger->db, "UPDATE chat SET failures = failures + 1 WHERE conversation = ?",
                    &value, 1, error);
  if (status == PURSER_OK)
    status = db_get_int(ledger->db, "SELECT failures FROM chat WHERE conversation = ?", &value, 1,
                        &f->failures, error);
  return status;
}

int chat_compaction_failed(struct ledger *ledger, const char *conversation, int64_t *failures,
                           struct error *error) {
  struct failing f = {conversation, 0};
  const int status = ledger_transact(ledger, fail_once, &f, error);
  *failures = f.failures;
  return status;
}

int chat_compaction_each(struct ledger *ledger, const char *conversation,
                         int (*each)(void *data, const struct chat_compaction *row), void *data,
                         struct error *error) {
  struct query q = QUERY_INIT;
  bool mine = false;
  int64_t key = 0;
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK && conversation != NULL)
    status = names_find(&ledger->names, ledger->db, conversation, &key, error);
  const bool unknown = status == PURSER_ENOTFOUND;
  const struct db_value value = conversation != NULL ? db_int(key) : db_null();
  if (status == PURSER_OK)
    status = db_query(ledger->db, &q,
                      "SELECT id, coalesce((SELECT text FROM name n WHERE n.id = p.conversation),"
                      " ''), kind, run_id, at_ms, before_tokens, after_tokens, session_before,"
                      " undone_ms FROM compaction p WHERE ?1 IS NULL OR conversation = ?1"
                      " ORDER BY id DESC",
                      &value, 1, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    const struct chat_compaction row = {
        .id = sqlite3_column_int64(q.stmt, 0),
        .conversation = db_column_text(q.stmt, 1),
        .kind = db_column_text(q.stmt, 2),
        .run_id = sqlite3_column_int64(q.stmt, 3),
        .at_ms = sqlite3_column_int64(q.stmt, 4),
        .before_tokens = sqlite3_column_int64(q.stmt, 5),
        .after_tokens = sqlite3_column_int64(q.stmt, 6),
        .session_before = db_column_text(q.stmt, 7),
        .undone_ms = sqlite3_column_int64(q.stmt, 8),
    };
    status = each(data, &row);
  }
  db_done(&q);
  ledger_read_end(ledger, mine);
  return unknown ? PURSER_OK : status;
}

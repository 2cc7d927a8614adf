/* chat.c - the content of conversations; see chat.h. What compaction does to it is chat_compaction.c. */
#include <string.h>

#include "base/mem.h"
#include "ledger/chat_internal.h"

static const char *const kinds[] = {"system", "user", "answer", "call", "result", "summary"};

const char *chat_kind_name(enum chat_kind kind) {
  return kinds[kind];
}

int chat_kind_parse(const char *name) {
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (strcmp(name, kinds[i]) == 0)
      return (int)i;
  }
  return -1;
}

int chat_key(struct ledger *ledger, const char *conversation, int64_t *key, struct error *error) {
  int64_t there = 0;
  int status = names_find(&ledger->names, ledger->db, conversation, key, error);
  if (status == PURSER_OK) {
    const struct db_value value = db_int(*key);
    status = db_get_int(ledger->db, "SELECT 1 FROM chat WHERE conversation = ?", &value, 1, &there,
                        error);
  }
  if (status == PURSER_ENOTFOUND)
    return error_set(error, status,
                     "nothing is kept of a conversation %s: :Purser chats lists them",
                     conversation);
  return status;
}

/* ---- writing ---- */

enum {
  TITLE_CHARS = 60
};

/* The first line of the first thing that the user said, cut between characters. */
static void write_title(struct buf *out, const char *text) {
  size_t len = 0;
  size_t chars = 0;
  while (*text == ' ' || *text == '\n' || *text == '\t')
    text++;
  for (; text[len] != '\0' && text[len] != '\n' && chars < TITLE_CHARS; len++)
    chars += ((unsigned char)text[len + 1] & 0xc0) != 0x80;
  buf_add(out, text, len);
}

struct appending {
  int64_t run_id;
  const struct chat_item *items;
  size_t count;
  int64_t conversation;
};

static int add_item(struct ledger *ledger, int64_t conversation, int64_t run_id,
                    const struct chat_item *item, struct error *error) {
  const char *call = ledger_text(item->call);
  const char *name = ledger_text(item->name);
  const struct db_value values[] = {
      db_int(conversation),
      db_int(run_id),
      db_int(item->kind),
      call[0] != '\0' ? db_text(call) : db_null(),
      name[0] != '\0' ? db_text(name) : db_null(),
      db_text(item->text),
      db_int(item->tokens),
      db_int(item->failed),
  };
  return db_run(
      ledger->db,
      "INSERT INTO chat_item (conversation, place, run_id, kind, call, name, text, tokens,"
      " failed, masked, summarised, made) VALUES (?1, (SELECT coalesce(max(place), 0) + 1"
      " FROM chat_item WHERE conversation = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0, 0)",
      values, sizeof values / sizeof values[0], error);
}

/* The chat of a run's conversation, made with the first items; *conversation is 0 for a run without one. */
static int touch(struct ledger *ledger, struct appending *a, struct error *error) {
  struct buf title = BUF_INIT;
  for (size_t i = 0; i < a->count && title.len == 0; i++) {
    if (a->items[i].kind == CHAT_USER)
      write_title(&title, ledger_text(a->items[i].text));
  }
  const struct db_value values[] = {db_int(a->run_id), db_text(buf_text(&title)),
                                    db_int(ledger_now(ledger))};
  int status = buf_status(&title);
  if (status == PURSER_OK)
    status = db_get_int(ledger->db, "SELECT conversation FROM run_log WHERE id = ?", values, 1,
                        &a->conversation, error);
  if (status == PURSER_ENOTFOUND)
    (void)error_set(error, status, "there is no run %lld", (long long)a->run_id);
  if (status == PURSER_OK && a->conversation == 0)
    status = error_set(error, PURSER_EINVAL, "run %lld belongs to no conversation",
                       (long long)a->run_id);
  if (status == PURSER_OK)
    status = db_run(
        ledger->db,
        "INSERT INTO chat SELECT conversation, ?2, agent, workspace, source,"
        " iif(anchor_model, anchor_model, model), effort,"
        " coalesce((SELECT text FROM name WHERE id = session), ''), ?3, ?3, 0 FROM run_log"
        " WHERE id = ?1 ON CONFLICT DO UPDATE SET used_ms = max(used_ms, ?3), agent = excluded.agent,"
        " model = excluded.model, effort = excluded.effort,"
        " session = iif(excluded.session <> '', excluded.session, session)",
        values, 3, error);
  buf_fini(&title);
  return status;
}

static int append(struct ledger *ledger, void *data, struct error *error) {
  struct appending *a = data;
  int64_t there = 0;
  int status = touch(ledger, a, error);
  const struct db_value values[] = {db_int(a->conversation), db_int(a->run_id)};
  if (status == PURSER_OK)
    status = db_get_int(ledger->db,
                        "SELECT count(*) FROM chat_item WHERE conversation = ? AND run_id = ?",
                        values, 2, &there, error);
  for (size_t i = 0; status == PURSER_OK && there == 0 && i < a->count; i++)
    status = add_item(ledger, a->conversation, a->run_id, &a->items[i], error);
  return status;
}

int chat_append(struct ledger *ledger, int64_t run_id, const struct chat_item *items, size_t count,
                struct error *error) {
  struct appending a = {run_id, items, count, 0};
  const int status = ledger_transact(ledger, append, &a, error);
  return status == PURSER_OK ? PURSER_OK : error_wrap(error, "keep what was said");
}

struct named {
  const char *conversation, *text;
};

static int rename_chat(struct ledger *ledger, void *data, struct error *error) {
  const struct named *n = data;
  int64_t key = 0;
  const int status = chat_key(ledger, n->conversation, &key, error);
  if (status != PURSER_OK)
    return status;
  const struct db_value values[] = {db_int(key), db_text(n->text)};
  return db_run(ledger->db, "UPDATE chat SET title = ?2 WHERE conversation = ?1", values, 2, error);
}

int chat_rename(struct ledger *ledger, const char *conversation, const char *title,
                struct error *error) {
  struct named named = {conversation, title};
  return ledger_transact(ledger, rename_chat, &named, error);
}

static int set_session(struct ledger *ledger, void *data, struct error *error) {
  const struct named *n = data;
  int64_t key = 0;
  const int status = chat_key(ledger, n->conversation, &key, error);
  if (status != PURSER_OK)
    return status;
  const struct db_value values[] = {db_int(key), db_text(n->text)};
  return db_run(ledger->db, "UPDATE chat SET session = ?2 WHERE conversation = ?1", values, 2,
                error);
}

int chat_set_session(struct ledger *ledger, const char *conversation, const char *session,
                     struct error *error) {
  struct named named = {conversation, session};
  return ledger_transact(ledger, set_session, &named, error);
}

static int delete_chat(struct ledger *ledger, void *data, struct error *error) {
  const struct named *n = data;
  int64_t key = 0;
  int status = chat_key(ledger, n->conversation, &key, error);
  const struct db_value value = db_int(key);
  if (status == PURSER_OK)
    status = db_run(ledger->db, "DELETE FROM chat_item WHERE conversation = ?", &value, 1, error);
  if (status == PURSER_OK)
    status = db_run(ledger->db, "DELETE FROM chat WHERE conversation = ?", &value, 1, error);
  return status;
}

int chat_delete(struct ledger *ledger, const char *conversation, struct error *error) {
  struct named named = {conversation, NULL};
  return ledger_transact(ledger, delete_chat, &named, error);
}

static int fork_chat(struct ledger *ledger, void *data, struct error *error) {
  const struct named *n = data;
  int64_t from = 0;
  int64_t to = 0;
  int64_t there = 0;
  int status = chat_key(ledger, n->conversation, &from, error);
  if (status == PURSER_OK)
    status = names_intern(&ledger->names, ledger->db, n->text, &to, error);
  const struct db_value values[] = {db_int(from), db_int(to), db_int(ledger_now(ledger))};
  if (status == PURSER_OK)
    status = db_get_int(ledger->db, "SELECT count(*) FROM chat WHERE conversation = ?", &values[1],
                        1, &there, error);
  if (status == PURSER_OK && there != 0)
    status = error_set(error, PURSER_EEXIST, "there is a conversation %s already", n->text);
  if (status == PURSER_OK)
    status = db_run(ledger->db,
                    "INSERT INTO chat SELECT ?2, title || ' (fork)', agent, workspace, source,"
                    " model, effort, '', ?3, ?3, 0 FROM chat WHERE conversation = ?1",
                    values, 3, error);
  /* What was masked or summarised stays with the original: a copy has no compaction to undo. */
  if (status == PURSER_OK)
    status =
        db_run(ledger->db,
               "INSERT INTO chat_item (conversation, place, run_id, kind, call, name, text,"
               " tokens, failed, masked, summarised, made)"
               " SELECT ?2, place, run_id, kind, call, name, text, tokens, failed, masked, 0, 0"
               " FROM chat_item WHERE conversation = ?1 AND summarised = 0 ORDER BY place, id",
               values, 2, error);
  return status;
}

int chat_fork(struct ledger *ledger, const char *conversation, const char *copy,
              struct error *error) {
  if (copy[0] == '\0')
    return error_set(error, PURSER_EINVAL, "the copy needs a name");
  struct named named = {conversation, copy};
  return ledger_transact(ledger, fork_chat, &named, error);
}

/* ---- reading ---- */

#define NAME(column) "coalesce((SELECT text FROM name WHERE id = c." column "), '')"
#define OF_RUNS(sum)      \
  "(SELECT coalesce(" sum \
  ", 0) FROM run_log r WHERE r.conversation = c.conversation AND r.status <> 9)"
#define ROW                                                                                                                                                                                      \
  "SELECT " NAME("conversation") ", c.title, " NAME("agent") ", " NAME("workspace") ", " NAME("source") ", " NAME("model") ", " NAME("effort") ", c.session, c.created_ms, c.used_ms, " OF_RUNS( \
      "count(*)") ", " OF_RUNS("sum(requests)") ", " OF_RUNS("sum(cost)") ", " OF_RUNS("sum(unpriced)") ", (SELECT coalesce(sum(iif(masked, 30, tokens)), 0)"                                    \
                                                                                                        " FROM chat_item i WHERE i.conversation = c.conversation AND i.summarised = 0),"         \
                                                                                                        " (SELECT count(*) FROM compaction p WHERE p.conversation = c.conversation"              \
                                                                                                        "  AND p.undone_ms = 0), c.failures FROM chat c"

static struct chat_row read_row(sqlite3_stmt *stmt) {
  return (struct chat_row){
      .conversation = db_column_text(stmt, 0),
      .title = db_column_text(stmt, 1),
      .agent = db_column_text(stmt, 2),
      .workspace = db_column_text(stmt, 3),
      .source = db_column_text(stmt, 4),
      .model = db_column_text(stmt, 5),
      .effort = db_column_text(stmt, 6),
      .session = db_column_text(stmt, 7),
      .created_ms = sqlite3_column_int64(stmt, 8),
      .used_ms = sqlite3_column_int64(stmt, 9),
      .runs = sqlite3_column_int64(stmt, 10),
      .requests = sqlite3_column_int64(stmt, 11),
      .cost_nanousd = sqlite3_column_int64(stmt, 12),
      .unpriced_requests = sqlite3_column_int64(stmt, 13),
      .tokens = sqlite3_column_int64(stmt, 14),
      .compactions = sqlite3_column_int64(stmt, 15),
      .failures = sqlite3_column_int64(stmt, 16),
  };
}

static int rows(struct ledger *ledger, const char *sql, const struct db_value *values, size_t count,
                int (*each)(void *data, const struct chat_row *row), void *data,
                struct error *error) {
  struct query q = QUERY_INIT;
  int status = db_query(ledger->db, &q, sql, values, count, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    const struct chat_row row = read_row(q.stmt);
    status = each(data, &row);
  }
  db_done(&q);
  return status;
}

int chat_get(struct ledger *ledger, const char *conversation,
             int (*each)(void *data, const struct chat_row *row), void *data, struct error *error) {
  bool mine = false;
  int64_t key = 0;
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = chat_key(ledger, conversation, &key, error);
  const struct db_value value = db_int(key);
  if (status == PURSER_OK)
    status = rows(ledger, ROW " WHERE c.conversation = ?", &value, 1, each, data, error);
  ledger_read_end(ledger, mine);
  return status;
}

int chat_each(struct ledger *ledger, const char *workspace, const char *text, int32_t limit,
              int (*each)(void *data, const struct chat_row *row), void *data,
              struct error *error) {
  bool mine = false;
  int64_t place = 0;
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK && workspace != NULL)
    status = names_find(&ledger->names, ledger->db, workspace, &place, error);
  const bool nowhere = status == PURSER_ENOTFOUND;
  const struct db_value values[] = {workspace != NULL ? db_int(place) : db_null(),
                                    text != NULL ? db_text(text) : db_null(),
                                    db_int(limit > 0 ? limit : INT32_MAX)};
  if (status == PURSER_OK)
    status = rows(ledger,
                  ROW " WHERE (?1 IS NULL OR c.workspace = ?1) AND (?2 IS NULL"
                      " OR instr(lower(c.title), lower(?2)) OR EXISTS (SELECT 1 FROM chat_item i"
                      " WHERE i.conversation = c.conversation AND i.kind = 1"
                      " AND instr(lower(i.text), lower(?2)))) ORDER BY c.used_ms DESC LIMIT ?3",
                  values, 3, each, data, error);
  ledger_read_end(ledger, mine);
  return nowhere ? PURSER_OK : status;
}

int chat_items(struct ledger *ledger, const char *conversation, bool all,
               int (*each)(void *data, const struct chat_item *item), void *data,
               struct error *error) {
  struct query q = QUERY_INIT;
  bool mine = false;
  int64_t key = 0;
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = chat_key(ledger, conversation, &key, error);
  const struct db_value values[] = {db_int(key), db_int(all)};
  if (status == PURSER_OK)
    status = db_query(ledger->db, &q,
                      "SELECT id, run_id, kind, call, name, text, tokens, failed, masked <> 0"
                      " FROM chat_item WHERE conversation = ?1"
                      " AND iif(?2, made = 0, summarised = 0) ORDER BY place, id",
                      values, 2, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    const struct chat_item item = {
        .id = sqlite3_column_int64(q.stmt, 0),
        .run_id = sqlite3_column_int64(q.stmt, 1),
        .kind = (enum chat_kind)sqlite3_column_int(q.stmt, 2),
        .call = db_column_text(q.stmt, 3),
        .name = db_column_text(q.stmt, 4),
        .text = db_column_text(q.stmt, 5),
        .tokens = sqlite3_column_int64(q.stmt, 6),
        .failed = sqlite3_column_int(q.stmt, 7) != 0,
        .masked = !all && sqlite3_column_int(q.stmt, 8) != 0,
    };
    status = each(data, &item);
  }
  db_done(&q);
  ledger_read_end(ledger, mine);
  return status;
}

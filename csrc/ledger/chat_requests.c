/* chat_requests.c - what the run log knows of conversations; see chat.h. */
#include <stdio.h>

#include "ledger/chat_internal.h"

/* Neither a subagent's request, nor a compaction's, nor what was only worked out afterwards. */
#define NOT_MAIN_LINE (PURSER_FLAG_SIDECHAIN | PURSER_FLAG_COMPACTION | PURSER_FLAG_REMAINDER)
#define MAIN_LINE                                                             \
  "SELECT q.at_ms, coalesce((SELECT text FROM name WHERE id = q.model), '')," \
  " q.input, q.cache_read, q.cache_write_5m, q.cache_write_1h, q.output"      \
  " FROM run_log r JOIN request q ON q.run_id = r.id"                         \
  " WHERE r.conversation = ?1 AND r.conversation <> 0 AND q.flags & ?2 = 0 AND q.at_ms > ?3"

static void read_request(sqlite3_stmt *stmt, struct chat_request *out) {
  out->at_ms = sqlite3_column_int64(stmt, 0);
  (void)snprintf(out->model, sizeof out->model, "%s", db_column_text(stmt, 1));
  out->usage = (purser_usage){
      .input = sqlite3_column_int64(stmt, 2),
      .cache_read = sqlite3_column_int64(stmt, 3),
      .cache_write_5m = sqlite3_column_int64(stmt, 4),
      .cache_write_1h = sqlite3_column_int64(stmt, 5),
      .output = sqlite3_column_int64(stmt, 6),
  };
}

static int requests(struct ledger *ledger, const char *sql, const char *conversation,
                    int64_t after_ms, int (*each)(void *data, const struct chat_request *request),
                    void *data, struct error *error) {
  struct query q = QUERY_INIT;
  bool mine = false;
  int64_t key = 0;
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = names_find(&ledger->names, ledger->db, conversation, &key, error);
  const bool unknown = status == PURSER_ENOTFOUND;
  const struct db_value values[] = {db_int(key), db_int(NOT_MAIN_LINE), db_int(after_ms)};
  if (status == PURSER_OK)
    status = db_query(ledger->db, &q, sql, values, 3, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    struct chat_request request = {.at_ms = 0};
    read_request(q.stmt, &request);
    status = each(data, &request);
  }
  db_done(&q);
  ledger_read_end(ledger, mine);
  return unknown ? PURSER_OK : status;
}

static int keep_request(void *data, const struct chat_request *request) {
  struct chat_request *out = data;
  *out = *request;
  return 0;
}

int chat_last_request(struct ledger *ledger, const char *conversation, struct chat_request *out,
                      struct error *error) {
  *out = (struct chat_request){.at_ms = INT64_MIN};
  const int status = requests(ledger, MAIN_LINE " ORDER BY q.at_ms DESC, q.id DESC LIMIT 1",
                              conversation, INT64_MIN, keep_request, out, error);
  if (status == PURSER_OK && out->at_ms == INT64_MIN) {
    out->at_ms = 0;
    return PURSER_ENOTFOUND;
  }
  return status;
}

int chat_requests_after(struct ledger *ledger, const char *conversation, int64_t after_ms,
                        int (*each)(void *data, const struct chat_request *request), void *data,
                        struct error *error) {
  return requests(ledger, MAIN_LINE " ORDER BY q.at_ms, q.id", conversation, after_ms, each, data,
                  error);
}

int chat_lengths(struct ledger *ledger, const char *agent, const char *conversation,
                 int64_t *lengths, size_t cap, size_t *count, struct error *error) {
  struct query q = QUERY_INIT;
  bool mine = false;
  int64_t who = 0;
  int64_t key = 0;
  *count = 0;
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = names_find(&ledger->names, ledger->db, agent, &who, error);
  if (status == PURSER_OK)
    status = names_find(&ledger->names, ledger->db, conversation, &key, error);
  const bool unknown = status == PURSER_ENOTFOUND;
  const struct db_value values[] = {db_int(who), db_int(key), db_int((int64_t)cap)};
  /* The last thousand runs of the agent hold enough of them. */
  if (status == PURSER_OK)
    status = db_query(ledger->db, &q,
                      "SELECT sum(requests) FROM (SELECT conversation, requests, started_ms"
                      " FROM run_log WHERE agent = ?1 ORDER BY started_ms DESC LIMIT 1000)"
                      " WHERE conversation NOT IN (0, ?2) GROUP BY conversation"
                      " HAVING sum(requests) > 0 ORDER BY max(started_ms) DESC LIMIT ?3",
                      values, 3, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    lengths[(*count)++] = sqlite3_column_int64(q.stmt, 0);
    status = PURSER_OK;
  }
  db_done(&q);
  ledger_read_end(ledger, mine);
  return unknown ? PURSER_OK : status;
}

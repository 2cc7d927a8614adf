/* session_total.c - the last known running total of a session and model: what the next one is measured from (rules 5, 7). */
#include "ledger/internal.h"

int ledger_session_total_get(struct ledger *ledger, const char *session, const char *model,
                             purser_usage *usage, int64_t *cost_nanousd, struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value values[] = {db_text(session), db_text(model)};
  int status = db_query(ledger->db, &q,
                        "SELECT input, cache_read, cache_write_5m, cache_write_1h, output,"
                        " reasoning, web_searches, cost FROM session_total"
                        " WHERE session = ? AND model = ?",
                        values, 2, error);
  if (status == PURSER_OK)
    status = db_step(ledger->db, &q, error);
  if (status == DB_ROW) {
    *usage = (purser_usage){
        .input = sqlite3_column_int64(q.stmt, 0),
        .cache_read = sqlite3_column_int64(q.stmt, 1),
        .cache_write_5m = sqlite3_column_int64(q.stmt, 2),
        .cache_write_1h = sqlite3_column_int64(q.stmt, 3),
        .output = sqlite3_column_int64(q.stmt, 4),
        .reasoning = sqlite3_column_int64(q.stmt, 5),
        .web_searches = sqlite3_column_int64(q.stmt, 6),
    };
    *cost_nanousd = sqlite3_column_int64(q.stmt, 7);
    status = PURSER_OK;
  } else if (status == PURSER_OK) {
    status =
        error_set(error, PURSER_ENOTFOUND, "no total of session %s is known", ledger_text(session));
  }
  db_done(&q);
  return status;
}

struct total {
  const char *session, *model;
  const purser_usage *usage;
  int64_t cost_nanousd;
};

static int store_total(struct ledger *ledger, void *data, struct error *error) {
  const struct total *total = data;
  const purser_usage *u = total->usage;
  const struct db_value values[] = {
      db_text(total->session),     db_text(total->model),     db_int(u->input),
      db_int(u->cache_read),       db_int(u->cache_write_5m), db_int(u->cache_write_1h),
      db_int(u->output),           db_int(u->reasoning),      db_int(u->web_searches),
      db_int(total->cost_nanousd),
  };
  return db_run(ledger->db,
                "INSERT OR REPLACE INTO session_total VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values, sizeof values / sizeof values[0], error);
}

int ledger_session_total_set(struct ledger *ledger, const char *session, const char *model,
                             const purser_usage *usage, int64_t cost_nanousd, struct error *error) {
  struct total total = {session, model, usage, cost_nanousd};
  const int status = ledger_transact(ledger, store_total, &total, error);
  return status == PURSER_OK ? PURSER_OK : error_wrap(error, "keep a session's total");
}

/* advice_log.c - see advice_log.h. */
#include "ledger/advice_log.h"

#include "ledger/internal.h"

struct finding_of {
  int64_t run_id;
  const char *finding;
};

static int dismiss(struct ledger *ledger, void *data, struct error *error) {
  const struct finding_of *f = data;
  const struct db_value values[] = {db_int(f->run_id), db_text(f->finding),
                                    db_int(ledger_now(ledger))};
  return db_run(ledger->db, "INSERT OR IGNORE INTO dismissed VALUES (?, ?, ?)", values, 3, error);
}

int advice_dismiss(struct ledger *ledger, int64_t run_id, const char *finding,
                   struct error *error) {
  struct finding_of f = {run_id, finding};
  return ledger_transact(ledger, dismiss, &f, error);
}

static int restore(struct ledger *ledger, void *data, struct error *error) {
  const struct finding_of *f = data;
  const struct db_value values[] = {db_int(f->run_id), db_text(f->finding)};
  return db_run(ledger->db, "DELETE FROM dismissed WHERE run_id = ? AND finding = ?", values, 2,
                error);
}

int advice_restore(struct ledger *ledger, int64_t run_id, const char *finding,
                   struct error *error) {
  struct finding_of f = {run_id, finding};
  return ledger_transact(ledger, restore, &f, error);
}

int advice_is_dismissed(struct ledger *ledger, int64_t run_id, const char *finding, bool *out,
                        struct error *error) {
  int64_t there = 0;
  const struct db_value values[] = {db_int(run_id), db_text(finding)};
  const int status =
      db_get_int(ledger->db, "SELECT count(*) FROM dismissed WHERE run_id = ? AND finding = ?",
                 values, 2, &there, error);
  *out = there != 0;
  return status;
}

/* ---- suggestions taken up ---- */

struct accepting {
  const struct accepted *accepted;
  int64_t id;
};

static int accept(struct ledger *ledger, void *data, struct error *error) {
  struct accepting *a = data;
  const struct accepted *x = a->accepted;
  int64_t agent = 0;
  int status = names_intern(&ledger->names, ledger->db, x->agent, &agent, error);
  const struct db_value values[] = {db_int(x->at_ms != 0 ? x->at_ms : ledger_now(ledger)),
                                    db_int(agent),
                                    db_text(x->what),
                                    db_text(x->from),
                                    db_text(x->to),
                                    db_int(x->promised_nanousd)};
  if (status == PURSER_OK)
    status = db_run(ledger->db,
                    "INSERT INTO accepted (at_ms, agent, what, was, becomes, promised)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    values, 6, error);
  a->id = sqlite3_last_insert_rowid(db_handle(ledger->db));
  return status;
}

int advice_accept(struct ledger *ledger, const struct accepted *accepted, int64_t *id,
                  struct error *error) {
  struct accepting a = {accepted, 0};
  const int status = ledger_transact(ledger, accept, &a, error);
  *id = status == PURSER_OK ? a.id : 0;
  return status;
}

int advice_accepted_each(struct ledger *ledger,
                         int (*each)(void *data, const struct accepted *accepted), void *data,
                         struct error *error) {
  struct query q = QUERY_INIT;
  bool mine = false;
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = db_query(ledger->db, &q,
                      "SELECT id, at_ms, coalesce((SELECT text FROM name n WHERE n.id = a.agent),"
                      " ''), what, was, becomes, promised FROM accepted a ORDER BY id DESC",
                      NULL, 0, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    const struct accepted row = {
        .id = sqlite3_column_int64(q.stmt, 0),
        .at_ms = sqlite3_column_int64(q.stmt, 1),
        .agent = db_column_text(q.stmt, 2),
        .what = db_column_text(q.stmt, 3),
        .from = db_column_text(q.stmt, 4),
        .to = db_column_text(q.stmt, 5),
        .promised_nanousd = sqlite3_column_int64(q.stmt, 6),
    };
    status = each(data, &row);
  }
  db_done(&q);
  ledger_read_end(ledger, mine);
  return status;
}

int advice_means(struct ledger *ledger, const char *agent, int64_t since_ms, int64_t until_ms,
                 struct run_means *out, struct error *error) {
  struct query q = QUERY_INIT;
  bool mine = false;
  int64_t who = 0;
  *out = (struct run_means){0};
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = names_find(&ledger->names, ledger->db, agent, &who, error);
  const bool unknown = status == PURSER_ENOTFOUND;
  ledger->day_zone = ledger->zone;
  const struct db_value values[] = {db_int(who), db_int(since_ms), db_int(until_ms)};
  if (status == PURSER_OK)
    status = db_query(ledger->db, &q,
                      "SELECT count(*), count(DISTINCT purser_day(started_ms)), sum(cost),"
                      " sum(input + cache_read + cache_write_5m + cache_write_1h + output),"
                      " sum(max(duration_ms, 0)), sum(status = 3) FROM run_log WHERE agent = ?1"
                      " AND started_ms >= ?2 AND started_ms < ?3 AND requests > 0 AND status >= 3",
                      values, 3, error);
  if (status == PURSER_OK)
    status = db_step(ledger->db, &q, error);
  if (status == DB_ROW) {
    *out = (struct run_means){
        .runs = sqlite3_column_int64(q.stmt, 0),
        .active_days = sqlite3_column_int64(q.stmt, 1),
        .cost_nanousd = sqlite3_column_int64(q.stmt, 2),
        .tokens = sqlite3_column_int64(q.stmt, 3),
        .duration_ms = sqlite3_column_int64(q.stmt, 4),
        .completed = sqlite3_column_int64(q.stmt, 5),
    };
    status = PURSER_OK;
  }
  db_done(&q);
  ledger_read_end(ledger, mine);
  return unknown ? PURSER_OK : status;
}

/* audit.c - see audit.h. */
#include "budget/audit.h"

#include "ledger/internal.h"

int audit_write(struct ledger *ledger, const struct audit_entry *entry, struct error *error) {
  struct buf detail = BUF_INIT;
  scope_write(&detail, entry->scope, ledger_text(entry->scope_key));
  const char *who = entry->who != NULL && entry->who[0] != '\0' ? entry->who : "user";
  const struct db_value values[] = {
      db_int(ledger_now(ledger)), db_text(who),          db_text(entry->action),
      db_int(entry->policy),      db_int(entry->run_id), db_int(entry->amount_nanousd),
      db_text(buf_text(&detail)),
  };
  const int status =
      detail.failed
          ? error_set(error, PURSER_ENOMEM, "out of memory")
          : db_run(ledger->db,
                   "INSERT INTO audit (at_ms, who, action, policy, run_id, amount, detail)"
                   " VALUES (?, ?, ?, ?, ?, ?, ?)",
                   values, sizeof values / sizeof values[0], error);
  buf_fini(&detail);
  return status;
}

int budget_audit_each(struct ledger *ledger, int32_t limit,
                      int (*each)(void *data, const struct audit_row *row), void *data,
                      struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value value = db_int(limit > 0 ? limit : -1);
  int status = db_query(ledger->db, &q,
                        "SELECT id, at_ms, policy, run_id, amount, who, action, detail FROM audit"
                        " ORDER BY id DESC LIMIT ?",
                        &value, 1, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    const struct audit_row row = {
        .id = sqlite3_column_int64(q.stmt, 0),
        .at_ms = sqlite3_column_int64(q.stmt, 1),
        .policy_id = sqlite3_column_int64(q.stmt, 2),
        .run_id = sqlite3_column_int64(q.stmt, 3),
        .amount_nanousd = sqlite3_column_int64(q.stmt, 4),
        .who = db_column_text(q.stmt, 5),
        .action = db_column_text(q.stmt, 6),
        .detail = db_column_text(q.stmt, 7),
    };
    status = each(data, &row);
  }
  db_done(&q);
  return status;
}

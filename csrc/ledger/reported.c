/* reported.c - see reported.h. */
#include "ledger/reported.h"

#include "ledger/internal.h"

int ledger_reported_each(struct ledger *ledger, int64_t since_ms,
                         int (*each)(void *data, const struct reported_row *row), void *data,
                         struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value values[] = {db_int(since_ms), db_int(COST_KNOWN)};
  int status = db_query(
      ledger->db, &q,
      "SELECT (SELECT text FROM name WHERE id = q.model), count(*), sum(q.cost),"
      " sum(q.reported) FROM request q WHERE q.at_ms / 3600000 >= ?1 / 3600000 AND q.at_ms >= ?1"
      " AND q.reported IS NOT NULL AND q.status = ?2 GROUP BY q.model ORDER BY 1",
      values, 2, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    const struct reported_row row = {
        .model = db_column_text(q.stmt, 0),
        .requests = sqlite3_column_int64(q.stmt, 1),
        .cost_nanousd = sqlite3_column_int64(q.stmt, 2),
        .reported_nanousd = sqlite3_column_int64(q.stmt, 3),
    };
    status = each(data, &row);
  }
  db_done(&q);
  return status;
}

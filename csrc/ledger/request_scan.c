/* request_scan.c - see request_scan.h. */
#include "ledger/request_scan.h"

#include "ledger/internal.h"
#include "ledger/request_row.h"

#define NAME(column) "coalesce((SELECT text FROM name WHERE id = " column "), '')"

static struct scanned_request read_row(sqlite3_stmt *stmt) {
  return (struct scanned_request){
      .run_id = sqlite3_column_int64(stmt, 0),
      .at_ms = sqlite3_column_int64(stmt, 1),
      .model = db_column_text(stmt, 2),
      .tier = db_column_text(stmt, 3),
      .speed = db_column_text(stmt, 4),
      .region = db_column_text(stmt, 5),
      .source = db_column_text(stmt, 6),
      .flags = (uint32_t)sqlite3_column_int64(stmt, 7),
      .status = (enum cost_status)sqlite3_column_int(stmt, 8),
      .usage =
          {
              .input = sqlite3_column_int64(stmt, 9),
              .cache_read = sqlite3_column_int64(stmt, 10),
              .cache_write_5m = sqlite3_column_int64(stmt, 11),
              .cache_write_1h = sqlite3_column_int64(stmt, 12),
              .output = sqlite3_column_int64(stmt, 13),
              .reasoning = sqlite3_column_int64(stmt, 14),
              .web_searches = sqlite3_column_int64(stmt, 15),
          },
      .cost_nanousd = sqlite3_column_int64(stmt, 16),
  };
}

/* A name to filter by; *nothing where it was never stored. */
static int filter_value(struct ledger *ledger, const char *text, struct db_value *out,
                        bool *nothing, struct error *error) {
  int64_t id = 0;
  *out = db_null();
  if (text == NULL)
    return PURSER_OK;
  const int status = names_find(&ledger->names, ledger->db, text, &id, error);
  *nothing = *nothing || status == PURSER_ENOTFOUND;
  *out = db_int(id);
  return status == PURSER_ENOTFOUND ? PURSER_OK : status;
}

int ledger_request_scan(struct ledger *ledger, const struct request_scan *scan,
                        int (*each)(void *data, const struct scanned_request *request), void *data,
                        struct error *error) {
  struct query q = QUERY_INIT;
  bool mine = false;
  bool nothing = false;
  struct db_value values[5] = {db_int(scan->since_ms), db_int(scan->until_ms)};
  values[4] = scan->billing != NULL ? db_int(billing_parse(scan->billing)) : db_null();
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = filter_value(ledger, scan->agent, &values[2], &nothing, error);
  if (status == PURSER_OK)
    status = filter_value(ledger, scan->workspace, &values[3], &nothing, error);
  if (status == PURSER_OK && !nothing)
    status = db_query(
        ledger->db, &q,
        "SELECT q.run_id, q.at_ms, " NAME("q.model") ", " NAME("q.tier") ", " NAME("q.speed") ", " NAME(
            "q.region") ", " NAME("r.source") ", q.flags,"
                                              " q.status, q.input, q.cache_read, q.cache_write_5m, q.cache_write_1h,"
                                              " q.output, q.reasoning, q.web_searches, q.cost"
                                              " FROM request q CROSS JOIN run_log r ON r.id = q.run_id"
                                              " WHERE " STORED_BETWEEN(
                                                  "?1",
                                                  "?2") " AND (?3 IS NULL OR r.agent = ?3)"
                                                        " AND (?4 IS NULL OR r.workspace = ?4) AND (?5 IS NULL OR r.billing = ?5)"
                                                        " ORDER BY q.at_ms / 3600000, q.at_ms",
        values, 5, error);
  while (!nothing && status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    const struct scanned_request request = read_row(q.stmt);
    status = each(data, &request);
  }
  db_done(&q);
  ledger_read_end(ledger, mine);
  return status;
}

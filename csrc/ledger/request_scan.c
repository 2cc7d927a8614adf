/* request_scan.c - see request_scan.h. */
#include "ledger/request_scan.h"

#include "ledger/internal.h"
#include "ledger/name_texts.h"
#include "ledger/request_row.h"

/* A row, and the names in it. */
static int read_row(struct ledger *ledger, sqlite3_stmt *stmt, struct name_texts *texts,
                    struct scanned_request *out, struct error *error) {
  *out = (struct scanned_request){
      .run_id = sqlite3_column_int64(stmt, 0),
      .at_ms = sqlite3_column_int64(stmt, 1),
      .flags = (uint32_t)sqlite3_column_int64(stmt, 2),
      .status = (enum cost_status)sqlite3_column_int(stmt, 3),
      .usage =
          {
              .input = sqlite3_column_int64(stmt, 4),
              .cache_read = sqlite3_column_int64(stmt, 5),
              .cache_write_5m = sqlite3_column_int64(stmt, 6),
              .cache_write_1h = sqlite3_column_int64(stmt, 7),
              .output = sqlite3_column_int64(stmt, 8),
              .reasoning = sqlite3_column_int64(stmt, 9),
              .web_searches = sqlite3_column_int64(stmt, 10),
          },
      .cost_nanousd = sqlite3_column_int64(stmt, 11),
  };
  const char **const names[] = {&out->model,  &out->tier,  &out->speed,  &out->region,
                                &out->source, &out->agent, &out->effort, &out->run_model};
  int status = PURSER_OK;
  for (size_t i = 0; i < sizeof names / sizeof names[0] && status == PURSER_OK; i++)
    status =
        name_texts_get(texts, ledger->db, sqlite3_column_int64(stmt, 12 + (int)i), names[i], error);
  return status;
}

/* clang-format off */
#define SCAN                                                                                         \
  "SELECT q.run_id, q.at_ms, q.flags, q.status, q.input, q.cache_read, q.cache_write_5m,"            \
  " q.cache_write_1h, q.output, q.reasoning, q.web_searches, q.cost, q.model, q.tier, q.speed,"      \
  " q.region, r.source, r.agent, r.effort, r.anchor_model"                                           \
  " FROM request q CROSS JOIN run_log r ON r.id = q.run_id WHERE " STORED_BETWEEN("?1", "?2")        \
  " AND (?3 IS NULL OR r.agent = ?3) AND (?4 IS NULL OR r.workspace = ?4)"                           \
  " AND (?5 IS NULL OR r.billing = ?5) ORDER BY q.at_ms / 3600000, q.at_ms"
/* clang-format on */

int ledger_request_scan(struct ledger *ledger, const struct request_scan *scan,
                        int (*each)(void *data, const struct scanned_request *request), void *data,
                        struct error *error) {
  struct query q = QUERY_INIT;
  struct name_texts texts = NAME_TEXTS_INIT;
  bool mine = false;
  bool nothing = false;
  struct db_value values[5] = {db_int(scan->since_ms), db_int(scan->until_ms)};
  values[4] = scan->billing != NULL ? db_int(billing_parse(scan->billing)) : db_null();
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = names_filter(&ledger->names, ledger->db, scan->agent, &values[2], &nothing, error);
  if (status == PURSER_OK)
    status = names_filter(&ledger->names, ledger->db, scan->workspace, &values[3], &nothing, error);
  if (status == PURSER_OK && !nothing)
    status = db_query(ledger->db, &q, SCAN, values, 5, error);
  while (!nothing && status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    struct scanned_request request;
    status = read_row(ledger, q.stmt, &texts, &request, error);
    if (status == PURSER_OK)
      status = each(data, &request);
  }
  db_done(&q);
  name_texts_fini(&texts);
  ledger_read_end(ledger, mine);
  return status;
}

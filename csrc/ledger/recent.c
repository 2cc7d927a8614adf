/* recent.c - see recent.h. */
#include "ledger/recent.h"

#include "ledger/internal.h"
#include "ledger/name_texts.h"

static int read_row(struct ledger *ledger, sqlite3_stmt *stmt, struct name_texts *texts,
                    struct recent_run *out, struct error *error) {
  *out = (struct recent_run){
      .id = sqlite3_column_int64(stmt, 0),
      .started_ms = sqlite3_column_int64(stmt, 1),
      .duration_ms = sqlite3_column_int64(stmt, 2),
      .tokens = sqlite3_column_int64(stmt, 3),
      .cost_nanousd = sqlite3_column_int64(stmt, 4),
      .unpriced = sqlite3_column_int64(stmt, 5),
      .status = (enum run_status)sqlite3_column_int(stmt, 6),
      .prompt = db_column_text(stmt, 7),
  };
  const char **const names[] = {&out->agent, &out->model, &out->effort};
  int status = PURSER_OK;
  for (size_t i = 0; i < sizeof names / sizeof names[0] && status == PURSER_OK; i++)
    status =
        name_texts_get(texts, ledger->db, sqlite3_column_int64(stmt, 8 + (int)i), names[i], error);
  return status;
}

#define COLUMNS                                                                  \
  "SELECT id, started_ms, duration_ms, tokens, cost, unpriced, status, prompt, " \
  "agent, anchor_model, effort FROM run_log INDEXED BY "
#define CONDITIONS                                                           \
  " WHERE status >= 3 AND status <> 9 AND requests > 0 AND started_ms >= ?1" \
  " AND started_ms < ?2 AND (?5 IS NULL OR billing = ?5)"
#define NEWEST " ORDER BY started_ms DESC LIMIT ?6"

static const char *statement(const struct request_scan *scan) {
  if (scan->agent != NULL)
    return COLUMNS "run_by_agent" CONDITIONS
                   " AND agent = ?3 AND (?4 IS NULL OR workspace = ?4)" NEWEST;
  if (scan->workspace != NULL)
    return COLUMNS "run_by_workspace" CONDITIONS " AND ?3 IS NULL AND workspace = ?4" NEWEST;
  return COLUMNS "run_ended" CONDITIONS " AND ?3 IS NULL AND ?4 IS NULL" NEWEST;
}

int ledger_recent_each(struct ledger *ledger, const struct request_scan *scan, int32_t most,
                       int (*each)(void *data, const struct recent_run *run), void *data,
                       struct error *error) {
  struct query q = QUERY_INIT;
  struct name_texts texts = NAME_TEXTS_INIT;
  bool mine = false;
  bool nothing = false;
  struct db_value values[] = {db_int(scan->since_ms),
                              db_int(scan->until_ms),
                              db_null(),
                              db_null(),
                              scan->billing != NULL ? db_int(billing_parse(scan->billing))
                                                    : db_null(),
                              db_int(most)};
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = names_filter(&ledger->names, ledger->db, scan->agent, &values[2], &nothing, error);
  if (status == PURSER_OK)
    status = names_filter(&ledger->names, ledger->db, scan->workspace, &values[3], &nothing, error);
  if (status == PURSER_OK && !nothing)
    status = db_query(ledger->db, &q, statement(scan), values, 6, error);
  while (!nothing && status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    struct recent_run run;
    status = read_row(ledger, q.stmt, &texts, &run, error);
    if (status == PURSER_OK)
      status = each(data, &run);
  }
  db_done(&q);
  name_texts_fini(&texts);
  ledger_read_end(ledger, mine);
  return status;
}

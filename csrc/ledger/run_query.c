/* run_query.c - reading the AgentRunLog. */
#include "base/mem.h"
#include "ledger/internal.h"
#include "ledger/run_pick.h"
#include "ledger/sums.h"

#define NAME(column) "coalesce((SELECT text FROM name WHERE id = r." column "), '')"
/* clang-format off */
#define COLUMNS                                                                      \
  "r.id, r.parent, r.started_ms, r.ended_ms, r.duration_ms, r.prompt_bytes, "        \
  NAME("agent") ", " NAME("workspace") ", " NAME("branch") ", " NAME("source") ", "  \
  NAME("model") ", " NAME("effort") ", " NAME("conversation") ", " NAME("session")   \
  ", r.prompt, " NAME("reason") ", r.message, " NAME("record_root") ", " NAME("cwd") \
  ", r.status, r.billing, r.exit_code, r.signal, r.tool_calls, r.retries, r.compactions, r.unusual" \
  SUMS_FIGURES(SUMS_OF_RUN)
/* clang-format on */

void run_row_fini(struct run_row *row) {
  char **const texts[] = {&row->agent,  &row->workspace, &row->branch,       &row->source,
                          &row->model,  &row->effort,    &row->conversation, &row->session,
                          &row->prompt, &row->reason,    &row->message,      &row->record_root,
                          &row->cwd};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    mem_free(*texts[i]);
  *row = (struct run_row){0};
}

static int fill_row(sqlite3_stmt *stmt, struct run_row *row) {
  *row = (struct run_row){
      .id = sqlite3_column_int64(stmt, 0),
      .parent_run = sqlite3_column_int64(stmt, 1),
      .started_ms = sqlite3_column_int64(stmt, 2),
      .ended_ms = sqlite3_column_int64(stmt, 3),
      .duration_ms = sqlite3_column_int64(stmt, 4),
      .prompt_bytes = sqlite3_column_int64(stmt, 5),
      .status = (enum run_status)sqlite3_column_int(stmt, 19),
      .billing = (enum billing)sqlite3_column_int(stmt, 20),
      .exit_code = sqlite3_column_int(stmt, 21),
      .signal = sqlite3_column_int(stmt, 22),
      .counts = {sqlite3_column_int(stmt, 23), sqlite3_column_int(stmt, 24),
                 sqlite3_column_int(stmt, 25)},
      .sums = {.runs = 1},
      .unusual = (uint32_t)sqlite3_column_int64(stmt, 26) & ~(uint32_t)RUN_JUDGED,
  };
  sums_read(stmt, 27, &row->sums);
  char **const texts[] = {&row->agent,  &row->workspace, &row->branch,       &row->source,
                          &row->model,  &row->effort,    &row->conversation, &row->session,
                          &row->prompt, &row->reason,    &row->message,      &row->record_root,
                          &row->cwd};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    *texts[i] = mem_strdup(db_column_text(stmt, 6 + (int)i));
    if (*texts[i] == NULL)
      return PURSER_ENOMEM;
  }
  return PURSER_OK;
}

int ledger_run_get(struct ledger *ledger, int64_t run_id, struct run_row *out,
                   struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value id = db_int(run_id);
  *out = (struct run_row){0};
  int status =
      db_query(ledger->db, &q, "SELECT " COLUMNS " FROM run_log r WHERE r.id = ?", &id, 1, error);
  if (status == PURSER_OK)
    status = db_step(ledger->db, &q, error);
  if (status == DB_ROW) {
    status = fill_row(q.stmt, out);
    if (status != PURSER_OK) {
      run_row_fini(out);
      (void)error_set(error, status, "read run %lld: out of memory", (long long)run_id);
    }
  } else if (status == PURSER_OK) {
    status = error_set(error, PURSER_ENOTFOUND, "there is no run %lld", (long long)run_id);
  }
  db_done(&q);
  return status;
}

/* ---- many ---- */

int ledger_run_each(struct ledger *ledger, const struct run_filter *filter,
                    int (*each)(void *data, const struct run_row *row), void *data,
                    struct error *error) {
  static const struct run_filter any = {.status = -1};
  struct run_picks picks = {NULL, 0, 0};
  bool mine = false;
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = run_pick(ledger, filter != NULL ? filter : &any, &picks, error);
  for (size_t i = 0; i < picks.count && status == PURSER_OK; i++) {
    struct run_row row;
    status = ledger_run_get(ledger, picks.items[i].id, &row, error);
    if (status == PURSER_OK)
      status = each(data, &row);
    run_row_fini(&row);
  }
  ledger_read_end(ledger, mine);
  run_picks_fini(&picks);
  return status;
}

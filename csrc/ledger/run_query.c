/* run_query.c - reading the AgentRunLog. */
#include <string.h>

#include "base/mem.h"
#include "ledger/internal.h"
#include "ledger/sums.h"

#define NAME(column) "coalesce((SELECT text FROM name WHERE id = r." column "), '')"
/* clang-format off */
#define COLUMNS                                                                      \
  "r.id, r.parent, r.started_ms, r.ended_ms, r.duration_ms, r.prompt_bytes, "        \
  NAME("agent") ", " NAME("workspace") ", " NAME("branch") ", " NAME("source") ", "  \
  NAME("model") ", " NAME("effort") ", " NAME("conversation") ", " NAME("session")   \
  ", r.prompt, " NAME("reason") ", r.message, " NAME("record_root") ", " NAME("cwd") \
  ", r.status, r.billing, r.exit_code, r.signal, r.tool_calls, r.retries, r.compactions"  \
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
  };
  sums_read(stmt, 26, &row->sums);
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

/* Newest first: by the time they began, since an import brings old runs in late. */
#define FILTERED                                                                           \
  "SELECT " COLUMNS " FROM run_log r WHERE"                                                \
  " (?1 IS NULL OR r.workspace = ?1) AND (?2 IS NULL OR r.source = ?2)"                    \
  " AND (?3 IS NULL OR r.model = ?3 OR r.anchor_model = ?3) AND (?4 < 0 OR r.status = ?4)" \
  " AND r.started_ms >= ?5 AND r.started_ms < ?6 AND (?8 IS NULL OR (r.started_ms, r.id) < (?8, ?7))"
#define NEWEST_FIRST " ORDER BY r.started_ms DESC, r.id DESC LIMIT ?9"

/* A name to filter by: NULL any; what was never stored matches nothing. */
static int filter_value(struct ledger *ledger, const char *text, struct db_value *out,
                        struct error *error) {
  int64_t id = 0;
  if (text == NULL) {
    *out = db_null();
    return PURSER_OK;
  }
  const int status = names_find(&ledger->names, ledger->db, text, &id, error);
  if (status != PURSER_OK && status != PURSER_ENOTFOUND)
    return status;
  *out = db_int(status == PURSER_OK ? id : -1);
  return PURSER_OK;
}

/* Where to go on after a page: the start of its last run. */
static int start_of(struct ledger *ledger, int64_t run_id, struct db_value *out,
                    struct error *error) {
  int64_t started = 0;
  const struct db_value id = db_int(run_id);
  *out = db_null();
  if (run_id == 0)
    return PURSER_OK;
  const int status = db_get_int(ledger->db, "SELECT started_ms FROM run_log WHERE id = ?", &id, 1,
                                &started, error);
  if (status == PURSER_ENOTFOUND)
    return error_set(error, status, "there is no run %lld", (long long)run_id);
  *out = db_int(started);
  return status;
}

static int each_row(struct ledger *ledger, const struct db_value *values,
                    int (*each)(void *data, const struct run_row *row), void *data,
                    struct error *error) {
  struct query q = QUERY_INIT;
  /* The index that serves an agent is of no use without one. */
  int status =
      values[9].kind == DB_NULL
          ? db_query(ledger->db, &q, FILTERED NEWEST_FIRST, values, 9, error)
          : db_query(ledger->db, &q, FILTERED " AND r.agent = ?10" NEWEST_FIRST, values, 10, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    struct run_row row;
    status = fill_row(q.stmt, &row);
    if (status == PURSER_OK)
      status = each(data, &row);
    else
      (void)error_set(error, status, "read the runs: out of memory");
    run_row_fini(&row);
  }
  db_done(&q);
  return status;
}

int ledger_run_each(struct ledger *ledger, const struct run_filter *filter,
                    int (*each)(void *data, const struct run_row *row), void *data,
                    struct error *error) {
  static const struct run_filter any = {.status = -1, .until_ms = INT64_MAX};
  const struct run_filter *f = filter != NULL ? filter : &any;
  struct db_value values[10];
  bool mine = false;
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = filter_value(ledger, f->workspace, &values[0], error);
  if (status == PURSER_OK)
    status = filter_value(ledger, f->source, &values[1], error);
  if (status == PURSER_OK)
    status = filter_value(ledger, f->model, &values[2], error);
  if (status == PURSER_OK)
    status = filter_value(ledger, f->agent, &values[9], error);
  if (status == PURSER_OK)
    status = start_of(ledger, f->before_id, &values[7], error);
  values[3] = db_int(f->status);
  values[4] = db_int(f->since_ms != 0 ? f->since_ms : INT64_MIN);
  values[5] = db_int(f->until_ms != 0 ? f->until_ms : INT64_MAX);
  values[6] = db_int(f->before_id);
  values[8] = db_int(f->limit > 0 ? f->limit : -1);
  if (status == PURSER_OK)
    status = each_row(ledger, values, each, data, error);
  ledger_read_end(ledger, mine);
  return status;
}

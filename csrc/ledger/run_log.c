/* run_log.c - writing the AgentRunLog: a run's beginning, its changes and its end. Reading is run_query.c. */
#include "ledger/bulk.h"
#include "ledger/internal.h"
#include "ledger/run_facts.h"

static bool is_open(enum run_status status) {
  return status < RUN_COMPLETED;
}

/* A run that a budget refused never was one: it is in the log, and in no sum. */
static bool counts(enum run_status status) {
  return !is_open(status) && status != RUN_REFUSED;
}

/* ---- the beginning ---- */

/* The strings of a spec as name ids, in the order of the columns. */
enum {
  NAMES = 10
};

static int intern_all(struct ledger *ledger, const struct run_spec *spec, int64_t ids[NAMES],
                      struct error *error) {
  const char *const texts[NAMES] = {
      spec->agent,  spec->workspace,    spec->branch,  spec->source,      spec->model,
      spec->effort, spec->conversation, spec->session, spec->record_root, spec->cwd};
  int status = PURSER_OK;
  for (size_t i = 0; i < NAMES && status == PURSER_OK; i++)
    status = names_intern(&ledger->names, ledger->db, texts[i], &ids[i], error);
  return status;
}

static int insert_run(struct ledger *ledger, const struct run_spec *spec, enum run_status status,
                      const int64_t ids[NAMES], struct run_facts *facts, struct error *error) {
  const int64_t now = ledger_now(ledger);
  const int64_t started = spec->started_ms != 0 ? spec->started_ms : now;
  const char *prompt = ledger_text(spec->prompt);
  const struct db_value values[] = {
      db_int(spec->parent_run),
      db_int(ids[0]),
      db_int(ids[1]),
      db_int(ids[2]),
      db_int(ids[3]),
      db_int(ids[4]),
      db_int(ids[5]),
      db_int(ids[6]),
      db_int(ids[7]),
      db_int(ids[8]),
      db_int(ids[9]),
      prompt[0] != '\0' ? db_text(prompt) : db_null(),
      db_int(spec->prompt_bytes),
      db_int(status),
      db_int(spec->billing),
      db_int(spec->imported),
      db_int(started),
      db_int(is_open(status) ? 0 : started),
  };
  const int failed = db_run(
      ledger->db,
      "INSERT INTO run_log (parent, agent, workspace, branch, source, model, effort, conversation,"
      " session, record_root, cwd, prompt, prompt_bytes, status, billing, imported, started_ms,"
      " ended_ms, duration_ms, exit_code, signal, reason, tool_calls, retries, compactions,"
      " requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, cost,"
      " unpriced, estimated, uncertain, dearest, anchor_ms, anchor_model)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, -1, 0, 0, 0, 0, 0, 0,"
      " 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)",
      values, sizeof values / sizeof values[0], error);
  if (failed != PURSER_OK)
    return failed;
  *facts = (struct run_facts){
      .id = sqlite3_last_insert_rowid(db_handle(ledger->db)),
      .agent = ids[0],
      .workspace = ids[1],
      .source = ids[3],
      .model = ids[4],
      .effort = ids[5],
      .branch = ids[2],
      .billing = spec->billing,
      .started_ms = started,
      .imported = spec->imported,
      .status = status,
  };
  return PURSER_OK;
}

int ledger_run_create(struct ledger *ledger, const struct run_spec *spec, enum run_status status,
                      int64_t *run_id, struct error *error) {
  *run_id = 0;
  int failed = ledger_need_transaction(ledger, "creating a run", error);
  if (failed != PURSER_OK)
    return failed;
  int64_t ids[NAMES] = {0};
  struct run_facts facts;
  failed = intern_all(ledger, spec, ids, error);
  const bool ended = counts(status);
  bool later = false;
  if (failed == PURSER_OK && ended) {
    failed = bulk_make(ledger, spec, status, ids, &facts, error);
    later = failed == PURSER_OK;
    failed = failed == PURSER_ENOTFOUND ? PURSER_OK : failed;
  }
  if (failed == PURSER_OK && !later)
    failed = insert_run(ledger, spec, status, ids, &facts, error);
  /* One that comes in closed (an import) has its end with its beginning. */
  if (failed == PURSER_OK && !later && ended)
    failed = run_facts_anchor(ledger, &facts, facts.started_ms, facts.model, error);
  if (failed != PURSER_OK)
    return ledger_spoil(ledger, failed, "create a run", error);
  *run_id = facts.id;
  return PURSER_OK;
}

/* ---- changes ---- */

/* An UPDATE of one run, which must exist. */
static int update_run(struct ledger *ledger, const char *sql, const struct db_value *values,
                      size_t count, const char *what, struct error *error) {
  int status = ledger_need_transaction(ledger, what, error);
  if (status != PURSER_OK)
    return status;
  status = db_run(ledger->db, sql, values, count, error);
  if (status != PURSER_OK)
    return ledger_spoil(ledger, status, what, error);
  if (sqlite3_changes(db_handle(ledger->db)) == 0)
    return error_set(error, PURSER_ENOTFOUND, "%s: there is no run %lld", what,
                     (long long)values[0].number);
  return PURSER_OK;
}

int ledger_run_set_status(struct ledger *ledger, int64_t run_id, enum run_status status,
                          struct error *error) {
  const struct db_value values[] = {db_int(run_id), db_int(status)};
  return update_run(ledger, "UPDATE run_log SET status = ?2 WHERE id = ?1", values, 2,
                    "change a run's status", error);
}

int ledger_run_set_session(struct ledger *ledger, int64_t run_id, const char *session,
                           struct error *error) {
  int status = ledger_need_transaction(ledger, "changing a run's session", error);
  int64_t id = 0;
  if (status != PURSER_OK)
    return status;
  status = names_intern(&ledger->names, ledger->db, session, &id, error);
  if (status != PURSER_OK)
    return ledger_spoil(ledger, status, "change a run's session", error);
  const struct db_value values[] = {db_int(run_id), db_int(id)};
  return update_run(ledger, "UPDATE run_log SET session = ?2 WHERE id = ?1", values, 2,
                    "change a run's session", error);
}

/* ---- the end ---- */

int ledger_run_end(struct ledger *ledger, int64_t run_id, const struct run_end *end,
                   const struct run_counts *run_counts, struct error *error) {
  static const char what[] = "end a run";
  static const struct run_counts none;
  const struct run_counts *n = run_counts != NULL ? run_counts : &none;
  const char *message = ledger_text(end->message);
  struct run_facts facts;
  int64_t reason = 0;
  int status = ledger_need_transaction(ledger, "ending a run", error);
  if (status != PURSER_OK)
    return status;
  /* In bulk, what was gathered of the run may say where it counts. */
  status = ledger_bulk_flush(ledger, error);
  if (status == PURSER_OK)
    status = run_facts_get(ledger, run_id, &facts, error);
  if (status == PURSER_ENOTFOUND)
    return error_wrap(error, "%s", what);
  if (status == PURSER_OK)
    status = names_intern(&ledger->names, ledger->db, end->reason, &reason, error);
  if (status != PURSER_OK)
    return ledger_spoil(ledger, status, what, error);
  const struct db_value values[] = {
      db_int(run_id),
      db_int(end->status),
      db_int(end->ended_ms != 0 ? end->ended_ms : ledger_now(ledger)),
      db_int(end->duration_ms),
      db_int(end->exit_code),
      db_int(end->signal),
      db_int(reason),
      message[0] != '\0' ? db_text(message) : db_null(),
      db_int(n->tool_calls),
      db_int(n->retries),
      db_int(n->compactions),
  };
  status = update_run(ledger,
                      "UPDATE run_log SET status = ?2, ended_ms = ?3, duration_ms = ?4,"
                      " exit_code = ?5, signal = ?6, reason = ?7, message = ?8, tool_calls = ?9,"
                      " retries = ?10, compactions = ?11 WHERE id = ?1",
                      values, sizeof values / sizeof values[0], what, error);
  /* A run is counted with its first request; one that never made any, with its end, on the day it began. */
  if (status == PURSER_OK && facts.anchor_ms == 0 && counts(end->status)) {
    status = run_facts_anchor(ledger, &facts, facts.started_ms, facts.model, error);
    if (status != PURSER_OK)
      return ledger_spoil(ledger, status, what, error);
  }
  return status;
}

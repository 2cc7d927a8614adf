/* run_facts.c - see run_facts.h. */
#include "ledger/run_facts.h"

#include "ledger/internal.h"

int run_facts_get(struct ledger *ledger, int64_t run_id, struct run_facts *out,
                  struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value id = db_int(run_id);
  int status = db_query(
      ledger->db, &q,
      "SELECT agent, workspace, source, model, effort, branch, billing, started_ms, requests, anchor_ms,"
      " anchor_model, imported, status FROM run_log WHERE id = ?",
      &id, 1, error);
  if (status == PURSER_OK)
    status = db_step(ledger->db, &q, error);
  if (status == DB_ROW) {
    *out = (struct run_facts){
        .id = run_id,
        .agent = sqlite3_column_int64(q.stmt, 0),
        .workspace = sqlite3_column_int64(q.stmt, 1),
        .source = sqlite3_column_int64(q.stmt, 2),
        .model = sqlite3_column_int64(q.stmt, 3),
        .effort = sqlite3_column_int64(q.stmt, 4),
        .branch = sqlite3_column_int64(q.stmt, 5),
        .billing = sqlite3_column_int64(q.stmt, 6),
        .started_ms = sqlite3_column_int64(q.stmt, 7),
        .requests = sqlite3_column_int64(q.stmt, 8),
        .anchor_ms = sqlite3_column_int64(q.stmt, 9),
        .anchor_model = sqlite3_column_int64(q.stmt, 10),
        .imported = sqlite3_column_int64(q.stmt, 11) != 0,
        .status = (enum run_status)sqlite3_column_int(q.stmt, 12),
    };
    status = PURSER_OK;
  } else if (status == PURSER_OK) {
    status = error_set(error, PURSER_ENOTFOUND, "there is no run %lld", (long long)run_id);
  }
  db_done(&q);
  return status;
}

struct cell run_facts_cell(const struct run_facts *run, int64_t at_ms, int64_t model) {
  return (struct cell){
      .at_ms = at_ms,
      .agent = run->agent,
      .workspace = run->workspace,
      .model = model,
      .source = run->source,
      .effort = run->effort,
      .branch = run->branch,
      .billing = run->billing,
  };
}

int run_facts_anchor(struct ledger *ledger, struct run_facts *run, int64_t at_ms, int64_t model,
                     struct error *error) {
  const struct sums plus = {.runs = 1};
  const struct sums minus = {.runs = -1};
  const struct cell before = run_facts_cell(run, run->anchor_ms, run->anchor_model);
  const struct cell after = run_facts_cell(run, at_ms, model);
  int status = PURSER_OK;
  if (run->anchor_ms != 0)
    status = rollup_add(ledger, &before, &minus, error);
  if (status == PURSER_OK)
    status = rollup_add(ledger, &after, &plus, error);
  if (status == PURSER_OK) {
    const struct db_value values[] = {db_int(run->id), db_int(at_ms), db_int(model)};
    status =
        db_run(ledger->db, "UPDATE run_log SET anchor_ms = ?2, anchor_model = ?3 WHERE id = ?1",
               values, 3, error);
  }
  if (status == PURSER_OK) {
    run->anchor_ms = at_ms;
    run->anchor_model = model;
  }
  return status;
}

/* history.c - see history.h. */
#include "ledger/history.h"

#include <stdlib.h>

#include "base/order.h"
#include "ledger/internal.h"

/* Percentiles want a few runs, and an agent that changes its model for once has them further back: at most this many are looked at. */
enum {
  LOOK_BACK = 600
};

struct samples {
  int64_t output[HISTORY_RUNS];
  int64_t prompt[HISTORY_RUNS];
  int64_t nanousd[HISTORY_RUNS];
  int64_t dearest[HISTORY_RUNS];
  size_t count;
};

/* The smallest sample that `percent` of them do not exceed. */
static int64_t percentile(const int64_t *sorted, size_t count, size_t percent) {
  const size_t rank = (count * percent + 99) / 100;
  return sorted[rank > 0 ? rank - 1 : 0];
}

static void summarise(struct samples *s, struct history *out) {
  int64_t *const all[] = {s->output, s->prompt, s->nanousd, s->dearest};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    qsort(all[i], s->count, sizeof *all[i], order_int64);
  out->runs = (int32_t)s->count;
  out->p50_output = percentile(s->output, s->count, 50);
  out->p95_output = percentile(s->output, s->count, 95);
  out->p50_prompt = percentile(s->prompt, s->count, 50);
  out->p95_prompt = percentile(s->prompt, s->count, 95);
  out->p50_nanousd = percentile(s->nanousd, s->count, 50);
  out->p95_nanousd = percentile(s->nanousd, s->count, 95);
  out->p95_request_nanousd = percentile(s->dearest, s->count, 95);
}

static int read_samples(struct ledger *ledger, int64_t agent, const struct db_value *model,
                        struct samples *s, struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value values[] = {db_int(agent), *model, db_int(HISTORY_RUNS), db_int(LOOK_BACK)};
  int status =
      db_query(ledger->db, &q,
               "SELECT output, input + cache_read + cache_write_5m + cache_write_1h, cost, dearest"
               " FROM (SELECT * FROM run_log WHERE agent = ?1 ORDER BY started_ms DESC LIMIT ?4)"
               " WHERE status >= 3 AND status <> 9 AND requests > 0 AND unpriced = 0"
               " AND (?2 IS NULL OR model = ?2 OR anchor_model = ?2) LIMIT ?3",
               values, 4, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    s->output[s->count] = sqlite3_column_int64(q.stmt, 0);
    s->prompt[s->count] = sqlite3_column_int64(q.stmt, 1);
    s->nanousd[s->count] = sqlite3_column_int64(q.stmt, 2);
    s->dearest[s->count] = sqlite3_column_int64(q.stmt, 3);
    s->count++;
    status = PURSER_OK;
  }
  db_done(&q);
  return status;
}

int ledger_history(struct ledger *ledger, const char *agent, const char *model, struct history *out,
                   struct error *error) {
  struct samples samples = {.count = 0};
  int64_t agent_id = 0;
  int64_t model_id = 0;
  bool mine = false;
  *out = (struct history){0};
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = names_find(&ledger->names, ledger->db, agent, &agent_id, error);
  if (status == PURSER_OK)
    status = names_find(&ledger->names, ledger->db, model, &model_id, error);
  /* Another model, another length of answer: where this one was never used, nothing is known. */
  const struct db_value by_model = ledger_text(model)[0] != '\0' ? db_int(model_id) : db_null();
  if (status == PURSER_OK)
    status = read_samples(ledger, agent_id, &by_model, &samples, error);
  if (status == PURSER_ENOTFOUND)
    status = PURSER_OK;
  ledger_read_end(ledger, mine);
  if (status == PURSER_OK && samples.count > 0)
    summarise(&samples, out);
  return status == PURSER_OK ? PURSER_OK : error_wrap(error, "read the history of %s", agent);
}

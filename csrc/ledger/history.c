/* history.c - see history.h. At most sixty rows along an index: cheap enough for every dispatch. */
#include "ledger/history.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/internal.h"

enum {
  OUTPUT,
  PROMPT,
  COST,
  DEAREST,
  FIGURES
};

struct sample {
  int64_t values[FIGURES][HISTORY_RUNS];
  int32_t count;
};

/* A run that cost nothing because it never reached a model tells nothing about the next. */
static const char any_model[] =
    "SELECT output, input + cache_read + cache_write_5m + cache_write_1h, cost, dearest"
    " FROM run_log WHERE agent = ?1 AND requests > 0 AND status >= ?2"
    " ORDER BY started_ms DESC LIMIT ?3";
static const char one_model[] =
    "SELECT output, input + cache_read + cache_write_5m + cache_write_1h, cost, dearest"
    " FROM run_log WHERE agent = ?1 AND requests > 0 AND status >= ?2 AND model = ?4"
    " ORDER BY started_ms DESC LIMIT ?3";

static int read_sample(struct ledger *ledger, const char *sql, const struct db_value *values,
                       size_t count, struct sample *out, struct error *error) {
  struct query q = QUERY_INIT;
  int status = db_query(ledger->db, &q, sql, values, count, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    for (int i = 0; i < FIGURES; i++) {
      out->values[i][out->count] = sqlite3_column_int64(q.stmt, i);
    }
    status = PURSER_OK;
    if (++out->count == HISTORY_RUNS)
      break;
  }
  db_done(&q);
  return status;
}

static int by_size(const void *a, const void *b) {
  int64_t x;
  int64_t y;
  memcpy(&x, a, sizeof x);
  memcpy(&y, b, sizeof y);
  return (x > y) - (x < y);
}

/* The smallest value that at least `percent` of the sorted sample do not exceed. */
static int64_t percentile(const int64_t *sorted, int32_t count, int32_t percent) {
  if (count == 0)
    return 0;
  const int32_t rank = (count * percent + 99) / 100;
  return sorted[rank > 0 ? rank - 1 : 0];
}

static void summarise(struct sample *sample, struct history *out) {
  for (int i = 0; i < FIGURES; i++) {
    qsort(sample->values[i], (size_t)sample->count, sizeof sample->values[i][0], by_size);
  }
  const int32_t n = sample->count;
  *out = (struct history){
      .runs = n,
      .p50_output = percentile(sample->values[OUTPUT], n, 50),
      .p95_output = percentile(sample->values[OUTPUT], n, 95),
      .p50_prompt = percentile(sample->values[PROMPT], n, 50),
      .p95_prompt = percentile(sample->values[PROMPT], n, 95),
      .p50_nanousd = percentile(sample->values[COST], n, 50),
      .p95_nanousd = percentile(sample->values[COST], n, 95),
      .p95_request_nanousd = percentile(sample->values[DEAREST], n, 95),
  };
}

static int find_name(struct ledger *ledger, const char *text, int64_t *id, struct error *error) {
  *id = 0;
  return text[0] == '\0' ? PURSER_OK : names_find(&ledger->names, ledger->db, text, id, error);
}

int ledger_history(struct ledger *ledger, const char *agent, const char *model, struct history *out,
                   struct error *error) {
  *out = (struct history){0};
  int64_t agent_id = 0;
  int64_t model_id = 0;
  int status = find_name(ledger, ledger_text(agent), &agent_id, error);
  if (status == PURSER_OK)
    status = find_name(ledger, ledger_text(model), &model_id, error);
  if (status == PURSER_ENOTFOUND)
    return PURSER_OK; /* never seen: no history */
  if (status != PURSER_OK)
    return status;
  struct sample sample = {.count = 0};
  const struct db_value values[] = {db_int(agent_id), db_int(RUN_COMPLETED), db_int(HISTORY_RUNS),
                                    db_int(model_id)};
  status = model_id == 0 ? read_sample(ledger, any_model, values, 3, &sample, error)
                         : read_sample(ledger, one_model, values, 4, &sample, error);
  if (status == PURSER_OK)
    summarise(&sample, out);
  return status == PURSER_OK ? PURSER_OK : error_wrap(error, "read an agent's history");
}

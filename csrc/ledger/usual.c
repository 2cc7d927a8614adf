/* usual.c - see usual.h. */
#include "ledger/usual.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/internal.h"

/* Neither a subagent's request, nor a compaction's, nor what was only worked out afterwards. */
#define NOT_MAIN_LINE (PURSER_FLAG_SIDECHAIN | PURSER_FLAG_COMPACTION | PURSER_FLAG_REMAINDER)

struct samples {
  int64_t first[USUAL_LAST_RUNS], requests[USUAL_LAST_RUNS], output[USUAL_LAST_RUNS],
      nanousd[USUAL_LAST_RUNS];
  size_t count;
};

static int compare(const void *a, const void *b) {
  int64_t x;
  int64_t y;
  memcpy(&x, a, sizeof x);
  memcpy(&y, b, sizeof y);
  return (x > y) - (x < y);
}

static int64_t median(int64_t *values, size_t count) {
  qsort(values, count, sizeof *values, compare);
  return values[(count - 1) / 2];
}

static int read_samples(struct ledger *ledger, const struct db_value *values, struct samples *s,
                        struct error *error) {
  struct query q = QUERY_INIT;
  int status = db_query(
      ledger->db, &q,
      "SELECT coalesce((SELECT q.input + q.cache_read + q.cache_write_5m + q.cache_write_1h"
      " FROM request q WHERE q.run_id = r.id AND q.flags & ?5 = 0"
      " ORDER BY q.at_ms, q.id LIMIT 1), 0), requests, output, cost FROM run_log r"
      " WHERE agent = ?1 AND started_ms < ?3 AND anchor_model = ?2 AND requests > 0"
      " AND status >= 3 AND status <> 9 ORDER BY started_ms DESC LIMIT ?4",
      values, 5, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    s->first[s->count] = sqlite3_column_int64(q.stmt, 0);
    s->requests[s->count] = sqlite3_column_int64(q.stmt, 1);
    s->output[s->count] = sqlite3_column_int64(q.stmt, 2);
    s->nanousd[s->count] = sqlite3_column_int64(q.stmt, 3);
    s->count++;
    status = PURSER_OK;
  }
  db_done(&q);
  return status;
}

int ledger_usual(struct ledger *ledger, const char *agent, const char *model, int64_t before_ms,
                 struct usual_runs *out, struct error *error) {
  struct samples s = {.count = 0};
  bool mine = false;
  int64_t who = 0;
  int64_t with = 0;
  *out = (struct usual_runs){0};
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = names_find(&ledger->names, ledger->db, agent, &who, error);
  if (status == PURSER_OK)
    status = names_find(&ledger->names, ledger->db, model, &with, error);
  const bool unknown = status == PURSER_ENOTFOUND;
  const struct db_value values[] = {db_int(who), db_int(with), db_int(before_ms),
                                    db_int(USUAL_LAST_RUNS), db_int(NOT_MAIN_LINE)};
  if (status == PURSER_OK)
    status = read_samples(ledger, values, &s, error);
  ledger_read_end(ledger, mine);
  if (unknown)
    return PURSER_OK;
  if (status != PURSER_OK || s.count == 0)
    return status;
  *out = (struct usual_runs){
      .runs = (int64_t)s.count,
      .first_prompt = median(s.first, s.count),
      .requests = median(s.requests, s.count),
      .output = median(s.output, s.count),
      .nanousd = median(s.nanousd, s.count),
  };
  return PURSER_OK;
}

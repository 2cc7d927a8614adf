/* rollup.c - see rollup.h. */
#include "ledger/rollup.h"

#include <string.h>

#include "ledger/internal.h"

void sums_add(struct sums *sum, const struct sums *more) {
  sum->runs += more->runs;
  sum->requests += more->requests;
  sum->input += more->input;
  sum->cache_read += more->cache_read;
  sum->cache_write_5m += more->cache_write_5m;
  sum->cache_write_1h += more->cache_write_1h;
  sum->output += more->output;
  sum->reasoning += more->reasoning;
  sum->cost_nanousd += more->cost_nanousd;
  sum->unpriced_requests += more->unpriced_requests;
  sum->estimated_nanousd += more->estimated_nanousd;
  sum->uncertain_nanousd += more->uncertain_nanousd;
}

struct sums sums_less(const struct sums *a, const struct sums *b) {
  return (struct sums){
      .runs = a->runs - b->runs,
      .requests = a->requests - b->requests,
      .input = a->input - b->input,
      .cache_read = a->cache_read - b->cache_read,
      .cache_write_5m = a->cache_write_5m - b->cache_write_5m,
      .cache_write_1h = a->cache_write_1h - b->cache_write_1h,
      .output = a->output - b->output,
      .reasoning = a->reasoning - b->reasoning,
      .cost_nanousd = a->cost_nanousd - b->cost_nanousd,
      .unpriced_requests = a->unpriced_requests - b->unpriced_requests,
      .estimated_nanousd = a->estimated_nanousd - b->estimated_nanousd,
      .uncertain_nanousd = a->uncertain_nanousd - b->uncertain_nanousd,
  };
}

bool rollup_same(const struct ledger *ledger, const struct cell *a, const struct cell *b) {
  return a->agent == b->agent && a->workspace == b->workspace && a->model == b->model &&
         a->source == b->source && a->billing == b->billing &&
         zone_day(ledger->zone, a->at_ms) == zone_day(ledger->zone, b->at_ms);
}

#define KEY \
  "day = ?1 AND agent = ?2 AND workspace = ?3 AND model = ?4 AND source = ?5 AND billing = ?6"

int rollup_add(struct ledger *ledger, const struct cell *cell, const struct sums *delta,
               struct error *error) {
  const struct db_value values[] = {
      db_int(zone_day(ledger->zone, cell->at_ms)),
      db_int(cell->agent),
      db_int(cell->workspace),
      db_int(cell->model),
      db_int(cell->source),
      db_int(cell->billing),
      db_int(delta->runs),
      db_int(delta->requests),
      db_int(delta->input),
      db_int(delta->cache_read),
      db_int(delta->cache_write_5m),
      db_int(delta->cache_write_1h),
      db_int(delta->output),
      db_int(delta->reasoning),
      db_int(delta->cost_nanousd),
      db_int(delta->unpriced_requests),
      db_int(delta->estimated_nanousd),
      db_int(delta->uncertain_nanousd),
  };
  const size_t count = sizeof values / sizeof values[0];
  int status =
      db_run(ledger->db,
             "INSERT INTO rollup VALUES"
             " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)"
             " ON CONFLICT DO UPDATE SET runs = runs + ?7, requests = requests + ?8,"
             " input = input + ?9, cache_read = cache_read + ?10,"
             " cache_write_5m = cache_write_5m + ?11, cache_write_1h = cache_write_1h + ?12,"
             " output = output + ?13, reasoning = reasoning + ?14, cost = cost + ?15,"
             " unpriced = unpriced + ?16, estimated = estimated + ?17, uncertain = uncertain + ?18",
             values, count, error);
  if (status == PURSER_OK && (delta->runs < 0 || delta->requests < 0))
    status = db_run(ledger->db, "DELETE FROM rollup WHERE " KEY " AND runs = 0 AND requests = 0",
                    values, 6, error);
  return status;
}

/* ---- another zone ---- */

static void day_function(sqlite3_context *context, int argc, sqlite3_value **argv) {
  (void)argc;
  const struct ledger *ledger = sqlite3_user_data(context);
  sqlite3_result_int64(context, zone_day(ledger->day_zone, sqlite3_value_int64(argv[0])));
}

int rollup_make_day_function(struct ledger *ledger, struct error *error) {
  const int rc = sqlite3_create_function_v2(db_handle(ledger->db), "purser_day", 1,
                                            SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
                                            ledger, day_function, NULL, NULL, NULL);
  return rc == SQLITE_OK ? PURSER_OK : db_fail(ledger->db, rc, error);
}

int rollup_rebuild(struct ledger *ledger, const struct zone *zone, struct error *error) {
  ledger->day_zone = zone;
  int status = db_run(ledger->db, "DELETE FROM rollup", NULL, 0, error);
  if (status == PURSER_OK)
    status = db_run(
        ledger->db,
        "INSERT INTO rollup"
        " SELECT day, agent, workspace, model, source, billing, sum(runs), sum(requests), sum(input),"
        "  sum(cache_read), sum(cache_write_5m), sum(cache_write_1h), sum(output), sum(reasoning),"
        "  sum(cost), sum(unpriced), sum(estimated), sum(uncertain) FROM ("
        " SELECT purser_day(q.at_ms) AS day, r.agent, r.workspace, q.model, r.source, r.billing,"
        "  0 AS runs, 1 AS requests, q.input, q.cache_read, q.cache_write_5m, q.cache_write_1h,"
        "  q.output, q.reasoning, q.cost, q.status = 0 AS unpriced,"
        "  iif(q.status = 3, q.cost, 0) AS estimated, iif(q.flags & 32, q.cost, 0) AS uncertain"
        "  FROM request q JOIN run_log r ON r.id = q.run_id"
        " UNION ALL"
        " SELECT purser_day(anchor_ms), agent, workspace, anchor_model, source, billing,"
        "  1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM run_log WHERE anchor_ms <> 0)"
        " GROUP BY day, agent, workspace, model, source, billing",
        NULL, 0, error);
  return status;
}

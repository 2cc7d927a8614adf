/* request_row.c - see request_row.h. */
#include "ledger/request_row.h"

#include <string.h>

#include "ledger/hash.h"
#include "ledger/internal.h"

int64_t stored_tokens(const struct stored_request *r) {
  const purser_usage *u = &r->usage;
  return u->input + u->cache_read + u->cache_write_5m + u->cache_write_1h + u->output;
}

struct sums stored_sums(const struct stored_request *r) {
  const purser_usage *u = &r->usage;
  return (struct sums){
      .requests = 1,
      .input = u->input,
      .cache_read = u->cache_read,
      .cache_write_5m = u->cache_write_5m,
      .cache_write_1h = u->cache_write_1h,
      .output = u->output,
      .reasoning = u->reasoning,
      .cost_nanousd = r->cost_nanousd,
      .unpriced_requests = r->status == COST_UNKNOWN,
      .estimated_nanousd = r->status == COST_ESTIMATED ? r->cost_nanousd : 0,
      .uncertain_nanousd = (r->flags & PURSER_FLAG_UNCERTAIN) != 0 ? r->cost_nanousd : 0,
      .cost_input_nanousd = r->input_nanousd,
      .cost_cache_read_nanousd = r->cache_read_nanousd,
      .cost_cache_write_nanousd = r->cache_write_nanousd,
      .cost_output_nanousd = r->cost_nanousd - r->input_nanousd - r->cache_read_nanousd -
                             r->cache_write_nanousd - r->extra_nanousd,
      .cost_extra_nanousd = r->extra_nanousd,
      .cache_saved_nanousd = r->cache_saved_nanousd,
  };
}

static void fill(sqlite3_stmt *stmt, struct stored_request *out) {
  *out = (struct stored_request){
      .id = sqlite3_column_int64(stmt, 0),
      .run_id = sqlite3_column_int64(stmt, 1),
      .at_ms = sqlite3_column_int64(stmt, 3),
      .period_ms = sqlite3_column_int64(stmt, 4),
      .model = sqlite3_column_int64(stmt, 5),
      .tier = sqlite3_column_int64(stmt, 6),
      .speed = sqlite3_column_int64(stmt, 7),
      .region = sqlite3_column_int64(stmt, 8),
      .session = sqlite3_column_int64(stmt, 9),
      .rate_card = sqlite3_column_int64(stmt, 10),
      .flags = (uint32_t)sqlite3_column_int64(stmt, 11),
      .status = (enum cost_status)sqlite3_column_int(stmt, 12),
      .usage =
          {
              .input = sqlite3_column_int64(stmt, 13),
              .cache_read = sqlite3_column_int64(stmt, 14),
              .cache_write_5m = sqlite3_column_int64(stmt, 15),
              .cache_write_1h = sqlite3_column_int64(stmt, 16),
              .output = sqlite3_column_int64(stmt, 17),
              .reasoning = sqlite3_column_int64(stmt, 18),
              .web_searches = sqlite3_column_int64(stmt, 19),
          },
      .cost_nanousd = sqlite3_column_int64(stmt, 20),
      .extra_nanousd = sqlite3_column_int64(stmt, 21),
      .reported_nanousd =
          sqlite3_column_type(stmt, 22) == SQLITE_NULL ? -1 : sqlite3_column_int64(stmt, 22),
      .input_nanousd = sqlite3_column_int64(stmt, 23),
      .cache_read_nanousd = sqlite3_column_int64(stmt, 24),
      .cache_write_nanousd = sqlite3_column_int64(stmt, 25),
      .cache_saved_nanousd = sqlite3_column_int64(stmt, 26),
  };
}

/* How well a stored entry fits a record of the same key: 0 another response. */
static int fit(const struct stored_request *like, const char *request_id, uint32_t flags) {
  if (strcmp(like->request_id, request_id) == 0)
    return 3;
  if (like->request_id[0] == '\0' || request_id[0] == '\0')
    return 2;
  return ((like->flags | flags) & PURSER_FLAG_SIDECHAIN) != 0 ? 1 : 0;
}

int stored_find(struct ledger *ledger, const struct stored_request *like,
                struct stored_request *out, struct buf *request_id, struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value values[] = {db_int(hash_stored(like->key)), db_text(like->key)};
  int best = 0;
  int status = db_query(ledger->db, &q,
                        "SELECT id, run_id, request_id, at_ms, period_ms, model, tier, speed,"
                        " region, session, rate_card, flags, status, input, cache_read,"
                        " cache_write_5m, cache_write_1h, output, reasoning, web_searches, cost,"
                        " extra, reported, cost_input, cost_cache_read, cost_cache_write,"
                        " cache_saved FROM request WHERE hash = ? AND key = ? ORDER BY id",
                        values, 2, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    const char *id = db_column_text(q.stmt, 2);
    const int score = fit(like, id, (uint32_t)sqlite3_column_int64(q.stmt, 11));
    status = PURSER_OK;
    if (score <= best)
      continue;
    best = score;
    fill(q.stmt, out);
    buf_clear(request_id);
    buf_adds(request_id, id);
    status = buf_status(request_id);
    if (status != PURSER_OK)
      (void)error_set(error, status, "out of memory");
  }
  db_done(&q);
  if (status != PURSER_OK)
    return status;
  if (best == 0)
    return PURSER_ENOTFOUND;
  out->key = like->key;
  out->request_id = request_id->data;
  return PURSER_OK;
}

enum {
  COMMON = 26
};

static void common_values(const struct stored_request *r, struct db_value values[COMMON]) {
  const struct db_value all[COMMON] = {
      db_int(r->run_id),
      r->request_id[0] != '\0' ? db_text(r->request_id) : db_null(),
      db_int(r->at_ms),
      r->period_ms != 0 ? db_int(r->period_ms) : db_null(),
      db_int(r->model),
      db_int(r->tier),
      db_int(r->speed),
      db_int(r->region),
      db_int(r->session),
      db_int(r->rate_card),
      db_int(r->flags),
      db_int(r->status),
      db_int(r->usage.input),
      db_int(r->usage.cache_read),
      db_int(r->usage.cache_write_5m),
      db_int(r->usage.cache_write_1h),
      db_int(r->usage.output),
      db_int(r->usage.reasoning),
      db_int(r->usage.web_searches),
      db_int(r->cost_nanousd),
      db_int(r->extra_nanousd),
      r->reported_nanousd >= 0 ? db_int(r->reported_nanousd) : db_null(),
      db_int(r->input_nanousd),
      db_int(r->cache_read_nanousd),
      db_int(r->cache_write_nanousd),
      db_int(r->cache_saved_nanousd),
  };
  memcpy(values, all, sizeof all);
}

int stored_insert(struct ledger *ledger, struct stored_request *r, struct error *error) {
  struct db_value values[COMMON + 2];
  common_values(r, values);
  values[COMMON] = db_int(hash_stored(r->key));
  values[COMMON + 1] = db_text(r->key);
  const int status = db_run(
      ledger->db,
      "INSERT INTO request (run_id, request_id, at_ms, period_ms, model, tier, speed, region,"
      " session, rate_card, flags, status, input, cache_read, cache_write_5m, cache_write_1h,"
      " output, reasoning, web_searches, cost, extra, reported, cost_input,"
      " cost_cache_read, cost_cache_write, cache_saved, hash, key)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      values, COMMON + 2, error);
  if (status == PURSER_OK)
    r->id = sqlite3_last_insert_rowid(db_handle(ledger->db));
  return status;
}

int stored_update(struct ledger *ledger, const struct stored_request *r, struct error *error) {
  struct db_value values[COMMON + 1];
  common_values(r, values);
  values[COMMON] = db_int(r->id);
  return db_run(ledger->db,
                "UPDATE request SET run_id = ?1, request_id = ?2, at_ms = ?3, period_ms = ?4,"
                " model = ?5, tier = ?6, speed = ?7, region = ?8, session = ?9, rate_card = ?10,"
                " flags = ?11, status = ?12, input = ?13, cache_read = ?14, cache_write_5m = ?15,"
                " cache_write_1h = ?16, output = ?17, reasoning = ?18, web_searches = ?19,"
                " cost = ?20, extra = ?21, reported = ?22, cost_input = ?23, cost_cache_read = ?24,"
                " cost_cache_write = ?25, cache_saved = ?26 WHERE id = ?27",
                values, COMMON + 1, error);
}

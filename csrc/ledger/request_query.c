/* request_query.c - reading booked requests: of one run, and its sums by model. */
#include "ledger/internal.h"
#include "ledger/sums.h"

int ledger_request_each(struct ledger *ledger, int64_t run_id,
                        int (*each)(void *data, const struct request_row *row), void *data,
                        struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value id = db_int(run_id);
  int status = db_query(
      ledger->db, &q,
      "SELECT q.id, q.at_ms, q.key, q.request_id,"
      " coalesce((SELECT text FROM name WHERE id = q.model), ''),"
      " coalesce((SELECT text FROM name WHERE id = q.tier), ''),"
      " coalesce((SELECT text FROM name WHERE id = q.speed), ''),"
      " coalesce((SELECT text FROM name WHERE id = q.rate_card), ''),"
      " coalesce((SELECT text FROM name WHERE id = q.session), ''),"
      " q.flags, q.status, q.input, q.cache_read, q.cache_write_5m, q.cache_write_1h, q.output,"
      " q.reasoning, q.web_searches, q.cost, q.extra, q.cost_input, q.cost_cache_read,"
      " q.cost_cache_write, q.cache_saved"
      " FROM request q WHERE q.run_id = ? ORDER BY q.at_ms, q.id",
      &id, 1, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    struct request_row row = {
        .id = sqlite3_column_int64(q.stmt, 0),
        .at_ms = sqlite3_column_int64(q.stmt, 1),
        .key = db_column_text(q.stmt, 2),
        .request_id = db_column_text(q.stmt, 3),
        .model = db_column_text(q.stmt, 4),
        .tier = db_column_text(q.stmt, 5),
        .speed = db_column_text(q.stmt, 6),
        .rate_card = db_column_text(q.stmt, 7),
        .session = db_column_text(q.stmt, 8),
        .flags = (uint32_t)sqlite3_column_int64(q.stmt, 9),
        .status = (enum cost_status)sqlite3_column_int(q.stmt, 10),
        .usage =
            {
                .input = sqlite3_column_int64(q.stmt, 11),
                .cache_read = sqlite3_column_int64(q.stmt, 12),
                .cache_write_5m = sqlite3_column_int64(q.stmt, 13),
                .cache_write_1h = sqlite3_column_int64(q.stmt, 14),
                .output = sqlite3_column_int64(q.stmt, 15),
                .reasoning = sqlite3_column_int64(q.stmt, 16),
                .web_searches = sqlite3_column_int64(q.stmt, 17),
            },
        .cost_nanousd = sqlite3_column_int64(q.stmt, 18),
        .extra_nanousd = sqlite3_column_int64(q.stmt, 19),
        .cost_input_nanousd = sqlite3_column_int64(q.stmt, 20),
        .cost_cache_read_nanousd = sqlite3_column_int64(q.stmt, 21),
        .cost_cache_write_nanousd = sqlite3_column_int64(q.stmt, 22),
        .cache_saved_nanousd = sqlite3_column_int64(q.stmt, 23),
    };
    row.cost_output_nanousd = row.cost_nanousd - row.cost_input_nanousd -
                              row.cost_cache_read_nanousd - row.cost_cache_write_nanousd -
                              row.extra_nanousd;
    status = each(data, &row);
  }
  db_done(&q);
  return status;
}

#define SUMS                                        \
  "SELECT count(*)" SUMS_FIGURES(                   \
      SUMS_TOTAL) " FROM (SELECT 0" SUMS_OF_REQUEST \
                  " FROM request q WHERE q.run_id = ?1 AND (q.flags & 64) = 0"

int ledger_run_sums(struct ledger *ledger, int64_t run_id, const char *model, struct sums *out,
                    struct error *error) {
  struct query q = QUERY_INIT;
  int64_t model_id = 0;
  *out = (struct sums){.runs = 1};
  int status = PURSER_OK;
  if (model != NULL)
    status = names_find(&ledger->names, ledger->db, model, &model_id, error);
  if (status == PURSER_ENOTFOUND)
    return PURSER_OK;
  const struct db_value values[] = {db_int(run_id), db_int(model_id)};
  if (status == PURSER_OK)
    status = model != NULL ? db_query(ledger->db, &q, SUMS " AND q.model = ?2)", values, 2, error)
                           : db_query(ledger->db, &q, SUMS ")", values, 1, error);
  if (status == PURSER_OK)
    status = db_step(ledger->db, &q, error);
  if (status == DB_ROW) {
    sums_read(q.stmt, 1, out);
    status = PURSER_OK;
  }
  db_done(&q);
  return status;
}

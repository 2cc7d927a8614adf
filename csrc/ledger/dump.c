/* dump.c - see dump.h. */
#include "ledger/dump.h"

#include <inttypes.h>

#include "ledger/hash.h"
#include "ledger/internal.h"

struct dump {
  struct ledger *ledger;
  const struct dump_range *range;
  const struct dump_sink *sink;
  struct error *error;
  struct buf uid;
  struct buf parent;
  struct buf facts; /* what a uid is made of */
};

/* ---- names for runs ---- */

/* What two ledgers that hold the same run agree on. The key of its first request alone would do, but not every run has one. */
static int write_uid(struct dump *d, int64_t run_id, struct buf *out, int64_t *twin) {
  struct query q = QUERY_INIT;
  const struct db_value id = db_int(run_id);
  int64_t started_ms = 0;
  buf_clear(out);
  buf_clear(&d->facts);
  int status = db_query(
      d->ledger->db, &q,
      "SELECT r.started_ms,"
      " coalesce((SELECT text FROM name WHERE id = r.agent), ''),"
      " coalesce((SELECT text FROM name WHERE id = r.workspace), ''),"
      " coalesce((SELECT text FROM name WHERE id = r.source), ''),"
      " coalesce((SELECT text FROM name WHERE id = r.session), ''),"
      " coalesce((SELECT key FROM request WHERE run_id = r.id ORDER BY id LIMIT 1), ''),"
      " (SELECT count(*) FROM run_log t WHERE t.agent = r.agent AND t.started_ms = r.started_ms"
      "  AND t.workspace = r.workspace AND t.source = r.source AND t.session = r.session"
      "  AND t.id < r.id)"
      " FROM run_log r WHERE r.id = ?",
      &id, 1, d->error);
  if (status == PURSER_OK)
    status = db_step(d->ledger->db, &q, d->error);
  if (status == DB_ROW) {
    started_ms = sqlite3_column_int64(q.stmt, 0);
    for (int i = 1; i <= 5; i++)
      buf_addf(&d->facts, "%s\n", db_column_text(q.stmt, i));
    *twin = sqlite3_column_int64(q.stmt, 6);
    buf_addf(&d->facts, "%" PRId64, *twin);
    status = PURSER_OK;
    buf_addf(out, "%" PRId64 "-%012" PRIx64, started_ms, hash_text(buf_text(&d->facts)) >> 16);
  }
  db_done(&q);
  return status;
}

int ledger_find_twin(struct ledger *ledger, const struct run_spec *spec, int64_t twin, int64_t *out,
                     struct error *error) {
  const char *const texts[] = {spec->agent, spec->workspace, spec->source, spec->session};
  struct db_value values[6];
  *out = 0;
  for (size_t i = 0; i < 4; i++) {
    int64_t id = 0;
    const int status = names_find(&ledger->names, ledger->db, ledger_text(texts[i]), &id, error);
    if (status != PURSER_OK)
      return status;
    values[i] = db_int(id);
  }
  values[4] = db_int(spec->started_ms);
  values[5] = db_int(twin > 0 ? twin : 0);
  return db_get_int(ledger->db,
                    "SELECT id FROM run_log WHERE agent = ?1 AND started_ms = ?5"
                    " AND workspace = ?2 AND source = ?3 AND session = ?4"
                    " ORDER BY id LIMIT 1 OFFSET ?6",
                    values, 6, out, error);
}

/* ---- requests ---- */

static struct dump_request read_request(sqlite3_stmt *stmt) {
  struct dump_request r = {
      .row =
          {
              .id = sqlite3_column_int64(stmt, 0),
              .at_ms = sqlite3_column_int64(stmt, 1),
              .key = db_column_text(stmt, 2),
              .request_id = db_column_text(stmt, 3),
              .model = db_column_text(stmt, 4),
              .tier = db_column_text(stmt, 5),
              .speed = db_column_text(stmt, 6),
              .rate_card = db_column_text(stmt, 7),
              .session = db_column_text(stmt, 8),
              .flags = (uint32_t)sqlite3_column_int64(stmt, 9),
              .status = (enum cost_status)sqlite3_column_int(stmt, 10),
              .usage =
                  {
                      .input = sqlite3_column_int64(stmt, 11),
                      .cache_read = sqlite3_column_int64(stmt, 12),
                      .cache_write_5m = sqlite3_column_int64(stmt, 13),
                      .cache_write_1h = sqlite3_column_int64(stmt, 14),
                      .output = sqlite3_column_int64(stmt, 15),
                      .reasoning = sqlite3_column_int64(stmt, 16),
                      .web_searches = sqlite3_column_int64(stmt, 17),
                  },
              .cost_nanousd = sqlite3_column_int64(stmt, 18),
              .extra_nanousd = sqlite3_column_int64(stmt, 19),
              .cost_input_nanousd = sqlite3_column_int64(stmt, 20),
              .cost_cache_read_nanousd = sqlite3_column_int64(stmt, 21),
              .cost_cache_write_nanousd = sqlite3_column_int64(stmt, 22),
              .cache_saved_nanousd = sqlite3_column_int64(stmt, 23),
          },
      .region = db_column_text(stmt, 24),
      .reported_nanousd =
          sqlite3_column_type(stmt, 25) == SQLITE_NULL ? -1 : sqlite3_column_int64(stmt, 25),
      .period_ms = sqlite3_column_int64(stmt, 26),
  };
  r.row.cost_output_nanousd = r.row.cost_nanousd - r.row.cost_input_nanousd -
                              r.row.cost_cache_read_nanousd - r.row.cost_cache_write_nanousd -
                              r.row.extra_nanousd;
  return r;
}

static int dump_requests(struct dump *d, int64_t run_id) {
  struct query q = QUERY_INIT;
  const struct db_value values[] = {db_int(run_id), db_int(d->range->since_ms),
                                    db_int(d->range->until_ms)};
  int status = db_query(
      d->ledger->db, &q,
      "SELECT q.id, q.at_ms, q.key, q.request_id,"
      " coalesce((SELECT text FROM name WHERE id = q.model), ''),"
      " coalesce((SELECT text FROM name WHERE id = q.tier), ''),"
      " coalesce((SELECT text FROM name WHERE id = q.speed), ''),"
      " coalesce((SELECT text FROM name WHERE id = q.rate_card), ''),"
      " coalesce((SELECT text FROM name WHERE id = q.session), ''),"
      " q.flags, q.status, q.input, q.cache_read, q.cache_write_5m, q.cache_write_1h, q.output,"
      " q.reasoning, q.web_searches, q.cost, q.extra, q.cost_input, q.cost_cache_read,"
      " q.cost_cache_write, q.cache_saved,"
      " coalesce((SELECT text FROM name WHERE id = q.region), ''), q.reported, q.period_ms"
      " FROM request q WHERE q.run_id = ?1 AND q.at_ms >= ?2 AND q.at_ms < ?3 ORDER BY q.id",
      values, 3, d->error);
  while (status == PURSER_OK && (status = db_step(d->ledger->db, &q, d->error)) == DB_ROW) {
    const struct dump_request request = read_request(q.stmt);
    status = d->sink->request(d->sink->data, &request);
  }
  db_done(&q);
  return status;
}

/* ---- runs ---- */

static int dump_run(struct dump *d, int64_t run_id, bool imported) {
  struct run_row row = {0};
  struct dump_run run = {.row = &row, .imported = imported};
  int64_t parents_twin = 0;
  int status = ledger_run_get(d->ledger, run_id, &row, d->error);
  if (status == PURSER_OK)
    status = write_uid(d, run_id, &d->uid, &run.twin);
  buf_clear(&d->parent);
  if (status == PURSER_OK && row.parent_run != 0)
    status = write_uid(d, row.parent_run, &d->parent, &parents_twin);
  if (status == PURSER_OK && (d->uid.failed || d->parent.failed || d->facts.failed))
    status = error_set(d->error, PURSER_ENOMEM, "out of memory");
  if (status == PURSER_OK) {
    run.uid = buf_text(&d->uid);
    run.parent = buf_text(&d->parent);
    status = d->sink->run(d->sink->data, &run);
  }
  run_row_fini(&row);
  return status == PURSER_OK ? dump_requests(d, run_id) : status;
}

static int dump_runs(struct dump *d) {
  struct query q = QUERY_INIT;
  const struct db_value values[] = {db_int(d->range->since_ms), db_int(d->range->until_ms)};
  int status = db_query(
      d->ledger->db, &q,
      "SELECT r.id, r.imported FROM run_log r WHERE iif(r.requests = 0,"
      " r.started_ms >= ?1 AND r.started_ms < ?2, EXISTS (SELECT 1 FROM request q"
      " WHERE q.run_id = r.id AND q.at_ms >= ?1 AND q.at_ms < ?2)) ORDER BY r.started_ms, r.id",
      values, 2, d->error);
  while (status == PURSER_OK && (status = db_step(d->ledger->db, &q, d->error)) == DB_ROW)
    status = dump_run(d, sqlite3_column_int64(q.stmt, 0), sqlite3_column_int(q.stmt, 1) != 0);
  db_done(&q);
  return status;
}

int ledger_dump(struct ledger *ledger, const struct dump_range *range, const struct dump_sink *sink,
                struct error *error) {
  struct dump d = {.ledger = ledger, .range = range, .sink = sink, .error = error};
  bool mine = false;
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = dump_runs(&d);
  ledger_read_end(ledger, mine);
  buf_fini(&d.uid);
  buf_fini(&d.parent);
  buf_fini(&d.facts);
  return status;
}

/* report.c - the CostTracker: every cut of the same log has the same total (rule 2).
 *
 * In the ledger's own zone a report reads the rollups, and its cost is that of the rows it sums. In another zone days are other days, and
 * it is computed from the requests. */
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/mem.h"
#include "ledger/internal.h"
#include "ledger/rollup.h"

#define SUMS                                                                     \
  "sum(runs), sum(requests), sum(input), sum(cache_read), sum(cache_write_5m),"  \
  " sum(cache_write_1h), sum(output), sum(reasoning), sum(cost), sum(unpriced)," \
  " sum(estimated), sum(uncertain)"
#define FILTERS                                                        \
  " AND (?3 IS NULL OR agent = ?3) AND (?4 IS NULL OR workspace = ?4)" \
  " AND (?5 IS NULL OR source = ?5) AND (?6 IS NULL OR model = ?6)"
#define FROM_ROLLUPS " FROM rollup WHERE day >= ?1 AND day < ?2" FILTERS
#define FROM_REQUESTS                                                                               \
  " FROM (SELECT purser_day(q.at_ms) AS day, r.agent, r.workspace, q.model, r.source, 0 AS runs,"   \
  "  1 AS requests, q.input, q.cache_read, q.cache_write_5m, q.cache_write_1h, q.output,"           \
  "  q.reasoning, q.cost, q.status = 0 AS unpriced, iif(q.status = 3, q.cost, 0) AS estimated,"     \
  "  iif(q.flags & 32, q.cost, 0) AS uncertain"                                                     \
  "  FROM request q JOIN run_log r ON r.id = q.run_id WHERE q.at_ms >= ?1 AND q.at_ms < ?2"         \
  " UNION ALL SELECT purser_day(anchor_ms), agent, workspace, anchor_model, source, 1, 0, 0, 0, 0," \
  "  0, 0, 0, 0, 0, 0, 0 FROM run_log WHERE anchor_ms <> 0 AND anchor_ms >= ?1 AND anchor_ms < ?2)" \
  " WHERE 1" FILTERS
#define BY_NAME(column, from)                                                         \
  "SELECT coalesce((SELECT text FROM name WHERE id = " column "), ''), 0, " SUMS from \
  " GROUP BY " column " ORDER BY sum(cost) DESC, 1"
#define BY_DAY(from)     "SELECT '', day, " SUMS from " GROUP BY day ORDER BY day"
#define BY_NOTHING(from) "SELECT '', 0, " SUMS from " HAVING count(*) > 0"

/* [by][from the requests]; months are days put together below. */
static const char *const queries[][2] = {
    [REPORT_BY_NOTHING] = {BY_NOTHING(FROM_ROLLUPS), BY_NOTHING(FROM_REQUESTS)},
    [REPORT_BY_DAY] = {BY_DAY(FROM_ROLLUPS), BY_DAY(FROM_REQUESTS)},
    [REPORT_BY_MONTH] = {BY_DAY(FROM_ROLLUPS), BY_DAY(FROM_REQUESTS)},
    [REPORT_BY_AGENT] = {BY_NAME("agent", FROM_ROLLUPS), BY_NAME("agent", FROM_REQUESTS)},
    [REPORT_BY_WORKSPACE] = {BY_NAME("workspace", FROM_ROLLUPS),
                             BY_NAME("workspace", FROM_REQUESTS)},
    [REPORT_BY_MODEL] = {BY_NAME("model", FROM_ROLLUPS), BY_NAME("model", FROM_REQUESTS)},
    [REPORT_BY_SOURCE] = {BY_NAME("source", FROM_ROLLUPS), BY_NAME("source", FROM_REQUESTS)},
};

static struct sums read_sums(sqlite3_stmt *stmt) {
  return (struct sums){
      .runs = sqlite3_column_int64(stmt, 2),
      .requests = sqlite3_column_int64(stmt, 3),
      .input = sqlite3_column_int64(stmt, 4),
      .cache_read = sqlite3_column_int64(stmt, 5),
      .cache_write_5m = sqlite3_column_int64(stmt, 6),
      .cache_write_1h = sqlite3_column_int64(stmt, 7),
      .output = sqlite3_column_int64(stmt, 8),
      .reasoning = sqlite3_column_int64(stmt, 9),
      .cost_nanousd = sqlite3_column_int64(stmt, 10),
      .unpriced_requests = sqlite3_column_int64(stmt, 11),
      .estimated_nanousd = sqlite3_column_int64(stmt, 12),
      .uncertain_nanousd = sqlite3_column_int64(stmt, 13),
  };
}

/* ---- rows on their way out ---- */

struct sink {
  enum report_by by;
  int (*each)(void *data, const char *key, const struct sums *sums);
  void *data;
  struct sums total;
  struct sums month; /* being put together */
  struct civil month_of;
  bool month_open;
  struct buf key;
};

static int emit(struct sink *sink, const char *key, const struct sums *sums) {
  sums_add(&sink->total, sums);
  return sink->each != NULL && sink->by != REPORT_BY_NOTHING ? sink->each(sink->data, key, sums)
                                                             : PURSER_OK;
}

static int end_month(struct sink *sink) {
  if (!sink->month_open)
    return PURSER_OK;
  sink->month_open = false;
  buf_clear(&sink->key);
  buf_addf(&sink->key, "%04d-%02d", (int)sink->month_of.year, (int)sink->month_of.month);
  if (sink->key.failed)
    return PURSER_ENOMEM;
  return emit(sink, sink->key.data, &sink->month);
}

static int take_day(struct sink *sink, int64_t day, const struct sums *sums) {
  if (sink->by == REPORT_BY_DAY) {
    buf_clear(&sink->key);
    calendar_write_date(&sink->key, day);
    return sink->key.failed ? PURSER_ENOMEM : emit(sink, sink->key.data, sums);
  }
  const struct civil date = calendar_civil(day);
  int status = PURSER_OK;
  if (sink->month_open && (date.year != sink->month_of.year || date.month != sink->month_of.month))
    status = end_month(sink);
  if (!sink->month_open)
    sink->month = (struct sums){0};
  sink->month_open = true;
  sink->month_of = date;
  sums_add(&sink->month, sums);
  return status;
}

static int run_query(struct ledger *ledger, const char *sql, const struct db_value *values,
                     struct sink *sink, struct error *error) {
  struct query q = QUERY_INIT;
  int status = db_query(ledger->db, &q, sql, values, 6, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    const struct sums sums = read_sums(q.stmt);
    const bool by_day = sink->by == REPORT_BY_DAY || sink->by == REPORT_BY_MONTH;
    status = by_day ? take_day(sink, sqlite3_column_int64(q.stmt, 1), &sums)
                    : emit(sink, db_column_text(q.stmt, 0), &sums);
  }
  if (status == PURSER_OK)
    status = end_month(sink);
  if (status == PURSER_ENOMEM)
    (void)error_set(error, status, "out of memory");
  db_done(&q);
  return status;
}

/* ---- the question ---- */

/* A name to filter by: NULL any; what was never stored matches nothing. */
static int filter_value(struct ledger *ledger, const char *text, struct db_value *out,
                        struct error *error) {
  int64_t id = 0;
  *out = db_null();
  if (text == NULL)
    return PURSER_OK;
  const int status = names_find(&ledger->names, ledger->db, text, &id, error);
  if (status != PURSER_OK && status != PURSER_ENOTFOUND)
    return status;
  *out = db_int(status == PURSER_OK ? id : -1);
  return PURSER_OK;
}

static int64_t day_or_ms(const struct zone *zone, int64_t day) {
  if (zone == NULL || day == INT64_MIN || day == INT64_MAX)
    return day;
  return zone_day_start_ms(zone, day);
}

static int ask(struct ledger *ledger, const struct report_query *query, struct sink *sink,
               struct error *error) {
  const bool other =
      query->zone != NULL && strcmp(zone_name(query->zone), zone_name(ledger->zone)) != 0;
  const struct zone *zone = other ? query->zone : NULL;
  struct db_value values[6] = {db_int(day_or_ms(zone, query->since_day)),
                               db_int(day_or_ms(zone, query->until_day))};
  int status = filter_value(ledger, query->agent, &values[2], error);
  if (status == PURSER_OK)
    status = filter_value(ledger, query->workspace, &values[3], error);
  if (status == PURSER_OK)
    status = filter_value(ledger, query->source, &values[4], error);
  if (status == PURSER_OK)
    status = filter_value(ledger, query->model, &values[5], error);
  if (status != PURSER_OK)
    return status;
  ledger->day_zone = query->zone;
  return run_query(ledger, queries[query->by][other], values, sink, error);
}

int ledger_report(struct ledger *ledger, const struct report_query *query,
                  int (*each)(void *data, const char *key, const struct sums *sums), void *data,
                  struct sums *total, struct error *error) {
  struct sink sink = {.by = query->by, .each = each, .data = data, .key = BUF_INIT};
  bool mine = false;
  if ((size_t)query->by >= sizeof queries / sizeof queries[0])
    return error_set(error, PURSER_EINVAL, "there is no such report");
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = ask(ledger, query, &sink, error);
  ledger_read_end(ledger, mine);
  buf_fini(&sink.key);
  if (status == PURSER_OK && total != NULL)
    *total = sink.total;
  return status;
}

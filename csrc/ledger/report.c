/* report.c - the CostTracker: every cut of the same log has the same total (rule 2).
 *
 * In the ledger's own zone a report reads the rollups: the coarsest grain that tells apart what is asked for, by month as far as whole
 * months lie in the range, by day at their edges, and the finest for the days that are not settled yet. In another zone days are
 * other days, and it is computed from the requests. */
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/mem.h"
#include "ledger/internal.h"
#include "ledger/request_row.h"

/* ?1 grain, ?2 first span, ?3 end, ?4 agent, ?5 workspace, ?6 source, ?7 model, ?8 effort, ?9 branch, ?10 billing, ?11 the agent that
   the rows of the grain have: 0 where they tell none apart. */
enum {
  FILTERS_AT = 3,
  AGENT_AT = 10,
  VALUES = 11
};
#define FILTERS                                                        \
  " AND (?4 IS NULL OR agent = ?4) AND (?5 IS NULL OR workspace = ?5)" \
  " AND (?6 IS NULL OR source = ?6) AND (?7 IS NULL OR model = ?7)"    \
  " AND (?8 IS NULL OR effort = ?8) AND (?9 IS NULL OR branch = ?9)"   \
  " AND (?10 IS NULL OR billing = ?10)"
#define FROM_ROLLUPS " FROM rollup WHERE grain = ?1 AND span >= ?2 AND span < ?3" FILTERS
/* One look-up for each day or month instead of a walk through everybody's rows. */
#define FROM_SPANS                                                                            \
  " FROM (WITH RECURSIVE d(x) AS (VALUES(?2) UNION ALL SELECT x + 1 FROM d WHERE x + 1 < ?3)" \
  " SELECT x FROM d) CROSS JOIN rollup WHERE grain = ?1 AND span = x AND agent = ?11"
#define FROM_AGENT     FROM_SPANS FILTERS
#define FROM_WORKSPACE FROM_SPANS " AND workspace = ?5" FILTERS
#define FROM_REQUESTS                                                                                    \
  " FROM (SELECT purser_day(q.at_ms) AS span, r.agent, r.workspace, q.model, r.source, r.effort,"        \
  "  r.branch, r.billing, 0 AS runs" SUMS_OF_REQUEST                                                     \
  "  FROM request q JOIN run_log r ON r.id = q.run_id WHERE " STORED_BETWEEN(                            \
      "?2",                                                                                              \
      "?3") " UNION ALL SELECT purser_day(anchor_ms), agent, workspace, anchor_model, source, effort,"   \
            "  branch, billing, 1" SUMS_FIGURES(                                                         \
                SUMS_ZERO) "  FROM run_log WHERE anchor_ms <> 0 AND anchor_ms >= ?2 AND anchor_ms < ?3)" \
                           " WHERE ?1 = ?1" FILTERS

#define CUT(column, from) \
  "SELECT " column ", sum(runs)" SUMS_FIGURES(SUMS_TOTAL) from " GROUP BY " column
#define CUTS(column)                                                                 \
  {                                                                                  \
    CUT(column, FROM_ROLLUPS), CUT(column, FROM_AGENT), CUT(column, FROM_WORKSPACE), \
        CUT(column, FROM_REQUESTS)                                                   \
  }

enum table {
  TABLE_ROLLUPS,
  TABLE_ROLLUPS_OF_AGENT,
  TABLE_ROLLUPS_OF_WORKSPACE, /* within an agent, or where agents are not told apart */
  TABLE_REQUESTS,
  TABLES
};

/* What is cut by, as a column, and which name a grain must tell apart for it. */
static const struct cut {
  const char *sql[TABLES];
  unsigned names;
} cuts[] = {
    [REPORT_BY_NOTHING] = {CUTS("span * 0"), 0},
    [REPORT_BY_DAY] = {CUTS("span"), 0},
    [REPORT_BY_MONTH] = {CUTS("span"), 0},
    [REPORT_BY_AGENT] = {CUTS("agent"), ROLLUP_AGENT},
    [REPORT_BY_WORKSPACE] = {CUTS("workspace"), ROLLUP_WORKSPACE},
    [REPORT_BY_MODEL] = {CUTS("model"), ROLLUP_MODEL},
    [REPORT_BY_SOURCE] = {CUTS("source"), ROLLUP_SOURCE},
    [REPORT_BY_EFFORT] = {CUTS("effort"), ROLLUP_EFFORT},
    [REPORT_BY_BRANCH] = {CUTS("branch"), ROLLUP_BRANCH},
    [REPORT_BY_BILLING] = {CUTS("billing"), 0},
};

/* ---- rows as they are found ---- */

struct row {
  int64_t key; /* a name's id, a day, a month, a kind of billing */
  char *text;
  struct sums sums;
};

struct rows {
  struct row *items;
  size_t count, cap;
};

static void rows_fini(struct rows *rows) {
  for (size_t i = 0; i < rows->count; i++)
    mem_free(rows->items[i].text);
  mem_free(rows->items);
}

static int add_row(struct rows *rows, int64_t key, sqlite3_stmt *stmt) {
  void *items = rows->items;
  const int status = mem_grow(&items, &rows->cap, rows->count + 1, sizeof *rows->items);
  rows->items = items;
  if (status != PURSER_OK)
    return status;
  struct row *row = &rows->items[rows->count++];
  *row = (struct row){.key = key, .sums = {.runs = sqlite3_column_int64(stmt, 1)}};
  sums_read(stmt, 2, &row->sums);
  return PURSER_OK;
}

static int by_key(const void *a, const void *b) {
  const struct row *x = a;
  const struct row *y = b;
  return (x->key > y->key) - (x->key < y->key);
}

/* Dearest first; what costs the same by name. */
static int by_cost(const void *a, const void *b) {
  const struct row *x = a;
  const struct row *y = b;
  if (x->sums.cost_nanousd != y->sums.cost_nanousd)
    return x->sums.cost_nanousd > y->sums.cost_nanousd ? -1 : 1;
  return strcmp(x->text, y->text);
}

/* What was found in several places becomes one row. */
static void join(struct rows *rows) {
  size_t count = 0;
  if (rows->count == 0)
    return;
  qsort(rows->items, rows->count, sizeof *rows->items, by_key);
  for (size_t i = 1; i < rows->count; i++) {
    if (rows->items[i].key == rows->items[count].key)
      sums_add(&rows->items[count].sums, &rows->items[i].sums);
    else
      rows->items[++count] = rows->items[i];
  }
  rows->count = count + 1;
}

static int write_text(struct ledger *ledger, enum report_by by, struct row *row,
                      struct error *error) {
  struct buf date = BUF_INIT;
  const struct db_value id = db_int(row->key);
  int status = PURSER_OK;
  switch (by) {
  case REPORT_BY_NOTHING: row->text = mem_strdup(""); break;
  case REPORT_BY_DAY:
    calendar_write_date(&date, row->key);
    row->text = mem_strdup(buf_text(&date));
    break;
  case REPORT_BY_MONTH: {
    const struct civil first = calendar_civil(rollup_month_start(row->key));
    buf_addf(&date, "%04d-%02d", (int)first.year, (int)first.month);
    row->text = mem_strdup(buf_text(&date));
    break;
  }
  case REPORT_BY_BILLING: row->text = mem_strdup(billing_name((enum billing)row->key)); break;
  case REPORT_BY_AGENT:
  case REPORT_BY_WORKSPACE:
  case REPORT_BY_MODEL:
  case REPORT_BY_SOURCE:
  case REPORT_BY_EFFORT:
  case REPORT_BY_BRANCH:
    status = row->key != 0 ? db_get_text(ledger->db, "SELECT text FROM name WHERE id = ?", &id, 1,
                                         &row->text, error)
                           : PURSER_ENOTFOUND;
    if (status == PURSER_ENOTFOUND) {
      row->text = mem_strdup("");
      status = PURSER_OK;
    }
    break;
  }
  if (status == PURSER_OK && (date.failed || row->text == NULL))
    status = error_set(error, PURSER_ENOMEM, "out of memory");
  buf_fini(&date);
  return status;
}

/* ---- the question ---- */

struct question {
  const struct report_query *query;
  struct db_value filters[AGENT_AT - FILTERS_AT];
  unsigned names; /* that the rows must tell apart */
  int64_t settled;
  struct rows *rows;
};

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

static int read_filters(struct ledger *ledger, struct question *q, struct error *error) {
  const struct report_query *query = q->query;
  const struct {
    const char *text;
    unsigned name;
  } filters[] = {
      {query->agent, ROLLUP_AGENT},   {query->workspace, ROLLUP_WORKSPACE},
      {query->source, ROLLUP_SOURCE}, {query->model, ROLLUP_MODEL},
      {query->effort, ROLLUP_EFFORT}, {query->branch, ROLLUP_BRANCH},
  };
  const size_t count = sizeof filters / sizeof filters[0];
  int status = PURSER_OK;
  q->names = cuts[query->by].names;
  for (size_t i = 0; i < count && status == PURSER_OK; i++) {
    status = filter_value(ledger, filters[i].text, &q->filters[i], error);
    if (filters[i].text != NULL)
      q->names |= filters[i].name;
  }
  q->filters[count] = query->billing != NULL ? db_int(billing_parse(query->billing)) : db_null();
  return status;
}

/* One statement: rows of `table` with first <= span < end. */
static int look(struct ledger *ledger, struct question *q, enum table table, int64_t grain,
                int64_t first, int64_t end, struct error *error) {
  struct query found = QUERY_INIT;
  struct db_value values[VALUES] = {db_int(grain), db_int(first), db_int(end)};
  memcpy(&values[FILTERS_AT], q->filters, sizeof q->filters);
  values[AGENT_AT] =
      (rollup_grains[grain].names & ROLLUP_AGENT) != 0 ? values[FILTERS_AT] : db_int(0);
  if (first >= end)
    return PURSER_OK;
  const bool by_span = table == TABLE_ROLLUPS_OF_AGENT || table == TABLE_ROLLUPS_OF_WORKSPACE;
  const size_t count = by_span ? VALUES : AGENT_AT;
  const bool months = q->query->by == REPORT_BY_MONTH &&
                      (table == TABLE_REQUESTS || !rollup_grains[grain].by_month);
  int status = db_query(ledger->db, &found, cuts[q->query->by].sql[table], values, count, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &found, error)) == DB_ROW) {
    const int64_t key = sqlite3_column_int64(found.stmt, 0);
    status = add_row(q->rows, months ? rollup_month(key) : key, found.stmt);
    if (status != PURSER_OK)
      (void)error_set(error, status, "out of memory");
  }
  db_done(&found);
  return status;
}

/* ---- from the rollups ---- */

static int count_names(unsigned names) {
  int count = 0;
  for (; names != 0; names &= names - 1)
    count++;
  return count;
}

/* The grain that tells enough apart and as little else as can be; the finest by day does always, by month there may be none: 0. */
static int64_t find_grain(const struct rollups *rollups, unsigned names, bool by_month) {
  int64_t best = 0;
  for (int64_t g = 1; g < ROLLUP_GRAINS; g++) {
    if (rollup_grains[g].by_month == by_month && rollup_is_kept(rollups, g) &&
        (rollup_grains[g].names & names) == names &&
        (best == 0 || count_names(rollup_grains[g].names) < count_names(rollup_grains[best].names)))
      best = g;
  }
  return best;
}

/* Rows of a grain: looked up day by day or month by month where the order of the table allows it, between the first span and the last
 * that there are. */
static int look_at(struct ledger *ledger, struct question *q, int64_t grain, int64_t first,
                   int64_t end, struct error *error) {
  const bool of_agent = q->filters[0].kind != DB_NULL;
  const bool of_workspace = q->filters[1].kind != DB_NULL;
  const bool agents = (rollup_grains[grain].names & ROLLUP_AGENT) != 0;
  enum table table = TABLE_ROLLUPS;
  if (of_workspace && (of_agent || !agents))
    table = TABLE_ROLLUPS_OF_WORKSPACE;
  else if (of_agent)
    table = TABLE_ROLLUPS_OF_AGENT;
  if (table == TABLE_ROLLUPS || first >= end)
    return look(ledger, q, table, grain, first, end, error);
  int64_t last = 0;
  const struct db_value values[] = {db_int(grain), db_int(first), db_int(end)};
  int status = db_get_int(ledger->db,
                          "SELECT span FROM rollup WHERE grain = ?1 AND span >= ?2 AND span < ?3"
                          " ORDER BY span LIMIT 1",
                          values, 3, &first, error);
  if (status == PURSER_OK)
    status = db_get_int(ledger->db,
                        "SELECT span FROM rollup WHERE grain = ?1 AND span >= ?2 AND span < ?3"
                        " ORDER BY span DESC LIMIT 1",
                        values, 3, &last, error);
  if (status == PURSER_ENOTFOUND)
    return PURSER_OK;
  return status == PURSER_OK ? look(ledger, q, table, grain, first, last + 1, error) : status;
}

/* Settled days: whole months from a grain by month, what is left at the ends by day. */
static int look_at_settled(struct ledger *ledger, struct question *q, int64_t first, int64_t end,
                           struct error *error) {
  const bool by_day = q->query->by == REPORT_BY_DAY;
  const int64_t days = find_grain(&ledger->rollups, q->names, false);
  const int64_t months = by_day || q->names == 0 ? 0 : find_grain(&ledger->rollups, q->names, true);
  int64_t month = INT64_MIN;
  int64_t end_month = 0;
  if (first >= end)
    return PURSER_OK;
  if (months != 0) {
    if (first != INT64_MIN) {
      month = rollup_month(first);
      if (rollup_month_start(month) < first)
        month++;
    }
    end_month = rollup_month(end);
    /* Of the running month all there is of it lies before the first day that is not settled. */
    if (end == q->settled)
      end_month = rollup_month(end - 1) + 1;
  }
  if (months == 0 || month >= end_month)
    return look_at(ledger, q, days, first, end, error);
  int status = look_at(ledger, q, months, month, end_month, error);
  if (status == PURSER_OK && first != INT64_MIN)
    status = look_at(ledger, q, days, first, rollup_month_start(month), error);
  if (status == PURSER_OK)
    status = look_at(ledger, q, days, rollup_month_start(end_month), end, error);
  return status;
}

static int look_at_rollups(struct ledger *ledger, struct question *q, struct error *error) {
  const int64_t first = q->query->since_day;
  const int64_t end = q->query->until_day;
  int status = rollup_flush(ledger, error);
  if (status == PURSER_OK)
    status = rollup_settled(ledger, &q->settled, error);
  if (status == PURSER_OK)
    status = look_at_settled(ledger, q, first, end < q->settled ? end : q->settled, error);
  if (status == PURSER_OK)
    status = look_at(ledger, q, 0, first > q->settled ? first : q->settled, end, error);
  return status;
}

/* ---- in another zone ---- */

static int64_t day_start(const struct zone *zone, int64_t day) {
  return day == INT64_MIN || day == INT64_MAX ? day : zone_day_start_ms(zone, day);
}

static int look_at_requests(struct ledger *ledger, struct question *q, struct error *error) {
  const struct zone *zone = q->query->zone;
  ledger->day_zone = zone;
  return look(ledger, q, TABLE_REQUESTS, 0, day_start(zone, q->query->since_day),
              day_start(zone, q->query->until_day), error);
}

/* ---- the answer ---- */

static int find_rows(struct ledger *ledger, struct question *q, struct error *error) {
  const struct zone *zone = q->query->zone;
  const bool other = zone != NULL && strcmp(zone_name(zone), zone_name(ledger->zone)) != 0;
  int status = read_filters(ledger, q, error);
  if (status == PURSER_OK)
    status = other ? look_at_requests(ledger, q, error) : look_at_rollups(ledger, q, error);
  if (status != PURSER_OK)
    return status;
  join(q->rows);
  for (size_t i = 0; i < q->rows->count && status == PURSER_OK; i++)
    status = write_text(ledger, q->query->by, &q->rows->items[i], error);
  return status;
}

int ledger_report(struct ledger *ledger, const struct report_query *query,
                  int (*each)(void *data, const char *key, const struct sums *sums), void *data,
                  struct sums *total, struct error *error) {
  struct rows rows = {NULL, 0, 0};
  struct question question = {.query = query, .rows = &rows};
  struct sums all = {0};
  bool mine = false;
  if ((size_t)query->by >= sizeof cuts / sizeof cuts[0])
    return error_set(error, PURSER_EINVAL, "there is no such report");
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = find_rows(ledger, &question, error);
  const bool in_time = query->by == REPORT_BY_DAY || query->by == REPORT_BY_MONTH;
  if (status == PURSER_OK && !in_time && rows.count > 1)
    qsort(rows.items, rows.count, sizeof *rows.items, by_cost);
  for (size_t i = 0; i < rows.count && status == PURSER_OK; i++) {
    sums_add(&all, &rows.items[i].sums);
    if (each != NULL && query->by != REPORT_BY_NOTHING)
      status = each(data, rows.items[i].text, &rows.items[i].sums);
  }
  ledger_read_end(ledger, mine);
  rows_fini(&rows);
  if (status == PURSER_OK && total != NULL)
    *total = all;
  return status;
}

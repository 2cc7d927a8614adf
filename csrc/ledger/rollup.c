/* rollup.c - see rollup.h. */
#include "ledger/rollup.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/mem.h"
#include "ledger/internal.h"

/* Trends and cuts of any days are by day; what a window about one agent or workspace shows of a month or a year is by month. */
const struct rollup_grain rollup_grains[ROLLUP_GRAINS] = {
    {ROLLUP_ALL_NAMES, false},
    {0, false},
    {ROLLUP_AGENT, false},
    {ROLLUP_WORKSPACE, false},
    {ROLLUP_MODEL, false},
    {ROLLUP_AGENT | ROLLUP_MODEL | ROLLUP_SOURCE | ROLLUP_EFFORT, true},
    {ROLLUP_WORKSPACE | ROLLUP_MODEL, true},
    {ROLLUP_AGENT | ROLLUP_WORKSPACE, true},
    {ROLLUP_WORKSPACE | ROLLUP_BRANCH, true},
    {ROLLUP_AGENT, true},
    {ROLLUP_WORKSPACE, true},
    {ROLLUP_MODEL, true},
};

enum {
  FIRST_SLOTS = 64,     /* a power of two */
  WRITE_AT_ROWS = 4096, /* then they are written, whatever comes after */
  MANY_AT_ONCE = 256
};

int64_t rollup_month(int64_t day) {
  const struct civil date = calendar_civil(day);
  return (int64_t)date.year * 12 + date.month - 1;
}

int64_t rollup_month_start(int64_t month) {
  const int64_t year = month >= 0 ? month / 12 : (month - 11) / 12;
  return calendar_days((struct civil){(int32_t)year, (int32_t)(month - year * 12) + 1, 1});
}

/* ---- rows in memory ---- */

static uint64_t hash_row(const struct rollup_row *row) {
  const int64_t parts[] = {row->grain,  row->span,   row->agent,  row->workspace, row->model,
                           row->source, row->effort, row->branch, row->billing};
  uint64_t hash = 0;
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    hash = (hash ^ (uint64_t)parts[i]) * UINT64_C(0x9e3779b97f4a7c15);
  return hash ^ hash >> 32;
}

/* In the order of the table, so that a flush goes through it once. */
static int compare_rows(const void *a, const void *b) {
  const struct rollup_row *x = a;
  const struct rollup_row *y = b;
  const int64_t left[] = {x->grain,  x->span,   x->agent,  x->workspace, x->model,
                          x->effort, x->source, x->branch, x->billing};
  const int64_t right[] = {y->grain,  y->span,   y->agent,  y->workspace, y->model,
                           y->effort, y->source, y->branch, y->billing};
  for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
    if (left[i] != right[i])
      return left[i] < right[i] ? -1 : 1;
  }
  return 0;
}

static size_t slot_of(const struct rollups *r, const struct rollup_row *like) {
  size_t at = (size_t)hash_row(like) & (r->cap - 1);
  while (r->used[at] && compare_rows(&r->rows[at], like) != 0)
    at = (at + 1) & (r->cap - 1);
  return at;
}

static int grow(struct rollups *r) {
  struct rollups more = {.cap = r->cap != 0 ? r->cap * 2 : FIRST_SLOTS, .count = r->count};
  more.rows = mem_alloc(more.cap * sizeof *more.rows);
  more.used = mem_zalloc(more.cap);
  if (more.rows == NULL || more.used == NULL) {
    mem_free(more.rows);
    mem_free(more.used);
    return PURSER_ENOMEM;
  }
  for (size_t i = 0; i < r->cap; i++) {
    if (!r->used[i])
      continue;
    const size_t at = slot_of(&more, &r->rows[i]);
    more.rows[at] = r->rows[i];
    more.used[at] = 1;
  }
  mem_free(r->rows);
  mem_free(r->used);
  r->rows = more.rows;
  r->used = more.used;
  r->cap = more.cap;
  return PURSER_OK;
}

static int gather(struct rollups *r, const struct rollup_row *row, struct error *error) {
  if (r->count * 2 >= r->cap && grow(r) != PURSER_OK)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  const size_t at = slot_of(r, row);
  if (r->used[at]) {
    sums_add(&r->rows[at].sums, &row->sums);
  } else {
    r->rows[at] = *row;
    r->used[at] = 1;
    r->count++;
  }
  return PURSER_OK;
}

static void empty(struct rollups *r) {
  if (r->count > 0)
    memset(r->used, 0, r->cap);
  r->count = 0;
}

void rollup_changed(struct rollups *rollups) {
  rollups->settled_loaded = false;
}

void rollup_forget(struct rollups *rollups) {
  empty(rollups);
  rollups->settled_loaded = false;
}

void rollup_fini(struct rollups *rollups) {
  mem_free(rollups->rows);
  mem_free(rollups->used);
  *rollups = (struct rollups){.cap = 0};
}

static bool needs_size(int64_t grain) {
  return grain != 0 && !rollup_grains[grain].by_month && rollup_grains[grain].names != 0;
}

bool rollup_is_kept(const struct rollups *rollups, int64_t grain) {
  return rollups->by_day || !needs_size(grain);
}

/* ---- rows in the table ---- */

#define KEYS   "grain, span, agent, workspace, model, effort, source, branch, billing"
#define TABLE  "rollup (" KEYS ", runs" SUMS_FIGURES(SUMS_COLUMN) ")"
#define PARAMS ":grain, :span, :agent, :workspace, :model, :effort, :source, :branch, :billing"

static void key_values(const struct rollup_row *row, struct db_value values[9]) {
  const struct db_value keys[9] = {
      db_int(row->grain),     db_int(row->span),   db_int(row->agent),
      db_int(row->workspace), db_int(row->model),  db_int(row->effort),
      db_int(row->source),    db_int(row->branch), db_int(row->billing),
  };
  memcpy(values, keys, sizeof keys);
}

static int write_row(struct ledger *ledger, const struct rollup_row *row, struct error *error) {
  struct db_value values[10 + SUMS_FIELDS];
  key_values(row, values);
  values[9] = db_int(row->sums.runs);
  sums_values(&row->sums, &values[10]);
  int status =
      db_run(ledger->db,
             "INSERT INTO " TABLE " VALUES (" PARAMS ", :runs" SUMS_FIGURES(
                 SUMS_PARAM) ")"
                             " ON CONFLICT DO UPDATE SET runs = runs + excluded.runs" SUMS_FIGURES(
                                 SUMS_ADD_OTHER),
             values, 10 + SUMS_FIELDS, error);
  if (status == PURSER_OK && (row->sums.runs < 0 || row->sums.requests < 0))
    status = db_run(ledger->db,
                    "DELETE FROM rollup WHERE (" KEYS ") = (" PARAMS ")"
                    " AND runs = 0 AND requests = 0",
                    values, 9, error);
  return status;
}

/* Whether anything would be changed: a run that moves within a cell leaves it as it is. */
static bool is_nothing(const struct sums *sums) {
  static const struct sums none;
  return memcmp(sums, &none, sizeof none) == 0;
}

/* Moves the gathered rows out of the table of slots, in order. */
static size_t in_order(struct rollups *r) {
  size_t count = 0;
  for (size_t i = 0; i < r->cap; i++) {
    if (r->used[i] && !is_nothing(&r->rows[i].sums)) {
      if (count != i)
        r->rows[count] = r->rows[i];
      count++;
    }
  }
  empty(r);
  if (count > 1)
    qsort(r->rows, count, sizeof *r->rows, compare_rows);
  return count;
}

static int write_all(struct ledger *ledger, struct rollups *r, struct error *error) {
  const size_t count = in_order(r);
  int status = PURSER_OK;
  for (size_t i = 0; i < count && status == PURSER_OK; i++)
    status = write_row(ledger, &r->rows[i], error);
  return status;
}

/* ---- settled days ---- */

static int64_t today(const struct ledger *ledger, const struct zone *zone) {
  return zone_day(zone, ledger_now(ledger));
}

static int store(struct ledger *ledger, const char *key, int64_t number, struct error *error) {
  char text[24];
  (void)snprintf(text, sizeof text, "%" PRId64, number);
  const struct db_value values[] = {db_text(key), db_text(text)};
  return db_run(ledger->db,
                "INSERT INTO meta (key, value) VALUES (?, ?)"
                " ON CONFLICT DO UPDATE SET value = excluded.value",
                values, 2, error);
}

static int store_settled(struct ledger *ledger, int64_t day, struct error *error) {
  const int status = store(ledger, "settled_day", day, error);
  if (status == PURSER_OK)
    ledger->rollups.settled = day;
  return status;
}

static int load(struct ledger *ledger, const char *key, int64_t otherwise, int64_t *out,
                struct error *error) {
  const struct db_value value = db_text(key);
  const int status = db_get_int(ledger->db, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?",
                                &value, 1, out, error);
  if (status != PURSER_ENOTFOUND)
    return status;
  *out = otherwise;
  return PURSER_OK;
}

/* Where nothing was ever settled, nothing is recorded. */
int rollup_settled(struct ledger *ledger, int64_t *day, struct error *error) {
  struct rollups *r = &ledger->rollups;
  int64_t by_day = 0;
  int status = PURSER_OK;
  if (!r->settled_loaded) {
    status = load(ledger, "settled_day", INT64_MIN, &r->settled, error);
    if (status == PURSER_OK)
      status = load(ledger, "rollups_by_day", 0, &by_day, error);
    r->by_day = by_day != 0;
    r->settled_loaded = status == PURSER_OK;
  }
  *day = r->settled;
  return status;
}

/* The coarser rows that a fine one is part of. */
static int gather_coarse(struct ledger *ledger, struct rollups *r, const struct rollup_row *fine,
                         struct error *error) {
  int status = PURSER_OK;
  for (int64_t g = 1; g < ROLLUP_GRAINS && status == PURSER_OK; g++) {
    if (!rollup_is_kept(&ledger->rollups, g))
      continue;
    const struct rollup_grain *grain = &rollup_grains[g];
    const struct rollup_row row = {
        .grain = g,
        .span = grain->by_month ? rollup_month(fine->span) : fine->span,
        .agent = (grain->names & ROLLUP_AGENT) != 0 ? fine->agent : 0,
        .workspace = (grain->names & ROLLUP_WORKSPACE) != 0 ? fine->workspace : 0,
        .model = (grain->names & ROLLUP_MODEL) != 0 ? fine->model : 0,
        .source = (grain->names & ROLLUP_SOURCE) != 0 ? fine->source : 0,
        .effort = (grain->names & ROLLUP_EFFORT) != 0 ? fine->effort : 0,
        .branch = (grain->names & ROLLUP_BRANCH) != 0 ? fine->branch : 0,
        .billing = fine->billing,
        .sums = fine->sums,
    };
    status = gather(r, &row, error);
  }
  return status;
}

/* Adds the fine rows of the days [first, end) to a coarser grain. */
static int settle_grain(struct ledger *ledger, int64_t g, int64_t first, int64_t end,
                        struct error *error) {
  const struct rollup_grain *grain = &rollup_grains[g];
  const struct db_value values[] = {
      db_int(g),
      db_int(grain->by_month),
      db_int((grain->names & ROLLUP_AGENT) != 0),
      db_int((grain->names & ROLLUP_WORKSPACE) != 0),
      db_int((grain->names & ROLLUP_MODEL) != 0),
      db_int((grain->names & ROLLUP_EFFORT) != 0),
      db_int((grain->names & ROLLUP_SOURCE) != 0),
      db_int((grain->names & ROLLUP_BRANCH) != 0),
      db_int(first),
      db_int(end),
  };
  return db_run(
      ledger->db,
      "INSERT INTO " TABLE
      " SELECT ?1, iif(?2, purser_month(span), span) AS s, iif(?3, agent, 0) AS a,"
      "  iif(?4, workspace, 0) AS w, iif(?5, model, 0) AS m, iif(?6, effort, 0) AS e,"
      "  iif(?7, source, 0) AS c, iif(?8, branch, 0) AS b, billing,"
      "  sum(runs)" SUMS_FIGURES(
          SUMS_TOTAL) " FROM rollup WHERE grain = 0 AND span >= ?9 AND span < ?10"
                      " GROUP BY s, a, w, m, e, c, b, billing"
                      " ON CONFLICT DO UPDATE SET runs = runs + excluded.runs" SUMS_FIGURES(
                          SUMS_ADD_OTHER),
      values, sizeof values / sizeof values[0], error);
}

static int settle(struct ledger *ledger, int64_t first, int64_t end, struct error *error) {
  int status = PURSER_OK;
  for (int64_t g = 1; g < ROLLUP_GRAINS && status == PURSER_OK; g++) {
    if (rollup_is_kept(&ledger->rollups, g))
      status = settle_grain(ledger, g, first, end, error);
  }
  return status == PURSER_OK ? store_settled(ledger, end, error) : status;
}

/* The ledger has grown: the grains by day are made for all that is settled, and kept from now on. */
static int grow_by_day(struct ledger *ledger, struct error *error) {
  struct rollups *r = &ledger->rollups;
  const struct db_value limit = db_int(r->many != 0 ? r->many : ROLLUP_MANY);
  int64_t rows = 0;
  if (r->by_day)
    return PURSER_OK;
  int status =
      db_get_int(ledger->db, "SELECT count(*) FROM (SELECT 1 FROM rollup WHERE grain = 0 LIMIT ?)",
                 &limit, 1, &rows, error);
  if (status != PURSER_OK || rows < limit.number)
    return status;
  for (int64_t g = 1; g < ROLLUP_GRAINS && status == PURSER_OK; g++) {
    if (needs_size(g))
      status = settle_grain(ledger, g, INT64_MIN, r->settled, error);
  }
  if (status == PURSER_OK)
    status = store(ledger, "rollups_by_day", 1, error);
  r->by_day = status == PURSER_OK;
  return status;
}

/* ---- adding ---- */

bool rollup_same(const struct ledger *ledger, const struct cell *a, const struct cell *b) {
  return a->agent == b->agent && a->workspace == b->workspace && a->model == b->model &&
         a->source == b->source && a->effort == b->effort && a->branch == b->branch &&
         a->billing == b->billing &&
         zone_day(ledger->zone, a->at_ms) == zone_day(ledger->zone, b->at_ms);
}

int rollup_add(struct ledger *ledger, const struct cell *cell, const struct sums *delta,
               struct error *error) {
  const struct rollup_row row = {
      .span = zone_day(ledger->zone, cell->at_ms),
      .agent = cell->agent,
      .workspace = cell->workspace,
      .model = cell->model,
      .source = cell->source,
      .effort = cell->effort,
      .branch = cell->branch,
      .billing = cell->billing,
      .sums = *delta,
  };
  const int status = gather(&ledger->rollups, &row, error);
  if (status != PURSER_OK || ledger->rollups.count < WRITE_AT_ROWS)
    return status;
  return rollup_flush(ledger, error);
}

/* The fine rows, and those of settled days once more, together, for the coarser grains. */
static int flush(struct ledger *ledger, int64_t settled, struct error *error) {
  struct rollups *r = &ledger->rollups;
  struct rollups coarse = {.cap = 0};
  const size_t count = in_order(r);
  int status = PURSER_OK;
  for (size_t i = 0; i < count && status == PURSER_OK; i++) {
    status = write_row(ledger, &r->rows[i], error);
    if (status == PURSER_OK && r->rows[i].span < settled)
      status = gather_coarse(ledger, &coarse, &r->rows[i], error);
  }
  const bool many = coarse.count >= MANY_AT_ONCE;
  if (status == PURSER_OK)
    status = write_all(ledger, &coarse, error);
  /* An import: so many rows at once may be what makes a ledger large. */
  if (status == PURSER_OK && many)
    status = grow_by_day(ledger, error);
  rollup_fini(&coarse);
  return status;
}

/* The first of all has nothing before it that would have to be taken in. */
static int find_settled(struct ledger *ledger, int64_t now, int64_t *day, struct error *error) {
  const int status = rollup_settled(ledger, day, error);
  if (status != PURSER_OK || *day != INT64_MIN)
    return status;
  *day = now;
  return store_settled(ledger, now, error);
}

int rollup_settle(struct ledger *ledger, struct error *error) {
  const int64_t now = today(ledger, ledger->zone);
  int64_t settled = 0;
  int status = find_settled(ledger, now, &settled, error);
  if (status != PURSER_OK || settled >= now)
    return status;
  status = settle(ledger, settled, now, error);
  return status == PURSER_OK ? grow_by_day(ledger, error) : status;
}

int rollup_flush(struct ledger *ledger, struct error *error) {
  if (ledger->rollups.count == 0)
    return PURSER_OK;
  int64_t settled = 0;
  int status = find_settled(ledger, today(ledger, ledger->zone), &settled, error);
  if (status == PURSER_OK)
    status = flush(ledger, settled, error);
  if (status == PURSER_OK)
    status = rollup_settle(ledger, error);
  /* What was gathered is gone: without it nothing of the transaction may stay. */
  return ledger_spoil(ledger, status, "add up the rollups", error);
}

/* ---- anew ---- */

int rollup_rebuild(struct ledger *ledger, const struct zone *zone, int64_t settled,
                   struct error *error) {
  if (settled == INT64_MIN)
    settled = today(ledger, zone);
  ledger->day_zone = zone;
  rollup_forget(&ledger->rollups);
  int status = db_run(ledger->db, "DELETE FROM rollup", NULL, 0, error);
  if (status == PURSER_OK)
    status = db_run(
        ledger->db,
        "INSERT INTO " TABLE " SELECT 0, " /* the names are in the order of KEYS */
        " day, agent, workspace, model, effort, source, branch, billing,"
        " sum(runs)" SUMS_FIGURES(
            SUMS_TOTAL) " FROM ("
                        " SELECT purser_day(q.at_ms) AS day, r.agent, r.workspace, q.model, r.effort, r.source,"
                        "  r.branch, r.billing, 0 AS runs" SUMS_OF_REQUEST
                        "  FROM request q JOIN run_log r ON r.id = q.run_id"
                        " UNION ALL"
                        " SELECT purser_day(anchor_ms), agent, workspace, anchor_model, effort, source, branch,"
                        "  billing, 1" SUMS_FIGURES(
                            SUMS_ZERO) " FROM run_log WHERE anchor_ms <> 0)"
                                       " GROUP BY day, agent, workspace, model, effort, source, branch, billing",
        NULL, 0, error);
  /* A ledger that was large is taken to be, still. */
  int64_t before = 0;
  if (status == PURSER_OK)
    status = rollup_settled(ledger, &before, error);
  if (status == PURSER_OK)
    status = settle(ledger, INT64_MIN, settled, error);
  return status == PURSER_OK ? grow_by_day(ledger, error) : status;
}

/* ---- functions ---- */

static void day_function(sqlite3_context *context, int argc, sqlite3_value **argv) {
  (void)argc;
  const struct ledger *ledger = sqlite3_user_data(context);
  sqlite3_result_int64(context, zone_day(ledger->day_zone, sqlite3_value_int64(argv[0])));
}

static void month_function(sqlite3_context *context, int argc, sqlite3_value **argv) {
  (void)argc;
  sqlite3_result_int64(context, rollup_month(sqlite3_value_int64(argv[0])));
}

int rollup_make_functions(struct ledger *ledger, struct error *error) {
  const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
  sqlite3 *db = db_handle(ledger->db);
  int rc = sqlite3_create_function_v2(db, "purser_day", 1, flags, ledger, day_function, NULL, NULL,
                                      NULL);
  if (rc == SQLITE_OK)
    rc = sqlite3_create_function_v2(db, "purser_month", 1, flags, NULL, month_function, NULL, NULL,
                                    NULL);
  return rc == SQLITE_OK ? PURSER_OK : db_fail(ledger->db, rc, error);
}

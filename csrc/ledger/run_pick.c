/* run_pick.c - see run_pick.h.
 *
 * There are several ways through the log: by time, by an agent's or a workspace's runs, by what is sorted by. SQLite can't know which is
 * the shortest; the rollups can, since they count runs. Runs that are under way are in none of the indexes by figures; they are few,
 * looked up apart, and put in their places. */
#include "ledger/run_pick.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/internal.h"

enum {
  MAX_VALUES = 32,
  FEW = 5000 /* rows that may be looked at one by one */
};

/* A question in the making. */
struct pick {
  struct ledger *ledger;
  const struct run_filter *filter;
  struct buf where; /* " AND ..." */
  struct db_value values[MAX_VALUES];
  size_t count;
  bool outside; /* something is asked that run_ended does not hold */
  bool never;   /* nothing can match */
  struct run_picks *out;
};

void run_picks_fini(struct run_picks *picks) {
  mem_free(picks->items);
  *picks = (struct run_picks){NULL, 0, 0};
}

/* ---- conditions ---- */

static void want(struct pick *p, const char *condition, struct db_value value) {
  buf_adds(&p->where, condition);
  p->values[p->count++] = value;
}

static int want_name(struct pick *p, const char *condition, const char *text, bool outside,
                     struct error *error) {
  int64_t id = 0;
  if (text == NULL)
    return PURSER_OK;
  const int status = names_find(&p->ledger->names, p->ledger->db, text, &id, error);
  if (status == PURSER_ENOTFOUND) {
    p->never = true;
    return PURSER_OK;
  }
  want(p, condition, db_int(id));
  p->outside = p->outside || outside;
  return status;
}

static void want_part(struct pick *p, const char *condition, const char *text) {
  if (text == NULL || text[0] == '\0')
    return;
  want(p, condition, db_text(text));
  p->outside = true;
}

/* Agents and workspaces are few and in the lead of an index: looked up one after the other, without their runs. */
#define NAMES_LIKE(column)                                                                 \
  " AND r." column " IN (WITH RECURSIVE every(id) AS (SELECT min(" column ") FROM run_log" \
  " UNION ALL SELECT (SELECT min(" column ") FROM run_log WHERE " column " > every.id)"    \
  " FROM every WHERE every.id IS NOT NULL) SELECT every.id FROM every JOIN name n"         \
  " ON n.id = every.id WHERE instr(lower(n.text), lower(?)) > 0)"
#define NAME_LIKE(column) \
  "instr(lower((SELECT text FROM name WHERE id = r." column ")), lower(?)) > 0"

/* The start of the run that the page before ended with. */
static int want_before(struct pick *p, struct error *error) {
  int64_t started = 0;
  const struct db_value id = db_int(p->filter->before_id);
  if (p->filter->before_id == 0)
    return PURSER_OK;
  const int status = db_get_int(p->ledger->db, "SELECT started_ms FROM run_log WHERE id = ?", &id,
                                1, &started, error);
  if (status == PURSER_ENOTFOUND)
    return error_set(error, status, "there is no run %lld", (long long)id.number);
  want(p,
       p->filter->ascending ? " AND (r.started_ms, r.id) > (?" : " AND (r.started_ms, r.id) < (?",
       db_int(started));
  want(p, ", ?)", id);
  return status;
}

static int read_filter(struct pick *p, struct error *error) {
  const struct run_filter *f = p->filter;
  int status = want_name(p, " AND r.agent = ?", f->agent, false, error);
  if (status == PURSER_OK)
    status = want_name(p, " AND r.workspace = ?", f->workspace, false, error);
  if (status == PURSER_OK)
    status = want_name(p, " AND r.source = ?", f->source, true, error);
  if (status == PURSER_OK)
    status = want_name(p, " AND r.effort = ?", f->effort, true, error);
  if (status == PURSER_OK)
    status = want_name(p, " AND r.branch = ?", f->branch, true, error);
  if (status == PURSER_OK)
    status = want_name(p, " AND r.conversation = ?", f->conversation, true, error);
  if (status == PURSER_OK && f->model != NULL) {
    status = want_name(p, " AND ? IN (r.model, r.anchor_model)", f->model, true, error);
  }
  if (status == PURSER_OK)
    status = want_before(p, error);
  if (f->billing != NULL)
    want(p, " AND r.billing = ?", db_int(billing_parse(f->billing)));
  if (f->status >= 0)
    want(p, " AND r.status = ?", db_int(f->status));
  if (f->statuses != 0)
    want(p, " AND (1 << r.status) & ?", db_int(f->statuses));
  if (f->since_ms != 0 && f->since_ms != INT64_MIN)
    want(p, " AND r.started_ms >= ?", db_int(f->since_ms));
  if (f->until_ms != 0 && f->until_ms != INT64_MAX)
    want(p, " AND r.started_ms < ?", db_int(f->until_ms));
  if (f->min_nanousd > 0)
    want(p, " AND r.cost >= ?", db_int(f->min_nanousd));
  want_part(p, NAMES_LIKE("agent"), f->agent_like);
  want_part(p, NAMES_LIKE("workspace"), f->workspace_like);
  if (f->model_like != NULL && f->model_like[0] != '\0') {
    want_part(p, " AND (" NAME_LIKE("model"), f->model_like);
    want_part(p, " OR " NAME_LIKE("anchor_model") ")", f->model_like);
  }
  want_part(p, " AND instr(lower(r.prompt), lower(?)) > 0", f->text);
  if (f->unusual) {
    buf_adds(&p->where, " AND r.unusual > 1");
    p->outside = true;
  }
  return status;
}

/* ---- ways ---- */

/* A way through the log; `ended`: it leaves out what is under way. */
struct way {
  const char *index;
  bool ended;
};

static const struct way by_time = {"run_ended", true};
static const struct way by_agent = {"run_by_agent", false};
static const struct way by_workspace = {"run_by_workspace", false};
static const struct way by_conversation = {"run_by_conversation", false};
static const struct way by_unusual = {"run_unusual", false};
static const struct way by_figure[] = {
    [RUN_SORT_STARTED] = {"run_ended", true},
    [RUN_SORT_COST] = {"run_by_cost", true},
    [RUN_SORT_TOKENS] = {"run_by_tokens", true},
    [RUN_SORT_DURATION] = {"run_by_duration", true},
};

/* How many runs were counted in the days that are asked for, of an agent or workspace or of all. */
static int count_runs(struct pick *p, const char *agent, const char *workspace, bool ever,
                      int64_t *out, struct error *error) {
  const struct run_filter *f = p->filter;
  const struct zone *zone = p->ledger->zone;
  struct report_query query = {.agent = agent,
                               .workspace = workspace,
                               .billing = f->billing,
                               .since_day = INT64_MIN,
                               .until_day = INT64_MAX};
  struct sums sums = {0};
  if (!ever && f->since_ms != 0 && f->since_ms != INT64_MIN)
    query.since_day = zone_day(zone, f->since_ms);
  if (!ever && f->until_ms != 0 && f->until_ms != INT64_MAX)
    query.until_day = zone_day(zone, f->until_ms - 1) + 1;
  const int status = ledger_report(p->ledger, &query, NULL, NULL, &sums, error);
  *out = sums.runs;
  return status;
}

/* In tenths of a microsecond, as measured; what matters is how they compare. */
enum {
  COST_OF_ENTRY = 2, /* a row of an index, passed by */
  COST_OF_RUN = 50   /* a row of the table, fetched: mostly from a page of its own */
};

struct costs {
  const struct way *best;
  int64_t lowest;
};

static void consider(struct costs *costs, const struct way *way, int64_t cost) {
  if (costs->best != NULL && cost >= costs->lowest)
    return;
  costs->best = way;
  costs->lowest = cost;
}

/* Sorted by a figure: either all runs that match are found and sorted, or the index of the figure is walked until there are
 * enough of them. */
static int choose_for_figure(struct pick *p, int64_t wanted, const struct way **out,
                             struct error *error) {
  const struct run_filter *f = p->filter;
  struct costs costs = {NULL, 0};
  int64_t all = 0;
  int64_t in_time = 0;
  int64_t one = 0;
  int status = count_runs(p, NULL, NULL, true, &all, error);
  if (status == PURSER_OK)
    status = count_runs(p, NULL, NULL, false, &in_time, error);
  int64_t matching = in_time;
  if (status == PURSER_OK && f->agent != NULL) {
    status = count_runs(p, f->agent, NULL, false, &one, error);
    consider(&costs, &by_agent, one * COST_OF_RUN);
    matching = one < matching ? one : matching;
  }
  if (status == PURSER_OK && f->workspace != NULL) {
    status = count_runs(p, NULL, f->workspace, false, &one, error);
    consider(&costs, &by_workspace, one * COST_OF_RUN);
    matching = one < matching ? one : matching;
  }
  consider(&costs, &by_time, in_time * COST_OF_ENTRY + (p->outside ? matching * COST_OF_RUN : 0));
  const int64_t passed = matching > 0 && wanted < matching ? all / matching * wanted + wanted : all;
  consider(&costs, &by_figure[f->sort],
           passed * COST_OF_ENTRY + (p->outside ? passed * matching / (all + 1) * COST_OF_RUN : 0));
  *out = costs.best;
  return status;
}

/* Newest first: the page is at the beginning of every way. A bound on the cost may leave so few that they are sorted at once. */
static int choose_for_start(struct pick *p, const struct way **out, struct error *error) {
  const struct run_filter *f = p->filter;
  int64_t dear = FEW + 1;
  int status = PURSER_OK;
  *out = f->agent != NULL ? &by_agent : f->workspace != NULL ? &by_workspace : &by_time;
  if (f->min_nanousd > 0) {
    const struct db_value values[] = {db_int(f->min_nanousd), db_int(FEW + 1)};
    status = db_get_int(p->ledger->db,
                        "SELECT count(*) FROM (SELECT 1 FROM run_log INDEXED BY run_by_cost"
                        " WHERE status >= 3 AND cost >= ?1 LIMIT ?2)",
                        values, 2, &dear, error);
    if (status == PURSER_OK && dear <= FEW)
      *out = &by_figure[RUN_SORT_COST];
  }
  return status;
}

static int choose(struct pick *p, int64_t wanted, const struct way **out, struct error *error) {
  if (p->filter->conversation != NULL && p->filter->conversation[0] != '\0')
    *out = &by_conversation;
  else if (p->filter->unusual)
    *out = &by_unusual;
  else if (p->filter->sort == RUN_SORT_STARTED)
    return choose_for_start(p, out, error);
  else
    return choose_for_figure(p, wanted, out, error);
  return PURSER_OK;
}

/* ---- finding ---- */

static int prepare(struct pick *p, struct query *q, const char *sql, struct error *error) {
  sqlite3 *db = db_handle(p->ledger->db);
  int rc = sqlite3_prepare_v3(db, sql, -1, 0, &q->stmt, NULL);
  for (size_t i = 0; i < p->count && rc == SQLITE_OK; i++) {
    const struct db_value *v = &p->values[i];
    rc = v->kind == DB_INT ? sqlite3_bind_int64(q->stmt, (int)i + 1, v->number)
                           : sqlite3_bind_text(q->stmt, (int)i + 1, v->text, -1, SQLITE_STATIC);
  }
  return rc == SQLITE_OK ? PURSER_OK : db_fail(p->ledger->db, rc, error);
}

static int take(struct pick *p, sqlite3_stmt *stmt) {
  void *items = p->out->items;
  const int status = mem_grow(&items, &p->out->cap, p->out->count + 1, sizeof *p->out->items);
  p->out->items = items;
  if (status == PURSER_OK)
    p->out->items[p->out->count++] =
        (struct run_pick){sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1)};
  return status;
}

/* One way's runs in order, the first `wanted` of them (-1 all). */
static int find(struct pick *p, const char *index, const char *which, int64_t wanted,
                struct error *error) {
  static const char *const keys[] = {"r.started_ms", "r.cost", "r.tokens", "r.duration_ms"};
  const char *order = p->filter->ascending ? "ASC" : "DESC";
  struct query q = QUERY_INIT;
  struct buf sql = BUF_INIT;
  buf_addf(&sql, "SELECT r.id, %s FROM run_log r INDEXED BY %s WHERE %s%s", keys[p->filter->sort],
           index, which, buf_text(&p->where));
  buf_addf(&sql, " ORDER BY %s %s, r.id %s LIMIT %lld", keys[p->filter->sort], order, order,
           (long long)wanted);
  int status = buf_status(&sql);
  if (status != PURSER_OK)
    (void)error_set(error, status, "out of memory");
  else
    status = prepare(p, &q, buf_text(&sql), error);
  while (status == PURSER_OK && (status = db_step(p->ledger->db, &q, error)) == DB_ROW) {
    status = take(p, q.stmt);
    if (status != PURSER_OK)
      (void)error_set(error, status, "out of memory");
  }
  db_done(&q);
  buf_fini(&sql);
  return status;
}

static int rising(const void *a, const void *b) {
  const struct run_pick *x = a;
  const struct run_pick *y = b;
  if (x->key != y->key)
    return x->key < y->key ? -1 : 1;
  return (x->id > y->id) - (x->id < y->id);
}

static int falling(const void *a, const void *b) {
  return rising(b, a);
}

/* Drops what lies before the page and behind it. */
static void cut(struct run_picks *picks, int64_t offset, int64_t limit) {
  const size_t skip = (uint64_t)offset < picks->count ? (size_t)offset : picks->count;
  if (skip > 0)
    memmove(picks->items, picks->items + skip, (picks->count - skip) * sizeof *picks->items);
  picks->count -= skip;
  if (limit > 0 && (uint64_t)limit < picks->count)
    picks->count = (size_t)limit;
}

static int find_all(struct pick *p, struct error *error) {
  const struct run_filter *f = p->filter;
  const int64_t offset = f->offset > 0 ? f->offset : 0;
  const int64_t wanted = f->limit > 0 && offset <= INT64_MAX - f->limit ? offset + f->limit : -1;
  const struct way *way = NULL;
  int status = choose(p, wanted > 0 ? wanted : INT32_MAX, &way, error);
  if (status == PURSER_OK)
    status = find(p, way->index,
                  way->ended                ? "r.status >= 3"
                  : way == &by_conversation ? "r.conversation <> 0"
                                            : "1",
                  wanted, error);
  const size_t ended = p->out->count;
  if (status == PURSER_OK && way->ended)
    status = find(p, "run_open", "r.status < 3", wanted, error);
  if (status == PURSER_OK && p->out->count > ended && ended > 0)
    qsort(p->out->items, p->out->count, sizeof *p->out->items, f->ascending ? rising : falling);
  cut(p->out, offset, f->limit);
  return status;
}

int run_pick(struct ledger *ledger, const struct run_filter *filter, struct run_picks *out,
             struct error *error) {
  struct pick pick = {.ledger = ledger, .filter = filter, .where = BUF_INIT, .out = out};
  int status = read_filter(&pick, error);
  if (status == PURSER_OK && pick.where.failed)
    status = error_set(error, PURSER_ENOMEM, "out of memory");
  if (status == PURSER_OK && !pick.never)
    status = find_all(&pick, error);
  buf_fini(&pick.where);
  return status;
}

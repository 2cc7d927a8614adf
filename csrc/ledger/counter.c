/* counter.c - see counter.h. */
#include "ledger/counter.h"

#include <stdio.h>

#include "base/mem.h"
#include "ledger/internal.h"
#include "ledger/request_row.h"

void counters_fini(struct counters *counters) {
  mem_free(counters->items);
  *counters = (struct counters){0};
}

void counters_forget(struct counters *counters) {
  counters->loaded = false;
  counters->oldest_ms = INT64_MIN;
}

static struct counter read_counter(sqlite3_stmt *stmt) {
  struct counter c = {
      .policy = sqlite3_column_int64(stmt, 0),
      .scope = (enum counter_scope)sqlite3_column_int(stmt, 1),
      .key = sqlite3_column_int64(stmt, 2),
      .kind = (enum period_kind)sqlite3_column_int(stmt, 3),
      .reset_day = sqlite3_column_int(stmt, 4),
      .period = {sqlite3_column_int64(stmt, 6), sqlite3_column_int64(stmt, 7)},
      .has_limit = sqlite3_column_type(stmt, 8) != SQLITE_NULL,
      .limit = sqlite3_column_int64(stmt, 8),
      .at_limit = sqlite3_column_int(stmt, 9),
      .raised = sqlite3_column_int64(stmt, 10),
      .metered = sqlite3_column_int64(stmt, 11),
      .subscription = sqlite3_column_int64(stmt, 12),
      .watch = sqlite3_column_int64(stmt, 13),
      .origin = sqlite3_column_int(stmt, 15),
      .version = sqlite3_column_int64(stmt, 16),
      .saved_ms = sqlite3_column_int64(stmt, 17),
  };
  (void)snprintf(c.zone, sizeof c.zone, "%s", db_column_text(stmt, 5));
  (void)snprintf(c.thresholds, sizeof c.thresholds, "%s", db_column_text(stmt, 14));
  return c;
}

int counters_load(struct ledger *ledger, struct error *error) {
  struct counters *c = &ledger->counters;
  struct query q = QUERY_INIT;
  if (c->loaded)
    return PURSER_OK;
  c->count = 0;
  c->oldest_ms = INT64_MIN;
  int status =
      db_query(ledger->db, &q,
               "SELECT id, scope, key, period, reset_day, zone, start_ms, end_ms, limit_nanousd,"
               " at_limit, raised, metered, subscription, watch, thresholds, origin, version,"
               " saved_ms FROM policy WHERE hidden = 0",
               NULL, 0, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    void *items = c->items;
    status = mem_grow(&items, &c->cap, c->count + 1, sizeof *c->items);
    c->items = items;
    if (status == PURSER_OK)
      c->items[c->count++] = read_counter(q.stmt);
    else
      (void)error_set(error, status, "read the policies: out of memory");
  }
  db_done(&q);
  c->loaded = status == PURSER_OK;
  return status;
}

int64_t counters_now(const struct ledger *ledger) {
  int64_t now = ledger_now(ledger);
  for (size_t i = 0; i < ledger->counters.count; i++) {
    if (ledger->counters.items[i].period.start_ms > now)
      now = ledger->counters.items[i].period.start_ms;
  }
  return now;
}

/* ---- periods that follow each other ---- */

int counters_next(struct ledger *ledger, const struct counter_rule *rule, struct period before,
                  int64_t now_ms, struct counter_period *out, struct error *error) {
  const struct zone *zone = NULL;
  *out = (struct counter_period){0};
  int status = ledger_named_zone(ledger, rule->zone, &zone, error);
  if (status != PURSER_OK)
    return error_wrap(error, "open a budget's next period");
  out->period = period_at(rule->kind, rule->reset_day, zone, now_ms);
  /* The zone's own rules may have changed since: no instant belongs to two periods. */
  if (out->period.start_ms < before.end_ms)
    out->period.start_ms = before.end_ms;
  struct query q = QUERY_INIT;
  const struct db_value values[] = {db_int(rule->policy), db_int(out->period.start_ms)};
  status = db_query(ledger->db, &q,
                    "SELECT metered, subscription FROM policy_period"
                    " WHERE policy = ? AND start_ms = ?",
                    values, 2, error);
  if (status == PURSER_OK)
    status = db_step(ledger->db, &q, error);
  if (status == DB_ROW) {
    out->metered = sqlite3_column_int64(q.stmt, 0);
    out->subscription = sqlite3_column_int64(q.stmt, 1);
    status = PURSER_OK;
  }
  db_done(&q);
  return status;
}

/* The closed period is kept; the new one takes over what was counted for it ahead of time, and arms its thresholds. */
static int open_period(struct ledger *ledger, int64_t policy, const struct counter_period *next,
                       struct error *error) {
  const struct db_value values[] = {
      db_int(policy),        db_int(next->period.start_ms), db_int(next->period.end_ms),
      db_int(next->metered), db_int(next->subscription),
  };
  int status = db_run(ledger->db,
                      "INSERT OR REPLACE INTO policy_period"
                      " SELECT id, start_ms, end_ms, metered, subscription, raised, version"
                      " FROM policy WHERE id = ?",
                      values, 1, error);
  if (status == PURSER_OK)
    status = db_run(ledger->db, "DELETE FROM policy_period WHERE policy = ? AND start_ms = ?",
                    values, 2, error);
  if (status == PURSER_OK)
    status = db_run(ledger->db,
                    "UPDATE policy SET start_ms = ?2, end_ms = ?3, metered = ?4,"
                    " subscription = ?5, raised = 0, latched = 0, watch = 0 WHERE id = ?1",
                    values, 5, error);
  return status;
}

static struct counter_rule rule_of(const struct counter *counter) {
  return (struct counter_rule){counter->policy, counter->kind, counter->reset_day, counter->zone};
}

static int write_gathered(struct ledger *ledger, struct counter *counter, struct error *error) {
  const struct db_value values[] = {db_int(counter->policy), db_int(counter->gathered_metered),
                                    db_int(counter->gathered_subscription)};
  if (counter->gathered_metered == 0 && counter->gathered_subscription == 0)
    return PURSER_OK;
  counter->gathered_metered = counter->gathered_subscription = 0;
  return db_run(ledger->db,
                "UPDATE policy SET metered = metered + ?2, subscription = subscription + ?3"
                " WHERE id = ?1",
                values, 3, error);
}

int counters_flush(struct ledger *ledger, struct error *error) {
  int status = PURSER_OK;
  /* What was gathered before a rollback is forgotten with the rest. */
  if (!ledger->counters.loaded)
    return PURSER_OK;
  for (size_t i = 0; i < ledger->counters.count && status == PURSER_OK; i++)
    status = write_gathered(ledger, &ledger->counters.items[i], error);
  return status;
}

static int roll(struct ledger *ledger, struct counter *counter, int64_t now_ms,
                struct error *error) {
  struct counter_period next = {0};
  const struct counter_rule rule = rule_of(counter);
  int status = write_gathered(ledger, counter, error);
  ledger->counters.oldest_ms = INT64_MIN;
  if (status == PURSER_OK)
    status = counters_next(ledger, &rule, counter->period, now_ms, &next, error);
  if (status == PURSER_OK)
    status = open_period(ledger, counter->policy, &next, error);
  if (status == PURSER_OK) {
    counter->period = next.period;
    counter->metered = next.metered;
    counter->subscription = next.subscription;
    counter->raised = 0;
    counter->watch = 0;
  }
  return status;
}

int counters_ready(struct ledger *ledger, struct error *error) {
  int status = counters_load(ledger, error);
  if (status != PURSER_OK)
    return status;
  const int64_t now = counters_now(ledger);
  for (size_t i = 0; i < ledger->counters.count && status == PURSER_OK; i++) {
    struct counter *counter = &ledger->counters.items[i];
    if (counter->period.end_ms <= now)
      status = roll(ledger, counter, now, error);
  }
  return status;
}

/* ---- adding ---- */

bool counter_applies(const struct counter *counter, int64_t agent, int64_t workspace) {
  switch (counter->scope) {
  case COUNTER_AGENT: return counter->key == agent;
  case COUNTER_WORKSPACE: return counter->key == workspace;
  case COUNTER_GLOBAL: return true;
  }
  return false;
}

static bool holds(const struct period *period, int64_t at_ms) {
  return period->start_ms <= at_ms && at_ms < period->end_ms;
}

/* The beginning of the oldest closed period that is kept. */
static int find_oldest(struct ledger *ledger, struct error *error) {
  struct counters *c = &ledger->counters;
  if (c->oldest_ms != INT64_MIN)
    return PURSER_OK;
  return db_get_int(ledger->db,
                    "SELECT ifnull(min(start_ms), 9223372036854775807) FROM policy_period", NULL, 0,
                    &c->oldest_ms, error);
}

/* A time before the open period: its counter is history, kept where there is one. */
static int add_late(struct ledger *ledger, const struct counter *counter, const struct spend *spend,
                    struct error *error) {
  if (ledger->bulk != NULL) {
    const int status = find_oldest(ledger, error);
    if (status != PURSER_OK || spend->at_ms < ledger->counters.oldest_ms)
      return status;
  }
  const struct db_value values[] = {db_int(counter->policy), db_int(spend->at_ms),
                                    db_int(spend->metered), db_int(spend->subscription)};
  return db_run(ledger->db,
                "UPDATE policy_period SET metered = metered + ?3, subscription = subscription + ?4"
                " WHERE policy = ?1 AND start_ms <= ?2 AND end_ms > ?2",
                values, 4, error);
}

/* A time after it (up to a day ahead, rule 23): counted for the period that will open then. */
static int add_early(struct ledger *ledger, const struct counter *counter,
                     const struct spend *spend, struct error *error) {
  struct counter_period next = {0};
  const struct counter_rule rule = rule_of(counter);
  const int status = counters_next(ledger, &rule, counter->period, spend->at_ms, &next, error);
  if (status != PURSER_OK)
    return status;
  const struct db_value values[] = {
      db_int(counter->policy), db_int(next.period.start_ms), db_int(next.period.end_ms),
      db_int(spend->metered),  db_int(spend->subscription),
  };
  return db_run(ledger->db,
                "INSERT INTO policy_period VALUES (?1, ?2, ?3, ?4, ?5, 0, 0)"
                " ON CONFLICT DO UPDATE SET metered = metered + ?4,"
                " subscription = subscription + ?5",
                values, 5, error);
}

static void gather_open(struct ledger *ledger, const struct spend *spend) {
  for (size_t i = 0; i < ledger->counters.count; i++) {
    struct counter *counter = &ledger->counters.items[i];
    if (!counter_applies(counter, spend->agent, spend->workspace) ||
        !holds(&counter->period, spend->at_ms))
      continue;
    counter->metered += spend->metered;
    counter->subscription += spend->subscription;
    counter->gathered_metered += spend->metered;
    counter->gathered_subscription += spend->subscription;
  }
}

/* One statement for all open periods that apply: it goes through the table, which is short. */
static int add_open(struct ledger *ledger, const struct spend *spend, struct error *error) {
  const struct db_value values[] = {
      db_int(spend->agent),   db_int(spend->workspace),    db_int(spend->at_ms),
      db_int(spend->metered), db_int(spend->subscription),
  };
  const int status =
      db_run(ledger->db,
             "UPDATE policy SET metered = metered + ?4, subscription = subscription + ?5"
             " WHERE hidden = 0 AND start_ms <= ?3 AND end_ms > ?3"
             " AND (scope = 2 OR (scope = 0 AND key = ?1) OR (scope = 1 AND key = ?2))",
             values, 5, error);
  for (size_t i = 0; i < ledger->counters.count && status == PURSER_OK; i++) {
    struct counter *counter = &ledger->counters.items[i];
    if (counter_applies(counter, spend->agent, spend->workspace) &&
        holds(&counter->period, spend->at_ms)) {
      counter->metered += spend->metered;
      counter->subscription += spend->subscription;
    }
  }
  return status;
}

int counters_add(struct ledger *ledger, const struct spend *spend, struct error *error) {
  if (spend->metered == 0 && spend->subscription == 0)
    return PURSER_OK;
  int status = counters_ready(ledger, error);
  bool open = false;
  for (size_t i = 0; i < ledger->counters.count && status == PURSER_OK; i++) {
    const struct counter *counter = &ledger->counters.items[i];
    if (!counter_applies(counter, spend->agent, spend->workspace))
      continue;
    if (holds(&counter->period, spend->at_ms))
      open = true;
    else if (spend->at_ms < counter->period.start_ms)
      status = add_late(ledger, counter, spend, error);
    else
      status = add_early(ledger, counter, spend, error);
  }
  if (status != PURSER_OK || !open)
    return status;
  if (ledger->bulk == NULL)
    return add_open(ledger, spend, error);
  gather_open(ledger, spend);
  return PURSER_OK;
}

/* ---- from the log ---- */

#define SCOPE(table) \
  "(?1 = 2 OR (?1 = 0 AND " table ".agent = ?2) OR (?1 = 1 AND " table ".workspace = ?2))"

/* Adds up requests whose time lies in [start, end); `sql` chooses by which of their times. */
static int sum_requests(struct ledger *ledger, const char *sql, const struct db_value *scope,
                        struct period period, struct counter_period *out, struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value values[] = {scope[0], scope[1], db_int(period.start_ms),
                                    db_int(period.end_ms)};
  if (period.start_ms >= period.end_ms)
    return PURSER_OK;
  int status = db_query(ledger->db, &q, sql, values, 4, error);
  if (status == PURSER_OK)
    status = db_step(ledger->db, &q, error);
  if (status == DB_ROW) {
    out->metered += sqlite3_column_int64(q.stmt, 0);
    out->subscription += sqlite3_column_int64(q.stmt, 1);
    status = PURSER_OK;
  }
  db_done(&q);
  return status;
}

#define REQUEST_SUMS                                        \
  "SELECT coalesce(sum(iif(r.billing = 0, q.cost, 0)), 0)," \
  " coalesce(sum(iif(r.billing = 1, q.cost, 0)), 0)"        \
  " FROM request q JOIN run_log r ON r.id = q.run_id WHERE (q.flags & 32) = 0 AND " SCOPE("r")

static int sum_by_time(struct ledger *ledger, const struct db_value *scope, struct period period,
                       struct counter_period *out, struct error *error) {
  return sum_requests(ledger, REQUEST_SUMS " AND " STORED_BETWEEN("?3", "?4"), scope, period, out,
                      error);
}

/* Whole days of the ledger's zone, from the rollups. */
static int sum_days(struct ledger *ledger, const struct db_value *scope, int64_t first, int64_t end,
                    struct counter_period *out, struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value values[] = {scope[0], scope[1], db_int(first), db_int(end)};
  int status = rollup_flush(ledger, error);
  if (status == PURSER_OK)
    status = db_query(ledger->db, &q,
                      "SELECT coalesce(sum(iif(c.billing = 0, c.cost - c.uncertain, 0)), 0),"
                      " coalesce(sum(iif(c.billing = 1, c.cost - c.uncertain, 0)), 0)"
                      " FROM rollup c WHERE c.grain = 0 AND c.span >= ?3 AND c.span < ?4"
                      " AND " SCOPE("c"),
                      values, 4, error);
  if (status == PURSER_OK)
    status = db_step(ledger->db, &q, error);
  if (status == DB_ROW) {
    out->metered += sqlite3_column_int64(q.stmt, 0);
    out->subscription += sqlite3_column_int64(q.stmt, 1);
    status = PURSER_OK;
  }
  db_done(&q);
  return status;
}

/* The rollups for the days that lie whole in the period, the requests for its edges; then the few whose budget's time is not
 * their own are moved: out of the period they happened in, into the one they count for. */
int counters_sum(struct ledger *ledger, enum counter_scope scope, int64_t key, struct period period,
                 struct counter_period *out, struct error *error) {
  const struct db_value which[] = {db_int(scope), db_int(key)};
  *out = (struct counter_period){.period = period};
  int64_t first = zone_day(ledger->zone, period.start_ms);
  if (zone_day_start_ms(ledger->zone, first) < period.start_ms)
    first++;
  int64_t end = zone_day(ledger->zone, period.end_ms);
  if (end < first)
    end = first;
  const int64_t first_ms = zone_day_start_ms(ledger->zone, first);
  const int64_t end_ms = zone_day_start_ms(ledger->zone, end);
  int status;
  if (first_ms >= period.end_ms) {
    status = sum_by_time(ledger, which, period, out, error);
  } else {
    const struct period head = {period.start_ms, first_ms};
    const struct period tail = {end_ms, period.end_ms};
    status = sum_days(ledger, which, first, end, out, error);
    if (status == PURSER_OK)
      status = sum_by_time(ledger, which, head, out, error);
    if (status == PURSER_OK)
      status = sum_by_time(ledger, which, tail, out, error);
  }
  struct counter_period moved_out = {0};
  if (status == PURSER_OK)
    status = sum_requests(ledger,
                          REQUEST_SUMS " AND q.period_ms IS NOT NULL AND q.at_ms >= ?3"
                                       " AND q.at_ms < ?4",
                          which, period, &moved_out, error);
  if (status == PURSER_OK)
    status = sum_requests(ledger, REQUEST_SUMS " AND q.period_ms >= ?3 AND q.period_ms < ?4", which,
                          period, out, error);
  out->metered -= moved_out.metered;
  out->subscription -= moved_out.subscription;
  return status;
}

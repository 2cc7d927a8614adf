/* limit.c - see limit.h. */
#include "budget/limit.h"

#include "base/money.h"
#include "budget/hold.h"
#include "budget/owner.h"
#include "ledger/internal.h"

int64_t limit_left(const struct limit *limit) {
  return money_add(limit->total, -money_add(limit->spent, limit->held));
}

int64_t limit_left_mid_run(const struct limit *limit) {
  return money_add(limit->total, -money_add(limit->spent, limit->covered));
}

/* A snapshot can't open the next period; it can tell what would be in it. */
static int look_ahead(struct ledger *ledger, sqlite3_stmt *stmt, int64_t now_ms, bool subscription,
                      struct limit *limit, struct error *error) {
  struct counter_period next;
  const struct counter_rule rule = {
      .policy = limit->policy,
      .kind = limit->kind,
      .reset_day = sqlite3_column_int(stmt, 11),
      .zone = db_column_text(stmt, 12),
  };
  const int status = counters_next(ledger, &rule, limit->period, now_ms, &next, error);
  if (status != PURSER_OK)
    return status;
  limit->period = next.period;
  limit->spent = next.metered + (subscription ? next.subscription : 0);
  limit->total = sqlite3_column_int64(stmt, 5);
  return PURSER_OK;
}

static int read_limit(struct ledger *ledger, sqlite3_stmt *stmt, int64_t now_ms, bool subscription,
                      struct limit *out, struct error *error) {
  *out = (struct limit){
      .policy = sqlite3_column_int64(stmt, 0),
      .scope = (enum scope_kind)sqlite3_column_int(stmt, 1),
      .key = sqlite3_column_int64(stmt, 2),
      .kind = (enum period_kind)sqlite3_column_int(stmt, 3),
      .at_limit = (enum at_limit)sqlite3_column_int(stmt, 4),
      .has_limit = sqlite3_column_type(stmt, 5) != SQLITE_NULL,
      .total = money_add(sqlite3_column_int64(stmt, 5), sqlite3_column_int64(stmt, 6)),
      .spent = sqlite3_column_int64(stmt, 7) + (subscription ? sqlite3_column_int64(stmt, 8) : 0),
      .period = {sqlite3_column_int64(stmt, 9), sqlite3_column_int64(stmt, 10)},
  };
  if (out->period.end_ms <= now_ms)
    return look_ahead(ledger, stmt, now_ms, subscription, out, error);
  return PURSER_OK;
}

int limits_load(struct ledger *ledger, int64_t agent, int64_t workspace, bool subscription,
                struct limits *out, struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value values[] = {db_int(agent), db_int(workspace)};
  const int64_t now_ms = counters_now(ledger);
  out->count = 0;
  int status =
      db_query(ledger->db, &q,
               "SELECT id, scope, key, period, at_limit, limit_nanousd, raised, metered,"
               " subscription, start_ms, end_ms, reset_day, zone FROM policy WHERE hidden = 0"
               " AND (scope = 2 OR (scope = 0 AND key = ?1) OR (scope = 1 AND key = ?2))",
               values, 2, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    status = PURSER_OK;
    if (out->count == LIMITS_MAX)
      break;
    status = read_limit(ledger, q.stmt, now_ms, subscription, &out->items[out->count], error);
    out->count += status == PURSER_OK;
  }
  db_done(&q);
  return status;
}

/* ---- what is held ---- */

static bool applies(const struct limit *limit, int64_t agent, int64_t workspace) {
  switch (limit->scope) {
  case SCOPE_AGENT: return limit->key == agent;
  case SCOPE_WORKSPACE: return limit->key == workspace;
  case SCOPE_GLOBAL: return true;
  }
  return false;
}

static bool is_dead(sqlite3_stmt *stmt, const struct owner *self, int64_t now_ms) {
  struct owner owner = {.pid = sqlite3_column_int64(stmt, 7),
                        .start_time = sqlite3_column_int64(stmt, 8)};
  const char *host = db_column_text(stmt, 6);
  size_t i = 0;
  for (; host[i] != '\0' && i + 1 < sizeof owner.host; i++)
    owner.host[i] = host[i];
  return !owner_is_alive(&owner, self, sqlite3_column_int64(stmt, 9), now_ms);
}

int limits_add_holds(struct ledger *ledger, struct limits *limits, int64_t run_id, bool living_only,
                     struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value id = db_int(run_id);
  struct owner self;
  int status = budget_owner_self(&self);
  for (size_t i = 0; i < limits->count; i++) {
    limits->items[i].held = 0;
    limits->items[i].covered = 0;
    limits->items[i].short_run = false;
  }
  if (status == PURSER_OK)
    status =
        db_query(ledger->db, &q,
                 "SELECT run_id, agent, workspace, amount, cover, flags, host, pid, start_time,"
                 " touched_ms FROM hold WHERE amount > 0 AND run_id <> ?",
                 &id, 1, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    status = PURSER_OK;
    if (living_only && is_dead(q.stmt, &self, ledger_now(ledger)))
      continue;
    const int64_t agent = sqlite3_column_int64(q.stmt, 1);
    const int64_t workspace = sqlite3_column_int64(q.stmt, 2);
    for (size_t i = 0; i < limits->count; i++) {
      struct limit *limit = &limits->items[i];
      if (!applies(limit, agent, workspace))
        continue;
      limit->held = money_add(limit->held, sqlite3_column_int64(q.stmt, 3));
      limit->covered = money_add(limit->covered, sqlite3_column_int64(q.stmt, 4));
      if ((sqlite3_column_int64(q.stmt, 5) & HOLD_SHORT) != 0)
        limit->short_run = true;
    }
  }
  db_done(&q);
  return status;
}

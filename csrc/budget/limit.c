/* limit.c - see limit.h. */
#include "budget/limit.h"

#include <stdio.h>

#include "base/money.h"
#include "budget/hold.h"
#include "budget/owner.h"
#include "budget/policy_row.h"
#include "ledger/internal.h"

int64_t limit_left(const struct limit *limit) {
  return money_add(limit->total, -money_add(limit->spent, limit->held));
}

int64_t limit_left_mid_run(const struct limit *limit) {
  return money_add(limit->total, -money_add(limit->spent, limit->covered));
}

static struct limit from_counter(const struct counter *counter, bool subscription) {
  return (struct limit){
      .counter = counter,
      .policy = counter->policy,
      .scope = (enum scope_kind)counter->scope,
      .key = counter->key,
      .at_limit = (enum at_limit)counter->at_limit,
      .has_limit = counter->has_limit,
      .total = money_add(counter->limit, counter->raised),
      .spent = counter->metered + (subscription ? counter->subscription : 0),
      .period = counter->period,
  };
}

void limit_state(const struct limit *limit, const char *scope_key, struct policy_state *out) {
  const struct counter *c = limit->counter;
  *out = (struct policy_state){
      .policy =
          {
              .id = c->policy,
              .scope = limit->scope,
              .period = c->kind,
              .reset_day = c->reset_day,
              .has_limit = c->has_limit,
              .limit_nanousd = c->limit,
              .at_limit = limit->at_limit,
              .origin = (enum policy_origin)c->origin,
              .version = c->version,
              .saved_ms = c->saved_ms,
          },
      .period = limit->period,
      .spent_nanousd = limit->spent,
      .held_nanousd = limit->held,
      .raise_nanousd = limit->total - c->limit,
      .limit_nanousd = limit->total,
  };
  struct policy *p = &out->policy;
  (void)snprintf(p->scope_key, sizeof p->scope_key, "%s", scope_key);
  (void)snprintf(p->zone, sizeof p->zone, "%s", c->zone);
  policy_read_thresholds(c->thresholds, p);
}

/* A snapshot can't open the next period; it can tell what would be in it. */
static int look_ahead(struct ledger *ledger, const struct counter *counter, int64_t now_ms,
                      bool subscription, struct limit *limit, struct error *error) {
  struct counter_period next;
  const struct counter_rule rule = {counter->policy, counter->kind, counter->reset_day,
                                    counter->zone};
  const int status = counters_next(ledger, &rule, counter->period, now_ms, &next, error);
  if (status != PURSER_OK)
    return status;
  limit->period = next.period;
  limit->spent = next.metered + (subscription ? next.subscription : 0);
  limit->total = counter->limit;
  return PURSER_OK;
}

int limits_load(struct ledger *ledger, int64_t agent, int64_t workspace, bool subscription,
                struct limits *out, struct error *error) {
  const int64_t now_ms = counters_now(ledger);
  int status = PURSER_OK;
  out->count = 0;
  for (size_t i = 0; i < ledger->counters.count && status == PURSER_OK; i++) {
    const struct counter *counter = &ledger->counters.items[i];
    if (!counter_applies(counter, agent, workspace) || out->count == LIMITS_MAX)
      continue;
    struct limit *limit = &out->items[out->count++];
    *limit = from_counter(counter, subscription);
    if (counter->period.end_ms <= now_ms)
      status = look_ahead(ledger, counter, now_ms, subscription, limit, error);
  }
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

static void forget_holds(struct limits *limits) {
  for (size_t i = 0; i < limits->count; i++) {
    limits->items[i].held = 0;
    limits->items[i].covered = 0;
    limits->items[i].short_run = false;
  }
}

static void add_hold(struct limits *limits, const struct hold *hold) {
  for (size_t i = 0; i < limits->count; i++) {
    struct limit *limit = &limits->items[i];
    if (!applies(limit, hold->agent, hold->workspace))
      continue;
    limit->held = money_add(limit->held, hold->amount);
    limit->covered = money_add(limit->covered, hold->cover);
    if ((hold->flags & HOLD_SHORT) != 0)
      limit->short_run = true;
  }
}

static int scan_holds(struct ledger *ledger, struct limits *limits, int64_t run_id, bool *current,
                      struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value id = db_int(run_id);
  bool first = true;
  forget_holds(limits);
  int status = db_query(ledger->db, &q,
                        "SELECT agent, workspace, amount, cover, flags FROM hold"
                        " WHERE amount > 0 AND run_id <> ?",
                        &id, 1, error);
  while (status == PURSER_OK) {
    status = db_step(ledger->db, &q, error);
    if (first && current != NULL)
      *current = ledger_is_current(ledger);
    first = false;
    if (status != DB_ROW)
      break;
    const struct hold hold = {
        .agent = sqlite3_column_int64(q.stmt, 0),
        .workspace = sqlite3_column_int64(q.stmt, 1),
        .amount = sqlite3_column_int64(q.stmt, 2),
        .cover = sqlite3_column_int64(q.stmt, 3),
        .flags = sqlite3_column_int64(q.stmt, 4),
    };
    add_hold(limits, &hold);
    status = PURSER_OK;
  }
  db_done(&q);
  return status;
}

int limits_add_holds(struct ledger *ledger, struct limits *limits, int64_t run_id,
                     struct error *error) {
  return scan_holds(ledger, limits, run_id, NULL, error);
}

int limits_add_holds_now(struct ledger *ledger, struct limits *limits, bool *current,
                         struct error *error) {
  *current = false;
  return scan_holds(ledger, limits, 0, current, error);
}

struct living {
  struct limits *limits;
  struct owner self;
  int64_t now_ms;
};

static int add_if_alive(void *data, const struct hold *hold) {
  struct living *living = data;
  if (owner_is_alive(&hold->owner, &living->self, hold->touched_ms, living->now_ms))
    add_hold(living->limits, hold);
  return PURSER_OK;
}

int limits_add_living_holds(struct ledger *ledger, struct limits *limits, struct error *error) {
  struct living living = {.limits = limits, .now_ms = ledger_now(ledger)};
  const int status = budget_owner_self(&living.self);
  forget_holds(limits);
  return status == PURSER_OK ? hold_each(ledger, add_if_alive, &living, error) : status;
}

/* threshold.c - BudgetThresholdCrossed: stored once per policy, period, threshold and limit version (rule 30), told to
 * everybody, and claimed by one process for the notification. */
#include <stdio.h>

#include "base/mem.h"
#include "budget/budget.h"
#include "budget/crossing.h"
#include "budget/policy_row.h"
#include "ledger/internal.h"
#include "ledger/run_facts.h"

/* ---- crossing ---- */

struct reached {
  int64_t *ids;
  size_t count;
  size_t cap;
};

/* The policies whose next threshold the spend has reached: mostly none, which costs a look at what is in memory. */
static int find_reached(struct ledger *ledger, const struct run_facts *run, bool all,
                        struct reached *out, struct error *error) {
  int status = PURSER_OK;
  for (size_t i = 0; i < ledger->counters.count && status == PURSER_OK; i++) {
    const struct counter *c = &ledger->counters.items[i];
    const int64_t spent = c->metered + (ledger->enforce_subscription ? c->subscription : 0);
    if (spent < c->watch || (!all && !counter_applies(c, run->agent, run->workspace)))
      continue;
    void *ids = out->ids;
    status = mem_grow(&ids, &out->cap, out->count + 1, sizeof *out->ids);
    out->ids = ids;
    if (status == PURSER_OK)
      out->ids[out->count++] = c->policy;
    else
      (void)error_set(error, status, "out of memory");
  }
  return status;
}

static bool any_reached(const struct ledger *ledger) {
  for (size_t i = 0; i < ledger->counters.count; i++) {
    const struct counter *c = &ledger->counters.items[i];
    if (c->metered + (ledger->enforce_subscription ? c->subscription : 0) >= c->watch)
      return true;
  }
  return false;
}

int crossing_store(struct ledger *ledger, const struct policy_row *row, int32_t threshold,
                   int64_t exhausted_ms, bool announced, int64_t run_id, struct error *error) {
  const struct policy *p = &row->policy;
  int64_t key = 0;
  const int status = names_find(&ledger->names, ledger->db, p->scope_key, &key, error);
  if (status != PURSER_OK)
    return status;
  const struct db_value values[] = {
      db_int(p->id),
      db_int(p->scope),
      db_int(key),
      db_int(p->period),
      db_int(row->period.start_ms),
      db_int(row->period.end_ms),
      db_int(threshold),
      db_int(p->version),
      db_int(policy_row_spent(ledger, row)),
      db_int(policy_row_limit(row)),
      db_int(run_id),
      db_int(ledger_now(ledger)),
      db_int(announced),
      db_int(exhausted_ms),
  };
  return db_run(ledger->db,
                "INSERT OR IGNORE INTO crossing (policy, scope, key, period, start_ms, end_ms,"
                " threshold, version, spend, limit_nanousd, run_id, at_ms, announced, exhausted_ms,"
                " claimed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
                values, sizeof values / sizeof values[0], error);
}

/* All thresholds that were passed are latched; the highest is the one that is told. */
static int cross(struct ledger *ledger, int64_t id, int64_t run_id, struct error *error) {
  struct policy_row row;
  int status = policy_row_get(ledger, id, &row, error);
  if (status != PURSER_OK)
    return status;
  const struct policy *p = &row.policy;
  const int64_t limit = policy_row_limit(&row);
  const int64_t spent = policy_row_spent(ledger, &row);
  int highest = -1;
  for (int i = 0; i < p->threshold_count && p->has_limit && limit > 0; i++) {
    if (spent >= policy_threshold_nanousd(limit, p->thresholds[i]))
      highest = i;
  }
  for (int i = 0; i <= highest && status == PURSER_OK; i++) {
    if (p->thresholds[i] > row.latched)
      status = crossing_store(ledger, &row, p->thresholds[i], 0, i == highest, run_id, error);
  }
  if (status != PURSER_OK)
    return status;
  if (highest >= 0 && p->thresholds[highest] > row.latched)
    row.latched = p->thresholds[highest];
  return policy_row_store(ledger, &row, error);
}

int budget_check_thresholds(struct ledger *ledger, int64_t run_id, struct error *error) {
  struct reached reached = {0};
  struct run_facts run = {.agent = -1, .workspace = -1};
  int status = ledger_need_transaction(ledger, "checking the thresholds", error);
  if (status != PURSER_OK)
    return status;
  status = counters_ready(ledger, error);
  if (status == PURSER_OK && !any_reached(ledger))
    return PURSER_OK;
  if (status == PURSER_OK && run_id != 0)
    status = run_facts_get(ledger, run_id, &run, error);
  if (status == PURSER_OK)
    status = find_reached(ledger, &run, run_id == 0, &reached, error);
  for (size_t i = 0; i < reached.count && status == PURSER_OK; i++)
    status = cross(ledger, reached.ids[i], run_id, error);
  mem_free(reached.ids);
  return ledger_spoil(ledger, status, "check the thresholds", error);
}

/* ---- telling ---- */

struct list {
  struct crossing *items;
  size_t count;
  size_t cap;
};

/* Of those after an id; claimed_too: whoever told of them, and whether their periods are over. */
static int collect(struct ledger *ledger, int64_t after_id, bool claimed_too, struct list *list,
                   struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value values[] = {db_int(after_id), db_int(claimed_too ? 1 : 0),
                                    db_int(clock_now_ms(ledger_clock(ledger)))};
  int status = db_query(
      ledger->db, &q,
      "SELECT id, policy, scope,"
      " coalesce((SELECT text FROM name WHERE id = c.key), ''), threshold, spend,"
      " limit_nanousd, start_ms, end_ms, period, run_id, at_ms, exhausted_ms FROM crossing c"
      " WHERE id > ?1 AND announced = 1 AND (?2 OR (claimed = 0 AND end_ms > ?3))"
      " ORDER BY id",
      values, 3, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    void *items = list->items;
    status = mem_grow(&items, &list->cap, list->count + 1, sizeof *list->items);
    list->items = items;
    if (status != PURSER_OK) {
      (void)error_set(error, status, "out of memory");
      break;
    }
    struct crossing *c = &list->items[list->count++];
    *c = (struct crossing){
        .id = sqlite3_column_int64(q.stmt, 0),
        .policy_id = sqlite3_column_int64(q.stmt, 1),
        .scope = (enum scope_kind)sqlite3_column_int(q.stmt, 2),
        .threshold = sqlite3_column_int(q.stmt, 4),
        .spend_nanousd = sqlite3_column_int64(q.stmt, 5),
        .limit_nanousd = sqlite3_column_int64(q.stmt, 6),
        .period = {sqlite3_column_int64(q.stmt, 7), sqlite3_column_int64(q.stmt, 8)},
        .period_kind = (enum period_kind)sqlite3_column_int(q.stmt, 9),
        .run_id = sqlite3_column_int64(q.stmt, 10),
        .at_ms = sqlite3_column_int64(q.stmt, 11),
        .exhausted_ms = sqlite3_column_int64(q.stmt, 12),
    };
    (void)snprintf(c->scope_key, sizeof c->scope_key, "%s", db_column_text(q.stmt, 3));
  }
  db_done(&q);
  return status;
}

int budget_crossing_each(struct ledger *ledger, int64_t after_id,
                         int (*each)(void *data, const struct crossing *crossing), void *data,
                         struct error *error) {
  struct list list = {0};
  int status = collect(ledger, after_id, true, &list, error);
  if (status != PURSER_OK)
    (void)error_wrap(error, "read the crossed thresholds");
  for (size_t i = 0; i < list.count && status == PURSER_OK; i++)
    status = each(data, &list.items[i]);
  mem_free(list.items);
  return status;
}

struct claim {
  int64_t id;
  bool mine;
};

static int claim(struct ledger *ledger, void *data, struct error *error) {
  struct claim *asked = data;
  const struct db_value value = db_int(asked->id);
  const int status = db_run(
      ledger->db, "UPDATE crossing SET claimed = 1 WHERE id = ? AND claimed = 0", &value, 1, error);
  asked->mine = status == PURSER_OK && sqlite3_changes(db_handle(ledger->db)) == 1;
  return status;
}

int budget_crossing_claim(struct ledger *ledger, int64_t crossing_id, bool *mine,
                          struct error *error) {
  struct claim asked = {.id = crossing_id};
  *mine = false;
  const int status = ledger_transact(ledger, claim, &asked, error);
  if (status != PURSER_OK)
    return error_wrap(error, "claim a notification");
  *mine = asked.mine;
  return PURSER_OK;
}

int budget_crossing_claim_all(struct ledger *ledger,
                              int (*each)(void *data, const struct crossing *crossing), void *data,
                              struct error *error) {
  struct list list = {0};
  int status = collect(ledger, 0, false, &list, error);
  for (size_t i = 0; i < list.count && status == PURSER_OK; i++) {
    bool mine = false;
    status = budget_crossing_claim(ledger, list.items[i].id, &mine, error);
    if (status == PURSER_OK && mine)
      status = each(data, &list.items[i]);
  }
  mem_free(list.items);
  return status;
}

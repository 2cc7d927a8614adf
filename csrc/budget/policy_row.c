/* policy_row.c - see policy_row.h. */
#include "budget/policy_row.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/money.h"
#include "budget/limit.h"
#include "ledger/internal.h"

#define COLUMNS                                                                                 \
  "SELECT id, scope, coalesce((SELECT text FROM name WHERE id = p.key), ''), period, origin,"   \
  " reset_day, zone, limit_nanousd, thresholds, at_limit, version, saved_ms, hidden, start_ms," \
  " end_ms, metered, subscription, raised, latched, forecast FROM policy p"

void policy_read_thresholds(const char *text, struct policy *policy) {
  while (*text != '\0' && policy->threshold_count < POLICY_THRESHOLDS_MAX) {
    char *end;
    const long percent = strtol(text, &end, 10);
    if (end == text)
      return;
    policy->thresholds[policy->threshold_count++] = (int32_t)percent;
    text = *end == ',' ? end + 1 : end;
  }
}

static void write_thresholds(const struct policy *policy, char *out, size_t size) {
  size_t len = 0;
  out[0] = '\0';
  for (int i = 0; i < policy->threshold_count && len < size; i++)
    len += (size_t)snprintf(out + len, size - len, "%s%d", i > 0 ? "," : "",
                            (int)policy->thresholds[i]);
}

static void read_row(sqlite3_stmt *stmt, struct policy_row *out) {
  *out = (struct policy_row){
      .policy =
          {
              .id = sqlite3_column_int64(stmt, 0),
              .scope = (enum scope_kind)sqlite3_column_int(stmt, 1),
              .period = (enum period_kind)sqlite3_column_int(stmt, 3),
              .origin = (enum policy_origin)sqlite3_column_int(stmt, 4),
              .reset_day = sqlite3_column_int(stmt, 5),
              .has_limit = sqlite3_column_type(stmt, 7) != SQLITE_NULL,
              .limit_nanousd = sqlite3_column_int64(stmt, 7),
              .at_limit = (enum at_limit)sqlite3_column_int(stmt, 9),
              .version = sqlite3_column_int64(stmt, 10),
              .saved_ms = sqlite3_column_int64(stmt, 11),
              .forecast = sqlite3_column_int(stmt, 19) != 0,
          },
      .hidden = sqlite3_column_int(stmt, 12) != 0,
      .period = {sqlite3_column_int64(stmt, 13), sqlite3_column_int64(stmt, 14)},
      .metered = sqlite3_column_int64(stmt, 15),
      .subscription = sqlite3_column_int64(stmt, 16),
      .raise = sqlite3_column_int64(stmt, 17),
      .latched = sqlite3_column_int(stmt, 18),
  };
  struct policy *p = &out->policy;
  (void)snprintf(p->scope_key, sizeof p->scope_key, "%s", db_column_text(stmt, 2));
  (void)snprintf(p->zone, sizeof p->zone, "%s", db_column_text(stmt, 6));
  policy_read_thresholds(db_column_text(stmt, 8), p);
}

static int read_one(struct ledger *ledger, struct query *q, struct policy_row *out,
                    struct error *error) {
  int status = db_step(ledger->db, q, error);
  if (status == PURSER_OK)
    return PURSER_ENOTFOUND;
  if (status != DB_ROW)
    return status;
  read_row(q->stmt, out);
  return PURSER_OK;
}

int policy_row_get(struct ledger *ledger, int64_t id, struct policy_row *out, struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value value = db_int(id);
  int status = db_query(ledger->db, &q, COLUMNS " WHERE id = ?", &value, 1, error);
  if (status == PURSER_OK)
    status = read_one(ledger, &q, out, error);
  db_done(&q);
  if (status == PURSER_ENOTFOUND)
    return error_set(error, status, "there is no budget %lld", (long long)id);
  return status;
}

int policy_row_find(struct ledger *ledger, const struct policy *like, struct policy_row *out,
                    struct error *error) {
  struct query q = QUERY_INIT;
  int64_t key = 0;
  int status = names_find(&ledger->names, ledger->db, like->scope_key, &key, error);
  const struct db_value values[] = {db_int(like->scope), db_int(key), db_int(like->period),
                                    db_int(like->origin)};
  if (status == PURSER_OK)
    status = db_query(ledger->db, &q,
                      COLUMNS " WHERE scope = ? AND key = ? AND period = ? AND origin = ?", values,
                      4, error);
  if (status == PURSER_OK)
    status = read_one(ledger, &q, out, error);
  db_done(&q);
  return status;
}

int policy_row_each(struct ledger *ledger, bool in_force,
                    int (*each)(void *data, const struct policy_row *row), void *data,
                    struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value value = db_int(in_force);
  int status = db_query(ledger->db, &q,
                        COLUMNS " WHERE ?1 = 0 OR hidden = 0 ORDER BY scope, 3, period, origin",
                        &value, 1, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    struct policy_row row;
    read_row(q.stmt, &row);
    status = each(data, &row);
  }
  db_done(&q);
  return status;
}

int64_t policy_row_limit(const struct policy_row *row) {
  return money_add(row->policy.limit_nanousd, row->raise);
}

int64_t policy_row_spent(const struct ledger *ledger, const struct policy_row *row) {
  return row->metered + (ledger->enforce_subscription ? row->subscription : 0);
}

int64_t policy_threshold_nanousd(int64_t limit, int32_t percent) {
  /* Rounded up: 80 % is reached when 80 % is spent, not a nano-dollar sooner. */
  const int64_t whole = limit / 100;
  if (whole > INT64_MAX / 1000 - 1000)
    return INT64_MAX;
  return whole * percent + (limit % 100 * percent + 99) / 100;
}

/* The spend at which the next threshold may be crossed: all that a booking has to look at. */
static int64_t next_watch(const struct policy_row *row) {
  const struct policy *p = &row->policy;
  if (!p->has_limit || policy_row_limit(row) == 0)
    return INT64_MAX;
  for (int i = 0; i < p->threshold_count; i++) {
    if (p->thresholds[i] > row->latched)
      return policy_threshold_nanousd(policy_row_limit(row), p->thresholds[i]);
  }
  return INT64_MAX;
}

int policy_row_store(struct ledger *ledger, struct policy_row *row, struct error *error) {
  const struct policy *p = &row->policy;
  char thresholds[96];
  int64_t key = 0;
  int status = names_intern(&ledger->names, ledger->db, p->scope_key, &key, error);
  if (status != PURSER_OK)
    return status;
  write_thresholds(p, thresholds, sizeof thresholds);
  const struct db_value values[] = {
      p->id != 0 ? db_int(p->id) : db_null(),
      db_int(p->scope),
      db_int(key),
      db_int(p->period),
      db_int(p->origin),
      db_int(p->reset_day),
      db_text(p->zone),
      p->has_limit ? db_int(p->limit_nanousd) : db_null(),
      db_text(thresholds),
      db_int(p->at_limit),
      db_int(p->version),
      db_int(p->saved_ms),
      db_int(row->hidden),
      db_int(row->period.start_ms),
      db_int(row->period.end_ms),
      db_int(row->metered),
      db_int(row->subscription),
      db_int(row->raise),
      db_int(row->latched),
      db_int(next_watch(row)),
      db_int(p->forecast),
  };
  status = db_run(ledger->db,
                  "INSERT OR REPLACE INTO policy"
                  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  values, sizeof values / sizeof values[0], error);
  if (status == PURSER_OK && p->id == 0)
    row->policy.id = sqlite3_last_insert_rowid(db_handle(ledger->db));
  counters_forget(&ledger->counters);
  return status;
}

int policy_state_of(struct ledger *ledger, const struct policy_row *row, struct policy_state *out,
                    struct error *error) {
  const struct policy *p = &row->policy;
  *out = (struct policy_state){
      .policy = *p,
      .period = row->period,
      .spent_nanousd = policy_row_spent(ledger, row),
      .raise_nanousd = row->raise,
  };
  const int64_t now_ms = counters_now(ledger);
  if (row->period.end_ms <= now_ms) {
    const struct counter_rule rule = {p->id, p->period, p->reset_day, p->zone};
    struct counter_period next;
    const int status = counters_next(ledger, &rule, row->period, now_ms, &next, error);
    if (status != PURSER_OK)
      return status;
    out->period = next.period;
    out->spent_nanousd = next.metered + (ledger->enforce_subscription ? next.subscription : 0);
    out->raise_nanousd = 0;
  }
  out->limit_nanousd = money_add(p->limit_nanousd, out->raise_nanousd);

  struct limits one = {.count = 1};
  one.items[0] = (struct limit){.scope = p->scope};
  int status = names_find(&ledger->names, ledger->db, p->scope_key, &one.items[0].key, error);
  if (status == PURSER_OK)
    status = limits_add_living_holds(ledger, &one, error);
  out->held_nanousd = one.items[0].held;
  return status;
}

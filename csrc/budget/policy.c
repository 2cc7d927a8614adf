/* policy.c - saving, raising and removing policies. Reading them is policy_query.c. */
#include <string.h>

#include "base/mem.h"
#include "base/money.h"
#include "budget/audit.h"
#include "budget/budget.h"
#include "budget/policy_row.h"
#include "ledger/internal.h"

/* A billion dollars: far from where sums overflow. */
#define MAX_LIMIT (INT64_C(1000000000) * MONEY_PER_DOLLAR)

/* ---- what a policy must look like ---- */

static int check(struct ledger *ledger, const struct policy *p, struct error *error) {
  const struct zone *zone = NULL;
  int32_t before = 0;
  if ((unsigned)p->scope > SCOPE_GLOBAL || (unsigned)p->period > PERIOD_DAY ||
      (unsigned)p->at_limit > AT_LIMIT_WARN || (unsigned)p->origin > ORIGIN_SAVED)
    return error_set(error, PURSER_EINVAL, "a budget of no known kind");
  if ((p->scope == SCOPE_GLOBAL) != (p->scope_key[0] == '\0'))
    return error_set(error, PURSER_EINVAL, "a budget needs the agent or the workspace it is for");
  if (p->has_limit && (p->limit_nanousd < 0 || p->limit_nanousd > MAX_LIMIT))
    return error_set(error, PURSER_ERANGE, "a budget lies between 0 and a billion dollars");
  if (p->threshold_count < 0 || p->threshold_count > POLICY_THRESHOLDS_MAX)
    return error_set(error, PURSER_EINVAL, "a budget has at most %d thresholds",
                     POLICY_THRESHOLDS_MAX);
  for (int i = 0; i < p->threshold_count; i++) {
    if (p->thresholds[i] <= before || p->thresholds[i] > 1000)
      return error_set(error, PURSER_EINVAL,
                       "thresholds are whole percents from 1 to 1000, each above the one before");
    before = p->thresholds[i];
  }
  return ledger_named_zone(ledger, p->zone, &zone, error);
}

static int32_t clamp_reset_day(const struct policy *p) {
  const int32_t last = p->period == PERIOD_MONTH ? 31 : p->period == PERIOD_WEEK ? 7 : 1;
  return p->reset_day < 1 ? 1 : p->reset_day > last ? last : p->reset_day;
}

/* ---- periods and alarms ---- */

/* Opens the period around now, and counts what the log already holds for it. A request dated ahead of it (by less than a day, rule 23)
 * has its own period's counter. */
static int open_present_period(struct ledger *ledger, struct policy_row *row, struct error *error) {
  const struct policy *p = &row->policy;
  const struct zone *zone = NULL;
  struct counter_period sum;
  int64_t key = 0;
  int status = counters_load(ledger, error);
  if (status == PURSER_OK)
    status = ledger_named_zone(ledger, p->zone, &zone, error);
  if (status == PURSER_OK)
    status = names_intern(&ledger->names, ledger->db, p->scope_key, &key, error);
  if (status != PURSER_OK)
    return status;
  row->period = period_at(p->period, p->reset_day, zone, counters_now(ledger));
  status = counters_sum(ledger, (enum counter_scope)p->scope, key, row->period, &sum, error);
  row->metered = sum.metered;
  row->subscription = sum.subscription;
  row->raise = 0;
  row->latched = 0;
  return status;
}

/* The first time from one on at which a request happened, or for which it counts; INT64_MAX none. */
static int find_next_request(struct ledger *ledger, int64_t since_ms, int64_t *out,
                             struct error *error) {
  const struct db_value since = db_int(since_ms);
  return db_get_int(ledger->db,
                    "SELECT min(ifnull((SELECT min(at_ms) FROM request"
                    "  WHERE at_ms / 3600000 >= ?1 / 3600000 AND at_ms >= ?1), ?2),"
                    " ifnull((SELECT min(period_ms) FROM request WHERE period_ms >= ?1), ?2))",
                    (const struct db_value[]){since, db_int(INT64_MAX)}, 2, out, error);
}

/* What the log has for the periods to come: a little was dated ahead (rule 23), and all of it where the clock was set back. */
static int count_ahead(struct ledger *ledger, const struct policy_row *row, struct error *error) {
  const struct policy *p = &row->policy;
  const struct zone *zone = NULL;
  struct counter_period sum;
  int64_t key = 0;
  int64_t at_ms = row->period.end_ms;
  const struct db_value id = db_int(p->id);
  int status = db_run(ledger->db, "DELETE FROM policy_period WHERE policy = ?", &id, 1, error);
  if (status == PURSER_OK)
    status = ledger_named_zone(ledger, p->zone, &zone, error);
  if (status == PURSER_OK)
    status = names_intern(&ledger->names, ledger->db, p->scope_key, &key, error);
  while (status == PURSER_OK) {
    status = find_next_request(ledger, at_ms, &at_ms, error);
    if (status != PURSER_OK || at_ms == INT64_MAX)
      break;
    const struct period next = period_at(p->period, p->reset_day, zone, at_ms);
    status = counters_sum(ledger, (enum counter_scope)p->scope, key, next, &sum, error);
    if (status == PURSER_OK && (sum.metered != 0 || sum.subscription != 0)) {
      const struct db_value values[] = {id, db_int(next.start_ms), db_int(next.end_ms),
                                        db_int(sum.metered), db_int(sum.subscription)};
      status = db_run(ledger->db, "INSERT INTO policy_period VALUES (?, ?, ?, ?, ?, 0, 0)", values,
                      5, error);
    }
    at_ms = next.end_ms;
  }
  return status;
}

/* Rule 30: another limit arms the alarms again. Those that were passed and still are stay silent: raising a budget by a little is no
 * reason to ring at once. */
static void rearm(const struct ledger *ledger, struct policy_row *row) {
  const struct policy *p = &row->policy;
  const int64_t spent = policy_row_spent(ledger, row);
  int32_t latched = 0;
  row->policy.version++;
  for (int i = 0; i < p->threshold_count; i++) {
    if (p->thresholds[i] <= row->latched &&
        policy_threshold_nanousd(policy_row_limit(row), p->thresholds[i]) <= spent)
      latched = p->thresholds[i];
  }
  row->latched = latched;
}

/* ---- saving ---- */

static bool same_limit(const struct policy *a, const struct policy *b) {
  return a->has_limit == b->has_limit && (!a->has_limit || a->limit_nanousd == b->limit_nanousd);
}

static bool same_periods(const struct policy *a, const struct policy *b) {
  return a->reset_day == b->reset_day && strcmp(a->zone, b->zone) == 0;
}

static bool same_alarms(const struct policy *a, const struct policy *b) {
  if (a->threshold_count != b->threshold_count || a->forecast != b->forecast)
    return false;
  for (int i = 0; i < a->threshold_count; i++) {
    if (a->thresholds[i] != b->thresholds[i])
      return false;
  }
  return true;
}

/* Hides the configured policy where a saved one holds. One that comes to light again has counted nothing meanwhile. */
static int settle_visibility(struct ledger *ledger, const struct policy *like,
                             struct error *error) {
  struct policy probe = *like;
  struct policy_row row;
  probe.origin = ORIGIN_SAVED;
  int status = policy_row_find(ledger, &probe, &row, error);
  if (status != PURSER_OK && status != PURSER_ENOTFOUND)
    return status;
  const bool hide = status == PURSER_OK;
  probe.origin = ORIGIN_CONFIG;
  status = policy_row_find(ledger, &probe, &row, error);
  if (status == PURSER_ENOTFOUND)
    return PURSER_OK;
  if (status != PURSER_OK || row.hidden == hide)
    return status;
  row.hidden = hide;
  if (!hide) {
    status = open_present_period(ledger, &row, error);
    if (status == PURSER_OK)
      status = count_ahead(ledger, &row, error);
  }
  return status == PURSER_OK ? policy_row_store(ledger, &row, error) : status;
}

struct saving {
  const struct policy *policy;
  const char *who;
  int64_t id;
};

static int save(struct ledger *ledger, void *data, struct error *error) {
  struct saving *saving = data;
  struct policy p = *saving->policy;
  struct policy_row row = {.policy = p};
  p.reset_day = clamp_reset_day(&p);
  if (!p.has_limit)
    p.limit_nanousd = 0;
  int status = check(ledger, &p, error);
  if (status == PURSER_OK)
    status = counters_ready(ledger, error);
  if (status == PURSER_OK)
    status = policy_row_find(ledger, &p, &row, error);
  const bool fresh = status == PURSER_ENOTFOUND;
  if (status != PURSER_OK && !fresh)
    return status;

  const struct policy old = row.policy;
  if (!fresh && same_limit(&old, &p) && same_periods(&old, &p) && same_alarms(&old, &p) &&
      old.at_limit == p.at_limit) {
    saving->id = old.id;
    return PURSER_OK;
  }
  row.policy = p;
  row.policy.id = fresh ? 0 : old.id;
  row.policy.version = fresh ? 1 : old.version;
  row.policy.saved_ms = ledger_now(ledger);
  const bool anew = fresh || !same_periods(&old, &p);
  if (anew)
    status = open_present_period(ledger, &row, error);
  else
    status = PURSER_OK;
  if (!fresh && !same_limit(&old, &p))
    rearm(ledger, &row);
  if (status == PURSER_OK)
    status = policy_row_store(ledger, &row, error);
  if (status == PURSER_OK && anew)
    status = count_ahead(ledger, &row, error);
  if (status == PURSER_OK)
    status = settle_visibility(ledger, &p, error);
  saving->id = row.policy.id;
  /* What setup() declares is in a file of the user's; what is saved by hand is not. */
  if (status != PURSER_OK || p.origin != ORIGIN_SAVED)
    return status;
  const struct audit_entry entry = {
      .who = saving->who,
      .action = "save",
      .policy = row.policy.id,
      .amount_nanousd = p.has_limit ? p.limit_nanousd : -1,
      .scope = p.scope,
      .scope_key = p.scope_key,
  };
  return audit_write(ledger, &entry, error);
}

int budget_policy_set(struct ledger *ledger, const struct policy *policy, int64_t *id,
                      struct error *error) {
  return budget_policy_set_by(ledger, policy, NULL, id, error);
}

int budget_policy_set_by(struct ledger *ledger, const struct policy *policy, const char *who,
                         int64_t *id, struct error *error) {
  struct saving saving = {.policy = policy, .who = who};
  int status = ledger_transact(ledger, save, &saving, error);
  if (id != NULL)
    *id = status == PURSER_OK ? saving.id : 0;
  return status == PURSER_OK ? PURSER_OK : error_wrap(error, "save a budget");
}

/* ---- raising ---- */

struct raising {
  int64_t id;
  int64_t nanousd;
  const char *who;
};

static int raise_limit(struct ledger *ledger, void *data, struct error *error) {
  const struct raising *raising = data;
  struct policy_row row;
  int status = counters_ready(ledger, error);
  if (status == PURSER_OK)
    status = policy_row_get(ledger, raising->id, &row, error);
  if (status != PURSER_OK)
    return status;
  if (!row.policy.has_limit)
    return error_set(error, PURSER_EINVAL, "it has no limit that could be raised");
  if (raising->nanousd > MAX_LIMIT - policy_row_limit(&row))
    return error_set(error, PURSER_ERANGE, "a budget lies between 0 and a billion dollars");
  row.raise += raising->nanousd;
  rearm(ledger, &row);
  const struct audit_entry entry = {
      .who = raising->who,
      .action = "raise",
      .policy = row.policy.id,
      .amount_nanousd = raising->nanousd,
      .scope = row.policy.scope,
      .scope_key = row.policy.scope_key,
  };
  status = policy_row_store(ledger, &row, error);
  return status == PURSER_OK ? audit_write(ledger, &entry, error) : status;
}

int budget_policy_raise(struct ledger *ledger, int64_t id, int64_t nanousd, const char *who,
                        struct error *error) {
  struct raising raising = {id, nanousd, who};
  if (nanousd <= 0)
    return error_set(error, PURSER_EINVAL, "a budget is raised by more than nothing");
  const int status = ledger_transact(ledger, raise_limit, &raising, error);
  return status == PURSER_OK ? PURSER_OK : error_wrap(error, "raise a budget");
}

/* ---- removing ---- */

static int drop(struct ledger *ledger, const struct policy *p, struct error *error) {
  const struct db_value value = db_int(p->id);
  int status = db_run(ledger->db, "DELETE FROM policy WHERE id = ?", &value, 1, error);
  if (status == PURSER_OK)
    status = db_run(ledger->db, "DELETE FROM policy_period WHERE policy = ?", &value, 1, error);
  counters_forget(&ledger->counters);
  return status == PURSER_OK ? settle_visibility(ledger, p, error) : status;
}

struct removing {
  int64_t id;
  const char *who;
};

static int remove_policy(struct ledger *ledger, void *data, struct error *error) {
  const struct removing *removing = data;
  struct policy_row row;
  int status = policy_row_get(ledger, removing->id, &row, error);
  if (status == PURSER_OK)
    status = drop(ledger, &row.policy, error);
  if (status != PURSER_OK)
    return status;
  const struct audit_entry entry = {
      .who = removing->who,
      .action = "remove",
      .policy = removing->id,
      .scope = row.policy.scope,
      .scope_key = row.policy.scope_key,
  };
  return audit_write(ledger, &entry, error);
}

int budget_policy_remove(struct ledger *ledger, int64_t id, struct error *error) {
  return budget_policy_remove_by(ledger, id, NULL, error);
}

int budget_policy_remove_by(struct ledger *ledger, int64_t id, const char *who,
                            struct error *error) {
  struct removing removing = {id, who};
  const int status = ledger_transact(ledger, remove_policy, &removing, error);
  return status == PURSER_OK ? PURSER_OK : error_wrap(error, "remove a budget");
}

/* ---- setup() ---- */

struct replacing {
  const struct policy *policies;
  size_t count;
  struct policy *gone;
  size_t gone_count;
  size_t gone_cap;
};

static bool same_place(const struct policy *a, const struct policy *b) {
  return a->scope == b->scope && a->period == b->period && strcmp(a->scope_key, b->scope_key) == 0;
}

static int collect_gone(void *data, const struct policy_row *row) {
  struct replacing *r = data;
  if (row->policy.origin != ORIGIN_CONFIG)
    return PURSER_OK;
  for (size_t i = 0; i < r->count; i++) {
    if (same_place(&r->policies[i], &row->policy))
      return PURSER_OK;
  }
  void *gone = r->gone;
  const int status = mem_grow(&gone, &r->gone_cap, r->gone_count + 1, sizeof *r->gone);
  r->gone = gone;
  if (status == PURSER_OK)
    r->gone[r->gone_count++] = row->policy;
  return status;
}

static int replace_config(struct ledger *ledger, void *data, struct error *error) {
  struct replacing *r = data;
  int status = policy_row_each(ledger, false, collect_gone, r, error);
  if (status == PURSER_ENOMEM)
    (void)error_set(error, status, "out of memory");
  for (size_t i = 0; i < r->gone_count && status == PURSER_OK; i++)
    status = drop(ledger, &r->gone[i], error);
  for (size_t i = 0; i < r->count && status == PURSER_OK; i++) {
    struct policy p = r->policies[i];
    struct saving saving = {.policy = &p};
    p.origin = ORIGIN_CONFIG;
    status = save(ledger, &saving, error);
  }
  return status;
}

int budget_config_replace(struct ledger *ledger, const struct policy *policies, size_t count,
                          struct error *error) {
  struct replacing replacing = {.policies = policies, .count = count};
  const int status = ledger_transact(ledger, replace_config, &replacing, error);
  mem_free(replacing.gone);
  return status == PURSER_OK ? PURSER_OK : error_wrap(error, "take over the configured budgets");
}

/* ---- subscriptions ---- */

int budget_enforce_subscription(struct ledger *ledger, bool enforce, struct error *error) {
  if (ledger->enforce_subscription == enforce)
    return PURSER_OK;
  const int status = ledger_meta_set(ledger, "enforce_subscription", enforce ? "1" : "0", error);
  if (status == PURSER_OK)
    ledger->enforce_subscription = enforce;
  return status;
}

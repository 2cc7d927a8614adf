/* spent.c - what happens to a hold while its run goes on, and when it ends. */
#include "base/mem.h"
#include "base/money.h"
#include "budget/hold.h"
#include "budget/limit.h"
#include "budget/owner.h"
#include "ledger/internal.h"

static int64_t larger(int64_t a, int64_t b) {
  return a > b ? a : b;
}

/* ---- after a request ---- */

/* What the next request may cost, and what every limit has for it. */
struct top_up {
  int64_t next;
  int64_t available;            /* the least of them */
  bool short_run;               /* one of those that have too little has a short run already */
  const struct limit *refusing; /* the one to name, where it does not fit */
};

static struct top_up weigh(const struct limits *limits, int64_t next) {
  struct top_up t = {.next = next, .available = INT64_MAX};
  for (size_t i = 0; i < limits->count; i++) {
    const struct limit *limit = &limits->items[i];
    const int64_t left = limit_left_mid_run(limit);
    if (!limit->has_limit || limit->at_limit == AT_LIMIT_WARN)
      continue;
    t.available = left < t.available ? left : t.available;
    if (left >= next && left > 0)
      continue;
    t.short_run = t.short_run || limit->short_run;
    if (t.refusing == NULL || limit->at_limit < t.refusing->at_limit ||
        (limit->at_limit == t.refusing->at_limit && left < limit_left_mid_run(t.refusing)))
      t.refusing = limit;
  }
  return t;
}

/* Sets the hold to what the run may need from here on. False: it must not go on. */
static bool top_up(struct hold *hold, int64_t delta, const struct top_up *t) {
  const int64_t rest = larger(money_add(hold->amount, -delta), 0);
  hold->flags &= ~(int64_t)HOLD_SHORT;
  if (t->refusing == NULL) {
    hold->cover = t->next;
    hold->amount = larger(rest, t->next);
    /* Where limits have shrunk meanwhile, what is set aside beyond the next request shrinks with them. */
    if (hold->amount > t->available)
      hold->amount = t->available;
    return true;
  }
  const int64_t left = larger(t->available, 0);
  hold->cover = left < t->next ? left : t->next;
  hold->amount = hold->cover;
  if (left == 0 || t->short_run)
    return false;
  hold->flags |= HOLD_SHORT;
  return true;
}

static int name_policy(struct ledger *ledger, const struct limit *limit, struct policy_state *out,
                       struct error *error) {
  char *key = NULL;
  const struct db_value id = db_int(limit->key);
  const int status =
      db_get_text(ledger->db, "SELECT text FROM name WHERE id = ?", &id, 1, &key, error);
  if (status == PURSER_OK || status == PURSER_ENOTFOUND)
    limit_state(limit, ledger_text(key), out);
  mem_free(key);
  return status == PURSER_ENOTFOUND ? PURSER_OK : status;
}

static int spend(struct ledger *ledger, struct hold *hold, int64_t delta, int64_t next,
                 enum verdict *verdict, struct policy_state *policy, struct error *error) {
  struct limits limits;
  int status = counters_ready(ledger, error);
  if (status == PURSER_OK)
    status = limits_load(ledger, hold->agent, hold->workspace, ledger->enforce_subscription,
                         &limits, error);
  if (status == PURSER_OK)
    status = limits_add_holds(ledger, &limits, hold->run_id, error);
  if (status != PURSER_OK)
    return status;
  struct top_up t = weigh(&limits, next);
  if (t.refusing != NULL) {
    /* Perhaps it is the dead who are in the way. */
    int64_t buried = 0;
    status = hold_bury_dead(ledger, &buried, error);
    if (status == PURSER_OK && buried > 0)
      status = limits_add_holds(ledger, &limits, hold->run_id, error);
    if (status != PURSER_OK)
      return status;
    t = weigh(&limits, next);
  }
  const bool goes_on = top_up(hold, delta, &t) || (hold->flags & HOLD_OVERRIDE) != 0;
  if (!goes_on) {
    *verdict = t.refusing->at_limit == AT_LIMIT_BLOCK ? VERDICT_STOP : VERDICT_ASK;
    status = policy != NULL ? name_policy(ledger, t.refusing, policy, error) : PURSER_OK;
  }
  return status;
}

int budget_spent(struct ledger *ledger, int64_t run_id, int64_t delta_nanousd,
                 int64_t next_estimate_nanousd, enum verdict *verdict, struct policy_state *policy,
                 struct error *error) {
  struct hold hold;
  *verdict = VERDICT_CONTINUE;
  if (policy != NULL)
    *policy = (struct policy_state){.policy = {.scope = SCOPE_GLOBAL}};
  int status = ledger_need_transaction(ledger, "topping a hold up", error);
  if (status != PURSER_OK)
    return status;
  status = hold_get(ledger, run_id, &hold, error);
  /* Not a run of the gate's: nobody dispatches on its verdict. */
  if (status == PURSER_ENOTFOUND)
    return PURSER_OK;
  /* A run that is settled after its owner's death makes no further requests. */
  if (status == PURSER_OK && (hold.flags & (HOLD_EXEMPT | HOLD_ADOPTED)) == 0) {
    /* Whoever spends is not dead, whatever was thought; and is the owner. */
    hold.flags &= ~(int64_t)HOLD_DEAD;
    hold.touched_ms = ledger_now(ledger);
    status = spend(ledger, &hold, delta_nanousd, larger(next_estimate_nanousd, 0), verdict, policy,
                   error);
    if (status == PURSER_OK)
      status = hold_update(ledger, &hold, error);
  }
  return ledger_spoil(ledger, status, "top a hold up", error);
}

/* ---- the end ---- */

/* What a child drew from its parent and did not use goes back to it (rule 29). */
static int give_back(struct ledger *ledger, const struct hold *hold, struct error *error) {
  struct hold parent;
  const int64_t rest = hold->amount < hold->drawn ? hold->amount : hold->drawn;
  if (hold->parent == 0 || rest <= 0)
    return PURSER_OK;
  const int status = hold_get(ledger, hold->parent, &parent, error);
  if (status == PURSER_ENOTFOUND)
    return PURSER_OK;
  if (status != PURSER_OK || (parent.flags & HOLD_DEAD) != 0)
    return status;
  parent.amount = money_add(parent.amount, rest);
  return hold_update(ledger, &parent, error);
}

int budget_release(struct ledger *ledger, int64_t run_id, struct error *error) {
  struct hold hold;
  int status = ledger_need_transaction(ledger, "releasing a hold", error);
  if (status != PURSER_OK)
    return status;
  status = hold_get(ledger, run_id, &hold, error);
  if (status == PURSER_ENOTFOUND)
    return PURSER_OK;
  if (status == PURSER_OK)
    status = give_back(ledger, &hold, error);
  if (status == PURSER_OK)
    status = hold_remove(ledger, run_id, error);
  return ledger_spoil(ledger, status, "release a hold", error);
}

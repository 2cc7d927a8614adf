/* admit.c - the gate that is asked before each dispatch: one transaction from the look at the policies to the hold
 * (rule 24). What it weighs is decide.c. */
#include <string.h>

#include "base/money.h"
#include "budget/audit.h"
#include "budget/decide.h"
#include "budget/hold.h"
#include "budget/sentence.h"
#include "ledger/internal.h"

/* One question on its way through. */
struct gate {
  struct ledger *ledger;
  const struct admission_request *request;
  struct admission *out;
  int64_t agent; /* name ids; -1: never stored, so that only the global policies apply */
  int64_t workspace;
  bool exempt;
  bool unpriced;
  struct asking asking;
  struct limits limits;
  struct hold parent; /* run_id 0: none that could be drawn on */
  struct decision decision;
};

/* ---- what is asked ---- */

static bool subscription_counts(const struct gate *gate) {
  return gate->ledger->enforce_subscription || gate->request->enforce_subscription;
}

static bool is_exempt(const struct gate *gate) {
  switch (gate->request->spec->billing) {
  case BILLING_LOCAL: return true;
  case BILLING_SUBSCRIPTION: return gate->request->known_free || !subscription_counts(gate);
  case BILLING_METERED: break;
  }
  return gate->request->known_free;
}

static void weigh(struct gate *gate) {
  const struct admission_request *r = gate->request;
  gate->exempt = is_exempt(gate);
  gate->unpriced = r->estimate_nanousd < 0 && r->fallback_nanousd < 0;
  if (gate->exempt || gate->unpriced)
    return;
  gate->asking = (struct asking){
      .estimate = r->estimate_nanousd >= 0 ? r->estimate_nanousd : r->fallback_nanousd,
      .minimum = r->minimum_nanousd > 0 ? r->minimum_nanousd : 0,
      .request = r->request_nanousd > 0 ? r->request_nanousd : 0,
  };
}

static int find_name(struct gate *gate, const char *text, int64_t *id, struct error *error) {
  struct ledger *ledger = gate->ledger;
  if (!gate->request->dry)
    return names_intern(&ledger->names, ledger->db, text, id, error);
  const int status = names_find(&ledger->names, ledger->db, text, id, error);
  if (status != PURSER_ENOTFOUND)
    return status;
  *id = -1;
  return PURSER_OK;
}

static int find_names(struct gate *gate, struct error *error) {
  const struct run_spec *spec = gate->request->spec;
  const int status = find_name(gate, ledger_text(spec->agent), &gate->agent, error);
  return status == PURSER_OK
             ? find_name(gate, ledger_text(spec->workspace), &gate->workspace, error)
             : status;
}

/* ---- what there is ---- */

/* What the parent holds is there for its children, in the limits that apply to both. */
static int find_parent(struct gate *gate, struct error *error) {
  const int64_t parent = gate->request->spec->parent_run;
  if (parent == 0 || gate->exempt)
    return PURSER_OK;
  const int status = hold_get(gate->ledger, parent, &gate->parent, error);
  if (status == PURSER_OK && (gate->parent.flags & HOLD_DEAD) == 0)
    return PURSER_OK;
  gate->parent = (struct hold){0};
  return status == PURSER_ENOTFOUND ? PURSER_OK : status;
}

static bool applies_to(const struct limit *limit, const struct hold *hold) {
  return limit->scope == SCOPE_GLOBAL ||
         limit->key == (limit->scope == SCOPE_AGENT ? hold->agent : hold->workspace);
}

static int look(struct gate *gate, bool living_only, struct error *error) {
  struct ledger *ledger = gate->ledger;
  int status = limits_load(ledger, gate->agent, gate->workspace, subscription_counts(gate),
                           &gate->limits, error);
  if (status == PURSER_OK)
    status = living_only ? limits_add_living_holds(ledger, &gate->limits, error)
                         : limits_add_holds(ledger, &gate->limits, 0, error);
  if (status == PURSER_OK)
    status = find_parent(gate, error);
  for (size_t i = 0; i < gate->limits.count; i++) {
    struct limit *limit = &gate->limits.items[i];
    if (gate->parent.run_id != 0 && applies_to(limit, &gate->parent))
      limit->drawable = gate->parent.amount;
  }
  return status;
}

static void judge(struct gate *gate) {
  struct decision *d = &gate->decision;
  if (gate->exempt) {
    *d = (struct decision){.admitted = true, .limit = decide_tightest(&gate->limits)};
    return;
  }
  if (!gate->unpriced) {
    *d = decide(&gate->limits, &gate->asking);
    return;
  }
  const struct limit *refusing = decide_unpriced(&gate->limits);
  const struct limit *tightest = decide_tightest(&gate->limits);
  *d = (struct decision){
      .admitted = refusing == NULL,
      .refusal = refusing != NULL ? REFUSAL_UNPRICED : REFUSAL_NONE,
      .warned = refusing == NULL && tightest != NULL && limit_left(tightest) <= 0,
      .limit = refusing != NULL ? refusing : tightest,
  };
}

/* Looking whether the dead hold something costs more than the gate itself. What fits beside them fits without them; only where it does
 * not is it worth to look (rule 25). */
static bool wants_a_second_look(const struct gate *gate) {
  const struct decision *d = &gate->decision;
  return !gate->exempt && !gate->unpriced && (!d->admitted || d->shrunk || d->warned);
}

/* ---- the answer ---- */

static int tell(struct gate *gate, struct error *error) {
  struct ledger *ledger = gate->ledger;
  struct admission *out = gate->out;
  const struct decision *d = &gate->decision;
  out->admitted = d->admitted || gate->request->override_once;
  out->warned = d->warned;
  out->refusal = out->admitted ? REFUSAL_NONE : d->refusal;
  out->hold_nanousd = out->admitted ? d->hold : 0;
  out->has_policy = d->limit != NULL;
  if (!out->has_policy) {
    out->policy = (struct policy_state){.policy = {.scope = SCOPE_GLOBAL}};
    return PURSER_OK;
  }
  const struct run_spec *spec = gate->request->spec;
  limit_state(d->limit,
              d->limit->scope == SCOPE_AGENT       ? ledger_text(spec->agent)
              : d->limit->scope == SCOPE_WORKSPACE ? ledger_text(spec->workspace)
                                                   : "",
              &out->policy);
  out->at_limit = d->limit->at_limit;
  if (out->refusal == REFUSAL_NONE && !out->warned)
    return PURSER_OK;
  const struct zone *zone = NULL;
  const int status = ledger_named_zone(ledger, out->policy.policy.zone, &zone, error);
  if (status == PURSER_OK) {
    const int64_t minimum = gate->asking.minimum;
    sentence_write(out, minimum > 0 ? minimum : gate->asking.estimate, zone);
  }
  return status;
}

/* ---- writing it down ---- */

static int draw_on_parent(struct gate *gate, struct hold *hold, struct error *error) {
  struct hold *parent = &gate->parent;
  if (parent->run_id == 0)
    return PURSER_OK;
  hold->drawn = hold->amount < parent->amount ? hold->amount : parent->amount;
  parent->amount -= hold->drawn;
  if (parent->cover > parent->amount)
    parent->cover = parent->amount;
  return hold_update(gate->ledger, parent, error);
}

static int write_run(struct gate *gate, struct error *error) {
  struct ledger *ledger = gate->ledger;
  const struct admission_request *r = gate->request;
  const struct decision *d = &gate->decision;
  struct hold hold = {
      .parent = r->spec->parent_run,
      .agent = gate->agent,
      .workspace = gate->workspace,
      .amount = d->hold,
      .cover = d->cover,
      .touched_ms = ledger_now(ledger),
  };
  hold.flags = (gate->exempt ? HOLD_EXEMPT : 0) | (d->short_run ? HOLD_SHORT : 0) |
               (!d->admitted ? HOLD_OVERRIDE : 0);
  int status = budget_owner_self(&hold.owner);
  if (status == PURSER_OK)
    status = ledger_run_create(ledger, r->spec, RUN_ADMITTED, &hold.run_id, error);
  if (status == PURSER_OK)
    status = draw_on_parent(gate, &hold, error);
  if (status == PURSER_OK)
    status = hold_insert(ledger, &hold, error);
  if (status != PURSER_OK)
    return status;
  gate->out->run_id = hold.run_id;
  gate->out->policy.held_nanousd += hold.amount - hold.drawn;
  if (d->admitted)
    return PURSER_OK;
  const struct audit_entry entry = {
      .who = r->who,
      .action = "override",
      .policy = d->limit != NULL ? d->limit->policy : 0,
      .run_id = hold.run_id,
      .amount_nanousd = hold.amount,
      .scope = gate->out->policy.policy.scope,
      .scope_key = gate->out->policy.policy.scope_key,
  };
  return audit_write(ledger, &entry, error);
}

static int pass(struct ledger *ledger, void *data, struct error *error) {
  struct gate *gate = data;
  int64_t buried = 0;
  int status = counters_ready(ledger, error);
  if (status == PURSER_OK)
    status = find_names(gate, error);
  if (status == PURSER_OK)
    status = look(gate, false, error);
  if (status != PURSER_OK)
    return status;
  judge(gate);
  if (wants_a_second_look(gate)) {
    status = hold_bury_dead(ledger, &buried, error);
    if (status == PURSER_OK && buried > 0)
      status = look(gate, false, error);
    if (status == PURSER_OK)
      judge(gate);
  }
  if (status == PURSER_OK)
    status = tell(gate, error);
  if (status == PURSER_OK && gate->out->admitted)
    status = write_run(gate, error);
  return status;
}

/* The common case of a question: the policies are in memory, and one statement says that they are still those of the ledger, and what is
 * held. False: the long way is needed. */
static bool ask_quickly(struct gate *gate) {
  struct ledger *ledger = gate->ledger;
  bool current = false;
  if (!ledger->counters.loaded || gate->request->spec->parent_run != 0)
    return false;
  if (find_names(gate, NULL) != PURSER_OK ||
      limits_load(ledger, gate->agent, gate->workspace, subscription_counts(gate), &gate->limits,
                  NULL) != PURSER_OK ||
      limits_add_holds_now(ledger, &gate->limits, &current, NULL) != PURSER_OK || !current)
    return false;
  judge(gate);
  return !wants_a_second_look(gate) && tell(gate, NULL) == PURSER_OK;
}

/* The same without writing: the dead are left out instead of buried. */
static int ask_only(struct gate *gate, struct error *error) {
  struct ledger *ledger = gate->ledger;
  bool mine = false;
  if (ask_quickly(gate))
    return PURSER_OK;
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = counters_load(ledger, error);
  if (status == PURSER_OK)
    status = find_names(gate, error);
  if (status == PURSER_OK)
    status = look(gate, false, error);
  if (status == PURSER_OK) {
    judge(gate);
    if (wants_a_second_look(gate)) {
      status = look(gate, true, error);
      judge(gate);
    }
  }
  if (status == PURSER_OK)
    status = tell(gate, error);
  ledger_read_end(ledger, mine);
  return status;
}

int budget_admit(struct ledger *ledger, const struct admission_request *request,
                 struct admission *out, struct error *error) {
  *out = (struct admission){.admitted = false};
  if (db_in_transaction(ledger->db))
    return error_set(error, PURSER_EINVAL, "the gate is asked outside of transactions");
  struct gate gate = {.ledger = ledger, .request = request, .out = out};
  weigh(&gate);
  const int status =
      request->dry ? ask_only(&gate, error) : ledger_transact(ledger, pass, &gate, error);
  if (status != PURSER_OK) {
    *out = (struct admission){.admitted = false};
    return error_wrap(error, "ask the budgets");
  }
  return PURSER_OK;
}

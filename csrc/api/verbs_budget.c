/* verbs_budget.c - policies: listing, saving, raising, removing; the crossings. */
#include <string.h>

#include "api/shapes.h"
#include "api/verbs.h"
#include "base/money.h"

static int add_budget(void *data, const struct policy_state *state) {
  cJSON *list = data;
  cJSON *budget = shape_budget(state);
  if (budget == NULL || !cJSON_AddItemToArray(list, budget)) {
    cJSON_Delete(budget);
    return PURSER_ENOMEM;
  }
  return 0;
}

int verb_budget_list(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  (void)args;
  cJSON *list = cJSON_AddArrayToObject(out, "budgets");
  if (list == NULL)
    return PURSER_ENOMEM;
  return budget_policy_each(core->ledger, add_budget, list, error);
}

/* The policy in force for a scope and period. */
struct wanted {
  enum scope_kind scope;
  const char *key;
  enum period_kind period;
  struct policy_state found;
  bool any;
};

static int match(void *data, const struct policy_state *state) {
  struct wanted *w = data;
  if (state->policy.scope == w->scope && state->policy.period == w->period &&
      strcmp(state->policy.scope_key, w->key) == 0) {
    w->found = *state;
    w->any = true;
  }
  return 0;
}

static int find_policy(struct purser *core, struct args *args, struct policy_state *out,
                       struct error *error) {
  char key[sizeof out->policy.scope_key];
  struct wanted w = {.key = key};
  const char *scope = args_text(args, "scope");
  const char *period = args_text(args, "period");
  int status = scope_parse(scope != NULL ? scope : "", &w.scope, key, sizeof key, error);
  if (status != PURSER_OK)
    return status;
  const int kind = period_parse_kind(period != NULL ? period : "month");
  if (kind < 0)
    return error_set(error, PURSER_EINVAL, "period: expected month, week or day");
  w.period = (enum period_kind)kind;
  status = budget_policy_each(core->ledger, match, &w, error);
  if (status != PURSER_OK)
    return status;
  if (!w.any) {
    return error_set(error, PURSER_ENOTFOUND, "there is no budget for %s: set one first", scope);
  }
  *out = w.found;
  return PURSER_OK;
}

/* Answers with the policy as it now stands. */
static int answer_policy(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct policy_state state = {0};
  const int status = find_policy(core, args, &state, error);
  if (status != PURSER_OK)
    return status;
  core->spend_changed = true;
  return shape_add(out, "budget", shape_budget(&state)) ? PURSER_OK : PURSER_ENOMEM;
}

int verb_budget_set(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct policy policy;
  int64_t id;
  int status = policy_parse(&args->doc, 0, &policy, error);
  if (status != PURSER_OK)
    return status;
  policy.origin = ORIGIN_SAVED;
  status = budget_policy_set(core->ledger, &policy, &id, error);
  return status == PURSER_OK ? answer_policy(core, args, out, error) : status;
}

int verb_budget_remove(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  (void)out;
  struct policy_state state = {0};
  int status = find_policy(core, args, &state, error);
  if (status != PURSER_OK)
    return status;
  if (state.policy.origin == ORIGIN_CONFIG) {
    return error_set(
        error, PURSER_EINVAL,
        "this budget is declared in setup(): change it there, or save another over it");
  }
  status = budget_policy_remove(core->ledger, state.policy.id, error);
  core->spend_changed = true;
  return status;
}

int verb_budget_raise(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct policy_state state = {0};
  const char *who = args_text(args, "who");
  int64_t cents;
  enum {
    MOST_CENTS = 100000000
  };
  if (json_i64(&args->doc, json_get(&args->doc, 0, "cents"), &cents) != PURSER_OK || cents <= 0 ||
      cents > MOST_CENTS) {
    return error_set(error, PURSER_EINVAL, "cents: expected a whole number from 1 to %d",
                     MOST_CENTS);
  }
  int status = find_policy(core, args, &state, error);
  if (status == PURSER_OK) {
    status = budget_policy_raise(core->ledger, state.policy.id, cents * MONEY_PER_CENT,
                                 who != NULL ? who : "user", error);
  }
  return status == PURSER_OK ? answer_policy(core, args, out, error) : status;
}

static int add_crossing(void *data, const struct crossing *crossing) {
  cJSON *list = data;
  cJSON *item = shape_crossing(crossing, false);
  if (item == NULL || !cJSON_AddItemToArray(list, item)) {
    cJSON_Delete(item);
    return PURSER_ENOMEM;
  }
  return 0;
}

int verb_crossings(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  cJSON *list = cJSON_AddArrayToObject(out, "crossings");
  if (list == NULL)
    return PURSER_ENOMEM;
  return budget_crossing_each(core->ledger, args_int(args, "after", 0), add_crossing, list, error);
}

/* verbs_budget.c - policies: listing, saving, raising, removing; the crossings; forecasts. */
#include <string.h>

#include "api/tree.h"
#include "api/verbs.h"
#include "base/json.h"
#include "base/money.h"
#include "budget/coverage.h"
#include "budget/outlook.h"

struct listing {
  struct purser *core;
  struct buf list;
  struct error *error;
};

static int add_budget(void *data, const struct policy_state *state) {
  struct listing *listing = data;
  struct outlook outlook;
  const int status = outlook_of_budget(listing->core->ledger, state, &outlook, listing->error);
  if (status != PURSER_OK)
    return status;
  json_put_item(&listing->list);
  shape_listed_budget(&listing->list, state, &outlook);
  return PURSER_OK;
}

int verb_budget_list(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  (void)args;
  struct listing listing = {core, BUF_INIT, error};
  buf_addc(&listing.list, '[');
  const int status = budget_policy_each(core->ledger, add_budget, &listing, error);
  buf_addc(&listing.list, ']');
  const bool added = tree_add(out, "budgets", tree_raw(&listing.list));
  return status != PURSER_OK || added ? status : PURSER_ENOMEM;
}

int verb_forecast(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  const struct report_query filters = {
      .agent = args_text(args, "agent"),
      .workspace = args_text(args, "workspace"),
      .source = args_text(args, "source"),
      .model = args_text(args, "model"),
      .effort = args_text_or_empty(args, "effort"),
      .branch = args_text_or_empty(args, "branch"),
      .billing = args_text(args, "billing"),
  };
  struct outlook o;
  struct coverage coverage = {0};
  int status = check_billing(filters.billing, error);
  if (status == PURSER_OK)
    status = outlook_of_month(core->ledger, &filters, args_int(args, "as_of", 0), &o, error);
  if (status == PURSER_OK)
    status = coverage_recall(&core->coverage, core->ledger, &filters, &coverage, error);
  if (status != PURSER_OK)
    return status;
  const struct forecast *f = &o.forecast;
  bool done = tree_add_int(out, "days_active", f->days_active) &&
              tree_add_int(out, "spent_nanousd", o.spent_nanousd) &&
              tree_add_int(out, "start_ms", o.period.start_ms) &&
              tree_add_int(out, "end_ms", o.period.end_ms) &&
              tree_add_text(out, "method", forecast_method_name(f->method));
  if (f->method != FORECAST_NONE)
    done = done && tree_add_int(out, "p10_nanousd", f->p10_nanousd) &&
           tree_add_int(out, "p50_nanousd", f->p50_nanousd) &&
           tree_add_int(out, "p90_nanousd", f->p90_nanousd);
  if (coverage.months > 0) {
    cJSON *object = cJSON_AddObjectToObject(out, "coverage");
    done = done && object != NULL && tree_add_int(object, "months", coverage.months) &&
           tree_add_int(object, "covered", coverage.covered);
  }
  return done ? PURSER_OK : PURSER_ENOMEM;
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
  return tree_add(out, "budget", tree_budget(&state)) ? PURSER_OK : PURSER_ENOMEM;
}

int verb_budget_set(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct policy policy;
  int64_t id;
  int status = policy_parse(&args->doc, 0, &policy, error);
  if (status != PURSER_OK)
    return status;
  policy.origin = ORIGIN_SAVED;
  status = budget_policy_set_by(core->ledger, &policy, args_text(args, "who"), &id, error);
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
  status = budget_policy_remove_by(core->ledger, state.policy.id, args_text(args, "who"), error);
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
  struct buf *list = data;
  json_put_item(list);
  shape_crossing(list, crossing, false);
  return PURSER_OK;
}

int verb_crossings(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct buf list = BUF_INIT;
  buf_addc(&list, '[');
  const int status =
      budget_crossing_each(core->ledger, args_int(args, "after", 0), add_crossing, &list, error);
  buf_addc(&list, ']');
  const bool added = tree_add(out, "crossings", tree_raw(&list));
  return status != PURSER_OK || added ? status : PURSER_ENOMEM;
}

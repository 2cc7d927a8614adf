/* verbs_run.c - about dispatches to come and runs that were cut off: estimate, gate, watch, recover, prices. */
#include <string.h>

#include "api/tree.h"
#include "api/verbs.h"
#include "base/mem.h"

/* The verb's own arguments are a run's spec: printed again for the one function that reads it. */
static int read_spec(struct args *args, struct spec *out, struct error *error) {
  return spec_parse(out, args->doc.src, error);
}

int verb_estimate(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct spec spec;
  struct estimate estimate;
  int status = read_spec(args, &spec, error);
  if (status != PURSER_OK)
    return status;
  status = run_estimate(core->ledger, &core->config, &spec.request, &estimate, error);
  struct policy_state budget;
  bool limited = false;
  if (status == PURSER_OK) {
    status =
        core_tightest(core, spec.request.agent, spec.request.workspace, &budget, &limited, error);
  }
  spec_fini(&spec);
  if (status != PURSER_OK)
    return status;
  bool done = tree_add_int(out, "low_nanousd", estimate.low_nanousd) &&
              tree_add_int(out, "high_nanousd", estimate.high_nanousd) &&
              tree_add_int(out, "minimum_nanousd", estimate.minimum_nanousd) &&
              tree_add_int(out, "input_tokens", estimate.input_tokens) &&
              tree_add_int(out, "output_tokens", estimate.output_tokens) &&
              tree_add_text(out, "status", cost_status_name(estimate.status));
  if (limited)
    done = done && tree_add(out, "budget", tree_budget(&budget));
  return done ? PURSER_OK : PURSER_ENOMEM;
}

int verb_gate(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct run_spec spec = {
      .agent = args_text(args, "agent"),
      .workspace = args_text(args, "workspace"),
      .source = "gate",
  };
  if (spec.agent == NULL)
    return error_set(error, PURSER_EINVAL, "agent: which one?");
  if (spec.workspace == NULL)
    spec.workspace = "";
  struct run_answer answer = {0};
  answer.estimate.high_nanousd = args_int(args, "estimate_nanousd", 0);
  const struct admission_request asked = {
      .spec = &spec,
      .estimate_nanousd = answer.estimate.high_nanousd,
      .fallback_nanousd = -1,
      .enforce_subscription = core->config.enforce_subscription,
      .who = "gate",
      .dry = true,
  };
  const int status = budget_admit(core->ledger, &asked, &answer.admission, error);
  if (status != PURSER_OK)
    return status;
  bool done = cJSON_AddBoolToObject(out, "admitted", answer.admission.admitted) != NULL;
  if (answer.admission.admitted) {
    if (answer.admission.has_policy) {
      done = done && tree_add(out, "budget", tree_budget(&answer.admission.policy));
    }
  } else {
    done = done && tree_add(out, "refusal", tree_refusal(&answer));
  }
  return done ? PURSER_OK : PURSER_ENOMEM;
}

static bool replace(char **field, const char *text) {
  char *copy = mem_strdup(text);
  if (text != NULL && copy == NULL)
    return false;
  mem_free(*field);
  *field = copy;
  return true;
}

int verb_watch(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  (void)out;
  (void)error;
  if (!replace(&core->watch.agent, args_text(args, "agent")) ||
      !replace(&core->watch.workspace, args_text(args, "workspace"))) {
    return PURSER_ENOMEM;
  }
  core->spend_changed = true;
  return PURSER_OK;
}

struct recovering {
  struct purser *core;
  cJSON *list;
};

static int add_settled(void *data, int64_t id) {
  const struct recovering *r = data;
  struct run_row row = {0};
  const int status = ledger_run_get(r->core->ledger, id, &row, NULL);
  if (status != PURSER_OK)
    return status;
  cJSON *run = tree_run(&row);
  run_row_fini(&row);
  return tree_append(r->list, run) ? PURSER_OK : PURSER_ENOMEM;
}

int verb_recover(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  (void)args;
  struct recovering r = {core, cJSON_AddArrayToObject(out, "settled")};
  if (r.list == NULL)
    return PURSER_ENOMEM;
  core->spend_changed = true;
  return run_recover(core->ledger, &core->config, add_settled, &r, error);
}

static int add_model(void *data, const struct model_info *m) {
  cJSON *list = data;
  cJSON *object = cJSON_CreateObject();
  const bool done =
      object != NULL && tree_add_text(object, "model", m->model) &&
      tree_add_text(object, "provider", m->provider) &&
      tree_add_text(object, "rate_card", m->rate_card) &&
      tree_add_int(object, "context_window", m->context_window) &&
      tree_add_int(object, "max_output", m->max_output) &&
      tree_add_int(object, "input", m->input) && tree_add_int(object, "output", m->output) &&
      tree_add_int(object, "cache_read", m->cache_read) &&
      tree_add_int(object, "cache_write_5m", m->cache_write_5m) &&
      tree_add_int(object, "cache_write_1h", m->cache_write_1h) &&
      cJSON_AddBoolToObject(object, "free", m->free) != NULL && cJSON_AddItemToArray(list, object);
  if (!done)
    cJSON_Delete(object);
  return done ? 0 : PURSER_ENOMEM;
}

int verb_prices(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  cJSON *list = cJSON_AddArrayToObject(out, "models");
  if (list == NULL)
    return PURSER_ENOMEM;
  const int64_t now_ms = clock_now_ms(ledger_clock(core->ledger));
  const char *model = args_text(args, "model");
  if (model == NULL)
    return catalog_each(core->catalog, now_ms, add_model, list);
  struct model_info info;
  const int status = catalog_find(core->catalog, args_text(args, "provider"), model, now_ms, &info);
  if (status != PURSER_OK)
    return error_set(error, status, "no price for %s", model);
  return add_model(list, &info);
}

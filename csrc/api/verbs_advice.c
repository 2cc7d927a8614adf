/* verbs_advice.c - review, review.dismiss, review.restore, what_if, advice.accept, advice.after. */
#include <stdio.h>
#include <string.h>

#include "advice/after.h"
#include "advice/review.h"
#include "advice/tiers.h"
#include "advice/what_if.h"
#include "api/tree.h"
#include "api/verbs.h"
#include "base/mem.h"

struct figure {
  const char *key;
  int64_t value;
};

static bool add_figures(cJSON *out, const struct figure *figures, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!tree_add_int(out, figures[i].key, figures[i].value))
      return false;
  }
  return true;
}

/* ---- review ---- */

static cJSON *shape_finding(const struct finding *finding, const char *cheaper) {
  const struct figure figures[] = {
      {"nanousd", finding->nanousd}, {"figure", finding->figure}, {"usual", finding->usual}};
  cJSON *object = cJSON_CreateObject();
  if (object != NULL && tree_add_text(object, "kind", finding_name(finding->kind)) &&
      cJSON_AddBoolToObject(object, "measured", finding->measured) != NULL &&
      (!finding->dismissed || cJSON_AddTrueToObject(object, "dismissed") != NULL) &&
      add_figures(object, figures, 3) &&
      tree_add_text(object, "model", finding->kind == FINDING_MODEL ? cheaper : NULL))
    return object;
  cJSON_Delete(object);
  return NULL;
}

static bool shape_findings(cJSON *object, const struct reviewed *reviewed) {
  cJSON *list = cJSON_AddArrayToObject(object, "findings");
  for (size_t i = 0; list != NULL && i < reviewed->count; i++) {
    if (!tree_append(list, shape_finding(&reviewed->findings[i], reviewed->cheaper_model)))
      return false;
  }
  const struct figure usual[] = {
      {"runs", reviewed->usual->runs},
      {"first_prompt", reviewed->usual->first_prompt},
      {"requests", reviewed->usual->requests},
      {"output", reviewed->usual->output},
  };
  cJSON *medians = cJSON_AddObjectToObject(object, "usual");
  return list != NULL && medians != NULL && add_figures(medians, usual, 4);
}

static int add_reviewed(void *data, const struct reviewed *reviewed) {
  cJSON *object = cJSON_CreateObject();
  if (object != NULL && tree_add(object, "run", tree_run(reviewed->run)) &&
      shape_findings(object, reviewed) && cJSON_AddItemToArray(data, object))
    return 0;
  cJSON_Delete(object);
  return PURSER_ENOMEM;
}

int verb_review(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  cJSON *list = cJSON_AddArrayToObject(out, "reviewed");
  const int64_t run = args_int(args, "run", 0);
  if (list == NULL)
    return PURSER_ENOMEM;
  if (run != 0)
    return review_run(core->ledger, core->catalog, run, args_true(args, "all"), add_reviewed, list,
                      error);
  const struct review_query query = {
      .agent = args_text(args, "agent"),
      .workspace = args_text(args, "workspace"),
      .billing = args_text(args, "billing"),
      .since_ms = args_int(args, "since_ms", 0),
      .until_ms = args_int(args, "until_ms", 0),
      .minimum_nanousd = args_int(args, "minimum_nanousd", 0),
      .limit = (int32_t)args_int(args, "limit", 0),
      .all = args_true(args, "all"),
  };
  const int status = check_billing(query.billing, error);
  return status == PURSER_OK
             ? review(core->ledger, core->catalog, &query, add_reviewed, list, error)
             : status;
}

static int need_finding(struct args *args, const char **out, struct error *error) {
  *out = args_text(args, "finding");
  if (*out == NULL || finding_parse(*out) < 0)
    return error_set(error, PURSER_EINVAL, "finding: which one?");
  return PURSER_OK;
}

int verb_review_dismiss(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  const char *finding;
  (void)out;
  const int status = need_finding(args, &finding, error);
  return status == PURSER_OK
             ? advice_dismiss(core->ledger, args_int(args, "run", 0), finding, error)
             : status;
}

int verb_review_restore(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  const char *finding;
  (void)out;
  const int status = need_finding(args, &finding, error);
  return status == PURSER_OK
             ? advice_restore(core->ledger, args_int(args, "run", 0), finding, error)
             : status;
}

/* ---- what if ---- */

/* The models that are asked about, as rows of `out`; where none are named, those that suggest themselves. */
static int read_models(struct purser *core, struct args *args, const struct request_scan *scan,
                       struct what_if *out, struct error *error) {
  const json_id list = json_get(&args->doc, 0, "models");
  if (json_kind(&args->doc, list) != JSON_ARRAY)
    return what_if_models(core->ledger, scan, out, error);
  struct buf name = BUF_INIT;
  int status = PURSER_OK;
  *out = (struct what_if){.count = 0};
  for (json_id id = json_first(&args->doc, list); id != JSON_NONE && status == PURSER_OK;
       id = json_next(&args->doc, list, id)) {
    buf_clear(&name);
    json_add_text(&args->doc, id, &name);
    if (name.failed)
      status = PURSER_ENOMEM;
    else if (out->count == WHAT_IF_MODELS)
      status = error_set(error, PURSER_EINVAL, "models: at most %d at once", WHAT_IF_MODELS);
    else if (name.len == 0 || name.len >= WHAT_IF_NAME)
      status = error_set(error, PURSER_EINVAL, "models[%zu]: expected a name", out->count + 1);
    else
      (void)snprintf(out->rows[out->count++].model, WHAT_IF_NAME, "%s", buf_text(&name));
  }
  buf_fini(&name);
  return status;
}

static bool shape_what_if_row(cJSON *object, const struct what_if_row *row, int64_t booked) {
  const struct figure figures[] = {
      {"cost_nanousd", row->cost_nanousd}, {"priced", row->priced}, {"unpriced", row->unpriced}};
  const struct figure of_effort[] = {{"from_runs", row->from_runs},
                                     {"kept_nanousd", row->kept_nanousd}};
  bool done = tree_add_text(object, "model", row->model) &&
              tree_add_text(object, "tier", model_tier_name(model_tier(row->model))) &&
              add_figures(object, figures, 3);
  if (row->effort[0] != '\0')
    done =
        done && tree_add_text(object, "effort", row->effort) && add_figures(object, of_effort, 2);
  if (row->unpriced == 0)
    done = done && tree_add_int(object, "saving_nanousd", booked - row->cost_nanousd);
  return done;
}

/* An effort of which too little is known is named apart: it is no row with a cost. */
static bool shape_what_if(cJSON *out, const struct what_if *answer) {
  const struct figure figures[] = {{"requests", answer->requests},
                                   {"cost_nanousd", answer->cost_nanousd},
                                   {"unpriced", answer->unpriced}};
  cJSON *rows = cJSON_AddArrayToObject(out, "rows");
  cJSON *unknown = cJSON_AddArrayToObject(out, "unknown_efforts");
  bool done = rows != NULL && unknown != NULL && add_figures(out, figures, 3);
  for (size_t i = 0; done && i < answer->count; i++) {
    const struct what_if_row *row = &answer->rows[i];
    const bool known = row->effort[0] == '\0' || row->from_runs > 0;
    cJSON *object = cJSON_CreateObject();
    done = object != NULL &&
           (known ? shape_what_if_row(object, row, answer->cost_nanousd)
                  : tree_add_text(object, "model", row->model) &&
                        tree_add_text(object, "effort", row->effort)) &&
           cJSON_AddItemToArray(known ? rows : unknown, object);
    if (!done)
      cJSON_Delete(object);
  }
  return done;
}

int verb_what_if(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct what_if asked;
  struct what_if answer;
  const char *models[WHAT_IF_MODELS + 1] = {NULL};
  const struct request_scan scan = {
      .agent = args_text(args, "agent"),
      .workspace = args_text(args, "workspace"),
      .billing = args_text(args, "billing"),
      .since_ms = args_int(args, "since_ms", INT64_MIN),
      .until_ms = args_int(args, "until_ms", INT64_MAX),
  };
  int status = check_billing(scan.billing, error);
  if (status == PURSER_OK)
    status = read_models(core, args, &scan, &asked, error);
  for (size_t i = 0; status == PURSER_OK && i < asked.count; i++)
    models[i] = asked.rows[i].model;
  if (status == PURSER_OK)
    status = what_if(core->ledger, core->catalog, &scan, models, true, &answer, error);
  if (status == PURSER_OK && !shape_what_if(out, &answer))
    status = PURSER_ENOMEM;
  return status;
}

/* ---- advice that was taken up ---- */

int verb_advice_accept(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  const struct accepted accepted = {
      .agent = args_text(args, "agent"),
      .what = args_text(args, "what"),
      .from = args_text(args, "from"),
      .to = args_text(args, "to"),
      .promised_nanousd = args_int(args, "promised_nanousd", 0),
  };
  int64_t id = 0;
  if (accepted.agent == NULL || accepted.what == NULL)
    return error_set(error, PURSER_EINVAL, "agent, what: both are needed");
  const int status = advice_accept(core->ledger, &accepted, &id, error);
  return status != PURSER_OK || tree_add_int(out, "id", id) ? status : PURSER_ENOMEM;
}

struct listing {
  struct purser *core;
  cJSON *list;
  struct error *error;
};

static int64_t per_run(const struct run_means *means) {
  return means->runs > 0 ? means->cost_nanousd / means->runs : 0;
}

static int add_after(void *data, const struct accepted *accepted) {
  const struct listing *l = data;
  struct after after;
  const int status = after_measure(l->core->ledger, accepted, &after, l->error);
  if (status != PURSER_OK)
    return status;
  const struct figure figures[] = {
      {"id", accepted->id},
      {"at_ms", accepted->at_ms},
      {"promised_nanousd", accepted->promised_nanousd},
      {"runs_before", after.before.runs},
      {"runs_since", after.since.runs},
      {"days_since", after.since.active_days},
      {"per_run_before_nanousd", per_run(&after.before)},
      {"per_run_since_nanousd", per_run(&after.since)},
      {"per_run_nanousd", after.per_run_nanousd},
      {"saved_nanousd", after.saved_nanousd},
  };
  cJSON *object = cJSON_CreateObject();
  if (object != NULL && tree_add_text(object, "agent", accepted->agent) &&
      tree_add_text(object, "what", accepted->what) &&
      tree_add_text(object, "from", accepted->from) && tree_add_text(object, "to", accepted->to) &&
      tree_add_text(object, "verdict", after_verdict_name(after.verdict)) &&
      add_figures(object, figures, sizeof figures / sizeof figures[0]) &&
      cJSON_AddItemToArray(l->list, object))
    return 0;
  cJSON_Delete(object);
  return PURSER_ENOMEM;
}

int verb_advice_after(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  (void)args;
  struct listing l = {core, cJSON_AddArrayToObject(out, "accepted"), error};
  if (l.list == NULL)
    return PURSER_ENOMEM;
  return advice_accepted_each(core->ledger, add_after, &l, error);
}

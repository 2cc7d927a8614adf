/* verbs_advice.c - review, review.dismiss, review.restore, what_if, advice.accept, advice.after. */
#include <string.h>

#include "advice/after.h"
#include "advice/review.h"
#include "advice/tiers.h"
#include "advice/what_if.h"
#include "api/shapes.h"
#include "api/verbs.h"
#include "base/mem.h"

struct figure {
  const char *key;
  int64_t value;
};

static bool add_figures(cJSON *out, const struct figure *figures, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!shape_add_int(out, figures[i].key, figures[i].value))
      return false;
  }
  return true;
}

/* ---- review ---- */

static cJSON *shape_finding(const struct finding *finding, const char *cheaper) {
  const struct figure figures[] = {
      {"nanousd", finding->nanousd}, {"figure", finding->figure}, {"usual", finding->usual}};
  cJSON *object = cJSON_CreateObject();
  if (object != NULL && shape_add_text(object, "kind", finding_name(finding->kind)) &&
      cJSON_AddBoolToObject(object, "measured", finding->measured) != NULL &&
      add_figures(object, figures, 3) &&
      shape_add_text(object, "model", finding->kind == FINDING_MODEL ? cheaper : NULL))
    return object;
  cJSON_Delete(object);
  return NULL;
}

static bool shape_findings(cJSON *object, const struct reviewed *reviewed) {
  cJSON *list = cJSON_AddArrayToObject(object, "findings");
  for (size_t i = 0; list != NULL && i < reviewed->count; i++) {
    cJSON *finding = shape_finding(&reviewed->findings[i], reviewed->cheaper_model);
    if (finding == NULL || !cJSON_AddItemToArray(list, finding)) {
      cJSON_Delete(finding);
      return false;
    }
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
  if (object != NULL && shape_add(object, "run", shape_run(reviewed->run)) &&
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
      .since_ms = args_int(args, "since_ms", 0),
      .until_ms = args_int(args, "until_ms", 0),
      .minimum_nanousd = args_int(args, "minimum_nanousd", 0),
      .limit = (int32_t)args_int(args, "limit", 0),
      .all = args_true(args, "all"),
  };
  return review(core->ledger, core->catalog, &query, add_reviewed, list, error);
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

static int read_models(struct args *args, struct buf texts[WHAT_IF_MODELS],
                       const char *models[WHAT_IF_MODELS + 1], struct error *error) {
  const json_id list = json_get(&args->doc, 0, "models");
  size_t count = 0;
  for (json_id id = json_first(&args->doc, list); id != JSON_NONE;
       id = json_next(&args->doc, list, id)) {
    if (count == WHAT_IF_MODELS)
      return error_set(error, PURSER_EINVAL, "models: at most %d at once", WHAT_IF_MODELS);
    json_add_text(&args->doc, id, &texts[count]);
    if (texts[count].failed)
      return PURSER_ENOMEM;
    models[count] = buf_text(&texts[count]);
    count++;
  }
  models[count] = NULL;
  return count > 0 ? PURSER_OK
                   : error_set(error, PURSER_EINVAL, "models: which ones to compare with?");
}

static bool shape_what_if(cJSON *out, const struct what_if *answer) {
  const struct figure figures[] = {{"requests", answer->requests},
                                   {"cost_nanousd", answer->cost_nanousd},
                                   {"unpriced", answer->unpriced}};
  cJSON *list = cJSON_AddArrayToObject(out, "rows");
  bool done = list != NULL && add_figures(out, figures, 3);
  for (size_t i = 0; done && i < answer->count; i++) {
    const struct what_if_row *row = &answer->rows[i];
    const struct figure of_row[] = {
        {"cost_nanousd", row->cost_nanousd}, {"priced", row->priced}, {"unpriced", row->unpriced}};
    cJSON *object = cJSON_CreateObject();
    done = object != NULL && shape_add_text(object, "model", row->model) &&
           shape_add_text(object, "tier", model_tier_name(model_tier(row->model))) &&
           add_figures(object, of_row, 3) && cJSON_AddItemToArray(list, object);
    if (!done)
      cJSON_Delete(object);
  }
  return done;
}

int verb_what_if(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct buf texts[WHAT_IF_MODELS] = {{0}};
  const char *models[WHAT_IF_MODELS + 1];
  struct what_if answer;
  const struct request_scan scan = {
      .agent = args_text(args, "agent"),
      .workspace = args_text(args, "workspace"),
      .billing = args_text(args, "billing"),
      .since_ms = args_int(args, "since_ms", INT64_MIN),
      .until_ms = args_int(args, "until_ms", INT64_MAX),
  };
  int status = check_billing(scan.billing, error);
  if (status == PURSER_OK)
    status = read_models(args, texts, models, error);
  if (status == PURSER_OK)
    status = what_if(core->ledger, core->catalog, &scan, models, &answer, error);
  if (status == PURSER_OK && !shape_what_if(out, &answer))
    status = PURSER_ENOMEM;
  for (size_t i = 0; i < WHAT_IF_MODELS; i++)
    buf_fini(&texts[i]);
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
  return status != PURSER_OK || shape_add_int(out, "id", id) ? status : PURSER_ENOMEM;
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
  if (object != NULL && shape_add_text(object, "agent", accepted->agent) &&
      shape_add_text(object, "what", accepted->what) &&
      shape_add_text(object, "from", accepted->from) &&
      shape_add_text(object, "to", accepted->to) &&
      shape_add_text(object, "verdict", after_verdict_name(after.verdict)) &&
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

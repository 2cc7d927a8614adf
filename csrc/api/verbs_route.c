/* verbs_route.c - route: what kind of task a prompt is, and which model and effort would do for it. */
#include <string.h>

#include "advice/route.h"
#include "api/options.h"
#include "api/tree.h"
#include "api/verbs.h"
#include "base/mem.h"

enum {
  RULES = 200,
  MODELS = 64
};

/* What the question brings: texts of the caller's, which live as long as this. */
struct routing {
  struct task_rule rules[RULES];
  size_t rule_count;
  const char *models[MODELS];
  size_t model_count;
  char *texts[2 * RULES + MODELS];
  size_t text_count;
};

static void routing_free(struct routing *routing) {
  if (routing == NULL)
    return;
  for (size_t i = 0; i < routing->text_count; i++)
    mem_free(routing->texts[i]);
  mem_free(routing);
}

static const char *keep(struct routing *routing, char *text) {
  routing->texts[routing->text_count++] = text;
  return text;
}

static int read_rules(struct routing *out, const struct json_doc *doc, struct error *error) {
  const json_id list = json_get(doc, 0, "rules");
  if (json_kind(doc, list) != JSON_ARRAY)
    return PURSER_OK;
  for (json_id id = json_first(doc, list); id != JSON_NONE; id = json_next(doc, list, id)) {
    char *match = NULL;
    char *kind = NULL;
    if (out->rule_count == RULES)
      return error_set(error, PURSER_EINVAL, "rules: at most %d", RULES);
    int status = json_dup(doc, id, "match", &match);
    if (status == PURSER_OK)
      status = json_dup(doc, id, "kind", &kind);
    if (status == PURSER_OK && match != NULL && kind != NULL) {
      out->rules[out->rule_count++] = (struct task_rule){keep(out, match), keep(out, kind)};
      continue;
    }
    mem_free(match);
    mem_free(kind);
    return status != PURSER_OK
               ? status
               : error_set(error, PURSER_EINVAL, "rules[%zu]: match and kind are required",
                           out->rule_count + 1);
  }
  return PURSER_OK;
}

static int read_models(struct routing *out, const struct json_doc *doc) {
  const json_id list = json_get(doc, 0, "models");
  if (json_kind(doc, list) != JSON_ARRAY)
    return PURSER_OK;
  for (json_id id = json_first(doc, list); id != JSON_NONE && out->model_count < MODELS;
       id = json_next(doc, list, id)) {
    struct buf text = BUF_INIT;
    json_add_text(doc, id, &text);
    char *model = text.len > 0 || text.failed ? buf_detach(&text) : NULL;
    if (text.len > 0 && model == NULL)
      return PURSER_ENOMEM;
    if (model != NULL)
      out->models[out->model_count++] = keep(out, model);
  }
  return PURSER_OK;
}

/* A kind's effort or tier as the user has it: a word of the list, "keep" (-1: as chosen), or nothing said (`otherwise`). */
static int word_of(const struct json_doc *doc, json_id id, const char *key,
                   const char *const words[4], int otherwise) {
  const json_id value = json_get(doc, id, key);
  for (int i = 1; i < 4; i++) {
    if (json_equals(doc, value, words[i]))
      return i;
  }
  return json_equals(doc, value, "keep") ? 0 : otherwise;
}

static struct task_choice choice_of(const struct json_doc *doc, const char *kind) {
  static const char *const tiers[4] = {"", "small", "medium", "large"};
  static const char *const efforts[4] = {"", "low", "medium", "high"};
  struct task_choice choice = task_kind_choice(kind);
  /* Not by a path: a kind of the user's may have a dot in its name. */
  const json_id own = json_get(doc, json_get(doc, 0, "kinds"), kind);
  choice.tier = (enum model_tier)word_of(doc, own, "tier", tiers, (int)choice.tier);
  const int effort = word_of(doc, own, "effort", efforts, -1);
  if (effort >= 0)
    choice.effort = effort > 0 ? efforts[effort] : NULL;
  return choice;
}

/* Missing means yes. */
static bool is_on(const struct json_doc *doc, const char *key) {
  return json_kind(doc, json_get(doc, 0, key)) != JSON_FALSE;
}

static bool shape_cost(cJSON *out, const char *key, const struct estimate *estimate) {
  cJSON *object = cJSON_AddObjectToObject(out, key);
  return object != NULL && tree_add_int(object, "low_nanousd", estimate->low_nanousd) &&
         tree_add_int(object, "high_nanousd", estimate->high_nanousd) &&
         tree_add_text(object, "status", cost_status_name(estimate->status));
}

/* The costs of both, as far as they are known. *note says why the model is not suggested after all, NULL if it is. */
static int compare(struct purser *core, const struct run_request *request,
                   const struct route *route, cJSON *out, const char **note, struct error *error) {
  struct estimate now;
  struct estimate then;
  *note = NULL;
  const int status = run_estimate(core->ledger, &core->config, request, &now, error);
  if (status != PURSER_OK)
    return status;
  run_estimate_other(core->ledger, &core->config, request, &now, route->model, &then);
  if (then.status == COST_UNKNOWN)
    *note = "price_unknown";
  else if (route->smaller && then.high_nanousd >= now.high_nanousd)
    *note = "no_saving";
  else if (!shape_cost(out, "now", &now) || !shape_cost(out, "then", &then))
    return PURSER_ENOMEM;
  return PURSER_OK;
}

static const char *note_name(const struct route *route, const struct task_choice *wanted) {
  switch (route->note) {
  case ROUTE_SUGGESTED: return NULL;
  case ROUTE_MAKER_UNKNOWN: return "maker_unknown";
  case ROUTE_NO_MODEL: return "no_model";
  case ROUTE_FITS: break;
  }
  return wanted->effort == NULL && wanted->tier == TIER_UNKNOWN ? "no_choice" : "fits";
}

static int suggest(struct purser *core, const struct routing *routing, const struct json_doc *doc,
                   const struct run_request *request, const char *kind, cJSON *out,
                   struct error *error) {
  const struct route_ask ask = {
      .wanted = choice_of(doc, kind),
      .source = request->source,
      .model = request->model != NULL ? request->model : "",
      .effort = request->effort != NULL ? request->effort : "",
      .models = routing->models,
      .model_count = routing->model_count,
      .takes_model = is_on(doc, "takes_model"),
      .takes_effort = is_on(doc, "takes_effort"),
  };
  struct route route;
  route_choose(&ask, &route);
  const char *note = note_name(&route, &ask.wanted);
  if (request->free) {
    route = (struct route){0};
    note = "free";
  }
  if (route.model[0] != '\0') {
    const int status = compare(core, request, &route, out, &note, error);
    if (status != PURSER_OK)
      return status;
    if (note != NULL)
      route.model[0] = '\0';
  }
  const bool done = tree_add_text(out, "model", route.model[0] != '\0' ? route.model : NULL) &&
                    tree_add_text(out, "effort", route.effort) && tree_add_text(out, "note", note);
  return done ? PURSER_OK : PURSER_ENOMEM;
}

int verb_route(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct spec spec;
  struct routing *routing = NULL;
  int status = spec_parse(&spec, args->doc.src, error);
  if (status != PURSER_OK)
    return status;
  routing = mem_zalloc(sizeof *routing);
  if (routing == NULL) {
    status = PURSER_ENOMEM;
    goto out;
  }
  status = read_rules(routing, &args->doc, error);
  if (status == PURSER_OK)
    status = read_models(routing, &args->doc);
  if (status != PURSER_OK)
    goto out;
  /* What the user wrote; the prompt has the lines in it that go with it. */
  const char *text = args_text_or_empty(args, "text");
  if (text == NULL)
    text = spec.request.prompt != NULL ? spec.request.prompt : "";
  struct task_kind found;
  task_kind_of(text, strlen(text), routing->rules, routing->rule_count,
               is_on(&args->doc, "builtin"), &found);
  char *words = mem_strndup(found.words.ptr != NULL ? found.words.ptr : "", found.words.len);
  if (words == NULL || !tree_add_text(out, "kind", found.kind) ||
      !tree_add_text(out, "words", words))
    status = PURSER_ENOMEM;
  mem_free(words);
  if (status == PURSER_OK)
    status = suggest(core, routing, &args->doc, &spec.request, found.kind, out, error);
out:
  routing_free(routing);
  spec_fini(&spec);
  return status;
}

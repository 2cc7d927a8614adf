/* verbs_compare.c - compare: past runs of one kind of task, by model and effort. */
#include "advice/compare.h"
#include "advice/tiers.h"
#include "api/options.h"
#include "api/tree.h"
#include "api/verbs.h"
#include "base/mem.h"

enum {
  RULES = 200
};

struct rules {
  struct task_rule items[RULES];
  char *texts[2 * RULES];
  size_t count;
};

static void rules_free(struct rules *rules) {
  for (size_t i = 0; rules != NULL && i < 2 * RULES; i++)
    mem_free(rules->texts[i]);
  mem_free(rules);
}

/* The user's, as `route` gets them. */
static int read_rules(struct rules *out, const struct json_doc *doc, struct error *error) {
  const json_id list = json_get(doc, 0, "rules");
  int status = PURSER_OK;
  if (json_kind(doc, list) != JSON_ARRAY)
    return PURSER_OK;
  for (json_id id = json_first(doc, list); id != JSON_NONE && status == PURSER_OK;
       id = json_next(doc, list, id)) {
    if (out->count == RULES)
      return error_set(error, PURSER_EINVAL, "rules: at most %d", RULES);
    char **texts = &out->texts[2 * out->count];
    status = json_dup(doc, id, "match", &texts[0]);
    if (status == PURSER_OK)
      status = json_dup(doc, id, "kind", &texts[1]);
    if (status == PURSER_OK && (texts[0] == NULL || texts[1] == NULL))
      status = error_set(error, PURSER_EINVAL, "rules[%zu]: match and kind are required",
                         out->count + 1);
    if (status == PURSER_OK)
      out->items[out->count++] = (struct task_rule){texts[0], texts[1]};
  }
  return status;
}

static int add_row(void *data, const struct compared *c) {
  const struct {
    const char *key;
    int64_t value;
  } figures[] = {
      {"runs", c->runs},     {"priced", c->priced},       {"nanousd", c->nanousd},
      {"tokens", c->tokens}, {"completed", c->completed}, {"duration_ms", c->duration_ms},
      {"failed", c->failed}, {"stopped", c->stopped},
  };
  cJSON *object = cJSON_CreateObject();
  bool done = object != NULL && tree_add_text(object, "model", c->model) &&
              tree_add_text(object, "effort", c->effort) &&
              tree_add_text(object, "tier", model_tier_name(model_tier(c->model)));
  for (size_t i = 0; done && i < sizeof figures / sizeof figures[0]; i++)
    done = tree_add_int(object, figures[i].key, figures[i].value);
  if (done && cJSON_AddItemToArray(data, object))
    return 0;
  cJSON_Delete(object);
  return PURSER_ENOMEM;
}

int verb_compare(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct rules *rules = mem_zalloc(sizeof *rules);
  cJSON *list = cJSON_AddArrayToObject(out, "rows");
  int64_t looked_at = 0;
  if (rules == NULL || list == NULL) {
    rules_free(rules);
    return PURSER_ENOMEM;
  }
  int status = read_rules(rules, &args->doc, error);
  const struct compare_query query = {
      .scan = {.agent = args_text(args, "agent"),
               .workspace = args_text(args, "workspace"),
               .billing = args_text(args, "billing"),
               .since_ms = args_int(args, "since_ms", INT64_MIN),
               .until_ms = args_int(args, "until_ms", INT64_MAX)},
      .kind = args_text(args, "kind"),
      .rules = rules->items,
      .rule_count = rules->count,
      .builtin = json_kind(&args->doc, json_get(&args->doc, 0, "builtin")) != JSON_FALSE,
  };
  if (status == PURSER_OK)
    status = check_billing(query.scan.billing, error);
  if (status == PURSER_OK)
    status = compare_runs(core->ledger, &query, &looked_at, add_row, list, error);
  if (status == PURSER_OK && !tree_add_int(out, "looked_at", looked_at))
    status = PURSER_ENOMEM;
  rules_free(rules);
  return status;
}

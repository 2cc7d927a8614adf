/* verbs.c - finds the verb, reads its arguments, prints its answer. */
#include "api/verbs.h"

#include <string.h>

#include "api/tree.h"
#include "base/mem.h"

static const struct {
  const char *name;
  verb_function run;
} verbs[] = {
    {"report", verb_report},
    {"log", verb_log},
    {"run", verb_run},
    {"conversation", verb_conversation},
    {"batch", verb_batch},
    {"estimate", verb_estimate},
    {"gate", verb_gate},
    {"watch", verb_watch},
    {"recover", verb_recover},
    {"import.status", verb_import_status},
    {"sources", verb_sources},
    {"prices", verb_prices},
    {"health", verb_health},
    {"crossings", verb_crossings},
    {"forecast", verb_forecast},
    {"budget.list", verb_budget_list},
    {"budget.set", verb_budget_set},
    {"budget.remove", verb_budget_remove},
    {"budget.raise", verb_budget_raise},
    {"chat.append", verb_chat_append},
    {"chat.list", verb_chat_list},
    {"chat.get", verb_chat_get},
    {"chat.messages", verb_chat_messages},
    {"chat.rename", verb_chat_rename},
    {"chat.delete", verb_chat_delete},
    {"chat.fork", verb_chat_fork},
    {"chat.session", verb_chat_session},
    {"compaction.judge", verb_compaction_judge},
    {"compaction.plan", verb_compaction_plan},
    {"compaction.apply", verb_compaction_apply},
    {"compaction.undo", verb_compaction_undo},
    {"compaction.failed", verb_compaction_failed},
    {"compaction.list", verb_compaction_list},
    {"run.budget", verb_run_budget},
    {"route", verb_route},
    {"review", verb_review},
    {"review.dismiss", verb_review_dismiss},
    {"review.restore", verb_review_restore},
    {"what_if", verb_what_if},
    {"compare", verb_compare},
    {"advice.accept", verb_advice_accept},
    {"advice.after", verb_advice_after},
    {"digest", verb_digest},
};

const char *args_text(struct args *args, const char *key) {
  char *text = NULL;
  if (args->count == ARGS_TEXTS || json_dup(&args->doc, 0, key, &text) != PURSER_OK) {
    args->failed = true;
    return NULL;
  }
  if (text != NULL)
    args->texts[args->count++] = text;
  return text;
}

const char *args_text_or_empty(struct args *args, const char *key) {
  const json_id id = json_get(&args->doc, 0, key);
  if (json_kind(&args->doc, id) == JSON_STRING && json_raw(&args->doc, id).len == 0)
    return "";
  return args_text(args, key);
}

int64_t args_int(struct args *args, const char *key, int64_t otherwise) {
  return json_i64_or(&args->doc, json_get(&args->doc, 0, key), otherwise);
}

bool args_true(struct args *args, const char *key) {
  return json_is_true(&args->doc, json_get(&args->doc, 0, key));
}

static verb_function find(const char *name) {
  for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
    if (strcmp(verbs[i].name, name) == 0)
      return verbs[i].run;
  }
  return NULL;
}

int verb_fill(struct purser *core, const char *verb, purser_str arguments, cJSON *out,
              struct error *error) {
  const verb_function run = find(verb);
  if (run == NULL)
    return error_set(error, PURSER_EINVAL, "no such verb: %s", verb);
  struct args args = {.doc = JSON_DOC_INIT};
  int status = json_parse(&args.doc, arguments.ptr, arguments.len);
  if (status != PURSER_OK)
    (void)error_set(error, status, "%s: the arguments are not valid JSON", verb);
  else
    status = run(core, &args, out, error);
  if (status == PURSER_OK && args.failed)
    status = PURSER_ENOMEM;
  if (status == PURSER_ENOMEM)
    (void)error_set(error, status, "out of memory");
  for (int i = 0; i < args.count; i++)
    mem_free(args.texts[i]);
  json_fini(&args.doc);
  return status;
}

int verb_answer(struct purser *core, const char *verb, const char *arguments, char **out,
                struct error *error) {
  *out = NULL;
  cJSON *tree = cJSON_CreateObject();
  const purser_str text = {arguments, strlen(arguments)};
  int status = tree != NULL ? verb_fill(core, verb, text, tree, error) : PURSER_ENOMEM;
  if (status == PURSER_OK) {
    *out = tree_print(tree);
    tree = NULL;
    if (*out == NULL)
      status = PURSER_ENOMEM;
  }
  if (status == PURSER_ENOMEM)
    (void)error_set(error, status, "out of memory");
  cJSON_Delete(tree);
  return status;
}

/* verbs_batch.c - several questions at once, answered from one moment of the ledger: the figures of a view fit each other. */
#include <string.h>

#include "api/tree.h"
#include "api/verbs.h"

struct batch {
  struct purser *core;
  const struct json_doc *doc;
  cJSON *answers;
  cJSON *errors;
  bool packed; /* each answer is a text, to be parsed when there is time for it */
};

static bool add_failure(struct batch *batch, const char *name, const struct error *error) {
  cJSON *failure = cJSON_CreateObject();
  if (failure != NULL && !tree_add_text(failure, "message", error_text(error))) {
    cJSON_Delete(failure);
    failure = NULL;
  }
  return tree_add(batch->errors, name, failure);
}

/* The others write, or would have to: they are asked one by one. */
static bool only_reads(const char *verb) {
  static const char *const verbs[] = {
      "report",   "log",       "run",       "conversation",  "budget.list",     "forecast",
      "estimate", "prices",    "crossings", "health",        "review",          "what_if",
      "sources",  "chat.list", "chat.get",  "chat.messages", "compaction.list", "advice.after",
      "digest",   "compare",
  };
  for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
    if (strcmp(verbs[i], verb) == 0)
      return true;
  }
  return false;
}

/* Takes the answer, whatever comes of it. */
static bool add_answer(struct batch *batch, const char *name, cJSON *answer) {
  if (!batch->packed)
    return tree_add(batch->answers, name, answer);
  char *text = cJSON_PrintUnformatted(answer);
  cJSON *packed = text != NULL ? cJSON_CreateString(text) : NULL;
  cJSON_free(text);
  cJSON_Delete(answer);
  return tree_add(batch->answers, name, packed);
}

/* What fails leaves the others alone. */
static int ask(struct batch *batch, const char *name, const char *verb, purser_str arguments) {
  struct error error = {0};
  cJSON *answer = cJSON_CreateObject();
  const int status = answer == NULL ? PURSER_ENOMEM
                     : !only_reads(verb)
                         ? error_set(&error, PURSER_EINVAL, "%s can't be asked in a batch", verb)
                         : verb_fill(batch->core, verb, arguments, answer, &error);
  if (status == PURSER_OK)
    return add_answer(batch, name, answer) ? PURSER_OK : PURSER_ENOMEM;
  cJSON_Delete(answer);
  if (status == PURSER_ENOMEM)
    return status;
  return add_failure(batch, name, &error) ? PURSER_OK : PURSER_ENOMEM;
}

/* One member: "name": ["verb", {arguments}]. */
static int ask_member(struct batch *batch, json_id question, struct error *error) {
  const struct json_doc *doc = batch->doc;
  const json_id verb = json_first(doc, question);
  const json_id arguments = json_next(doc, question, verb);
  struct buf name = BUF_INIT;
  struct buf word = BUF_INIT;
  const purser_str key = json_key(doc, question);
  purser_str given = {"{}", 2};
  buf_add(&name, key.ptr, key.len);
  json_add_text(doc, verb, &word);
  if (json_kind(doc, arguments) == JSON_OBJECT)
    given = json_raw(doc, arguments);
  int status = PURSER_OK;
  if (name.failed || word.failed)
    status = PURSER_ENOMEM;
  else if (json_kind(doc, question) != JSON_ARRAY || json_kind(doc, verb) != JSON_STRING)
    status = error_set(error, PURSER_EINVAL, "questions.%s: expected [\"verb\", {arguments}]",
                       buf_text(&name));
  else
    status = ask(batch, buf_text(&name), buf_text(&word), given);
  buf_fini(&name);
  buf_fini(&word);
  return status;
}

int verb_batch(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct batch batch = {
      .core = core,
      .doc = &args->doc,
      .answers = cJSON_AddObjectToObject(out, "answers"),
      .errors = cJSON_AddObjectToObject(out, "errors"),
      .packed = args_true(args, "packed"),
  };
  const json_id questions = json_get(&args->doc, 0, "questions");
  if (batch.answers == NULL || batch.errors == NULL)
    return PURSER_ENOMEM;
  if (json_kind(&args->doc, questions) != JSON_OBJECT)
    return error_set(error, PURSER_EINVAL, "questions: what is asked?");
  int status = ledger_snapshot_begin(core->ledger, error);
  if (status != PURSER_OK)
    return status;
  for (json_id q = json_first(&args->doc, questions); q != JSON_NONE && status == PURSER_OK;
       q = json_next(&args->doc, questions, q))
    status = ask_member(&batch, q, error);
  ledger_snapshot_end(core->ledger);
  return status;
}

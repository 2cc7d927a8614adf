/* verbs_chat.c - what was said in conversations: chat.append, .list, .get, .messages, .rename, .delete, .fork, .session. */
#include <string.h>

#include "api/tree.h"
#include "api/verbs.h"
#include "base/mem.h"
#include "compaction/summary.h"
#include "ledger/chat.h"
#include "run/estimate.h"

static const char *need_conversation(struct args *args, struct error *error) {
  const char *name = args_text(args, "conversation");
  if (name == NULL && !args->failed)
    (void)error_set(error, PURSER_EINVAL, "conversation: which one?");
  return name;
}

/* ---- append ---- */

struct item_list {
  struct chat_item *items;
  char **texts; /* three for each item */
  size_t count;
};

static void item_list_fini(struct item_list *list) {
  for (size_t i = 0; i < list->count * 3; i++)
    mem_free(list->texts[i]);
  mem_free(list->texts);
  mem_free(list->items);
}

static int read_item(const struct json_doc *doc, json_id id, const char *model,
                     struct item_list *list, struct error *error) {
  char **texts = &list->texts[list->count * 3];
  char *kind = NULL;
  int status = json_dup(doc, id, "kind", &kind);
  const int known = kind != NULL ? chat_kind_parse(kind) : -1;
  mem_free(kind);
  if (status == PURSER_OK && known < 0)
    return error_set(error, PURSER_EINVAL, "items: a kind is user, answer, call, result or system");
  /* Counted before it is read, so that a failure frees what is there. */
  list->count++;
  static const char *const keys[] = {"text", "id", "name"};
  for (int i = 0; i < 3 && status == PURSER_OK; i++)
    status = json_dup(doc, id, keys[i], &texts[i]);
  if (status != PURSER_OK)
    return status;
  const char *text = texts[0] != NULL ? texts[0] : "";
  list->items[list->count - 1] = (struct chat_item){
      .kind = (enum chat_kind)known,
      .text = text,
      .call = texts[1],
      .name = texts[2],
      .tokens = estimate_text_tokens(text, strlen(text)) * estimate_family_permille(model) / 1000,
      .failed = json_is_true(doc, json_get(doc, id, "failed")),
  };
  return PURSER_OK;
}

static int read_items(const struct json_doc *doc, const char *model, struct item_list *list,
                      struct error *error) {
  const json_id array = json_get(doc, 0, "items");
  size_t count = 0;
  if (json_kind(doc, array) != JSON_ARRAY)
    return error_set(error, PURSER_EINVAL, "items: a list of what was said");
  for (json_id id = json_first(doc, array); id != JSON_NONE; id = json_next(doc, array, id))
    count++;
  list->items = mem_zalloc((count + 1) * sizeof *list->items);
  list->texts = mem_zalloc((count + 1) * 3 * sizeof *list->texts);
  if (list->items == NULL || list->texts == NULL)
    return PURSER_ENOMEM;
  int status = PURSER_OK;
  for (json_id id = json_first(doc, array); id != JSON_NONE && status == PURSER_OK;
       id = json_next(doc, array, id))
    status = read_item(doc, id, model, list, error);
  return status;
}

int verb_chat_append(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct item_list list = {.count = 0};
  struct run_row run = {0};
  const int64_t run_id = args_int(args, "run", 0);
  (void)out;
  int status = ledger_run_get(core->ledger, run_id, &run, error);
  if (status != PURSER_OK)
    return status;
  status = read_items(&args->doc, run.model, &list, error);
  if (status == PURSER_OK)
    status = chat_append(core->ledger, run_id, list.items, list.count, error);
  item_list_fini(&list);
  run_row_fini(&run);
  return status;
}

/* ---- shapes ---- */

static cJSON *shape_chat(const struct chat_row *row) {
  const struct {
    const char *key, *value;
  } texts[] = {{"conversation", row->conversation},
               {"title", row->title},
               {"agent", row->agent},
               {"workspace", row->workspace},
               {"source", row->source},
               {"model", row->model},
               {"effort", row->effort},
               {"session", row->session}};
  const struct {
    const char *key;
    int64_t value;
  } ints[] = {
      {"created_ms", row->created_ms},
      {"used_ms", row->used_ms},
      {"runs", row->runs},
      {"requests", row->requests},
      {"cost_nanousd", row->cost_nanousd},
      {"unpriced_requests", row->unpriced_requests},
      {"tokens", row->tokens},
      {"compactions", row->compactions},
      {"failures", row->failures},
  };
  cJSON *object = cJSON_CreateObject();
  bool done = object != NULL;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    done = done && tree_add_text(object, texts[i].key, texts[i].value);
  for (size_t i = 0; i < sizeof ints / sizeof ints[0]; i++)
    done = done && tree_add_int(object, ints[i].key, ints[i].value);
  if (done)
    return object;
  cJSON_Delete(object);
  return NULL;
}

static int add_chat(void *data, const struct chat_row *row) {
  return tree_append(data, shape_chat(row)) ? PURSER_OK : PURSER_ENOMEM;
}

static int put_chat(void *data, const struct chat_row *row) {
  return tree_add(data, "chat", shape_chat(row)) ? 0 : PURSER_ENOMEM;
}

static int add_item(void *data, const struct chat_item *item) {
  cJSON *object = cJSON_CreateObject();
  const bool done =
      object != NULL && tree_add_int(object, "id", item->id) &&
      tree_add_int(object, "run", item->run_id) &&
      tree_add_text(object, "kind", chat_kind_name(item->kind)) &&
      tree_add_text(object, "call", item->call) && tree_add_text(object, "name", item->name) &&
      tree_add_text(object, "text", item->text) && tree_add_int(object, "tokens", item->tokens) &&
      cJSON_AddBoolToObject(object, "failed", item->failed) != NULL &&
      cJSON_AddBoolToObject(object, "masked", item->masked) != NULL &&
      cJSON_AddItemToArray(data, object);
  if (done)
    return 0;
  cJSON_Delete(object);
  return PURSER_ENOMEM;
}

/* ---- reading ---- */

int verb_chat_list(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  cJSON *list = cJSON_AddArrayToObject(out, "chats");
  if (list == NULL)
    return PURSER_ENOMEM;
  return chat_each(core->ledger, args_text(args, "workspace"), args_text(args, "text"),
                   (int32_t)args_int(args, "limit", 0), add_chat, list, error);
}

int verb_chat_get(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  const char *name = need_conversation(args, error);
  cJSON *list = cJSON_AddArrayToObject(out, "items");
  if (list == NULL || args->failed)
    return PURSER_ENOMEM;
  if (name == NULL)
    return PURSER_EINVAL;
  int status = chat_get(core->ledger, name, put_chat, out, error);
  if (status == PURSER_OK)
    status = chat_items(core->ledger, name, args_true(args, "all"), add_item, list, error);
  return status;
}

/* What is sent to an API that keeps nothing. Neighbours of one role become one message, since some APIs insist on turns. */
struct messages {
  cJSON *list;
  cJSON *last;
  struct buf text;
  bool of_user;
};

static int end_message(struct messages *m) {
  if (m->last == NULL)
    return 0;
  const bool done =
      !m->text.failed && cJSON_AddStringToObject(m->last, "content", buf_text(&m->text)) != NULL;
  buf_clear(&m->text);
  m->last = NULL;
  return done ? 0 : PURSER_ENOMEM;
}

static int add_message(void *data, const struct chat_item *item) {
  struct messages *m = data;
  /* An API's own turns: tools belong to clients, which keep their own context. */
  if (item->kind != CHAT_USER && item->kind != CHAT_ANSWER && item->kind != CHAT_SUMMARY)
    return 0;
  const bool of_user = item->kind != CHAT_ANSWER;
  int status = 0;
  if (m->last != NULL && m->of_user != of_user)
    status = end_message(m);
  if (status == 0 && m->last == NULL) {
    m->last = cJSON_CreateObject();
    if (m->last == NULL || !cJSON_AddItemToArray(m->list, m->last)) {
      cJSON_Delete(m->last);
      m->last = NULL;
      return PURSER_ENOMEM;
    }
    if (cJSON_AddStringToObject(m->last, "role", of_user ? "user" : "assistant") == NULL)
      return PURSER_ENOMEM;
    m->of_user = of_user;
  }
  if (m->text.len > 0)
    buf_adds(&m->text, "\n\n");
  if (item->kind == CHAT_SUMMARY)
    buf_adds(&m->text, "[Summary of an earlier part of this conversation]\n");
  buf_adds(&m->text, item->text);
  return status;
}

int verb_chat_messages(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  struct messages m = {.list = cJSON_AddArrayToObject(out, "messages"), .text = BUF_INIT};
  const char *name = need_conversation(args, error);
  if (m.list == NULL || args->failed)
    return PURSER_ENOMEM;
  if (name == NULL)
    return PURSER_EINVAL;
  int status = chat_items(core->ledger, name, false, add_message, &m, error);
  if (status == PURSER_OK)
    status = end_message(&m);
  buf_fini(&m.text);
  return status;
}

/* ---- changing ---- */

int verb_chat_rename(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  (void)out;
  const char *name = need_conversation(args, error);
  const char *title = args_text(args, "title");
  if (name != NULL && title == NULL)
    return error_set(error, PURSER_EINVAL, "title: what is it called?");
  return name != NULL ? chat_rename(core->ledger, name, title, error) : PURSER_EINVAL;
}

int verb_chat_delete(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  (void)out;
  const char *name = need_conversation(args, error);
  return name != NULL ? chat_delete(core->ledger, name, error) : PURSER_EINVAL;
}

int verb_chat_fork(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  const char *name = need_conversation(args, error);
  const char *copy = args_text(args, "to");
  if (name == NULL)
    return PURSER_EINVAL;
  int status = chat_fork(core->ledger, name, copy != NULL ? copy : "", error);
  if (status == PURSER_OK)
    status = chat_get(core->ledger, copy, put_chat, out, error);
  return status;
}

int verb_chat_session(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  (void)out;
  const char *name = need_conversation(args, error);
  const char *session = args_text(args, "session");
  if (name == NULL)
    return PURSER_EINVAL;
  return chat_set_session(core->ledger, name, session != NULL ? session : "", error);
}

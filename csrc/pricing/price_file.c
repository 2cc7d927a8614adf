/* price_file.c - reading the project's own price format: models, providers and aliases; see price_file.h. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "pricing/price_file_internal.h"
#include "pricing/provider.h"

static int read_tokens(struct price_reader *r, json_id id, int64_t *out) {
  int64_t tokens = 0;
  if (json_i64(&r->doc, id, &tokens) != PURSER_OK || tokens < 0 || tokens > WINDOW_MAX)
    return price_bad(r, "give a whole number of tokens, such as 200000");
  *out = tokens;
  return PURSER_OK;
}

static int read_cards(struct price_reader *r, struct draft_model *model, json_id array) {
  if (json_kind(&r->doc, array) != JSON_ARRAY)
    return price_bad(r, "give a list of cards");
  int index = 0;
  for (json_id id = json_first(&r->doc, array); id != JSON_NONE;
       id = json_next(&r->doc, array, id)) {
    const size_t mark = strlen(r->path);
    snprintf(r->path + mark, PRICE_PATH_SIZE - mark, "[%d]", index++);
    if (json_kind(&r->doc, id) != JSON_OBJECT)
      return price_bad(r, "a card is an object");
    const int status = price_read_card(r, model, id, false);
    if (status != PURSER_OK)
      return status;
    if (r->out->drafts.failed)
      return error_set(r->error, PURSER_ENOMEM, "%s: out of memory", r->file);
    const int32_t from = model->cards[model->card_count - 1].valid_from;
    for (size_t i = 0; i + 1 < model->card_count; i++) {
      if (model->cards[i].valid_from == from)
        return price_bad(r, "two cards begin on the same day; give each its own valid_from");
    }
    price_leave(r, mark);
  }
  return PURSER_OK;
}

static int read_names(struct price_reader *r, struct draft_model *model, json_id array) {
  if (json_kind(&r->doc, array) != JSON_ARRAY)
    return price_bad(r, "give a list of names");
  for (json_id id = json_first(&r->doc, array); id != JSON_NONE;
       id = json_next(&r->doc, array, id)) {
    if (json_kind(&r->doc, id) != JSON_STRING)
      return price_bad(r, "a name is a string");
    draft_add_name(&r->out->drafts, model, price_string(r, id));
  }
  return PURSER_OK;
}

static void make_free(struct draft_set *set, struct draft_model *model) {
  model->free = true;
  struct draft_card *card = draft_add_card(set, model, ALWAYS);
  card->steps[0].rates = (struct rates){0};
  card->web_search = 0;
}

static int read_bool(struct price_reader *r, json_id id, bool *out) {
  const enum json_kind kind = json_kind(&r->doc, id);
  if (kind != JSON_TRUE && kind != JSON_FALSE)
    return price_bad(r, "give true or false");
  *out = kind == JSON_TRUE;
  return PURSER_OK;
}

static int read_model_field(struct price_reader *r, struct draft_model *model, json_id id,
                            bool *free, json_id *cards) {
  if (price_is_key(r, id, "names"))
    return read_names(r, model, id);
  if (price_is_key(r, id, "context_window"))
    return read_tokens(r, id, &model->context_window);
  if (price_is_key(r, id, "max_output"))
    return read_tokens(r, id, &model->max_output);
  if (price_is_key(r, id, "free"))
    return read_bool(r, id, free);
  if (price_is_key(r, id, "cards"))
    *cards = id;
  return PURSER_OK;
}

static int read_model(struct price_reader *r, const char *provider, json_id object) {
  if (json_kind(&r->doc, object) != JSON_OBJECT)
    return price_bad(
        r, "a model is an object, such as {\"input\": 3, \"output\": 15} or {\"free\": true}");
  const purser_str key = json_key(&r->doc, object);
  const char *name = draft_lower(&r->out->drafts, key.ptr, key.len);
  struct draft_model *model = draft_add_model(&r->out->drafts, provider, name);
  model->by_hand = true;
  bool free = false;
  json_id cards = JSON_NONE;
  for (json_id id = json_first(&r->doc, object); id != JSON_NONE;
       id = json_next(&r->doc, object, id)) {
    const size_t mark = price_enter(r, id);
    const int status = read_model_field(r, model, id, &free, &cards);
    if (status != PURSER_OK)
      return status;
    price_leave(r, mark);
  }
  if (free) {
    make_free(&r->out->drafts, model);
    return PURSER_OK;
  }
  if (cards == JSON_NONE)
    return price_read_card(r, model, object, true);
  const size_t mark = price_enter(r, cards);
  const int status = read_cards(r, model, cards);
  if (status == PURSER_OK)
    price_leave(r, mark);
  return status;
}

static int read_models(struct price_reader *r, const char *provider, json_id object) {
  if (json_kind(&r->doc, object) != JSON_OBJECT)
    return price_bad(r, "give an object whose keys are model names");
  for (json_id id = json_first(&r->doc, object); id != JSON_NONE;
       id = json_next(&r->doc, object, id)) {
    const size_t mark = price_enter(r, id);
    const int status = read_model(r, provider, id);
    if (status != PURSER_OK)
      return status;
    price_leave(r, mark);
  }
  return PURSER_OK;
}

static int read_provider(struct price_reader *r, json_id object) {
  if (json_kind(&r->doc, object) != JSON_OBJECT)
    return price_bad(r, "a provider is an object, such as {\"free\": true} or {\"models\": {...}}");
  const purser_str key = json_key(&r->doc, object);
  const char *provider = draft_lower(&r->out->drafts, key.ptr, key.len);
  const struct provider *known = provider_find(provider, key.len);
  if (known != NULL && known->kind != PROVIDER_LOCAL)
    provider = known->id;
  for (json_id id = json_first(&r->doc, object); id != JSON_NONE;
       id = json_next(&r->doc, object, id)) {
    const size_t mark = price_enter(r, id);
    int status = PURSER_OK;
    if (price_is_key(r, id, "free")) {
      bool free = false;
      status = read_bool(r, id, &free);
      if (free)
        make_free(&r->out->drafts, draft_add_model(&r->out->drafts, provider, "*"));
    } else if (price_is_key(r, id, "models")) {
      status = read_models(r, provider, id);
    } else if (!price_is_remark(r, id)) {
      status = price_bad(r, "unknown field; a provider has free or models");
    }
    if (status != PURSER_OK)
      return status;
    price_leave(r, mark);
  }
  return PURSER_OK;
}

static int read_providers(struct price_reader *r, json_id object) {
  if (json_kind(&r->doc, object) != JSON_OBJECT)
    return price_bad(r, "give an object whose keys are providers");
  for (json_id id = json_first(&r->doc, object); id != JSON_NONE;
       id = json_next(&r->doc, object, id)) {
    const size_t mark = price_enter(r, id);
    const int status = read_provider(r, id);
    if (status != PURSER_OK)
      return status;
    price_leave(r, mark);
  }
  return PURSER_OK;
}

static int read_aliases(struct price_reader *r, json_id object) {
  if (json_kind(&r->doc, object) != JSON_OBJECT)
    return price_bad(r, "give an object such as {\"quick\": \"claude-haiku-4-5\"}");
  struct price_file *out = r->out;
  for (json_id id = json_first(&r->doc, object); id != JSON_NONE;
       id = json_next(&r->doc, object, id)) {
    const size_t mark = price_enter(r, id);
    if (json_kind(&r->doc, id) != JSON_STRING || json_raw(&r->doc, id).len == 0)
      return price_bad(r, "an alias stands for a model's name, a string");
    void *aliases = out->aliases;
    if (mem_grow(&aliases, &out->alias_cap, out->alias_count + 1, sizeof *out->aliases) !=
        PURSER_OK)
      return error_set(r->error, PURSER_ENOMEM, "%s: out of memory", r->file);
    out->aliases = aliases;
    const purser_str key = json_key(&r->doc, id);
    const char *target = price_string(r, id);
    out->aliases[out->alias_count++] = (struct price_alias){
        .name = draft_lower(&out->drafts, key.ptr, key.len),
        .target = draft_lower(&out->drafts, target, strlen(target)),
    };
    price_leave(r, mark);
  }
  return PURSER_OK;
}

static int read_top(struct price_reader *r, json_id id) {
  if (price_is_key(r, id, "aliases"))
    return read_aliases(r, id);
  if (price_is_key(r, id, "models"))
    return read_models(r, "", id);
  if (price_is_key(r, id, "providers"))
    return read_providers(r, id);
  if (price_is_key(r, id, "as_of"))
    return price_read_date(r, id, &r->out->drafts.as_of);
  return price_is_remark(r, id)
             ? PURSER_OK
             : price_bad(r, "unknown field; here may stand aliases, models, providers");
}

int price_file_parse(struct price_file *out, const char *path, const char *text, size_t len,
                     struct error *error) {
  *out = PRICE_FILE_INIT;
  struct price_reader r = {
      .out = out, .doc = JSON_DOC_INIT, .file = path, .error = error, .text = BUF_INIT};
  int status = json_parse(&r.doc, text, len);
  if (status != PURSER_OK) {
    error_set(error, status, "%s: not valid JSON; mend it, or delete the file to do without", path);
    goto out;
  }
  if (json_kind(&r.doc, 0) != JSON_OBJECT) {
    status = price_bad(&r, "the file must hold an object");
    goto out;
  }
  for (json_id id = json_first(&r.doc, 0); id != JSON_NONE; id = json_next(&r.doc, 0, id)) {
    const size_t mark = price_enter(&r, id);
    status = read_top(&r, id);
    if (status != PURSER_OK)
      goto out;
    price_leave(&r, mark);
  }
  for (size_t i = 0; i < out->drafts.model_count; i++)
    draft_tidy(out->drafts.models[i]);
  status = draft_status(&out->drafts);
  if (status == PURSER_OK && r.text.failed)
    status = PURSER_ENOMEM;
  if (status != PURSER_OK)
    error_set(error, status, "%s: out of memory", path);

out:
  json_fini(&r.doc);
  buf_fini(&r.text);
  return status;
}

int price_file_read(struct price_file *out, const char *path, struct error *error) {
  *out = PRICE_FILE_INIT;
  char *text = NULL;
  size_t len = 0;
  int status = price_file_slurp(path, &text, &len, error);
  if (status == PURSER_OK)
    status = price_file_parse(out, path, text, len, error);
  mem_free(text);
  return status;
}

void price_file_fini(struct price_file *file) {
  draft_set_fini(&file->drafts);
  mem_free(file->aliases);
  *file = PRICE_FILE_INIT;
}

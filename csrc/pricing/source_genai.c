/* source_genai.c - reading pydantic/genai-prices, data format v2: an array of providers, each with models that are matched by rules and
 * whose prices may have dates and whole-request tiers. Of the rules only the literal names are taken: a model is never
 * matched by a part of its name here (rule 18). */
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "pricing/model_name.h"
#include "pricing/source_internal.h"

static const struct {
  const char *theirs;
  const char *ours;
} providers[] = {
    {"anthropic", "anthropic"}, {"openai", "openai"}, {"google", "google"},
    {"deepseek", "deepseek"},   {"x-ai", "xai"},      {"mistral", "mistral"},
    {"moonshotai", "moonshot"}, {"zai", "zai"},       {"zhipuai", "zhipu"},
    {"aws", "bedrock"},         {"azure", "azure"},   {"openrouter", "openrouter"},
};

/* A figure of a price object and the rate that it is. */
static int64_t *rate_of(struct rates *rates, purser_str key) {
  static const char *const keys[] = {"input_mtok",       "cache_read_mtok",
                                     "cache_write_mtok", "cache_write_1h_mtok",
                                     "output_mtok",      "output_reasoning_mtok"};
  int64_t *const to[] = {&rates->input,          &rates->cache_read, &rates->cache_write_5m,
                         &rates->cache_write_1h, &rates->output,     &rates->reasoning};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    if (strlen(keys[i]) == key.len && memcmp(keys[i], key.ptr, key.len) == 0)
      return to[i];
  }
  return NULL;
}

static int read_tiered(struct source_reader *r, struct draft_card *card, json_id figure,
                       const char *field) {
  const struct json_doc *doc = r->doc;
  const purser_str key = json_key(doc, figure);
  int status =
      source_rate(r, json_get(doc, figure, "base"), field, 9, rate_of(&card->steps[0].rates, key));
  const json_id tiers = json_get(doc, figure, "tiers");
  for (json_id id = json_first(doc, tiers); status == PURSER_OK && id != JSON_NONE;
       id = json_next(doc, tiers, id)) {
    const int64_t above = source_tokens(r, json_get(doc, id, "start"));
    struct price_step *step = above > 0 ? draft_step(card, CLASS_STANDARD, above) : NULL;
    if (step == NULL)
      return source_bad(r, field, "a tier without a beginning");
    status = source_rate(r, json_get(doc, id, "price"), field, 9, rate_of(&step->rates, key));
  }
  return status;
}

static int read_prices(struct source_reader *r, struct draft_card *card, json_id prices) {
  const struct json_doc *doc = r->doc;
  for (json_id id = json_first(doc, prices); id != JSON_NONE; id = json_next(doc, prices, id)) {
    const purser_str key = json_key(doc, id);
    char field[64];
    snprintf(field, sizeof field, "%.*s", (int)key.len, key.ptr);
    int status = PURSER_OK;
    int64_t *rate = rate_of(&card->steps[0].rates, key);
    if (rate != NULL) {
      status = json_kind(doc, id) == JSON_OBJECT ? read_tiered(r, card, id, field)
                                                 : source_rate(r, id, field, 9, rate);
    } else if (strcmp(field, "web_searches_kcount") == 0) {
      /* Dollars per thousand calls: a thousandth of a dollar a call. */
      status = source_rate(r, id, field, 6, &card->web_search);
    }
    if (status != PURSER_OK)
      return status;
  }
  return PURSER_OK;
}

/* Prices by the time of day (DeepSeek's nights, until 2025): the dearer hours stand for the day. */
static void keep_dearer(struct source_reader *r, struct draft_model *model,
                        const struct draft_card *timed) {
  source_remark(r, "prices by the time of day; the dearer hours are taken for all of it");
  struct draft_card *always = draft_card_at(model, 0);
  if (always != NULL && timed->steps[0].rates.input > always->steps[0].rates.input) {
    const int32_t from = always->valid_from;
    *always = *timed;
    always->valid_from = from;
  }
}

static int read_dated(struct source_reader *r, struct draft_model *model, json_id list) {
  const struct json_doc *doc = r->doc;
  for (json_id id = json_first(doc, list); id != JSON_NONE; id = json_next(doc, list, id)) {
    const json_id constraint = json_get(doc, id, "constraint");
    const char *start = source_string(r, json_get(doc, constraint, "start_date"));
    int64_t days = 0;
    if (start[0] != '\0' && calendar_parse_date(start, &days) != PURSER_OK)
      return source_bad(r, "start_date", "not a date");
    struct draft_card *card =
        draft_add_card(&r->out->drafts, model, start[0] != '\0' ? (int32_t)days : ALWAYS);
    const int status = read_prices(r, card, json_get(doc, id, "prices"));
    if (status != PURSER_OK)
      return status;
    if (json_kind(doc, json_get(doc, constraint, "start_time")) == JSON_STRING) {
      const struct draft_card timed = *card;
      if (model->card_count > 0)
        model->card_count--;
      keep_dearer(r, model, &timed);
    }
  }
  return PURSER_OK;
}

/* Literal names out of the match rules. A prefix that ends in the middle of a date or version is no name. */
static void add_names(struct source_reader *r, struct draft_model *model, json_id match) {
  const struct json_doc *doc = r->doc;
  for (json_id id = json_first(doc, match); id != JSON_NONE; id = json_next(doc, match, id)) {
    if (json_kind(doc, id) == JSON_ARRAY) {
      for (json_id rule = json_first(doc, id); rule != JSON_NONE; rule = json_next(doc, id, rule))
        add_names(r, model, rule);
      continue;
    }
    const purser_str key = json_key(doc, id);
    if (json_kind(doc, id) != JSON_STRING || (key.len == 5 && memcmp(key.ptr, "regex", 5) == 0))
      continue;
    purser_str text = json_raw(doc, id);
    while (text.len > 0 && (text.ptr[text.len - 1] == '-' || text.ptr[text.len - 1] == '@'))
      text.len--;
    const bool whole = key.len == 6 && memcmp(key.ptr, "equals", 6) == 0;
    if (!whole && text.len > 5 && memcmp(text.ptr + text.len - 5, "-20", 3) == 0)
      continue;
    draft_add_name(&r->out->drafts, model, draft_lower(&r->out->drafts, text.ptr, text.len));
  }
}

static const char *seller_of(const char *ours, const char *name) {
  /* Google's list holds what it makes and what Vertex resells. */
  const bool resold = strcmp(ours, "google") == 0 && strncmp(name, "claude", 6) == 0;
  return resold ? "vertex" : ours;
}

static bool has_key_with(const struct json_doc *doc, json_id prices, const char *part) {
  for (json_id id = json_first(doc, prices); id != JSON_NONE; id = json_next(doc, prices, id)) {
    const purser_str key = json_key(doc, id);
    if (memmem(key.ptr, key.len, part, strlen(part)) != NULL)
      return true;
  }
  return false;
}

static bool ends_with(const char *text, const char *end) {
  const size_t len = strlen(text);
  return len >= strlen(end) && strcmp(text + len - strlen(end), end) == 0;
}

/* A price that was copied from a router's list is not the maker's. */
static bool is_copied(const struct source_reader *r, json_id model, const char *provider) {
  const purser_str remark = json_raw(r->doc, json_get(r->doc, model, "price_comments"));
  return strcmp(provider, "openrouter") != 0 && remark.len != 0 &&
         memmem(remark.ptr, remark.len, "OpenRouter", 10) != NULL;
}

static int read_model(struct source_reader *r, const char *ours, json_id id) {
  r->out->listed++;
  if (ours == NULL)
    return PURSER_OK;
  const struct json_doc *doc = r->doc;
  const purser_str raw = json_raw(doc, json_get(doc, id, "id"));
  const char *name = draft_lower(&r->out->drafts, raw.ptr, raw.len);
  const char *provider = seller_of(ours, name);
  const json_id prices = json_get(doc, id, "prices");
  r->model = draft_text(&r->out->drafts, name, strlen(name));
  if (name[0] == '\0' || !source_is_ours(provider, name) || is_copied(r, id, provider))
    return PURSER_OK;
  const bool empty = json_kind(doc, prices) == JSON_OBJECT && json_first(doc, prices) == JSON_NONE;
  if ((empty && !ends_with(name, ":free")) || has_key_with(doc, prices, "output_image") ||
      has_key_with(doc, prices, "output_audio") || has_key_with(doc, prices, "output_video"))
    return PURSER_OK;
  if (strncmp(name, "regional.", 9) == 0)
    name += 9;
  struct draft_model *model = draft_add_model(&r->out->drafts, provider, name);
  model->context_window = source_tokens(r, json_get(doc, id, "context_window"));
  add_names(r, model, json_get(doc, id, "match"));
  int status;
  if (json_kind(doc, prices) == JSON_ARRAY) {
    status = read_dated(r, model, prices);
  } else {
    struct draft_card *card = draft_add_card(&r->out->drafts, model, ALWAYS);
    status = read_prices(r, card, prices);
    if (empty)
      card->steps[0].rates.input = card->steps[0].rates.output = 0;
  }
  if (status != PURSER_OK)
    return status;
  if (r->out->drafts.failed)
    return error_set(r->error, PURSER_ENOMEM, "%s: out of memory", r->path);
  if (model->cards[0].steps[0].rates.input < 0 || model->cards[0].steps[0].rates.output < 0) {
    r->out->drafts.model_count--; /* it charges for something else than text */
    return PURSER_OK;
  }
  source_settle(r, model);
  return PURSER_OK;
}

int source_read_genai(struct source_reader *r) {
  const struct json_doc *doc = r->doc;
  for (json_id provider = json_first(doc, 0); provider != JSON_NONE;
       provider = json_next(doc, 0, provider)) {
    const char *ours = NULL;
    for (size_t i = 0; i < sizeof providers / sizeof providers[0]; i++) {
      if (json_equals(doc, json_get(doc, provider, "id"), providers[i].theirs))
        ours = providers[i].ours;
    }
    const json_id models = json_get(doc, provider, "models");
    for (json_id id = json_first(doc, models); id != JSON_NONE; id = json_next(doc, models, id)) {
      const int status = read_model(r, ours, id);
      if (status != PURSER_OK)
        return status;
    }
  }
  return PURSER_OK;
}

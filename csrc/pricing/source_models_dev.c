/* source_models_dev.c - reading models.dev's api.json: an object of providers, each with an object of models; prices in dollars per
 * million tokens, context tiers as a list, and "fast" modes that say what they put into a request. */
#include <stdio.h>
#include <string.h>

#include "pricing/source_internal.h"

static const struct {
  const char *theirs;
  const char *ours;
} providers[] = {
    {"anthropic", "anthropic"},
    {"openai", "openai"},
    {"google", "google"},
    {"deepseek", "deepseek"},
    {"xai", "xai"},
    {"mistral", "mistral"},
    {"alibaba", "alibaba"},
    {"zai", "zai"},
    {"moonshotai", "moonshot"},
    {"zhipuai", "zhipu"},
    {"azure", "azure"},
    {"amazon-bedrock", "bedrock"},
    {"google-vertex", "vertex"},
    {"openrouter", "openrouter"},
    {"google-vertex-anthropic", "vertex"},
};

static int read_rates(struct source_reader *r, struct rates *rates, json_id object) {
  const struct {
    const char *key;
    int64_t *rate;
  } figures[] = {
      {"input", &rates->input},           {"output", &rates->output},
      {"cache_read", &rates->cache_read}, {"cache_write", &rates->cache_write_5m},
      {"reasoning", &rates->reasoning},
  };
  for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
    const int status = source_rate(r, json_get(r->doc, object, figures[i].key), figures[i].key, 9,
                                   figures[i].rate);
    if (status != PURSER_OK)
      return status;
  }
  return PURSER_OK;
}

static int read_tiers(struct source_reader *r, struct draft_card *card, json_id tiers) {
  const struct json_doc *doc = r->doc;
  for (json_id id = json_first(doc, tiers); id != JSON_NONE; id = json_next(doc, tiers, id)) {
    const int64_t above = source_tokens(r, json_path(doc, id, "tier.size"));
    struct price_step *step = above > 0 ? draft_step(card, CLASS_STANDARD, above) : NULL;
    const int status = step != NULL ? read_rates(r, &step->rates, id)
                                    : source_bad(r, "tiers", "a tier without a size");
    if (status != PURSER_OK)
      return status;
  }
  return PURSER_OK;
}

/* A "fast" mode is a class by what it asks the provider for. */
static int read_modes(struct source_reader *r, struct draft_card *card, json_id model) {
  const struct json_doc *doc = r->doc;
  const json_id fast = json_path(doc, model, "experimental.modes.fast");
  const bool priority =
      json_equals(doc, json_path(doc, fast, "provider.body.service_tier"), "priority");
  const bool speed = json_equals(doc, json_path(doc, fast, "provider.body.speed"), "fast");
  const json_id cost = json_get(doc, fast, "cost");
  if (json_kind(doc, cost) != JSON_OBJECT || (!priority && !speed))
    return PURSER_OK;
  struct price_step *step = draft_step(card, priority ? CLASS_PRIORITY : CLASS_FAST, 0);
  return step != NULL ? read_rates(r, &step->rates, cost) : PURSER_OK;
}

static bool makes_text(const struct source_reader *r, json_id model) {
  const struct json_doc *doc = r->doc;
  const json_id outputs = json_path(doc, model, "modalities.output");
  bool text = false;
  bool other = false;
  for (json_id id = json_first(doc, outputs); id != JSON_NONE; id = json_next(doc, outputs, id)) {
    if (json_equals(doc, id, "text")) {
      text = true;
    } else {
      other = true;
    }
  }
  return text && !other;
}

static int read_model(struct source_reader *r, const char *provider, json_id id) {
  r->out->listed++;
  if (provider == NULL)
    return PURSER_OK;
  const struct json_doc *doc = r->doc;
  const purser_str key = json_key(doc, id);
  const char *name = draft_lower(&r->out->drafts, key.ptr, key.len);
  r->model = name;
  const json_id cost = json_get(doc, id, "cost");
  if (json_kind(doc, cost) != JSON_OBJECT || !makes_text(r, id) ||
      !source_is_ours(provider, name) || draft_find(&r->out->drafts, provider, name) != NULL)
    return PURSER_OK;
  struct draft_model *model = draft_add_model(&r->out->drafts, provider, name);
  model->context_window = source_tokens(r, json_path(doc, id, "limit.context"));
  model->max_output = source_tokens(r, json_path(doc, id, "limit.output"));
  struct draft_card *card = draft_add_card(&r->out->drafts, model, ALWAYS);
  int status = read_rates(r, &card->steps[0].rates, cost);
  if (status == PURSER_OK)
    status = read_tiers(r, card, json_get(doc, cost, "tiers"));
  if (status == PURSER_OK)
    status = read_modes(r, card, id);
  if (status != PURSER_OK)
    return status;
  if (r->out->drafts.failed)
    return error_set(r->error, PURSER_ENOMEM, "%s: out of memory", r->path);
  if (card->steps[0].rates.input < 0 || card->steps[0].rates.output < 0) {
    r->out->drafts.model_count--;
    return PURSER_OK;
  }
  source_settle(r, model);
  return PURSER_OK;
}

int source_read_models_dev(struct source_reader *r) {
  const struct json_doc *doc = r->doc;
  for (json_id provider = json_first(doc, 0); provider != JSON_NONE;
       provider = json_next(doc, 0, provider)) {
    const purser_str key = json_key(doc, provider);
    const char *ours = NULL;
    for (size_t i = 0; i < sizeof providers / sizeof providers[0]; i++) {
      if (strlen(providers[i].theirs) == key.len &&
          memcmp(providers[i].theirs, key.ptr, key.len) == 0)
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

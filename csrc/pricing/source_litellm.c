/* source_litellm.c - reading LiteLLM's model_prices_and_context_window.json: one object whose keys are model names behind a router's
 * prefix, with prices in dollars per token under names that spell out class and prompt size
 * ("cache_read_input_token_cost_above_272k_tokens_priority"). */
#include <stdio.h>
#include <string.h>

#include "pricing/source_internal.h"

static const struct {
  const char *theirs;
  const char *ours;
} providers[] = {
    {"anthropic", "anthropic"},
    {"openai", "openai"},
    {"text-completion-openai", "openai"},
    {"gemini", "google"},
    {"deepseek", "deepseek"},
    {"xai", "xai"},
    {"mistral", "mistral"},
    {"dashscope", "alibaba"},
    {"moonshot", "moonshot"},
    {"zai", "zai"},
    {"vertex_ai", "vertex"},
    {"vertex_ai-anthropic_models", "vertex"},
    {"vertex_ai-mistral_models", "vertex"},
    {"vertex_ai-qwen_models", "vertex"},
    {"vertex_ai-deepseek_models", "vertex"},
    {"vertex_ai-openai_models", "vertex"},
    {"vertex_ai-zai_models", "vertex"},
    {"vertex_ai-moonshot_models", "vertex"},
    {"bedrock", "bedrock"},
    {"bedrock_converse", "bedrock"},
    {"bedrock_mantle", "bedrock"},
    {"azure", "azure"},
    {"azure_text", "azure"},
    {"azure_ai", "azure"},
    {"openrouter", "openrouter"},
};

/* What the key names carry in front of the model's own name. */
static const char *const prefixes[] = {
    "gemini/",  "deepseek/", "xai/",      "mistral/",   "dashscope/",      "moonshot/",   "zai/",
    "bedrock/", "azure/",    "azure_ai/", "vertex_ai/", "bedrock_mantle/", "openrouter/",
};

/* Where a figure belongs. */
struct figure {
  int64_t *(*rate)(struct rates *rates);
  enum price_class class;
  int64_t above;
};

static int64_t *input_of(struct rates *rates) {
  return &rates->input;
}
static int64_t *output_of(struct rates *rates) {
  return &rates->output;
}
static int64_t *read_of(struct rates *rates) {
  return &rates->cache_read;
}
static int64_t *write_5m_of(struct rates *rates) {
  return &rates->cache_write_5m;
}
static int64_t *write_1h_of(struct rates *rates) {
  return &rates->cache_write_1h;
}
static int64_t *reasoning_of(struct rates *rates) {
  return &rates->reasoning;
}

static bool skip(const char **text, const char *word) {
  const size_t len = strlen(word);
  if (strncmp(*text, word, len) != 0)
    return false;
  *text += len;
  return true;
}

/* "_above_272k_tokens" */
static bool skip_size(const char **text, int64_t *above) {
  const char *at = *text;
  if (!skip(&at, "_above_"))
    return false;
  int64_t thousands = 0;
  const char *digits = at;
  while (*at >= '0' && *at <= '9' && thousands < 100000)
    thousands = thousands * 10 + (*at++ - '0');
  if (at == digits || !skip(&at, "k_tokens"))
    return false;
  *above = thousands * 1000;
  *text = at;
  return true;
}

/* Reads a key; false for one that is no price of text tokens. */
static bool parse_key(const char *key, struct figure *out) {
  *out = (struct figure){.class = CLASS_STANDARD};
  if (skip(&key, "input_cost_per_token")) {
    out->rate = input_of;
  } else if (skip(&key, "output_cost_per_token")) {
    out->rate = output_of;
  } else if (skip(&key, "cache_read_input_token_cost")) {
    out->rate = read_of;
  } else if (skip(&key, "cache_creation_input_token_cost")) {
    out->rate = skip(&key, "_above_1hr") ? write_1h_of : write_5m_of;
  } else if (skip(&key, "output_cost_per_reasoning_token")) {
    out->rate = reasoning_of;
  } else {
    return false;
  }
  skip_size(&key, &out->above);
  if (skip(&key, "_batches")) {
    out->class = CLASS_BATCH;
  } else if (skip(&key, "_flex")) {
    out->class = CLASS_FLEX;
  } else if (skip(&key, "_priority")) {
    out->class = CLASS_PRIORITY;
  }
  return *key == '\0';
}

static int read_figures(struct source_reader *r, struct draft_card *card, json_id object) {
  const struct json_doc *doc = r->doc;
  for (json_id id = json_first(doc, object); id != JSON_NONE; id = json_next(doc, object, id)) {
    const purser_str raw = json_key(doc, id);
    char key[96];
    if (raw.len >= sizeof key)
      continue;
    snprintf(key, sizeof key, "%.*s", (int)raw.len, raw.ptr);
    struct figure figure;
    if (!parse_key(key, &figure))
      continue;
    struct price_step *step = draft_step(card, figure.class, figure.above);
    if (step == NULL)
      return source_bad(r, key, "too many prices");
    const int status = source_rate(r, id, key, 15, figure.rate(&step->rates));
    if (status != PURSER_OK)
      return status;
  }
  struct rates *base = &card->steps[0].rates;
  if (base->cache_read < 0)
    return source_rate(r, json_get(doc, object, "input_cost_per_token_cache_hit"),
                       "input_cost_per_token_cache_hit", 15, &base->cache_read);
  return PURSER_OK;
}

/* "tiered_pricing": prices by ranges of prompt sizes, each with all rates. */
static int read_ranges(struct source_reader *r, struct draft_card *card, json_id ranges) {
  const struct json_doc *doc = r->doc;
  for (json_id id = json_first(doc, ranges); id != JSON_NONE; id = json_next(doc, ranges, id)) {
    const json_id range = json_get(doc, id, "range");
    const int64_t above = source_tokens(r, json_first(doc, range));
    struct price_step *step = draft_step(card, CLASS_STANDARD, above);
    if (step == NULL)
      return source_bad(r, "tiered_pricing", "too many ranges");
    const struct {
      const char *key;
      int64_t *rate;
    } figures[] = {
        {"input_cost_per_token", &step->rates.input},
        {"output_cost_per_token", &step->rates.output},
        {"cache_read_input_token_cost", &step->rates.cache_read},
        {"output_cost_per_reasoning_token", &step->rates.reasoning},
    };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
      const int status =
          source_rate(r, json_get(doc, id, figures[i].key), figures[i].key, 15, figures[i].rate);
      if (status != PURSER_OK)
        return status;
    }
  }
  return PURSER_OK;
}

static int64_t permille(struct source_reader *r, json_id id) {
  int64_t value = 0;
  const bool sound =
      json_kind(r->doc, id) == JSON_NUMBER && json_decimal(r->doc, id, 3, &value) == PURSER_OK;
  return sound && value >= 100 && value <= 20000 ? value : 0;
}

static void read_regions(struct source_reader *r, struct draft_card *card, json_id object) {
  static const struct {
    const char *key;
    const char *region;
  } keys[] = {
      {"regional_processing_uplift_multiplier_us", "us"},
      {"regional_processing_uplift_multiplier_eu", "eu"},
      {"provider_specific_entry.us", "us"},
  };
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    const int64_t uplift = permille(r, json_path(r->doc, object, keys[i].key));
    if (uplift > 1000)
      draft_uplift(card, keys[i].region, (int32_t)uplift);
  }
}

/* "fast": a multiple of all rates. */
static void read_fast(struct source_reader *r, struct draft_card *card, json_id object) {
  const int64_t times = permille(r, json_path(r->doc, object, "provider_specific_entry.fast"));
  const struct rates base = card->steps[0].rates;
  struct price_step *step = times > 0 ? draft_step(card, CLASS_FAST, 0) : NULL;
  if (step != NULL) {
    /* The other rates follow from these two when the card is completed. */
    step->rates.input = base.input * times / 1000;
    step->rates.output = base.output * times / 1000;
  }
}

static int read_card(struct source_reader *r, struct draft_model *model, json_id object) {
  struct draft_card *card = draft_add_card(&r->out->drafts, model, ALWAYS);
  int status = read_figures(r, card, object);
  if (status == PURSER_OK)
    status = read_ranges(r, card, json_get(r->doc, object, "tiered_pricing"));
  if (status == PURSER_OK)
    status = source_rate(
        r, json_path(r->doc, object, "search_context_cost_per_query.search_context_size_medium"),
        "search_context_cost_per_query", 9, &card->web_search);
  read_regions(r, card, object);
  read_fast(r, card, object);
  return status;
}

static bool is_text(const struct source_reader *r, json_id object) {
  const json_id mode = json_get(r->doc, object, "mode");
  return json_equals(r->doc, mode, "chat") || json_equals(r->doc, mode, "responses") ||
         json_equals(r->doc, mode, "completion");
}

static const char *provider_of(const struct source_reader *r, json_id object) {
  const json_id theirs = json_get(r->doc, object, "litellm_provider");
  for (size_t i = 0; i < sizeof providers / sizeof providers[0]; i++) {
    if (json_equals(r->doc, theirs, providers[i].theirs))
      return providers[i].ours;
  }
  return NULL;
}

static int read_model(struct source_reader *r, json_id id) {
  r->out->listed++;
  const purser_str key = json_key(r->doc, id);
  const char *name = draft_lower(&r->out->drafts, key.ptr, key.len);
  r->model = name;
  const char *provider = provider_of(r, id);
  if (provider == NULL || !is_text(r, id))
    return PURSER_OK;
  for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
    if (skip(&name, prefixes[i]))
      break;
  }
  /* "bedrock/us-east-1/...": names that no client uses; a region in front of the vendor says the same. */
  if (strncmp(r->model, "bedrock/", 8) == 0)
    return PURSER_OK;
  if (!source_is_ours(provider, name) || draft_find(&r->out->drafts, provider, name) != NULL)
    return PURSER_OK;
  struct draft_model *model = draft_add_model(&r->out->drafts, provider, name);
  model->context_window = source_tokens(r, json_get(r->doc, id, "max_input_tokens"));
  model->max_output = source_tokens(r, json_get(r->doc, id, "max_output_tokens"));
  const int status = read_card(r, model, id);
  if (status != PURSER_OK)
    return status;
  if (r->out->drafts.failed)
    return error_set(r->error, PURSER_ENOMEM, "%s: out of memory", r->path);
  const struct rates *base = &model->cards[0].steps[0].rates;
  if (base->input < 0 || base->output < 0) {
    r->out->drafts.model_count--; /* priced by something else than tokens */
    return PURSER_OK;
  }
  source_settle(r, model);
  return PURSER_OK;
}

int source_read_litellm(struct source_reader *r) {
  for (json_id id = json_first(r->doc, 0); id != JSON_NONE; id = json_next(r->doc, 0, id)) {
    const int status = read_model(r, id);
    if (status != PURSER_OK)
      return status;
  }
  return PURSER_OK;
}

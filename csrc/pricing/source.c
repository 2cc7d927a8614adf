/* source.c - see source.h: telling the formats apart, and what their readers share. */
#include "pricing/source.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "pricing/model_name.h"
#include "pricing/price_file.h"
#include "pricing/provider.h"
#include "pricing/source_internal.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

int source_bad(struct source_reader *r, const char *field, const char *what) {
  return error_set(r->error, PURSER_EPARSE, "%s: %s: %s: %s", r->path, r->model, field, what);
}

void source_remark(struct source_reader *r, const char *format, ...) {
  char line[256];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  buf_addf(&r->out->remarks, "%s: %s: %s\n", price_source_name(r->out->kind), r->model, line);
}

int source_rate(struct source_reader *r, json_id id, const char *field, int scale, int64_t *out) {
  const enum json_kind kind = json_kind(r->doc, id);
  if (kind == JSON_MISSING || kind == JSON_NULL)
    return PURSER_OK;
  int64_t rate = 0;
  if (kind != JSON_NUMBER || json_decimal(r->doc, id, scale, &rate) != PURSER_OK)
    return source_bad(r, field, "not a price");
  if (rate < 0)
    return source_bad(r, field, "a negative price; get a sound file");
  if (rate > RATE_MAX)
    return source_bad(r, field, "over 10000 dollars per million tokens; get a sound file");
  *out = rate;
  return PURSER_OK;
}

int64_t source_tokens(struct source_reader *r, json_id id) {
  const int64_t tokens = json_i64_or(r->doc, id, 0);
  return tokens > 0 && tokens <= WINDOW_MAX ? tokens : 0;
}

const char *source_string(struct source_reader *r, json_id id) {
  if (json_kind(r->doc, id) != JSON_STRING)
    return "";
  const purser_str text = json_raw(r->doc, id);
  return draft_text(&r->out->drafts, text.ptr, text.len);
}

static bool contains_any(const char *text, const char *const *words, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strstr(text, words[i]) != NULL)
      return true;
  }
  return false;
}

static bool starts_with_any(const char *text, const char *const *words, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strncmp(text, words[i], strlen(words[i])) == 0)
      return true;
  }
  return false;
}

static bool is_other_media(const char *name) {
  static const char *const words[] = {
      "embed",         "tts",        "audio",   "realtime", "transcribe", "whisper",
      "image",         "moderation", "-live",   "live-",    "-ocr",       "asr-",
      "livetranslate", "omni-",      "voxtral", "lyria",    "container",  "-tuning",
  };
  return contains_any(name, words, COUNT(words));
}

static bool is_makers(const char *name) {
  static const char *const heads[] = {
      "gpt-",      "o1",        "o3",        "o4-",      "codex",   "chatgpt", "computer-use",
      "claude-",   "gemini-",   "gemma-",    "deepseek", "grok-",   "mistral", "ministral",
      "magistral", "codestral", "devstral",  "pixtral",  "mixtral", "open-mi", "qwen",
      "qwq",       "kimi-",     "moonshot-", "glm-",

  };
  return starts_with_any(name, heads, COUNT(heads));
}

static bool is_bedrock_makers(const char *name) {
  static const char *const vendors[] = {"anthropic.",  "openai.", "google.", "deepseek.",
                                        "mistral.",    "qwen.",   "zai.",    "moonshot.",
                                        "moonshotai.", "xai."};
  static const char *const regions[] = {"us.", "eu.",     "apac.",   "au.",
                                        "jp.", "global.", "us-gov.", "regional."};
  for (size_t i = 0; i < COUNT(regions); i++) {
    if (strncmp(name, regions[i], strlen(regions[i])) == 0)
      return is_bedrock_makers(name + strlen(regions[i]));
  }
  return starts_with_any(name, vendors, COUNT(vendors));
}

static bool is_router_makers(const char *name) {
  const char *slash = strchr(name, '/');
  if (slash == NULL)
    return false;
  const struct provider *maker = provider_find(name, (size_t)(slash - name));
  return maker != NULL && maker->kind == PROVIDER_MAKER;
}

bool source_is_ours(const char *provider, const char *name) {
  if (is_other_media(name))
    return false;
  const char *slash = strrchr(name, '/');
  const char *last = slash != NULL ? slash + 1 : name;
  if (strcmp(provider, "openrouter") == 0)
    return is_router_makers(name);
  if (strcmp(provider, "bedrock") == 0)
    return is_bedrock_makers(last);
  /* Gemini costs the same on Vertex as at Google's own counter. */
  if (strcmp(provider, "vertex") == 0)
    return strncmp(last, "gemini-", 7) != 0 && is_makers(last);
  return strcmp(provider, "azure") != 0 || is_makers(last);
}

/* A rate of 0 beside rates that are not means that the list has no such charge or does not know it. */
static void settle_rates(struct source_reader *r, struct rates *rates) {
  if (rates->input <= 0)
    return;
  if (rates->cache_read == 0)
    rates->cache_read = RATE_UNSAID;
  /* No surcharge for writing: the tokens are input all the same. */
  if (rates->cache_write_5m == 0)
    rates->cache_write_5m = rates->input;
  if (rates->cache_write_1h == 0)
    rates->cache_write_1h = rates->input;
  if (rates->cache_write_5m > 0 && rates->cache_write_5m < rates->input) {
    source_remark(r, "a cache write cheaper than input; passed over");
    rates->cache_write_5m = RATE_UNSAID;
  }
  if (rates->cache_write_1h > 0 &&
      (rates->cache_write_1h < rates->cache_write_5m || rates->cache_write_1h < rates->input ||
       rates->cache_write_1h > rates->input * 4)) {
    source_remark(r, "a 1 hour cache write that does not fit the other rates; passed over");
    rates->cache_write_1h = RATE_UNSAID;
  }
  if (rates->reasoning == 0 || rates->reasoning == rates->output)
    rates->reasoning = RATE_UNSAID;
}

static bool is_believable(const struct draft_card *card, const struct price_step *step) {
  const struct price_step *base = draft_find_step(card, CLASS_STANDARD, step->above);
  if (base == NULL || base->rates.input <= 0)
    base = &card->steps[0];
  const int64_t input = base->rates.input;
  const int64_t ceiling = step->class == CLASS_STANDARD ? 8 : 12;
  if (step->rates.input < 0 || (step->rates.output < 0 && step->class != CLASS_STANDARD))
    return false;
  if (step->rates.input > input * ceiling)
    return false;
  /* Faster is dearer, slower is cheaper. */
  const bool cheaper = step->class == CLASS_BATCH || step->class == CLASS_FLEX;
  return cheaper ? step->rates.input <= input : step->rates.input >= input;
}

static void settle_card(struct source_reader *r, struct draft_card *card) {
  size_t kept = 1;
  settle_rates(r, &card->steps[0].rates);
  for (size_t i = 1; i < card->step_count; i++) {
    struct price_step *step = &card->steps[i];
    if (!is_believable(card, step)) {
      if (step->rates.input >= 0)
        source_remark(r, "%s rates that do not fit the standard ones; passed over",
                      price_class_name(step->class));
      continue;
    }
    settle_rates(r, &step->rates);
    card->steps[kept++] = *step;
  }
  card->step_count = kept;
}

void source_settle(struct source_reader *r, struct draft_model *model) {
  for (size_t i = 0; i < model->card_count; i++)
    settle_card(r, &model->cards[i]);
}

static uint32_t fnv(uint32_t hash, int64_t value) {
  for (int shift = 0; shift < 64; shift += 8) {
    hash ^= (uint32_t)((uint64_t)value >> shift) & 0xffU;
    hash *= 16777619U;
  }
  return hash;
}

uint32_t source_fingerprint(const struct draft_model *model) {
  uint32_t hash = 2166136261U;
  for (size_t i = 0; i < model->card_count; i++) {
    const struct draft_card *card = &model->cards[i];
    hash = fnv(hash, card->valid_from);
    for (size_t k = 0; k < card->step_count; k++) {
      const struct price_step *step = &card->steps[k];
      hash = fnv(fnv(fnv(hash, step->class), step->above), step->rates.input);
      hash = fnv(fnv(fnv(hash, step->rates.cache_read), step->rates.cache_write_5m),
                 step->rates.cache_write_1h);
      hash = fnv(fnv(hash, step->rates.output), step->rates.reasoning);
    }
  }
  return hash != 0 ? hash : 1;
}

/* The three formats differ in what their first entry holds. */
static int tell_kind(const struct json_doc *doc, enum price_source *out) {
  if (json_kind(doc, 0) == JSON_ARRAY &&
      json_kind(doc, json_get(doc, json_first(doc, 0), "models")) == JSON_ARRAY) {
    *out = SOURCE_GENAI;
    return PURSER_OK;
  }
  if (json_kind(doc, 0) != JSON_OBJECT)
    return PURSER_ENOTFOUND;
  for (json_id id = json_first(doc, 0); id != JSON_NONE; id = json_next(doc, 0, id)) {
    if (json_kind(doc, json_get(doc, id, "litellm_provider")) == JSON_STRING) {
      *out = SOURCE_LITELLM;
      return PURSER_OK;
    }
    if (json_kind(doc, json_get(doc, id, "models")) == JSON_OBJECT) {
      *out = SOURCE_MODELS_DEV;
      return PURSER_OK;
    }
  }
  return PURSER_ENOTFOUND;
}

int source_parse(struct source *out, const char *path, const char *text, size_t len,
                 struct error *error) {
  *out = SOURCE_INIT;
  struct json_doc doc = JSON_DOC_INIT;
  struct source_reader r = {.out = out, .doc = &doc, .path = path, .error = error, .model = ""};
  int status = json_parse(&doc, text, len);
  if (status != PURSER_OK) {
    error_set(error, status, "%s: not valid JSON; fetch the file again", path);
    goto out;
  }
  status = tell_kind(&doc, &out->kind);
  if (status != PURSER_OK) {
    status =
        error_set(error, PURSER_EPARSE,
                  "%s: not a price list that is known; give genai-prices' data.json, LiteLLM's "
                  "model_prices_and_context_window.json or models.dev's api.json",
                  path);
    goto out;
  }
  switch (out->kind) {
  case SOURCE_GENAI: status = source_read_genai(&r); break;
  case SOURCE_LITELLM: status = source_read_litellm(&r); break;
  case SOURCE_MODELS_DEV: status = source_read_models_dev(&r); break;
  }
  if (status == PURSER_OK && (out->drafts.failed || out->remarks.failed))
    status = error_set(error, PURSER_ENOMEM, "%s: out of memory", path);
  if (status == PURSER_OK && out->drafts.model_count == 0)
    status = error_set(error, PURSER_EPARSE, "%s: no model with a price in it", path);

out:
  json_fini(&doc);
  return status;
}

int source_read(struct source *out, const char *path, struct error *error) {
  *out = SOURCE_INIT;
  char *text = NULL;
  size_t len = 0;
  int status = price_file_slurp(path, &text, &len, error);
  if (status == PURSER_OK)
    status = source_parse(out, path, text, len, error);
  mem_free(text);
  return status;
}

void source_fini(struct source *source) {
  draft_set_fini(&source->drafts);
  buf_fini(&source->remarks);
  *source = SOURCE_INIT;
}

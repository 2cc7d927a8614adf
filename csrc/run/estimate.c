/* estimate.c - see estimate.h. */
#include "run/estimate.h"

#include <string.h>

/* Without history: what a coding agent's client sends along before the user's first word, and a modest answer. */
enum {
  DEFAULT_OVERHEAD_TOKENS = 3000,
  DEFAULT_OUTPUT_LOW = 300,
  DEFAULT_OUTPUT_HIGH = 4000
};
/* From here on an agent's own history is trusted more than the defaults. */
enum {
  HISTORY_ENOUGH = 5
};

enum byte_class {
  CLASS_SPACE,
  CLASS_WORD,
  CLASS_DIGIT,
  CLASS_PUNCTUATION,
  CLASS_HIGH
};

static enum byte_class class_of(unsigned char c) {
  if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
    return CLASS_SPACE;
  if (c >= '0' && c <= '9')
    return CLASS_DIGIT;
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
    return CLASS_WORD;
  return c >= 0x80 ? CLASS_HIGH : CLASS_PUNCTUATION;
}

/* Tokens of one run of bytes of a class, in twelfths so that fractions add up over a text. The figures are those that
 * byte-pair vocabularies of 100k to 200k entries show on prose, source and encodings. */
static int64_t run_twelfths(enum byte_class class, size_t len) {
  const int64_t n = (int64_t)len;
  switch (class) {
  /* One blank is glued to the next word; longer indentation is one token per up to sixteen. */
  case CLASS_SPACE: return len <= 1 ? 0 : 12 * ((n + 15) / 16);
  /* Words up to seven letters are mostly one token; longer ones split, and random letters split every three. */
  case CLASS_WORD: return n <= 7 ? 12 : 12 + (n - 7) * (n > 20 ? 6 : 3);
  case CLASS_DIGIT: return 12 * ((n + 2) / 3);
  case CLASS_PUNCTUATION: return n <= 2 ? 10 : 12 + (n - 2) * 6;
  /* Accented Latin is two bytes in a word, CJK three bytes a token, emoji four bytes and more than one. */
  case CLASS_HIGH: return n * 5;
  }
  return 12 * n;
}

int64_t estimate_text_tokens(const char *text, size_t len) {
  int64_t twelfths = 0;
  size_t at = 0;
  while (at < len) {
    const enum byte_class class = class_of((unsigned char)text[at]);
    size_t end = at + 1;
    while (end < len && class_of((unsigned char)text[end]) == class)
      end++;
    twelfths += run_twelfths(class, end - at);
    at = end;
  }
  return (twelfths + 11) / 12;
}

/* Prefixes of the makers' own names; the first that fits. */
static const struct family {
  const char *prefix;
  const char *name;
  int32_t permille;
} families[] = {
    {"claude-opus-4-7", "claude-2026", 1350},
    {"claude-opus-5", "claude-2026", 1350},
    {"claude-sonnet-5", "claude-2026", 1350},
    {"claude-fable", "claude-2026", 1350},
    {"claude-mythos", "claude-2026", 1350},
    {"claude-haiku-5", "claude-2026", 1350},
    {"claude-", "claude", 1150},
    {"gpt-", "openai", 1000},
    {"o1", "openai", 1000},
    {"o3", "openai", 1000},
    {"o4", "openai", 1000},
    {"gemini-", "gemini", 1050},
    {"deepseek-", "deepseek", 1050},
    {"qwen", "qwen", 1050},
    {"grok-", "grok", 1050},
    {"mistral-", "mistral", 1150},
    {"kimi-", "kimi", 1050},
    {"glm-", "glm", 1050},
};

static const struct family *family_of(const char *model) {
  static const struct family other = {"", "other", 1150};
  const char *name = model != NULL ? model : "";
  const char *slash = strrchr(name, '/');
  if (slash != NULL)
    name = slash + 1;
  for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
    if (strncmp(name, families[i].prefix, strlen(families[i].prefix)) == 0)
      return &families[i];
  }
  return &other;
}

int32_t estimate_family_permille(const char *model) {
  return family_of(model)->permille;
}

const char *estimate_family(const char *model) {
  return family_of(model)->name;
}

const char *estimate_stand_in(const char *source, const char *model) {
  static const struct {
    const char *source, *model, *stand_in;
  } rows[] = {
      {"claude", "", "claude-opus-5-5"},       {"claude", "default", "claude-opus-5-5"},
      {"claude", "opus", "claude-opus-5-5"},   {"claude", "sonnet", "claude-sonnet-5-5"},
      {"claude", "haiku", "claude-haiku-4-5"}, {"codex", "", "gpt-5.5"},
      {"gemini", "", "gemini-2.5-pro"},        {"gemini", "auto", "gemini-2.5-pro"},
      {"gemini", "pro", "gemini-2.5-pro"},     {"gemini", "flash", "gemini-2.5-flash"},
      {"opencode", "", "claude-sonnet-5-5"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (strcmp(source, rows[i].source) == 0 && strcmp(model, rows[i].model) == 0) {
      return rows[i].stand_in;
    }
  }
  return NULL;
}

static int64_t at_least(int64_t a, int64_t b) {
  return a > b ? a : b;
}

static int64_t capped(int64_t value, int64_t cap) {
  return cap > 0 && value > cap ? cap : value;
}

/* A price, with the fallback rates where the model has none; -1 when neither is there. */
static int64_t ceiling(const struct run_config *config, const struct price_query *query,
                       enum cost_status *status) {
  struct price price;
  price_ceiling(config->catalog, query, &price);
  if (price.status == COST_UNKNOWN)
    run_price(config, query, &price);
  *status = price.status;
  return price.status == COST_UNKNOWN ? -1 : price.cost_nanousd;
}

void estimate_run(const struct run_config *config, const struct estimate_input *input,
                  struct estimate *out) {
  static const struct history none = {0};
  const struct history *history = input->history != NULL ? input->history : &none;
  const bool known_agent = history->runs >= HISTORY_ENOUGH;
  *out = (struct estimate){0};

  const int32_t permille =
      input->permille > 0 ? input->permille : estimate_family_permille(input->model);
  const int64_t prompt = input->prompt_tokens * permille / 1000 + input->context_tokens;
  const int64_t overhead =
      input->overhead_tokens >= 0 ? input->overhead_tokens : DEFAULT_OVERHEAD_TOKENS;
  struct model_info info;
  const bool found =
      catalog_find(config->catalog, input->provider, input->model, input->at_ms, &info) == 0;
  const int64_t model_cap = found ? info.max_output : 0;

  int64_t low_output = known_agent ? history->p50_output : DEFAULT_OUTPUT_LOW;
  int64_t high_output = known_agent ? history->p95_output : DEFAULT_OUTPUT_HIGH;
  /* A run of several requests may put out more than one answer's cap; only a single answer is capped by the model. */
  if (!known_agent)
    high_output = capped(high_output, model_cap);
  high_output = capped(high_output, input->max_output);
  low_output = capped(low_output, high_output);

  /* A conversation that goes on holds the overhead already: the provider counted it. */
  out->prompt_tokens = prompt + (input->context_tokens > 0 ? 0 : overhead);
  out->input_tokens = at_least(out->prompt_tokens, known_agent ? history->p50_prompt : 0);
  out->output_tokens = high_output;

  struct price_query query = {
      .model = input->model,
      .provider = input->provider,
      .at_ms = input->at_ms,
      .reported_nanousd = -1,
  };
  query.usage.input = prompt;
  out->minimum_nanousd = ceiling(config, &query, &out->status);
  if (out->status == COST_UNKNOWN) {
    out->minimum_nanousd = 0;
    return;
  }
  query.usage.input = out->input_tokens;
  query.usage.output = low_output;
  enum cost_status ignored;
  out->low_nanousd = ceiling(config, &query, &ignored);
  query.usage.output = high_output;
  out->high_nanousd = ceiling(config, &query, &ignored);
  if (known_agent) {
    /* What such runs really cost knows about caching, which a price per token does not. */
    out->low_nanousd = at_least(history->p50_nanousd, out->minimum_nanousd);
    out->high_nanousd = at_least(history->p95_nanousd, out->minimum_nanousd);
  }
  if (out->high_nanousd < out->low_nanousd)
    out->high_nanousd = out->low_nanousd;
}

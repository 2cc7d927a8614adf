/* model_name.c - see model_name.h. */
#include "pricing/model_name.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool is_digits(const char *text, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (text[i] < '0' || text[i] > '9')
      return false;
  }
  return true;
}

static bool is_date8(const char *text) {
  return strlen(text) == 8 && is_digits(text, 8) && (memcmp(text, "20", 2) == 0) &&
         text[4] <= '1' && text[6] <= '3';
}

static bool is_date10(const char *text) {
  return strlen(text) == 10 && memcmp(text, "20", 2) == 0 && is_digits(text, 4) && text[4] == '-' &&
         is_digits(text + 5, 2) && text[7] == '-' && is_digits(text + 8, 2);
}

/* "1" or "2:0": Bedrock's versions. "-v3" alone is part of a name (deepseek-chat-v3). */
static bool is_version(const char *text) {
  if (strcmp(text, "1") == 0)
    return true;
  return strlen(text) == 3 && is_digits(text, 1) && text[1] == ':' && is_digits(text + 2, 1);
}

static bool is_one_of(const char *text, const char *const *list, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(text, list[i]) == 0)
      return true;
  }
  return false;
}

/* "[1m]", and the effort that agents append to a model's name. */
static bool strip_bracket(char *text) {
  static const char *const words[] = {"1m",   "none",  "minimal", "low",  "medium",
                                      "high", "xhigh", "max",     "ultra"};
  char *open = strrchr(text, '[');
  char *close = strrchr(text, ']');
  if (open == NULL || close == NULL || close < open || close[1] != '\0')
    return false;
  *close = '\0';
  const bool known = is_one_of(open + 1, words, COUNT(words));
  *close = ']';
  if (known)
    *open = '\0';
  return known;
}

static bool strip_variant(char *text) {
  static const char *const words[] = {"free", "thinking", "beta"};
  char *colon = strrchr(text, ':');
  if (colon == NULL || !is_one_of(colon + 1, words, COUNT(words)))
    return false;
  *colon = '\0';
  return true;
}

static bool strip_date(char *text) {
  const size_t len = strlen(text);
  if (len > 9 && text[len - 9] == '-' && is_date8(text + len - 8)) {
    text[len - 9] = '\0';
    return true;
  }
  if (len > 11 && text[len - 11] == '-' && is_date10(text + len - 10)) {
    text[len - 11] = '\0';
    return true;
  }
  return false;
}

static bool strip_at(char *text) {
  static const char *const words[] = {"default", "latest"};
  char *at = strrchr(text, '@');
  if (at == NULL || !(is_one_of(at + 1, words, COUNT(words)) || is_date8(at + 1)))
    return false;
  *at = '\0';
  return true;
}

static bool strip_version(char *text) {
  char *dash = strrchr(text, '-');
  if (dash == NULL || dash[1] != 'v' || !is_version(dash + 2))
    return false;
  *dash = '\0';
  return true;
}

bool model_name_strip_end(char *text) {
  return strip_bracket(text) || strip_variant(text) || strip_date(text) || strip_at(text) ||
         strip_version(text);
}

static const char *const regions[] = {"us.", "eu.", "apac.", "au.", "jp.", "global.", "us-gov."};
static const char *const vendors[] = {
    "anthropic.", "openai.",     "google.", "deepseek.", "mistral.",
    "qwen.",      "moonshotai.", "zai.",    "moonshot.", "xai.",
};

static size_t starts_with_any(const char *text, const char *const *list, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const size_t len = strlen(list[i]);
    if (strncmp(text, list[i], len) == 0)
      return len;
  }
  return 0;
}

/* "us-east-1", "us-gov-west-1": a cloud's region as a path segment. */
static bool is_zone(const char *text, size_t len) {
  if (len < 9 || len > 16 || text[2] != '-' || text[len - 2] != '-')
    return false;
  return text[len - 1] >= '1' && text[len - 1] <= '9';
}

/* A segment in front of a slash that names no seller. */
static bool is_path_word(const char *text, size_t len) {
  static const char *const words[] = {"models",          "us",     "eu",       "global",
                                      "global-standard", "invoke", "converse", "router"};
  for (size_t i = 0; i < COUNT(words); i++) {
    if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
      return true;
  }
  return is_zone(text, len);
}

static const char *after(const char *text, const char *mark) {
  const char *found = strstr(text, mark);
  return found != NULL ? found + strlen(mark) : NULL;
}

/* Full resource names: "projects/p/locations/l/publishers/anthropic/models/claude-...", "arn:aws:bedrock:...:inference-profile/us.anthropic.claude-...". */
static const char *skip_resource(const char *text, const char **seller) {
  if (strncmp(text, "projects/", 9) == 0 || strncmp(text, "publishers/", 11) == 0) {
    *seller = "vertex";
    return after(text, "/models/");
  }
  if (strncmp(text, "arn:aws", 7) == 0) {
    *seller = "bedrock";
    const char *slash = strrchr(text, '/');
    return slash != NULL ? slash + 1 : NULL;
  }
  return NULL;
}

static void note_seller(struct model_name *name, const struct provider *seller) {
  if (seller == NULL)
    return;
  /* The outermost seller is the one who sends the bill; a local runner anywhere means nobody does. */
  if (name->provider == NULL || seller->kind == PROVIDER_LOCAL)
    name->provider = seller;
}

static size_t front_len(struct model_name *name, const char *text) {
  const char *seller = NULL;
  const char *rest = skip_resource(text, &seller);
  if (rest != NULL) {
    note_seller(name, provider_find(seller, strlen(seller)));
    return (size_t)(rest - text);
  }
  const char *slash = strchr(text, '/');
  if (slash != NULL) {
    const size_t len = (size_t)(slash - text);
    const struct provider *provider = provider_find(text, len);
    note_seller(name, provider);
    return provider != NULL || is_path_word(text, len) ? len + 1 : 0;
  }
  const size_t region = starts_with_any(text, regions, COUNT(regions));
  return region != 0 ? region : starts_with_any(text, vendors, COUNT(vendors));
}

int model_name_init(struct model_name *name, const char *text) {
  *name = (struct model_name){0};
  const size_t len = text != NULL ? strlen(text) : 0;
  if (len == 0 || len >= MODEL_NAME_SIZE)
    return PURSER_EINVAL;
  for (size_t i = 0; i < len; i++) {
    const char c = text[i];
    name->whole[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
  }
  name->million = len > 4 && strcmp(name->whole + len - 4, "[1m]") == 0;
  memcpy(name->current, name->whole, len + 1);
  name->form = name->current;
  return PURSER_OK;
}

bool model_name_next(struct model_name *name) {
  if (model_name_strip_end(name->current))
    return name->current[0] != '\0';
  const size_t len = front_len(name, name->whole + name->front);
  if (len == 0)
    return false;
  name->front += len;
  const char *rest = name->whole + name->front;
  memcpy(name->current, rest, strlen(rest) + 1);
  return name->current[0] != '\0';
}

bool model_name_is_qualified(const char *form) {
  return strpbrk(form, "/@") != NULL || starts_with_any(form, regions, COUNT(regions)) != 0 ||
         starts_with_any(form, vendors, COUNT(vendors)) != 0;
}

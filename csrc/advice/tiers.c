/* tiers.c - see tiers.h. */
#include "advice/tiers.h"

#include <string.h>

/* By a word of the name, the most telling first: makers keep these words over the versions. */
static const struct {
  const char *maker, *word;
  enum model_tier tier;
} words[] = {
    {"claude", "haiku", TIER_SMALL},  {"claude", "sonnet", TIER_MEDIUM},
    {"claude", "opus", TIER_LARGE},   {"claude", "fable", TIER_LARGE},
    {"claude", "mythos", TIER_LARGE}, {"gpt", "nano", TIER_SMALL},
    {"gpt", "mini", TIER_MEDIUM},     {"gpt", "gpt", TIER_LARGE},
    {"gemini", "lite", TIER_SMALL},   {"gemini", "flash", TIER_MEDIUM},
    {"gemini", "pro", TIER_LARGE},
};

/* What to suggest of each. */
static const struct {
  const char *maker;
  const char *models[TIER_LARGE + 1];
} makers[] = {
    {"claude", {NULL, "claude-haiku-4-5", "claude-sonnet-5-5", "claude-opus-5-5"}},
    {"gpt", {NULL, "gpt-5.4-nano", "gpt-5.4-mini", "gpt-5.5"}},
    {"gemini", {NULL, "gemini-2.5-flash-lite", "gemini-2.5-flash", "gemini-2.5-pro"}},
};

const char *model_tier_name(enum model_tier tier) {
  static const char *const names[] = {"unknown", "small", "medium", "large"};
  return names[tier];
}

enum model_tier model_tier(const char *model) {
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    if (strstr(model, words[i].maker) != NULL && strstr(model, words[i].word) != NULL)
      return words[i].tier;
  }
  return TIER_UNKNOWN;
}

const char *model_of_tier(const char *model, enum model_tier tier) {
  for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
    if (strstr(model, makers[i].maker) != NULL)
      return makers[i].models[tier];
  }
  return NULL;
}

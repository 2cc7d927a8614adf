/* config.h - what the life of a run depends on beside the ledger: prices, privacy, fallback rates. */
#ifndef RUN_CONFIG_H
#define RUN_CONFIG_H

#include "pricing/pricing.h"

enum keep_prompt {
  KEEP_NOTHING = 0,
  KEEP_EXCERPT = 1,
  KEEP_ALL = 2
};

enum {
  PROMPT_EXCERPT_CHARS = 200
};

struct run_config {
  const struct catalog *catalog;
  enum keep_prompt keep_prompt;
  /* For models without a price under a budget, nano-dollars per million tokens; -1 none. */
  int64_t fallback_input;
  int64_t fallback_output;
  bool enforce_subscription;
};

/* "none", "excerpt", "all"; -1 for anything else. */
int keep_prompt_parse(const char *name);

/* How many bytes of a prompt are kept: cut at a character's boundary, so that what is stored is valid UTF-8. */
size_t keep_prompt_bytes(enum keep_prompt keep, const char *prompt, size_t len);

/* Prices a request; a model without a card gets the fallback rates, marked estimated, where they are configured. */
void run_price(const struct run_config *config, const struct price_query *query, struct price *out);

#endif

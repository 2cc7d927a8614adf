/* prompt_pair.h - what was estimated of a prompt, and what the provider counted: the raw material of calibration (rule 32).
 *
 * Only first requests of fresh conversations are kept, the last few of each agent and workspace, for each family of tokenizers apart:
 * what else such a request carries (the client's own instructions, its tools) is about the same each time. What two of them say
 * about the family is kept as a ratio. */
#ifndef LEDGER_PROMPT_PAIR_H
#define LEDGER_PROMPT_PAIR_H

#include "ledger/ledger.h"

enum {
  PROMPT_PAIRS = 9,
  TOKEN_RATIOS = 15
};

struct prompt_pair {
  int64_t estimated; /* tokens of the prompt alone, before any scaling */
  int64_t reported;  /* of the whole request: uncached, read from the cache, and written to it */
};

/* Newest first, at most PROMPT_PAIRS. */
int ledger_prompt_pairs(struct ledger *ledger, const char *family, const char *agent,
                        const char *workspace, struct prompt_pair *out, size_t *count,
                        struct error *error);
/* Those of the agent in any workspace. */
int ledger_prompt_pairs_anywhere(struct ledger *ledger, const char *family, const char *agent,
                                 struct prompt_pair *out, size_t *count, struct error *error);
/* Newest first, at most TOKEN_RATIOS; thousandths. */
int ledger_token_ratios(struct ledger *ledger, const char *family, int32_t *out, size_t *count,
                        struct error *error);

/* Keeps a pair of the run, and the ratio that it made (0: none), and forgets the oldest. Inside a transaction. */
int ledger_prompt_pair_add(struct ledger *ledger, int64_t run_id, const char *family,
                           const struct prompt_pair *pair, int32_t ratio_permille,
                           struct error *error);

#endif

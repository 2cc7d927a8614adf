/* estimate.h - what a run will probably cost, before it is dispatched.
 *
 * Tokens are counted by class of byte run, because characters divided by four is wrong by +130 % on indented source and by -75 % on
 * base64 (rule 32), then scaled per model family and by what the ledger has seen of (estimate, reported) pairs. */
#ifndef RUN_ESTIMATE_H
#define RUN_ESTIMATE_H

#include "ledger/history.h"
#include "run/config.h"

/* Tokens of a text for a tokenizer of plain size; a pure function of the bytes. */
int64_t estimate_text_tokens(const char *text, size_t len);

/* How many tokens the model's own tokenizer makes of one of the above, in thousandths: newer tokenizers differ by 1.5 x. What is usual
 * for the family; the ledger may know better (calibrate.h). */
int32_t estimate_family_permille(const char *model);
/* The models that share a tokenizer, as far as is known: "claude", "openai", ...; "other". */
const char *estimate_family(const char *model);

/* The model whose price stands for one that has no card under the name it was asked by: a client's alias ("opus"), or nothing
 * at all (the client's default, taken as its dearest usual one). NULL if the source is not known. Estimates only: what is
 * booked is booked under the name that the client reports. */
const char *estimate_stand_in(const char *source, const char *model);

struct estimate_input {
  const char *model;
  const char *provider;
  int64_t at_ms;
  int64_t prompt_tokens;   /* estimate_text_tokens of the prompt */
  int32_t permille;        /* as calibrated; 0: what is usual for the family */
  int64_t overhead_tokens; /* what a first request carries beside the prompt; -1 unknown */
  int64_t context_tokens;  /* held by the conversation, as the provider counted it */
  int64_t max_output;      /* cap sent along, 0 none */
  const struct history *history;
};

struct estimate {
  int64_t low_nanousd;     /* median of this agent's history, or a short answer */
  int64_t high_nanousd;    /* p95 at the dearest tier: what is held (rule 26) */
  int64_t minimum_nanousd; /* the prompt and its context alone */
  int64_t prompt_tokens;   /* of the first request, with all that it carries */
  int64_t input_tokens;    /* of all requests of the run */
  int64_t output_tokens;
  enum cost_status status; /* COST_UNKNOWN: no price and no fallback; the figures are 0 */
};

void estimate_run(const struct run_config *config, const struct estimate_input *input,
                  struct estimate *out);

#endif

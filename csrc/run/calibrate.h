/* calibrate.h - what pairs of an estimate and a provider's count teach about the next estimate (rule 32). Pure.
 *
 * A request carries more than the prompt: the client's own instructions and tools, which nobody here has seen. In the difference of two
 * requests of the same agent that part cancels, and what is left says how many tokens the model's tokenizer makes of one of ours.
 * Everything is a median over the last few, so that a single wrong figure changes nothing. */
#ifndef RUN_CALIBRATE_H
#define RUN_CALIBRATE_H

#include "ledger/prompt_pair.h"

/* The family's ratio as a new pair shows it beside earlier ones of the same agent, in thousandths; 0: they tell nothing. */
int32_t calibrate_sample(const struct prompt_pair *earlier, size_t count,
                         const struct prompt_pair *now);

/* The ratio to estimate with: what is usual for the family, until the ledger knows better. Never more than three times
 * that, nor less than a third. */
int32_t calibrate_permille(int32_t usual, const int32_t *samples, size_t count);

/* Tokens that such a request carries beside the prompt; -1: unknown. */
int64_t calibrate_overhead(const struct prompt_pair *pairs, size_t count, int32_t permille);

#endif

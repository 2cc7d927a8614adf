/* sentence.h - an admission's answer in one sentence for people. */
#ifndef BUDGET_SENTENCE_H
#define BUDGET_SENTENCE_H

#include "budget/budget.h"

/* Fills out->message from the other fields; `need` is what the run needs at least. `zone` is the policy's, for the date. */
void sentence_write(struct admission *out, int64_t need, const struct zone *zone);

#endif

/* digest_text.h - figures and names as a digest writes them. */
#ifndef ADVICE_DIGEST_TEXT_H
#define ADVICE_DIGEST_TEXT_H

#include "advice/digest_month.h"
#include "base/buf.h"

extern const char *const digest_month_names[13]; /* from 1 */

void digest_count(struct buf *out, int64_t count, const char *one); /* "1,204 requests" */
void digest_tokens(struct buf *out, int64_t count);                 /* "950", "12.4k", "3.1M" */
void digest_percent(struct buf *out, int64_t part, int64_t whole);  /* "41 %", "< 1 %" */
void digest_cost(struct buf *out,
                 const struct sums *sums);         /* "$3.20", "≥ $3.20", "no price", "–" */
void digest_key(struct buf *out, const char *key); /* of a cut */
void digest_before(struct buf *out,
                   const struct digest_month *month); /* "October", "1–24 October" */

int64_t digest_prompt_of(const struct sums *sums); /* tokens that were sent */
int64_t digest_tokens_of(const struct sums *sums);

#endif

/* digest.h - a month in Markdown: what was spent on what, what changed against the month before, and what to do about it. */
#ifndef ADVICE_DIGEST_H
#define ADVICE_DIGEST_H

#include "ledger/ledger.h"

/* `month`: "2026-11" in the ledger's zone; NULL the running one, up to today, which is compared with the same days of the month before.
 * What is billed in one way is told of: the metered, else the first that there is anything of; what there is of the others is named.
 * Appends to `out`. PURSER_EINVAL for what is no month, or one that has not begun. */
int digest_write(struct ledger *ledger, const struct catalog *catalog, const char *month,
                 struct buf *out, struct error *error);

#endif

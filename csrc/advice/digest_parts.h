/* digest_parts.h - the sections of a digest. Each appends to `out`. */
#ifndef ADVICE_DIGEST_PARTS_H
#define ADVICE_DIGEST_PARTS_H

#include "advice/digest_month.h"
#include "base/buf.h"

/* Agents, workspaces, models beside the month before; tokens by kind. */
void digest_spent_on(struct buf *out, const struct digest_month *month);

/* The largest differences to the month before. */
void digest_changes(struct buf *out, const struct digest_month *month);

/* What would have been spent less. */
int digest_suggestions(struct ledger *ledger, const struct catalog *catalog,
                       const struct digest_month *month, struct buf *out, struct error *error);

#endif

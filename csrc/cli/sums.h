/* sums.h - the figures of a report as the program writes them: JSON members and CSV columns. */
#ifndef CLI_SUMS_H
#define CLI_SUMS_H

#include "base/buf.h"
#include "ledger/ledger.h"

/* Members of an object. */
void sums_write_json(struct buf *out, const struct sums *sums);
/* The names and values of the same members, separated by commas. */
void sums_write_csv_head(struct buf *out);
void sums_write_csv(struct buf *out, const struct sums *sums);

#endif

/* sums.h - the figures of a report as the program writes them: JSON members, CSV columns, table cells. */
#ifndef CLI_SUMS_H
#define CLI_SUMS_H

#include "base/buf.h"
#include "ledger/ledger.h"

/* `"runs":1,"requests":2,...,"unpriced_requests":0`, without braces. */
void sums_write_json(struct buf *out, const struct sums *sums);
/* The names and values of the same members, separated by commas. */
void sums_write_csv_head(struct buf *out);
void sums_write_csv(struct buf *out, const struct sums *sums);
/* "$1.23", and "≥ $1.23" while something has no price. */
void sums_write_cost(struct buf *out, const struct sums *sums);
/* "1.2k", "3.4M": three digits at most. */
void sums_write_count(struct buf *out, int64_t count);
/* Pads to a width in characters; `right` puts the blanks in front. */
void sums_write_cell(struct buf *out, const char *text, int width, bool right);

#endif

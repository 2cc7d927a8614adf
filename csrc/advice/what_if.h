/* what_if.h - what an agent's, a workspace's or a month's real requests would have cost with another model.
 *
 * The same tokens, priced by the one price function at the time at which they were sent, under each model's own rules: its long-context tiers and
 * its cache rates. That another model might have used more or fewer tokens is not known, and must be said beside the figures. */
#ifndef ADVICE_WHAT_IF_H
#define ADVICE_WHAT_IF_H

#include "ledger/request_scan.h"

enum {
  WHAT_IF_MODELS = 16
};

struct what_if_row {
  const char *model; /* the caller's */
  int64_t cost_nanousd;
  int64_t priced;   /* requests */
  int64_t unpriced; /* that this model has no price for: then the row is no answer */
};

struct what_if {
  int64_t requests;
  int64_t cost_nanousd; /* as booked */
  int64_t unpriced;     /* booked without a price: left out of every row */
  struct what_if_row rows[WHAT_IF_MODELS];
  size_t count;
};

/* One row for each of `models` (NULL-terminated, at most WHAT_IF_MODELS), in their order. */
int what_if(struct ledger *ledger, const struct catalog *catalog, const struct request_scan *scan,
            const char *const *models, struct what_if *out, struct error *error);

#endif

/* what_if.h - what an agent's, a workspace's or a month's real requests would have cost with another model, or with another effort.
 *
 * Another model: the same tokens, priced by the one price function at the time at which they were sent, under each model's own rules: its
 * long-context tiers and its cache rates. That another model might have used more or fewer tokens is not known.
 *
 * Another effort: at the same prices the same tokens cost the same, so that only experience can tell. A run is taken to have cost so much
 * more or less as the median run of that agent with that model and effort did beside the median of its own effort; where either has fewer
 * than eight runs nothing is known, and the run is left as it was.
 *
 * Both must be said beside the figures. */
#ifndef ADVICE_WHAT_IF_H
#define ADVICE_WHAT_IF_H

#include "ledger/request_scan.h"

enum {
  WHAT_IF_MODELS = 16,
  WHAT_IF_EFFORTS = 16,
  WHAT_IF_ROWS = WHAT_IF_MODELS + WHAT_IF_EFFORTS,
  WHAT_IF_NAME = 160,
  WHAT_IF_RECENT = 2000, /* runs that efforts are known from: the last ones of the scope */
  WHAT_IF_FEWEST = 8     /* of an agent with a model and an effort */
};

struct what_if_row {
  char model[WHAT_IF_NAME];
  char effort[WHAT_IF_NAME]; /* "": all requests with this model; else: its runs with that effort */
  int64_t cost_nanousd;      /* of all, those that would have stayed as they were included */
  int64_t priced;            /* requests */
  int64_t unpriced;          /* that this model has no price for: then the row is no answer */
  int64_t
      from_runs; /* of efforts: the fewest runs that any part of it comes of; 0: not known, and the cost is as it was */
  int64_t
      kept_nanousd; /* of efforts: booked for the model's runs of other efforts of which too little is known */
};

struct what_if {
  int64_t requests;
  int64_t cost_nanousd; /* as booked */
  int64_t unpriced;     /* booked without a price: left out of every row */
  struct what_if_row rows[WHAT_IF_ROWS];
  size_t count;
};

/* One row for each of `models` (NULL-terminated, at most WHAT_IF_MODELS), in their order; then, if `efforts` is set, one for each model and
 * effort that was used in the scope, the dearest model first. */
int what_if(struct ledger *ledger, const struct catalog *catalog, const struct request_scan *scan,
            const char *const *models, bool efforts, struct what_if *out, struct error *error);

/* Models to compare with: those that were used in the scope, the dearest first, and the small, medium and large ones of their makers. As rows
 * without figures. */
int what_if_models(struct ledger *ledger, const struct request_scan *scan, struct what_if *out,
                   struct error *error);

#endif

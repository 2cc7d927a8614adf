/* reported.h - what clients say their requests cost, beside what the rate cards say. */
#ifndef LEDGER_REPORTED_H
#define LEDGER_REPORTED_H

#include "ledger/ledger.h"

struct reported_row {
  const char *model;
  int64_t requests;
  int64_t cost_nanousd;     /* by the cards */
  int64_t reported_nanousd; /* by the client */
};

/* For each model, the requests since an instant that have both. Stops at the first non-zero answer, which is returned. */
int ledger_reported_each(struct ledger *ledger, int64_t since_ms,
                         int (*each)(void *data, const struct reported_row *row), void *data,
                         struct error *error);

#endif

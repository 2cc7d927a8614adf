/* recent.h - the last runs of an agent, a workspace or all that have ended, with the model they are counted under: for comparing them. */
#ifndef LEDGER_RECENT_H
#define LEDGER_RECENT_H

#include "ledger/request_scan.h"

/* Strings are valid until the walk returns, the prompt until the callback does. */
struct recent_run {
  int64_t id, started_ms, duration_ms, tokens, cost_nanousd, unpriced;
  const char *agent, *model, *effort;
  const char *prompt; /* what is kept of it */
  enum run_status status;
};

/* Calls `each`, newest first, for at most `most` runs that made requests and started in the time of `scan`, until it returns non-zero, which
 * is returned. */
int ledger_recent_each(struct ledger *ledger, const struct request_scan *scan, int32_t most,
                       int (*each)(void *data, const struct recent_run *run), void *data,
                       struct error *error);

#endif

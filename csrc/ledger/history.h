/* history.h - what an agent's last runs were like: the raw material of estimates. */
#ifndef LEDGER_HISTORY_H
#define LEDGER_HISTORY_H

#include "ledger/ledger.h"

enum {
  HISTORY_RUNS = 60
};

/* Of the agent's last settled runs with the same model ("" any), at most HISTORY_RUNS. */
struct history {
  int32_t runs;
  int64_t p50_output, p95_output; /* tokens of a whole run */
  int64_t p50_prompt,
      p95_prompt; /* prompt tokens of a whole run: input + cache read + cache writes */
  int64_t p50_nanousd, p95_nanousd; /* cost of a whole run */
  int64_t
      p95_request_nanousd; /* cost of one request: what mid-run enforcement reserves for the next */
};

/* All zero where there is no history. */
int ledger_history(struct ledger *ledger, const char *agent, const char *model, struct history *out,
                   struct error *error);

#endif

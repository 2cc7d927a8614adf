/* usual.h - what an agent's runs with a model are usually like: medians over its last ones. */
#ifndef LEDGER_USUAL_H
#define LEDGER_USUAL_H

#include "ledger/ledger.h"

enum {
  USUAL_LAST_RUNS = 60
};

struct usual_runs {
  int64_t runs;         /* that the medians come of */
  int64_t first_prompt; /* tokens of the first request's prompt, cached or not */
  int64_t requests;
  int64_t output; /* tokens of a run */
  int64_t nanousd;
};

/* `model` is the one that the run was counted under. `before_ms` leaves out that run and the later ones. All 0 where there is nothing. */
int ledger_usual(struct ledger *ledger, const char *agent, const char *model, int64_t before_ms,
                 struct usual_runs *out, struct error *error);

#endif

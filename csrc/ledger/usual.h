/* usual.h - what an agent's runs with a model are usually like: medians over its last ones, and from where on a run is far above them. */
#ifndef LEDGER_USUAL_H
#define LEDGER_USUAL_H

#include "ledger/ledger.h"
#include "ledger/spread.h"

enum {
  USUAL_LAST_RUNS = 60
};

struct usual_runs {
  int64_t runs;         /* that the medians come of */
  int64_t first_prompt; /* tokens of the first request's prompt, cached or not */
  int64_t requests;
  int64_t output; /* tokens of a run */
  int64_t nanousd;
  int64_t most_first_prompt, most_requests; /* what is more than these is far above (spread.h) */
};

/* Figures of as many runs. */
struct usual_samples {
  int64_t first_prompt[USUAL_LAST_RUNS], requests[USUAL_LAST_RUNS], output[USUAL_LAST_RUNS],
      nanousd[USUAL_LAST_RUNS];
  size_t count;
};
/* Pure. `samples` are overwritten. */
void usual_of(struct usual_samples *samples, struct usual_runs *out);

/* For asking about many runs, the newest first: what was read for one is mostly what the next one needs. */
struct usual_cache;
struct usual_cache *usual_cache_new(void); /* NULL: no memory */
void usual_cache_free(struct usual_cache *cache);

/* `model` is the one that the run was counted under. `before_ms` leaves out that run and the later ones. All 0 where there is nothing. `cache`
 * may be NULL; nothing may be written while one is in use. */
int ledger_usual(struct ledger *ledger, struct usual_cache *cache, const char *agent,
                 const char *model, int64_t before_ms, struct usual_runs *out, struct error *error);

#endif

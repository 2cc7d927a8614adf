/* unusual.h - which runs stand out: their cost, tokens or duration is far above that of the agent's last runs with the same model.
 *
 * On a logarithmic scale, where such figures are spread evenly, against the median and the median distance from it: a few earlier
 * outliers don't hide the next one. A run is judged once, some time after its end; one that changes afterwards is judged again. */
#ifndef LEDGER_UNUSUAL_H
#define LEDGER_UNUSUAL_H

#include "ledger/ledger.h"

enum {
  UNUSUAL_LAST_RUNS = 60, /* that a run is compared with */
  UNUSUAL_FEWEST_RUNS = 8 /* below that nothing is unusual */
};

/* A figure of earlier runs, and what the next one is: whether it stands out. `values` are put in order. */
bool unusual_is_far_above(int64_t *values, size_t count, int64_t value);

/* What is kept of agents and models from one call to the next. */
struct unusual;
void unusual_free(struct unusual *unusual);

#endif

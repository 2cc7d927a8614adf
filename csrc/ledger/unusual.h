/* unusual.h - which runs stand out: their cost, tokens or duration is far above that of the agent's last runs with the same model.
 *
 * What far above is says spread.h; below a least amount nothing is unusual. A run is judged once, some time after its end; one that
 * changes afterwards is judged again. */
#ifndef LEDGER_UNUSUAL_H
#define LEDGER_UNUSUAL_H

#include "ledger/ledger.h"

enum {
  UNUSUAL_LAST_RUNS = 60 /* that a run is compared with */
};

/* What is kept of agents and models from one call to the next. */
struct unusual;
void unusual_free(struct unusual *unusual);

#endif

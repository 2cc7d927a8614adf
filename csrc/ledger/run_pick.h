/* run_pick.h - which runs of the log a page shows, and in which order: their ids, found by index where there is one. */
#ifndef LEDGER_RUN_PICK_H
#define LEDGER_RUN_PICK_H

#include "ledger/ledger.h"

struct run_pick {
  int64_t id;
  int64_t key; /* what is sorted by */
};

struct run_picks {
  struct run_pick *items;
  size_t count, cap;
};
void run_picks_fini(struct run_picks *picks);

/* In order, without those before the offset. In one snapshot. */
int run_pick(struct ledger *ledger, const struct run_filter *filter, struct run_picks *out,
             struct error *error);

#endif

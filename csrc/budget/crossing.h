/* crossing.h - storing a crossing: threshold.c's, and pace.c's. */
#ifndef BUDGET_CROSSING_H
#define BUDGET_CROSSING_H

#include "budget/policy_row.h"

/* Nothing happens where that crossing of the policy, its period and its version is there already (rule 30). Inside a transaction. */
int crossing_store(struct ledger *ledger, const struct policy_row *row, int32_t threshold,
                   int64_t exhausted_ms, bool announced, int64_t run_id, struct error *error);

#endif

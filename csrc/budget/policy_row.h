/* policy_row.h - policies as rows, and where each stands. */
#ifndef BUDGET_POLICY_ROW_H
#define BUDGET_POLICY_ROW_H

#include "budget/budget.h"

/* A policy and its counter as they are stored. */
struct policy_row {
  struct policy policy;
  struct period period;
  int64_t metered;
  int64_t subscription;
  int64_t raise;
  int32_t latched; /* the highest threshold that was crossed, percent; 0 none */
  bool hidden;
};

/* PURSER_ENOTFOUND with a message. */
int policy_row_get(struct ledger *ledger, int64_t id, struct policy_row *out, struct error *error);
/* The row of the same scope, period kind and origin; PURSER_ENOTFOUND without a message. */
int policy_row_find(struct ledger *ledger, const struct policy *like, struct policy_row *out,
                    struct error *error);
/* Every row; with `in_force`, the visible ones. Stops at the first non-zero answer, which is returned. The callback may not
 * write. */
int policy_row_each(struct ledger *ledger, bool in_force,
                    int (*each)(void *data, const struct policy_row *row), void *data,
                    struct error *error);

/* Inserts (id 0) or updates the whole row. Inside a transaction. */
int policy_row_store(struct ledger *ledger, struct policy_row *row, struct error *error);

/* "50,80,100" */
void policy_read_thresholds(const char *text, struct policy *policy);

/* Limit and raise. */
int64_t policy_row_limit(const struct policy_row *row);
/* What counts against it. */
int64_t policy_row_spent(const struct ledger *ledger, const struct policy_row *row);

/* The spend at which a threshold is reached. */
int64_t policy_threshold_nanousd(int64_t limit, int32_t percent);

/* Where a policy stands, in a snapshot: its present period, what is spent and what the living hold. */
int policy_state_of(struct ledger *ledger, const struct policy_row *row, struct policy_state *out,
                    struct error *error);

#endif

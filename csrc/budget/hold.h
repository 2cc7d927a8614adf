/* hold.h - the money set aside for runs in flight, as rows.
 *
 * A run has a row from its admission to its release, whatever it holds: that is how a dead owner's runs are found. */
#ifndef BUDGET_HOLD_H
#define BUDGET_HOLD_H

#include "budget/budget.h"

enum hold_flag {
  HOLD_SHORT = 1,    /* its request in flight is not covered whole */
  HOLD_OVERRIDE = 2, /* the user said: run once anyway */
  HOLD_EXEMPT =
      4, /* what it spends counts against no budget: free, local, or an uncounted subscription */
  HOLD_DEAD = 8,     /* its owner is dead; it holds nothing and waits to be settled */
  HOLD_ADOPTED = 16, /* its owner was dead, and the present one settles it */
};

struct hold {
  int64_t run_id;
  int64_t parent; /* run, 0 none */
  int64_t agent;  /* name ids */
  int64_t workspace;
  int64_t amount; /* nano-dollars set aside */
  int64_t cover;  /* of that, for the request in flight */
  int64_t drawn;  /* of the amount at admission, what came out of the parent's hold */
  int64_t flags;
  struct owner owner;
  int64_t touched_ms;
};

/* PURSER_ENOTFOUND (without a message) if the run has none. */
int hold_get(struct ledger *ledger, int64_t run_id, struct hold *out, struct error *error);
int hold_insert(struct ledger *ledger, const struct hold *hold, struct error *error);
/* Stores amount, cover, drawn, flags, owner and time. */
int hold_update(struct ledger *ledger, const struct hold *hold, struct error *error);
int hold_remove(struct ledger *ledger, int64_t run_id, struct error *error);
/* All of them; the callback may not write. Stops at the first non-zero answer, which is returned. */
int hold_each(struct ledger *ledger, int (*each)(void *data, const struct hold *hold), void *data,
              struct error *error);

/* Takes what the dead hold away from them (rule 25): their rows stay, empty, until they are settled. *count says how many.
 * Inside a transaction. */
int hold_bury_dead(struct ledger *ledger, int64_t *count, struct error *error);

#endif

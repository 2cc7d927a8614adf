/* owner.h - who holds a hold, and whether they live. */
#ifndef BUDGET_OWNER_H
#define BUDGET_OWNER_H

#include "budget/budget.h"

/* How long a hold of another machine is believed: its processes can't be looked at from here. */
#define OWNER_FOREIGN_MS INT64_C(86400000)

/* Whether the owner's process lives. On this host that is asked of the system: a process of that id with that start time, and not a
 * zombie. On another one it is believed until OWNER_FOREIGN_MS after the hold was last touched. `self` must be budget_owner_self(). */
bool owner_is_alive(const struct owner *owner, const struct owner *self, int64_t touched_ms,
                    int64_t now_ms);

#endif

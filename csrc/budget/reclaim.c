/* reclaim.c - the runs that the dead have left behind: their holds are taken away at once, and one living process takes
 * each of them over to settle it. */
#include "base/mem.h"
#include "budget/hold.h"
#include "ledger/internal.h"

struct found {
  struct owner self;
  struct hold *holds;
  size_t count;
  size_t cap;
};

static bool is_mine(const struct hold *hold, const struct owner *self) {
  return hold->owner.pid == self->pid && hold->owner.start_time == self->start_time;
}

/* The dead ones; and what this process took over and did not get settled. */
static int collect(void *data, const struct hold *hold) {
  struct found *found = data;
  const bool again = (hold->flags & HOLD_ADOPTED) != 0 && is_mine(hold, &found->self);
  if ((hold->flags & HOLD_DEAD) == 0 && !again)
    return PURSER_OK;
  void *holds = found->holds;
  const int status = mem_grow(&holds, &found->cap, found->count + 1, sizeof *found->holds);
  found->holds = holds;
  if (status == PURSER_OK)
    found->holds[found->count++] = *hold;
  return status;
}

static int adopt(struct ledger *ledger, void *data, struct error *error) {
  struct found *found = data;
  int64_t buried = 0;
  int status = budget_owner_self(&found->self);
  if (status == PURSER_OK)
    status = hold_bury_dead(ledger, &buried, error);
  if (status == PURSER_OK) {
    status = hold_each(ledger, collect, found, error);
    if (status == PURSER_ENOMEM)
      (void)error_set(error, status, "out of memory");
  }
  for (size_t i = 0; i < found->count && status == PURSER_OK; i++) {
    struct hold *hold = &found->holds[i];
    hold->flags = (hold->flags & ~(int64_t)HOLD_DEAD) | HOLD_ADOPTED;
    hold->owner = found->self;
    hold->touched_ms = ledger_now(ledger);
    status = hold_update(ledger, hold, error);
  }
  return status;
}

int budget_reclaim(struct ledger *ledger, int (*each)(void *data, int64_t run_id), void *data,
                   struct error *error) {
  struct found found = {.count = 0};
  int status = ledger_transact(ledger, adopt, &found, error);
  if (status != PURSER_OK)
    (void)error_wrap(error, "look for the holds of the dead");
  for (size_t i = 0; i < found.count && status == PURSER_OK && each != NULL; i++)
    status = each(data, found.holds[i].run_id);
  mem_free(found.holds);
  return status;
}

/* update.h - what a newer price list would change, and the set that comes of it. */
#ifndef PRICING_UPDATE_H
#define PRICING_UPDATE_H

#include "pricing/catalog.h"
#include "pricing/source.h"

enum price_change_kind {
  PRICE_ADDED = 0,
  PRICE_CHANGED = 1,
  PRICE_GONE = 2 /* no longer listed; old requests still need it, so it stays */
};

struct price_change {
  enum price_change_kind kind;
  const char *provider;
  const char *name;
  int32_t valid_from;  /* of the new card */
  struct rates before; /* what the catalogue has, completed; unsaid when added */
  struct rates after;  /* completed; unsaid when gone */
  bool other;          /* only classes or the prices of long prompts differ */
};

struct price_update {
  struct draft_set drafts; /* to be written: everything that differs from the built-in set */
  struct price_change *changes;
  size_t change_count;
  size_t change_cap;
  size_t added, changed, gone, same;
  size_t listed; /* how many models this source had so far */
};

#define PRICE_UPDATE_INIT ((struct price_update){.drafts = DRAFT_SET_INIT})

enum {
  UPDATE_LOSS_PERCENT = 30 /* a file that lost more than this is broken or not what it seems */
};

/* Compares; a price without a date holds from `today` on, so that the past keeps what it cost (rule 16). A price is a change only where the
 * source has changed since the catalogue was made. The source's rows are sorted. PURSER_EREFUSED when too many models are
 * missing (the plan is complete then, for showing); PURSER_ENOMEM. */
int price_update_plan(struct price_update *out, const struct catalog *catalog,
                      struct source *source, int32_t today, struct error *error);
void price_update_fini(struct price_update *update);

#endif

/* draft.h - rate cards being put together: what the readers of price files fill, what the generator merges, and what is frozen
 * into a price_table at the end.
 *
 * A set owns everything in it; failures to allocate are sticky and reported once, by draft_freeze or draft_status. */
#ifndef PRICING_DRAFT_H
#define PRICING_DRAFT_H

#include "base/buf.h"
#include "base/error.h"
#include "pricing/table.h"

enum {
  DRAFT_STEPS = 24,
  DRAFT_UPLIFTS = 8
};

#define RATES_UNSAID \
  ((struct rates){RATE_UNSAID, RATE_UNSAID, RATE_UNSAID, RATE_UNSAID, RATE_UNSAID, RATE_UNSAID})

struct draft_card {
  int32_t valid_from; /* ALWAYS */
  int64_t web_search; /* RATE_UNSAID */
  struct price_uplift uplifts[DRAFT_UPLIFTS];
  size_t uplift_count;
  struct price_step steps[DRAFT_STEPS]; /* steps[0] is the standard one, above 0 */
  size_t step_count;
};

struct draft_model {
  const char *provider;
  const char *name;
  const char **names; /* other names */
  size_t name_count;
  size_t name_cap;
  int64_t context_window;
  int64_t max_output;
  bool free;
  bool by_hand;
  uint32_t seen[SOURCE_COUNT];
  struct draft_card *cards;
  size_t card_count;
  size_t card_cap;
};

struct draft_block;

struct draft_set {
  struct draft_block *blocks; /* arena */
  struct draft_model **models;
  size_t model_count;
  size_t model_cap;
  int32_t as_of;
  uint32_t listed[SOURCE_COUNT];
  bool failed;
};

#define DRAFT_SET_INIT ((struct draft_set){.as_of = ALWAYS})

void draft_set_fini(struct draft_set *set);
int draft_status(const struct draft_set *set);

/* Memory that lives as long as the set; NULL marks the set as failed. */
void *draft_alloc(struct draft_set *set, size_t size);
const char *draft_text(struct draft_set *set, const char *text, size_t len);
/* The same in lower case. */
const char *draft_lower(struct draft_set *set, const char *text, size_t len);

/* A new, empty model; the set keeps its own copy of the strings. Never NULL: after a failed allocation it is a scratch model. */
struct draft_model *draft_add_model(struct draft_set *set, const char *provider, const char *name);
/* A copy with all its cards and names. */
struct draft_model *draft_copy_model(struct draft_set *set, const struct draft_model *model);
/* A draft of a frozen model; its names other than its own are not in it. */
struct draft_model *draft_thaw_model(struct draft_set *set, const struct price_model *frozen);
void draft_add_name(struct draft_set *set, struct draft_model *model, const char *name);
bool draft_has_name(const struct draft_model *model, const char *name);
/* A new card of the model, with one unsaid standard step. Never NULL. Pointers to the model's other cards end. */
struct draft_card *draft_add_card(struct draft_set *set, struct draft_model *model,
                                  int32_t valid_from);

/* The card's step, added where it is missing; NULL when the card is full. Steps stay ordered by class, then `above`. */
struct price_step *draft_step(struct draft_card *card, enum price_class class, int64_t above);
const struct price_step *draft_find_step(const struct draft_card *card, enum price_class class,
                                         int64_t above);
void draft_uplift(struct draft_card *card, const char *region, int32_t permille);

/* The card in force on a day, NULL. */
struct draft_card *draft_card_at(const struct draft_model *model, int32_t day);
/* The first model that `provider` sells under this very name. */
struct draft_model *draft_find(const struct draft_set *set, const char *provider, const char *name);

/* Orders cards and steps, completes the steps that follow from others (see draft.c), and drops those that say nothing new. */
void draft_tidy(struct draft_model *model);

/* Makes the set a table that lives as long as the set. Card ids are `prefix` + "provider/model@date". */
int draft_freeze(struct draft_set *set, const char *prefix, struct price_table *out);

#endif

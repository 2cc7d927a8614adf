/* table.h - rate cards as plain, immutable tables.
 *
 * The built-in set is one such table, written by `purser prices generate` and compiled in: it needs no parsing and no
 * allocation. The files a user may lay over it are read into tables of the same shape. */
#ifndef PRICING_TABLE_H
#define PRICING_TABLE_H

#include "base/public.h"

/* Nano-dollars per million tokens. RATE_UNSAID: the card does not say, rule 19's multipliers apply. */
struct rates {
  int64_t input;
  int64_t cache_read;
  int64_t cache_write_5m;
  int64_t cache_write_1h;
  int64_t output;
  int64_t reasoning; /* of the reasoning inside output, where it is dearer */
};
#define RATE_UNSAID ((int64_t)-1)

/* How a request was served. Batch, flex and priority are service tiers, fast is a speed; no provider sells both at once. */
enum price_class {
  CLASS_STANDARD = 0,
  CLASS_BATCH = 1,
  CLASS_FLEX = 2,
  CLASS_PRIORITY = 3,
  CLASS_FAST = 4
};
enum {
  CLASS_COUNT = 5
};
const char *price_class_name(enum price_class class);

/* The rates of requests whose whole prompt has more than `above` tokens (rule 15). */
struct price_step {
  enum price_class class;
  int64_t above;
  struct rates rates;
};

/* What a region or a data-residency setting adds: 1100 is ten percent. */
struct price_uplift {
  const char *region;
  int32_t permille;
};

/* The prices of one model from one day on (rule 16). Steps: the standard ones first, each class by rising `above`. */
struct price_card {
  const char *id;     /* "anthropic/claude-sonnet-5@2026-09-01" */
  int32_t valid_from; /* days since 1970, UTC; ALWAYS: since the model exists */
  int64_t web_search; /* nano-dollars a call; RATE_UNSAID */
  const struct price_uplift *uplifts;
  size_t uplift_count;
  const struct price_step *steps;
  size_t step_count;
};
#define ALWAYS INT32_MIN

/* Where a model is known from. */
enum price_source {
  SOURCE_GENAI = 0,     /* pydantic/genai-prices */
  SOURCE_LITELLM = 1,   /* BerriAI/litellm */
  SOURCE_MODELS_DEV = 2 /* models.dev */
};
enum {
  SOURCE_COUNT = 3
};
const char *price_source_name(enum price_source source);

struct price_model {
  const char *provider; /* "" in a user's file: whoever sells it */
  const char *name;
  int64_t context_window; /* 0 unknown */
  int64_t max_output;     /* 0 unknown */
  bool free;              /* declared local or free by the user */
  bool by_hand;           /* from the hand-kept file or the user's */
  /* What each source said when the table was made, as a fingerprint; 0: it does not list the model. An update is a change
   * only where the source itself has changed, not where it never agreed. */
  uint32_t seen[SOURCE_COUNT];
  const struct price_card *cards; /* by rising valid_from */
  size_t card_count;
};

struct price_name {
  const char *name;
  uint32_t model; /* index */
};

struct price_table {
  int32_t as_of; /* days since 1970: what the newest of its facts is from */
  uint32_t
      listed[SOURCE_COUNT]; /* how many models each source listed in all, ours or not; 0 unknown */
  const struct price_model *models; /* by name, then provider */
  size_t model_count;
  const struct price_name
      *names; /* by name, then the model's index; a model's own name is among them */
  size_t name_count;
};

extern const struct price_table price_table_builtin;

/* The first entry of `names` called `name`, and how many follow under the same name. */
const struct price_name *price_table_names(const struct price_table *table, const char *name,
                                           size_t *count);

/* The model that `provider` sells under exactly this name; NULL. */
const struct price_model *price_table_find(const struct price_table *table, const char *provider,
                                           const char *name);

/* The card in force on a day; NULL before the first one. */
const struct price_card *price_model_card(const struct price_model *model, int64_t day);

/* The step of a class that a prompt of this size is priced at; NULL if the card has none of that class. */
const struct price_step *price_card_step(const struct price_card *card, enum price_class class,
                                         int64_t prompt);

/* Fills what the card does not say: a cache read is a tenth of input, a 5 minute write 1.25 times, a 1 hour write twice
 * (rule 19), reasoning is output. */
struct rates rates_complete(struct rates said);

#endif

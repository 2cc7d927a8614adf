/* pricing.h - what a request costs. Pure: no database; the catalogue is read once and then immutable.
 *
 * Cost is known (a rate card), reported (no card, but the client said what it cost), estimated (a fallback rate, or a
 * tier that had to be assumed) or unknown; unknown is never zero (rule 17). */
#ifndef PRICING_PRICING_H
#define PRICING_PRICING_H

#include "base/buf.h"
#include "base/error.h"
#include "base/public.h"

enum cost_status {
  COST_UNKNOWN = 0,
  COST_KNOWN = 1,
  COST_REPORTED = 2,
  COST_ESTIMATED = 3
};
const char *cost_status_name(enum cost_status status);

struct catalog; /* rate cards, names, windows */

/* The built-in cards, overlaid by a newer set written by `purser prices update` and by the user's own override file. NULL
 * paths are skipped; a missing file is no error, a malformed one is (its message names file, field and what to do).
 * Immutable after loading: may be shared by threads. */
int catalog_load(struct catalog **out, const char *update_path, const char *override_path,
                 struct error *error);
void catalog_free(struct catalog *catalog);

/* One priced model, for listing and for estimates. Strings live as long as the catalogue. */
struct model_info {
  const char *model; /* canonical name */
  const char *provider;
  const char *rate_card;  /* id of the card in force at the asked time */
  int64_t context_window; /* tokens; 0 unknown */
  int64_t max_output;     /* tokens; 0 unknown */
  int64_t input;          /* base tier, nano-dollars per million tokens; -1 none */
  int64_t cache_read;
  int64_t cache_write_5m;
  int64_t cache_write_1h;
  int64_t output;
  int64_t long_threshold; /* prompt tokens above which a dearer tier holds; 0 none */
  bool free;              /* declared local or free by the user */
};

/* Finds a model through the fixed pipeline (rule 18): user alias, exact, then one known decoration stripped at a time.
 * `provider_hint` ("anthropic", "openrouter", ... or NULL) decides between providers that sell the same name. 0 or PURSER_ENOTFOUND. */
int catalog_find(const struct catalog *catalog, const char *provider_hint, const char *model,
                 int64_t at_ms, struct model_info *out);

/* Calls `each` for every model in name order until it returns non-zero, which is returned. */
int catalog_each(const struct catalog *catalog, int64_t at_ms,
                 int (*each)(void *data, const struct model_info *info), void *data);

struct price_query {
  const char *model;
  const char *provider;     /* hint, may be NULL */
  int64_t at_ms;            /* the request's own time (rule 16) */
  const char *tier;         /* NULL, "", "standard", "batch", "flex", "priority" */
  const char *speed;        /* NULL, "", "standard", "fast" */
  const char *region;       /* NULL or "" or a data-residency region as the client names it */
  int64_t reported_nanousd; /* what the client said; -1 nothing */
  purser_usage usage;
};

struct price {
  int64_t cost_nanousd;  /* tokens and extra; meaningless while status is COST_UNKNOWN */
  int64_t extra_nanousd; /* the part that is not tokens (rule 20) */
  int64_t input_nanousd, cache_read_nanousd, cache_write_nanousd,
      output_nanousd; /* parts: with extra they add up to cost exactly, or are all 0 where a cost can't be split */
  int64_t
      cache_saved_nanousd; /* what the cached tokens would have cost as plain input, less what they did cost; may be negative */
  enum cost_status status;
  const char *rate_card; /* id, "" without one; lives as long as the catalogue */
  bool tier_assumed; /* the tier or speed named was not on the card: standard was taken (rule 19) */
  bool long_context; /* the dearer tier applied */
};

/* Prices one request. Never fails: what can't be priced is COST_UNKNOWN. */
void price_request(const struct catalog *catalog, const struct price_query *query,
                   struct price *out);

/* The dearest tier and speed a request of this shape can reach (rule 26): used for holds. Same inputs, `tier` and `speed` ignored. */
void price_ceiling(const struct catalog *catalog, const struct price_query *query,
                   struct price *out);

#endif

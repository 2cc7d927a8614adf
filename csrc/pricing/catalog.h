/* catalog.h - the inside of the catalogue: three tables, one over the other, and how a name finds its card in them. */
#ifndef PRICING_CATALOG_H
#define PRICING_CATALOG_H

#include "pricing/price_file.h"
#include "pricing/pricing.h"
#include "pricing/table.h"

struct catalog {
  const struct price_table *builtin;
  struct price_file update_file; /* owns what `update` points to */
  struct price_file override_file;
  struct price_table
      update; /* what `purser prices update` wrote; empty when older than the built-in set */
  struct price_table override; /* the user's own */
};

struct resolved {
  const struct price_model *model;
  const struct price_card *card; /* in force at the asked time */
  bool million;                  /* the name asked for a window of a million tokens */
};

/* Finds a model and its card; false if there is none, or none yet at that time. */
bool catalog_resolve(const struct catalog *catalog, const char *hint, const char *model,
                     int64_t at_ms, struct resolved *out);

/* Prices a request whose model was found already; NULL: it was not. */
void price_found(const struct resolved *found, const struct price_query *query, struct price *out);

/* The model as the tables below the user's own have it, by seller and the model's own name; NULL. */
const struct price_model *catalog_listed(const struct catalog *catalog, const char *provider,
                                         const char *name);

#endif

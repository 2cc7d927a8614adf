/* provider.h - who sells models: makers, those who resell them under names and prices of their own, and local runners. */
#ifndef PRICING_PROVIDER_H
#define PRICING_PROVIDER_H

#include "base/public.h"

enum provider_kind {
  PROVIDER_MAKER = 0,
  PROVIDER_RESELLER = 1,
  PROVIDER_LOCAL =
      2 /* a runner on the user's machine: its models never match a cloud's (rule 18) */
};

struct provider {
  const char *id;
  enum provider_kind kind;
  const char *title; /* "Anthropic" */
};

/* By id or by any name that clients, routers and price lists use for it ("vertex_ai", "x-ai", "claude"), in lower case. `name`
 * need not be terminated. NULL for a stranger. */
const struct provider *provider_find(const char *name, size_t len);

/* Makers before resellers; strangers last. For sorting models of the same name. */
int provider_rank(const char *id);

#endif

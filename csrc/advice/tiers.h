/* tiers.h - which model of a maker is the large, the medium and the small one: for advice only, never for prices. */
#ifndef ADVICE_TIERS_H
#define ADVICE_TIERS_H

#include "base/public.h"

enum model_tier {
  TIER_UNKNOWN = 0,
  TIER_SMALL = 1,
  TIER_MEDIUM = 2,
  TIER_LARGE = 3
};
const char *model_tier_name(enum model_tier tier); /* "small", ... */

/* Of a model as a client or provider names it. */
enum model_tier model_tier(const char *model);

/* The same maker's model of that tier, NULL where it has none or the maker is not known. */
const char *model_of_tier(const char *model, enum model_tier tier);

#endif

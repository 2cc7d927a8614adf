/* route.c - see route.h. */
#include "advice/route.h"

#include <stdio.h>
#include <string.h>

#include "run/estimate.h"

/* The name under which a maker knows it: a client's alias is looked up, a provider's prefix is left out. NULL: none that the tiers know. */
static const char *maker_name(const struct route_ask *ask, const char *model) {
  const char *stand_in = estimate_stand_in(ask->source, model);
  const char *name = stand_in != NULL ? stand_in : model;
  const char *slash = strrchr(name, '/');
  if (slash != NULL)
    name = slash + 1;
  /* "us.anthropic.claude-…": the maker's other models have other such names there, which nobody here knows. */
  const bool plain = strncmp(name, "claude", 6) == 0 || strncmp(name, "gpt", 3) == 0 ||
                     strncmp(name, "gemini", 6) == 0;
  return plain && model_tier(name) != TIER_UNKNOWN ? name : NULL;
}

static bool same_maker(const char *a, const char *b) {
  const char *large = model_of_tier(a, TIER_LARGE);
  return large != NULL && large == model_of_tier(b, TIER_LARGE);
}

/* Is `tier` nearer to what is wanted than `than`, coming from `from`, and not beyond it? */
static bool nearer(enum model_tier tier, enum model_tier than, enum model_tier from,
                   enum model_tier wanted) {
  if (wanted < from)
    return tier >= wanted && tier < than;
  return tier <= wanted && tier > than;
}

/* What the client is known to take comes first, even where it is only on the way to the size that is wanted. */
static void choose_known(const struct route_ask *ask, const char *now, enum model_tier from,
                         char out[ROUTE_MODEL_NAME]) {
  enum model_tier best = from;
  for (size_t i = 0; i < ask->model_count; i++) {
    const char *name = maker_name(ask, ask->models[i]);
    if (name == NULL || !same_maker(name, now) || strlen(ask->models[i]) >= ROUTE_MODEL_NAME ||
        !nearer(model_tier(name), best, from, ask->wanted.tier))
      continue;
    best = model_tier(name);
    (void)snprintf(out, ROUTE_MODEL_NAME, "%s", ask->models[i]);
  }
}

/* Else the maker's own, under the prefix that the chosen one has: "anthropic/claude-…". */
static void choose_makers(const struct route_ask *ask, const char *now,
                          char out[ROUTE_MODEL_NAME]) {
  const char *model = model_of_tier(now, ask->wanted.tier);
  const char *slash = strrchr(ask->model, '/');
  const size_t prefix = slash != NULL ? (size_t)(slash + 1 - ask->model) : 0;
  if (model != NULL && prefix + strlen(model) < ROUTE_MODEL_NAME)
    (void)snprintf(out, ROUTE_MODEL_NAME, "%.*s%s", (int)prefix, ask->model, model);
}

static enum route_note choose_model(const struct route_ask *ask, struct route *out) {
  const enum model_tier wanted = ask->wanted.tier;
  if (!ask->takes_model || wanted == TIER_UNKNOWN)
    return ROUTE_FITS;
  const char *now = maker_name(ask, ask->model);
  if (now == NULL)
    return ROUTE_MAKER_UNKNOWN;
  const enum model_tier from = model_tier(now);
  if (wanted == TIER_LARGE ? from >= wanted : from <= wanted)
    return ROUTE_FITS;
  choose_known(ask, now, from, out->model);
  if (out->model[0] == '\0')
    choose_makers(ask, now, out->model);
  out->smaller = wanted < from;
  return out->model[0] != '\0' ? ROUTE_SUGGESTED : ROUTE_NO_MODEL;
}

/* Clients begin somewhere in the middle when nothing is chosen. */
static int effort_rank(const char *effort) {
  static const char *const efforts[] = {"low", "medium", "high"};
  for (int i = 0; i < 3; i++) {
    if (strcmp(effort, efforts[i]) == 0)
      return i;
  }
  return 1;
}

static void choose_effort(const struct route_ask *ask, struct route *out) {
  const char *wanted = ask->wanted.effort;
  if (!ask->takes_effort || wanted == NULL)
    return;
  const int from = effort_rank(ask->effort);
  const int to = effort_rank(wanted);
  if (to == 2 ? from < to : from > to)
    out->effort = wanted;
}

void route_choose(const struct route_ask *ask, struct route *out) {
  *out = (struct route){0};
  out->note = choose_model(ask, out);
  choose_effort(ask, out);
  if (out->effort != NULL && out->note == ROUTE_FITS)
    out->note = ROUTE_SUGGESTED;
}

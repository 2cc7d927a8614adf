/* model_name.h - the fixed pipeline that model names go through (rule 18).
 *
 * A name as clients, routers and clouds write it is a model's name under decorations. The pipeline takes one known decoration off
 * at a time, and each form is looked up exactly; nothing is ever matched by a part of it. Decorations in front (a namespace, a
 * cloud's region, a cloud's vendor) are the outer loop, those behind ("[1m]", ":thinking", a date, a version) the inner
 * one: "azure/gpt-4o-2024-05-13" must meet "gpt-4o-2024-05-13", which has a price of its own, before "gpt-4o". */
#ifndef PRICING_MODEL_NAME_H
#define PRICING_MODEL_NAME_H

#include "pricing/provider.h"

enum {
  MODEL_NAME_SIZE = 256
};

struct model_name {
  const char *form;                /* what to look up next, in lower case */
  const struct provider *provider; /* the seller that a namespace named, as far as stripped; NULL */
  bool million;                    /* "[1m]": the client asked for a window of a million tokens */
  /* private */
  char whole[MODEL_NAME_SIZE];
  char current[MODEL_NAME_SIZE];
  size_t front; /* where the part of `whole` without its decorations in front begins */
};

/* The first form is the name itself. PURSER_EINVAL for an empty or overlong one, of which there are no models. */
int model_name_init(struct model_name *name, const char *text);
/* Takes the next decoration off; false if none is left. */
bool model_name_next(struct model_name *name);

/* Whether the form says by itself who sells it ("us.anthropic.claude-...", "x-ai/grok-4", "claude-opus-4@20250514"): a bare
 * name such as "gpt-oss-20b" might as well run on the user's own machine. */
bool model_name_is_qualified(const char *form);

/* Takes one decoration off the end of `text` in place; false if there is none. For readers of price lists. */
bool model_name_strip_end(char *text);

#endif

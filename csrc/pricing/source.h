/* source.h - reading the price lists that others publish: genai-prices, LiteLLM, models.dev.
 *
 * A reader takes what concerns us: text models of the makers we know, as they and their resellers sell them. It refuses a file with numbers
 * that cannot be (negative, beyond belief), and passes over single figures that are plainly slips, with a remark. */
#ifndef PRICING_SOURCE_H
#define PRICING_SOURCE_H

#include "base/json.h"
#include "pricing/draft.h"

struct source {
  enum price_source kind;
  struct draft_set
      drafts;      /* one model per row of the source; rates of 0 are kept as the source has them */
  uint32_t listed; /* all models in the file, ours or not */
  struct buf remarks; /* one line for each figure that was passed over */
};

#define SOURCE_INIT ((struct source){.drafts = DRAFT_SET_INIT})

/* Finds out which of the three formats `text` has, and reads it. PURSER_EPARSE with a message that names `path`, and model and field
 * where there is one to name; PURSER_ENOMEM. `out` must be finished in either case. */
int source_parse(struct source *out, const char *path, const char *text, size_t len,
                 struct error *error);
int source_read(struct source *out, const char *path, struct error *error);
void source_fini(struct source *source);

/* What a source says of a model, as a number to tell whether it still says the same; never 0. */
uint32_t source_fingerprint(const struct draft_model *model);

#endif

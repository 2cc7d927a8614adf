/* merge.h - making the built-in set out of what the sources say.
 *
 * genai-prices is the spine, because its prices have dates; LiteLLM adds classes, regions, searches and models; models.dev is the
 * cross-check, and fills what neither has; the hand-kept file wins over all. What they disagree on is reported. */
#ifndef PRICING_MERGE_H
#define PRICING_MERGE_H

#include "pricing/model_name.h"
#include "pricing/price_file.h"
#include "pricing/source.h"

/* What each source says of one merged model, for the report and for choosing windows. */
struct merge_row {
  struct draft_model *model;
  bool has[SOURCE_COUNT];
  struct rates said[SOURCE_COUNT]; /* standard rates, of today's card where there are several */
  bool earlier[SOURCE_COUNT];      /* they are those of another day */
  int64_t window[SOURCE_COUNT];
  int64_t max_output[SOURCE_COUNT];
  int64_t
      long_above[SOURCE_COUNT]; /* the first size above which the source has other prices; 0 none */
};

struct merge {
  struct draft_set *out; /* the merged models; row i is about model i */
  struct merge_row *rows;
  size_t row_count;
  size_t row_cap;
  int32_t as_of;
  struct buf *report;
};

/* Merges into `out`, which must be empty, and appends the report. Sources may be NULL. */
int merge_prices(struct draft_set *out, const struct source *const sources[SOURCE_COUNT],
                 const struct price_file *by_hand, int32_t as_of, struct buf *report);

/* How a source's name means a model. */
enum merge_match {
  MERGE_EXACT = 0,
  MERGE_VERSION = 1, /* without a date or version behind it */
  MERGE_PLACE = 2    /* without a namespace or region in front of it */
};
/* The model that a source's name means: exactly, or under decorations (rule 18). NULL; `match` is MERGE_EXACT then. */
struct draft_model *merge_find(const struct draft_set *set, const char *provider, const char *text,
                               enum merge_match *match);
/* Takes a decoration off; MERGE_EXACT when none is left. */
enum merge_match merge_match_next(struct model_name *name);
/* Whether a row that means a known model, but has another price, is a model of its own. Versions of the spine's models are not: it
 * knows them. The cross-check adds none. */
bool merge_stands_alone(enum price_source kind, enum merge_match match, bool in_spine);
/* Whether two cards ask the same for plain input and output. */
bool merge_same_base(const struct rates *a, const struct rates *b);
/* Adds to a card what another one has beyond it: classes (moved along with the standard price), searches, regions, what is unsaid where the
 * base is the same; with `long_steps`, also the prices of long prompts. The card is of a model in `set`. */
bool merge_has_class(const struct draft_card *card, enum price_class class);
void merge_enrich_card(struct draft_set *set, struct draft_card *card,
                       const struct draft_card *from, bool long_steps);
/* Orders a source's rows so that the plainest name of a model comes first: it speaks for all of them. */
void merge_sort(struct draft_set *set);

/* merge_report.c: where the sources disagree. */
void merge_report(const struct merge *merge);

/* merge_names.c: gives models their plain names; leaves out names that the pipeline finds by itself. */
void merge_plain_names(struct draft_set *set);
void merge_names(struct draft_set *set);

/* cards_write.c: the table in C. */
void cards_write(struct buf *out, const struct price_table *table, const char *origin);

#endif

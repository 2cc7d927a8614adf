/* price_file.h - the project's own format for prices, in the units that people read on price lists.
 *
 * One format for three files: the hand-kept cards that the built-in set is generated with, the set that `purser prices
 * update` writes, and the file in which users keep their own (${XDG_CONFIG_HOME:-~/.config}/purser/prices.json). All of it is
 * optional:
 *
 *   {
 *     "as_of": "2026-11-23",
 *     "aliases": { "quick": "claude-haiku-4-5" },
 *     "models": { "my-model": MODEL },                  whoever sells it
 *     "providers": {
 *       "ollama": { "free": true },                     all its models cost nothing
 *       "acme": { "models": { "acme-large": MODEL } }   only when run through acme
 *     }
 *   }
 *
 * A MODEL is {"free": true}, or one card, or {"cards": [CARD, ...]}; with "names": [...] (other names for it),
 * "context_window" and "max_output" (tokens). "cards": [] leaves the prices alone: more names and sizes for a model that has
 * some. A CARD holds
 *
 *   "valid_from": "2026-09-01"         the day it begins (UTC); without it, always
 *   "input", "output"                  dollars per million tokens, decimals
 *   "cache_read", "cache_write_5m", "cache_write_1h"   a tenth, 1.25 times and twice the input where left out
 *   "reasoning"                        where it is dearer than other output
 *   "batch", "flex", "priority", "fast"   rates likewise, or a number: a multiple of the standard ones
 *   "above": { "200000": RATES }       for requests whose whole prompt has more tokens than that
 *   "web_search"                       dollars per thousand searches
 *   "regions": { "us": 1.1 }           uplifts
 *
 * "note", "source" and "comment" are for people and allowed anywhere. */
#ifndef PRICING_PRICE_FILE_H
#define PRICING_PRICE_FILE_H

#include "pricing/draft.h"

struct price_alias {
  const char *name;
  const char *target;
};

struct price_file {
  struct draft_set drafts; /* a whole free provider is a free model called "*" */
  struct price_alias *aliases;
  size_t alias_count;
  size_t alias_cap;
};

#define PRICE_FILE_INIT ((struct price_file){.drafts = DRAFT_SET_INIT})

/* The greatest rate that is believed: ten thousand dollars per million tokens, in nano-dollars. */
#define RATE_MAX (INT64_C(10000) * 1000000000)
/* The greatest window that is believed, in tokens. */
#define WINDOW_MAX INT64_C(1000000000)

/* Reads the file's text into `out`, which keeps nothing of it. PURSER_EPARSE with a message that names `path`, the field and what to
 * do; PURSER_ENOMEM. `out` must be finished in either case. */
int price_file_parse(struct price_file *out, const char *path, const char *text, size_t len,
                     struct error *error);
/* The same from the disk. A file that is not there is PURSER_ENOTFOUND, without a message. */
int price_file_read(struct price_file *out, const char *path, struct error *error);
void price_file_fini(struct price_file *file);

/* Writes drafts in the same format, for `price_file_read`. */
void price_file_write(struct buf *out, const struct draft_set *drafts, const char *source);

/* A whole file; the caller frees *text with mem_free. PURSER_ENOTFOUND, PURSER_EIO, PURSER_ENOMEM. */
int price_file_slurp(const char *path, char **text, size_t *len, struct error *error);

#endif

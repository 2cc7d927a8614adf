/* source_internal.h - what the three readers share. */
#ifndef PRICING_SOURCE_INTERNAL_H
#define PRICING_SOURCE_INTERNAL_H

#include "pricing/source.h"

struct source_reader {
  struct source *out;
  const struct json_doc *doc;
  const char *path;
  struct error *error;
  const char *model; /* what is being read, for messages */
};

int source_read_genai(struct source_reader *r);
int source_read_litellm(struct source_reader *r);
int source_read_models_dev(struct source_reader *r);

/* "FILE: MODEL: FIELD: WHAT": PURSER_EPARSE. */
int source_bad(struct source_reader *r, const char *field, const char *what);
void source_remark(struct source_reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A rate; `scale` 9 for dollars per million tokens, 15 for dollars per token. Missing and null leave *out alone. */
int source_rate(struct source_reader *r, json_id id, const char *field, int scale, int64_t *out);
/* A count of tokens; anything that is none is taken for unsaid. */
int64_t source_tokens(struct source_reader *r, json_id id);
/* The same as text: the source's names are plain. "" if it is no string. */
const char *source_string(struct source_reader *r, json_id id);

/* Whether the name that a provider sells is that of a text model of one of our makers. */
bool source_is_ours(const char *provider, const char *name);

/* Straightens what sources write when they mean "not said" (rule 17), and drops slips, with a remark. */
void source_settle(struct source_reader *r, struct draft_model *model);

#endif

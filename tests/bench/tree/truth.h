/* truth.h - what a tree amounts to, noted down while it is written and not by reading it again. */
#ifndef TREE_TRUTH_H
#define TREE_TRUTH_H

#include <stdio.h>

#include "base/buf.h"
#include "base/public.h"
#include "base/zone.h"
#include "trap.h"

enum truth_source {
  TRUTH_CLAUDE,
  TRUTH_CODEX,
  TRUTH_GEMINI,
  TRUTH_OPENCODE,
  TRUTH_SOURCES
};

struct truth_request {
  int64_t at_ms;
  purser_usage usage;
  const char *tier, *speed; /* static, "" standard */
  size_t key;               /* the provider's response id, in truth->keys */
  uint32_t model, workspace, session;
  uint8_t source;
  bool sidechain;
  bool uncertain;
};

/* Texts by number: models, workspaces, sessions. A session that an early version resumed begins with the old one's lines, and nothing in them
 * says which was first: such sessions are one in the truth, under the first one's id (truth_session). */
struct truth_names {
  char **texts;
  size_t count, cap;
};

struct truth {
  struct truth_request *requests;
  size_t count, cap;
  struct buf keys;
  struct truth_names models, workspaces, sessions;
  struct truth_names resumed; /* sessions that are told with ... */
  uint32_t *resumed_from;     /* ... these */
  size_t resumed_cap;
  int64_t planted[TRAP_COUNT];
  int64_t quarantined; /* requests dated too far ahead: kept, not counted */
  int64_t files, bytes, usage_bytes;
};

void truth_init(struct truth *truth);
void truth_fini(struct truth *truth);

/* The number of a text; equal ones share it (sessions, which are many and new each time: truth_name_new). */
uint32_t truth_name(struct truth_names *names, const char *text);
uint32_t truth_name_new(struct truth_names *names, const char *text);

/* `child` is told with `parent` from now on. */
void truth_same_session(struct truth *truth, const char *child, uint32_t parent);
/* The id under which a session is told: mostly its own. */
const char *truth_session(const struct truth *truth, const char *id);

/* Notes a request; its key is `id`, with `#index` behind it when that is not 0. */
void truth_add(struct truth *truth, const struct truth_request *request, const char *id, int index);
const char *truth_key(const struct truth *truth, const struct truth_request *request);
const char *truth_source_name(int source);

struct truth_sums {
  int64_t requests, uncertain, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning;
};

void truth_sums_add(struct truth_sums *sum, const struct truth_sums *more);

enum truth_by {
  TRUTH_BY_NOTHING,
  TRUTH_BY_DAY,
  TRUTH_BY_MODEL,
  TRUTH_BY_WORKSPACE,
  TRUTH_BY_SESSION,
  TRUTH_BY_SIDECHAIN,
  TRUTH_BY_DAY_MODEL,
  TRUTH_BY_SOURCE
};

struct truth_row {
  int64_t day; /* since 1970, in the zone; 0 where it is not cut by day */
  const char *name;
  struct truth_sums sums;
};

/* The rows of a cut, ordered by day and name; the caller frees the array. Days are those of `zone`. */
size_t truth_cut(const struct truth *truth, enum truth_by by, const struct zone *zone,
                 struct truth_row **rows);

/* Everything as one JSON object. */
void truth_write(const struct truth *truth, const struct zone *zone, FILE *file);

#endif

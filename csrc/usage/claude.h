/* claude.h - between the files that read Claude Code's stdout: claude.c (its lines), claude_stream.c (those that
 * wrap an event of the API), claude_result.c (the last one), claude_models.c (totals by model). */
#ifndef USAGE_CLAUDE_H
#define USAGE_CLAUDE_H

#include "usage/emit.h"
#include "usage/seen.h"

enum {
  /* Models one run uses: its main one, a fallback, those of subagents and of titles. */
  CLAUDE_MODELS = 16,
  /* Responses that are being streamed at once: the main line's and some subagents'. */
  CLAUDE_OPEN = 8
};

/* A response of which stream_event lines have told the beginning. */
struct claude_open {
  struct buf id;
  struct buf model;
  struct buf tier;
  struct buf speed;
  purser_usage usage;
};

/* The totals of a model, summed over the results of one process. */
struct claude_model {
  uint64_t hash; /* of the model's name; 0: unused */
  purser_usage usage;
  int64_t cost_nanousd; /* -1: unknown */
};

struct claude {
  struct seen seen;
  struct claude_open open[CLAUDE_OPEN];
  size_t latest; /* of them */
  struct buf session;
  struct buf blocked; /* why a hook stopped the prompt, "" it did not */
  struct buf compact_error;
  bool hook_blocked;
  struct claude_model models[CLAUDE_MODELS];
};

/* A `result` line. */
void claude_result(struct decoder *decoder);
/* A `stream_event` line. */
void claude_stream_event(struct decoder *decoder);

/* An event of a line that may come from a subagent: `parent` is the tool call that started it, "" the main line. */
purser_event claude_event(struct decoder *decoder, enum purser_event_kind kind, purser_str parent,
                          int64_t at_ms);
/* Lays a usage object over event->usage and emits it, if that is better than what was reported. */
void claude_usage(struct decoder *decoder, struct seen_entry *entry, purser_event *event,
                  json_id usage);

/* Emits a USAGE with `scope` for each model of a modelUsage object. With `sums` the figures are those since the last result:
 * they are added up there, and the sum is what is emitted. `priced` is false where the client's costs are guesses. */
void claude_model_usage(struct decoder *decoder, json_id models, enum purser_scope scope,
                        purser_str session, struct claude_model *sums, bool priced);

#endif

/* codex.h - the pieces that Codex's rollouts are made of. */
#ifndef TREE_CODEX_H
#define TREE_CODEX_H

#include "world.h"

/* As the client counts: the input holds the cached and the written tokens. */
struct counts {
  int64_t input, cached, written, output, reasoning;
};

struct thread {
  uint64_t seed;
  char id[ID_SIZE];
  uint32_t name;
  const struct workspace *workspace;
  const char *model;
  bool old;                    /* counters alone, no record of each response */
  bool without_ids;            /* the turns have no ids */
  const struct thread *parent; /* forked from, or started by */
  bool paginated;              /* a fork whose history stays in the parent's file */
  bool subagent;
  int64_t start_ms, turn_ms, target;
  int turns;
  int64_t size;
  struct counts total; /* at its end */
};

/* Who writes a thread's lines. */
struct scribe {
  struct world *world;
  struct out *out;
  const struct thread *thread; /* whose turns are told */
  const struct thread *file;   /* whose file it is */
  bool replay;                 /* told by another file already */
  bool uncertain;
  struct counts total, last;
  struct dice dice;
  struct buf line;
  int ordinal;
  int64_t usage_bytes;
};

void rollout_meta(struct scribe *scribe, const struct thread *thread);
void rollout_turn_begins(struct scribe *scribe, int turn, int64_t at_ms, const char *model);
/* Tool output, `len` bytes. */
void rollout_tool(struct scribe *scribe, int64_t at_ms, size_t len);
/* The record of a response, and the counter. */
void rollout_record(struct scribe *scribe, int turn, const char *response_id, int64_t at_ms);
void rollout_counter(struct scribe *scribe, int64_t at_ms, bool last_is_zero);
void rollout_complete(struct scribe *scribe, int64_t at_ms);
/* Writes the line that was made, or its first bytes without an end. */
void rollout_write(struct scribe *scribe, bool usage);
void rollout_cut(struct scribe *scribe);

#endif

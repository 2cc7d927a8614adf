/* calls.h - tool calls that arrive in pieces, put together. */
#ifndef USAGE_CALLS_H
#define USAGE_CALLS_H

#include "usage/emit.h"

enum {
  /* Calls under way at once: a model makes a handful side by side. What comes beyond is left out. */
  CALLS_MAX = 64
};

struct call {
  int64_t index; /* the provider's number for it */
  struct buf id;
  struct buf name;
  struct buf input;
};

struct calls {
  struct call *items;
  size_t count; /* under way */
  size_t made;  /* entries whose buffers exist, and are used again */
  size_t cap;
};

void calls_fini(struct calls *calls);

/* The call with this number, begun if it is new. NULL: too many, or no memory. */
struct call *calls_at(struct decoder *decoder, struct calls *calls, int64_t index);
/* It exists already. NULL if not. */
struct call *calls_find(struct calls *calls, int64_t index);
void calls_add_input(struct decoder *decoder, struct call *call, json_id piece);

/* Emits it, if it is there, and forgets it. */
void calls_emit(struct decoder *decoder, struct calls *calls, int64_t index);
/* All of them, in the order in which they began. */
void calls_emit_all(struct decoder *decoder, struct calls *calls);

#endif

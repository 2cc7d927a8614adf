/* repeats.h - whether an agent goes round in circles: the same tool call again, with nothing new tried since. Pure.
 *
 * Edit, test, edit, test: the test is the same each time and no loop, since each edit is a new call. Read, read, read is one, and so is
 * read, search, read, search. */
#ifndef ADVICE_REPEATS_H
#define ADVICE_REPEATS_H

#include "base/public.h"

/* Of a call: its tool and its input. */
uint64_t repeats_hash(const char *name, const char *input);

struct repeats {
  struct repeated_call *calls;
  size_t count, cap;
  int64_t most; /* the longest row of one call: 1 is none */
};
#define REPEATS_INIT \
  { NULL, 0, 0, 0 }

/* PURSER_ENOMEM, or 0. */
int repeats_add(struct repeats *repeats, uint64_t hash);
void repeats_fini(struct repeats *repeats);

#endif

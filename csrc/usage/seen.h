/* seen.h - which responses were reported lately, and how well (rule 1: a streamed response is written several times).
 *
 * A response is restated soon after it was first written, so a window of the latest ids is enough and its memory does not
 * grow with the stream; what falls out of it and comes again is reported again, which the ledger's one door absorbs. */
#ifndef USAGE_SEEN_H
#define USAGE_SEEN_H

#include "base/public.h"

enum {
  SEEN_WINDOW = 128,
  SEEN_REQUEST_MAX = 96
};

struct seen_entry {
  uint64_t hash; /* of the response's id; 0: unused */
  int64_t total; /* tokens reported so far; -1: none */
  bool final;    /* reported without PURSER_FLAG_PARTIAL */
  bool streamed; /* its text came in pieces: a restatement as a whole is left out */
  uint8_t request_len;
  char request
      [SEEN_REQUEST_MAX]; /* the provider's request id, where only some of the lines have it */
};

struct seen {
  struct seen_entry entries[SEEN_WINDOW];
  uint32_t next;
};

/* Forgets all of it: only what was used is touched. */
void seen_forget(struct seen *seen);
/* Never 0. */
uint64_t seen_hash(purser_str text);

/* The response's entry, made if it is new. NULL for an empty id. */
struct seen_entry *seen_find(struct seen *seen, purser_str id);
/* Is this figure better than what was reported: the first final one, or a larger one of the same kind? Remembers it if so. */
bool seen_improves(struct seen_entry *entry, int64_t total, bool final);

void seen_set_request(struct seen_entry *entry, purser_str request_id);
purser_str seen_request(const struct seen_entry *entry);

#endif

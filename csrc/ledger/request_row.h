/* request_row.h - a booked request as it is stored: finding, inserting, replacing. book.c decides, this file writes. */
#ifndef LEDGER_REQUEST_ROW_H
#define LEDGER_REQUEST_ROW_H

#include "ledger/ledger.h"

/* Name ids instead of names; texts are borrowed. */
struct stored_request {
  int64_t id;
  int64_t run_id;
  int64_t at_ms;
  int64_t period_ms; /* 0: the same */
  int64_t model, tier, speed, region, session, rate_card;
  int64_t cost_nanousd; /* 0 while the price is unknown */
  int64_t input_nanousd, cache_read_nanousd, cache_write_nanousd;
  int64_t extra_nanousd; /* no price of tokens, or not split; what output cost is the rest */
  int64_t cache_saved_nanousd;
  int64_t reported_nanousd; /* -1 unknown */
  uint32_t flags;
  enum cost_status status;
  purser_usage usage;
  const char *key;
  const char *request_id; /* "" unknown */
};

/* A condition on a request's time for statements, with the hours by which it is indexed; the bounds are parameters. */
#define STORED_BETWEEN(since, until)                                                      \
  "q.at_ms / 3600000 >= " since " / 3600000 AND q.at_ms / 3600000 <= " until " / 3600000" \
  " AND q.at_ms >= " since " AND q.at_ms < " until

int64_t stored_tokens(const struct stored_request *r);

/* What it adds to a sum: one request. */
struct sums stored_sums(const struct stored_request *r);

/* The entry that a record of the same response must be merged with (rules 1, 3, 4): the same key, and the same request id, or one
 * that is not known, or a side chain on either side. `request_id` receives the found one's text, for out->request_id; it is the
 * caller's buffer. PURSER_ENOTFOUND (without a message) if there is none. */
int stored_find(struct ledger *ledger, const struct stored_request *like,
                struct stored_request *out, struct buf *request_id, struct error *error);

int stored_insert(struct ledger *ledger, struct stored_request *r, struct error *error);
/* Writes everything but key and id anew. */
int stored_update(struct ledger *ledger, const struct stored_request *r, struct error *error);

#endif

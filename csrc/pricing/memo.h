/* memo.h - prices of many requests: which card a name stands for on a day is looked up once.
 *
 * A memo belongs to one thread and one catalogue. The prices are those of price_request(). */
#ifndef PRICING_MEMO_H
#define PRICING_MEMO_H

#include "pricing/catalog.h"

enum {
  MEMO_ENTRIES = 64,
  MEMO_NAME_SIZE = 72
};

struct price_memo {
  const struct catalog *catalog;
  struct {
    char model[MEMO_NAME_SIZE]; /* "": unused */
    int64_t day;
    bool there;
    struct resolved found;
  } entries[MEMO_ENTRIES];
};

void price_memo_init(struct price_memo *memo, const struct catalog *catalog);
void price_memo_request(struct price_memo *memo, const struct price_query *query,
                        struct price *out);

#endif

/* memo.c - see memo.h. Cards change from one day to the next at most. */
#include "pricing/memo.h"

#include <string.h>

#include "base/calendar.h"

void price_memo_init(struct price_memo *memo, const struct catalog *catalog) {
  memset(memo, 0, sizeof *memo);
  memo->catalog = catalog;
}

static size_t slot_of(const char *model, size_t len, int64_t day) {
  uint64_t hash = (uint64_t)day;
  for (size_t i = 0; i < len; i++)
    hash = hash * 131 + (unsigned char)model[i];
  return (size_t)(hash ^ hash >> 21) % MEMO_ENTRIES;
}

void price_memo_request(struct price_memo *memo, const struct price_query *query,
                        struct price *out) {
  const size_t len = query->model != NULL ? strlen(query->model) : 0;
  if (len == 0 || len >= MEMO_NAME_SIZE || query->provider != NULL || query->at_ms < 0) {
    price_request(memo->catalog, query, out);
    return;
  }
  const int64_t day = query->at_ms / CALENDAR_DAY_MS;
  const size_t slot = slot_of(query->model, len, day);
  if (memo->entries[slot].day != day || strcmp(memo->entries[slot].model, query->model) != 0) {
    memcpy(memo->entries[slot].model, query->model, len + 1);
    memo->entries[slot].day = day;
    memo->entries[slot].there = catalog_resolve(memo->catalog, NULL, query->model, query->at_ms,
                                                &memo->entries[slot].found);
  }
  price_found(memo->entries[slot].there ? &memo->entries[slot].found : NULL, query, out);
}

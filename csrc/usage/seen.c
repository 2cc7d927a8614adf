/* seen.c - see seen.h. */
#include "usage/seen.h"

#include <string.h>

/* FNV-1a. Two of the window's ids sharing a hash is less likely than a disk's undetected error. */
uint64_t seen_hash(purser_str text) {
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < text.len; i++) {
    hash ^= (unsigned char)text.ptr[i];
    hash *= UINT64_C(1099511628211);
  }
  return hash != 0 ? hash : 1;
}

void seen_forget(struct seen *seen) {
  /* The ring is filled from its beginning; once it went round, its last entry is used. */
  const bool round = seen->entries[SEEN_WINDOW - 1].hash != 0;
  memset(seen->entries, 0, (round ? SEEN_WINDOW : seen->next) * sizeof seen->entries[0]);
  seen->next = 0;
}

struct seen_entry *seen_find(struct seen *seen, purser_str id) {
  if (id.len == 0)
    return NULL;
  const uint64_t hash = seen_hash(id);
  for (uint32_t i = 1; i <= SEEN_WINDOW; i++) {
    struct seen_entry *entry = &seen->entries[(seen->next + SEEN_WINDOW - i) % SEEN_WINDOW];
    if (entry->hash == hash)
      return entry;
    if (entry->hash == 0)
      break;
  }
  struct seen_entry *fresh = &seen->entries[seen->next];
  seen->next = (seen->next + 1) % SEEN_WINDOW;
  fresh->hash = hash;
  fresh->total = -1;
  fresh->final = false;
  fresh->streamed = false;
  fresh->request_len = 0;
  return fresh;
}

bool seen_improves(struct seen_entry *entry, int64_t total, bool final) {
  if (entry == NULL)
    return true;
  const bool better = final == entry->final ? total > entry->total : final;
  if (!better)
    return false;
  entry->total = total;
  entry->final = entry->final || final;
  return true;
}

void seen_set_request(struct seen_entry *entry, purser_str request_id) {
  if (entry == NULL || request_id.len == 0 || request_id.len > SEEN_REQUEST_MAX)
    return;
  memcpy(entry->request, request_id.ptr, request_id.len);
  entry->request_len = (uint8_t)request_id.len;
}

purser_str seen_request(const struct seen_entry *entry) {
  if (entry == NULL)
    return (purser_str){"", 0};
  return (purser_str){entry->request, entry->request_len};
}

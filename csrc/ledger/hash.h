/* hash.h - FNV-1a with a final mix: the hash of keys that the database stores, so it may never change. */
#ifndef LEDGER_HASH_H
#define LEDGER_HASH_H

#include "base/public.h"

static inline uint64_t hash_text(const char *text) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (; *text != '\0'; text++)
    hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
  hash ^= hash >> 32;
  hash *= UINT64_C(0xd6e8feb86659fd93);
  return hash ^ hash >> 32;
}

/* As it is stored: SQLite's integers have a sign, and small ones are short. 48 bits cost two bytes less in each row and each
 * index entry; what collides is told apart by the key itself. */
static inline int64_t hash_to_stored(uint64_t hash) {
  return (int64_t)(hash >> 16) - (INT64_C(1) << 47);
}

static inline int64_t hash_stored(const char *text) {
  return hash_to_stored(hash_text(text));
}

#endif

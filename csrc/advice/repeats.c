/* repeats.c - see repeats.h. */
#include "advice/repeats.h"

#include "base/mem.h"

struct repeated_call {
  uint64_t hash;
  int64_t row; /* how often since something new was tried */
  size_t seen; /* different calls when it was made last */
};

static uint64_t add_bytes(uint64_t hash, const char *text) {
  for (const char *at = text; *at != '\0'; at++)
    hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
  return hash;
}

/* FNV-1a; the byte between them is in no name. */
uint64_t repeats_hash(const char *name, const char *input) {
  const uint64_t hash = add_bytes(UINT64_C(1469598103934665603), name);
  return add_bytes((hash ^ 0xff) * UINT64_C(1099511628211), input);
}

static struct repeated_call *find(const struct repeats *repeats, uint64_t hash) {
  for (size_t i = repeats->count; i-- > 0;) {
    if (repeats->calls[i].hash == hash)
      return &repeats->calls[i];
  }
  return NULL;
}

int repeats_add(struct repeats *repeats, uint64_t hash) {
  struct repeated_call *call = find(repeats, hash);
  if (call == NULL) {
    void *calls = repeats->calls;
    const int status = mem_grow(&calls, &repeats->cap, repeats->count + 1, sizeof *repeats->calls);
    repeats->calls = calls;
    if (status != PURSER_OK)
      return status;
    call = &repeats->calls[repeats->count++];
    *call = (struct repeated_call){.hash = hash};
  }
  call->row = call->seen == repeats->count ? call->row + 1 : 1;
  call->seen = repeats->count;
  if (call->row > repeats->most)
    repeats->most = call->row;
  return PURSER_OK;
}

void repeats_fini(struct repeats *repeats) {
  mem_free(repeats->calls);
  *repeats = (struct repeats)REPEATS_INIT;
}

/* fail_mem.c - see fail_mem.h. The counters are atomic: libraries may allocate from threads of theirs. */
#include "support/fail_mem.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "support/support.h"

static atomic_int_fast64_t count;
static atomic_int_fast64_t fail_at; /* 0: never */
static atomic_int_fast64_t alive;
static atomic_bool persistent;
static atomic_bool refused;

static bool refuse(void) {
  const int64_t n = atomic_fetch_add(&count, 1) + 1;
  const int64_t at = atomic_load(&fail_at);
  if (at == 0 || n < at || (n > at && !atomic_load(&persistent)))
    return false;
  atomic_store(&refused, true);
  return true;
}

static void *allocate(size_t size) {
  if (refuse())
    return NULL;
  void *block = malloc(size);
  if (block != NULL)
    atomic_fetch_add(&alive, 1);
  return block;
}

static void *resize(void *block, size_t size) {
  return refuse() ? NULL : realloc(block, size);
}

static void release(void *block) {
  atomic_fetch_sub(&alive, 1);
  free(block);
}

void fail_mem_install(void) {
  static const struct mem_hooks hooks = {allocate, resize, release};
  mem_set_hooks(&hooks);
  if (mem_install() != PURSER_OK)
    abort();
}

void fail_mem_at(int64_t nth, bool ever_after) {
  atomic_store(&refused, false);
  atomic_store(&count, 0);
  atomic_store(&persistent, ever_after);
  atomic_store(&fail_at, nth);
}

bool fail_mem_off(void) {
  atomic_store(&fail_at, 0);
  return atomic_load(&refused);
}

int64_t fail_mem_alive(void) {
  return atomic_load(&alive);
}

int64_t fail_mem_count(void) {
  return atomic_load(&count);
}

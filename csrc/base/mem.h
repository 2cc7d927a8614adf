/* mem.h - the one allocator behind our own code and SQLite, and behind cJSON where api/tree.h hands it on.
 *
 * It is process-wide because those libraries' hooks are. Tests replace it before anything else runs and fail the Nth
 * allocation; nothing else does. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/public.h"

struct mem_hooks {
  void *(*allocate)(size_t size);            /* NULL when out of memory */
  void *(*resize)(void *block, size_t size); /* like realloc */
  void (*release)(void *block);
};

/* NULL brings the C library's back. Only while no block of ours is alive and no other thread runs. */
void mem_set_hooks(const struct mem_hooks *replacement);

/* Hands the allocator to SQLite, before its first use; again is fine. libuv keeps its own: the editor may share the
 * library with us, and its loops abort when an allocation at their start fails. */
int mem_install(void);

void *mem_alloc(size_t size);                /* uninitialised */
void *mem_zalloc(size_t size);               /* zeroed */
void *mem_realloc(void *block, size_t size); /* on failure the old block stays */
void mem_free(void *block);
char *mem_strdup(const char *text); /* NULL stays NULL */
char *mem_strndup(const char *text, size_t len);

/* An array that grows: makes room for `want` items of `size` bytes, doubling. 0 or PURSER_ENOMEM. */
int mem_grow(void **items, size_t *capacity, size_t want, size_t size);

#endif

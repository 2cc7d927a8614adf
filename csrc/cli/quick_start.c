/* quick_start.c - see quick_start.h. */
#include "cli/quick_start.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"

#if defined(__GLIBC__) && defined(MADV_POPULATE_WRITE)
#include <malloc.h>

enum {
  HEAP_BYTES = 512 * 1024 /* what a hook's verdict takes, most of it SQLite's */
};

/* The linker's: where the program's image begins, and where its data ends. */
extern char __executable_start; /* NOLINT */
extern char edata;

static void touch(char *from, const char *to, int advice) {
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  char *start = from - (uintptr_t)from % page;
  if (to > start) /* where another allocator is in place, its memory lies elsewhere */
    (void)madvise(start, (size_t)(to - start), advice);
}

void quick_start(void) {
  (void)mallopt(M_TOP_PAD, HEAP_BYTES);
  char *first = mem_alloc(1);
  if (first != NULL)
    touch(first, sbrk(0), MADV_POPULATE_WRITE);
  mem_free(first);
  touch(&__executable_start, &edata, MADV_POPULATE_READ);
}
#else
void quick_start(void) {}
#endif

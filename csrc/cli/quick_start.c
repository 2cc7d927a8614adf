/* quick_start.c - see quick_start.h. */
#include "cli/quick_start.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"

#if defined(__GLIBC__) && defined(MADV_POPULATE_WRITE)
#include <malloc.h>

enum {
  HEAP_BYTES = 512 * 1024, /* what a hook's verdict takes, most of it SQLite's */
  HUGE_BYTES = 2 * 1024 * 1024,
  /* More than the heap has at the start, so that asking for it makes the heap grow. */
  GROWS_BYTES = 160 * 1024
};

/* The linker's: where the program's image begins, and where its data ends. */
extern char __executable_start; /* NOLINT */
extern char edata;

#if defined(__x86_64__)
#include <cpuid.h>

static bool is_virtual_machine(void) {
  const unsigned hypervisor = UINT32_C(1) << 31;
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & hypervisor) != 0;
}
#else
static bool is_virtual_machine(void) {
  return false;
}
#endif

static uintptr_t round_up(uintptr_t at, uintptr_t unit) {
  return (at + unit - 1) / unit * unit;
}

/* The heap is made to go on in a huge page: on a virtual machine the host, too, may have work to do for each page that is touched for
 * the first time, so that a hundred small ones cost more than one huge one's zeroes. Elsewhere they don't. */
static void make_huge_heap(void) {
  static char *below[2]; /* what lies before it is never used, nor given back */
  below[0] = mem_alloc(GROWS_BYTES);
  if (below[0] == NULL)
    return;
  const uintptr_t end = (uintptr_t)below[0] + GROWS_BYTES;
  const uintptr_t huge = round_up(end + 64, HUGE_BYTES);
  if (huge + HUGE_BYTES > (uintptr_t)sbrk(0))
    return;                                               /* another allocator is in place */
  (void)madvise((char *)huge, HUGE_BYTES, MADV_HUGEPAGE); /* NOLINT(performance-no-int-to-ptr) */
  below[1] = mem_alloc(huge - end);
}

/* What comes next from the heap, in one call for all of it. */
static void touch_heap(void) {
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  char *heap = mem_alloc(HEAP_BYTES);
  if (heap != NULL)
    (void)madvise(heap + (round_up((uintptr_t)heap, page) - (uintptr_t)heap), HEAP_BYTES - page,
                  MADV_POPULATE_WRITE);
  mem_free(heap);
}

void quick_start(void) {
  /* All of it is to be one heap, and to stay there when it is given back. */
  (void)mallopt(M_MMAP_THRESHOLD, 2 * HUGE_BYTES);
  (void)mallopt(M_TRIM_THRESHOLD, 8 * HUGE_BYTES);
  if (is_virtual_machine()) {
    (void)mallopt(M_TOP_PAD, 2 * HUGE_BYTES);
    make_huge_heap();
  }
  touch_heap();
  (void)madvise(&__executable_start, (size_t)(&edata - &__executable_start), MADV_POPULATE_READ);
}
#else
void quick_start(void) {}
#endif

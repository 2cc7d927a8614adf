/* scan.h - finding the lines of a record, and those that hold usage, at the speed of memory.
 *
 * A quote inside a JSON string is escaped, so the mark "usage" with both its quotes is a key or a whole value, never a part of a
 * text: a line without it has no usage. The processor's widest instructions are chosen at run time; all ways give the same
 * answers, which the tests hold them to. Pure; any thread. */
#ifndef IMPORT_SCAN_H
#define IMPORT_SCAN_H

#include "base/public.h"

#define SCAN_NONE ((size_t)-1)

/* The index of the first newline at or after `from`, `len` if there is none. *usage becomes the index of the first mark that begins at
 * or after `from` and ends before that newline, unless it is not SCAN_NONE already. To go on where a part of a line ended, begin
 * SCAN_OVERLAP bytes before it. */
typedef size_t scan_line_fn(const char *bytes, size_t from, size_t len, size_t *usage);

enum {
  SCAN_OVERLAP = 6 /* a mark less one byte */
};

scan_line_fn scan_line_portable;

/* The ways this processor has, from the plainest to the fastest. */
struct scan_way {
  const char *name; /* "portable", "sse2", "avx2" */
  scan_line_fn *line;
};
size_t scan_ways(const struct scan_way **out);
/* The fastest. */
scan_line_fn *scan_best(void);

/* Whether a text of two bytes or more occurs in the first `len`: memmem() for short hay. */
bool scan_has(const char *bytes, size_t len, const char *text);

#endif

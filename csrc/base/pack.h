/* pack.h - numbers and texts one after the other in a few bytes: what a program writes for itself to read back.
 *
 * Numbers are little-endian, seven bits a byte; texts have their length before them. Reading never goes past the end: after the first thing
 * that is not there, all that follows is empty, and `bad` says so. */
#ifndef BASE_PACK_H
#define BASE_PACK_H

#include "base/buf.h"

void pack_int(struct buf *out, int64_t value);
void pack_text(struct buf *out, const char *text, size_t len);

struct unpack {
  const char *at;
  const char *end;
  bool bad;
};
struct unpack unpack_begin(const void *bytes, size_t len);
int64_t unpack_int(struct unpack *in);
/* Points into what is read. */
purser_str unpack_text(struct unpack *in);

#endif

/* buf.h - a growing byte buffer whose failure is sticky.
 *
 * Appending never returns a status: look at `failed` (or call buf_status) once at the end. `data` is always
 * NUL-terminated, one past `len`, once anything was appended. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/public.h"

struct buf {
  char *data;
  size_t len;
  size_t cap;
  bool failed; /* an allocation failed; the content is cut short */
};

#define BUF_INIT ((struct buf){0})

void buf_fini(struct buf *b);
void buf_clear(struct buf *b); /* keeps the memory */
int buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_adds(struct buf *b, const char *text);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_drop(struct buf *b, size_t len); /* removes the first `len` bytes */
char *buf_detach(struct buf *b);          /* the caller frees with mem_free; NULL after a failure */
int buf_status(const struct buf *b);      /* 0 or PURSER_ENOMEM */
const char *buf_text(const struct buf *b); /* never NULL */

#endif

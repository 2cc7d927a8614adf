/* buf.c - see buf.h. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

void buf_fini(struct buf *b) {
  mem_free(b->data);
  *b = BUF_INIT;
}

void buf_clear(struct buf *b) {
  b->len = 0;
  b->failed = false;
  if (b->data != NULL)
    b->data[0] = '\0';
}

int buf_reserve(struct buf *b, size_t more) {
  if (more > SIZE_MAX - b->len - 1) {
    b->failed = true;
    return PURSER_ENOMEM;
  }
  const size_t want = b->len + more + 1;
  if (want <= b->cap)
    return PURSER_OK;
  size_t cap = b->cap != 0 ? b->cap : 64;
  while (cap < want)
    cap = cap > SIZE_MAX / 2 ? want : cap * 2;
  char *grown = mem_realloc(b->data, cap);
  if (grown == NULL) {
    b->failed = true;
    return PURSER_ENOMEM;
  }
  b->data = grown;
  b->cap = cap;
  return PURSER_OK;
}

void buf_add(struct buf *b, const void *bytes, size_t len) {
  if (len == 0 && b->data != NULL)
    return;
  if (buf_reserve(b, len) != PURSER_OK)
    return;
  if (b->data == NULL)
    return;
  if (len != 0)
    memcpy(b->data + b->len, bytes, len);
  b->len += len;
  b->data[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *text) {
  buf_add(b, text, strlen(text));
}

void buf_addc(struct buf *b, char c) {
  buf_add(b, &c, 1);
}

void buf_addf(struct buf *b, const char *format, ...) {
  va_list args;
  va_start(args, format);
  va_list again;
  va_copy(again, args);
  const int need = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (need < 0) {
    b->failed = true;
  } else if (buf_reserve(b, (size_t)need) == PURSER_OK) {
    (void)vsnprintf(b->data + b->len, (size_t)need + 1, format, again);
    b->len += (size_t)need;
  }
  va_end(again);
}

void buf_drop(struct buf *b, size_t len) {
  if (len >= b->len) {
    b->len = 0;
  } else {
    memmove(b->data, b->data + len, b->len - len);
    b->len -= len;
  }
  if (b->data != NULL)
    b->data[b->len] = '\0';
}

char *buf_detach(struct buf *b) {
  char *data = NULL;
  if (!b->failed) {
    if (b->data == NULL)
      buf_add(b, "", 0);
    data = b->data;
  } else {
    mem_free(b->data);
  }
  *b = BUF_INIT;
  return data;
}

int buf_status(const struct buf *b) {
  return b->failed ? PURSER_ENOMEM : PURSER_OK;
}

const char *buf_text(const struct buf *b) {
  return b->data != NULL ? b->data : "";
}

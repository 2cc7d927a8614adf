/* lines.c - see lines.h. */
#include "usage/lines.h"

#include <string.h>

void lines_init(struct lines *lines, size_t max) {
  *lines = (struct lines){.partial = BUF_INIT, .max = max};
}

void lines_fini(struct lines *lines) {
  buf_fini(&lines->partial);
}

void lines_forget(struct lines *lines) {
  buf_clear(&lines->partial);
  lines->dropping = false;
}

static size_t without_cr(const char *line, size_t len) {
  return len > 0 && line[len - 1] == '\r' ? len - 1 : len;
}

/* Keeps the beginning of a line. A carriage return at its end may still turn out to belong to the line's end, so it does
 * not count yet. */
static int hold(struct lines *lines, const char *bytes, size_t len, line_fn each, void *data) {
  struct buf *partial = &lines->partial;
  const size_t total =
      len > 0 ? partial->len + without_cr(bytes, len) : without_cr(buf_text(partial), partial->len);
  if (total > lines->max) {
    buf_clear(partial);
    lines->dropping = true;
    each(data, LINE_OVERFLOW, "", 0);
    return PURSER_OK;
  }
  buf_add(partial, bytes, len);
  if (!partial->failed)
    return PURSER_OK;
  buf_clear(partial);
  lines->dropping = true;
  each(data, LINE_LOST, "", 0);
  return PURSER_ENOMEM;
}

static int finish(struct lines *lines, const char *bytes, size_t len, line_fn each, void *data) {
  struct buf *partial = &lines->partial;
  if (lines->dropping) {
    lines->dropping = false;
    return PURSER_OK;
  }
  if (partial->len == 0) {
    const size_t plain = without_cr(bytes, len);
    if (plain > lines->max) {
      each(data, LINE_OVERFLOW, "", 0);
    } else {
      each(data, LINE_WHOLE, bytes, plain);
    }
    return PURSER_OK;
  }
  const int status = hold(lines, bytes, len, each, data);
  if (!lines->dropping) {
    each(data, LINE_WHOLE, partial->data, without_cr(partial->data, partial->len));
    buf_clear(partial);
  }
  lines->dropping = false;
  return status;
}

int lines_feed(struct lines *lines, const char *bytes, size_t len, line_fn each, void *data) {
  int status = PURSER_OK;
  while (len > 0) {
    const char *newline = memchr(bytes, '\n', len);
    const size_t n = newline != NULL ? (size_t)(newline - bytes) : len;
    int one = PURSER_OK;
    if (newline != NULL) {
      one = finish(lines, bytes, n, each, data);
    } else if (!lines->dropping) {
      one = hold(lines, bytes, n, each, data);
    }
    if (one != PURSER_OK)
      status = one;
    const size_t used = newline != NULL ? n + 1 : n;
    bytes += used;
    len -= used;
  }
  return status;
}

void lines_end(struct lines *lines, line_fn each, void *data) {
  struct buf *partial = &lines->partial;
  if (!lines->dropping && partial->len > 0)
    each(data, LINE_LAST, partial->data, without_cr(partial->data, partial->len));
  buf_clear(partial);
  lines->dropping = false;
}

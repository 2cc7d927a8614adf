/* lines.h - chunks of any size in, whole lines out.
 *
 * A line that arrives whole inside one chunk is handed on where it lies; only what straddles two chunks is copied, into a
 * buffer that is reused. Line ends are LF or CRLF. */
#ifndef USAGE_LINES_H
#define USAGE_LINES_H

#include "base/buf.h"

enum line_kind {
  LINE_WHOLE,    /* ended by a newline, which is left off */
  LINE_LAST,     /* the stream ended before its newline */
  LINE_OVERFLOW, /* longer than the limit: dropped up to its newline; `line` is empty */
  LINE_LOST      /* no memory to hold it: dropped likewise */
};

/* `line` is valid until the call returns. */
typedef void (*line_fn)(void *data, enum line_kind kind, const char *line, size_t len);

struct lines {
  struct buf partial; /* the beginning of a line whose end has not come yet */
  size_t max;
  bool dropping; /* until the next newline */
};

void lines_init(struct lines *lines, size_t max);
void lines_fini(struct lines *lines);
/* The beginning of a line that waits is dropped. */
void lines_forget(struct lines *lines);

/* 0, or PURSER_ENOMEM when a line was lost. */
int lines_feed(struct lines *lines, const char *bytes, size_t len, line_fn each, void *data);

/* The stream has ended: hands on an unfinished last line. */
void lines_end(struct lines *lines, line_fn each, void *data);

#endif

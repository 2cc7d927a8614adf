/* sse.h - the lines of a text/event-stream in, events out. */
#ifndef USAGE_SSE_H
#define USAGE_SSE_H

#include "base/buf.h"

struct sse {
  struct buf name; /* of the `event:` field, often empty */
  struct buf data; /* the `data:` lines, joined with newlines */
  size_t max;
  bool has_data;
  bool overflow; /* the event grew over the limit and is dropped */
};

enum sse_status {
  SSE_MORE = 0,     /* the event goes on */
  SSE_EVENT = 1,    /* name and data are complete; call sse_next before the next line */
  SSE_OVERFLOW = 2, /* an event was dropped; call sse_next */
  SSE_IGNORED = 3   /* no field of an event stream: a comment, or something else altogether */
};

void sse_init(struct sse *sse, size_t max);
void sse_fini(struct sse *sse);

/* Takes a line without its end. */
enum sse_status sse_line(struct sse *sse, const char *line, size_t len);
/* The stream has ended: SSE_EVENT if an event waits that was not closed by an empty line. */
enum sse_status sse_end(const struct sse *sse);
void sse_next(struct sse *sse);

#endif

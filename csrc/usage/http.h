/* http.h - the answer of an API: heads, then an event stream, a JSON body, or a refusal. */
#ifndef USAGE_HTTP_H
#define USAGE_HTTP_H

#include "usage/http_head.h"
#include "usage/sse.h"

struct decoder;

enum http_phase {
  HTTP_START = 0, /* nothing but blank lines yet */
  HTTP_HEAD,
  HTTP_AFTER_HEAD, /* another head may follow */
  HTTP_EVENTS,     /* text/event-stream */
  HTTP_BODY,       /* one JSON body */
  HTTP_REFUSAL     /* the body of a status that is no success */
};

struct http {
  enum http_phase phase;
  struct http_head head;
  struct sse sse;
  struct buf body;
  struct buf stray; /* the first line that was no field of an event stream */
  bool overflow;    /* the body grew over the limit */
  bool understood;  /* at least one event was JSON */
  bool done;        /* the end was announced: "[DONE]" */
};

void http_init(struct http *http);
void http_fini(struct http *http);

/* A line of the answer. `last`: it had no newline. */
void http_line(struct decoder *decoder, const char *line, size_t len, bool last);
/* The answer has ended: hands on what waits, and says what is missing. */
void http_end(struct decoder *decoder);

#endif

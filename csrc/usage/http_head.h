/* http_head.h - the head of an HTTP response, as `curl -i` prints it before the body.
 *
 * There may be several: a proxy's answer to CONNECT, "100 Continue", a redirect that was followed. The last one counts. */
#ifndef USAGE_HTTP_HEAD_H
#define USAGE_HTTP_HEAD_H

#include "base/buf.h"

struct http_head {
  int32_t status;            /* 0: no head was seen */
  int64_t retry_after_ms;    /* -1: the server does not say, or not in a way that can be told */
  struct buf request_id;     /* the provider's, "" none */
  struct buf location;       /* of a redirect */
  int64_t date_ms;           /* the server's clock; INT64_MIN: not said */
  int64_t retry_after_at_ms; /* a Retry-After that is a date; INT64_MIN: it is not */
};

void http_head_init(struct http_head *head);
void http_head_fini(struct http_head *head);

/* "HTTP/1.1 200 OK", "HTTP/2 429". Forgets an earlier head. False: not a status line, nothing has changed. */
bool http_head_status_line(struct http_head *head, const char *line, size_t len);
/* Any other line of the head. Unknown ones are ignored. */
void http_head_field(struct http_head *head, const char *line, size_t len);
/* After the empty line: a Retry-After that is a date becomes a delay, told by the server's own Date, since nothing here
 * reads a clock. */
void http_head_finish(struct http_head *head);

/* "Wed, 21 Oct 2015 07:28:00 GMT" (RFC 9110's preferred form). 0 or PURSER_EPARSE. */
int http_date_parse(const char *text, size_t len, int64_t *utc_ms);

#endif

/* http.c - see http.h. */
#include "usage/http.h"

#include <string.h>

#include "usage/failure.h"

enum {
  /* A refusal is a few hundred bytes; a page of a gateway that got in between may be anything. */
  REFUSAL_MAX = 256 * 1024,
  STRAY_MAX = 160
};

void http_init(struct http *http) {
  *http = (struct http){.phase = HTTP_START, .body = BUF_INIT, .stray = BUF_INIT};
  http_head_init(&http->head);
  sse_init(&http->sse, DECODER_LINE_MAX);
}

void http_fini(struct http *http) {
  http_head_fini(&http->head);
  sse_fini(&http->sse);
  buf_fini(&http->body);
  buf_fini(&http->stray);
}

static void overflow(struct decoder *decoder) {
  struct failure failure = failure_none();
  failure.kind = "overflow";
  failure.message = STR("an event larger than the limit was dropped");
  failure_emit(decoder, &failure);
}

/* `last`: it was being sent when the connection ended, and counts if it is whole. */
static void take_event(struct decoder *decoder, bool last) {
  struct http *http = &decoder->http;
  const purser_str data = str_of_buf(&http->sse.data);
  if (str_is(data, "[DONE]")) {
    http->done = true;
  } else if (data.len > 0 && decoder_take(decoder, data.ptr, data.len)) {
    http->understood = true;
  } else if (data.len > 0 && !last) {
    decoder_malformed(decoder, data.ptr, data.len);
  }
}

static void on_status(struct decoder *decoder, enum sse_status status, bool last) {
  struct sse *sse = &decoder->http.sse;
  if (status == SSE_EVENT)
    take_event(decoder, last);
  if (status == SSE_OVERFLOW)
    overflow(decoder);
  if (status == SSE_EVENT || status == SSE_OVERFLOW)
    sse_next(sse);
}

static void events_line(struct decoder *decoder, const char *line, size_t len) {
  struct http *http = &decoder->http;
  const enum sse_status status = sse_line(&http->sse, line, len);
  if (status == SSE_IGNORED && http->stray.len == 0)
    buf_add(&http->stray, line, len < STRAY_MAX ? len : STRAY_MAX);
  if (http->stray.failed || http->sse.name.failed || http->sse.data.failed)
    decoder->status = PURSER_ENOMEM;
  on_status(decoder, status, false);
}

static void body_line(struct decoder *decoder, const char *line, size_t len, size_t max) {
  struct http *http = &decoder->http;
  if (http->overflow || len + 1 > max - http->body.len) {
    http->overflow = true;
    return;
  }
  buf_add(&http->body, line, len);
  buf_addc(&http->body, '\n');
  if (http->body.failed) {
    buf_clear(&http->body);
    http->overflow = true;
    decoder->status = PURSER_ENOMEM;
  }
}

static bool is_refusal(const struct http *http) {
  return http->head.status >= 300;
}

static bool is_blank(const char *line, size_t len) {
  for (size_t i = 0; i < len; i++) {
    if (line[i] != ' ' && line[i] != '\t')
      return false;
  }
  return true;
}

/* What the body's first line that is not blank says about the rest. */
static enum http_phase phase_of(const struct http *http, const char *line, size_t len) {
  size_t at = 0;
  if (len >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0)
    at = 3;
  while (at < len && (line[at] == ' ' || line[at] == '\t'))
    at++;
  if (is_refusal(http))
    return HTTP_REFUSAL;
  return at < len && (line[at] == '{' || line[at] == '[') ? HTTP_BODY : HTTP_EVENTS;
}

static void first_line(struct decoder *decoder, const char *line, size_t len) {
  struct http *http = &decoder->http;
  if (http_head_status_line(&http->head, line, len)) {
    http->phase = HTTP_HEAD;
    return;
  }
  if (is_blank(line, len))
    return;
  http->phase = phase_of(http, line, len);
  http_line(decoder, line, len, false);
}

void http_line(struct decoder *decoder, const char *line, size_t len, bool last) {
  struct http *http = &decoder->http;
  switch (http->phase) {
  case HTTP_START:
  case HTTP_AFTER_HEAD: first_line(decoder, line, len); break;
  case HTTP_HEAD:
    if (len == 0) {
      http_head_finish(&http->head);
      http->phase = HTTP_AFTER_HEAD;
    } else if (!last) {
      http_head_field(&http->head, line, len);
      if (http->head.request_id.failed || http->head.location.failed)
        decoder->status = PURSER_ENOMEM;
    }
    break;
  case HTTP_EVENTS: events_line(decoder, line, len); break;
  case HTTP_BODY: body_line(decoder, line, len, DECODER_LINE_MAX); break;
  case HTTP_REFUSAL: body_line(decoder, line, len, REFUSAL_MAX); break;
  }
}

/* A status that is no success, with whatever the body says. */
static void refuse(struct decoder *decoder) {
  struct http *http = &decoder->http;
  const struct http_head *head = &http->head;
  struct failure failure = failure_none();
  failure.retry_ms = head->retry_after_ms;
  if (!http->overflow && decoder_parse(decoder, buf_text(&http->body), http->body.len)) {
    json_id root = 0;
    if (json_kind(&decoder->doc, root) == JSON_ARRAY)
      root = json_first(&decoder->doc, root);
    (void)failure_read(decoder, root, &failure);
  }
  if (head->status < 400) {
    failure.kind = "unexpected";
    failure.message = STR("the server points elsewhere: correct the endpoint's address");
    failure.code = str_of_buf(&head->location);
  }
  /* The head is the server's own word; the body may be a gateway's copy of another's. */
  failure.status = head->status;
  failure.fatal = true;
  failure_emit(decoder, &failure);
  emit_result(decoder, "failed", true);
}

/* The stream stopped before its end was announced. What was said of usage stays partial. */
static void cut(struct decoder *decoder) {
  struct http *http = &decoder->http;
  struct failure failure = failure_none();
  failure.fatal = true;
  failure.kind = "cut";
  failure.message = STR("the connection ended in the middle of the answer: try again");
  if (!http->understood && http->stray.len > 0) {
    failure.kind = "unexpected";
    failure.message = STR("the server's answer is no event stream: check the endpoint's address");
    failure.code = str_of_buf(&http->stray);
  }
  failure.status = 0;
  failure_emit(decoder, &failure);
  emit_result(decoder, failure.kind, true);
}

static void take_body(struct decoder *decoder) {
  struct http *http = &decoder->http;
  if (http->overflow) {
    overflow(decoder);
  } else if (decoder_take(decoder, buf_text(&http->body), http->body.len)) {
    http->understood = true;
    http->done = true;
  }
}

void http_end(struct decoder *decoder) {
  struct http *http = &decoder->http;
  switch (http->phase) {
  case HTTP_START: return; /* nothing came: whoever made the connection knows why */
  case HTTP_HEAD:
  case HTTP_AFTER_HEAD:
    if (is_refusal(http)) {
      refuse(decoder);
      return;
    }
    break;
  case HTTP_EVENTS: on_status(decoder, sse_end(&http->sse), true); break;
  case HTTP_BODY: take_body(decoder); break;
  case HTTP_REFUSAL: refuse(decoder); return;
  }
  if (decoder->dialect->end != NULL)
    decoder->dialect->end(decoder);
  if (!decoder->saw_result)
    cut(decoder);
}

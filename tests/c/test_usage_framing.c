/* test_usage_framing.c - from bytes to lines, heads and events, before any of them means something. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "usage/http_head.h"
#include "usage/lines.h"
#include "usage/sse.h"

static void note(void *data, enum line_kind kind, const char *line, size_t len) {
  static const char marks[] = {
      [LINE_WHOLE] = '|', [LINE_LAST] = '.', [LINE_OVERFLOW] = '^', [LINE_LOST] = '!'};
  struct buf *seen = data;
  buf_add(seen, line, len);
  buf_addc(seen, marks[kind]);
}

static void feed(struct buf *seen, const char *input, size_t max, size_t chunk) {
  struct lines lines;
  lines_init(&lines, max);
  const size_t len = strlen(input);
  for (size_t at = 0; at < len; at += chunk) {
    const size_t n = len - at < chunk ? len - at : chunk;
    assert_int_equal(lines_feed(&lines, input + at, n, note, seen), PURSER_OK);
  }
  lines_end(&lines, note, seen);
  lines_fini(&lines);
}

static void lines_are_the_same_in_any_chunks(void **state) {
  (void)state;
  static const struct {
    const char *input;
    const char *lines;
  } cases[] = {
      {"", ""},
      {"one", "one."},
      {"one\n", "one|"},
      {"one\r\n", "one|"},
      {"\n\r\n\n", "|||"},
      {"one\ntwo\r\nthree", "one|two|three."},
      {"a\rb\n", "a\rb|"},
      {"1234567890\n", "1234567890|"},
      {"1234567890\r\n", "1234567890|"},
      {"1234567890", "1234567890."},
      {"12345678901\nnext\n", "^next|"},
      {"1234567890\rx\nnext", "^next."},
      {"12345678901234567890123456789", "^"},
      {"12345678901234567890\n\n12345678901\n", "^|^"},
      {"end\r", "end."},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    for (size_t chunk = 1; chunk < 32; chunk++) {
      struct buf seen = BUF_INIT;
      feed(&seen, cases[i].input, 10, chunk);
      assert_string_equal(buf_text(&seen), cases[i].lines);
      buf_fini(&seen);
    }
  }
}

/* Events as "name=data;", dropped ones as "^;". */
static void read_stream(struct buf *seen, const char *const *lines, size_t max) {
  struct sse sse;
  sse_init(&sse, max);
  for (;; lines++) {
    const enum sse_status status =
        *lines != NULL ? sse_line(&sse, *lines, strlen(*lines)) : sse_end(&sse);
    if (status == SSE_EVENT)
      buf_addf(seen, "%s=%s;", buf_text(&sse.name), buf_text(&sse.data));
    if (status == SSE_OVERFLOW)
      buf_adds(seen, "^;");
    if (status == SSE_EVENT || status == SSE_OVERFLOW)
      sse_next(&sse);
    if (status == SSE_IGNORED)
      buf_adds(seen, "?");
    if (*lines == NULL)
      break;
  }
  sse_fini(&sse);
}

static void event_streams_are_read_as_the_standard_says(void **state) {
  (void)state;
  static const struct {
    const char *lines[8];
    const char *events;
  } cases[] = {
      {{"data: a", "", NULL}, "=a;"},
      {{"data:a", "", NULL}, "=a;"},
      {{"data:  a", "", NULL}, "= a;"},
      {{"event: x", "data: a", "", NULL}, "x=a;"},
      {{"data: a", "data: b", "", NULL}, "=a\nb;"},
      {{"data", "data: b", "", NULL}, "=\nb;"},
      {{": comment", "data: a", ": another", "", NULL}, "=a;"},
      {{"event: x", "", "data: a", "", NULL}, "=a;"},
      {{"id: 1", "retry: 5", "data: a", "", NULL}, "=a;"},
      {{"data: a", NULL}, "=a;"},
      {{"", "", NULL}, ""},
      {{"<html>", "datas: x", "", NULL}, "??"},
      {{"data: 12345", "data: 67", "", "data: b", "", NULL}, "^;=b;"},
      {{"data: 123456", "", NULL}, "=123456;"},
      {{"data: 1234567", "", NULL}, "^;"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct buf seen = BUF_INIT;
    read_stream(&seen, cases[i].lines, 6);
    assert_string_equal(buf_text(&seen), cases[i].events);
    buf_fini(&seen);
  }
}

static void status_lines_are_told_from_anything_else(void **state) {
  (void)state;
  static const struct {
    const char *line;
    int32_t status;
  } cases[] = {
      {"HTTP/1.1 200 OK", 200},
      {"HTTP/2 429", 429},
      {"HTTP/2 429 ", 429},
      {"HTTP/1.0 503 Busy", 503},
      {"HTTP/1.1 2000", 0},
      {"HTTP/1.1 20", 0},
      {"HTTP/ 200", 0},
      {"HTTPS/1.1 200", 0},
      {"http/1.1 200", 0},
      {"HTTP/1.1", 0},
      {"", 0},
      {"HTTP/1.1 2x0 OK", 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct http_head head;
    http_head_init(&head);
    const bool is = http_head_status_line(&head, cases[i].line, strlen(cases[i].line));
    assert_int_equal(is, cases[i].status != 0);
    assert_int_equal(head.status, cases[i].status);
    http_head_fini(&head);
  }
}

static void retry_after_is_seconds_or_a_date_by_the_servers_own_clock(void **state) {
  (void)state;
  static const struct {
    const char *fields[4];
    int64_t ms;
  } cases[] = {
      {{"Content-Type: text/plain", NULL}, -1},
      {{"Retry-After: 20", NULL}, 20000},
      {{"retry-after:1.5", NULL}, 1500},
      {{"Retry-After: -5", NULL}, -1},
      {{"Retry-After: soon", NULL}, -1},
      {{"retry-after: 2", "retry-after-ms: 1234", NULL}, 1234},
      {{"retry-after-ms: 1234", "retry-after: 2", NULL}, 1234},
      {{"Date: Wed, 25 Nov 2026 10:00:00 GMT", "Retry-After: Wed, 25 Nov 2026 10:02:30 GMT", NULL},
       150000},
      {{"Retry-After: Wed, 25 Nov 2026 10:02:30 GMT", "Date: Wed, 25 Nov 2026 10:00:00 GMT", NULL},
       150000},
      {{"Date: Wed, 25 Nov 2026 10:00:00 GMT", "Retry-After: Wed, 25 Nov 2026 09:00:00 GMT", NULL},
       0},
      {{"Retry-After: Wed, 25 Nov 2026 10:02:30 GMT", NULL}, -1},
      {{"Date: Wed, 31 Feb 2026 10:00:00 GMT", "Retry-After: Wed, 25 Nov 2026 10:02:30 GMT", NULL},
       -1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct http_head head;
    http_head_init(&head);
    assert_true(http_head_status_line(&head, "HTTP/1.1 429", 12));
    for (size_t f = 0; cases[i].fields[f] != NULL; f++)
      http_head_field(&head, cases[i].fields[f], strlen(cases[i].fields[f]));
    http_head_finish(&head);
    if (head.retry_after_ms != cases[i].ms)
      fail_msg("%s: %lld", cases[i].fields[0], (long long)head.retry_after_ms);
    http_head_fini(&head);
  }
}

static void a_later_head_forgets_the_one_before(void **state) {
  (void)state;
  struct http_head head;
  http_head_init(&head);
  assert_true(http_head_status_line(&head, "HTTP/1.1 302 Found", 18));
  http_head_field(&head, "Location: /there", 16);
  http_head_field(&head, "X-Request-Id: one", 17);
  http_head_field(&head, "Retry-After: 5", 14);
  assert_true(http_head_status_line(&head, "HTTP/1.1 200 OK", 15));
  http_head_field(&head, "Request-Id:  two ", 17);
  http_head_finish(&head);
  assert_int_equal(head.status, 200);
  assert_int_equal(head.retry_after_ms, -1);
  assert_string_equal(buf_text(&head.location), "");
  assert_string_equal(buf_text(&head.request_id), "two");
  http_head_fini(&head);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lines_are_the_same_in_any_chunks),
      cmocka_unit_test(event_streams_are_read_as_the_standard_says),
      cmocka_unit_test(status_lines_are_told_from_anything_else),
      cmocka_unit_test(retry_after_is_seconds_or_a_date_by_the_servers_own_clock),
      cmocka_unit_test(a_later_head_forgets_the_one_before),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

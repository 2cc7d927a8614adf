/* events.c - see events.h. */
#include "support/events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "usage/decoder.h"

char *events_quote(const char *text) {
  char *copy = mem_strdup(text);
  assert_non_null(copy);
  for (char *c = copy; *c != '\0'; c++) {
    if (*c == '\'')
      *c = '"';
    else if (*c == '`')
      *c = '\'';
  }
  return copy;
}

static void add_line(void *data, const purser_event *event) {
  struct buf *lines = data;
  event_write_json(lines, event);
  buf_addc(lines, '\n');
}

/* xorshift: the same chunks on every machine. */
static size_t next_chunk(uint64_t *seed) {
  *seed ^= *seed << 13;
  *seed ^= *seed >> 7;
  *seed ^= *seed << 17;
  return 1 + (size_t)(*seed % ((*seed >> 20) % 4 == 0 ? 700 : 23));
}

char *events_decode(const char *dialect, const char *input, size_t len, long chunk) {
  struct buf lines = BUF_INIT;
  struct decoder *decoder = NULL;
  struct error error = {0};
  uint64_t seed = (uint64_t)(chunk < 0 ? -chunk : 1) * UINT64_C(0x9E3779B97F4A7C15);
  if (decoder_open(&decoder, dialect, add_line, &lines, &error) != PURSER_OK)
    fail_msg("%s", error_text(&error));
  size_t at = 0;
  while (at < len) {
    size_t n = chunk > 0 ? (size_t)chunk : len;
    if (chunk < 0)
      n = next_chunk(&seed);
    if (n > len - at)
      n = len - at;
    /* A copy of just these bytes lets a sanitizer see a read past them. */
    char *piece = mem_alloc(n);
    assert_non_null(piece);
    memcpy(piece, input + at, n);
    assert_int_equal(decoder_feed(decoder, piece, n), PURSER_OK);
    mem_free(piece);
    at += n;
  }
  assert_int_equal(decoder_end(decoder), PURSER_OK);
  decoder_free(decoder);
  buf_addc(&lines, '\0');
  return buf_detach(&lines);
}

void events_expect_same(const char *name, const char *dialect, const char *input, size_t len) {
  static const long chunks[] = {1, 2, 3, 7, 64, 4096, -1, -2, -3, -4, -5};
  char *whole = events_decode(dialect, input, len, 0);
  for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
    char *pieces = events_decode(dialect, input, len, chunks[i]);
    if (strcmp(whole, pieces) != 0)
      fail_msg("%s: fed by %ld:\n%s\nfed whole:\n%s", name, chunks[i], pieces, whole);
    mem_free(pieces);
  }
  mem_free(whole);
}

/* Every beginning of a stream is a stream that was cut there. */
static void survive_beginnings(const char *dialect, const char *input, size_t len) {
  for (size_t n = 0; n <= len; n++)
    mem_free(events_decode(dialect, input, n, 0));
}

void events_expect(const char *dialect, const char *input, const char *expected) {
  char *in = events_quote(input);
  char *out = events_quote(expected);
  char *events = events_decode(dialect, in, strlen(in), 0);
  if (strcmp(events, out) != 0)
    fail_msg("%s gave\n%s\ninstead of\n%s", dialect, events, out);
  events_expect_same("the same stream", dialect, in, strlen(in));
  survive_beginnings(dialect, in, strlen(in));
  mem_free(events);
  mem_free(out);
  mem_free(in);
}

char *events_read_file(const char *path, size_t *len) {
  struct buf content = BUF_INIT;
  char chunk[4096];
  FILE *file = fopen(path, "rb");
  if (file == NULL)
    fail_msg("%s can't be opened", path);
  size_t got = 0;
  while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
    buf_add(&content, chunk, got);
  (void)fclose(file);
  *len = content.len;
  if (content.len == 0)
    buf_add(&content, "", 0);
  return buf_detach(&content);
}

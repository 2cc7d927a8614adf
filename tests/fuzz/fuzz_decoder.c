/* fuzz_decoder.c - any bytes for any dialect: the first byte picks the dialect, the second the size of the chunks.
 *
 * What comes out must not depend on how the input is cut, so each input is decoded twice; counts must be possible ones. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "usage/decoder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void note(void *data, const purser_event *event) {
  struct buf *lines = data;
  const purser_usage *u = &event->usage;
  if (u->input < 0 || u->cache_read < 0 || u->cache_write_5m < 0 || u->cache_write_1h < 0 ||
      u->output < 0 || u->reasoning < 0 || u->reasoning > u->output)
    abort();
  event_write_json(lines, event);
  buf_addc(lines, '\n');
}

static void decode(const char *dialect, const char *bytes, size_t len, size_t chunk,
                   struct buf *lines) {
  struct decoder *decoder = NULL;
  if (decoder_open(&decoder, dialect, note, lines, NULL) != PURSER_OK)
    abort();
  for (size_t at = 0; at < len; at += chunk)
    (void)decoder_feed(decoder, bytes + at, len - at < chunk ? len - at : chunk);
  (void)decoder_end(decoder);
  decoder_free(decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  size_t dialects = 0;
  struct buf whole = BUF_INIT;
  struct buf pieces = BUF_INIT;
  const char *const *names = decoder_dialects();
  while (names[dialects] != NULL)
    dialects++;
  if (size < 2 || dialects == 0)
    return 0;
  const char *dialect = names[data[0] % dialects];
  const char *bytes = (const char *)data + 2;
  const size_t len = size - 2;
  decode(dialect, bytes, len, len > 0 ? len : 1, &whole);
  decode(dialect, bytes, len, (size_t)data[1] % 61 + 1, &pieces);
  if (whole.len != pieces.len || (whole.len > 0 && memcmp(whole.data, pieces.data, whole.len) != 0))
    abort();
  buf_fini(&whole);
  buf_fini(&pieces);
  return 0;
}

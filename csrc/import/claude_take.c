/* claude_take.c - see claude_take.h.
 *
 * What is passed over is what the decoder passes over by the same rules (usage/claude_transcript.c), or makes nothing of. */
#include "import/claude_take.h"

#include <string.h>

#include "base/calendar.h"
#include "import/claude_line.h"
#include "import/scan.h"
#include "usage/decoder.h"
#include "usage/emit.h"

enum {
  HEAD = 320 /* where the client puts the keys that tell a line's type */
};

bool claude_is_idle(const char *line, size_t len) {
  static const char kind[] = "{\"type\":\"";
  static const char *const kept[] = {"assistant\"", "user\"", "system\"", "cost-state\""};
  if (len > sizeof kind && memcmp(line, kind, sizeof kind - 1) == 0) {
    const char *name = line + sizeof kind - 1;
    const size_t rest = len - (sizeof kind - 1);
    bool known = false;
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
      const size_t n = strlen(kept[i]);
      known = known || (rest >= n && memcmp(name, kept[i], n) == 0);
    }
    if (!known)
      return true;
  }
  return scan_has(line, len < HEAD * 4 ? len : HEAD * 4, "\"tool_result\"") ||
         scan_has(line, len < HEAD ? len : HEAD, "\"attachment\":{");
}

static int64_t instant(purser_str text) {
  int64_t ms = 0;
  return calendar_parse_instant(text.ptr, text.len, &ms) == PURSER_OK ? ms : 0;
}

static void take_usage(struct import_sink *sink, const struct claude_line *line) {
  const int64_t at_ms = instant(line->timestamp);
  sink_place(sink, line->session, line->cwd, line->branch);
  if (at_ms != 0)
    sink->now_ms = at_ms;
  if (str_is(line->model, "<synthetic>"))
    return;
  uint32_t flags = PURSER_FLAG_IMPORTED;
  if (line->sidechain || sink->side)
    flags |= PURSER_FLAG_SIDECHAIN;
  if (line->partial)
    flags |= PURSER_FLAG_PARTIAL;
  const struct sink_usage usage = {
      .id = line->id,
      .request_id = line->request_id,
      .session = line->session,
      .copied_from = line->copied_from,
      .model = line->model,
      .tier = line->tier,
      .speed = line->speed,
      .effort = line->effort,
      .at_ms = at_ms,
      .reported_nanousd = -1,
      .flags = flags,
      .usage = line->usage,
  };
  sink_add(sink, &usage);
}

void claude_take(struct import_sink *sink, struct decoder *decoder, const char *line, size_t len,
                 size_t usage, bool whole) {
  struct claude_line fields;
  if (usage == SCAN_NONE && claude_is_idle(line, len))
    return;
  if (usage != SCAN_NONE && claude_line_read(line, len, &fields)) {
    take_usage(sink, &fields);
    return;
  }
  decoder_forget(decoder);
  /* The newline lies behind the line: so it need not be copied to be put together. */
  int status = decoder_feed(decoder, line, whole ? len + 1 : len);
  if (status == PURSER_OK && !whole)
    status = decoder_end(decoder);
  if (status != PURSER_OK)
    sink->piece->failed = true;
}

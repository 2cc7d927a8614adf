/* emit.c - see emit.h. */
#include "usage/emit.h"

#include <string.h>

#include "base/calendar.h"

purser_str str_of(const char *text) {
  return (purser_str){text, strlen(text)};
}

purser_str str_of_buf(const struct buf *b) {
  return (purser_str){buf_text(b), b->len};
}

bool str_is(purser_str s, const char *text) {
  return s.len == strlen(text) && memcmp(s.ptr, text, s.len) == 0;
}

bool str_equal(purser_str a, purser_str b) {
  return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

bool str_holds(const char *text, size_t len, size_t within, const char *bytes) {
  return memmem(text, len < within ? len : within, bytes, strlen(bytes)) != NULL;
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_letters(const char *a, const char *b, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (lower(a[i]) != lower(b[i]))
      return false;
  }
  return true;
}

bool str_has(purser_str s, const char *needle) {
  enum {
    SEARCHED = 4096
  };
  const size_t n = strlen(needle);
  const size_t len = s.len < SEARCHED ? s.len : SEARCHED;
  for (size_t i = 0; n <= len && i <= len - n; i++) {
    if (same_letters(s.ptr + i, needle, n))
      return true;
  }
  return false;
}

purser_event event_new(enum purser_event_kind kind) {
  const purser_str none = STR("");
  purser_event event = {
      .kind = (int32_t)kind,
      .cost_nanousd = -1,
      .id = none,
      .name = none,
      .text = none,
      .session = none,
      .model = none,
      .request_id = none,
      .parent = none,
      .service_tier = none,
      .speed = none,
      .effort = none,
      .cwd = none,
      .branch = none,
  };
  if (kind == PURSER_EVENT_RETRY || kind == PURSER_EVENT_ERROR)
    event.number2 = -1;
  return event;
}

void emit_release(struct decoder *decoder, size_t from) {
  for (size_t i = from; i < decoder->slot; i++) {
    if (decoder->slots[i].failed)
      decoder->status = PURSER_ENOMEM;
    buf_clear(&decoder->slots[i]);
  }
  decoder->slot = from;
}

void emit_pin(struct decoder *decoder) {
  decoder->pinned = decoder->slot;
}

void emit(struct decoder *decoder, const purser_event *event) {
  purser_event sent = *event;
  if (decoder->dialect->framing == FRAMING_RECORD && sent.kind == PURSER_EVENT_USAGE)
    sent.flags |= PURSER_FLAG_IMPORTED;
  if (sent.kind == PURSER_EVENT_RESULT)
    decoder->saw_result = true;
  decoder->sink(decoder->data, &sent);
  emit_release(decoder, decoder->pinned);
}

void emit_text(struct decoder *decoder, enum purser_event_kind kind, purser_str text) {
  if (text.len == 0)
    return;
  purser_event event = event_new(kind);
  event.text = text;
  emit(decoder, &event);
}

void emit_result(struct decoder *decoder, const char *name, bool failed) {
  purser_event event = event_new(PURSER_EVENT_RESULT);
  event.name = str_of(name);
  event.flags = failed ? PURSER_FLAG_FAILED : 0;
  emit(decoder, &event);
}

/* Each string has a buffer of its own, so that a later one can't move an earlier one. NULL: there are none left, which is
 * out of reach for a dialect that emits what it reads. */
static struct buf *next_slot(struct decoder *decoder) {
  return decoder->slot < DECODER_SLOTS ? &decoder->slots[decoder->slot++] : NULL;
}

purser_str emit_str(struct decoder *decoder, json_id id) {
  const struct json_doc *doc = &decoder->doc;
  if (json_kind(doc, id) != JSON_STRING)
    return STR("");
  if (!doc->tokens[id].escaped)
    return json_raw(doc, id);
  struct buf *slot = next_slot(decoder);
  return slot != NULL ? json_str(doc, id, slot) : STR("");
}

purser_str emit_str_at(struct decoder *decoder, json_id id, const char *path) {
  return emit_str(decoder, json_path(&decoder->doc, id, path));
}

purser_str emit_content(struct decoder *decoder, json_id id) {
  const struct json_doc *doc = &decoder->doc;
  const enum json_kind kind = json_kind(doc, id);
  if (kind == JSON_STRING)
    return emit_str(decoder, id);
  if (kind == JSON_MISSING || kind == JSON_NULL)
    return STR("");
  if (kind != JSON_ARRAY)
    return json_raw(doc, id);
  struct buf *joined = next_slot(decoder);
  if (joined == NULL)
    return STR("");
  for (json_id part = json_first(doc, id); part != JSON_NONE; part = json_next(doc, id, part)) {
    const json_id text = json_get(doc, part, "text");
    if (json_kind(doc, text) != JSON_STRING)
      continue;
    if (joined->len > 0)
      buf_addc(joined, '\n');
    json_add_text(doc, text, joined);
  }
  return str_of_buf(joined);
}

int64_t emit_instant(struct decoder *decoder, json_id id) {
  const struct json_doc *doc = &decoder->doc;
  int64_t ms = 0;
  if (json_kind(doc, id) == JSON_NUMBER)
    return json_i64_or(doc, id, 0);
  if (json_kind(doc, id) != JSON_STRING)
    return 0;
  const purser_str raw = json_raw(doc, id);
  return calendar_parse_instant(raw.ptr, raw.len, &ms) == PURSER_OK ? ms : 0;
}

void emit_keep(struct decoder *decoder, struct buf *kept, purser_str text) {
  buf_clear(kept);
  buf_add(kept, text.ptr, text.len);
  if (kept->failed) {
    buf_clear(kept);
    decoder->status = PURSER_ENOMEM;
  }
}

int64_t emit_dollars(const struct json_doc *doc, json_id id) {
  int64_t nanousd;
  if (json_decimal(doc, id, 9, &nanousd) != PURSER_OK || nanousd < 0)
    return -1;
  return nanousd;
}

/* gemini_chat.c - Gemini CLI's own record of a session. A message is written again with its tool calls: the last one wins. */
#include <string.h>

#include "usage/emit.h"
#include "usage/gemini_usage.h"
#include "usage/seen.h"
#include "usage/tokens.h"

struct chat_file {
  struct seen seen;
  struct buf session;
};

static void on_header(struct decoder *decoder) {
  struct chat_file *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  purser_event event = event_new(PURSER_EVENT_SESSION);
  event.session = emit_str_at(decoder, decoder->root, "sessionId");
  event.at_ms = emit_instant(decoder, json_get(doc, decoder->root, "startTime"));
  emit_keep(decoder, &state->session, event.session);
  emit(decoder, &event);
}

static void on_answer(struct decoder *decoder, json_id message) {
  struct chat_file *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id tokens = json_get(doc, message, "tokens");
  bool clamped = false;
  if (json_kind(doc, tokens) != JSON_OBJECT)
    return;
  purser_event event = event_new(PURSER_EVENT_USAGE);
  event.usage = gemini_usage_chat(doc, tokens, &clamped);
  event.id = emit_str_at(decoder, message, "id");
  event.model = emit_str_at(decoder, message, "model");
  event.session = str_of_buf(&state->session);
  event.at_ms = emit_instant(decoder, json_get(doc, message, "timestamp"));
  if (clamped)
    event.flags |= PURSER_FLAG_CLAMPED;
  struct seen_entry *entry = seen_find(&state->seen, event.id);
  const int64_t total = tokens_total(&event.usage);
  /* Lower figures win as well here: the client has put itself right. */
  if (entry != NULL && entry->total == total)
    return;
  if (entry != NULL)
    entry->total = total;
  emit(decoder, &event);
}

static void on_prompt(struct decoder *decoder, json_id message) {
  static const char context[] = "<session_context>";
  struct chat_file *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  purser_event event = event_new(PURSER_EVENT_PROMPT);
  event.text = emit_content(decoder, json_get(doc, message, "content"));
  event.id = emit_str_at(decoder, message, "id");
  event.session = str_of_buf(&state->session);
  event.at_ms = emit_instant(decoder, json_get(doc, message, "timestamp"));
  struct seen_entry *entry = seen_find(&state->seen, event.id);
  const bool again = entry != NULL && entry->final;
  if (entry != NULL)
    entry->final = true;
  /* The client's own first message, and tool results without words. */
  const bool own = event.text.len >= sizeof context - 1 &&
                   memcmp(event.text.ptr, context, sizeof context - 1) == 0;
  if (event.text.len > 0 && !own && !again)
    emit(decoder, &event);
}

static void on_message(struct decoder *decoder, json_id message) {
  const struct json_doc *doc = &decoder->doc;
  const json_id type = json_get(doc, message, "type");
  if (json_equals(doc, type, "gemini")) {
    on_answer(decoder, message);
  } else if (json_equals(doc, type, "user")) {
    on_prompt(decoder, message);
  }
}

static void value(struct decoder *decoder) {
  const struct json_doc *doc = &decoder->doc;
  const json_id root = decoder->root;
  if (json_kind(doc, json_get(doc, root, "sessionId")) == JSON_STRING) {
    on_header(decoder);
    return;
  }
  if (json_kind(doc, json_get(doc, root, "id")) == JSON_STRING) {
    on_message(decoder, root);
    return;
  }
  /* The history set anew, as after a compression. */
  const json_id list = json_get(doc, json_get(doc, root, "$set"), "messages");
  for (json_id message = json_first(doc, list); message != JSON_NONE;
       message = json_next(doc, list, message)) {
    on_message(decoder, message);
    emit_release(decoder, decoder->pinned);
  }
}

static void fini(void *opaque) {
  struct chat_file *state = opaque;
  buf_fini(&state->session);
}

const struct dialect dialect_gemini_chat = {
    .name = "gemini_chat",
    .framing = FRAMING_RECORD,
    .state_size = sizeof(struct chat_file),
    .value = value,
    .fini = fini,
};

/* claude_stream.c - Claude Code's stream_event lines: the API's own events, wrapped. They alone have final figures. */
#include "usage/anthropic_usage.h"
#include "usage/claude.h"

void claude_usage(struct decoder *decoder, struct seen_entry *entry, purser_event *event,
                  json_id usage) {
  const struct json_doc *doc = &decoder->doc;
  bool clamped = false;
  if (json_kind(doc, usage) != JSON_OBJECT)
    return;
  anthropic_usage_read(doc, usage, &event->usage, &clamped);
  if (clamped)
    event->flags |= PURSER_FLAG_CLAMPED;
  const purser_str tier = emit_str_at(decoder, usage, "service_tier");
  const purser_str speed = emit_str_at(decoder, usage, "speed");
  if (tier.len > 0)
    event->service_tier = tier;
  if (speed.len > 0)
    event->speed = speed;
  event->request_id = seen_request(entry);
  anthropic_usage_emit(decoder, entry, event, usage);
}

static void on_delta(struct decoder *decoder, json_id delta, purser_str parent) {
  const struct json_doc *doc = &decoder->doc;
  const json_id type = json_get(doc, delta, "type");
  const bool thinking = json_equals(doc, type, "thinking_delta");
  if (!thinking && !json_equals(doc, type, "text_delta"))
    return; /* a tool's input is left to the assistant line, which has it whole */
  purser_event event =
      claude_event(decoder, thinking ? PURSER_EVENT_THINKING : PURSER_EVENT_TEXT, parent, 0);
  event.text = emit_str_at(decoder, delta, thinking ? "thinking" : "text");
  if (event.text.len > 0)
    emit(decoder, &event);
}

static void on_start(struct decoder *decoder, json_id message, purser_str parent) {
  struct claude *state = decoder->state;
  const json_id usage = json_get(&decoder->doc, message, "usage");
  purser_event event = claude_event(decoder, PURSER_EVENT_USAGE, parent, 0);
  event.flags |= PURSER_FLAG_PARTIAL;
  event.id = emit_str_at(decoder, message, "id");
  event.model = emit_str_at(decoder, message, "model");
  struct seen_entry *entry = seen_find(&state->seen, event.id);
  if (entry != NULL)
    entry->streamed = true;

  state->latest = (state->latest + 1) % CLAUDE_OPEN;
  struct claude_open *open = &state->open[state->latest];
  bool clamped = false;
  open->usage = (purser_usage){0};
  anthropic_usage_read(&decoder->doc, usage, &open->usage, &clamped);
  emit_keep(decoder, &open->id, event.id);
  emit_keep(decoder, &open->model, event.model);
  emit_keep(decoder, &open->tier, emit_str_at(decoder, usage, "service_tier"));
  emit_keep(decoder, &open->speed, emit_str_at(decoder, usage, "speed"));
  claude_usage(decoder, entry, &event, usage);
}

/* Newer clients name the response on each line; with older ones it is the one that began last. */
static struct claude_open *find_open(struct claude *state, purser_str id) {
  if (id.len == 0)
    return &state->open[state->latest];
  for (size_t i = 0; i < CLAUDE_OPEN; i++) {
    if (str_equal(str_of_buf(&state->open[i].id), id))
      return &state->open[i];
  }
  return NULL;
}

static void on_message_delta(struct decoder *decoder, json_id inner, purser_str parent) {
  struct claude *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  struct claude_open *open =
      find_open(state, emit_str_at(decoder, decoder->root, "api_message_id"));
  if (open == NULL || open->id.len == 0)
    return;
  purser_event event = claude_event(decoder, PURSER_EVENT_USAGE, parent, 0);
  if (json_kind(doc, json_path(doc, inner, "delta.stop_reason")) != JSON_STRING)
    event.flags |= PURSER_FLAG_PARTIAL;
  event.id = str_of_buf(&open->id);
  event.model = str_of_buf(&open->model);
  event.service_tier = str_of_buf(&open->tier);
  event.speed = str_of_buf(&open->speed);
  event.usage = open->usage;
  claude_usage(decoder, seen_find(&state->seen, event.id), &event, json_get(doc, inner, "usage"));
}

void claude_stream_event(struct decoder *decoder) {
  const struct json_doc *doc = &decoder->doc;
  const json_id inner = json_get(doc, decoder->root, "event");
  const json_id type = json_get(doc, inner, "type");
  const purser_str parent = emit_str_at(decoder, decoder->root, "parent_tool_use_id");
  if (json_equals(doc, type, "content_block_delta")) {
    on_delta(decoder, json_get(doc, inner, "delta"), parent);
  } else if (json_equals(doc, type, "message_start")) {
    on_start(decoder, json_get(doc, inner, "message"), parent);
  } else if (json_equals(doc, type, "message_delta")) {
    on_message_delta(decoder, inner, parent);
  }
}

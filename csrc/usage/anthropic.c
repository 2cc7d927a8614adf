/* anthropic.c - the Messages API: its event stream, or one body. */
#include "usage/answer.h"
#include "usage/anthropic_usage.h"
#include "usage/tokens.h"

struct anthropic {
  struct answer answer;
  struct seen_entry reported; /* so that each figure improves on the one before */
  bool begun;
};

static const struct answer_reason reasons[] = {
    {"end_turn", "completed", false},
    {"stop_sequence", "completed", false},
    {"tool_use", "tool_use", false},
    {"max_tokens", "max_tokens", false},
    {"pause_turn", "paused", false},
    {"refusal", "refusal", true},
    {"model_context_window_exceeded", "prompt_too_long", true},
    {NULL, "completed", false},
};

static void begin(struct anthropic *state) {
  if (state->begun)
    return;
  state->begun = true;
  state->answer.cost_nanousd = -1;
  state->reported.total = -1;
}

/* Reads a usage object over what is known, and emits it if that made it better. */
static void on_usage(struct decoder *decoder, json_id id, bool final) {
  struct anthropic *state = decoder->state;
  struct answer *answer = &state->answer;
  const struct json_doc *doc = &decoder->doc;
  if (json_kind(doc, id) != JSON_OBJECT)
    return;
  anthropic_usage_read(doc, id, &answer->usage, &answer->clamped);
  answer_keep_tier(decoder, answer, json_get(doc, id, "service_tier"));
  answer_keep(decoder, &answer->speed, json_get(doc, id, "speed"));
  answer->has_usage = true;
  answer->reported = tokens_total(&answer->usage);
  answer->final = answer->final || final;
  purser_event event = answer_event(decoder, answer, !final);
  anthropic_usage_emit(decoder, &state->reported, &event, id);
}

static void on_message_start(struct decoder *decoder) {
  struct anthropic *state = decoder->state;
  const json_id message = json_get(&decoder->doc, decoder->root, "message");
  answer_keep(decoder, &state->answer.id, json_get(&decoder->doc, message, "id"));
  answer_keep(decoder, &state->answer.model, json_get(&decoder->doc, message, "model"));
  on_usage(decoder, json_get(&decoder->doc, message, "usage"), false);
}

static bool is_tool(const struct json_doc *doc, json_id type) {
  return json_equals(doc, type, "tool_use") || json_equals(doc, type, "server_tool_use") ||
         json_equals(doc, type, "mcp_tool_use");
}

static void on_block_start(struct decoder *decoder) {
  struct anthropic *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id block = json_get(doc, decoder->root, "content_block");
  const json_id type = json_get(doc, block, "type");
  const int64_t index = json_i64_or(doc, json_get(doc, decoder->root, "index"), 0);
  if (json_equals(doc, type, "text"))
    emit_text(decoder, PURSER_EVENT_TEXT, emit_str_at(decoder, block, "text"));
  if (json_equals(doc, type, "thinking"))
    emit_text(decoder, PURSER_EVENT_THINKING, emit_str_at(decoder, block, "thinking"));
  if (!is_tool(doc, type))
    return;
  struct call *call = calls_at(decoder, &state->answer.calls, index);
  if (call == NULL)
    return;
  emit_keep(decoder, &call->id, emit_str_at(decoder, block, "id"));
  emit_keep(decoder, &call->name, emit_str_at(decoder, block, "name"));
}

static void on_block_delta(struct decoder *decoder) {
  struct anthropic *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id delta = json_get(doc, decoder->root, "delta");
  const json_id type = json_get(doc, delta, "type");
  const int64_t index = json_i64_or(doc, json_get(doc, decoder->root, "index"), 0);
  if (json_equals(doc, type, "text_delta")) {
    emit_text(decoder, PURSER_EVENT_TEXT, emit_str_at(decoder, delta, "text"));
  } else if (json_equals(doc, type, "thinking_delta")) {
    emit_text(decoder, PURSER_EVENT_THINKING, emit_str_at(decoder, delta, "thinking"));
  } else if (json_equals(doc, type, "input_json_delta")) {
    calls_add_input(decoder, calls_find(&state->answer.calls, index),
                    json_get(doc, delta, "partial_json"));
  }
}

static void on_block_stop(struct decoder *decoder) {
  struct anthropic *state = decoder->state;
  const int64_t index =
      json_i64_or(&decoder->doc, json_get(&decoder->doc, decoder->root, "index"), 0);
  calls_emit(decoder, &state->answer.calls, index);
}

static void on_message_delta(struct decoder *decoder) {
  struct anthropic *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id reason = json_path(doc, decoder->root, "delta.stop_reason");
  answer_stop(&state->answer, doc, reason, reasons);
  on_usage(decoder, json_get(doc, decoder->root, "usage"), json_kind(doc, reason) == JSON_STRING);
}

static void on_message_stop(struct decoder *decoder) {
  struct anthropic *state = decoder->state;
  answer_finish(decoder, &state->answer);
}

static void on_error(struct decoder *decoder) {
  struct anthropic *state = decoder->state;
  struct failure failure = failure_none();
  failure.retry_ms = decoder->http.head.retry_after_ms;
  (void)failure_read(decoder, decoder->root, &failure);
  answer_fail(decoder, &state->answer, &failure);
}

static void on_block(struct decoder *decoder, json_id block) {
  const struct json_doc *doc = &decoder->doc;
  const json_id type = json_get(doc, block, "type");
  if (json_equals(doc, type, "text"))
    emit_text(decoder, PURSER_EVENT_TEXT, emit_str_at(decoder, block, "text"));
  if (json_equals(doc, type, "thinking"))
    emit_text(decoder, PURSER_EVENT_THINKING, emit_str_at(decoder, block, "thinking"));
  if (!is_tool(doc, type))
    return;
  purser_event event = event_new(PURSER_EVENT_TOOL_CALL);
  event.id = emit_str_at(decoder, block, "id");
  event.name = emit_str_at(decoder, block, "name");
  event.text = emit_content(decoder, json_get(doc, block, "input"));
  emit(decoder, &event);
}

/* The whole message at once. */
static void on_message(struct decoder *decoder) {
  struct anthropic *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id content = json_get(doc, decoder->root, "content");
  answer_keep(decoder, &state->answer.id, json_get(doc, decoder->root, "id"));
  answer_keep(decoder, &state->answer.model, json_get(doc, decoder->root, "model"));
  answer_stop(&state->answer, doc, json_get(doc, decoder->root, "stop_reason"), reasons);
  for (json_id block = json_first(doc, content); block != JSON_NONE;
       block = json_next(doc, content, block))
    on_block(decoder, block);
  on_usage(decoder, json_get(doc, decoder->root, "usage"), true);
  answer_finish(decoder, &state->answer);
}

static const struct dialect_row types[] = {
    {"content_block_delta", on_block_delta},
    {"message_start", on_message_start},
    {"content_block_start", on_block_start},
    {"content_block_stop", on_block_stop},
    {"message_delta", on_message_delta},
    {"message_stop", on_message_stop},
    {"error", on_error},
    {"message", on_message},
    {NULL, NULL},
};

static void value(struct decoder *decoder) {
  begin(decoder->state);
  if (dialect_take(decoder, json_get(&decoder->doc, decoder->root, "type"), types))
    return;
  if (json_kind(&decoder->doc, json_get(&decoder->doc, decoder->root, "error")) > JSON_NULL)
    on_error(decoder); /* a gateway's, in its own shape */
}

static void fini(void *state) {
  answer_fini(&((struct anthropic *)state)->answer);
}

const struct dialect dialect_anthropic = {
    .name = "anthropic",
    .framing = FRAMING_HTTP,
    .state_size = sizeof(struct anthropic),
    .value = value,
    .fini = fini,
};

/* claude.c - what `claude -p --output-format stream-json` prints, with or without --include-partial-messages.
 *
 * Without it the usage of an `assistant` line is what was known when the response began; with it the final figures come in
 * stream_event lines, which in turn lack the provider's request id. Subagents and compaction appear in the totals alone. */
#include "usage/claude.h"

static void emit_tool_result(struct decoder *decoder, json_id block, purser_event *event) {
  const struct json_doc *doc = &decoder->doc;
  event->id = emit_str_at(decoder, block, "tool_use_id");
  event->text = emit_content(decoder, json_get(doc, block, "content"));
  if (json_is_true(doc, json_get(doc, block, "is_error")))
    event->flags |= PURSER_FLAG_FAILED;
  emit(decoder, event);
}

purser_event claude_event(struct decoder *decoder, enum purser_event_kind kind, purser_str parent,
                          int64_t at_ms) {
  purser_event event = event_new(kind);
  event.session = str_of_buf(&((struct claude *)decoder->state)->session);
  event.parent = parent;
  event.at_ms = at_ms;
  if (parent.len > 0)
    event.flags |= PURSER_FLAG_SIDECHAIN;
  return event;
}

static void on_block(struct decoder *decoder, json_id block, bool streamed, purser_str parent,
                     int64_t at_ms) {
  const struct json_doc *doc = &decoder->doc;
  const json_id type = json_get(doc, block, "type");
  if (json_equals(doc, type, "text") || json_equals(doc, type, "thinking")) {
    const bool thinking = json_equals(doc, type, "thinking");
    purser_event event =
        claude_event(decoder, thinking ? PURSER_EVENT_THINKING : PURSER_EVENT_TEXT, parent, at_ms);
    event.text = emit_str_at(decoder, block, thinking ? "thinking" : "text");
    if (!streamed && event.text.len > 0)
      emit(decoder, &event);
  } else if (json_equals(doc, type, "tool_use") || json_equals(doc, type, "server_tool_use") ||
             json_equals(doc, type, "mcp_tool_use")) {
    purser_event event = claude_event(decoder, PURSER_EVENT_TOOL_CALL, parent, at_ms);
    event.id = emit_str_at(decoder, block, "id");
    event.name = emit_str_at(decoder, block, "name");
    event.text = emit_content(decoder, json_get(doc, block, "input"));
    emit(decoder, &event);
  } else if (json_equals(doc, type, "tool_result")) {
    purser_event event = claude_event(decoder, PURSER_EVENT_TOOL_RESULT, parent, at_ms);
    emit_tool_result(decoder, block, &event);
  }
}

static void on_assistant(struct decoder *decoder) {
  struct claude *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id root = decoder->root;
  const json_id message = json_get(doc, root, "message");
  const json_id content = json_get(doc, message, "content");
  const purser_str parent = emit_str_at(decoder, root, "parent_tool_use_id");
  const int64_t at_ms = emit_instant(decoder, json_get(doc, root, "timestamp"));
  purser_event event = claude_event(decoder, PURSER_EVENT_USAGE, parent, at_ms);
  event.id = emit_str_at(decoder, message, "id");
  event.model = emit_str_at(decoder, message, "model");
  /* The client's own words: no request was made. An API error among them comes again in the result. */
  const bool synthetic = str_is(event.model, "<synthetic>");
  if (synthetic && (json_is_true(doc, json_get(doc, root, "is_api_error_message")) ||
                    json_kind(doc, json_get(doc, root, "error")) == JSON_STRING))
    return;
  struct seen_entry *entry = synthetic ? NULL : seen_find(&state->seen, event.id);
  emit_pin(decoder);
  if (!synthetic) {
    seen_set_request(entry, emit_str_at(decoder, root, "request_id"));
    if (json_kind(doc, json_get(doc, message, "stop_reason")) != JSON_STRING)
      event.flags |= PURSER_FLAG_PARTIAL;
    claude_usage(decoder, entry, &event, json_get(doc, message, "usage"));
  }
  const bool streamed = entry != NULL && entry->streamed;
  for (json_id block = json_first(doc, content); block != JSON_NONE;
       block = json_next(doc, content, block))
    on_block(decoder, block, streamed, parent, at_ms);
}

/* Tool results, as the client hands them to the model. Texts among them are prompts: our own, or the client's. */
static void on_user(struct decoder *decoder) {
  const struct json_doc *doc = &decoder->doc;
  const json_id root = decoder->root;
  const json_id content = json_path(doc, root, "message.content");
  const purser_str parent = emit_str_at(decoder, root, "parent_tool_use_id");
  const int64_t at_ms = emit_instant(decoder, json_get(doc, root, "timestamp"));
  emit_pin(decoder);
  if (json_kind(doc, content) != JSON_ARRAY)
    return;
  for (json_id block = json_first(doc, content); block != JSON_NONE;
       block = json_next(doc, content, block)) {
    if (json_equals(doc, json_get(doc, block, "type"), "tool_result"))
      on_block(decoder, block, false, parent, at_ms);
  }
}

static void on_init(struct decoder *decoder) {
  const json_id root = decoder->root;
  purser_event event = event_new(PURSER_EVENT_SESSION);
  event.session = emit_str_at(decoder, root, "session_id");
  event.model = emit_str_at(decoder, root, "model");
  event.cwd = emit_str_at(decoder, root, "cwd");
  event.name = emit_str_at(decoder, root, "claude_code_version");
  emit(decoder, &event);
}

static void on_fallback(struct decoder *decoder) {
  const json_id root = decoder->root;
  purser_event event = event_new(PURSER_EVENT_SESSION);
  event.session = emit_str_at(decoder, root, "session_id");
  event.model = emit_str_at(decoder, root, "fallback_model");
  event.text = emit_str_at(decoder, root, "content");
  emit(decoder, &event);
}

static void on_retry(struct decoder *decoder) {
  const struct json_doc *doc = &decoder->doc;
  purser_event event = event_new(PURSER_EVENT_RETRY);
  event.number = json_i64_or(doc, json_get(doc, decoder->root, "error_status"), 0);
  event.number2 = json_i64_or(doc, json_get(doc, decoder->root, "retry_delay_ms"), -1);
  event.text = emit_str_at(decoder, decoder->root, "error");
  emit(decoder, &event);
}

static void on_compaction(struct decoder *decoder) {
  const struct json_doc *doc = &decoder->doc;
  const json_id data = json_get(doc, decoder->root, "compact_metadata");
  purser_event event = event_new(PURSER_EVENT_COMPACTION);
  event.session = emit_str_at(decoder, decoder->root, "session_id");
  event.name = emit_str_at(decoder, data, "trigger");
  event.number = json_i64_or(doc, json_get(doc, data, "pre_tokens"), 0);
  event.number2 = json_i64_or(doc, json_get(doc, data, "post_tokens"), 0);
  emit(decoder, &event);
}

/* What the result will not say: that compaction failed, and whether a hook is why. */
static void on_status(struct decoder *decoder) {
  struct claude *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  if (!json_equals(doc, json_get(doc, decoder->root, "compact_result"), "failed"))
    return;
  const purser_str why = emit_str_at(decoder, decoder->root, "compact_error");
  state->hook_blocked = str_has(why, "by PreCompact hook");
  emit_keep(decoder, &state->compact_error, why.len > 0 ? why : STR("compaction failed"));
}

static void on_informational(struct decoder *decoder) {
  struct claude *state = decoder->state;
  const json_id outcome = json_get(&decoder->doc, decoder->root, "prompt_submit_outcome");
  if (json_kind(&decoder->doc, outcome) != JSON_OBJECT)
    return;
  const purser_str reason = emit_str_at(decoder, outcome, "reason");
  emit_keep(decoder, &state->blocked, reason.len > 0 ? reason : STR("blocked by hook"));
}

static void on_system(struct decoder *decoder) {
  static const struct dialect_row subtypes[] = {
      {"init", on_init},
      {"api_retry", on_retry},
      {"status", on_status},
      {"compact_boundary", on_compaction},
      {"model_fallback", on_fallback},
      {"informational", on_informational},
      {NULL, NULL},
  };
  (void)dialect_take(decoder, json_get(&decoder->doc, decoder->root, "subtype"), subtypes);
}

static void emit_window(struct decoder *decoder, json_id window, purser_str name, bool rejected) {
  const struct json_doc *doc = &decoder->doc;
  int64_t used = 0;
  purser_event event = event_new(PURSER_EVENT_RATE_LIMIT);
  event.name = name;
  event.number = json_decimal(doc, json_get(doc, window, "utilization"), 4, &used) == 0 ? used : 0;
  event.number2 = json_i64_or(doc, json_get(doc, window, "resetsAt"), 0);
  if (event.number2 > 0 && event.number2 < INT64_MAX / 1000)
    event.number2 *= 1000;
  if (rejected)
    event.flags |= PURSER_FLAG_FAILED;
  emit(decoder, &event);
}

static void on_rate_limit(struct decoder *decoder) {
  const struct json_doc *doc = &decoder->doc;
  const json_id info = json_get(doc, decoder->root, "rate_limit_info");
  const json_id windows = json_get(doc, info, "unifiedWindows");
  const json_id type = json_get(doc, info, "rateLimitType");
  const bool rejected = json_equals(doc, json_get(doc, info, "status"), "rejected");
  bool named = false;
  for (json_id w = json_first(doc, windows); w != JSON_NONE; w = json_next(doc, windows, w)) {
    const purser_str name = json_key(doc, w);
    const purser_str limit = json_raw(doc, type);
    const bool same = str_equal(name, limit);
    named = named || same;
    emit_window(decoder, w, name, rejected && same);
  }
  if (!named && json_kind(doc, type) == JSON_STRING)
    emit_window(decoder, info, emit_str(decoder, type), rejected);
}

static void value(struct decoder *decoder) {
  static const struct dialect_row types[] = {
      {"stream_event", claude_stream_event},
      {"assistant", on_assistant},
      {"user", on_user},
      {"system", on_system},
      {"rate_limit_event", on_rate_limit},
      {"result", claude_result},
      {NULL, NULL},
  };
  struct claude *state = decoder->state;
  if (state->session.len == 0)
    emit_keep(decoder, &state->session, emit_str_at(decoder, decoder->root, "session_id"));
  (void)dialect_take(decoder, json_get(&decoder->doc, decoder->root, "type"), types);
}

static void fini(void *opaque) {
  struct claude *state = opaque;
  for (size_t i = 0; i < CLAUDE_OPEN; i++) {
    buf_fini(&state->open[i].id);
    buf_fini(&state->open[i].model);
    buf_fini(&state->open[i].tier);
    buf_fini(&state->open[i].speed);
  }
  buf_fini(&state->session);
  buf_fini(&state->blocked);
  buf_fini(&state->compact_error);
}

const struct dialect dialect_claude = {
    .name = "claude",
    .framing = FRAMING_STREAM,
    .state_size = sizeof(struct claude),
    .value = value,
    .fini = fini,
};

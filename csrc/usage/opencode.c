/* opencode.c - what `opencode run --format json` prints: usage and cost for each request, but no model and no end. */
#include <string.h>

#include "usage/failure.h"
#include "usage/seen.h"
#include "usage/tokens.h"

enum outcome {
  OUTCOME_NONE = 0, /* a request is under way, or nothing has come yet */
  OUTCOME_TOOLS,    /* one ended with tool calls: another one follows */
  OUTCOME_DONE,
  OUTCOME_LENGTH,
  OUTCOME_REFUSED,
  OUTCOME_ERROR
};

struct opencode {
  struct seen seen; /* messages that have finished a step */
  struct buf session;
  struct buf key; /* of a message's further steps */
  enum outcome outcome;
  const char *error_kind;
  bool said_something;
};

static purser_event event_of_line(struct decoder *decoder, enum purser_event_kind kind) {
  const struct opencode *state = decoder->state;
  purser_event event = event_new(kind);
  event.session = str_of_buf(&state->session);
  event.at_ms = emit_instant(decoder, json_get(&decoder->doc, decoder->root, "timestamp"));
  return event;
}

static void on_step_start(struct decoder *decoder, json_id part) {
  (void)part;
  ((struct opencode *)decoder->state)->outcome = OUTCOME_NONE;
}

static void on_text(struct decoder *decoder, json_id part) {
  struct opencode *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  if (json_is_true(doc, json_get(doc, part, "synthetic")))
    return; /* the client to the model, after a compaction */
  purser_event event = event_of_line(decoder, PURSER_EVENT_TEXT);
  event.text = emit_str_at(decoder, part, "text");
  if (event.text.len == 0)
    return;
  if (state->said_something) {
    purser_event gap = event;
    gap.text = STR("\n\n");
    emit_pin(decoder);
    emit(decoder, &gap);
  }
  state->said_something = true;
  emit(decoder, &event);
}

static void on_reasoning(struct decoder *decoder, json_id part) {
  purser_event event = event_of_line(decoder, PURSER_EVENT_THINKING);
  event.text = emit_str_at(decoder, part, "text");
  if (event.text.len > 0)
    emit(decoder, &event);
}

/* A tool is printed when it has ended: call and result in one. */
static void on_tool(struct decoder *decoder, json_id part) {
  const struct json_doc *doc = &decoder->doc;
  const json_id tool = json_get(doc, part, "state");
  purser_event call = event_of_line(decoder, PURSER_EVENT_TOOL_CALL);
  call.id = emit_str_at(decoder, part, "callID");
  call.name = emit_str_at(decoder, part, "tool");
  emit_pin(decoder);
  call.text = emit_content(decoder, json_get(doc, tool, "input"));
  purser_event result = event_of_line(decoder, PURSER_EVENT_TOOL_RESULT);
  result.id = call.id;
  result.name = call.name;
  emit(decoder, &call);
  result.text = emit_content(decoder, json_get(doc, tool, "output"));
  if (json_equals(doc, json_get(doc, tool, "status"), "error")) {
    result.flags |= PURSER_FLAG_FAILED;
    if (result.text.len == 0)
      result.text = emit_content(decoder, json_get(doc, tool, "error"));
  }
  emit(decoder, &result);
}

static enum outcome outcome_of(const struct json_doc *doc, json_id reason) {
  static const struct {
    const char *reason;
    enum outcome outcome;
  } table[] = {{"tool-calls", OUTCOME_TOOLS},
               {"length", OUTCOME_LENGTH},
               {"content-filter", OUTCOME_REFUSED},
               {"error", OUTCOME_ERROR}};
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (json_equals(doc, reason, table[i].reason))
      return table[i].outcome;
  }
  return OUTCOME_DONE;
}

/* A message that takes another step is another request under the same id. */
static purser_str key_of(struct decoder *decoder, purser_event *event) {
  struct opencode *state = decoder->state;
  struct seen_entry *entry = seen_find(&state->seen, event->id);
  if (entry == NULL)
    return event->id;
  entry->total++; /* -1: none yet */
  event->index = (int32_t)(entry->total < INT32_MAX ? entry->total : INT32_MAX);
  if (event->index == 0)
    return event->id;
  buf_clear(&state->key);
  buf_add(&state->key, event->id.ptr, event->id.len);
  buf_addf(&state->key, "#%d", (int)event->index);
  if (state->key.failed)
    decoder->status = PURSER_ENOMEM;
  return str_of_buf(&state->key);
}

static void on_step_finish(struct decoder *decoder, json_id part) {
  struct opencode *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id tokens = json_get(doc, part, "tokens");
  bool clamped = false;
  purser_event event = event_of_line(decoder, PURSER_EVENT_USAGE);
  const int64_t reasoning = tokens_get(doc, tokens, "reasoning", &clamped);
  event.usage = (purser_usage){
      .input = tokens_get(doc, tokens, "input", &clamped),
      .cache_read = tokens_read(doc, json_path(doc, tokens, "cache.read"), &clamped),
      .cache_write_5m = tokens_read(doc, json_path(doc, tokens, "cache.write"), &clamped),
      .output = tokens_get(doc, tokens, "output", &clamped) + reasoning,
      .reasoning = reasoning,
  };
  if (clamped)
    event.flags |= PURSER_FLAG_CLAMPED;
  event.cost_nanousd = emit_dollars(doc, json_get(doc, part, "cost"));
  event.id = emit_str_at(decoder, part, "messageID");
  event.id = key_of(decoder, &event);
  state->outcome = outcome_of(doc, json_get(doc, part, "reason"));
  if (json_kind(doc, tokens) == JSON_OBJECT)
    emit(decoder, &event);
}

static void on_error(struct decoder *decoder) {
  struct opencode *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id error = json_get(doc, decoder->root, "error");
  const json_id data = json_get(doc, error, "data");
  struct failure failure = failure_none();
  failure.code = emit_str_at(decoder, error, "name");
  failure.message = emit_str_at(decoder, data, "message");
  failure.status = json_i64_or(doc, json_get(doc, data, "statusCode"), 0);
  int64_t wait = 0;
  const json_id headers = json_get(doc, data, "responseHeaders");
  if (json_decimal(doc, json_get(doc, headers, "retry-after"), 3, &wait) == PURSER_OK && wait >= 0)
    failure.retry_ms = wait;
  failure.at_ms = emit_instant(decoder, json_get(doc, decoder->root, "timestamp"));
  state->outcome = OUTCOME_ERROR;
  state->error_kind = failure_kind(&failure);
  failure_emit(decoder, &failure);
}

static void on_session(struct decoder *decoder) {
  struct opencode *state = decoder->state;
  const purser_str session = emit_str_at(decoder, decoder->root, "sessionID");
  if (session.len == 0 || str_equal(session, str_of_buf(&state->session)))
    return;
  emit_keep(decoder, &state->session, session);
  purser_event event = event_of_line(decoder, PURSER_EVENT_SESSION);
  emit(decoder, &event);
}

static const struct {
  const char *type;
  void (*take)(struct decoder *decoder, json_id part);
} types[] = {
    {"text", on_text},
    {"reasoning", on_reasoning},
    {"tool_use", on_tool},
    {"step_start", on_step_start},
    {"step_finish", on_step_finish},
};

static void value(struct decoder *decoder) {
  const struct json_doc *doc = &decoder->doc;
  const json_id type = json_get(doc, decoder->root, "type");
  on_session(decoder);
  if (json_equals(doc, type, "error")) {
    on_error(decoder);
    return;
  }
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    if (json_equals(doc, type, types[i].type)) {
      types[i].take(decoder, json_get(doc, decoder->root, "part"));
      return;
    }
  }
}

/* The client does not say that it has ended; the last thing it said tells how. */
static void end(struct decoder *decoder) {
  const struct opencode *state = decoder->state;
  switch (state->outcome) {
  case OUTCOME_NONE:
  case OUTCOME_TOOLS: break;
  case OUTCOME_DONE: emit_result(decoder, "completed", false); break;
  case OUTCOME_LENGTH: emit_result(decoder, "max_tokens", false); break;
  case OUTCOME_REFUSED: emit_result(decoder, "content_filter", true); break;
  case OUTCOME_ERROR: {
    const char *kind = state->error_kind;
    const bool own =
        kind != NULL && (strcmp(kind, "aborted") == 0 || strcmp(kind, "prompt_too_long") == 0);
    emit_result(decoder, own ? kind : "failed", true);
    break;
  }
  }
}

static void fini(void *opaque) {
  struct opencode *state = opaque;
  buf_fini(&state->session);
  buf_fini(&state->key);
}

const struct dialect dialect_opencode = {
    .name = "opencode",
    .framing = FRAMING_STREAM,
    .state_size = sizeof(struct opencode),
    .value = value,
    .end = end,
    .fini = fini,
};

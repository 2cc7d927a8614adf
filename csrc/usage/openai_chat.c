/* openai_chat.c - Chat Completions, of OpenAI and of the many that are compatible with it: chunks, or one body. */
#include "usage/answer.h"
#include "usage/openai_usage.h"
#include "usage/tokens.h"

struct chat {
  struct answer answer;
  bool begun;
  bool stopped; /* a finish_reason came; usage may still follow */
};

static const struct answer_reason reasons[] = {
    {"stop", "completed", false},
    {"tool_calls", "tool_use", false},
    {"function_call", "tool_use", false},
    {"length", "max_tokens", false},
    {"content_filter", "content_filter", true},
    {"error", "failed", true},
    {NULL, "completed", false},
};

static void begin(struct chat *state) {
  if (state->begun)
    return;
  state->begun = true;
  state->answer.cost_nanousd = -1;
}

static void on_call(struct decoder *decoder, json_id piece, int64_t position) {
  struct chat *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id function = json_get(doc, piece, "function");
  const int64_t index = json_i64_or(doc, json_get(doc, piece, "index"), position);
  struct call *call = calls_at(decoder, &state->answer.calls, index);
  if (call == NULL)
    return;
  /* Some repeat id and name in each piece, some send them empty after the first. */
  const purser_str id = emit_str_at(decoder, piece, "id");
  const purser_str name = emit_str_at(decoder, function, "name");
  if (id.len > 0)
    emit_keep(decoder, &call->id, id);
  if (name.len > 0)
    emit_keep(decoder, &call->name, name);
  const json_id arguments = json_get(doc, function, "arguments");
  if (json_kind(doc, arguments) == JSON_OBJECT) {
    const purser_str raw = json_raw(doc, arguments);
    buf_add(&call->input, raw.ptr, raw.len);
  } else {
    calls_add_input(decoder, call, arguments);
  }
}

/* A delta of a chunk, or the message of a whole body: the same fields. */
static void on_delta(struct decoder *decoder, json_id delta) {
  struct chat *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  purser_str thought = emit_str_at(decoder, delta, "reasoning_content");
  if (thought.len == 0)
    thought = emit_str_at(decoder, delta, "reasoning");
  emit_text(decoder, PURSER_EVENT_THINKING, thought);
  emit_text(decoder, PURSER_EVENT_TEXT, emit_content(decoder, json_get(doc, delta, "content")));
  const purser_str refusal = emit_str_at(decoder, delta, "refusal");
  if (refusal.len > 0) {
    state->answer.reason = "refusal";
    state->answer.failed = true;
    emit_text(decoder, PURSER_EVENT_TEXT, refusal);
  }
  const json_id list = json_get(doc, delta, "tool_calls");
  int64_t position = 0;
  for (json_id piece = json_first(doc, list); piece != JSON_NONE;
       piece = json_next(doc, list, piece)) {
    on_call(decoder, piece, position++);
    emit_release(decoder, decoder->pinned);
  }
}

static void on_choice(struct decoder *decoder, json_id choice) {
  struct chat *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  json_id delta = json_get(doc, choice, "delta");
  if (json_kind(doc, delta) != JSON_OBJECT)
    delta = json_get(doc, choice, "message");
  on_delta(decoder, delta);
  const json_id reason = json_get(doc, choice, "finish_reason");
  if (json_kind(doc, reason) != JSON_STRING)
    return;
  state->stopped = true;
  if (state->answer.reason == NULL)
    answer_stop(&state->answer, doc, reason, reasons);
}

static void on_usage(struct decoder *decoder, json_id usage) {
  struct chat *state = decoder->state;
  struct answer *answer = &state->answer;
  const struct json_doc *doc = &decoder->doc;
  if (json_kind(doc, usage) != JSON_OBJECT)
    return;
  answer->clamped = false;
  answer->usage = openai_usage_chat(doc, usage, &answer->clamped);
  answer->cost_nanousd = emit_dollars(doc, json_get(doc, usage, "cost"));
  answer->has_usage = true;
  /* Several cumulative frames per response: the last one wins (rule 8), and the first one is worth knowing at once. */
  if (!state->stopped)
    answer_usage(decoder, answer, false);
}

static void on_error(struct decoder *decoder) {
  struct chat *state = decoder->state;
  struct failure failure = failure_none();
  failure.retry_ms = decoder->http.head.retry_after_ms;
  (void)failure_read(decoder, decoder->root, &failure);
  answer_fail(decoder, &state->answer, &failure);
}

static void value(struct decoder *decoder) {
  struct chat *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  begin(state);
  const json_id error = json_get(doc, decoder->root, "error");
  if (json_kind(doc, error) == JSON_OBJECT || json_kind(doc, error) == JSON_STRING) {
    on_error(decoder);
    return;
  }
  answer_keep(decoder, &state->answer.id, json_get(doc, decoder->root, "id"));
  answer_keep(decoder, &state->answer.model, json_get(doc, decoder->root, "model"));
  answer_keep_tier(decoder, &state->answer, json_get(doc, decoder->root, "service_tier"));
  const json_id choices = json_get(doc, decoder->root, "choices");
  for (json_id choice = json_first(doc, choices); choice != JSON_NONE;
       choice = json_next(doc, choices, choice))
    on_choice(decoder, choice);
  on_usage(decoder, json_get(doc, decoder->root, "usage"));
  on_usage(decoder, json_path(doc, decoder->root, "x_groq.usage"));
}

/* Usage follows the finish_reason, so the end is where the stream ends; it is whole if either was announced. */
static void end(struct decoder *decoder) {
  struct chat *state = decoder->state;
  begin(state);
  if (state->stopped || (decoder->http.done && decoder->http.understood))
    answer_finish(decoder, &state->answer);
  else
    answer_cut(decoder, &state->answer);
}

static void fini(void *state) {
  answer_fini(&((struct chat *)state)->answer);
}

const struct dialect dialect_openai_chat = {
    .name = "openai_chat",
    .framing = FRAMING_HTTP,
    .state_size = sizeof(struct chat),
    .value = value,
    .end = end,
    .fini = fini,
};

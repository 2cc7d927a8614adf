/* openai_responses.c - the Responses API: its event stream, or one body. */
#include <string.h>

#include "usage/answer.h"
#include "usage/openai_usage.h"
#include "usage/tokens.h"

enum {
  /* Output items whose text is known to have come in pieces. */
  ITEMS_TRACKED = 256
};

struct responses {
  struct answer answer;
  int64_t web_searches;
  bool begun;
  bool refused;
  bool streamed[ITEMS_TRACKED];
};

static const struct answer_reason incomplete[] = {
    {"max_output_tokens", "max_tokens", false},
    {"content_filter", "content_filter", true},
    {NULL, "failed", true},
};

static void begin(struct responses *state) {
  if (state->begun)
    return;
  state->begun = true;
  state->answer.cost_nanousd = -1;
}

/* What every event that carries the response says about it. */
static void on_response(struct decoder *decoder, json_id response) {
  struct responses *state = decoder->state;
  struct answer *answer = &state->answer;
  const struct json_doc *doc = &decoder->doc;
  answer_keep(decoder, &answer->id, json_get(doc, response, "id"));
  answer_keep(decoder, &answer->model, json_get(doc, response, "model"));
  answer_keep_tier(decoder, answer, json_get(doc, response, "service_tier"));
  const json_id usage = json_get(doc, response, "usage");
  if (json_kind(doc, usage) != JSON_OBJECT)
    return;
  answer->clamped = false;
  answer->usage = openai_usage_responses(doc, usage, &answer->clamped);
  answer->usage.web_searches = state->web_searches;
  answer->has_usage = true;
}

static int64_t output_index(const struct decoder *decoder) {
  return json_i64_or(&decoder->doc, json_get(&decoder->doc, decoder->root, "output_index"), -1);
}

static void on_delta(struct decoder *decoder, enum purser_event_kind kind) {
  struct responses *state = decoder->state;
  const int64_t index = output_index(decoder);
  if (index >= 0 && index < ITEMS_TRACKED)
    state->streamed[index] = true;
  emit_text(decoder, kind, emit_str_at(decoder, decoder->root, "delta"));
}

static void on_text(struct decoder *decoder) {
  on_delta(decoder, PURSER_EVENT_TEXT);
}

static void on_refusal(struct decoder *decoder) {
  ((struct responses *)decoder->state)->refused = true;
  on_delta(decoder, PURSER_EVENT_TEXT);
}

static void on_reasoning(struct decoder *decoder) {
  on_delta(decoder, PURSER_EVENT_THINKING);
}

/* The texts of an item that comes whole. */
static void emit_parts(struct decoder *decoder, enum purser_event_kind kind, json_id parts) {
  const struct json_doc *doc = &decoder->doc;
  for (json_id part = json_first(doc, parts); part != JSON_NONE;
       part = json_next(doc, parts, part)) {
    emit_text(decoder, kind, emit_str_at(decoder, part, "text"));
    if (json_equals(doc, json_get(doc, part, "type"), "refusal")) {
      ((struct responses *)decoder->state)->refused = true;
      emit_text(decoder, kind, emit_str_at(decoder, part, "refusal"));
    }
  }
}

static bool ends_with(purser_str s, const char *end) {
  const size_t n = strlen(end);
  return s.len >= n && memcmp(s.ptr + s.len - n, end, n) == 0;
}

/* "function_call", "custom_tool_call", "web_search_call", "mcp_call", ...: all of them name what is called, and with what, in one
 * of a few places. */
static void emit_call(struct decoder *decoder, json_id item, purser_str type) {
  static const char *const inputs[] = {"arguments", "input", "action", "queries", "code"};
  const struct json_doc *doc = &decoder->doc;
  purser_event event = event_new(PURSER_EVENT_TOOL_CALL);
  event.id = emit_str_at(decoder, item, "call_id");
  if (event.id.len == 0)
    event.id = emit_str_at(decoder, item, "id");
  event.name = emit_str_at(decoder, item, "name");
  if (event.name.len == 0)
    event.name = (purser_str){type.ptr, type.len - strlen("_call")};
  for (size_t i = 0; i < sizeof inputs / sizeof inputs[0] && event.text.len == 0; i++) {
    const json_id input = json_get(doc, item, inputs[i]);
    event.text =
        json_kind(doc, input) == JSON_ARRAY ? json_raw(doc, input) : emit_content(decoder, input);
  }
  emit(decoder, &event);
}

static void on_item(struct decoder *decoder, json_id item, bool streamed) {
  struct responses *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const purser_str type = json_raw(doc, json_get(doc, item, "type"));
  if (str_is(type, "message")) {
    if (!streamed)
      emit_parts(decoder, PURSER_EVENT_TEXT, json_get(doc, item, "content"));
  } else if (str_is(type, "reasoning")) {
    if (!streamed)
      emit_parts(decoder, PURSER_EVENT_THINKING, json_get(doc, item, "summary"));
  } else if (ends_with(type, "_call")) {
    const json_id action = json_path(doc, item, "action.type");
    /* Opening a page or searching in it is not charged. */
    if (str_is(type, "web_search_call") &&
        (action == JSON_NONE || json_equals(doc, action, "search")))
      state->web_searches++;
    emit_call(decoder, item, type);
  }
}

static void on_item_done(struct decoder *decoder) {
  const struct responses *state = decoder->state;
  const int64_t index = output_index(decoder);
  const bool streamed = index >= 0 && index < ITEMS_TRACKED && state->streamed[index];
  on_item(decoder, json_get(&decoder->doc, decoder->root, "item"), streamed);
}

static void finish(struct decoder *decoder) {
  struct responses *state = decoder->state;
  if (state->refused && state->answer.reason == NULL) {
    state->answer.reason = "refusal";
    state->answer.failed = true;
  }
  answer_finish(decoder, &state->answer);
}

static void fail(struct decoder *decoder, json_id error) {
  struct responses *state = decoder->state;
  struct failure failure = failure_none();
  failure.retry_ms = decoder->http.head.retry_after_ms;
  (void)failure_read(decoder, error, &failure);
  /* Usage of a response that failed is final all the same: there will be no better one. */
  answer_usage(decoder, &state->answer, state->answer.has_usage);
  answer_fail(decoder, &state->answer, &failure);
}

static void conclude(struct decoder *decoder, json_id response) {
  struct responses *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id status = json_get(doc, response, "status");
  on_response(decoder, response);
  if (json_equals(doc, status, "failed") || json_equals(doc, status, "cancelled")) {
    fail(decoder, json_get(doc, response, "error"));
    return;
  }
  if (json_equals(doc, status, "incomplete"))
    answer_stop(&state->answer, doc, json_path(doc, response, "incomplete_details.reason"),
                incomplete);
  finish(decoder);
}

static void on_end(struct decoder *decoder) {
  conclude(decoder, json_get(&decoder->doc, decoder->root, "response"));
}

static void on_progress(struct decoder *decoder) {
  on_response(decoder, json_get(&decoder->doc, decoder->root, "response"));
}

static void on_error(struct decoder *decoder) {
  fail(decoder, decoder->root);
}

/* The whole response at once. */
static void on_body(struct decoder *decoder) {
  const struct json_doc *doc = &decoder->doc;
  const json_id output = json_get(doc, decoder->root, "output");
  for (json_id item = json_first(doc, output); item != JSON_NONE;
       item = json_next(doc, output, item))
    on_item(decoder, item, false);
  conclude(decoder, decoder->root);
}

static const struct dialect_row types[] = {
    {"response.output_text.delta", on_text},
    {"response.reasoning_summary_text.delta", on_reasoning},
    {"response.reasoning_text.delta", on_reasoning},
    {"response.refusal.delta", on_refusal},
    {"response.output_item.done", on_item_done},
    {"response.created", on_progress},
    {"response.in_progress", on_progress},
    {"response.completed", on_end},
    {"response.incomplete", on_end},
    {"response.failed", on_end},
    {"response.cancelled", on_end},
    {"error", on_error},
    {NULL, NULL},
};

static void value(struct decoder *decoder) {
  const struct json_doc *doc = &decoder->doc;
  begin(decoder->state);
  if (dialect_take(decoder, json_get(doc, decoder->root, "type"), types))
    return;
  if (json_equals(doc, json_get(doc, decoder->root, "object"), "response")) {
    on_body(decoder);
  } else if (json_kind(doc, json_get(doc, decoder->root, "error")) > JSON_NULL) {
    on_error(decoder);
  }
}

static void fini(void *state) {
  answer_fini(&((struct responses *)state)->answer);
}

const struct dialect dialect_openai_responses = {
    .name = "openai_responses",
    .framing = FRAMING_HTTP,
    .state_size = sizeof(struct responses),
    .value = value,
    .fini = fini,
};

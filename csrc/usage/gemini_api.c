/* gemini_api.c - Gemini's generateContent: its event stream, one body, or an array of chunks. */
#include "usage/answer.h"
#include "usage/gemini_usage.h"
#include "usage/tokens.h"

struct gemini_api {
  struct answer answer;
  int64_t web_searches;
  bool begun;
  bool stopped; /* a finishReason came */
};

static const struct answer_reason reasons[] = {
    {"STOP", "completed", false},
    {"MAX_TOKENS", "max_tokens", false},
    {"SAFETY", "content_filter", true},
    {"RECITATION", "content_filter", true},
    {"BLOCKLIST", "content_filter", true},
    {"PROHIBITED_CONTENT", "content_filter", true},
    {"SPII", "content_filter", true},
    {"IMAGE_SAFETY", "content_filter", true},
    {"LANGUAGE", "failed", true},
    {"MALFORMED_FUNCTION_CALL", "failed", true},
    {"UNEXPECTED_TOOL_CALL", "failed", true},
    {NULL, "completed", false},
};

static void begin(struct gemini_api *state) {
  if (state->begun)
    return;
  state->begun = true;
  state->answer.cost_nanousd = -1;
}

static void on_call(struct decoder *decoder, json_id call) {
  const struct json_doc *doc = &decoder->doc;
  purser_event event = event_new(PURSER_EVENT_TOOL_CALL);
  event.id = emit_str_at(decoder, call, "id");
  event.name = emit_str_at(decoder, call, "name");
  event.text = emit_content(decoder, json_get(doc, call, "args"));
  emit(decoder, &event);
}

static void on_part(struct decoder *decoder, json_id part) {
  const struct json_doc *doc = &decoder->doc;
  const bool thought = json_is_true(doc, json_get(doc, part, "thought"));
  emit_text(decoder, thought ? PURSER_EVENT_THINKING : PURSER_EVENT_TEXT,
            emit_str_at(decoder, part, "text"));
  const json_id call = json_get(doc, part, "functionCall");
  if (json_kind(doc, call) == JSON_OBJECT)
    on_call(decoder, call);
}

static void on_candidate(struct decoder *decoder, json_id candidate) {
  struct gemini_api *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id parts = json_path(doc, candidate, "content.parts");
  for (json_id part = json_first(doc, parts); part != JSON_NONE; part = json_next(doc, parts, part))
    on_part(decoder, part);
  const json_id queries = json_path(doc, candidate, "groundingMetadata.webSearchQueries");
  int64_t searches = 0;
  for (json_id q = json_first(doc, queries); q != JSON_NONE; q = json_next(doc, queries, q))
    searches++;
  if (searches > state->web_searches)
    state->web_searches = searches;
  const json_id reason = json_get(doc, candidate, "finishReason");
  if (json_kind(doc, reason) != JSON_STRING)
    return;
  state->stopped = true;
  answer_stop(&state->answer, doc, reason, reasons);
}

static void on_usage(struct decoder *decoder, json_id usage) {
  struct gemini_api *state = decoder->state;
  struct answer *answer = &state->answer;
  const struct json_doc *doc = &decoder->doc;
  if (json_kind(doc, usage) != JSON_OBJECT)
    return;
  answer->clamped = false;
  answer->usage = gemini_usage_api(doc, usage, &answer->clamped);
  answer->usage.web_searches = state->web_searches;
  answer->has_usage = true;
  if (!state->stopped)
    answer_usage(decoder, answer, false);
}

static void on_error(struct decoder *decoder) {
  struct gemini_api *state = decoder->state;
  struct failure failure = failure_none();
  failure.retry_ms = decoder->http.head.retry_after_ms;
  (void)failure_read(decoder, decoder->root, &failure);
  answer_fail(decoder, &state->answer, &failure);
}

static void value(struct decoder *decoder) {
  struct gemini_api *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  begin(state);
  if (json_kind(doc, json_get(doc, decoder->root, "error")) == JSON_OBJECT) {
    on_error(decoder);
    return;
  }
  answer_keep(decoder, &state->answer.id, json_get(doc, decoder->root, "responseId"));
  answer_keep(decoder, &state->answer.model, json_get(doc, decoder->root, "modelVersion"));
  const json_id candidates = json_get(doc, decoder->root, "candidates");
  for (json_id c = json_first(doc, candidates); c != JSON_NONE; c = json_next(doc, candidates, c))
    on_candidate(decoder, c);
  if (json_kind(doc, json_path(doc, decoder->root, "promptFeedback.blockReason")) == JSON_STRING) {
    state->stopped = true;
    state->answer.reason = "content_filter";
    state->answer.failed = true;
  }
  on_usage(decoder, json_get(doc, decoder->root, "usageMetadata"));
}

static void end(struct decoder *decoder) {
  struct gemini_api *state = decoder->state;
  begin(state);
  if (state->stopped)
    answer_finish(decoder, &state->answer);
  else
    answer_cut(decoder, &state->answer);
}

static void fini(void *state) {
  answer_fini(&((struct gemini_api *)state)->answer);
}

const struct dialect dialect_gemini_api = {
    .name = "gemini_api",
    .framing = FRAMING_HTTP,
    .state_size = sizeof(struct gemini_api),
    .value = value,
    .end = end,
    .fini = fini,
};

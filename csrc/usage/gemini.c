/* gemini.c - what `gemini -o stream-json` prints. Its usage is a total for each model at the end; figures for each request are in
 * the chat file alone. */
#include <string.h>

#include "usage/failure.h"
#include "usage/gemini_usage.h"
#include "usage/seen.h"
#include "usage/tokens.h"

struct gemini {
  struct buf session;
  struct buf blocked;  /* why a hook stopped the run, "" it did not */
  uint64_t last_error; /* the result repeats it */
  bool said_something;
};

static purser_event event_of_line(struct decoder *decoder, enum purser_event_kind kind) {
  const struct gemini *state = decoder->state;
  purser_event event = event_new(kind);
  event.session = str_of_buf(&state->session);
  event.at_ms = emit_instant(decoder, json_get(&decoder->doc, decoder->root, "timestamp"));
  return event;
}

static void on_init(struct decoder *decoder) {
  struct gemini *state = decoder->state;
  emit_keep(decoder, &state->session, emit_str_at(decoder, decoder->root, "session_id"));
  purser_event event = event_of_line(decoder, PURSER_EVENT_SESSION);
  const purser_str model = emit_str_at(decoder, decoder->root, "model");
  if (!str_is(model, "auto")) /* a router picks one for each request */
    event.model = model;
  emit(decoder, &event);
}

static void on_message(struct decoder *decoder) {
  struct gemini *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  if (!json_equals(doc, json_get(doc, decoder->root, "role"), "assistant"))
    return;
  purser_event event = event_of_line(decoder, PURSER_EVENT_TEXT);
  event.text = emit_str_at(decoder, decoder->root, "content");
  state->said_something = true;
  if (event.text.len > 0)
    emit(decoder, &event);
}

static void on_tool_use(struct decoder *decoder) {
  struct gemini *state = decoder->state;
  purser_event event = event_of_line(decoder, PURSER_EVENT_TOOL_CALL);
  event.id = emit_str_at(decoder, decoder->root, "tool_id");
  event.name = emit_str_at(decoder, decoder->root, "tool_name");
  event.text = emit_content(decoder, json_get(&decoder->doc, decoder->root, "parameters"));
  state->said_something = true;
  emit(decoder, &event);
}

static void on_tool_result(struct decoder *decoder) {
  const struct json_doc *doc = &decoder->doc;
  purser_event event = event_of_line(decoder, PURSER_EVENT_TOOL_RESULT);
  event.id = emit_str_at(decoder, decoder->root, "tool_id");
  event.text = emit_content(decoder, json_get(doc, decoder->root, "output"));
  if (event.text.len == 0)
    event.text = emit_str_at(decoder, decoder->root, "error.message");
  if (json_equals(doc, json_get(doc, decoder->root, "status"), "error"))
    event.flags |= PURSER_FLAG_FAILED;
  emit(decoder, &event);
}

/* "[API Error: {"error":{...}}]", or with plain words inside. Changes decoder->doc. */
static void read_words(struct decoder *decoder, purser_str words, struct failure *failure) {
  static const char mark[] = "[API Error: ";
  const size_t n = sizeof mark - 1;
  failure->message = words;
  failure->status = failure_status_in(words);
  if (words.len <= n || memcmp(words.ptr, mark, n) != 0)
    return;
  size_t end = words.len;
  while (end > n && words.ptr[end - 1] != ']')
    end--;
  if (end == n)
    return;
  emit_keep(decoder, &decoder->nested, (purser_str){words.ptr + n, end - 1 - n});
  if (!decoder_parse(decoder, buf_text(&decoder->nested), decoder->nested.len))
    return;
  failure->message = STR("");
  (void)failure_read(decoder, 0, failure);
  if (failure->message.len == 0)
    failure->message = words;
}

static void on_error(struct decoder *decoder) {
  struct gemini *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const purser_str words = emit_str_at(decoder, decoder->root, "message");
  struct failure failure = failure_none();
  failure.at_ms = emit_instant(decoder, json_get(doc, decoder->root, "timestamp"));
  if (str_has(words, "Agent execution blocked"))
    emit_keep(decoder, &state->blocked, words);
  if (json_equals(doc, json_get(doc, decoder->root, "severity"), "warning"))
    failure.kind = "warning";
  state->last_error = seen_hash(words);
  read_words(decoder, words, &failure);
  failure_emit(decoder, &failure);
}

static int64_t emit_totals(struct decoder *decoder, json_id models) {
  const struct json_doc *doc = &decoder->doc;
  int64_t tokens = 0;
  for (json_id id = json_first(doc, models); id != JSON_NONE; id = json_next(doc, models, id)) {
    bool clamped = false;
    purser_event event = event_of_line(decoder, PURSER_EVENT_USAGE);
    event.scope = PURSER_SCOPE_RUN;
    event.model = json_key(doc, id);
    event.usage = gemini_usage_stats(doc, id, &clamped);
    if (clamped)
      event.flags |= PURSER_FLAG_CLAMPED;
    if (tokens_none(&event.usage))
      continue;
    tokens += tokens_total(&event.usage);
    emit(decoder, &event);
  }
  return tokens;
}

static void on_result(struct decoder *decoder) {
  struct gemini *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id root = decoder->root;
  const bool failed = json_equals(doc, json_get(doc, root, "status"), "error");
  const int64_t tokens = emit_totals(decoder, json_path(doc, root, "stats.models"));
  purser_event result = event_of_line(decoder, PURSER_EVENT_RESULT);
  result.name = STR("completed");
  if (!failed && state->blocked.len > 0 && tokens == 0) {
    result.name = STR("blocked");
    result.flags |= PURSER_FLAG_BLOCKED;
    result.text = str_of_buf(&state->blocked);
  } else if (!failed && tokens == 0 && !state->said_something) {
    /* A hook did that, and may have done so after a request was paid for. */
    result.name = STR("hook_stopped");
  }
  if (failed) {
    const purser_str words = emit_str_at(decoder, root, "error.message");
    struct failure failure = failure_none();
    failure.code = emit_str_at(decoder, root, "error.type");
    if (str_is(failure.code, "unknown"))
      failure.code = STR("");
    failure.fatal = true;
    failure.at_ms = result.at_ms;
    const bool repeated = state->last_error == seen_hash(words);
    read_words(decoder, words, &failure);
    const char *kind = failure_kind(&failure);
    if (!repeated)
      failure_emit(decoder, &failure);
    const bool own = strcmp(kind, "max_turns") == 0 || strcmp(kind, "prompt_too_long") == 0;
    result.name = own ? str_of(kind) : STR("failed");
    result.flags |= PURSER_FLAG_FAILED;
  }
  emit(decoder, &result);
}

static const struct dialect_row types[] = {
    {"message", on_message},
    {"tool_use", on_tool_use},
    {"tool_result", on_tool_result},
    {"init", on_init},
    {"error", on_error},
    {"result", on_result},
    {NULL, NULL},
};

static void value(struct decoder *decoder) {
  (void)dialect_take(decoder, json_get(&decoder->doc, decoder->root, "type"), types);
}

static void fini(void *opaque) {
  struct gemini *state = opaque;
  buf_fini(&state->session);
  buf_fini(&state->blocked);
}

const struct dialect dialect_gemini = {
    .name = "gemini",
    .framing = FRAMING_STREAM,
    .state_size = sizeof(struct gemini),
    .value = value,
    .fini = fini,
};

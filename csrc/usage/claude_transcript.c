/* claude_transcript.c - Claude Code's own record of a session: one JSON line for each message, and much beside.
 *
 * A response is written once for each of its blocks, with the same usage (rule 1); forks copy lines under a new session id
 * and name the original. Compactions are in no line but the running totals that the client writes when it ends. */
#include <string.h>

#include "usage/anthropic_usage.h"
#include "usage/claude.h"
#include "usage/failure.h"

struct transcript {
  struct seen seen;
  uint64_t session_hash; /* of what the last SESSION event said */
};

/* Says once where and in what the lines that follow were written. */
static void on_place(struct decoder *decoder) {
  static const char *const keys[] = {"sessionId", "cwd", "gitBranch", "version"};
  struct transcript *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  uint64_t hash = 0;
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
    hash = hash * 31 + seen_hash(json_raw(doc, json_get(doc, decoder->root, keys[i])));
  if (hash == state->session_hash ||
      json_kind(doc, json_get(doc, decoder->root, "sessionId")) != JSON_STRING)
    return;
  state->session_hash = hash;
  purser_event event = event_new(PURSER_EVENT_SESSION);
  event.session = emit_str_at(decoder, decoder->root, "sessionId");
  event.cwd = emit_str_at(decoder, decoder->root, "cwd");
  event.branch = emit_str_at(decoder, decoder->root, "gitBranch");
  event.name = emit_str_at(decoder, decoder->root, "version");
  event.at_ms = emit_instant(decoder, json_get(doc, decoder->root, "timestamp"));
  emit(decoder, &event);
}

static purser_event event_of_line(struct decoder *decoder, enum purser_event_kind kind) {
  const struct json_doc *doc = &decoder->doc;
  const json_id root = decoder->root;
  purser_event event = event_new(kind);
  event.session = emit_str_at(decoder, root, "sessionId");
  event.parent = emit_str_at(decoder, root, "requestSessionId");
  event.at_ms = emit_instant(decoder, json_get(doc, root, "timestamp"));
  if (json_is_true(doc, json_get(doc, root, "isSidechain")))
    event.flags |= PURSER_FLAG_SIDECHAIN;
  return event;
}

static void on_api_error(struct decoder *decoder, json_id message) {
  const struct json_doc *doc = &decoder->doc;
  const json_id root = decoder->root;
  struct failure failure = failure_none();
  failure.status = json_i64_or(doc, json_get(doc, root, "apiErrorStatus"), 0);
  failure.code = emit_str_at(decoder, root, "apiErrorType");
  if (failure.code.len == 0)
    failure.code = emit_str_at(decoder, root, "error");
  failure.message = emit_content(decoder, json_get(doc, message, "content"));
  failure.at_ms = emit_instant(decoder, json_get(doc, root, "timestamp"));
  failure_emit(decoder, &failure);
}

static void on_assistant(struct decoder *decoder) {
  struct transcript *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id root = decoder->root;
  const json_id message = json_get(doc, root, "message");
  const json_id usage = json_get(doc, message, "usage");
  if (json_is_true(doc, json_get(doc, root, "isApiErrorMessage"))) {
    on_api_error(decoder, message);
    return;
  }
  purser_event event = event_of_line(decoder, PURSER_EVENT_USAGE);
  event.id = emit_str_at(decoder, message, "id");
  event.model = emit_str_at(decoder, message, "model");
  if (json_kind(doc, usage) != JSON_OBJECT || str_is(event.model, "<synthetic>"))
    return;
  event.request_id = emit_str_at(decoder, root, "requestId");
  event.effort = emit_str_at(decoder, root, "effort");
  event.service_tier = emit_str_at(decoder, usage, "service_tier");
  event.speed = emit_str_at(decoder, usage, "speed");
  if (json_kind(doc, json_get(doc, message, "stop_reason")) != JSON_STRING)
    event.flags |= PURSER_FLAG_PARTIAL;
  bool clamped = false;
  anthropic_usage_read(doc, usage, &event.usage, &clamped);
  if (clamped)
    event.flags |= PURSER_FLAG_CLAMPED;
  anthropic_usage_emit(decoder, seen_find(&state->seen, event.id), &event, usage);
}

/* What the client writes into the user's mouth. */
static bool is_typed(purser_str text) {
  static const char *const marks[] = {"<command-",        "<local-command-",
                                      "<bash-",           "<task-notification",
                                      "<system-reminder", "[Request interrupted"};
  for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
    const size_t n = strlen(marks[i]);
    if (text.len >= n && memcmp(text.ptr, marks[i], n) == 0)
      return false;
  }
  return text.len > 0;
}

static bool holds_tool_result(const struct json_doc *doc, json_id content) {
  for (json_id part = json_first(doc, content); part != JSON_NONE;
       part = json_next(doc, content, part)) {
    if (json_equals(doc, json_get(doc, part, "type"), "tool_result"))
      return true;
  }
  return false;
}

static void on_user(struct decoder *decoder) {
  const struct json_doc *doc = &decoder->doc;
  const json_id root = decoder->root;
  const json_id content = json_path(doc, root, "message.content");
  if (json_is_true(doc, json_get(doc, root, "isMeta")) ||
      json_is_true(doc, json_get(doc, root, "isCompactSummary")) ||
      (json_kind(doc, content) == JSON_ARRAY && holds_tool_result(doc, content)))
    return;
  purser_event event = event_of_line(decoder, PURSER_EVENT_PROMPT);
  event.text = emit_content(decoder, content);
  event.id = emit_str_at(decoder, root, "uuid");
  if (is_typed(event.text))
    emit(decoder, &event);
}

static void on_system(struct decoder *decoder) {
  const struct json_doc *doc = &decoder->doc;
  const json_id root = decoder->root;
  const json_id subtype = json_get(doc, root, "subtype");
  if (json_equals(doc, subtype, "compact_boundary")) {
    const json_id data = json_get(doc, root, "compactMetadata");
    purser_event event = event_of_line(decoder, PURSER_EVENT_COMPACTION);
    event.name = emit_str_at(decoder, data, "trigger");
    event.number = json_i64_or(doc, json_get(doc, data, "preTokens"), 0);
    event.number2 = json_i64_or(doc, json_get(doc, data, "postTokens"), 0);
    emit(decoder, &event);
  } else if (json_equals(doc, subtype, "api_error")) {
    purser_event event = event_of_line(decoder, PURSER_EVENT_RETRY);
    event.number = json_i64_or(doc, json_path(doc, root, "error.status"), 0);
    event.number2 = json_i64_or(doc, json_get(doc, root, "retryInMs"), -1);
    event.text = emit_str_at(decoder, root, "error.formatted");
    if (event.text.len == 0)
      event.text = emit_str_at(decoder, root, "error.message");
    emit(decoder, &event);
  }
}

/* The session's totals at the end of a process, earlier ones included. Where one model had no price of its own, none of the
 * costs says that it is not it. */
static void on_cost_state(struct decoder *decoder) {
  const struct json_doc *doc = &decoder->doc;
  const bool priced = !json_is_true(doc, json_get(doc, decoder->root, "hasUnknownModelCost"));
  claude_model_usage(decoder, json_get(doc, decoder->root, "modelUsage"), PURSER_SCOPE_SESSION,
                     emit_str_at(decoder, decoder->root, "sessionId"), NULL, priced);
}

static void value(struct decoder *decoder) {
  static const struct {
    const char *type;
    bool placed; /* such lines tell the folder and the branch */
    void (*take)(struct decoder *decoder);
  } types[] = {
      {"assistant", true, on_assistant},
      {"user", true, on_user},
      {"system", true, on_system},
      {"cost-state", false, on_cost_state},
  };
  const json_id type = json_get(&decoder->doc, decoder->root, "type");
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    if (!json_equals(&decoder->doc, type, types[i].type))
      continue;
    if (types[i].placed)
      on_place(decoder);
    types[i].take(decoder);
    return;
  }
}

static void forget(void *opaque) {
  struct transcript *state = opaque;
  seen_forget(&state->seen);
  state->session_hash = 0;
}

/* A quote inside of a JSON string is escaped, so a key in quotes can't be part of a text. What was typed, and what carries usage,
 * holds neither of the marks that are looked for. */
static bool skip(const char *line, size_t len) {
  enum {
    HEAD = 320 /* where the client puts the keys that tell a line's type */
  };
  static const char kind[] = "{\"type\":\"";
  static const char *const kept[] = {"assistant\"", "user\"", "system\"", "cost-state\""};
  if (len > sizeof kind && memcmp(line, kind, sizeof kind - 1) == 0) {
    bool known = false;
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
      const size_t n = strlen(kept[i]);
      known = known ||
              (len - (sizeof kind - 1) >= n && memcmp(line + sizeof kind - 1, kept[i], n) == 0);
    }
    if (!known)
      return true;
  }
  /* A tool may be given something by the name of either. */
  return (str_holds(line, len, HEAD, "\"attachment\":{") ||
          str_holds(line, len, HEAD * 4, "\"tool_result\"")) &&
         !str_holds(line, len, len, "\"usage\"");
}

const struct dialect dialect_claude_transcript = {
    .name = "claude_transcript",
    .framing = FRAMING_RECORD,
    .state_size = sizeof(struct transcript),
    .skip = skip,
    .value = value,
    .forget = forget,
};

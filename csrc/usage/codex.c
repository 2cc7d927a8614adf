/* codex.c - what `codex exec --json` prints.
 *
 * It names no model, and its usage is the thread's running total over resumes and forks (rule 5): figures for each request
 * are in the rollout alone. */
#include <string.h>

#include "usage/failure.h"
#include "usage/openai_usage.h"
#include "usage/seen.h"
#include "usage/tokens.h"

struct codex {
  struct seen calls; /* tool items that were announced */
  struct buf session;
  uint64_t last_error; /* the same words come as `error` and as `turn.failed` */
  bool turn_has_items;
  bool said_something; /* a message was printed: the next one begins a paragraph */
};

static void on_thread(struct decoder *decoder) {
  struct codex *state = decoder->state;
  purser_event event = event_new(PURSER_EVENT_SESSION);
  event.session = emit_str_at(decoder, decoder->root, "thread_id");
  emit_keep(decoder, &state->session, event.session);
  emit(decoder, &event);
}

static void on_turn(struct decoder *decoder) {
  ((struct codex *)decoder->state)->turn_has_items = false;
}

/* ---- items ---- */

/* How a kind of tool names itself, what it takes, and what it gives. NULL: a fixed name, or nothing. */
struct tool {
  const char *type;
  const char *input;
  const char *output;
};

static const struct tool tools[] = {
    {"command_execution", "command", "aggregated_output"},
    {"file_change", "changes", NULL},
    {"mcp_tool_call", "arguments", "result"},
    {"collab_tool_call", "prompt", "agents_states"},
    {"web_search", "query", NULL},
    {"todo_list", "items", NULL},
};

static const struct tool *find_tool(const struct json_doc *doc, json_id type) {
  for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++) {
    if (json_equals(doc, type, tools[i].type))
      return &tools[i];
  }
  return NULL;
}

static purser_str raw_or_text(struct decoder *decoder, json_id id) {
  const enum json_kind kind = json_kind(&decoder->doc, id);
  if (kind == JSON_STRING)
    return emit_str(decoder, id);
  return kind > JSON_NULL ? json_raw(&decoder->doc, id) : STR("");
}

static void emit_call(struct decoder *decoder, json_id item, const struct tool *tool) {
  const struct json_doc *doc = &decoder->doc;
  purser_event event = event_new(PURSER_EVENT_TOOL_CALL);
  event.id = emit_str_at(decoder, item, "id");
  event.name = emit_str_at(decoder, item, "tool"); /* of an MCP server */
  if (event.name.len == 0)
    event.name = str_of(tool->type);
  event.text = raw_or_text(decoder, json_get(doc, item, tool->input));
  emit(decoder, &event);
}

static bool item_failed(const struct json_doc *doc, json_id item) {
  const json_id status = json_get(doc, item, "status");
  return json_equals(doc, status, "failed") || json_equals(doc, status, "declined") ||
         json_i64_or(doc, json_get(doc, item, "exit_code"), 0) != 0;
}

static void emit_tool_result(struct decoder *decoder, json_id item, const struct tool *tool) {
  const struct json_doc *doc = &decoder->doc;
  purser_event event = event_new(PURSER_EVENT_TOOL_RESULT);
  event.id = emit_str_at(decoder, item, "id");
  event.name = str_of(tool->type);
  if (tool->output != NULL)
    event.text = raw_or_text(decoder, json_get(doc, item, tool->output));
  if (event.text.len == 0)
    event.text = emit_str_at(decoder, item, "error.message");
  if (item_failed(doc, item))
    event.flags |= PURSER_FLAG_FAILED;
  emit(decoder, &event);
}

static void on_tool(struct decoder *decoder, json_id item, const struct tool *tool, bool started,
                    bool completed) {
  struct codex *state = decoder->state;
  struct seen_entry *entry = seen_find(&state->calls, emit_str_at(decoder, item, "id"));
  const bool announced = entry != NULL && entry->final;
  /* An update of a call under way is news only where it changes what was asked: the plan. */
  const bool changed = !started && !completed && strcmp(tool->type, "todo_list") == 0;
  if (!announced || changed)
    emit_call(decoder, item, tool);
  /* Item ids start again in the next process, and may do so in the next turn. */
  if (entry != NULL)
    entry->final = !completed;
  if (completed)
    emit_tool_result(decoder, item, tool);
}

static void on_message(struct decoder *decoder, json_id item) {
  struct codex *state = decoder->state;
  const purser_str text = emit_str_at(decoder, item, "text");
  if (text.len == 0)
    return;
  if (state->said_something) {
    emit_pin(decoder);
    emit_text(decoder, PURSER_EVENT_TEXT, STR("\n\n"));
  }
  state->said_something = true;
  emit_text(decoder, PURSER_EVENT_TEXT, text);
}

static void on_item(struct decoder *decoder, bool started, bool completed) {
  struct codex *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id item = json_get(doc, decoder->root, "item");
  const json_id type = json_get(doc, item, "type");
  const struct tool *tool = find_tool(doc, type);
  if (json_equals(doc, type, "error")) {
    struct failure failure = failure_none();
    failure.kind = "warning";
    failure.message = emit_str_at(decoder, item, "message");
    failure_emit(decoder, &failure);
    return;
  }
  state->turn_has_items = true;
  if (tool != NULL) {
    on_tool(decoder, item, tool, started, completed);
  } else if (completed && json_equals(doc, type, "agent_message")) {
    on_message(decoder, item);
  } else if (completed && json_equals(doc, type, "reasoning")) {
    emit_text(decoder, PURSER_EVENT_THINKING, emit_str_at(decoder, item, "text"));
  }
}

static void on_item_started(struct decoder *decoder) {
  on_item(decoder, true, false);
}

static void on_item_updated(struct decoder *decoder) {
  on_item(decoder, false, false);
}

static void on_item_completed(struct decoder *decoder) {
  on_item(decoder, false, true);
}

/* ---- ends ---- */

static void on_completed(struct decoder *decoder) {
  struct codex *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id usage = json_get(doc, decoder->root, "usage");
  bool clamped = false;
  purser_event event = event_new(PURSER_EVENT_USAGE);
  event.scope = PURSER_SCOPE_SESSION;
  event.session = str_of_buf(&state->session);
  event.usage = openai_usage_codex(doc, usage, &clamped);
  if (clamped)
    event.flags |= PURSER_FLAG_CLAMPED;
  if (json_kind(doc, usage) == JSON_OBJECT)
    emit(decoder, &event);

  /* A hook that refuses the prompt ends the turn in silence. */
  purser_event result = event_new(PURSER_EVENT_RESULT);
  result.session = str_of_buf(&state->session);
  result.name = state->turn_has_items ? STR("completed") : STR("blocked");
  result.flags = state->turn_has_items ? 0 : PURSER_FLAG_BLOCKED;
  emit(decoder, &result);
}

/* An error's words may be the provider's JSON, as it came. */
static void read_json(struct decoder *decoder, purser_str words, struct failure *failure) {
  struct buf *copy = &decoder->nested;
  if (words.len == 0 || words.ptr[0] != '{')
    return;
  emit_keep(decoder, copy, words);
  if (!decoder_parse(decoder, buf_text(copy), copy->len))
    return;
  failure->message = STR("");
  (void)failure_read(decoder, 0, failure);
  if (failure->message.len == 0)
    failure->message = words;
}

static void emit_failure(struct decoder *decoder, purser_str words) {
  struct failure failure = failure_none();
  failure.message = words;
  failure.status = failure_status_in(words);
  failure.fatal = true;
  read_json(decoder, words, &failure);
  failure_emit(decoder, &failure);
}

/* "Reconnecting... 2/5 (why)" */
static bool is_retry(purser_str words) {
  static const char mark[] = "Reconnecting...";
  return words.len >= sizeof mark - 1 && memcmp(words.ptr, mark, sizeof mark - 1) == 0;
}

static void emit_retry(struct decoder *decoder, purser_str words) {
  const char *from = memchr(words.ptr, '(', words.len);
  purser_event event = event_new(PURSER_EVENT_RETRY);
  event.number = failure_status_in(words);
  event.text = words;
  if (from != NULL && words.ptr[words.len - 1] == ')')
    event.text = (purser_str){from + 1, (size_t)(words.ptr + words.len - from) - 2};
  emit(decoder, &event);
}

static void on_error(struct decoder *decoder) {
  struct codex *state = decoder->state;
  const purser_str words = emit_str_at(decoder, decoder->root, "message");
  if (is_retry(words)) {
    emit_retry(decoder, words);
    return;
  }
  state->last_error = seen_hash(words);
  emit_failure(decoder, words);
}

static void on_failed(struct decoder *decoder) {
  struct codex *state = decoder->state;
  const purser_str words = emit_str_at(decoder, decoder->root, "error.message");
  purser_event event = event_new(PURSER_EVENT_RESULT);
  struct failure failure = failure_none();
  failure.message = words;
  const char *kind = failure_kind(&failure);
  event.name = STR("failed");
  if (strcmp(kind, "budget") == 0 || strcmp(kind, "prompt_too_long") == 0)
    event.name = str_of(kind);
  if (state->last_error != seen_hash(words))
    emit_failure(decoder, words);
  event.session = str_of_buf(&state->session);
  event.flags = PURSER_FLAG_FAILED;
  emit(decoder, &event);
}

static const struct dialect_row types[] = {
    {"item.completed", on_item_completed},
    {"item.started", on_item_started},
    {"item.updated", on_item_updated},
    {"thread.started", on_thread},
    {"turn.started", on_turn},
    {"turn.completed", on_completed},
    {"turn.failed", on_failed},
    {"error", on_error},
    {NULL, NULL},
};

static void value(struct decoder *decoder) {
  (void)dialect_take(decoder, json_get(&decoder->doc, decoder->root, "type"), types);
}

static void fini(void *opaque) {
  struct codex *state = opaque;
  buf_fini(&state->session);
}

const struct dialect dialect_codex = {
    .name = "codex",
    .framing = FRAMING_STREAM,
    .state_size = sizeof(struct codex),
    .value = value,
    .fini = fini,
};

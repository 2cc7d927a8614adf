/* claude_result.c - the last line of a Claude Code run: how it ended, and what the whole of it cost. */
#include <string.h>

#include "usage/claude.h"
#include "usage/failure.h"

static const struct reason {
  const char *said;
  const char *name;
  const char *kind;    /* of the ERROR, when it is one; NULL: told from what it says */
  const char *message; /* where the client's own is no help; NULL: the client's */
} reasons[] = {
    /* terminal_reason */
    {"completed", "completed", NULL, NULL},
    {"budget_exhausted", "budget", "budget", NULL},
    {"max_turns", "max_turns", "max_turns", NULL},
    {"api_error", "api_error", NULL, NULL},
    {"prompt_too_long", "prompt_too_long", "prompt_too_long", NULL},
    {"aborted_streaming", "aborted", "aborted", "interrupted while the model was answering"},
    {"aborted_tools", "aborted", "aborted", "interrupted while a tool was running"},
    {"hook_stopped", "hook_stopped", NULL, NULL},
    {"stop_hook_prevented", "completed", NULL, NULL},
    /* subtype, for clients that give no terminal_reason */
    {"error_max_budget_usd", "budget", "budget", NULL},
    {"error_max_turns", "max_turns", "max_turns", NULL},
    {"error_during_execution", "failed", NULL, NULL},
};

static const struct reason *find_reason(const struct json_doc *doc, json_id id) {
  for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
    if (json_equals(doc, id, reasons[i].said))
      return &reasons[i];
  }
  return NULL;
}

static const struct reason *reason_of(const struct json_doc *doc, json_id root, bool is_error) {
  static const struct reason completed = {"success", "completed", NULL, NULL};
  static const struct reason api_error = {"success", "api_error", NULL, NULL};
  const struct reason *found = find_reason(doc, json_get(doc, root, "terminal_reason"));
  if (found == NULL)
    found = find_reason(doc, json_get(doc, root, "subtype"));
  if (found == NULL)
    found = is_error ? &api_error : &completed;
  return found;
}

/* A hook that refuses the prompt leaves a success without a turn behind. */
static bool is_blocked(const struct claude *state, const struct json_doc *doc, json_id root,
                       purser_str text) {
  if (json_i64_or(doc, json_get(doc, root, "num_turns"), 1) != 0)
    return false;
  if (json_kind(doc, json_get(doc, root, "local_command")) == JSON_STRING)
    return state->hook_blocked;
  return state->blocked.len > 0 || str_has(text, "blocked by hook") ||
         str_has(text, "stopped by hook");
}

/* The totals of this run. `model_usage_since_last_result` is just that; a process may have several results, so it is added
 * up. Without it `modelUsage` is the process's (up to 2.1.197), or, in newer clients that were not asked for a stream, the whole
 * session's, which they betray by numbering their results. */
static void emit_totals(struct decoder *decoder, purser_str session) {
  struct claude *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id since = json_get(doc, decoder->root, "model_usage_since_last_result");
  const json_id all = json_get(doc, decoder->root, "modelUsage");
  if (json_kind(doc, since) == JSON_OBJECT) {
    claude_model_usage(decoder, since, PURSER_SCOPE_RUN, session, state->models, true);
  } else if (json_kind(doc, json_get(doc, decoder->root, "result_index")) == JSON_NUMBER) {
    claude_model_usage(decoder, all, PURSER_SCOPE_SESSION, session, NULL, true);
  } else {
    claude_model_usage(decoder, all, PURSER_SCOPE_RUN, session, NULL, true);
  }
}

static purser_str first_error(struct decoder *decoder) {
  const struct json_doc *doc = &decoder->doc;
  return emit_str(decoder, json_first(doc, json_get(doc, decoder->root, "errors")));
}

static void emit_error(struct decoder *decoder, const struct reason *reason, purser_str text) {
  const struct json_doc *doc = &decoder->doc;
  const json_id root = decoder->root;
  struct failure failure = failure_none();
  failure.kind = reason->kind;
  failure.status = json_i64_or(doc, json_get(doc, root, "api_error_status"), 0);
  failure.code = emit_str_at(decoder, root, "api_error_type");
  failure.message = text.len > 0 ? text : first_error(decoder);
  if (failure.status == 0)
    failure.status = failure_status_in(failure.message);
  if (reason->message != NULL)
    failure.message = str_of(reason->message);
  failure.fatal = true;
  failure_emit(decoder, &failure);
}

static void emit_compact_error(struct decoder *decoder) {
  struct claude *state = decoder->state;
  struct failure failure = failure_none();
  failure.kind = "compaction";
  failure.message = str_of_buf(&state->compact_error);
  failure.fatal = true;
  failure_emit(decoder, &failure);
}

void claude_result(struct decoder *decoder) {
  struct claude *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id root = decoder->root;
  const bool is_error = json_is_true(doc, json_get(doc, root, "is_error"));
  const struct reason *reason = reason_of(doc, root, is_error);
  const purser_str session = emit_str_at(decoder, root, "session_id");
  const purser_str text = emit_str_at(decoder, root, "result");
  emit_totals(decoder, session); /* pins the two texts */
  const bool blocked = !is_error && is_blocked(state, doc, root, text);
  const bool compaction_failed = !is_error && !blocked && state->compact_error.len > 0 &&
                                 json_equals(doc, json_get(doc, root, "local_command"), "compact");
  if (is_error)
    emit_error(decoder, reason, text);
  if (compaction_failed)
    emit_compact_error(decoder);

  purser_event event = event_new(PURSER_EVENT_RESULT);
  event.name = str_of(reason->name);
  if (blocked)
    event.name = STR("blocked");
  if (compaction_failed)
    event.name = STR("failed");
  if (is_error || compaction_failed)
    event.flags |= PURSER_FLAG_FAILED;
  if (blocked)
    event.flags |= PURSER_FLAG_BLOCKED;
  event.session = session;
  event.text = blocked && state->blocked.len > 0 ? str_of_buf(&state->blocked) : text;
  emit(decoder, &event);
  buf_clear(&state->blocked);
  buf_clear(&state->compact_error);
  state->hook_blocked = false;
}

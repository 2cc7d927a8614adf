/* hook_clients.c - the hooks of each client: what its moments are called, and how it is refused. What stands here was tried with the
 * real clients; where a client ignores an answer, another one is given. */
#include <string.h>

#include "base/json.h"
#include "cli/hook.h"

enum {
  EXIT_BLOCK = 2 /* with the reason on stderr: understood by all of them */
};

static void add_text(struct buf *out, const char *key, const char *text) {
  buf_addf(out, "\"%s\":", key);
  json_write_str(out, text, strlen(text));
}

void hook_write_message(struct buf *out, const char *text) {
  buf_addc(out, '{');
  add_text(out, "systemMessage", text);
  buf_adds(out, "}\n");
}

static int block(const char *reason, struct buf *out) {
  buf_adds(out, "{\"decision\":\"block\",");
  add_text(out, "reason", reason);
  buf_adds(out, "}\n");
  return CLI_OK;
}

static void add_denial(const struct hook_call *call, const char *reason, struct buf *out) {
  buf_adds(out, "\"hookSpecificOutput\":{");
  add_text(out, "hookEventName", buf_text(&call->event));
  buf_adds(out, ",\"permissionDecision\":\"deny\",");
  add_text(out, "permissionDecisionReason", reason);
  buf_adds(out, "}}\n");
}

/* ---- Claude Code ---- */

static const struct hook_event claude_events[] = {
    {"SessionStart", HOOK_START}, {"UserPromptSubmit", HOOK_PROMPT},
    {"PreCompact", HOOK_COMPACT}, {"PreToolUse", HOOK_TOOL},
    {"Stop", HOOK_END},           {"SubagentStop", HOOK_END},
    {NULL, HOOK_OTHER},
};

/* A denied tool alone leaves the model going on, and "continue" alone lets the tool run: it takes both. A compaction is only stopped
 * by the exit code. */
static int claude_refuse(const struct hook_call *call, const char *reason, struct buf *out,
                         struct buf *err) {
  if (call->moment == HOOK_COMPACT) {
    buf_addf(err, "%s\n", reason);
    return EXIT_BLOCK;
  }
  if (call->moment != HOOK_TOOL)
    return block(reason, out);
  buf_adds(out, "{\"continue\":false,");
  add_text(out, "stopReason", reason);
  buf_addc(out, ',');
  add_denial(call, reason, out);
  return CLI_OK;
}

/* ---- Codex ---- */

static const struct hook_event codex_events[] = {
    {"SessionStart", HOOK_START}, {"UserPromptSubmit", HOOK_PROMPT},
    {"PreToolUse", HOOK_TOOL},    {"Stop", HOOK_END},
    {NULL, HOOK_OTHER},
};

/* Nothing ends a turn of codex's: each tool is denied, with words that ask the model to end it. */
static int codex_refuse(const struct hook_call *call, const char *reason, struct buf *out,
                        struct buf *err) {
  (void)err;
  if (call->moment != HOOK_TOOL)
    return block(reason, out);
  struct buf text = BUF_INIT;
  buf_addf(&text, "%s. Use no further tools: end your turn now and tell the user why.", reason);
  buf_addc(out, '{');
  add_denial(call, buf_text(&text), out);
  buf_fini(&text);
  return CLI_OK;
}

/* ---- Gemini CLI ---- */

static const struct hook_event gemini_events[] = {
    {"SessionStart", HOOK_START}, {"BeforeAgent", HOOK_PROMPT}, {"BeforeModel", HOOK_REQUEST},
    {"BeforeTool", HOOK_TOOL},    {"AfterAgent", HOOK_END},     {NULL, HOOK_OTHER},
};

static int gemini_refuse(const struct hook_call *call, const char *reason, struct buf *out,
                         struct buf *err) {
  (void)err;
  if (call->moment != HOOK_TOOL)
    return block(reason, out);
  buf_adds(out, "{\"continue\":false,");
  add_text(out, "stopReason", reason);
  buf_adds(out, "}\n");
  return CLI_OK;
}

static const struct hook_client clients[] = {
    {"claude", claude_events, claude_refuse},
    {"codex", codex_events, codex_refuse},
    {"gemini", gemini_events, gemini_refuse},
};

const struct hook_client *hook_client_find(const char *name) {
  for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++) {
    if (strcmp(clients[i].name, name) == 0)
      return &clients[i];
  }
  return NULL;
}

/* ---- what they say ---- */

static void add_member(const struct json_doc *doc, const char *path, struct buf *out) {
  json_add_text(doc, json_path(doc, 0, path), out);
}

int hook_call_read(struct hook_call *call, const struct hook_client *client, const char *json,
                   size_t len, struct error *error) {
  struct json_doc doc = JSON_DOC_INIT;
  *call = (struct hook_call){.moment = HOOK_OTHER};
  int status = json_parse(&doc, json, len);
  if (status == PURSER_OK && json_kind(&doc, json_get(&doc, 0, "hook_event_name")) != JSON_STRING)
    status = PURSER_EPARSE;
  if (status == PURSER_OK) {
    add_member(&doc, "hook_event_name", &call->event);
    add_member(&doc, "session_id", &call->session);
    add_member(&doc, "transcript_path", &call->transcript);
    add_member(&doc, "cwd", &call->cwd);
    add_member(&doc, "model", &call->model);
    if (call->model.len == 0)
      add_member(&doc, "llm_request.model", &call->model);
    if (json_get(&doc, 0, "agent_id") == JSON_NONE)
      add_member(&doc, "tool_use_id", &call->tool_call);
    if (call->tool_call.failed || call->event.failed || call->session.failed ||
        call->transcript.failed || call->cwd.failed || call->model.failed)
      status = PURSER_ENOMEM;
  }
  json_fini(&doc);
  if (status == PURSER_ENOMEM)
    return error_set(error, status, "out of memory");
  if (status != PURSER_OK)
    return error_set(error, status, "what %s said on standard input is no hook's JSON",
                     client->name);
  for (const struct hook_event *event = client->events; event->name != NULL; event++) {
    if (strcmp(event->name, buf_text(&call->event)) == 0)
      call->moment = event->moment;
  }
  return PURSER_OK;
}

void hook_call_fini(struct hook_call *call) {
  buf_fini(&call->event);
  buf_fini(&call->session);
  buf_fini(&call->transcript);
  buf_fini(&call->cwd);
  buf_fini(&call->model);
  buf_fini(&call->tool_call);
}

/* setup_hooks.c - purser's entries in a client's settings: see setup.h. The clients share one shape:
 *
 *   {"hooks": {EVENT: [{"matcher": ..., "hooks": [{"type": "command", "command": ...}]}]}} */
#include <string.h>

#include "cli/json_edit.h"
#include "cli/setup.h"

/* ---- the clients ---- */

static const char *const claude_events[] = {
    "SessionStart", "UserPromptSubmit", "PreToolUse", "PreCompact", "Stop", NULL};
static const char *const codex_events[] = {"SessionStart", "UserPromptSubmit", "PreToolUse", "Stop",
                                           NULL};
/* BeforeModel comes before every request: nothing is left for BeforeTool. */
static const char *const gemini_events[] = {"SessionStart", "BeforeAgent", "BeforeModel",
                                            "AfterAgent", NULL};

static const struct setup_client clients[] = {
    {
        .name = "claude",
        .title = "Claude Code",
        .home_variable = "CLAUDE_CONFIG_DIR",
        .home = ".claude",
        .file = "settings.json",
        .events = claude_events,
        .extra = ",\"timeout\":10",
        .has_statusline = true,
        .afterwards = "It holds for sessions that start from now on.",
    },
    {
        .name = "codex",
        .title = "Codex",
        .home_variable = "CODEX_HOME",
        .home = ".codex",
        .file = "hooks.json",
        .events = codex_events,
        .extra = "",
        .afterwards =
            "Codex passes over hooks that are not trusted, and says nothing: start `codex` once and\n"
            "trust this one when it asks. In scripts, `codex exec --dangerously-bypass-hook-trust`\n"
            "runs it without asking. A refused prompt ends without a word on codex's output; the\n"
            "budget's state is in `purser budget`.",
    },
    {
        .name = "gemini",
        .title = "Gemini CLI",
        .home = ".gemini",
        .file = "settings.json",
        .events = gemini_events,
        .matcher = "*",
        .extra = ",\"name\":\"purser\"",
        .comments = true,
        .afterwards = "It holds for sessions that start from now on.",
    },
};

const struct setup_client *setup_client_find(const char *name) {
  for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++) {
    if (strcmp(clients[i].name, name) == 0)
      return &clients[i];
  }
  return NULL;
}

/* ---- recognising ---- */

/* The program's path may be quoted, and lie anywhere: its last part counts. */
bool setup_is_ours(const char *command, const char *words) {
  const char *at = command;
  const char *name = command;
  char quote = '\0';
  for (; *at != '\0' && (quote != '\0' || *at != ' '); at++) {
    if (quote == '\0' && (*at == '\'' || *at == '"'))
      quote = *at;
    else if (*at == quote)
      quote = '\0';
    if (*at == '/')
      name = at + 1;
  }
  name += strspn(name, "'\"");
  static const char program[] = "purser";
  const size_t len = sizeof program - 1;
  if (strncmp(name, program, len) != 0 || name + len > at ||
      (size_t)(at - name - (ptrdiff_t)len) != strspn(name + len, "'\""))
    return false;
  at += strspn(at, " ");
  const size_t n = strlen(words);
  return strncmp(at, words, n) == 0 && (at[n] == '\0' || at[n] == ' ');
}

static bool names_ours(const struct json_doc *doc, json_id entry, const char *words) {
  struct buf command = BUF_INIT;
  json_add_text(doc, json_get(doc, entry, "command"), &command);
  const bool ours = setup_is_ours(buf_text(&command), words);
  buf_fini(&command);
  return ours;
}

/* One of purser's hooks under an event, and what it lies in. */
struct place {
  json_id groups; /* the event's list */
  json_id group;
  json_id list; /* the group's "hooks" */
  json_id entry;
};

static bool find_entry(const struct json_doc *doc, json_id groups,
                       const struct setup_client *client, struct place *out) {
  struct buf words = BUF_INIT;
  bool found = false;
  buf_addf(&words, "hook %s", client->name);
  for (json_id g = json_first(doc, groups); g != JSON_NONE && !found;
       g = json_next(doc, groups, g)) {
    const json_id list = json_get(doc, g, "hooks");
    for (json_id e = json_first(doc, list); e != JSON_NONE && !found; e = json_next(doc, list, e)) {
      found = names_ours(doc, e, buf_text(&words));
      *out = (struct place){groups, g, list, e};
    }
  }
  buf_fini(&words);
  return found;
}

static int refuse(const char *what, const char *kind, struct error *error) {
  return error_set(error, PURSER_EPARSE, "%s is not %s, as the client wants it: mend it first",
                   what, kind);
}

static int open_text(struct json_edit *edit, const char *text, size_t len,
                     const struct setup_client *client, struct error *error) {
  const int status = json_edit_open(edit, text, len, client->comments);
  return status == PURSER_EPARSE ? error_set(error, status, "it is not valid JSON: mend it first")
                                 : status;
}

/* ---- putting in ---- */

static void write_group(struct buf *out, const struct setup_plan *plan) {
  buf_addc(out, '{');
  if (plan->client->matcher != NULL)
    buf_addf(out, "\"matcher\":\"%s\",", plan->client->matcher);
  buf_adds(out, "\"hooks\":[{\"type\":\"command\",\"command\":");
  json_write_str(out, plan->hook, strlen(plan->hook));
  buf_addf(out, "%s}]}", plan->client->extra);
}

static int add_value(struct json_edit *edit, json_id container, const char *key,
                     const struct buf *value) {
  const int status = buf_status(value);
  return status == PURSER_OK ? json_edit_add(edit, container, key, value->data) : status;
}

static int add_event(struct json_edit *edit, const struct setup_plan *plan, const char *event,
                     struct error *error) {
  const json_id hooks = json_get(&edit->doc, 0, "hooks");
  const json_id groups = json_get(&edit->doc, hooks, event);
  struct place place;
  struct buf group = BUF_INIT;
  struct buf value = BUF_INIT;
  int status = PURSER_OK;
  write_group(&group, plan);
  buf_addf(&value, "[%s]", buf_text(&group));
  if (groups == JSON_NONE)
    status = add_value(edit, hooks, event, &value);
  else if (json_kind(&edit->doc, groups) != JSON_ARRAY)
    status = refuse(event, "a list", error);
  else if (!find_entry(&edit->doc, groups, plan->client, &place))
    status = add_value(edit, groups, NULL, &group);
  else {
    const json_id command = json_get(&edit->doc, place.entry, "command");
    if (!json_equals(&edit->doc, command, plan->hook))
      status = json_edit_replace_string(edit, command, plan->hook);
  }
  buf_fini(&group);
  buf_fini(&value);
  return status;
}

static int add_hooks(struct json_edit *edit, const struct setup_plan *plan, struct error *error) {
  const json_id hooks = json_get(&edit->doc, 0, "hooks");
  int status = PURSER_OK;
  if (hooks == JSON_NONE)
    status = json_edit_add(edit, 0, "hooks", "{}");
  else if (json_kind(&edit->doc, hooks) != JSON_OBJECT)
    return refuse("\"hooks\"", "an object", error);
  for (const char *const *event = plan->client->events; *event != NULL && status == PURSER_OK;
       event++)
    status = add_event(edit, plan, *event, error);
  return status;
}

static int add_statusline(struct json_edit *edit, const char *command) {
  const json_id line = json_get(&edit->doc, 0, "statusLine");
  if (line != JSON_NONE) {
    const json_id own = json_get(&edit->doc, line, "command");
    return json_equals(&edit->doc, own, command) ? PURSER_OK
                                                 : json_edit_replace_string(edit, own, command);
  }
  struct buf value = BUF_INIT;
  buf_adds(&value, "{\"type\":\"command\",\"command\":");
  json_write_str(&value, command, strlen(command));
  buf_addc(&value, '}');
  const int status = add_value(edit, 0, "statusLine", &value);
  buf_fini(&value);
  return status;
}

static int finish(struct json_edit *edit, struct buf *out, int status, struct error *error) {
  if (status == PURSER_OK) {
    buf_clear(out);
    buf_add(out, edit->text.data, edit->text.len);
    status = buf_status(out);
  }
  json_edit_fini(edit);
  if (status == PURSER_ENOMEM)
    (void)error_set(error, status, "out of memory");
  return status;
}

int setup_apply(struct buf *out, const char *text, size_t len, const struct setup_plan *plan,
                bool *free_statusline, struct error *error) {
  struct json_edit edit;
  int status = open_text(&edit, text, len, plan->client, error);
  if (status == PURSER_OK) {
    const json_id line = json_get(&edit.doc, 0, "statusLine");
    const bool is_free = line == JSON_NONE || names_ours(&edit.doc, line, "statusline");
    if (free_statusline != NULL)
      *free_statusline = plan->client->has_statusline && line == JSON_NONE;
    status = add_hooks(&edit, plan, error);
    if (status == PURSER_OK && plan->statusline != NULL && plan->client->has_statusline && is_free)
      status = add_statusline(&edit, plan->statusline);
  }
  return finish(&edit, out, status, error);
}

/* ---- taking out ---- */

/* A group that holds nothing but what purser puts into one. */
static bool is_plain_group(const struct json_doc *doc, json_id group,
                           const struct setup_client *client) {
  for (json_id v = json_first(doc, group); v != JSON_NONE; v = json_next(doc, group, v)) {
    const purser_str key = json_key(doc, v);
    const bool hooks = key.len == 5 && memcmp(key.ptr, "hooks", 5) == 0;
    const bool matcher = client->matcher != NULL && json_equals(doc, v, client->matcher);
    if (!hooks && !matcher)
      return false;
  }
  return true;
}

/* Takes the smallest thing out that would be left empty otherwise. */
static int remove_entry(struct json_edit *edit, const char *event, const struct place *p,
                        const struct setup_client *client) {
  const struct json_doc *doc = &edit->doc;
  if (json_next(doc, p->list, json_first(doc, p->list)) != JSON_NONE ||
      !is_plain_group(doc, p->group, client))
    return json_edit_remove(edit, p->list, p->entry);
  if (json_next(doc, p->groups, json_first(doc, p->groups)) != JSON_NONE)
    return json_edit_remove(edit, p->groups, p->group);
  const json_id hooks = json_get(doc, 0, "hooks");
  if (json_next(doc, hooks, json_first(doc, hooks)) != JSON_NONE)
    return json_edit_remove(edit, hooks, json_get(doc, hooks, event));
  return json_edit_remove(edit, 0, hooks);
}

/* The first of purser's hooks anywhere: the user may have moved it to another event. False if there is none (left). */
static bool find_any(const struct json_doc *doc, const struct setup_client *client,
                     struct buf *event, struct place *out) {
  const json_id hooks = json_get(doc, 0, "hooks");
  if (json_kind(doc, hooks) != JSON_OBJECT)
    return false;
  for (json_id v = json_first(doc, hooks); v != JSON_NONE; v = json_next(doc, hooks, v)) {
    if (json_kind(doc, v) != JSON_ARRAY || !find_entry(doc, v, client, out))
      continue;
    const purser_str key = json_key(doc, v);
    buf_clear(event);
    buf_add(event, key.ptr, key.len);
    return true;
  }
  return false;
}

int setup_undo(struct buf *out, const char *text, size_t len, const struct setup_client *client,
               struct error *error) {
  struct json_edit edit;
  struct place place;
  struct buf event = BUF_INIT;
  int status = open_text(&edit, text, len, client, error);
  while (status == PURSER_OK && find_any(&edit.doc, client, &event, &place))
    status = remove_entry(&edit, buf_text(&event), &place, client);
  if (status == PURSER_OK && client->has_statusline) {
    const json_id line = json_get(&edit.doc, 0, "statusLine");
    if (names_ours(&edit.doc, line, "statusline"))
      status = json_edit_remove(&edit, 0, line);
  }
  buf_fini(&event);
  return finish(&edit, out, status, error);
}

bool setup_is_installed(const char *text, size_t len, const struct setup_client *client) {
  struct json_edit edit;
  struct place place;
  bool all = json_edit_open(&edit, text, len, client->comments) == PURSER_OK;
  const json_id hooks = all ? json_get(&edit.doc, 0, "hooks") : JSON_NONE;
  for (const char *const *event = client->events; *event != NULL && all; event++)
    all = find_entry(&edit.doc, json_get(&edit.doc, hooks, *event), client, &place);
  json_edit_fini(&edit);
  return all;
}

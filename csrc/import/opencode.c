/* opencode.c - opencode as a source: where its stores lie, and what both have in common. */
#include <stdlib.h>
#include <string.h>

#include "import/opencode_tree.h"

static purser_str text_of(const char *text) {
  return (purser_str){text, strlen(text)};
}

static purser_event event_new(int32_t kind, purser_str session) {
  const purser_str none = text_of("");
  return (purser_event){.kind = kind,
                        .cost_nanousd = -1,
                        .session = session,
                        .id = none,
                        .name = none,
                        .text = none,
                        .model = none,
                        .request_id = none,
                        .parent = none,
                        .service_tier = none,
                        .speed = none,
                        .effort = none,
                        .cwd = none,
                        .branch = none};
}

void opencode_tell_prompt(struct import_sink *sink, purser_str session, purser_str cwd,
                          purser_str id, int64_t at_ms, purser_str text) {
  purser_event event = event_new(PURSER_EVENT_SESSION, session);
  event.cwd = cwd;
  event.at_ms = at_ms;
  import_sink_event(sink, &event);
  event = event_new(PURSER_EVENT_PROMPT, session);
  event.id = id;
  event.at_ms = at_ms;
  event.text = text;
  import_sink_event(sink, &event);
}

bool opencode_part_typed(const struct json_doc *part, struct buf *text) {
  const json_id type = json_get(part, 0, "type");
  if (json_equals(part, type, "compaction"))
    return !json_is_true(part, json_get(part, 0, "auto"));
  if (!json_equals(part, type, "text"))
    return true; /* a file, a command, an agent that was asked for */
  if (json_is_true(part, json_get(part, 0, "synthetic")))
    return false;
  if (text->len > 0)
    buf_addc(text, '\n');
  json_add_text(part, json_get(part, 0, "text"), text);
  return true;
}

/* ---- the source ---- */

static int roots(struct buf *out) {
  const char *data = getenv("XDG_DATA_HOME");
  const char *home = getenv("HOME");
  if (data != NULL && data[0] == '/') {
    buf_addf(out, "%s/opencode", data);
  } else if (home != NULL && home[0] == '/') {
    buf_addf(out, "%s/.local/share/opencode", home);
  } else {
    return PURSER_OK;
  }
  buf_add(out, "", 1);
  return buf_status(out);
}

static int read(const char *path, purser_str state, int64_t since_ms, struct import_sink *sink,
                struct error *error) {
  const size_t len = strlen(path);
  const bool message = len > 5 && strcmp(path + len - 5, ".json") == 0;
  return !message ? opencode_read_database(path, state, since_ms, sink, error)
                  : opencode_read_message(path, state, since_ms, sink, error);
}

static const struct import_pattern files[] = {
    {.glob = "opencode.db"},
    {.glob = "opencode.db-wal"},
    {.glob = "storage/message/*/*.json"},
    {.glob = NULL},
};

const struct import_source import_source_opencode = {
    .name = "opencode",
    .title = "opencode",
    .files = files,
    .roots = roots,
    .read = read,
};

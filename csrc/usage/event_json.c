/* event_json.c - an event as one line of JSON: for `purser decode`, for bug reports, and for the tests. What is empty is left
 * out; the two numbers are named after what they mean for the kind. */
#include "base/json.h"
#include "usage/decoder.h"
#include "usage/flag_names.h"

static const struct kind {
  const char *name;
  const char *number;
  const char *number2;
} kinds[] = {
    [PURSER_EVENT_TEXT] = {"text", NULL, NULL},
    [PURSER_EVENT_THINKING] = {"thinking", NULL, NULL},
    [PURSER_EVENT_TOOL_CALL] = {"tool_call", NULL, NULL},
    [PURSER_EVENT_TOOL_RESULT] = {"tool_result", NULL, NULL},
    [PURSER_EVENT_USAGE] = {"usage", NULL, NULL},
    [PURSER_EVENT_SESSION] = {"session", NULL, NULL},
    [PURSER_EVENT_COMPACTION] = {"compaction", "tokens_before", "tokens_after"},
    [PURSER_EVENT_RETRY] = {"retry", "http_status", "delay_ms"},
    [PURSER_EVENT_RATE_LIMIT] = {"rate_limit", "used_per_10000", "resets_at_ms"},
    [PURSER_EVENT_RESULT] = {"result", NULL, NULL},
    [PURSER_EVENT_ERROR] = {"error", "http_status", "retry_after_ms"},
    [PURSER_EVENT_PROMPT] = {"prompt", NULL, NULL},
};

static const struct kind *find_kind(int32_t kind) {
  static const struct kind unknown = {"unknown", "number", "number2"};
  if (kind < 1 || (size_t)kind >= sizeof kinds / sizeof kinds[0])
    return &unknown;
  return &kinds[kind];
}

static void write_usage(struct buf *out, const purser_usage *u) {
  const struct {
    const char *name;
    int64_t value;
  } fields[] = {
      {"input", u->input},
      {"cache_read", u->cache_read},
      {"cache_write_5m", u->cache_write_5m},
      {"cache_write_1h", u->cache_write_1h},
      {"output", u->output},
      {"reasoning", u->reasoning},
      {"web_searches", u->web_searches},
  };
  json_put_key(out, "usage");
  json_open(out);
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    json_put_i64(out, fields[i].name, fields[i].value);
  json_close(out);
}

static const char *scope_name(int32_t scope) {
  if (scope == PURSER_SCOPE_RUN)
    return "run";
  return scope == PURSER_SCOPE_SESSION ? "session" : "request";
}

void event_write_json(struct buf *out, const purser_event *event) {
  const struct kind *kind = find_kind(event->kind);
  const struct {
    const char *name;
    purser_str value;
  } strings[] = {
      {"id", event->id},         {"name", event->name},
      {"text", event->text},     {"session", event->session},
      {"model", event->model},   {"request_id", event->request_id},
      {"parent", event->parent}, {"service_tier", event->service_tier},
      {"speed", event->speed},   {"effort", event->effort},
      {"cwd", event->cwd},       {"branch", event->branch},
  };
  json_open(out);
  json_put_text(out, "kind", kind->name);
  if (event->at_ms != 0)
    json_put_i64(out, "at_ms", event->at_ms);
  for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
    if (strings[i].value.len == 0)
      continue;
    json_put_key(out, strings[i].name);
    json_write_str(out, strings[i].value.ptr, strings[i].value.len);
  }
  if (kind->number != NULL)
    json_put_i64(out, kind->number, event->number);
  if (kind->number2 != NULL)
    json_put_i64(out, kind->number2, event->number2);
  if (event->kind == PURSER_EVENT_USAGE) {
    json_put_text(out, "scope", scope_name(event->scope));
    if (event->index != 0)
      json_put_i64(out, "index", event->index);
    write_usage(out, &event->usage);
  }
  if (event->cost_nanousd >= 0)
    json_put_i64(out, "cost_nanousd", event->cost_nanousd);
  if (event->flags != 0) {
    json_put_key(out, "flags");
    flags_write(out, event->flags);
  }
  json_close(out);
}

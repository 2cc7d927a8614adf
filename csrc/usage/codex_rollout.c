/* codex_rollout.c - Codex's own record of a thread.
 *
 * Since some version each response has a token_usage_record, which is all one needs. Before that there are only counters
 * (codex_totals.h), and a fork's file begins with a replay of its parent's. A replayed turn is told by its id, which holds the
 * time at which it began: it is older than the thread. Where ids do not tell, rows are marked uncertain. */
#include "usage/codex_totals.h"
#include "usage/failure.h"
#include "usage/openai_usage.h"
#include "usage/seen.h"
#include "usage/tokens.h"

enum lineage {
  LINEAGE_OWN = 0, /* what follows is this thread's */
  LINEAGE_REPLAY,  /* what follows is the parent's */
  LINEAGE_UNKNOWN  /* a fork, and no turn has told yet */
};

struct window {
  int64_t used;
  int64_t resets_ms;
};

struct rollout {
  struct buf session;
  struct buf model;
  struct buf effort;
  struct buf key;   /* of a request without a response id */
  int64_t began_ms; /* the thread, by its id */
  enum lineage lineage;
  bool has_session;
  bool subagent;
  struct codex_totals totals;
  purser_usage record_total; /* as of the last counter that became a request */
  bool from_counter;
  uint64_t last_prompt;
  struct window windows[2];
};

static json_id payload_of(const struct decoder *decoder) {
  return json_get(&decoder->doc, decoder->root, "payload");
}

static purser_event event_of_line(struct decoder *decoder, enum purser_event_kind kind) {
  const struct rollout *state = decoder->state;
  purser_event event = event_new(kind);
  event.session = str_of_buf(&state->session);
  event.at_ms = emit_instant(decoder, json_get(&decoder->doc, decoder->root, "timestamp"));
  if (state->subagent)
    event.flags |= PURSER_FLAG_SIDECHAIN;
  return event;
}

/* ---- who speaks ---- */

static purser_str parent_of(struct decoder *decoder, json_id payload) {
  static const char *const places[] = {"forked_from_id", "parent_thread_id",
                                       "source.subagent.thread_spawn.parent_thread_id"};
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    const purser_str parent = emit_str_at(decoder, payload, places[i]);
    if (parent.len > 0)
      return parent;
  }
  return STR("");
}

static void on_session(struct decoder *decoder) {
  struct rollout *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id payload = payload_of(decoder);
  const purser_str id = emit_str_at(decoder, payload, "id");
  if (state->has_session)
    return; /* a replay brings the parent's own first line along */
  const purser_str parent = parent_of(decoder, payload);
  state->has_session = true;
  state->began_ms = codex_id_ms(id);
  state->subagent = json_kind(doc, json_path(doc, payload, "source.subagent")) > JSON_NULL;
  /* A paginated history is the thread's own: what it was forked from stays in the parent's file. */
  const bool paginated = json_equals(doc, json_get(doc, payload, "history_mode"), "paginated");
  state->lineage = parent.len > 0 && !paginated ? LINEAGE_UNKNOWN : LINEAGE_OWN;
  emit_keep(decoder, &state->session, id);
  purser_event event = event_of_line(decoder, PURSER_EVENT_SESSION);
  event.parent = parent;
  event.cwd = emit_str_at(decoder, payload, "cwd");
  event.branch = emit_str_at(decoder, payload, "git.branch");
  event.name = emit_str_at(decoder, payload, "cli_version");
  emit(decoder, &event);
}

/* A turn begins: is it ours? */
static void on_turn_id(struct decoder *decoder, json_id payload) {
  struct rollout *state = decoder->state;
  const int64_t ms =
      codex_id_ms(json_raw(&decoder->doc, json_get(&decoder->doc, payload, "turn_id")));
  if (state->lineage == LINEAGE_OWN || ms == 0 || state->began_ms == 0)
    return;
  if (ms < state->began_ms) {
    state->lineage = LINEAGE_REPLAY;
    return;
  }
  state->lineage = LINEAGE_OWN;
  state->totals.known = false; /* a seam */
}

static void on_turn_context(struct decoder *decoder) {
  struct rollout *state = decoder->state;
  const json_id payload = payload_of(decoder);
  on_turn_id(decoder, payload);
  const purser_str model = emit_str_at(decoder, payload, "model");
  const purser_str effort = emit_str_at(decoder, payload, "effort");
  if (state->lineage == LINEAGE_REPLAY || model.len == 0 ||
      (str_equal(model, str_of_buf(&state->model)) &&
       str_equal(effort, str_of_buf(&state->effort))))
    return;
  emit_keep(decoder, &state->model, model);
  emit_keep(decoder, &state->effort, effort);
  purser_event event = event_of_line(decoder, PURSER_EVENT_SESSION);
  event.model = model;
  event.effort = effort;
  event.cwd = emit_str_at(decoder, payload, "cwd");
  emit(decoder, &event);
}

/* ---- usage ---- */

static purser_event usage_event(struct decoder *decoder) {
  const struct rollout *state = decoder->state;
  purser_event event = event_of_line(decoder, PURSER_EVENT_USAGE);
  event.model = str_of_buf(&state->model);
  event.effort = str_of_buf(&state->effort);
  return event;
}

static void on_record(struct decoder *decoder) {
  struct rollout *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id payload = payload_of(decoder);
  const json_id thread = json_get(doc, payload, "thread_token_usage");
  bool clamped = false;
  if (json_kind(doc, thread) == JSON_OBJECT) {
    bool ignored = false;
    const purser_usage total = openai_usage_codex(doc, thread, &ignored);
    const purser_usage *counted = &state->record_total;
    /* Its counter came first and was taken for it. */
    if (state->from_counter && tokens_total(&total) == tokens_total(counted) &&
        total.output == counted->output)
      return;
    codex_totals_counted(&state->totals, &total);
  }
  purser_event event = usage_event(decoder);
  event.id = emit_str_at(decoder, payload, "response_id");
  const purser_str session = emit_str_at(decoder, payload, "thread_id");
  if (session.len > 0)
    event.session = session;
  event.usage = openai_usage_codex(doc, json_get(doc, payload, "usage"), &clamped);
  if (clamped)
    event.flags |= PURSER_FLAG_CLAMPED;
  state->last_prompt = 0;
  emit(decoder, &event);
}

/* No response id was written in those days: thread, time and counter identify the request. */
static void emit_counted(struct decoder *decoder, purser_event *event, const purser_usage *total) {
  struct rollout *state = decoder->state;
  buf_clear(&state->key);
  buf_add(&state->key, event->session.ptr, event->session.len);
  buf_addf(&state->key, "@%lld+%lld", (long long)event->at_ms, (long long)tokens_total(total));
  if (state->key.failed)
    decoder->status = PURSER_ENOMEM;
  event->id = str_of_buf(&state->key);
  state->last_prompt = 0;
  emit(decoder, event);
}

static void on_counter(struct decoder *decoder, json_id info) {
  struct rollout *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id last_id = json_get(doc, info, "last_token_usage");
  const json_id total_id = json_get(doc, info, "total_token_usage");
  bool clamped = false;
  if (json_kind(doc, total_id) != JSON_OBJECT)
    return;
  const purser_usage total = openai_usage_codex(doc, total_id, &clamped);
  const purser_usage last = openai_usage_codex(doc, last_id, &clamped);
  const bool has_last = json_kind(doc, last_id) == JSON_OBJECT;
  if (state->lineage == LINEAGE_REPLAY)
    return; /* the parent's file has it */
  const bool first = !state->totals.known;
  purser_event event = usage_event(decoder);
  const enum codex_step step =
      codex_totals_next(&state->totals, &total, has_last ? &last : NULL, &event.usage, &clamped);
  if (step == CODEX_REPEATED)
    return;
  if (clamped)
    event.flags |= PURSER_FLAG_CLAMPED;
  /* A thread that was forked from none owns all of its first total. */
  const bool lone =
      step == CODEX_UNSURE && first && state->lineage == LINEAGE_OWN && state->has_session;
  if (state->lineage == LINEAGE_UNKNOWN || (step == CODEX_UNSURE && !lone))
    event.flags |= PURSER_FLAG_UNCERTAIN;
  state->record_total = total;
  state->from_counter = true;
  emit_counted(decoder, &event, &total);
}

/* ---- the rest ---- */

static const char *window_name(int64_t minutes, int which) {
  static const struct {
    int64_t minutes;
    const char *name;
  } known[] = {{300, "five_hour"}, {1440, "one_day"}, {10080, "seven_day"}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    if (known[i].minutes == minutes)
      return known[i].name;
  }
  return which == 0 ? "primary" : "secondary";
}

/* Limits are written along with each counter; a change is news. */
static void on_window(struct decoder *decoder, json_id window, int which) {
  struct rollout *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  if (json_kind(doc, window) != JSON_OBJECT)
    return;
  purser_event event = event_of_line(decoder, PURSER_EVENT_RATE_LIMIT);
  int64_t used = 0;
  const int64_t at = json_i64_or(doc, json_get(doc, window, "resets_at"), 0);
  const int64_t in = json_i64_or(doc, json_get(doc, window, "resets_in_seconds"), -1);
  if (json_decimal(doc, json_get(doc, window, "used_percent"), 2, &used) == PURSER_OK)
    event.number = used;
  if (at > 0 && at < INT64_MAX / 1000)
    event.number2 = at * 1000;
  if (event.number2 == 0 && in >= 0 && in < INT32_MAX && event.at_ms > 0)
    event.number2 = event.at_ms + in * 1000;
  struct window *known = &state->windows[which];
  if (known->used == event.number && known->resets_ms == event.number2)
    return;
  *known = (struct window){event.number, event.number2};
  event.name =
      str_of(window_name(json_i64_or(doc, json_get(doc, window, "window_minutes"), 0), which));
  emit(decoder, &event);
}

static void on_token_count(struct decoder *decoder, json_id payload) {
  const struct json_doc *doc = &decoder->doc;
  const struct rollout *state = decoder->state;
  on_counter(decoder, json_get(doc, payload, "info"));
  if (state->lineage == LINEAGE_REPLAY)
    return;
  on_window(decoder, json_path(doc, payload, "rate_limits.primary"), 0);
  on_window(decoder, json_path(doc, payload, "rate_limits.secondary"), 1);
}

static void emit_prompt(struct decoder *decoder, purser_str text) {
  struct rollout *state = decoder->state;
  const uint64_t hash = seen_hash(text);
  /* Some versions write a prompt both ways. */
  if (text.len == 0 || state->lineage == LINEAGE_REPLAY || hash == state->last_prompt)
    return;
  state->last_prompt = hash;
  purser_event event = event_of_line(decoder, PURSER_EVENT_PROMPT);
  event.text = text;
  emit(decoder, &event);
}

static void on_user_message(struct decoder *decoder, json_id payload) {
  emit_prompt(decoder, emit_str_at(decoder, payload, "message"));
}

static void on_item(struct decoder *decoder, json_id payload) {
  const struct json_doc *doc = &decoder->doc;
  const json_id item = json_get(doc, payload, "item");
  if (json_equals(doc, json_get(doc, item, "type"), "UserMessage"))
    emit_prompt(decoder, emit_content(decoder, json_get(doc, item, "content")));
}

static void on_task_started(struct decoder *decoder, json_id payload) {
  struct rollout *state = decoder->state;
  state->last_prompt = 0; /* the same words may be said again in another turn */
  on_turn_id(decoder, payload);
}

static void on_aborted(struct decoder *decoder, json_id payload) {
  const struct rollout *state = decoder->state;
  if (state->lineage == LINEAGE_REPLAY)
    return;
  purser_event event = event_of_line(decoder, PURSER_EVENT_RESULT);
  event.name = STR("aborted");
  event.text = emit_str_at(decoder, payload, "reason");
  event.flags |= PURSER_FLAG_FAILED;
  emit(decoder, &event);
}

static void on_task_complete(struct decoder *decoder, json_id payload) {
  const struct rollout *state = decoder->state;
  const struct json_doc *doc = &decoder->doc;
  const json_id error = json_get(doc, payload, "error");
  if (state->lineage == LINEAGE_REPLAY || json_kind(doc, error) != JSON_OBJECT)
    return;
  struct failure failure = failure_none();
  failure.message = emit_str_at(decoder, error, "message");
  failure.code = emit_str_at(decoder, error, "codex_error_info");
  failure.status = failure_status_in(failure.message);
  failure.fatal = true;
  failure.at_ms = emit_instant(decoder, json_get(doc, decoder->root, "timestamp"));
  failure_emit(decoder, &failure);
}

static void on_event(struct decoder *decoder) {
  static const struct {
    const char *type;
    void (*take)(struct decoder *decoder, json_id payload);
  } types[] = {
      {"token_count", on_token_count},   {"item_completed", on_item},
      {"user_message", on_user_message}, {"task_started", on_task_started},
      {"turn_aborted", on_aborted},      {"task_complete", on_task_complete},
  };
  const json_id payload = payload_of(decoder);
  const json_id type = json_get(&decoder->doc, payload, "type");
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    if (json_equals(&decoder->doc, type, types[i].type)) {
      types[i].take(decoder, payload);
      return;
    }
  }
}

static void on_compacted(struct decoder *decoder) {
  const struct rollout *state = decoder->state;
  if (state->lineage == LINEAGE_REPLAY)
    return;
  purser_event event = event_of_line(decoder, PURSER_EVENT_COMPACTION);
  emit(decoder, &event);
}

static void value(struct decoder *decoder) {
  static const struct dialect_row types[] = {
      {"event_msg", on_event},           {"token_usage_record", on_record},
      {"turn_context", on_turn_context}, {"session_meta", on_session},
      {"compacted", on_compacted},       {NULL, NULL},
  };
  (void)dialect_take(decoder, json_get(&decoder->doc, decoder->root, "type"), types);
}

static void fini(void *opaque) {
  struct rollout *state = opaque;
  buf_fini(&state->session);
  buf_fini(&state->model);
  buf_fini(&state->effort);
  buf_fini(&state->key);
}

static void save_usage(const purser_usage *usage, struct buf *out) {
  pack_int(out, usage->input);
  pack_int(out, usage->cache_read);
  pack_int(out, usage->cache_write_5m);
  pack_int(out, usage->cache_write_1h);
  pack_int(out, usage->output);
  pack_int(out, usage->reasoning);
}

static purser_usage load_usage(struct unpack *in) {
  purser_usage usage = {0};
  usage.input = unpack_int(in);
  usage.cache_read = unpack_int(in);
  usage.cache_write_5m = unpack_int(in);
  usage.cache_write_1h = unpack_int(in);
  usage.output = unpack_int(in);
  usage.reasoning = unpack_int(in);
  return usage;
}

static void save(const void *opaque, struct buf *out) {
  const struct rollout *state = opaque;
  pack_text(out, buf_text(&state->session), state->session.len);
  pack_text(out, buf_text(&state->model), state->model.len);
  pack_text(out, buf_text(&state->effort), state->effort.len);
  pack_int(out, state->began_ms);
  pack_int(out, state->lineage);
  pack_int(out, state->has_session);
  pack_int(out, state->subagent);
  save_usage(&state->totals.mark, out);
  pack_int(out, state->totals.known);
  save_usage(&state->record_total, out);
  pack_int(out, state->from_counter);
  pack_int(out, (int64_t)state->last_prompt);
  for (size_t i = 0; i < 2; i++) {
    pack_int(out, state->windows[i].used);
    pack_int(out, state->windows[i].resets_ms);
  }
}

static bool load(struct decoder *decoder, struct unpack *in) {
  struct rollout *state = decoder->state;
  emit_keep(decoder, &state->session, unpack_text(in));
  emit_keep(decoder, &state->model, unpack_text(in));
  emit_keep(decoder, &state->effort, unpack_text(in));
  state->began_ms = unpack_int(in);
  const int64_t lineage = unpack_int(in);
  state->lineage = lineage >= LINEAGE_OWN && lineage <= LINEAGE_UNKNOWN ? (enum lineage)lineage
                                                                        : LINEAGE_UNKNOWN;
  state->has_session = unpack_int(in) != 0;
  state->subagent = unpack_int(in) != 0;
  state->totals.mark = load_usage(in);
  state->totals.known = unpack_int(in) != 0;
  state->record_total = load_usage(in);
  state->from_counter = unpack_int(in) != 0;
  state->last_prompt = (uint64_t)unpack_int(in);
  for (size_t i = 0; i < 2; i++) {
    state->windows[i].used = unpack_int(in);
    state->windows[i].resets_ms = unpack_int(in);
  }
  return true;
}

/* The client writes a line's type before its payload, and an item's before its content. */
static bool skip(const char *line, size_t len) {
  enum {
    HEAD = 128,
    ITEM = 512
  };
  if (str_holds(line, len, HEAD, "\"type\":\"response_item\"") ||
      str_holds(line, len, HEAD, "\"type\":\"world_state\""))
    return true;
  return str_holds(line, len, HEAD * 2, "\"type\":\"item_completed\"") &&
         str_holds(line, len, ITEM, "\"item\":{\"type\":\"") &&
         !str_holds(line, len, ITEM, "\"item\":{\"type\":\"UserMessage\"");
}

const struct dialect dialect_codex_rollout = {
    .name = "codex_rollout",
    .framing = FRAMING_RECORD,
    .state_size = sizeof(struct rollout),
    .skip = skip,
    .value = value,
    .fini = fini,
    .save = save,
    .load = load,
};

/* anthropic_usage.c - see anthropic_usage.h. */
#include "usage/anthropic_usage.h"

#include "usage/tokens.h"

static void read_cache_writes(const struct json_doc *doc, json_id id, purser_usage *usage,
                              bool *clamped) {
  const json_id nested = json_get(doc, id, "cache_creation");
  const int64_t short_lived = tokens_get(doc, nested, "ephemeral_5m_input_tokens", clamped);
  const int64_t long_lived = tokens_get(doc, nested, "ephemeral_1h_input_tokens", clamped);
  const bool has_flat = tokens_has(doc, id, "cache_creation_input_tokens");
  if (short_lived + long_lived > 0 || (json_kind(doc, nested) == JSON_OBJECT && !has_flat)) {
    usage->cache_write_5m = short_lived;
    usage->cache_write_1h = long_lived;
  } else if (has_flat) {
    const int64_t flat = tokens_get(doc, id, "cache_creation_input_tokens", clamped);
    if (usage->cache_write_1h > flat)
      usage->cache_write_1h = flat;
    usage->cache_write_5m = flat - usage->cache_write_1h;
  }
}

void anthropic_usage_read(const struct json_doc *doc, json_id id, purser_usage *usage,
                          bool *clamped) {
  if (json_kind(doc, json_get(doc, id, "input_tokens")) > JSON_NULL)
    usage->input = tokens_get(doc, id, "input_tokens", clamped);
  if (json_kind(doc, json_get(doc, id, "cache_read_input_tokens")) > JSON_NULL)
    usage->cache_read = tokens_get(doc, id, "cache_read_input_tokens", clamped);
  if (json_kind(doc, json_get(doc, id, "output_tokens")) > JSON_NULL)
    usage->output = tokens_get(doc, id, "output_tokens", clamped);
  read_cache_writes(doc, id, usage, clamped);
  const json_id details = json_get(doc, id, "output_tokens_details");
  if (tokens_has(doc, details, "thinking_tokens"))
    usage->reasoning = tokens_get(doc, details, "thinking_tokens", clamped);
  if (usage->reasoning > usage->output)
    usage->reasoning = usage->output;
  const json_id tools = json_get(doc, id, "server_tool_use");
  if (tokens_has(doc, tools, "web_search_requests"))
    usage->web_searches = tokens_get(doc, tools, "web_search_requests", clamped);
}

/* Compactions and advisors are billed beside the response: its own figures leave them out. */
static bool is_beside(const struct json_doc *doc, json_id iteration) {
  const json_id type = json_get(doc, iteration, "type");
  return json_equals(doc, type, "compaction") || json_equals(doc, type, "advisor_message");
}

static purser_usage read_iteration(const struct json_doc *doc, json_id iteration, bool *clamped) {
  purser_usage usage = {0};
  anthropic_usage_read(doc, iteration, &usage, clamped);
  return usage;
}

struct iterations {
  purser_usage own;    /* the sum of the response's own */
  purser_usage beside; /* of those billed beside it */
  int32_t count;
  bool clamped;
};

static struct iterations sum_up(const struct json_doc *doc, json_id list) {
  struct iterations sum = {0};
  for (json_id i = json_first(doc, list); i != JSON_NONE; i = json_next(doc, list, i)) {
    const purser_usage one = read_iteration(doc, i, &sum.clamped);
    tokens_add(is_beside(doc, i) ? &sum.beside : &sum.own, &one);
    sum.count++;
  }
  return sum;
}

/* Long-lived cache writes are told apart in the total alone; they are dealt out to the iterations in order. */
static void split_cache_writes(purser_usage *one, int64_t *long_lived) {
  const int64_t writes = one->cache_write_5m + one->cache_write_1h;
  const int64_t share = *long_lived < writes ? *long_lived : writes;
  if (one->cache_write_1h == 0) {
    one->cache_write_1h = share;
    one->cache_write_5m = writes - share;
  }
  *long_lived -= one->cache_write_1h < *long_lived ? one->cache_write_1h : *long_lived;
}

static void emit_one(struct decoder *decoder, const purser_event *event, int32_t index) {
  purser_event one = *event;
  one.index = index;
  struct buf *id = &decoder->iteration_id;
  if (index > 0) {
    buf_clear(id);
    buf_add(id, event->id.ptr, event->id.len);
    buf_addf(id, "#%d", (int)index);
    if (id->failed)
      decoder->status = PURSER_ENOMEM;
    one.id = str_of_buf(id);
  }
  emit(decoder, &one);
}

/* One event for each iteration. What only the total knows (searches, thinking) goes with the response's first own one. */
static void emit_each(struct decoder *decoder, const purser_event *total, json_id list,
                      bool whole) {
  const struct json_doc *doc = &decoder->doc;
  int64_t long_lived = total->usage.cache_write_1h;
  bool first_own = true;
  int32_t index = whole ? 0 : 1;
  for (json_id i = json_first(doc, list); i != JSON_NONE; i = json_next(doc, list, i), index++) {
    const bool beside = is_beside(doc, i);
    if (!beside && !whole)
      continue;
    purser_event one = *total;
    bool clamped = false;
    one.usage = read_iteration(doc, i, &clamped);
    if (!beside) {
      split_cache_writes(&one.usage, &long_lived);
      one.usage.web_searches = first_own ? total->usage.web_searches : 0;
      one.usage.reasoning = first_own ? total->usage.reasoning : 0;
      if (one.usage.reasoning > one.usage.output)
        one.usage.reasoning = one.usage.output;
      first_own = false;
    }
    if (clamped)
      one.flags |= PURSER_FLAG_CLAMPED;
    if (json_equals(doc, json_get(doc, i, "type"), "compaction"))
      one.flags |= PURSER_FLAG_COMPACTION;
    const purser_str model = emit_str(decoder, json_get(doc, i, "model"));
    if (model.len > 0)
      one.model = model;
    emit_one(decoder, &one, index);
  }
}

void anthropic_usage_emit(struct decoder *decoder, struct seen_entry *entry, purser_event *event,
                          json_id id) {
  const struct json_doc *doc = &decoder->doc;
  const json_id list = json_get(doc, id, "iterations");
  const struct iterations sum = sum_up(doc, list);
  const bool final = (event->flags & PURSER_FLAG_PARTIAL) == 0;
  const int64_t total = tokens_total(&event->usage) + tokens_total(&sum.beside);
  if (!seen_improves(entry, total, final))
    return;
  emit_pin(decoder);
  /* Iterations that hold less than the response are no account of it: then they are read for what was beside it only. */
  const bool whole = sum.count > 0 && tokens_total(&sum.own) > 0 &&
                     tokens_total(&sum.own) >= tokens_total(&event->usage);
  if (whole) {
    emit_each(decoder, event, list, true);
    return;
  }
  emit_one(decoder, event, 0);
  emit_each(decoder, event, list, false);
}

/* claude_models.c - Claude Code's totals by model: in its result, and in its transcript's cost-state lines. */
#include "usage/claude.h"
#include "usage/tokens.h"

static purser_usage read_model(const struct json_doc *doc, json_id id, bool *clamped) {
  purser_usage usage = {
      .input = tokens_get(doc, id, "inputTokens", clamped),
      .cache_read = tokens_get(doc, id, "cacheReadInputTokens", clamped),
      .cache_write_5m = tokens_get(doc, id, "cacheCreationEphemeral5mInputTokens", clamped),
      .cache_write_1h = tokens_get(doc, id, "cacheCreationEphemeral1hInputTokens", clamped),
      .output = tokens_get(doc, id, "outputTokens", clamped),
      .reasoning = tokens_get(doc, id, "thinkingTokens", clamped),
      .web_searches = tokens_get(doc, id, "webSearchRequests", clamped),
  };
  /* Older clients have the sum only, which rule 10 takes as short-lived. */
  if (usage.cache_write_5m + usage.cache_write_1h == 0)
    usage.cache_write_5m = tokens_get(doc, id, "cacheCreationInputTokens", clamped);
  if (usage.reasoning > usage.output)
    usage.reasoning = usage.output;
  return usage;
}

/* A model without a price of its own is billed by the client as if it were another one: no figure to rely on. */
static int64_t read_cost(const struct json_doc *doc, json_id id) {
  if (json_equals(doc, json_get(doc, id, "costBasis"), "unknown"))
    return -1;
  return emit_dollars(doc, json_get(doc, id, "costUSD"));
}

static struct claude_model *find_sum(struct claude_model *sums, purser_str model) {
  const uint64_t hash = seen_hash(model);
  for (size_t i = 0; i < CLAUDE_MODELS; i++) {
    if (sums[i].hash == 0)
      sums[i].hash = hash;
    if (sums[i].hash == hash)
      return &sums[i];
  }
  return NULL;
}

static void add_up(struct claude_model *sum, purser_event *event) {
  if (sum == NULL)
    return;
  tokens_add(&sum->usage, &event->usage);
  if (sum->cost_nanousd >= 0 && event->cost_nanousd >= 0) {
    const bool fits = event->cost_nanousd <= INT64_MAX - sum->cost_nanousd;
    sum->cost_nanousd = fits ? sum->cost_nanousd + event->cost_nanousd : INT64_MAX;
  } else {
    sum->cost_nanousd = -1;
  }
  event->usage = sum->usage;
  event->cost_nanousd = sum->cost_nanousd;
}

void claude_model_usage(struct decoder *decoder, json_id models, enum purser_scope scope,
                        purser_str session, struct claude_model *sums, bool priced) {
  const struct json_doc *doc = &decoder->doc;
  emit_pin(decoder);
  for (json_id id = json_first(doc, models); id != JSON_NONE; id = json_next(doc, models, id)) {
    if (json_kind(doc, id) != JSON_OBJECT)
      continue;
    bool clamped = false;
    purser_event event = event_new(PURSER_EVENT_USAGE);
    event.scope = (int32_t)scope;
    event.session = session;
    event.model = json_key(doc, id);
    event.usage = read_model(doc, id, &clamped);
    event.cost_nanousd = priced ? read_cost(doc, id) : -1;
    if (clamped)
      event.flags |= PURSER_FLAG_CLAMPED;
    if (sums != NULL)
      add_up(find_sum(sums, event.model), &event);
    emit(decoder, &event);
  }
}

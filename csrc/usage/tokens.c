/* tokens.c - see tokens.h. */
#include "usage/tokens.h"

int64_t tokens_read(const struct json_doc *doc, json_id id, bool *clamped) {
  int64_t value = 0;
  const int status = json_decimal(doc, id, 0, &value);
  if (status == PURSER_ENOTFOUND)
    return 0;
  if (status == PURSER_ERANGE)
    value = json_raw(doc, id).ptr[0] == '-' ? -1 : TOKENS_MAX + 1;
  if (status == PURSER_EPARSE || value < 0) {
    *clamped = true;
    return 0;
  }
  if (value > TOKENS_MAX) {
    *clamped = true;
    return TOKENS_MAX;
  }
  return value;
}

int64_t tokens_get(const struct json_doc *doc, json_id object, const char *key, bool *clamped) {
  return tokens_read(doc, json_get(doc, object, key), clamped);
}

bool tokens_has(const struct json_doc *doc, json_id object, const char *key) {
  return json_kind(doc, json_get(doc, object, key)) == JSON_NUMBER;
}

int64_t tokens_less(int64_t a, int64_t b, bool *clamped) {
  if (a >= b)
    return a - b;
  *clamped = true;
  return 0;
}

int64_t tokens_total(const purser_usage *usage) {
  return usage->input + usage->cache_read + usage->cache_write_5m + usage->cache_write_1h +
         usage->output;
}

static void add_capped(int64_t *sum, int64_t value) {
  /* A running total of a whole session may pass what one request can have; nothing real passes this. */
  const int64_t most = TOKENS_MAX * 1000;
  *sum = *sum > most - value ? most : *sum + value;
}

void tokens_add(purser_usage *sum, const purser_usage *usage) {
  add_capped(&sum->input, usage->input);
  add_capped(&sum->cache_read, usage->cache_read);
  add_capped(&sum->cache_write_5m, usage->cache_write_5m);
  add_capped(&sum->cache_write_1h, usage->cache_write_1h);
  add_capped(&sum->output, usage->output);
  add_capped(&sum->reasoning, usage->reasoning);
  add_capped(&sum->web_searches, usage->web_searches);
}

purser_usage tokens_minus(const purser_usage *a, const purser_usage *b, bool *clamped) {
  purser_usage left = {
      .input = tokens_less(a->input, b->input, clamped),
      .cache_read = tokens_less(a->cache_read, b->cache_read, clamped),
      .cache_write_5m = tokens_less(a->cache_write_5m, b->cache_write_5m, clamped),
      .cache_write_1h = tokens_less(a->cache_write_1h, b->cache_write_1h, clamped),
      .output = tokens_less(a->output, b->output, clamped),
      .reasoning = tokens_less(a->reasoning, b->reasoning, clamped),
      .web_searches = tokens_less(a->web_searches, b->web_searches, clamped),
  };
  if (left.reasoning > left.output) {
    left.reasoning = left.output;
    *clamped = true;
  }
  return left;
}

bool tokens_none(const purser_usage *usage) {
  return tokens_total(usage) == 0 && usage->web_searches == 0;
}

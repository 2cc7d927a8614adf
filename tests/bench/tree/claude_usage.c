/* claude_usage.c - the usage object of a line, with all that was ever written there. */
#include "claude.h"

static void add_number(struct buf *out, const char *key, int64_t value) {
  buf_addf(out, "\"%s\":%lld", key, (long long)value);
}

static void add_cache_writes(struct buf *out, const struct response *r) {
  const purser_usage *u = &r->usage;
  if (r->cache != CACHE_NESTED) {
    add_number(out, "cache_creation_input_tokens", u->cache_write_5m + u->cache_write_1h);
    buf_addc(out, ',');
  }
  if (r->cache != CACHE_FLAT) {
    const bool zeros = r->cache == CACHE_NESTED_ZEROS;
    buf_adds(out, "\"cache_creation\":{");
    add_number(out, "ephemeral_1h_input_tokens", zeros ? 0 : u->cache_write_1h);
    buf_addc(out, ',');
    add_number(out, "ephemeral_5m_input_tokens", zeros ? 0 : u->cache_write_5m);
    buf_adds(out, "},");
  }
}

/* The message in two halves, and a compaction before it that the total leaves out. */
static void add_iterations(struct buf *out, const struct response *r) {
  const purser_usage *u = &r->usage;
  buf_adds(out, "\"iterations\":[");
  if (r->variant < 3)
    buf_addf(out, "{\"type\":\"compaction\",\"input_tokens\":%d,\"output_tokens\":%d},",
             90000 + r->variant, 1200);
  buf_addf(out,
           "{\"type\":\"message\",\"input_tokens\":1,\"cache_read_input_tokens\":%lld,"
           "\"cache_creation_input_tokens\":0,\"output_tokens\":7},",
           (long long)u->cache_read / 2);
  buf_addf(out,
           "{\"type\":\"message\",\"input_tokens\":%lld,\"cache_read_input_tokens\":%lld,"
           "\"cache_creation_input_tokens\":%lld,\"output_tokens\":%lld}],",
           (long long)u->input - 1, (long long)(u->cache_read - u->cache_read / 2),
           (long long)(u->cache_write_5m + u->cache_write_1h), (long long)u->output - 7);
}

static void add_input(struct buf *out, const struct response *r) {
  static const char *const raw[] = {"-5",  "12.4", "\"12\"", "1e3",
                                    "5.0", "null", "true",   "99999999999999999999"};
  if (r->shape == SHAPE_NUMBERS) {
    buf_addf(out, "\"input_tokens\":%s", raw[r->variant]);
  } else if (r->shape == SHAPE_DUPLICATE_KEYS) {
    buf_addf(out, "\"input_tokens\":77777,\"input_tokens\":%lld", (long long)r->usage.input);
  } else {
    add_number(out, "input_tokens", r->usage.input);
  }
}

void usage_write(const struct response *r, int64_t output, struct buf *out) {
  buf_adds(out, "{");
  add_input(out, r);
  buf_addc(out, ',');
  add_cache_writes(out, r);
  add_number(out, "cache_read_input_tokens", r->usage.cache_read);
  buf_addc(out, ',');
  if (r->shape == SHAPE_ITERATIONS)
    add_iterations(out, r);
  add_number(out, "output_tokens", output);
  buf_adds(out, ",\"server_tool_use\":{\"web_search_requests\":0,\"web_fetch_requests\":0}");
  buf_addf(out, ",\"service_tier\":\"%s\",\"speed\":\"%s\"}", r->tier, r->speed);
}

/* config.c - see config.h. */
#include "run/config.h"

#include <string.h>

#include "base/money.h"

int keep_prompt_parse(const char *name) {
  static const char *const names[] = {"none", "excerpt", "all"};
  for (int i = 0; i < 3; i++) {
    if (strcmp(name, names[i]) == 0)
      return i;
  }
  return -1;
}

size_t keep_prompt_bytes(enum keep_prompt keep, const char *prompt, size_t len) {
  if (keep == KEEP_NOTHING)
    return 0;
  if (keep == KEEP_ALL)
    return len;
  size_t at = 0;
  int chars = 0;
  while (at < len) {
    /* A byte that is no continuation (10xxxxxx) starts a character. */
    if (((unsigned char)prompt[at] & 0xC0) != 0x80 && ++chars > PROMPT_EXCERPT_CHARS)
      break;
    at++;
  }
  return at;
}

static int64_t cost_of(int64_t tokens, int64_t rate) {
  money_sum sum = {0};
  money_add_tokens(&sum, tokens, rate);
  return money_round(sum);
}

void run_price(const struct run_config *config, const struct price_query *query,
               struct price *out) {
  price_request(config->catalog, query, out);
  if (out->status != COST_UNKNOWN || config->fallback_input < 0)
    return;
  const purser_usage *u = &query->usage;
  money_sum sum = {0};
  money_add_tokens(&sum, u->input + u->cache_read + u->cache_write_5m + u->cache_write_1h,
                   config->fallback_input);
  money_add_tokens(&sum, u->output, config->fallback_output);
  out->cost_nanousd = money_round(sum);
  out->input_nanousd = cost_of(u->input, config->fallback_input);
  out->cache_read_nanousd = cost_of(u->cache_read, config->fallback_input);
  out->cache_write_nanousd = cost_of(u->cache_write_5m + u->cache_write_1h, config->fallback_input);
  out->output_nanousd =
      out->cost_nanousd - out->input_nanousd - out->cache_read_nanousd - out->cache_write_nanousd;
  out->status = COST_ESTIMATED;
  out->rate_card = "fallback";
}

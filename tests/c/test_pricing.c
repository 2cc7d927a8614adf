/* test_pricing.c - what a request costs, rule by rule, with the cards that ship. */
#include <string.h>

#include "base/calendar.h"
#include "base/money.h"
#include "pricing/pricing.h"
#include "support/support.h"

static struct catalog *catalog;

static int load(void **state) {
  (void)state;
  return catalog_load(&catalog, NULL, NULL, NULL);
}

static int unload(void **state) {
  (void)state;
  catalog_free(catalog);
  return 0;
}

static int64_t at(const char *date) {
  int64_t days = 0;
  assert_int_equal(calendar_parse_date(date, &days), PURSER_OK);
  return days * CALENDAR_DAY_MS;
}

/* One request as a row of a table. */
struct row {
  const char *model;
  const char *provider;
  const char *date; /* NULL: 2026-11-24 */
  const char *tier, *speed, *region;
  purser_usage usage;
  int64_t nanousd;
  enum cost_status status;
};

static struct price_query query_of(const struct row *row) {
  return (struct price_query){
      .model = row->model,
      .provider = row->provider,
      .at_ms = at(row->date != NULL ? row->date : "2026-11-24"),
      .tier = row->tier,
      .speed = row->speed,
      .region = row->region,
      .reported_nanousd = -1,
      .usage = row->usage,
  };
}

static struct price price_of(const struct row *row) {
  const struct price_query query = query_of(row);
  struct price price;
  price_request(catalog, &query, &price);
  return price;
}

static void check(const struct row *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const struct price price = price_of(&rows[i]);
    if (price.status != rows[i].status ||
        (price.status != COST_UNKNOWN && price.cost_nanousd != rows[i].nanousd))
      fail_msg("row %zu: %s at %s: %s %lld by \"%s\", not %s %lld", i, rows[i].model,
               rows[i].date != NULL ? rows[i].date : "today", cost_status_name(price.status),
               (long long)price.cost_nanousd, price.rate_card, cost_status_name(rows[i].status),
               (long long)rows[i].nanousd);
  }
}

#define USD(cents) (INT64_C(cents) * MONEY_PER_CENT)
#define INPUT(n) \
  { .input = (n) }
#define OUTPUT(n) \
  { .output = (n) }

/* Rule 9: exclusive buckets, each at its own rate, rounded once. */
static void rule_9_every_bucket_has_its_rate(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"claude-opus-4-7", .usage = INPUT(1000000), .nanousd = USD(500), .status = COST_KNOWN},
      {"claude-opus-4-7", .usage = {.cache_read = 1000000}, .nanousd = USD(50),
       .status = COST_KNOWN},
      {"claude-opus-4-7", .usage = {.cache_write_5m = 1000000}, .nanousd = USD(625),
       .status = COST_KNOWN},
      {"claude-opus-4-7", .usage = {.cache_write_1h = 1000000}, .nanousd = USD(1000),
       .status = COST_KNOWN},
      {"claude-opus-4-7", .usage = OUTPUT(1000000), .nanousd = USD(2500), .status = COST_KNOWN},
      {"claude-opus-4-7", .usage = {1, 1, 1, 1, 1, 0, 0}, .nanousd = 46750, .status = COST_KNOWN},
      {"claude-opus-4-7", .usage = {0}, .nanousd = 0, .status = COST_KNOWN},
      /* reasoning is inside output */
      {"claude-opus-4-7", .usage = {.output = 1000000, .reasoning = 900000}, .nanousd = USD(2500),
       .status = COST_KNOWN},
      /* a thousandth of a thousandth of a cent is not lost, and not rounded per bucket */
      {"deepseek-v4-pro", .usage = {.cache_read = 1}, .nanousd = 4, .status = COST_KNOWN},
      {"deepseek-v4-pro", .usage = {.input = 1, .cache_read = 1}, .nanousd = 439,
       .status = COST_KNOWN},
      /* negative counts are no credit */
      {"claude-opus-4-7", .usage = {.input = -5, .output = 1000000}, .nanousd = USD(2500),
       .status = COST_KNOWN},
  };
  check(rows, COUNT(rows));
}

/* Rule 15: the whole prompt of one request chooses, and everything is repriced. */
static void rule_15_long_context_is_a_cliff(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"gpt-5.5", .usage = INPUT(272000), .nanousd = USD(136), .status = COST_KNOWN},
      {"gpt-5.5", .usage = INPUT(272001), .nanousd = 2720010000, .status = COST_KNOWN},
      {"gpt-5.5", .usage = {.input = 272001, .output = 1000}, .nanousd = 2720010000 + 45000000,
       .status = COST_KNOWN},
      /* cache reads and writes are prompt too */
      {"gpt-5.5", .usage = {.input = 1, .cache_read = 272000}, .nanousd = 272010000,
       .status = COST_KNOWN},
      {"claude-sonnet-4-5",
       .usage = {.input = 1,
                 .cache_read = 100000,
                 .cache_write_5m = 50000,
                 .cache_write_1h = 50000,
                 .output = 100},
       .nanousd = 6000 + 60000000 + 375000000 + 600000000 + 2250000, .status = COST_KNOWN},
      {"claude-sonnet-4-5",
       .usage = {.input = 0,
                 .cache_read = 100000,
                 .cache_write_5m = 50000,
                 .cache_write_1h = 50000,
                 .output = 100},
       .nanousd = 30000000 + 187500000 + 300000000 + 1500000, .status = COST_KNOWN},
      /* output alone never makes a prompt long */
      {"claude-sonnet-4-5", .usage = OUTPUT(1000000), .nanousd = USD(1500), .status = COST_KNOWN},
      {"gemini-2.5-pro", .usage = {.input = 200001, .output = 1000},
       .nanousd = 500002500 + 15000000, .status = COST_KNOWN},
      {"grok-4-fast-reasoning", .usage = INPUT(128001), .nanousd = 51200400, .status = COST_KNOWN},
      {"claude-haiku-5-5", .usage = INPUT(100001), .nanousd = 50000500, .status = COST_KNOWN},
      /* several steps */
      {"qwen3-coder-plus", .usage = INPUT(32000), .nanousd = 32000000, .status = COST_KNOWN},
      {"qwen3-coder-plus", .usage = INPUT(32001), .nanousd = 57601800, .status = COST_KNOWN},
      {"qwen3-coder-plus", .usage = INPUT(128001), .nanousd = 384003000, .status = COST_KNOWN},
      {"qwen3-coder-plus", .usage = INPUT(256001), .nanousd = 1536006000, .status = COST_KNOWN},
      /* flat over its whole window */
      {"claude-opus-4-7", .usage = INPUT(900000), .nanousd = USD(450), .status = COST_KNOWN},
  };
  check(rows, COUNT(rows));
  const struct row below = {"gpt-5.5", .usage = INPUT(272000)};
  const struct row above = {"gpt-5.5", .usage = INPUT(272001)};
  assert_false(price_of(&below).long_context);
  assert_true(price_of(&above).long_context);
}

/* Rule 16: a request is priced at its own time. */
static void rule_16_prices_have_dates(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"claude-sonnet-5", .date = "2026-08-31", .usage = {.input = 1000000, .output = 1000000},
       .nanousd = USD(1200), .status = COST_KNOWN},
      {"claude-sonnet-5", .date = "2026-09-01", .usage = {.input = 1000000, .output = 1000000},
       .nanousd = USD(1800), .status = COST_KNOWN},
      {"global.anthropic.claude-sonnet-5-v1:0", .date = "2026-09-01", .usage = INPUT(1000000),
       .nanousd = USD(300), .status = COST_KNOWN},
      {"us.anthropic.claude-sonnet-5-v1:0", .date = "2026-08-31", .usage = INPUT(1000000),
       .nanousd = USD(220), .status = COST_KNOWN},
      /* the surcharge above 200,000 tokens ended on 2026-03-13 */
      {"claude-sonnet-4-6", .date = "2026-03-12", .usage = {.input = 200001, .output = 1000},
       .nanousd = 1200006000 + 22500000, .status = COST_KNOWN},
      {"claude-sonnet-4-6", .date = "2026-03-13", .usage = {.input = 200001, .output = 1000},
       .nanousd = 600003000 + 15000000, .status = COST_KNOWN},
      {"claude-opus-4-6", .date = "2026-03-12", .usage = INPUT(200001), .nanousd = 2000010000,
       .status = COST_KNOWN},
      {"claude-opus-4-6", .usage = INPUT(200001), .nanousd = 1000005000, .status = COST_KNOWN},
      {"gpt-5.6-luna", .date = "2026-07-29", .usage = {.input = 200000, .output = 100000},
       .nanousd = USD(80), .status = COST_KNOWN},
      {"gpt-5.6-luna", .date = "2026-07-30", .usage = {.input = 200000, .output = 100000},
       .nanousd = USD(16), .status = COST_KNOWN},
      {"o3", .date = "2025-06-09", .usage = INPUT(1000000), .nanousd = USD(1000),
       .status = COST_KNOWN},
      {"o3", .date = "2025-06-10", .usage = INPUT(1000000), .nanousd = USD(200),
       .status = COST_KNOWN},
      {"gemini-3.6-flash", .date = "2026-12-31", .usage = INPUT(1000000), .nanousd = USD(75),
       .status = COST_KNOWN},
      {"gemini-3.6-flash", .date = "2027-01-01", .usage = INPUT(1000000), .nanousd = USD(150),
       .status = COST_KNOWN},
      {"claude-sonnet-5-5", .date = "2026-10-06", .usage = {.cache_read = 1000000},
       .nanousd = USD(20), .status = COST_KNOWN},
      {"claude-sonnet-5-5", .date = "2026-10-07", .usage = {.cache_read = 1000000},
       .nanousd = USD(10), .status = COST_KNOWN},
      {"deepseek-chat", .date = "2025-06-01", .usage = INPUT(1000000), .nanousd = USD(27),
       .status = COST_KNOWN},
      {"deepseek-chat", .date = "2025-10-01", .usage = INPUT(1000000), .nanousd = USD(28),
       .status = COST_KNOWN},
      /* retired models keep their price */
      {"claude-3-5-haiku-20241022", .date = "2025-01-01", .usage = INPUT(1000000),
       .nanousd = USD(80), .status = COST_KNOWN},
      {"claude-2.1", .date = "2024-01-01", .usage = INPUT(1000000), .nanousd = USD(800),
       .status = COST_KNOWN},
      {"claude-2", .date = "2024-01-01", .usage = INPUT(1000000), .nanousd = USD(800),
       .status = COST_KNOWN},
      {"gpt-4-32k", .usage = INPUT(1000000), .nanousd = USD(6000), .status = COST_KNOWN},
  };
  check(rows, COUNT(rows));
  const struct row old = {"claude-sonnet-5", .date = "2026-08-31"};
  const struct row new = {"claude-sonnet-5", .date = "2026-09-01"};
  assert_string_equal(price_of(&old).rate_card, "anthropic/claude-sonnet-5");
  assert_string_equal(price_of(&new).rate_card, "anthropic/claude-sonnet-5@2026-09-01");
}

/* Rule 16, to the millisecond: a day begins at midnight UTC. */
static void rule_16_a_day_begins_at_midnight_utc(void **state) {
  (void)state;
  struct row row = {"claude-sonnet-5", .usage = INPUT(1000000)};
  struct price_query query = query_of(&row);
  struct price price;
  query.at_ms = at("2026-09-01") - 1;
  price_request(catalog, &query, &price);
  assert_int_equal(price.cost_nanousd, USD(200));
  query.at_ms = at("2026-09-01");
  price_request(catalog, &query, &price);
  assert_int_equal(price.cost_nanousd, USD(300));
  query.at_ms = -1; /* before 1970 */
  price_request(catalog, &query, &price);
  assert_int_equal(price.cost_nanousd, USD(200));
}

/* Rule 17: what has no card has no price, and never 0. */
static void rule_17_unknown_is_not_free(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"some-unknown-model", .usage = INPUT(10)},
      {"stub-model", .usage = INPUT(10)},
      {"", .usage = INPUT(10)},
      /* a list of ours has 0 for it, where it means that it does not know */
      {"anthropic.claude-mythos-preview", .usage = INPUT(10)},
      {"gemini-exp-1206", .usage = INPUT(10)},
  };
  check(rows, COUNT(rows));
  const struct price price = price_of(&rows[0]);
  assert_string_equal(price.rate_card, "");
  struct price_query query = query_of(&rows[0]);
  query.model = NULL;
  struct price nameless;
  price_request(catalog, &query, &nameless);
  assert_int_equal(nameless.status, COST_UNKNOWN);
}

static void without_a_card_the_clients_word_is_taken(void **state) {
  (void)state;
  struct row row = {"some-unknown-model", .usage = INPUT(10)};
  struct price_query query = query_of(&row);
  struct price price;
  query.reported_nanousd = 9175200;
  price_request(catalog, &query, &price);
  assert_int_equal(price.status, COST_REPORTED);
  assert_int_equal(price.cost_nanousd, 9175200);
  query.reported_nanousd = 0;
  price_request(catalog, &query, &price);
  assert_int_equal(price.status, COST_REPORTED);
  /* with a card, the card is right */
  query.model = "claude-opus-4-7";
  query.reported_nanousd = 1;
  price_request(catalog, &query, &price);
  assert_int_equal(price.status, COST_KNOWN);
  assert_int_equal(price.cost_nanousd, 50000);
}

/* Rule 18: exactly, or under a known decoration; never by a part of the name. */
static void rule_18_names_meet_their_own_card(void **state) {
  (void)state;
  static const struct {
    const char *provider;
    const char *model;
    const char *card; /* "" none */
  } cases[] = {
      {NULL, "claude-opus-4-7", "anthropic/claude-opus-4-7"},
      {NULL, "claude-opus-4-20250514", "anthropic/claude-opus-4-0"},
      {NULL, "claude-opus-4", "anthropic/claude-opus-4-0"},
      {NULL, "claude-opus-4-7-preview", ""},
      {NULL, "claude-opus-4-77", ""},
      {NULL, "claude-opus-4-", ""},
      {NULL, "claude-opus", ""},
      {NULL, "my-claude-opus-4-7", ""},
      {NULL, "gpt-5.5-codex", "openai/gpt-5.5"},
      {NULL, "gpt-5.5-codex-max", ""},
      {NULL, "claude-opus-4-7[1m]", "anthropic/claude-opus-4-7"},
      {NULL, "claude-opus-4-7@default", "anthropic/claude-opus-4-7"},
      {NULL, "claude-haiku-4-5-20251001", "anthropic/claude-haiku-4-5"},
      {NULL, "CLAUDE-OPUS-4-7", "anthropic/claude-opus-4-7"},
      {"claude", "claude-opus-4-7", "anthropic/claude-opus-4-7"},
      {NULL, "gemini-3.5-flash-lite", "google/gemini-3.5-flash-lite"},
      /* Bedrock */
      {NULL, "us.anthropic.claude-haiku-4-5-20251001-v1:0", "bedrock/anthropic.claude-haiku-4-5"},
      {NULL, "global.anthropic.claude-haiku-4-5-20251001-v1:0",
       "bedrock/global.anthropic.claude-haiku-4-5"},
      {NULL, "bedrock/us.anthropic.claude-opus-4-7", "bedrock/anthropic.claude-opus-4-7"},
      {"bedrock", "claude-opus-4-7", "bedrock/anthropic.claude-opus-4-7"},
      {"bedrock", "us.anthropic.claude-opus-5-5", "anthropic/claude-opus-5-5"},
      {NULL, "us.anthropic.claude-3-5-haiku-20241022-v1:0", "bedrock/anthropic.claude-3-5-haiku"},
      {NULL, "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0",
       "bedrock/us-gov.anthropic.claude-sonnet-4-5"},
      {NULL, "openai.gpt-5.5", "bedrock/openai.gpt-5.5"},
      /* Vertex */
      {"vertex", "claude-opus-4-5@20251101", "vertex/claude-opus-4-5"},
      {NULL, "vertex_ai/claude-sonnet-4-5@20250929", "vertex/claude-sonnet-4-5"},
      {"vertex", "gemini-2.5-pro", "google/gemini-2.5-pro"},
      /* Azure */
      {NULL, "azure/gpt-4o-2024-05-13", "azure/gpt-4o-2024-05-13"},
      {NULL, "azure/eu/gpt-5.1", "azure/eu/gpt-5.1"},
      {"azure", "gpt-5.5", "azure/gpt-5.5"},
      {"azure", "gpt-6-sol", "openai/gpt-6-sol"},
      /* OpenRouter */
      {NULL, "openrouter/anthropic/claude-opus-4.5", "openrouter/anthropic/claude-opus-4.5"},
      {"openrouter", "anthropic/claude-opus-4.5:beta", "openrouter/anthropic/claude-opus-4.5"},
      {"openrouter", "z-ai/glm-4.6", "openrouter/z-ai/glm-4.6"},
      {"openrouter", "anthropic/claude-fable-5-2", "anthropic/claude-fable-5-2"},
      {NULL, "openrouter/nobody/nothing", ""},
      {NULL, "deepseek/deepseek-r1:free", "openrouter/deepseek/deepseek-r1:free"},
      {"deepseek", "deepseek/deepseek-chat", "deepseek/deepseek-chat@2026-04-24"},
      {NULL, "anthropic/claude-opus-4-7", "anthropic/claude-opus-4-7"},
      {NULL, "moonshotai/kimi-k3", "openrouter/moonshotai/kimi-k3"},
      {NULL, "z-ai/glm-5.3", "openrouter/z-ai/glm-5.3"},
      {NULL, "glm-5", "zai/glm-5"},
      {"zhipu", "glm-5", "zhipu/glm-5"},
      /* a runner on the user's machine is nobody's cloud */
      {NULL, "ollama/claude-opus-4-7", ""},
      {NULL, "ollama/deepseek-r1", ""},
      {NULL, "lmstudio/gpt-5.5", ""},
      {"ollama", "deepseek-v4-flash", ""},
      {"lm-studio", "openai/gpt-5.5", ""},
      {NULL, "openai/ollama/gpt-5.5", ""},
      /* what only resellers sell, under a name that any runner may have */
      {NULL, "gpt-oss-20b", ""},
      {"openrouter", "openai/gpt-oss-20b", "openrouter/openai/gpt-oss-20b"},
      /* a stranger's hint says nothing */
      {"stub", "claude-opus-4-7", "anthropic/claude-opus-4-7"},
      {"", "claude-opus-4-7", "anthropic/claude-opus-4-7"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    const struct row row = {cases[i].model, .provider = cases[i].provider};
    const char *card = price_of(&row).rate_card;
    if (strcmp(card, cases[i].card) != 0)
      fail_msg("%s through %s: \"%s\", not \"%s\"", cases[i].model,
               cases[i].provider != NULL ? cases[i].provider : "nobody", card, cases[i].card);
  }
}

static void rule_18_opus_4_7_is_not_priced_as_opus_4(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"claude-opus-4-7", .usage = INPUT(1000000), .nanousd = USD(500), .status = COST_KNOWN},
      {"claude-opus-4", .usage = INPUT(1000000), .nanousd = USD(1500), .status = COST_KNOWN},
      {"openrouter/anthropic/claude-opus-4.7", .usage = INPUT(1000000), .nanousd = USD(500),
       .status = COST_KNOWN},
      {"vertex_ai/claude-opus-4-7@default", .usage = INPUT(1000000), .nanousd = USD(500),
       .status = COST_KNOWN},
      {"eu.anthropic.claude-opus-4-7", .usage = INPUT(1000000), .nanousd = USD(550),
       .status = COST_KNOWN},
  };
  check(rows, COUNT(rows));
}

/* Rule 19: what the card does not say about the cache. */
static void rule_19_the_cache_has_defaults(void **state) {
  (void)state;
  static const struct row rows[] = {
      /* no cache prices on the card: 0.1, 1.25 and 2 times input */
      {"gpt-4-turbo", .usage = {.cache_read = 1000000}, .nanousd = USD(100), .status = COST_KNOWN},
      {"gpt-4-turbo", .usage = {.cache_write_5m = 1000000}, .nanousd = USD(1250),
       .status = COST_KNOWN},
      {"gpt-4-turbo", .usage = {.cache_write_1h = 1000000}, .nanousd = USD(2000),
       .status = COST_KNOWN},
      /* a card that says otherwise is right */
      {"o1", .usage = {.cache_read = 1000000}, .nanousd = USD(750), .status = COST_KNOWN},
      {"claude-3-haiku", .usage = {.cache_write_5m = 1000000}, .nanousd = USD(30),
       .status = COST_KNOWN},
      {"claude-3-haiku", .usage = {.cache_write_1h = 1000000}, .nanousd = USD(50),
       .status = COST_KNOWN},
      {"claude-opus-5-5", .usage = {.cache_read = 1000000}, .nanousd = USD(20),
       .status = COST_KNOWN},
      /* no surcharge for writing is still input */
      {"zai/glm-5", .usage = {.cache_write_5m = 1000000}, .nanousd = USD(100),
       .status = COST_KNOWN},
      {"gpt-5.5-codex", .usage = {.cache_write_5m = 100000}, .nanousd = 625000000,
       .status = COST_KNOWN},
  };
  check(rows, COUNT(rows));
}

static void rule_19_batch_flex_priority_and_fast(void **state) {
  (void)state;
  static const struct row rows[] = {
      /* half unless the card says otherwise */
      {"claude-opus-4-7", .tier = "batch",
       .usage = {.input = 1000000, .cache_read = 1000000, .output = 1000000}, .nanousd = USD(1525),
       .status = COST_KNOWN},
      {"gpt-5.5", .tier = "batch", .usage = INPUT(200000), .nanousd = USD(50),
       .status = COST_KNOWN},
      {"gpt-5.5", .tier = "flex", .usage = {.cache_read = 200000}, .nanousd = USD(5),
       .status = COST_KNOWN},
      {"gpt-5.5", .tier = "flex", .usage = INPUT(300000), .nanousd = USD(150),
       .status = COST_KNOWN},
      {"gpt-5.4", .tier = "flex", .usage = {.cache_read = 100000}, .nanousd = 13000000,
       .status = COST_KNOWN},
      /* as the card says */
      {"gpt-5.5", .tier = "priority", .usage = {.input = 100000, .output = 100000},
       .nanousd = USD(875), .status = COST_KNOWN},
      {"gpt-5.4", .tier = "priority", .usage = {.input = 100000, .cache_read = 100000},
       .nanousd = USD(55), .status = COST_KNOWN},
      {"gpt-4.1", .tier = "priority", .usage = {.input = 100000}, .nanousd = USD(35),
       .status = COST_KNOWN},
      {"gemini-3-pro-preview", .tier = "priority", .usage = {.input = 200001},
       .nanousd = 1440007200, .status = COST_KNOWN},
      {"claude-opus-4-6", .speed = "fast",
       .usage = {.input = 1000000, .cache_write_1h = 1000000, .output = 1000000},
       .nanousd = USD(24000), .status = COST_KNOWN},
      {"claude-opus-4-8", .speed = "fast", .usage = {.input = 1000000, .output = 1000000},
       .nanousd = USD(6000), .status = COST_KNOWN},
      {"claude-opus-5-5", .speed = "fast", .usage = {.input = 1000000, .output = 1000000},
       .nanousd = USD(4800), .status = COST_KNOWN},
      /* the multiple holds for other dates too */
      {"gpt-5.6-luna", .date = "2026-07-29", .tier = "priority", .usage = INPUT(100000),
       .nanousd = USD(20), .status = COST_KNOWN},
      {"gpt-5.6-luna", .date = "2026-07-30", .tier = "priority", .usage = INPUT(100000),
       .nanousd = USD(4), .status = COST_KNOWN},
      /* plain by any name */
      {"gpt-5.5", .tier = "default", .speed = "standard", .usage = INPUT(100000),
       .nanousd = USD(50), .status = COST_KNOWN},
  };
  check(rows, COUNT(rows));
}

static void rule_19_an_unknown_tier_is_standard_and_marked(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"claude-opus-4-7", .tier = "priority", .usage = INPUT(1000000), .nanousd = USD(500),
       .status = COST_ESTIMATED},
      {"claude-opus-4-7", .tier = "scale", .usage = INPUT(1000000), .nanousd = USD(500),
       .status = COST_ESTIMATED},
      {"claude-sonnet-4-5", .speed = "fast", .usage = INPUT(100000), .nanousd = USD(30),
       .status = COST_ESTIMATED},
      {"claude-opus-4-7", .speed = "warp", .usage = INPUT(1000000), .nanousd = USD(500),
       .status = COST_ESTIMATED},
      {"claude-opus-4-7", .region = "mars", .usage = INPUT(1000000), .nanousd = USD(500),
       .status = COST_ESTIMATED},
      {"claude-opus-4-7", .speed = "fast", .tier = "batch", .usage = INPUT(1000000),
       .nanousd = USD(3000), .status = COST_ESTIMATED},
  };
  check(rows, COUNT(rows));
  for (size_t i = 0; i < COUNT(rows); i++)
    assert_true(price_of(&rows[i]).tier_assumed);
  const struct row plain = {"claude-opus-4-7", .usage = INPUT(1)};
  assert_false(price_of(&plain).tier_assumed);
}

static void rule_19_regions_have_uplifts(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"claude-opus-4-7", .region = "us", .usage = {.input = 1000000, .output = 1000000},
       .nanousd = USD(3300), .status = COST_KNOWN},
      {"claude-opus-4-7", .region = "us", .speed = "fast", .usage = INPUT(1000000),
       .nanousd = USD(3300), .status = COST_KNOWN},
      {"claude-opus-4-7", .region = "us", .tier = "batch", .usage = INPUT(1000000),
       .nanousd = USD(275), .status = COST_KNOWN},
      {"claude-opus-4-7", .region = "global", .usage = INPUT(1000000), .nanousd = USD(500),
       .status = COST_KNOWN},
      {"claude-opus-4-7", .region = "not_available", .usage = INPUT(1000000), .nanousd = USD(500),
       .status = COST_KNOWN},
      {"gpt-5.5", .region = "eu", .usage = INPUT(100000), .nanousd = USD(55), .status = COST_KNOWN},
      /* a card without uplifts has one price everywhere */
      {"claude-sonnet-4-5", .region = "us", .usage = INPUT(100000), .nanousd = USD(30),
       .status = COST_KNOWN},
      /* searches have no region */
      {"claude-opus-4-7", .region = "us", .usage = {.web_searches = 1}, .nanousd = USD(1),
       .status = COST_KNOWN},
  };
  check(rows, COUNT(rows));
}

/* Rule 20: charges that are not tokens. */
static void rule_20_searches_are_extra(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"claude-opus-4-7", .usage = {.input = 1000000, .web_searches = 3}, .nanousd = USD(503),
       .status = COST_KNOWN},
      {"claude-opus-4-7", .tier = "batch", .usage = {.web_searches = 3}, .nanousd = USD(3),
       .status = COST_KNOWN},
      {"gemini-3-pro-preview", .usage = {.web_searches = 1000}, .nanousd = USD(1400),
       .status = COST_KNOWN},
      /* a card that does not price them: what is known is a lower bound */
      {"deepseek-v4-pro", .usage = {.input = 1000000, .web_searches = 3}, .nanousd = 435000000,
       .status = COST_ESTIMATED},
  };
  check(rows, COUNT(rows));
  assert_int_equal(price_of(&rows[0]).extra_nanousd, USD(3));
  assert_int_equal(price_of(&rows[0]).input_nanousd, USD(500));
}

static void reasoning_is_dearer_where_the_card_says_so(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"qwen3-32b", .provider = "alibaba", .usage = {.output = 1000000}, .nanousd = USD(280),
       .status = COST_KNOWN},
      {"qwen3-32b", .provider = "alibaba", .usage = {.output = 1000000, .reasoning = 400000},
       .nanousd = USD(504), .status = COST_KNOWN},
      {"qwen3-32b", .provider = "alibaba", .usage = {.output = 1000000, .reasoning = 9000000},
       .nanousd = USD(840), .status = COST_KNOWN},
  };
  check(rows, COUNT(rows));
}

/* Rule 26: a hold takes the dearest tier and speed. */
static void rule_26_the_ceiling_is_the_dearest_way(void **state) {
  (void)state;
  static const struct {
    struct row row;
    int64_t ceiling;
  } cases[] = {
      {{"claude-opus-4-7", .usage = INPUT(1000000)}, USD(3000)},
      {{"claude-opus-4-7", .tier = "batch", .usage = INPUT(1000000)}, USD(3000)},
      {{"gpt-5.5", .usage = INPUT(100000)}, USD(125)},
      {{"gpt-5.5", .usage = INPUT(300000)}, USD(750)},
      {{"claude-haiku-4-5", .usage = INPUT(1000000)}, USD(100)},
      {{"qwen3-32b", .provider = "alibaba", .usage = OUTPUT(1000000)}, USD(840)},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    const struct price_query query = query_of(&cases[i].row);
    struct price price;
    price_ceiling(catalog, &query, &price);
    if (price.cost_nanousd != cases[i].ceiling)
      fail_msg("%s: %lld", cases[i].row.model, (long long)price.cost_nanousd);
  }
  const struct row unknown = {"some-unknown-model", .usage = INPUT(1)};
  const struct price_query query = query_of(&unknown);
  struct price price;
  price_ceiling(catalog, &query, &price);
  assert_int_equal(price.status, COST_UNKNOWN);
}

static void windows_come_with_the_model(void **state) {
  (void)state;
  static const struct {
    const char *model;
    int64_t window;
    int64_t output;
  } cases[] = {
      {"claude-opus-5-5", 1000000, 128000},
      {"claude-sonnet-4-5", 200000, 64000},
      {"claude-sonnet-4-5[1m]", 1000000, 64000},
      {"claude-opus-4-6", 1000000, 128000},
      {"gpt-5", 400000, 128000},
      {"gpt-5.5-codex", 1050000, 128000},
      {"gemini-2.5-pro", 1048576, 65536},
      {"claude-3-5-haiku", 200000, 8192},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct model_info info;
    assert_int_equal(catalog_find(catalog, NULL, cases[i].model, at("2026-11-24"), &info),
                     PURSER_OK);
    if (info.context_window != cases[i].window || info.max_output != cases[i].output)
      fail_msg("%s: %lld, %lld", cases[i].model, (long long)info.context_window,
               (long long)info.max_output);
  }
  struct model_info info;
  assert_int_equal(catalog_find(catalog, NULL, "nothing", 0, &info), PURSER_ENOTFOUND);
  assert_int_equal(info.input, -1);
  assert_int_equal(catalog_find(catalog, NULL, "gpt-5.5", at("2026-11-24"), &info), PURSER_OK);
  assert_int_equal(info.long_threshold, 272000);
  assert_int_equal(info.cache_write_1h, USD(1000));
}

static void statuses_have_names(void **state) {
  (void)state;
  assert_string_equal(cost_status_name(COST_UNKNOWN), "unknown");
  assert_string_equal(cost_status_name(COST_KNOWN), "known");
  assert_string_equal(cost_status_name(COST_REPORTED), "reported");
  assert_string_equal(cost_status_name(COST_ESTIMATED), "estimated");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rule_9_every_bucket_has_its_rate),
      cmocka_unit_test(rule_15_long_context_is_a_cliff),
      cmocka_unit_test(rule_16_prices_have_dates),
      cmocka_unit_test(rule_16_a_day_begins_at_midnight_utc),
      cmocka_unit_test(rule_17_unknown_is_not_free),
      cmocka_unit_test(without_a_card_the_clients_word_is_taken),
      cmocka_unit_test(rule_18_names_meet_their_own_card),
      cmocka_unit_test(rule_18_opus_4_7_is_not_priced_as_opus_4),
      cmocka_unit_test(rule_19_the_cache_has_defaults),
      cmocka_unit_test(rule_19_batch_flex_priority_and_fast),
      cmocka_unit_test(rule_19_an_unknown_tier_is_standard_and_marked),
      cmocka_unit_test(rule_19_regions_have_uplifts),
      cmocka_unit_test(rule_20_searches_are_extra),
      cmocka_unit_test(reasoning_is_dearer_where_the_card_says_so),
      cmocka_unit_test(rule_26_the_ceiling_is_the_dearest_way),
      cmocka_unit_test(windows_come_with_the_model),
      cmocka_unit_test(statuses_have_names),
  };
  return cmocka_run_group_tests(tests, load, unload);
}

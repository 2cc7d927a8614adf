/* cmd_price.c - `purser price MODEL`: what a request costs. */
#include <string.h>

#include "base/buf.h"
#include "base/calendar.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/money.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/prices.h"
#include "pricing/price_paths.h"
#include "pricing/pricing.h"

/* More tokens than this in one request are a slip of the keyboard. */
#define TOKENS_MAX INT64_C(1000000000000)

int cli_catalog_load(struct cli *cli, struct catalog **out) {
  struct error error = {0};
  struct buf update = BUF_INIT;
  struct buf override = BUF_INIT;
  price_path_update(&update);
  price_path_override(&override);
  int status = update.failed || override.failed
                   ? error_set(&error, PURSER_ENOMEM, "out of memory")
                   : catalog_load(out, buf_text(&update), buf_text(&override), &error);
  buf_fini(&update);
  buf_fini(&override);
  return status == PURSER_OK ? CLI_OK : cli_fail(cli, &error);
}

static void write_json(struct buf *out, const struct price_query *query,
                       const struct price *price) {
  json_open(out);
  json_put_text(out, "model", query->model);
  if (price->rate_card[0] != '\0')
    json_put_text(out, "rate_card", price->rate_card);
  else
    json_put_null(out, "rate_card");
  json_put_text(out, "status", cost_status_name(price->status));
  if (price->status == COST_UNKNOWN) {
    json_put_null(out, "cost_nanousd");
    json_put_null(out, "cost_cents");
  } else {
    json_put_i64(out, "cost_nanousd", price->cost_nanousd);
    json_put_key(out, "cost_cents");
    money_write_cents(out, price->cost_nanousd);
  }
  buf_adds(out, "}\n");
}

static void write_text(struct buf *out, const struct price_query *query,
                       const struct price *price) {
  if (price->status == COST_UNKNOWN) {
    struct buf path = BUF_INIT;
    price_path_override(&path);
    buf_addf(
        out,
        "%s: no price is known. Write one into %s, or fetch newer prices with `purser prices update FILE`.\n",
        query->model, buf_text(&path));
    buf_fini(&path);
    return;
  }
  buf_addf(out, "%s: ", query->model);
  money_write_human(out, price->cost_nanousd);
  buf_addf(out, "  (%s, %s", cost_status_name(price->status), price->rate_card);
  if (price->long_context)
    buf_adds(out, ", long prompt");
  if (price->tier_assumed)
    buf_adds(out, ", the card lacks this tier: standard assumed");
  buf_adds(out, ")\n");
}

/* Names the count that is too great; NULL if none is. */
static const char *overlarge(const purser_usage *usage) {
  const struct {
    const char *name;
    int64_t count;
  } counts[] = {
      {"input", usage->input},
      {"cache-read", usage->cache_read},
      {"cache-write-5m", usage->cache_write_5m},
      {"cache-write-1h", usage->cache_write_1h},
      {"output", usage->output},
      {"web-searches", usage->web_searches},
  };
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    if (counts[i].count > TOKENS_MAX)
      return counts[i].name;
  }
  return NULL;
}

int cmd_price(struct cli *cli, int argc, char **argv) {
  bool json = false;
  int64_t day = INT64_MIN;
  struct price_query query = {.reported_nanousd = -1};
  const struct option_spec specs[] = {
      {.name = "input", .count = &query.usage.input},
      {.name = "cache-read", .count = &query.usage.cache_read},
      {.name = "cache-write-5m", .count = &query.usage.cache_write_5m},
      {.name = "cache-write-1h", .count = &query.usage.cache_write_1h},
      {.name = "output", .count = &query.usage.output},
      {.name = "web-searches", .count = &query.usage.web_searches},
      {.name = "at", .days = &day},
      {.name = "tier", .text = &query.tier},
      {.name = "region", .text = &query.region},
      {.name = "provider", .text = &query.provider},
      {.name = "json", .flag = &json},
      {0},
  };
  const int count = options_parse(cli, specs, argc, argv, &query.model, 1);
  if (count < 0)
    return CLI_USAGE;
  if (count == 0 || query.model[0] == '\0')
    return cli_usage(cli, argv[0], "which model?");
  const char *slip = overlarge(&query.usage);
  if (slip != NULL)
    return cli_usage(cli, argv[0], "--%s wants at most %lld", slip, (long long)TOKENS_MAX);
  query.at_ms = day != INT64_MIN ? day * CALENDAR_DAY_MS : clock_now_ms(clock_from_environment());
  if (query.tier != NULL && strcmp(query.tier, "fast") == 0) {
    query.speed = query.tier;
    query.tier = NULL;
  }

  struct catalog *catalog = NULL;
  int code = cli_catalog_load(cli, &catalog);
  if (code != CLI_OK)
    return code;
  struct price price;
  price_request(catalog, &query, &price);
  struct buf text = BUF_INIT;
  if (json) {
    write_json(&text, &query, &price);
  } else {
    write_text(&text, &query, &price);
  }
  code = cli_print(cli, &text);
  buf_fini(&text);
  catalog_free(catalog);
  return code;
}

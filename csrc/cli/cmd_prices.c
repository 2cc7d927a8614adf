/* cmd_prices.c - `purser prices`: the models that have a price. */
#include <string.h>

#include "base/buf.h"
#include "base/calendar.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/money.h"
#include "cli/options.h"
#include "cli/prices.h"

struct listing {
  struct buf text;
  const char *provider; /* only this one's; NULL all */
  size_t count;
  bool json;
};

static void add_rate(struct buf *out, const char *key, int64_t rate) {
  json_put_key(out, key);
  money_write_dollars(out, rate);
}

static void list_json(struct listing *list, const struct model_info *info) {
  struct buf *out = &list->text;
  buf_adds(out, list->count == 0 ? "\n" : ",\n");
  json_open(out);
  json_put_text(out, "model", info->model);
  json_put_text(out, "provider", info->provider);
  json_put_text(out, "rate_card", info->rate_card);
  json_put_i64(out, "context_window", info->context_window);
  json_put_i64(out, "max_output", info->max_output);
  add_rate(out, "input", info->input);
  add_rate(out, "cache_read", info->cache_read);
  add_rate(out, "cache_write_5m", info->cache_write_5m);
  add_rate(out, "cache_write_1h", info->cache_write_1h);
  add_rate(out, "output", info->output);
  json_put_i64(out, "long_threshold", info->long_threshold);
  json_put_bool(out, "free", info->free);
  json_close(out);
}

static void add_column(struct buf *out, int64_t rate) {
  struct buf text = BUF_INIT;
  money_write_dollars(&text, rate);
  buf_addf(out, " %10s", buf_text(&text));
  buf_fini(&text);
}

static void list_text(struct listing *list, const struct model_info *info) {
  struct buf *out = &list->text;
  buf_addf(out, "%-11s %-44s", info->provider[0] != '\0' ? info->provider : "(any)", info->model);
  add_column(out, info->input);
  add_column(out, info->cache_read);
  add_column(out, info->output);
  if (info->context_window > 0) {
    buf_addf(out, " %9lld", (long long)info->context_window);
  } else {
    buf_addf(out, " %9s", "-");
  }
  if (info->long_threshold > 0)
    buf_addf(out, "  dearer above %lld", (long long)info->long_threshold);
  buf_addc(out, '\n');
}

static int list_one(void *data, const struct model_info *info) {
  struct listing *list = data;
  if (list->provider != NULL && strcmp(list->provider, info->provider) != 0)
    return 0;
  if (list->json) {
    list_json(list, info);
  } else {
    list_text(list, info);
  }
  list->count++;
  return list->text.failed;
}

static int list_all(struct cli *cli, const struct catalog *catalog, const char *provider,
                    int64_t at_ms, bool json) {
  struct listing list = {.text = BUF_INIT, .provider = provider, .json = json};
  if (json) {
    buf_adds(&list.text, "{\"unit\":\"dollars per million tokens\",\"models\":[");
  } else {
    buf_addf(&list.text, "%-11s %-44s %10s %10s %10s %9s  (dollars per million tokens)\n",
             "provider", "model", "input", "cache read", "output", "window");
  }
  catalog_each(catalog, at_ms, list_one, &list);
  if (json)
    buf_adds(&list.text, "\n]}\n");
  const int code = cli_print(cli, &list.text);
  buf_fini(&list.text);
  return code;
}

int cmd_prices(struct cli *cli, int argc, char **argv) {
  static const struct {
    const char *name;
    int (*run)(struct cli *cli, int argc, char **argv);
  } forms[] = {{"update", prices_update}, {"generate", prices_generate}};
  for (size_t i = 0; argc > 1 && i < sizeof forms / sizeof forms[0]; i++) {
    if (strcmp(argv[1], forms[i].name) == 0) {
      argv[1] = argv[0]; /* its messages begin with the verb */
      return forms[i].run(cli, argc - 1, argv + 1);
    }
  }
  bool json = false;
  int64_t day = INT64_MIN;
  const char *provider = NULL;
  const char *model = NULL;
  const struct option_spec specs[] = {
      {.name = "json", .flag = &json},
      {.name = "at", .days = &day},
      {.name = "provider", .text = &provider},
      {0},
  };
  const int count = options_parse(cli, specs, argc, argv, &model, 1);
  if (count < 0)
    return CLI_USAGE;
  const int64_t at_ms =
      day != INT64_MIN ? day * CALENDAR_DAY_MS : clock_now_ms(clock_from_environment());
  struct catalog *catalog = NULL;
  int code = cli_catalog_load(cli, &catalog);
  if (code == CLI_OK && count == 1) {
    code = prices_show(cli, catalog, provider, model, at_ms, json);
  } else if (code == CLI_OK) {
    code = list_all(cli, catalog, provider, at_ms, json);
  }
  catalog_free(catalog);
  return code;
}

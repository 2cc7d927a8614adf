/* prices_show.c - `purser prices MODEL`: one model with all its cards. */
#include <string.h>

#include "base/buf.h"
#include "base/calendar.h"
#include "base/json.h"
#include "base/money.h"
#include "cli/prices.h"
#include "pricing/price_paths.h"

/* Which of the three layers a model is from. */
static const char *layer_of(const struct catalog *catalog, const struct price_model *model,
                            const struct price_table **table) {
  const struct {
    const struct price_table *table;
    const char *name;
  } layers[] = {{&catalog->override, "your price file"},
                {&catalog->update, "an update"},
                {catalog->builtin, "built in"}};
  for (size_t i = 0; i < 3; i++) {
    *table = layers[i].table;
    if (model >= layers[i].table->models &&
        model < layers[i].table->models + layers[i].table->model_count)
      return layers[i].name;
  }
  return "";
}

static void json_rates(struct buf *out, const struct rates *said) {
  const struct rates rates = rates_complete(*said);
  const struct {
    const char *key;
    int64_t rate;
  } fields[] = {
      {"input", rates.input},
      {"cache_read", rates.cache_read},
      {"cache_write_5m", rates.cache_write_5m},
      {"cache_write_1h", rates.cache_write_1h},
      {"output", rates.output},
      {"reasoning", rates.reasoning},
  };
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
    json_put_key(out, fields[i].key);
    money_write_dollars(out, fields[i].rate);
  }
}

static void json_card(struct buf *out, const struct price_card *card) {
  json_open(out);
  json_put_text(out, "rate_card", card->id);
  if (card->valid_from == ALWAYS) {
    json_put_null(out, "valid_from");
  } else {
    json_put_key(out, "valid_from");
    buf_addc(out, '"');
    calendar_write_date(out, card->valid_from);
    buf_addc(out, '"');
  }
  if (card->web_search >= 0) {
    json_put_key(out, "web_search");
    money_write_dollars(out, card->web_search);
  } else {
    json_put_null(out, "web_search");
  }
  json_put_key(out, "regions");
  json_open(out);
  for (size_t i = 0; i < card->uplift_count; i++) {
    json_put_key(out, card->uplifts[i].region);
    buf_addf(out, "%d.%03d", (int)(card->uplifts[i].permille / 1000),
             (int)(card->uplifts[i].permille % 1000));
  }
  json_close(out);
  json_put_list(out, "prices");
  for (size_t i = 0; i < card->step_count; i++) {
    const struct price_step *step = &card->steps[i];
    json_put_item(out);
    json_open(out);
    json_put_text(out, "tier", price_class_name(step->class));
    json_put_i64(out, "above", step->above);
    json_rates(out, &step->rates);
    json_close(out);
  }
  buf_adds(out, "]}");
}

static void show_json(struct buf *out, const struct catalog *catalog,
                      const struct resolved *found) {
  const struct price_model *model = found->model;
  const struct price_table *table;
  const char *layer = layer_of(catalog, model, &table);
  json_open(out);
  json_put_text(out, "model", model->name);
  json_put_text(out, "provider", model->provider);
  json_put_i64(out, "context_window", model->context_window);
  json_put_i64(out, "max_output", model->max_output);
  json_put_bool(out, "free", model->free);
  json_put_text(out, "from", layer);
  json_put_text(out, "unit", "dollars per million tokens");
  json_put_text(out, "rate_card", found->card->id);
  json_put_list(out, "names");
  for (size_t i = 0; i < table->name_count; i++) {
    if (&table->models[table->names[i].model] != model)
      continue;
    json_put_item(out);
    json_write_str(out, table->names[i].name, strlen(table->names[i].name));
  }
  buf_addc(out, ']');
  json_put_list(out, "cards");
  for (size_t i = 0; i < model->card_count; i++) {
    json_put_item(out);
    json_card(out, &model->cards[i]);
  }
  buf_adds(out, "]}\n");
}

static void add_column(struct buf *out, int64_t rate) {
  struct buf text = BUF_INIT;
  money_write_dollars(&text, rate);
  buf_addf(out, " %10s", buf_text(&text));
  buf_fini(&text);
}

static void text_card(struct buf *out, const struct price_card *card, bool in_force) {
  buf_addf(out, "\n  %s%s\n", card->id, in_force ? "  (in force)" : "");
  buf_addf(out, "    %-24s %10s %10s %10s %10s %10s\n", "", "input", "cache read", "5m write",
           "1h write", "output");
  for (size_t i = 0; i < card->step_count; i++) {
    const struct rates rates = rates_complete(card->steps[i].rates);
    char label[64];
    if (card->steps[i].above > 0) {
      snprintf(label, sizeof label, "%s above %lld", price_class_name(card->steps[i].class),
               (long long)card->steps[i].above);
    } else {
      snprintf(label, sizeof label, "%s", price_class_name(card->steps[i].class));
    }
    buf_addf(out, "    %-24s", label);
    add_column(out, rates.input);
    add_column(out, rates.cache_read);
    add_column(out, rates.cache_write_5m);
    add_column(out, rates.cache_write_1h);
    add_column(out, rates.output);
    if (rates.reasoning != rates.output) {
      buf_adds(out, "  reasoning");
      add_column(out, rates.reasoning);
    }
    buf_addc(out, '\n');
  }
  if (card->web_search >= 0) {
    buf_adds(out, "    a web search: ");
    money_write_human(out, card->web_search);
    buf_addc(out, '\n');
  }
  for (size_t i = 0; i < card->uplift_count; i++)
    buf_addf(out, "    region %s: times %d.%03d\n", card->uplifts[i].region,
             (int)(card->uplifts[i].permille / 1000), (int)(card->uplifts[i].permille % 1000));
}

static void show_text(struct buf *out, const struct catalog *catalog,
                      const struct resolved *found) {
  const struct price_model *model = found->model;
  const struct price_table *table;
  const char *layer = layer_of(catalog, model, &table);
  buf_addf(out, "%s%s%s  (%s%s)\n", model->provider, model->provider[0] != '\0' ? "/" : "",
           model->name, layer, model->by_hand && table == catalog->builtin ? ", kept by hand" : "");
  if (model->free)
    buf_adds(out, "  declared free\n");
  if (model->context_window > 0)
    buf_addf(out, "  window %lld tokens", (long long)model->context_window);
  if (model->max_output > 0)
    buf_addf(out, "%s output at most %lld", model->context_window > 0 ? "," : " ",
             (long long)model->max_output);
  if (model->context_window > 0 || model->max_output > 0)
    buf_addc(out, '\n');
  const char *sources = "  listed by ";
  for (int kind = 0; kind < SOURCE_COUNT; kind++) {
    if (model->seen[kind] == 0)
      continue;
    buf_addf(out, "%s%s", sources, price_source_name((enum price_source)kind));
    sources = ", ";
  }
  if (sources[0] == ',')
    buf_addc(out, '\n');
  buf_adds(out,
           "  dollars per million tokens; batch and flex cost half where they are not listed\n");
  for (size_t i = 0; i < model->card_count; i++)
    text_card(out, &model->cards[i], &model->cards[i] == found->card);
}

int prices_show(struct cli *cli, const struct catalog *catalog, const char *provider,
                const char *model, int64_t at_ms, bool json) {
  struct resolved found;
  if (!catalog_resolve(catalog, provider, model, at_ms, &found)) {
    struct buf path = BUF_INIT;
    struct error error = {0};
    price_path_override(&path);
    error_set(
        &error, PURSER_ENOTFOUND,
        "%s: no price is known; write one into %s, or fetch newer prices with `purser prices update FILE`",
        model, buf_text(&path));
    buf_fini(&path);
    return cli_fail(cli, &error);
  }
  struct buf text = BUF_INIT;
  if (json) {
    show_json(&text, catalog, &found);
  } else {
    show_text(&text, catalog, &found);
  }
  const int code = cli_print(cli, &text);
  buf_fini(&text);
  return code;
}

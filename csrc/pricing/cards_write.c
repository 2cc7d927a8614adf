/* cards_write.c - writing a table of rate cards as C, one line per card; see merge.h. */
#include <string.h>

#include "pricing/merge.h"

static void add_rates(struct buf *out, const struct rates *rates) {
  const int64_t values[] = {rates->input,          rates->cache_read, rates->cache_write_5m,
                            rates->cache_write_1h, rates->output,     rates->reasoning};
  bool exact = false;
  for (size_t i = 0; i < 6; i++)
    exact = exact || (values[i] > 0 && values[i] % 1000 != 0);
  buf_adds(out, exact ? "NANO(" : "RATES(");
  for (size_t i = 0; i < 6; i++) {
    if (values[i] < 0) {
      buf_adds(out, i == 0 ? "-1" : ", -1");
    } else {
      buf_addf(out, "%s%lld", i == 0 ? "" : ", ",
               (long long)(exact ? values[i] : values[i] / 1000));
    }
  }
  buf_addc(out, ')');
}

static void add_card(struct buf *out, const struct price_card *card) {
  static const char *const classes[CLASS_COUNT] = {"CLASS_STANDARD", "CLASS_BATCH", "CLASS_FLEX",
                                                   "CLASS_PRIORITY", "CLASS_FAST"};
  buf_addf(out, "    {\"%s\", ", card->id);
  if (card->valid_from == ALWAYS) {
    buf_adds(out, "ALWAYS, ");
  } else {
    buf_addf(out, "%d, ", (int)card->valid_from);
  }
  buf_addf(out, "%lld, ", (long long)card->web_search);
  for (size_t i = 0; i < card->uplift_count; i++)
    buf_addf(out, "%s{\"%s\", %d}", i == 0 ? "UPLIFTS(" : ", ", card->uplifts[i].region,
             (int)card->uplifts[i].permille);
  buf_adds(out, card->uplift_count != 0 ? "), STEPS(" : "NULL, 0, STEPS(");
  for (size_t i = 0; i < card->step_count; i++) {
    buf_addf(out, "%s{%s, %lld, ", i == 0 ? "" : ", ", classes[card->steps[i].class],
             (long long)card->steps[i].above);
    add_rates(out, &card->steps[i].rates);
    buf_addc(out, '}');
  }
  buf_adds(out, ")},\n");
}

static void add_cards(struct buf *out, const struct price_table *table) {
  buf_adds(out, "static const struct price_card cards[] = {\n");
  for (size_t i = 0; i < table->model_count; i++) {
    for (size_t k = 0; k < table->models[i].card_count; k++)
      add_card(out, &table->models[i].cards[k]);
  }
  buf_adds(out, "};\n\n");
}

static void add_models(struct buf *out, const struct price_table *table) {
  size_t card = 0;
  buf_adds(out,
           "/* provider, name, window, output, free, by hand, seen by the three sources, cards */\n"
           "static const struct price_model models[] = {\n");
  for (size_t i = 0; i < table->model_count; i++) {
    const struct price_model *model = &table->models[i];
    buf_addf(out, "    {\"%s\", \"%s\", %lld, %lld, false, %s, {", model->provider, model->name,
             (long long)model->context_window, (long long)model->max_output,
             model->by_hand ? "true" : "false");
    for (size_t k = 0; k < SOURCE_COUNT; k++)
      buf_addf(out, model->seen[k] != 0 ? "%s0x%08xU" : "%s%x", k == 0 ? "" : ", ", model->seen[k]);
    buf_addf(out, "}, &cards[%zu], %zu},\n", card, model->card_count);
    card += model->card_count;
  }
  buf_adds(out, "};\n\n");
}

static void add_names(struct buf *out, const struct price_table *table) {
  buf_adds(out, "static const struct price_name names[] = {\n");
  for (size_t i = 0; i < table->name_count; i++)
    buf_addf(out, "    {\"%s\", %u},\n", table->names[i].name, table->names[i].model);
  buf_adds(out, "};\n\n");
}

void cards_write(struct buf *out, const struct price_table *table, const char *origin) {
  struct buf body = BUF_INIT;
  add_cards(&body, table);
  const bool uplifts = strstr(buf_text(&body), "UPLIFTS(") != NULL;
  const bool exact = strstr(buf_text(&body), "NANO(") != NULL;
  buf_addf(
      out,
      "/* rate_cards.gen.c - written by `purser prices generate`; change hand_kept.json and generate again.\n"
      " *\n"
      "%s"
      " *\n"
      " * A card: id, first day, nano-dollars a web search, uplifts by region in thousandths, steps. A step: class, prompt size above\n"
      " * which it holds, rates in millionths of a dollar per million tokens: input, cache read, 5 minute write, 1 hour write,\n"
      " * output, reasoning; -1 where the card does not say. */\n"
      "#include \"pricing/table.h\"\n\n"
      "/* clang-format off */\n"
      "#define SAID(x, by) ((x) < 0 ? RATE_UNSAID : INT64_C(by) * (x))\n"
      "#define RATES(i, r, w, l, o, t) {SAID(i, 1000), SAID(r, 1000), SAID(w, 1000), SAID(l, 1000), SAID(o, 1000), SAID(t, 1000)}\n",
      origin);
  if (exact)
    buf_adds(
        out,
        "#define NANO(i, r, w, l, o, t) {SAID(i, 1), SAID(r, 1), SAID(w, 1), SAID(l, 1), SAID(o, 1), SAID(t, 1)}\n");
  buf_adds(
      out,
      "#define STEPS(...) (const struct price_step[]){__VA_ARGS__}, sizeof((const struct price_step[]){__VA_ARGS__}) / sizeof(struct price_step)\n");
  if (uplifts)
    buf_adds(
        out,
        "#define UPLIFTS(...) (const struct price_uplift[]){__VA_ARGS__}, sizeof((const struct price_uplift[]){__VA_ARGS__}) / sizeof(struct price_uplift)\n");
  buf_addc(out, '\n');
  buf_add(out, buf_text(&body), body.len);
  add_models(out, table);
  add_names(out, table);
  buf_addf(out,
           "const struct price_table price_table_builtin = {\n"
           "    .as_of = %d,\n"
           "    .listed = {%u, %u, %u},\n"
           "    .models = models,\n"
           "    .model_count = sizeof models / sizeof models[0],\n"
           "    .names = names,\n"
           "    .name_count = sizeof names / sizeof names[0],\n"
           "};\n",
           (int)table->as_of, table->listed[SOURCE_GENAI], table->listed[SOURCE_LITELLM],
           table->listed[SOURCE_MODELS_DEV]);
  out->failed = out->failed || body.failed;
  buf_fini(&body);
}

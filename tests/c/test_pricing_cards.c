/* test_pricing_cards.c - the built-in rate cards: against figures that clients printed, as tables, and as a function of tokens. */
#include <string.h>

#include "base/calendar.h"
#include "base/money.h"
#include "pricing/catalog.h"
#include "pricing/provider.h"
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

/* 2026-11-23, when the figures below were printed. */
#define THEN (INT64_C(20780) * CALENDAR_DAY_MS)

static struct price price_of(const char *provider, const char *model, const purser_usage *usage) {
  const struct price_query query = {
      .model = model, .provider = provider, .at_ms = THEN, .reported_nanousd = -1, .usage = *usage};
  struct price price;
  price_request(catalog, &query, &price);
  return price;
}

/* Tokens and costUSD as Claude Code 2.1.330 printed and stored them: per request, per run and per session. */
static void every_figure_of_the_clients_comes_out(void **state) {
  (void)state;
  static const struct {
    const char *model;
    int64_t input, cache_read, cache_write_5m, cache_write_1h, output;
    int64_t nanousd;
  } figures[] = {
      {"claude-fable-5-2", 1004, 3004, 404, 50, 104, 17632800},
      {"claude-haiku-5-5", 1003, 3003, 403, 50, 103, 242205},
      {"claude-opus-5-5", 1002, 3002, 402, 50, 102, 9058400},
      {"claude-opus-5-5", 1005, 3005, 405, 50, 105, 9146000},
      {"claude-opus-5-5", 1008, 3008, 408, 50, 108, 9233600},
      {"claude-opus-5-5", 1019, 3019, 419, 50, 119, 9554800},
      {"claude-opus-5-5", 1066, 3066, 466, 50, 166, 10927200},
      {"claude-opus-5-5", 1070, 3070, 470, 50, 170, 11044000},
      {"claude-opus-5-5", 1076, 3076, 476, 50, 176, 11219200},
      {"claude-opus-5-5", 1077, 3077, 477, 50, 177, 11248400},
      {"claude-opus-5-5", 1121, 3121, 521, 50, 221, 12533200},
      {"claude-opus-5-5", 1122, 3122, 522, 50, 222, 12562400},
      {"claude-opus-5-5", 1132, 3132, 532, 50, 232, 12854400},
      {"claude-opus-5-5", 1216, 3216, 616, 50, 316, 15307200},
      {"claude-opus-5-5", 1217, 3217, 617, 50, 317, 15336400},
      {"claude-opus-5-5", 1222, 3222, 622, 50, 322, 15482400},
      {"claude-opus-5-5", 1224, 3224, 624, 50, 324, 15540800},
      {"claude-opus-5-5", 1225, 3225, 625, 50, 325, 15570000},
      {"claude-opus-5-5", 1229, 3229, 629, 50, 329, 15686800},
      {"claude-opus-5-5", 1230, 3230, 630, 50, 330, 15716000},
      {"claude-opus-5-5", 1234, 3234, 634, 50, 334, 15832800},
      {"claude-opus-5-5", 1235, 3235, 635, 50, 335, 15862000},
      {"claude-opus-5-5", 1236, 3236, 636, 50, 336, 15891200},
      {"claude-opus-5-5", 2003, 6003, 803, 100, 203, 18087600},
      {"claude-opus-5-5", 2029, 6029, 829, 100, 229, 18846800},
      {"claude-opus-5-5", 2037, 6037, 837, 100, 237, 19080400},
      {"claude-opus-5-5", 2045, 6045, 845, 100, 245, 19314000},
      {"claude-opus-5-5", 2053, 6053, 853, 100, 253, 19547600},
      {"claude-opus-5-5", 2105, 6105, 905, 100, 305, 21066000},
      {"claude-opus-5-5", 2115, 6115, 915, 100, 315, 21358000},
      {"claude-opus-5-5", 2123, 6123, 923, 100, 323, 21591600},
      {"claude-opus-5-5", 2129, 6129, 929, 100, 168, 18546800},
      {"claude-opus-5-5", 2159, 6159, 959, 100, 359, 22642800},
      {"claude-opus-5-5", 2215, 6215, 1015, 100, 415, 24278000},
      {"claude-opus-5-5", 2315, 6315, 1115, 100, 515, 27198000},
      {"claude-opus-5-5", 2319, 6319, 1119, 100, 519, 27314800},
      {"claude-opus-5-5", 3006, 9006, 1206, 150, 306, 27175200},
      {"claude-opus-5-5", 3024, 9024, 1224, 150, 324, 27700800},
      {"claude-opus-5-5", 3165, 9165, 1365, 150, 312, 28758000},
      {"claude-opus-5-5", 3330, 9330, 1530, 150, 630, 36636000},
      {"claude-opus-5-5", 3339, 9339, 1539, 150, 639, 36898800},
      {"claude-opus-5-5", 3348, 9348, 1548, 150, 648, 37161600},
      {"claude-opus-5-5", 3357, 9357, 1557, 150, 657, 37424400},
      {"claude-opus-5-5", 3372, 9372, 1572, 150, 672, 37862400},
      {"claude-opus-5-5", 3381, 9381, 1581, 150, 681, 38125200},
      {"claude-opus-5-5", 3390, 9390, 1590, 150, 690, 38388000},
      {"claude-opus-5-5", 3402, 9402, 1602, 150, 702, 38738400},
      {"claude-opus-5-5", 3411, 9411, 1611, 150, 711, 39001200},
      {"claude-opus-5-5", 3420, 9420, 1620, 150, 720, 39264000},
      {"claude-opus-5-5", 3429, 9429, 1629, 150, 729, 39526800},
      {"claude-opus-5-5", 3438, 9438, 1638, 150, 738, 39789600},
      {"claude-opus-5-5", 3447, 9447, 1647, 150, 747, 40052400},
      {"claude-opus-5-5", 4010, 12010, 1610, 200, 410, 36292000},
      {"claude-opus-5-5", 4011, 12011, 1611, 200, 411, 36321200},
      {"claude-opus-5-5", 4022, 12022, 1622, 200, 422, 36642400},
      {"claude-opus-5-5", 6057, 18057, 2457, 300, 657, 55664400},
      {"claude-opus-5-5", 6903, 18903, 3303, 300, 1503, 80367600},
      {"claude-opus-5-5", 10368, 28368, 4968, 450, 2268, 120945600},
      {"claude-opus-5-5", 12683, 34683, 6083, 550, 2783, 148143600},
      {"claude-opus-5-5", 15002, 41002, 7202, 650, 3302, 175458400},
      {"claude-sonnet-4-5", 1005, 3005, 405, 50, 105, 7310250},
      {"claude-sonnet-5-5", 1001, 3001, 401, 50, 101, 4514600},
      {"claude-sonnet-5-5", 1009, 3009, 409, 50, 109, 4631400},
      {"claude-sonnet-5-5", 1105, 3105, 505, 50, 205, 6033000},
      {"claude-sonnet-5-5", 1106, 3106, 506, 50, 4, 4027600},
      {"claude-sonnet-5-5", 2029, 6029, 829, 100, 229, 9423400},
      {"claude-sonnet-5-5", 2211, 6211, 1011, 100, 209, 10060600},
      /* the session totals that its ACP adapter announced */
      {"claude-opus-5-5", 3513, 9513, 1713, 150, 813, 41979600},
  };
  for (size_t i = 0; i < COUNT(figures); i++) {
    const purser_usage usage = {
        .input = figures[i].input,
        .cache_read = figures[i].cache_read,
        .cache_write_5m = figures[i].cache_write_5m,
        .cache_write_1h = figures[i].cache_write_1h,
        .output = figures[i].output,
    };
    const struct price price = price_of(NULL, figures[i].model, &usage);
    if (price.status != COST_KNOWN || price.cost_nanousd != figures[i].nanousd)
      fail_msg("%s, %lld in, %lld out: %lld, not %lld", figures[i].model,
               (long long)figures[i].input, (long long)figures[i].output,
               (long long)price.cost_nanousd, (long long)figures[i].nanousd);
  }
}

static void a_card_is_well_formed(const struct price_model *model, const struct price_card *card) {
  assert_true(card->step_count > 0);
  assert_int_equal(card->steps[0].class, CLASS_STANDARD);
  assert_int_equal(card->steps[0].above, 0);
  assert_int_equal(strncmp(card->id, model->provider, strlen(model->provider)), 0);
  for (size_t i = 0; i < card->step_count; i++) {
    const struct price_step *step = &card->steps[i];
    assert_true(step->rates.input >= 0 && step->rates.input <= RATE_MAX);
    assert_true(step->rates.output >= 0 && step->rates.output <= RATE_MAX);
    const struct rates full = rates_complete(step->rates);
    assert_true(full.cache_read >= 0 && full.cache_write_5m >= 0 && full.cache_write_1h >= 0);
    if (full.cache_read > full.input || full.cache_write_5m < full.input ||
        full.cache_write_1h < full.cache_write_5m)
      fail_msg("%s: a cache that does not save anything", card->id);
    if (i == 0)
      continue;
    const struct price_step *before = &card->steps[i - 1];
    const bool ordered = before->class < step->class ||
                         (before->class == step->class && before->above < step->above);
    if (!ordered || (before->class != step->class && step->above != 0))
      fail_msg("%s: step %zu is out of order", card->id, i);
  }
  for (size_t i = 0; i < card->uplift_count; i++)
    assert_in_range(card->uplifts[i].permille, 1001, 2000);
}

static void the_table_is_well_formed(void **state) {
  (void)state;
  const struct price_table *table = &price_table_builtin;
  assert_true(table->model_count > 800);
  for (size_t i = 0; i < table->model_count; i++) {
    const struct price_model *model = &table->models[i];
    assert_non_null(provider_find(model->provider, strlen(model->provider)));
    assert_true(i == 0 || strcmp(table->models[i - 1].name, model->name) <= 0);
    assert_true(model->card_count > 0);
    assert_true(model->context_window >= 0 && model->max_output >= 0);
    for (size_t k = 0; k < model->card_count; k++) {
      a_card_is_well_formed(model, &model->cards[k]);
      assert_true(k == 0 || model->cards[k - 1].valid_from < model->cards[k].valid_from);
    }
    /* A price of nothing is only believed of what is called free, or where two sources agree. */
    if (model->cards[0].steps[0].rates.input == 0 && strstr(model->name, ":free") == NULL)
      assert_string_equal(model->provider, "zai");
  }
}

static void every_name_leads_to_its_model(void **state) {
  (void)state;
  const struct price_table *table = &price_table_builtin;
  for (size_t i = 0; i < table->name_count; i++) {
    const struct price_name *name = &table->names[i];
    assert_true(name->model < table->model_count);
    assert_true(i == 0 || strcmp(table->names[i - 1].name, name->name) <= 0);
    const struct price_model *model = &table->models[name->model];
    struct resolved found;
    if (!catalog_resolve(catalog, model->provider, name->name, THEN, &found) ||
        found.model != model)
      fail_msg("%s through %s leads to %s", name->name, model->provider,
               found.model != NULL ? found.card->id : "nothing");
  }
}

static int count_one(void *data, const struct model_info *info) {
  const char **last = data;
  assert_true(*last == NULL || strcmp(*last, info->model) <= 0);
  assert_true(info->input >= 0 && info->output >= 0);
  assert_true(info->rate_card[0] != '\0');
  *last = info->model;
  return 0;
}

static int stop_at_once(void *data, const struct model_info *info) {
  (void)data;
  (void)info;
  return 7;
}

static void listing_goes_through_all_models_by_name(void **state) {
  (void)state;
  const char *last = NULL;
  assert_int_equal(catalog_each(catalog, THEN, count_one, &last), 0);
  assert_non_null(last);
  assert_int_equal(catalog_each(catalog, THEN, stop_at_once, NULL), 7);
}

static int64_t *bucket(purser_usage *usage, int64_t i) {
  int64_t *const buckets[] = {&usage->input,          &usage->cache_read, &usage->cache_write_5m,
                              &usage->cache_write_1h, &usage->output,     &usage->web_searches};
  return buckets[i];
}

static purser_usage some_usage(struct rng *rng) {
  purser_usage usage = {0};
  for (int64_t i = 0; i < 5; i++) {
    static const int64_t sizes[] = {1, 100, 10000, 300000};
    *bucket(&usage, i) = rng_below(rng, sizes[rng_below(rng, COUNT(sizes))]);
  }
  return usage;
}

static const struct price_model *some_model(struct rng *rng) {
  return &price_table_builtin.models[rng_below(rng, (int64_t)price_table_builtin.model_count)];
}

/* More of anything never costs less, over the cliffs too. */
static void cost_rises_in_every_bucket(void **state) {
  (void)state;
  for (int seed = 0; seed < property_seeds(5000); seed++) {
    struct rng rng = {(uint64_t)seed};
    const struct price_model *model = some_model(&rng);
    purser_usage usage = some_usage(&rng);
    const struct price before = price_of(model->provider, model->name, &usage);
    *bucket(&usage, rng_below(&rng, 6)) += rng_between(&rng, 1, 200000);
    const struct price after = price_of(model->provider, model->name, &usage);
    if (after.cost_nanousd < before.cost_nanousd)
      fail_msg("seed %d: %s became cheaper", seed, model->name);
  }
}

static void the_parts_are_the_whole(void **state) {
  (void)state;
  for (int seed = 0; seed < property_seeds(5000); seed++) {
    struct rng rng = {(uint64_t)seed};
    const struct price_model *model = some_model(&rng);
    purser_usage usage = some_usage(&rng);
    usage.web_searches = rng_below(&rng, 3);
    const struct price price = price_of(model->provider, model->name, &usage);
    const int64_t parts = price.input_nanousd + price.cache_read_nanousd +
                          price.cache_write_nanousd + price.output_nanousd + price.extra_nanousd;
    assert_int_equal(parts, price.cost_nanousd);
    assert_true(price.input_nanousd >= 0 && price.cache_read_nanousd >= 0 &&
                price.cache_write_nanousd >= 0 && price.output_nanousd >= 0);
  }
}

/* Rule 15 as a property: on one side of the cliff, requests add up; a bucket is never split at the threshold. */
static void on_one_side_of_the_cliff_requests_add_up(void **state) {
  (void)state;
  for (int seed = 0; seed < property_seeds(5000); seed++) {
    struct rng rng = {(uint64_t)seed};
    const struct price_model *model = some_model(&rng);
    const purser_usage one = some_usage(&rng);
    purser_usage two = one;
    for (int64_t i = 0; i < 5; i++)
      *bucket(&two, i) *= 2;
    const struct price single = price_of(model->provider, model->name, &one);
    const struct price twice = price_of(model->provider, model->name, &two);
    const struct price_card *card = price_model_card(model, 20780);
    const int64_t prompt = one.input + one.cache_read + one.cache_write_5m + one.cache_write_1h;
    if (price_card_step(card, CLASS_STANDARD, prompt) ==
        price_card_step(card, CLASS_STANDARD, 2 * prompt))
      assert_in_range(twice.cost_nanousd - 2 * single.cost_nanousd + 1, 0, 2);
    else
      assert_true(twice.cost_nanousd > 2 * single.cost_nanousd);
  }
}

static void the_ceiling_is_never_below_the_price(void **state) {
  (void)state;
  static const char *const tiers[] = {"", "batch", "flex", "priority"};
  for (int seed = 0; seed < property_seeds(5000); seed++) {
    struct rng rng = {(uint64_t)seed};
    const struct price_model *model = some_model(&rng);
    const struct price_query query = {
        .model = model->name,
        .provider = model->provider,
        .at_ms = THEN,
        .tier = tiers[rng_below(&rng, COUNT(tiers))],
        .speed = rng_chance(&rng, 20) ? "fast" : "",
        .reported_nanousd = -1,
        .usage = some_usage(&rng),
    };
    struct price price;
    struct price ceiling;
    price_request(catalog, &query, &price);
    price_ceiling(catalog, &query, &ceiling);
    assert_true(ceiling.cost_nanousd >= price.cost_nanousd);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_figure_of_the_clients_comes_out),
      cmocka_unit_test(the_table_is_well_formed),
      cmocka_unit_test(every_name_leads_to_its_model),
      cmocka_unit_test(listing_goes_through_all_models_by_name),
      cmocka_unit_test(cost_rises_in_every_bucket),
      cmocka_unit_test(the_parts_are_the_whole),
      cmocka_unit_test(on_one_side_of_the_cliff_requests_add_up),
      cmocka_unit_test(the_ceiling_is_never_below_the_price),
  };
  return cmocka_run_group_tests(tests, load, unload);
}

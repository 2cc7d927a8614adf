/* test_advice_what_if.c - real requests at the prices of other models, to the nano-dollar, and with another effort as far as experience goes. */
#include "support/books.h"

#include <stdio.h>
#include <string.h>

#include "advice/what_if.h"
#include "api/core.h"
#include "base/json.h"
#include "base/mem.h"

#define NOON "2026-11-24T12:00:00Z"

/* Models with rules of their own, in dollars per million tokens. */
static const char prices[] =
    "{\"models\": {"
    "\"plain\": {\"input\": 2, \"output\": 8},"
    "\"uncached\": {\"input\": 2, \"output\": 8, \"cache_read\": 2,"
    " \"cache_write_5m\": 2, \"cache_write_1h\": 2},"
    "\"free-writes\": {\"input\": 2, \"output\": 8, \"cache_read\": 0.5,"
    " \"cache_write_5m\": 0, \"cache_write_1h\": 0},"
    "\"cliff\": {\"input\": 1, \"output\": 4, \"cache_read\": 0.1,"
    " \"above\": {\"200000\": {\"input\": 2, \"output\": 6, \"cache_read\": 0.2}}},"
    "\"batched\": {\"input\": 2, \"output\": 8, \"batch\": 0.25},"
    "\"late\": {\"cards\": [{\"valid_from\": \"2026-11-25\", \"input\": 1, \"output\": 1}]}"
    "}}";

struct desk {
  struct books books;
  struct purser core;
  char *json;
  struct json_doc doc;
};
static struct desk desk;

static int set_up(void **state) {
  (void)state;
  desk = (struct desk){.json = NULL, .doc = JSON_DOC_INIT};
  books_open(&desk.books, NOON);
  temp_write(&desk.books.temp, "prices.json", prices, sizeof prices - 1);
  assert_ok(catalog_load(&desk.core.catalog, NULL, temp_path(&desk.books.temp, "prices.json"),
                         &desk.books.error),
            &desk.books.error);
  desk.core.ledger = desk.books.ledger;
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  json_fini(&desk.doc);
  mem_free(desk.json);
  catalog_free(desk.core.catalog);
  books_close(&desk.books);
  return 0;
}

/* ---- something to reprice ---- */

/* A run with one request, which is priced as the catalogue says unless a cost is given. */
static void run(const char *agent, const char *model, const char *effort, const char *tier,
                const purser_usage *usage, int64_t nanousd) {
  static int64_t number;
  struct books *b = &desk.books;
  char key[32];
  fake_clock_advance(&b->clock, 60000);
  const struct run_spec spec = {.agent = agent,
                                .workspace = strcmp(agent, "fixer") == 0 ? "/fixes" : "/w",
                                .source = "claude",
                                .model = "as asked for",
                                .effort = effort};
  const int64_t id = books_run_of(b, &spec, RUN_RUNNING);
  (void)snprintf(key, sizeof key, "k%lld", (long long)++number);
  struct request r = books_request(b, id, key, nanousd);
  r.model = model;
  r.tier = tier;
  r.usage = *usage;
  if (nanousd < 0) {
    const struct price_query query = {
        .model = model, .at_ms = r.at_ms, .tier = tier, .reported_nanousd = -1, .usage = *usage};
    price_request(desk.core.catalog, &query, &r.price);
  }
  (void)books_book(b, &r);
  books_end(b, id, RUN_COMPLETED);
}

static struct what_if ask_core(const struct request_scan *scan, const char *const *models) {
  struct what_if out;
  assert_ok(
      what_if(desk.books.ledger, desk.core.catalog, scan, models, false, &out, &desk.books.error),
      &desk.books.error);
  return out;
}

static const struct request_scan everything = {.since_ms = INT64_MIN, .until_ms = INT64_MAX};

/* ---- other models ---- */

static void each_model_s_own_rules_hold(void **state) {
  (void)state;
  static const char *const models[] = {"plain",   "uncached", "free-writes", "cliff",
                                       "batched", "late",     "no-such",     NULL};
  static const struct {
    purser_usage usage;
    const char *tier;
    int64_t nanousd[5]; /* of the first five */
  } cases[] = {
      /* 2 + 8 */
      {{.input = 1000000, .output = 1000000},
       "",
       {10000000000, 10000000000, 10000000000, 8000000000, 10000000000}},
      /* A card without rates for the cache has the usual ones: a tenth, 1.25, twice. */
      {{.cache_read = 100000}, "", {20000000, 200000000, 50000000, 10000000, 20000000}},
      {{.cache_write_5m = 100000}, "", {250000000, 200000000, 0, 125000000, 250000000}},
      {{.cache_write_1h = 100000}, "", {400000000, 200000000, 0, 200000000, 400000000}},
      /* All of the prompt decides on the cliff, and the output is dearer beyond it (rule 15). */
      {{.input = 1000, .cache_read = 199000, .output = 1000},
       "",
       {49800000, 408000000, 109500000, 24900000, 49800000}},
      {{.input = 1001, .cache_read = 199000, .output = 1000},
       "",
       {49802000, 408002000, 109502000, 47802000, 49802000}},
      /* A request that was sent in a batch would have been sent in one: half, or as the card says. */
      {{.input = 100000}, "batch", {100000000, 100000000, 100000000, 50000000, 50000000}},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    run("reviewer", "claude-opus-4-5", "", cases[i].tier, &cases[i].usage, -1);
    const struct request_scan last = {.since_ms = desk.books.clock.now_ms, .until_ms = INT64_MAX};
    const struct what_if out = ask_core(&last, models);
    assert_int_equal(out.requests, 1);
    assert_int_equal(out.count, 7);
    for (size_t m = 0; m < 5; m++) {
      if (out.rows[m].cost_nanousd != cases[i].nanousd[m])
        fail_msg("case %zu with %s: %lld, expected %lld", i, models[m],
                 (long long)out.rows[m].cost_nanousd, (long long)cases[i].nanousd[m]);
    }
    /* Without a price, at that time or at all, it is named and not guessed. */
    for (size_t m = 5; m < 7; m++) {
      assert_string_equal(out.rows[m].model, models[m]);
      assert_int_equal(out.rows[m].unpriced, 1);
      assert_int_equal(out.rows[m].priced, 0);
      assert_int_equal(out.rows[m].cost_nanousd, 0);
    }
  }
}

/* Some are small and some reach over every cliff; any bucket may be empty. */
static int64_t some_tokens(struct rng *rng, int64_t most) {
  return rng_chance(rng, 25) ? 0 : rng_below(rng, rng_chance(rng, 20) ? most : most / 20) + 1;
}

static purser_usage some_usage(struct rng *rng) {
  purser_usage u = {.input = some_tokens(rng, 300000),
                    .cache_read = some_tokens(rng, 400000),
                    .cache_write_5m = some_tokens(rng, 100000),
                    .cache_write_1h = some_tokens(rng, 50000),
                    .output = some_tokens(rng, 60000),
                    .web_searches = rng_chance(rng, 10) ? rng_between(rng, 1, 5) : 0};
  u.reasoning = u.output / rng_between(rng, 2, 9);
  return u;
}

/* For any requests, the table is the sum of what the price function says of each of them. */
static void repricing_is_the_price_function_for_every_request(void **state) {
  (void)state;
  static const char *const names[] = {"claude-opus-4-5",
                                      "claude-sonnet-4-5",
                                      "claude-haiku-4-5",
                                      "claude-opus-5-5",
                                      "gpt-5.5",
                                      "gpt-5.4-nano",
                                      "gemini-2.5-pro",
                                      "gemini-2.5-flash",
                                      "plain",
                                      "uncached",
                                      "free-writes",
                                      "cliff",
                                      "late",
                                      "house-model",
                                      "batched"};
  static const char *const tiers[] = {"", "", "batch", "flex", "priority", "strange"};
  const int seeds = property_seeds(20);
  for (int seed = 0; seed < seeds; seed++) {
    struct rng rng = {(uint64_t)seed};
    const char *models[WHAT_IF_MODELS + 1] = {NULL};
    struct what_if expected = {.count = (size_t)rng_between(&rng, 1, COUNT(names))};
    for (size_t m = 0; m < expected.count; m++)
      models[m] = names[((size_t)seed + m) % COUNT(names)];
    const struct request_scan since = {.since_ms = desk.books.clock.now_ms + 1,
                                       .until_ms = INT64_MAX};
    for (int i = 0; i < 30; i++) {
      const purser_usage usage = some_usage(&rng);
      const char *tier = tiers[rng_below(&rng, COUNT(tiers))];
      const char *booked = names[rng_below(&rng, COUNT(names))];
      run("reviewer", booked, "", tier, &usage, -1);
      struct price_query query = {.model = booked,
                                  .at_ms = desk.books.clock.now_ms,
                                  .tier = tier,
                                  .reported_nanousd = -1,
                                  .usage = usage};
      struct price price;
      price_request(desk.core.catalog, &query, &price);
      expected.requests++;
      expected.unpriced += price.status == COST_UNKNOWN;
      if (price.status == COST_UNKNOWN)
        continue;
      expected.cost_nanousd += price.cost_nanousd;
      for (size_t m = 0; m < expected.count; m++) {
        query.model = models[m];
        price_request(desk.core.catalog, &query, &price);
        expected.rows[m].unpriced += price.status == COST_UNKNOWN;
        expected.rows[m].priced += price.status != COST_UNKNOWN;
        expected.rows[m].cost_nanousd += price.status != COST_UNKNOWN ? price.cost_nanousd : 0;
      }
    }
    const struct what_if out = ask_core(&since, models);
    assert_int_equal(out.requests, expected.requests);
    assert_int_equal(out.unpriced, expected.unpriced);
    assert_int_equal(out.cost_nanousd, expected.cost_nanousd);
    for (size_t m = 0; m < expected.count; m++) {
      assert_string_equal(out.rows[m].model, models[m]);
      assert_int_equal(out.rows[m].priced, expected.rows[m].priced);
      assert_int_equal(out.rows[m].unpriced, expected.rows[m].unpriced);
      assert_int_equal(out.rows[m].cost_nanousd, expected.rows[m].cost_nanousd);
    }
  }
}

/* ---- other efforts ---- */

static const purser_usage some = {.input = 1000, .output = 100};

static void runs(const char *agent, const char *effort, int count, int64_t cents) {
  for (int i = 0; i < count; i++)
    run(agent, "claude-opus-4-5", effort, "", &some, cents * CENT);
}

static struct what_if ask_efforts(const struct request_scan *scan) {
  static const char *const none[] = {NULL};
  struct what_if out;
  assert_ok(
      what_if(desk.books.ledger, desk.core.catalog, scan, none, true, &out, &desk.books.error),
      &desk.books.error);
  return out;
}

static const struct what_if_row *effort_row(const struct what_if *out, const char *effort) {
  for (size_t i = 0; i < out->count; i++) {
    if (strcmp(out->rows[i].effort, effort) == 0)
      return &out->rows[i];
  }
  return NULL;
}

static void another_effort_is_known_from_the_agent_s_own_runs(void **state) {
  (void)state;
  runs("reviewer", "high", 10, 30);
  runs("reviewer", "low", 8, 10);
  /* Another agent's low runs say nothing of this one's. */
  runs("fixer", "high", 9, 50);
  runs("fixer", "low", 7, 1);
  const struct what_if out = ask_efforts(&everything);
  assert_int_equal(out.cost_nanousd, (300 + 80 + 450 + 7) * CENT);
  assert_int_equal(out.count, 2);
  const struct what_if_row *low = effort_row(&out, "low");
  assert_string_equal(low->model, "claude-opus-4-5");
  assert_int_equal(low->cost_nanousd, (100 + 80 + 450 + 7) * CENT);
  assert_int_equal(low->from_runs, 8);
  assert_int_equal(low->kept_nanousd, 450 * CENT);
  assert_int_equal(low->priced, 34);
  const struct what_if_row *high = effort_row(&out, "high");
  assert_int_equal(high->cost_nanousd, (300 + 240 + 450 + 7) * CENT);
  assert_int_equal(high->kept_nanousd, 7 * CENT);
  /* One agent's alone. */
  const struct request_scan fixer = {
      .agent = "fixer", .since_ms = INT64_MIN, .until_ms = INT64_MAX};
  const struct what_if alone = ask_efforts(&fixer);
  low = effort_row(&alone, "low");
  assert_int_equal(low->from_runs, 0);
  assert_int_equal(low->cost_nanousd, alone.cost_nanousd);
}

static void a_median_run_stands_for_an_effort(void **state) {
  (void)state;
  runs("reviewer", "high", 8, 20);
  runs("reviewer", "medium", 8, 10);
  runs("reviewer", "medium", 3, 900); /* outliers */
  runs("reviewer", "", 4, 5);         /* the client's own: none to ask for, and too few */
  const struct what_if out = ask_efforts(&everything);
  const struct what_if_row *medium = effort_row(&out, "medium");
  assert_int_equal(medium->cost_nanousd, out.cost_nanousd - 80 * CENT);
  assert_int_equal(medium->kept_nanousd, 20 * CENT);
  assert_null(effort_row(&out, "max"));
  assert_int_equal(out.count, 2);
}

static void an_only_effort_is_compared_with_none(void **state) {
  (void)state;
  runs("reviewer", "high", 20, 20);
  assert_int_equal(ask_efforts(&everything).count, 0);
}

/* ---- the question ---- */

static int try_ask(const char *arguments) {
  mem_free(desk.json);
  desk.json = NULL;
  desk.books.error = (struct error){0};
  const int status = verb_answer(&desk.core, "what_if", arguments, &desk.json, &desk.books.error);
  if (status == PURSER_OK)
    assert_int_equal(json_parse(&desk.doc, desk.json, strlen(desk.json)), PURSER_OK);
  return status;
}

static int64_t number(json_id object, const char *key) {
  return json_i64_or(&desk.doc, json_get(&desk.doc, object, key), -1);
}

/* "MODEL/EFFORT" of each in a list. */
static const char *names_at(const char *list) {
  static char text[1024];
  text[0] = '\0';
  const json_id rows = json_get(&desk.doc, 0, list);
  struct buf name = BUF_INIT;
  for (json_id r = json_first(&desk.doc, rows); r != JSON_NONE; r = json_next(&desk.doc, rows, r)) {
    buf_clear(&name);
    json_add_text(&desk.doc, json_get(&desk.doc, r, "model"), &name);
    if (json_kind(&desk.doc, json_get(&desk.doc, r, "effort")) == JSON_STRING) {
      buf_adds(&name, "/");
      json_add_text(&desk.doc, json_get(&desk.doc, r, "effort"), &name);
    }
    const size_t len = strlen(text);
    (void)snprintf(text + len, sizeof text - len, "%s%s", len > 0 ? " " : "", buf_text(&name));
  }
  buf_fini(&name);
  return text;
}

static void the_question_compares_with_what_suggests_itself(void **state) {
  (void)state;
  const purser_usage usage = {.input = 100000, .output = 10000};
  run("reviewer", "claude-opus-4-5", "high", "", &usage, -1);
  run("reviewer", "claude-opus-4-5", "low", "", &usage, -1);
  run("fixer", "house-model", "", "", &usage, -1);
  assert_ok(try_ask("{}"), &desk.books.error);
  assert_string_equal(names_at("rows"), "claude-opus-4-5 house-model claude-opus-5-5 "
                                        "claude-sonnet-5-5 claude-haiku-4-5");
  assert_string_equal(names_at("unknown_efforts"), "claude-opus-4-5/high claude-opus-4-5/low");
  assert_int_equal(number(0, "requests"), 3);
  assert_int_equal(number(0, "unpriced"), 1);
  assert_int_equal(number(0, "cost_nanousd"), 1500000000);
  const json_id rows = json_get(&desk.doc, 0, "rows");
  const json_id opus = json_first(&desk.doc, rows);
  assert_int_equal(number(opus, "cost_nanousd"), 1500000000);
  assert_int_equal(number(opus, "saving_nanousd"), 0);
  const json_id house = json_next(&desk.doc, rows, opus);
  assert_int_equal(number(house, "unpriced"), 2);
  assert_int_equal(json_get(&desk.doc, house, "saving_nanousd"), JSON_NONE);

  assert_ok(try_ask("{\"workspace\": \"/w\", \"models\": [\"claude-haiku-4-5\"]}"),
            &desk.books.error);
  assert_string_equal(names_at("rows"), "claude-haiku-4-5");
  const json_id haiku = json_first(&desk.doc, json_get(&desk.doc, 0, "rows"));
  assert_int_equal(number(haiku, "saving_nanousd"), 1500000000 - 300000000);
  assert_int_equal(number(0, "unpriced"), 0);

  assert_ok(try_ask("{\"agent\": \"nobody\"}"), &desk.books.error);
  assert_int_equal(number(0, "requests"), 0);
  assert_string_equal(names_at("rows"), "");
}

static void efforts_are_answered_beside_models(void **state) {
  (void)state;
  runs("reviewer", "high", 8, 30);
  runs("reviewer", "low", 8, 10);
  assert_ok(try_ask("{\"models\": []}"), &desk.books.error);
  assert_string_equal(names_at("rows"), "claude-opus-4-5/high claude-opus-4-5/low");
  assert_string_equal(names_at("unknown_efforts"), "");
  const json_id rows = json_get(&desk.doc, 0, "rows");
  const json_id low = json_next(&desk.doc, rows, json_first(&desk.doc, rows));
  assert_int_equal(number(low, "from_runs"), 8);
  assert_int_equal(number(low, "kept_nanousd"), 0);
  assert_int_equal(number(low, "saving_nanousd"), 160 * CENT);
}

static void a_wrong_question_gets_a_word(void **state) {
  (void)state;
  struct buf many = BUF_INIT;
  buf_adds(&many, "{\"models\": [");
  for (int i = 0; i <= WHAT_IF_MODELS; i++)
    buf_addf(&many, "%s\"m%d\"", i > 0 ? ", " : "", i);
  buf_adds(&many, "]}");
  assert_int_equal(try_ask(buf_text(&many)), PURSER_EINVAL);
  assert_string_equal(error_text(&desk.books.error), "models: at most 16 at once");
  assert_int_equal(try_ask("{\"models\": [\"\"]}"), PURSER_EINVAL);
  assert_string_equal(error_text(&desk.books.error), "models[1]: expected a name");
  assert_int_equal(try_ask("{\"billing\": \"free\"}"), PURSER_EINVAL);
  buf_fini(&many);
}

#define AT_DESK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      AT_DESK(each_model_s_own_rules_hold),
      AT_DESK(repricing_is_the_price_function_for_every_request),
      AT_DESK(another_effort_is_known_from_the_agent_s_own_runs),
      AT_DESK(a_median_run_stands_for_an_effort),
      AT_DESK(an_only_effort_is_compared_with_none),
      AT_DESK(the_question_compares_with_what_suggests_itself),
      AT_DESK(efforts_are_answered_beside_models),
      AT_DESK(a_wrong_question_gets_a_word),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

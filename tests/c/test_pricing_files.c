/* test_pricing_files.c - prices that users write, and the project's own format. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/calendar.h"
#include "base/mem.h"
#include "base/money.h"
#include "pricing/catalog.h"
#include "pricing/price_paths.h"
#include "support/fail_mem.h"
#include "support/support.h"
#include "support/temp.h"

#define OVERRIDE   PURSER_FIXTURES "/prices/override.json"
#define USD(cents) (INT64_C(cents) * MONEY_PER_CENT)

static struct catalog *load(const char *update, const char *override) {
  struct catalog *catalog = NULL;
  struct error error = {0};
  if (catalog_load(&catalog, update, override, &error) != PURSER_OK)
    fail_msg("%s", error_text(&error));
  return catalog;
}

static int64_t at(const char *date) {
  int64_t days = 0;
  assert_int_equal(calendar_parse_date(date, &days), PURSER_OK);
  return days * CALENDAR_DAY_MS;
}

/* What override.json says of a request. */
static const struct {
  const char *provider, *model, *date, *tier, *region;
  purser_usage usage;
  int64_t nanousd;
  enum cost_status status;
  const char *card;
} own_cases[] = {
    /* aliases: one step, whatever the case */
    {.model = "quick",
     .usage = {.input = 1000000},
     .nanousd = USD(100),
     .status = COST_KNOWN,
     .card = "anthropic/claude-haiku-4-5"},
    {.model = "QUICK",
     .usage = {.input = 1000000},
     .nanousd = USD(100),
     .status = COST_KNOWN,
     .card = "anthropic/claude-haiku-4-5"},
    {.model = "work",
     .usage = {.input = 1000000},
     .nanousd = USD(1000),
     .status = COST_KNOWN,
     .card = "user:acme/large"},
    {.model = "deep", .status = COST_UNKNOWN, .card = ""},
    /* own models, under all their names and decorations */
    {.model = "my-model",
     .usage = {.input = 1000000, .output = 1000000},
     .nanousd = USD(750),
     .status = COST_KNOWN,
     .card = "user:my-model"},
    {.model = "my-other-name[1m]",
     .usage = {.input = 1000000},
     .nanousd = USD(150),
     .status = COST_KNOWN,
     .card = "user:my-model"},
    {.model = "my-model",
     .usage = {.cache_read = 1000000},
     .nanousd = USD(15),
     .status = COST_KNOWN,
     .card = "user:my-model"},
    {.model = "openai/my-model",
     .usage = {.input = 1000000},
     .nanousd = USD(150),
     .status = COST_KNOWN,
     .card = "user:my-model"},
    {.model = "my-model-2", .status = COST_UNKNOWN, .card = ""},
    /* an own price with a date leaves the time before alone, whoever sells it */
    {.model = "claude-sonnet-5",
     .date = "2026-09-30",
     .usage = {.input = 1000000},
     .nanousd = USD(300),
     .status = COST_KNOWN,
     .card = "anthropic/claude-sonnet-5@2026-09-01"},
    {.model = "claude-sonnet-5",
     .date = "2026-10-01",
     .usage = {.input = 100000},
     .nanousd = USD(25),
     .status = COST_KNOWN,
     .card = "user:claude-sonnet-5@2026-10-01"},
    {.model = "us.anthropic.claude-sonnet-5-v1:0",
     .usage = {.input = 100000},
     .nanousd = USD(25),
     .status = COST_KNOWN,
     .card = "user:claude-sonnet-5@2026-10-01"},
    {.model = "claude-5-sonnet",
     .usage = {.input = 100000},
     .nanousd = USD(25),
     .status = COST_KNOWN,
     .card = "user:claude-sonnet-5@2026-10-01"},
    /* its tiers, thresholds, regions and searches */
    {.model = "claude-sonnet-5",
     .usage = {.input = 100001},
     .nanousd = 500005000,
     .status = COST_KNOWN,
     .card = "user:claude-sonnet-5@2026-10-01"},
    {.model = "claude-sonnet-5",
     .usage = {.input = 1, .cache_read = 100000},
     .nanousd = 40005000,
     .status = COST_KNOWN,
     .card = "user:claude-sonnet-5@2026-10-01"},
    {.model = "claude-sonnet-5",
     .tier = "batch",
     .usage = {.input = 100000},
     .nanousd = USD(10),
     .status = COST_KNOWN,
     .card = "user:claude-sonnet-5@2026-10-01"},
    {.model = "claude-sonnet-5",
     .tier = "batch",
     .usage = {.output = 100000, .input = 100001},
     .nanousd = 200002000 + USD(90),
     .status = COST_KNOWN,
     .card = "user:claude-sonnet-5@2026-10-01"},
    {.model = "claude-sonnet-5",
     .tier = "flex",
     .usage = {.input = 100000},
     .nanousd = USD(25) / 2,
     .status = COST_KNOWN,
     .card = "user:claude-sonnet-5@2026-10-01"},
    {.model = "claude-sonnet-5",
     .region = "eu",
     .usage = {.input = 100000},
     .nanousd = USD(30),
     .status = COST_KNOWN,
     .card = "user:claude-sonnet-5@2026-10-01"},
    {.model = "claude-sonnet-5",
     .usage = {.web_searches = 1000},
     .nanousd = USD(800),
     .status = COST_KNOWN,
     .card = "user:claude-sonnet-5@2026-10-01"},
    /* a provider's own */
    {.provider = "acme",
     .model = "large",
     .usage = {.input = 1000000},
     .nanousd = USD(1000),
     .status = COST_KNOWN,
     .card = "user:acme/large"},
    {.model = "acme/large",
     .usage = {.input = 1000000},
     .nanousd = USD(1000),
     .status = COST_KNOWN,
     .card = "user:acme/large"},
    {.model = "large",
     .usage = {.input = 1000000},
     .nanousd = USD(1000),
     .status = COST_KNOWN,
     .card = "user:acme/large"},
    {.model = "claude-opus-4-7",
     .usage = {.input = 1000000},
     .nanousd = USD(400),
     .status = COST_KNOWN,
     .card = "user:anthropic/claude-opus-4-7"},
    {.model = "claude-opus-4.7",
     .usage = {.input = 1000000},
     .nanousd = USD(400),
     .status = COST_KNOWN,
     .card = "user:anthropic/claude-opus-4-7"},
    {.provider = "vertex",
     .model = "claude-opus-4-7",
     .usage = {.input = 1000000},
     .nanousd = USD(500),
     .status = COST_KNOWN,
     .card = "vertex/claude-opus-4-7"},
    /* free: known to cost nothing */
    {.model = "lab-model",
     .usage = {.input = 1000000, .web_searches = 9},
     .tier = "priority",
     .nanousd = 0,
     .status = COST_KNOWN,
     .card = "user:lab-model"},
    {.provider = "ollama",
     .model = "llama3:8b",
     .usage = {.input = 1000000},
     .nanousd = 0,
     .status = COST_KNOWN,
     .card = "user:ollama/*"},
    {.model = "ollama/claude-opus-4-7",
     .usage = {.input = 1000000},
     .nanousd = 0,
     .status = COST_KNOWN,
     .card = "user:ollama/*"},
    /* another runner is not that one, and a runner's model is nobody else's */
    {.provider = "vllm", .model = "llama3:8b", .status = COST_UNKNOWN, .card = ""},
    {.provider = "lmstudio",
     .model = "qwen3-coder",
     .usage = {.output = 1000000},
     .nanousd = USD(1),
     .status = COST_KNOWN,
     .card = "user:lmstudio/qwen3-coder"},
    {.model = "qwen3-coder", .status = COST_UNKNOWN, .card = ""},
};

static void a_users_own_prices_come_first(void **state) {
  (void)state;
  struct catalog *catalog = load(NULL, OVERRIDE);
  for (size_t i = 0; i < COUNT(own_cases); i++) {
    const struct price_query query = {
        .model = own_cases[i].model,
        .provider = own_cases[i].provider,
        .at_ms = at(own_cases[i].date != NULL ? own_cases[i].date : "2026-11-24"),
        .tier = own_cases[i].tier,
        .region = own_cases[i].region,
        .reported_nanousd = -1,
        .usage = own_cases[i].usage,
    };
    struct price price;
    price_request(catalog, &query, &price);
    if (price.status != own_cases[i].status || strcmp(price.rate_card, own_cases[i].card) != 0 ||
        (price.status == COST_KNOWN && price.cost_nanousd != own_cases[i].nanousd))
      fail_msg("case %zu, %s: %s %lld by \"%s\"", i, own_cases[i].model,
               cost_status_name(price.status), (long long)price.cost_nanousd, price.rate_card);
  }
  struct model_info info;
  assert_int_equal(catalog_find(catalog, NULL, "my-model", at("2026-11-24"), &info), PURSER_OK);
  assert_int_equal(info.context_window, 64000);
  assert_false(info.free);
  assert_int_equal(catalog_find(catalog, "ollama", "anything", at("2026-11-24"), &info), PURSER_OK);
  assert_true(info.free);
  catalog_free(catalog);
}

static void a_malformed_file_says_what_and_where(void **state) {
  (void)state;
  static const struct {
    const char *text;
    const char *says;
  } cases[] = {
      {"", "not valid JSON"},
      {"{\"models\": {}", "not valid JSON"},
      {"[]", "top level: the file must hold an object"},
      {"{\"modles\": {}}", "modles: unknown field"},
      {"{\"models\": []}", "models: give an object"},
      {"{\"models\": {\"x\": 3}}", "models.x: a model is an object"},
      {"{\"models\": {\"x\": {}}}", "models.x: input and output are needed"},
      {"{\"models\": {\"x\": {\"input\": 1}}}", "models.x: input and output are needed"},
      {"{\"models\": {\"x\": {\"input\": \"1\", \"output\": 1}}}",
       "models.x.input: give dollars per million tokens"},
      {"{\"models\": {\"x\": {\"input\": -1, \"output\": 1}}}", "models.x.input: give dollars"},
      {"{\"models\": {\"x\": {\"input\": 1, \"output\": 10001}}}", "models.x.output: give dollars"},
      {"{\"models\": {\"x\": {\"inptu\": 1, \"output\": 1}}}", "models.x.inptu: unknown field"},
      {"{\"models\": {\"x\": {\"free\": 1}}}", "models.x.free: give true or false"},
      {"{\"models\": {\"x\": {\"input\": 1, \"output\": 1, \"context_window\": 1.5}}}",
       "models.x.context_window: give a whole number"},
      {"{\"models\": {\"x\": {\"input\": 1, \"output\": 1, \"valid_from\": \"2026-02-30\"}}}",
       "models.x.valid_from: give a date"},
      {"{\"models\": {\"x\": {\"input\": 1, \"output\": 1, \"batch\": \"half\"}}}",
       "models.x.batch: give rates"},
      {"{\"models\": {\"x\": {\"input\": 1, \"output\": 1, \"fast\": -2}}}",
       "models.x.fast: give a multiple"},
      {"{\"models\": {\"x\": {\"input\": 1, \"output\": 1, \"fast\": {\"input\": 1}}}}",
       "models.x.fast: input and output are needed"},
      {"{\"models\": {\"x\": {\"input\": 1, \"output\": 1, \"above\": 5}}}",
       "models.x.above: give an object of token counts"},
      {"{\"models\": {\"x\": {\"input\": 1, \"output\": 1, \"above\": {\"many\": {}}}}}",
       "models.x.above.many: the key must be a number of tokens"},
      {"{\"models\": {\"x\": {\"input\": 1, \"output\": 1, \"above\": {\"5\": 2}}}}",
       "models.x.above.5: give rates"},
      {"{\"models\": {\"x\": {\"input\": 1, \"output\": 1, \"regions\": {\"us\": 0}}}}",
       "models.x.regions.us: give a multiple"},
      {"{\"models\": {\"x\": {\"input\": 1, \"output\": 1, \"web_search\": -1}}}",
       "models.x.web_search: give dollars per thousand"},
      {"{\"models\": {\"x\": {\"cards\": {}}}}", "models.x.cards: give a list"},
      {"{\"models\": {\"x\": {\"cards\": [1]}}}", "models.x.cards[0]: a card is an object"},
      {"{\"models\": {\"x\": {\"cards\": [{\"input\": 1, \"output\": 1}, {\"input\": 2, \"output\": 2}]}}}",
       "models.x.cards[1]: two cards begin on the same day"},
      {"{\"models\": {\"x\": {\"cards\": [{\"input\": 1, \"output\": 1, \"names\": []}]}}}",
       "models.x.cards[0].names: unknown field"},
      {"{\"models\": {\"x\": {\"names\": \"y\", \"input\": 1, \"output\": 1}}}",
       "models.x.names: give a list of names"},
      {"{\"models\": {\"x\": {\"names\": [7], \"input\": 1, \"output\": 1}}}",
       "models.x.names: a name is a string"},
      {"{\"providers\": 1}", "providers: give an object"},
      {"{\"providers\": {\"acme\": 1}}", "providers.acme: a provider is an object"},
      {"{\"providers\": {\"acme\": {\"input\": 1}}}", "providers.acme.input: unknown field"},
      {"{\"aliases\": {\"a\": 1}}", "aliases.a: an alias stands for a model's name"},
      {"{\"aliases\": [\"a\"]}", "aliases: give an object"},
      {"{\"as_of\": \"soon\"}", "as_of: give a date"},
  };
  struct temp temp;
  temp_make(&temp);
  for (size_t i = 0; i < COUNT(cases); i++) {
    temp_write(&temp, "prices.json", cases[i].text, strlen(cases[i].text));
    const char *path = temp_path(&temp, "prices.json");
    struct catalog *catalog = NULL;
    struct error error = {0};
    const int status = catalog_load(&catalog, NULL, path, &error);
    if (status != PURSER_EPARSE || catalog != NULL || strstr(error.message, path) == NULL ||
        strstr(error.message, cases[i].says) == NULL)
      fail_msg("case %zu: %d \"%s\"", i, status, error.message);
  }
  temp_remove(&temp);
}

static void a_file_that_is_not_there_is_no_error(void **state) {
  (void)state;
  struct catalog *catalog = load("/nowhere/prices.json", "/nowhere/else.json");
  catalog_free(catalog);
  catalog = load("", "");
  catalog_free(catalog);
  catalog_free(NULL);
}

static void a_file_that_cannot_be_read_is_one(void **state) {
  (void)state;
  struct temp temp;
  temp_make(&temp);
  struct catalog *catalog = NULL;
  struct error error = {0};
  assert_int_equal(catalog_load(&catalog, NULL, temp.path, &error), PURSER_EIO); /* a folder */
  assert_non_null(strstr(error.message, temp.path));
  temp_remove(&temp);
}

static const char newer[] =
    "{\"as_of\": \"2999-01-01\", \"providers\": {"
    "\"anthropic\": {\"models\": {\"claude-opus-4-7\": {\"cards\": [{\"input\": 5, \"output\": 25}, {\"valid_from\": \"2026-12-01\", "
    "\"input\": 4, \"output\": 20}]}}},"
    "\"openai\": {\"models\": {\"gpt-99\": {\"names\": [\"gpt-ninety-nine\"], \"input\": 1, \"output\": 2}}}}}";

static void an_update_lies_over_the_built_in_set(void **state) {
  (void)state;
  struct temp temp;
  temp_make(&temp);
  temp_write(&temp, "prices.json", newer, strlen(newer));
  struct catalog *catalog = load(temp_path(&temp, "prices.json"), NULL);
  struct price price;
  struct price_query query = {.model = "us.anthropic.claude-opus-4-7",
                              .at_ms = at("2026-12-01"),
                              .reported_nanousd = -1,
                              .usage = {.input = 1000000}};
  price_request(catalog, &query, &price);
  assert_int_equal(price.cost_nanousd, USD(550)); /* Bedrock's own card is not Anthropic's */
  query.model = "claude-opus-4.7";
  price_request(catalog, &query, &price);
  assert_string_equal(price.rate_card, "anthropic/claude-opus-4-7@2026-12-01");
  assert_int_equal(price.cost_nanousd, USD(400));
  query.at_ms = at("2026-11-30");
  price_request(catalog, &query, &price);
  assert_int_equal(price.cost_nanousd, USD(500));
  query.model = "openai/gpt-ninety-nine";
  price_request(catalog, &query, &price);
  assert_int_equal(price.cost_nanousd, USD(100));
  catalog_free(catalog);

  /* the user's own lies over both */
  const char own[] = "{\"models\": {\"gpt-99\": {\"input\": 7, \"output\": 7}}}";
  temp_write(&temp, "own.json", own, strlen(own));
  char update[600];
  strcpy(update, temp_path(&temp, "prices.json"));
  catalog = load(update, temp_path(&temp, "own.json"));
  price_request(catalog, &query, &price);
  assert_int_equal(price.cost_nanousd, USD(700));
  catalog_free(catalog);
  temp_remove(&temp);
}

static void an_update_older_than_the_program_is_passed_over(void **state) {
  (void)state;
  struct temp temp;
  temp_make(&temp);
  const char older[] =
      "{\"as_of\": \"2026-01-01\", \"providers\": {\"openai\": {\"models\": {\"gpt-99\": {\"input\": 1, \"output\": 2}}}}}";
  temp_write(&temp, "prices.json", older, strlen(older));
  struct catalog *catalog = load(temp_path(&temp, "prices.json"), NULL);
  struct model_info info;
  assert_int_equal(catalog_find(catalog, NULL, "gpt-99", at("2026-12-01"), &info),
                   PURSER_ENOTFOUND);
  catalog_free(catalog);
  temp_remove(&temp);
}

/* What is written is what is read. */
static void the_own_format_goes_round(void **state) {
  (void)state;
  struct draft_set set = DRAFT_SET_INIT;
  set.as_of = 20781;
  for (size_t i = 0; i < price_table_builtin.model_count; i++)
    draft_thaw_model(&set, &price_table_builtin.models[i]);
  /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): the built-in table has models */
  draft_add_name(&set, set.models[0], "another \"name\"");
  struct buf text = BUF_INIT;
  price_file_write(&text, &set, "a test");
  struct price_file file;
  struct error error = {0};
  if (price_file_parse(&file, "round.json", text.data, text.len, &error) != PURSER_OK)
    fail_msg("%s", error_text(&error));
  assert_int_equal(file.drafts.as_of, 20781);
  struct price_table table;
  assert_int_equal(draft_freeze(&file.drafts, "", &table), PURSER_OK);
  assert_int_equal(table.model_count, price_table_builtin.model_count);
  for (size_t i = 0; i < table.model_count; i++) {
    const struct price_model *is = &table.models[i];
    const struct price_model *was = &price_table_builtin.models[i];
    assert_string_equal(is->name, was->name);
    assert_string_equal(is->provider, was->provider);
    assert_int_equal(is->context_window, was->context_window);
    assert_int_equal(is->max_output, was->max_output);
    assert_int_equal(is->card_count, was->card_count);
    for (size_t k = 0; k < is->card_count; k++) {
      assert_string_equal(is->cards[k].id, was->cards[k].id);
      assert_int_equal(is->cards[k].web_search, was->cards[k].web_search);
      assert_int_equal(is->cards[k].uplift_count, was->cards[k].uplift_count);
      assert_int_equal(is->cards[k].step_count, was->cards[k].step_count);
      for (size_t s = 0; s < is->cards[k].step_count; s++)
        assert_memory_equal(&is->cards[k].steps[s].rates, &was->cards[k].steps[s].rates,
                            sizeof(struct rates));
    }
  }
  price_file_fini(&file);
  buf_fini(&text);
  draft_set_fini(&set);
}

static void paths_follow_the_xdg_specification(void **state) {
  (void)state;
  static const struct {
    const char *home, *data, *config, *update, *override;
  } cases[] = {
      {"/home/me", NULL, NULL, "/home/me/.local/share/purser/prices.json",
       "/home/me/.config/purser/prices.json"},
      {"/home/me", "/data", "/config", "/data/purser/prices.json", "/config/purser/prices.json"},
      {"/home/me", "data", "", "/home/me/.local/share/purser/prices.json",
       "/home/me/.config/purser/prices.json"},
      {NULL, NULL, NULL, "", ""},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    const char *const names[] = {"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"};
    const char *const values[] = {cases[i].home, cases[i].data, cases[i].config};
    for (size_t k = 0; k < 3; k++)
      assert_int_equal(values[k] != NULL ? setenv(names[k], values[k], 1) : unsetenv(names[k]), 0);
    struct buf update = BUF_INIT;
    struct buf override = BUF_INIT;
    price_path_update(&update);
    price_path_override(&override);
    assert_string_equal(buf_text(&update), cases[i].update);
    assert_string_equal(buf_text(&override), cases[i].override);
    buf_fini(&update);
    buf_fini(&override);
  }
}

static void running_out_of_memory_leaves_nothing_behind(void **state) {
  (void)state;
  struct temp temp;
  temp_make(&temp);
  temp_write(&temp, "prices.json", newer, strlen(newer));
  const int64_t alive = fail_mem_alive();
  for (int64_t n = 1;; n++) {
    struct catalog *catalog = NULL;
    struct error error = {0};
    fail_mem_at(n, true);
    const int status = catalog_load(&catalog, temp_path(&temp, "prices.json"), OVERRIDE, &error);
    const bool failed = fail_mem_off();
    assert_int_equal(status, failed ? PURSER_ENOMEM : PURSER_OK);
    assert_true((catalog == NULL) == failed);
    catalog_free(catalog);
    assert_int_equal(fail_mem_alive(), alive);
    if (!failed)
      break;
  }
  temp_remove(&temp);
}

int main(void) {
  fail_mem_install();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_users_own_prices_come_first),
      cmocka_unit_test(a_malformed_file_says_what_and_where),
      cmocka_unit_test(a_file_that_is_not_there_is_no_error),
      cmocka_unit_test(a_file_that_cannot_be_read_is_one),
      cmocka_unit_test(an_update_lies_over_the_built_in_set),
      cmocka_unit_test(an_update_older_than_the_program_is_passed_over),
      cmocka_unit_test(the_own_format_goes_round),
      cmocka_unit_test(paths_follow_the_xdg_specification),
      cmocka_unit_test(running_out_of_memory_leaves_nothing_behind),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

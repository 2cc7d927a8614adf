/* test_pricing_sources.c - reading the three price lists, and merging them into one set. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/calendar.h"
#include "base/mem.h"
#include "pricing/merge.h"
#include "support/fail_mem.h"
#include "support/support.h"

#define FIXTURE(name) PURSER_FIXTURES "/prices/" name
#define DOLLAR        INT64_C(1000000000)

static void read_fixture(struct source *source, const char *path, enum price_source kind) {
  struct error error = {0};
  if (source_read(source, path, &error) != PURSER_OK)
    fail_msg("%s", error_text(&error));
  assert_int_equal(source->kind, kind);
}

static const struct draft_model *model_of(const struct draft_set *set, const char *provider,
                                          const char *name) {
  const struct draft_model *model = draft_find(set, provider, name);
  if (model == NULL)
    fail_msg("%s/%s is missing", provider, name);
  return model;
}

static void genai_prices_are_read_with_their_dates(void **state) {
  (void)state;
  struct source source;
  read_fixture(&source, FIXTURE("genai.json"), SOURCE_GENAI);
  const struct draft_model *one = model_of(&source.drafts, "anthropic", "claude-test-one");
  assert_true(draft_has_name(one, "claude-test-1"));
  assert_false(draft_has_name(one, "^claude-test-1-.*$"));
  assert_int_equal(one->card_count, 2);
  assert_int_equal(one->cards[0].valid_from, ALWAYS);
  assert_int_equal(one->cards[0].step_count, 2);
  assert_int_equal(one->cards[0].steps[1].above, 200000);
  assert_int_equal(one->cards[0].steps[1].rates.output, 22 * DOLLAR + DOLLAR / 2);
  assert_int_equal(one->cards[1].valid_from, 20525);
  assert_int_equal(one->cards[1].steps[0].rates.cache_write_1h, 6 * DOLLAR);
  assert_int_equal(one->cards[1].web_search, DOLLAR / 100);
  /* prices by the time of day: the dearer */
  const struct draft_model *night = model_of(&source.drafts, "deepseek", "deepseek-test");
  assert_int_equal(night->card_count, 1);
  assert_int_equal(night->cards[0].steps[0].rates.output, DOLLAR * 11 / 10);
  /* what is sold elsewhere */
  assert_int_equal(
      model_of(&source.drafts, "vertex", "claude-test-2")->cards[0].steps[0].rates.input,
      5 * DOLLAR);
  assert_true(draft_has_name(model_of(&source.drafts, "bedrock", "anthropic.claude-test-2-v1:0"),
                             "us.anthropic.claude-test-2"));
  assert_int_equal(model_of(&source.drafts, "openrouter", "deepseek/deepseek-test:free")
                       ->cards[0]
                       .steps[0]
                       .rates.input,
                   0);
  /* what does not concern us, or has no price of its own */
  static const char *const left_out[][2] = {
      {"openai", "gpt-copied"},      {"openai", "gpt-image-test"},
      {"openai", "gpt-by-request"},  {"bedrock", "meta.llama-test"},
      {"openrouter", "nobody/else"}, {"openrouter", "deepseek/unsaid"},
      {"perplexity", "sonar-test"},
  };
  for (size_t i = 0; i < COUNT(left_out); i++)
    assert_null(draft_find(&source.drafts, left_out[i][0], left_out[i][1]));
  source_fini(&source);
}

static void litellm_is_read_with_classes_regions_and_searches(void **state) {
  (void)state;
  struct source source;
  read_fixture(&source, FIXTURE("litellm.json"), SOURCE_LITELLM);
  const struct draft_card *card = &model_of(&source.drafts, "openai", "gpt-test")->cards[0];
  assert_int_equal(card->steps[0].rates.input, 2 * DOLLAR);
  assert_int_equal(draft_find_step(card, CLASS_STANDARD, 272000)->rates.output, 12 * DOLLAR);
  assert_int_equal(draft_find_step(card, CLASS_BATCH, 0)->rates.input, DOLLAR);
  assert_int_equal(draft_find_step(card, CLASS_FLEX, 0)->rates.output, 5 * DOLLAR);
  assert_int_equal(draft_find_step(card, CLASS_PRIORITY, 0)->rates.cache_read, DOLLAR * 4 / 10);
  assert_int_equal(card->uplift_count, 1);
  assert_string_equal(card->uplifts[0].region, "eu");
  assert_int_equal(card->uplifts[0].permille, 1100);
  const struct draft_card *claude =
      &model_of(&source.drafts, "anthropic", "claude-test-1")->cards[0];
  assert_int_equal(draft_find_step(claude, CLASS_FAST, 0)->rates.output, 90 * DOLLAR);
  assert_int_equal(claude->steps[0].rates.cache_write_1h, 6 * DOLLAR);
  assert_int_equal(claude->web_search, DOLLAR / 100);
  const struct draft_card *qwen = &model_of(&source.drafts, "alibaba", "qwen-test")->cards[0];
  assert_int_equal(qwen->steps[0].rates.reasoning, 4 * DOLLAR);
  assert_int_equal(draft_find_step(qwen, CLASS_STANDARD, 256000)->rates.output, DOLLAR * 36 / 10);
  assert_non_null(draft_find(&source.drafts, "azure", "eu/gpt-test"));
  /* slips are passed over and noted: a 1 hour write cheaper than a short one, a priority of 4500 times the price */
  assert_int_equal(model_of(&source.drafts, "anthropic", "claude-test-2")
                       ->cards[0]
                       .steps[0]
                       .rates.cache_write_1h,
                   RATE_UNSAID);
  assert_null(draft_find_step(&model_of(&source.drafts, "openai", "gpt-only-here")->cards[0],
                              CLASS_PRIORITY, 0));
  assert_non_null(strstr(buf_text(&source.remarks), "gpt-only-here"));
  static const char *const left_out[][2] = {
      {"openai", "text-embedding-test"},
      {"groq", "llama-test"},
      {"bedrock", "us-east-1/anthropic.claude-test-2-v1:0"},
  };
  for (size_t i = 0; i < COUNT(left_out); i++)
    assert_null(draft_find(&source.drafts, left_out[i][0], left_out[i][1]));
  source_fini(&source);
}

static void models_dev_is_read_with_windows_and_fast_modes(void **state) {
  (void)state;
  struct source source;
  read_fixture(&source, FIXTURE("models_dev.json"), SOURCE_MODELS_DEV);
  const struct draft_model *two = model_of(&source.drafts, "anthropic", "claude-test-2");
  assert_int_equal(two->context_window, 1000000);
  assert_int_equal(two->max_output, 128000);
  assert_int_equal(draft_find_step(&two->cards[0], CLASS_STANDARD, 200000)->rates.input,
                   10 * DOLLAR);
  assert_int_equal(draft_find_step(&two->cards[0], CLASS_FAST, 0)->rates.input, 10 * DOLLAR);
  assert_int_equal(
      draft_find_step(&model_of(&source.drafts, "openai", "gpt-test")->cards[0], CLASS_PRIORITY, 0)
          ->rates.output,
      20 * DOLLAR);
  /* a cache write without a surcharge is input */
  assert_int_equal(
      model_of(&source.drafts, "zai", "glm-test")->cards[0].steps[0].rates.cache_write_5m,
      DOLLAR * 6 / 10);
  assert_null(draft_find(&source.drafts, "openai", "gpt-picture"));
  source_fini(&source);
}

struct merged {
  struct source sources[SOURCE_COUNT];
  struct price_file by_hand;
  struct draft_set set;
  struct price_table table;
  struct buf report;
};

static void merge_fixtures(struct merged *m) {
  static const char *const paths[] = {FIXTURE("genai.json"), FIXTURE("litellm.json"),
                                      FIXTURE("models_dev.json")};
  *m = (struct merged){.set = DRAFT_SET_INIT, .report = BUF_INIT};
  const struct source *all[SOURCE_COUNT];
  for (int i = 0; i < SOURCE_COUNT; i++) {
    read_fixture(&m->sources[i], paths[i], (enum price_source)i);
    merge_sort(&m->sources[i].drafts);
    all[i] = &m->sources[i];
  }
  struct error error = {0};
  if (price_file_read(&m->by_hand, FIXTURE("hand_kept.json"), &error) != PURSER_OK)
    fail_msg("%s", error_text(&error));
  assert_int_equal(merge_prices(&m->set, all, &m->by_hand, 20781, &m->report), PURSER_OK);
  assert_int_equal(draft_freeze(&m->set, "", &m->table), PURSER_OK);
}

static void merged_fini(struct merged *m) {
  for (int i = 0; i < SOURCE_COUNT; i++)
    source_fini(&m->sources[i]);
  price_file_fini(&m->by_hand);
  draft_set_fini(&m->set);
  buf_fini(&m->report);
}

static const struct price_model *frozen(const struct merged *m, const char *provider,
                                        const char *name) {
  const struct price_model *model = price_table_find(&m->table, provider, name);
  if (model == NULL)
    fail_msg("%s/%s is missing", provider, name);
  return model;
}

static void the_spine_keeps_its_dates_and_the_others_add_to_it(void **state) {
  (void)state;
  struct merged m;
  merge_fixtures(&m);
  const struct price_model *one = frozen(&m, "anthropic", "claude-test-1");
  assert_string_equal(one->name, "claude-test-1"); /* not "-latest" */
  assert_ptr_equal(frozen(&m, "anthropic", "claude-test-1-latest"), one);
  assert_null(price_table_find(&m.table, "anthropic",
                               "claude-test-1-20260101")); /* the pipeline finds it */
  assert_int_equal(one->card_count, 2);
  assert_string_equal(one->cards[1].id, "anthropic/claude-test-1@2026-03-13");
  /* fast on both cards, on the first one above the threshold too, with all its buckets */
  const struct price_step *fast = price_card_step(&one->cards[0], CLASS_FAST, 200001);
  assert_int_equal(fast->rates.input, 36 * DOLLAR);
  assert_int_equal(fast->rates.output, 135 * DOLLAR);
  assert_int_equal(price_card_step(&one->cards[1], CLASS_FAST, 200001)->rates.cache_write_1h,
                   36 * DOLLAR);
  assert_int_equal(one->cards[0].uplift_count, 1);
  assert_int_equal(one->max_output, 64000);

  const struct price_model *gpt = frozen(&m, "openai", "gpt-test-codex");
  assert_string_equal(gpt->name, "gpt-test");
  assert_int_equal(gpt->context_window, 400000); /* 272000 in and 128000 out */
  const struct price_card *card = &gpt->cards[0];
  assert_int_equal(price_card_step(card, CLASS_STANDARD, 272001)->rates.cache_read,
                   DOLLAR * 4 / 10);
  assert_null(price_card_step(card, CLASS_BATCH, 0)); /* half goes without saying */
  assert_int_equal(price_card_step(card, CLASS_FLEX, 0)->rates.input, DOLLAR * 12 / 10);
  assert_int_equal(price_card_step(card, CLASS_FLEX, 272001)->rates.input, DOLLAR * 24 / 10);
  assert_int_equal(price_card_step(card, CLASS_PRIORITY, 0)->rates.input,
                   4 * DOLLAR); /* litellm's, not models.dev's */
  merged_fini(&m);
}

static void a_version_with_a_price_of_its_own_is_a_model(void **state) {
  (void)state;
  struct merged m;
  merge_fixtures(&m);
  /* the spine knows gpt-test and its versions; a list that contradicts it does not make a new model */
  assert_null(price_table_find(&m.table, "openai", "gpt-test-2025-01-01"));
  assert_non_null(strstr(buf_text(&m.report), "gpt-test-2025-01-01"));
  assert_int_equal(frozen(&m, "azure", "eu/gpt-test")->cards[0].steps[0].rates.input,
                   DOLLAR * 22 / 10);
  merged_fini(&m);
}

static void nothing_is_free_because_a_list_does_not_know(void **state) {
  (void)state;
  struct merged m;
  merge_fixtures(&m);
  assert_null(price_table_find(&m.table, "openai", "gpt-placeholder"));
  assert_non_null(strstr(buf_text(&m.report), "openai/gpt-placeholder: litellm has 0"));
  assert_int_equal(frozen(&m, "zai", "glm-test-flash")->cards[0].steps[0].rates.input,
                   0); /* two agree */
  assert_int_equal(
      frozen(&m, "openrouter", "deepseek/deepseek-test:free")->cards[0].steps[0].rates.output, 0);
  merged_fini(&m);
}

static void what_is_kept_by_hand_wins(void **state) {
  (void)state;
  struct merged m;
  merge_fixtures(&m);
  const struct price_model *three = frozen(&m, "anthropic", "claude-test-3");
  assert_true(three->by_hand);
  assert_int_equal(price_card_step(&three->cards[0], CLASS_FAST, 0)->rates.cache_read,
                   DOLLAR * 4 / 10);
  const struct price_model *corrected = frozen(&m, "openai", "gpt-only-here");
  assert_int_equal(corrected->cards[0].steps[0].rates.input, 6 * DOLLAR);
  assert_int_equal(corrected->context_window, 100000);
  assert_int_not_equal(corrected->seen[SOURCE_LITELLM], 0);
  const struct price_model *two = frozen(&m, "anthropic", "claude-test-two");
  assert_string_equal(two->name, "claude-test-2");
  assert_int_equal(two->max_output, 100000);
  merged_fini(&m);
}

static void disagreements_are_reported(void **state) {
  (void)state;
  struct merged m;
  merge_fixtures(&m);
  static const char *const lines[] = {
      "rates     anthropic/claude-test-2: output: genai-prices 25; litellm 24; models.dev 25; taken 25\n",
      "rates     openai/gpt-test: cache read: genai-prices 0.2; litellm 0.2; models.dev 0.25; taken 0.2\n",
      "long      openai/gpt-test: dearer above: genai-prices 0; litellm 272000; models.dev 0; taken 272000\n",
      /* the cross-check alone does not make a prompt dearer */
      "long      anthropic/claude-test-2: dearer above: genai-prices 0; litellm 0; models.dev 200000; taken 0\n",
  };
  for (size_t i = 0; i < COUNT(lines); i++) {
    if (strstr(buf_text(&m.report), lines[i]) == NULL)
      fail_msg("no line \"%s\" in\n%s", lines[i], buf_text(&m.report));
  }
  merged_fini(&m);
}

static void the_table_is_written_as_c(void **state) {
  (void)state;
  struct merged m;
  merge_fixtures(&m);
  struct buf text = BUF_INIT;
  cards_write(&text, &m.table, " * From fixtures.\n");
  assert_non_null(strstr(
      buf_text(&text),
      "{\"anthropic/claude-test-3\", ALWAYS, -1, NULL, 0, STEPS({CLASS_STANDARD, 0, RATES(4000000, 200000, -1, -1, "
      "20000000, -1)}, {CLASS_FAST, 0, RATES(8000000, 400000, -1, -1, 40000000, -1)})},\n"));
  buf_fini(&text);
  merged_fini(&m);
}

static void what_cannot_be_a_price_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *text;
    const char *says;
  } cases[] = {
      {"", "not valid JSON"},
      {"{", "not valid JSON"},
      {"[]", "not a price list that is known"},
      {"{}", "not a price list that is known"},
      {"7", "not a price list that is known"},
      {"{\"models\": {}}", "not a price list that is known"},
      {"[{\"id\": \"anthropic\", \"models\": []}]", "no model with a price"},
      {"[{\"id\":\"openai\",\"models\":[{\"id\":\"gpt-x\",\"prices\":{\"input_mtok\":-1,\"output_mtok\":1}}]}]",
       "gpt-x: input_mtok: a negative price"},
      {"[{\"id\":\"openai\",\"models\":[{\"id\":\"gpt-x\",\"prices\":{\"input_mtok\":1,\"output_mtok\":20000}}]}]",
       "gpt-x: output_mtok: over 10000"},
      {"[{\"id\":\"openai\",\"models\":[{\"id\":\"gpt-x\",\"prices\":{\"input_mtok\":\"1\",\"output_mtok\":1}}]}]",
       "gpt-x: input_mtok: not a price"},
      {"[{\"id\":\"openai\",\"models\":[{\"id\":\"gpt-x\",\"prices\":[{\"constraint\":{\"start_date\":\"soon\"},\"prices\":{\"input_mtok\":1}}]}]}]",
       "start_date: not a date"},
      {"{\"gpt-x\":{\"litellm_provider\":\"openai\",\"mode\":\"chat\",\"input_cost_per_token\":-1e-6,\"output_cost_per_token\":1}}",
       "gpt-x: input_cost_per_token: a negative"},
      {"{\"gpt-x\":{\"litellm_provider\":\"openai\",\"mode\":\"chat\",\"input_cost_per_token\":1e-6,\"output_cost_per_token\":1}}",
       "gpt-x: output_cost_per_token: over 10000"},
      {"{\"openai\":{\"models\":{\"gpt-x\":{\"modalities\":{\"output\":[\"text\"]},\"cost\":{\"input\":-0.1,\"output\":1}}}}}",
       "gpt-x: input: a negative"},
      {"{\"openai\":{\"models\":{\"gpt-x\":{\"modalities\":{\"output\":[\"text\"]},\"cost\":{\"input\":1,\"output\":1,\"tiers\":[{\"input\":1}]}}}}}",
       "gpt-x: tiers: a tier without a size"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct source source;
    struct error error = {0};
    const int status =
        source_parse(&source, "list.json", cases[i].text, strlen(cases[i].text), &error);
    if (status != PURSER_EPARSE || strstr(error.message, cases[i].says) == NULL ||
        strncmp(error.message, "list.json: ", 11) != 0)
      fail_msg("case %zu: %d, \"%s\"", i, status, error.message);
    source_fini(&source);
  }
  struct source source;
  struct error error = {0};
  assert_int_equal(source_read(&source, "/nowhere/list.json", &error), PURSER_ENOTFOUND);
  source_fini(&source);
}

static void a_source_says_the_same_only_while_it_does(void **state) {
  (void)state;
  struct source source;
  read_fixture(&source, FIXTURE("litellm.json"), SOURCE_LITELLM);
  struct draft_model *model = draft_find(&source.drafts, "openai", "gpt-test");
  const uint32_t before = source_fingerprint(model);
  assert_int_not_equal(before, 0);
  assert_int_equal(source_fingerprint(model), before);
  model->cards[0].steps[1].rates.output++;
  assert_int_not_equal(source_fingerprint(model), before);
  source_fini(&source);
}

static void running_out_of_memory_is_a_status(void **state) {
  (void)state;
  static const char *const paths[] = {FIXTURE("genai.json"), FIXTURE("litellm.json"),
                                      FIXTURE("models_dev.json")};
  for (size_t i = 0; i < COUNT(paths); i++) {
    const int64_t alive = fail_mem_alive();
    for (int64_t n = 1;; n++) {
      struct source source;
      fail_mem_at(n, true);
      const int status = source_read(&source, paths[i], NULL);
      const bool failed = fail_mem_off();
      assert_int_equal(status, failed ? PURSER_ENOMEM : PURSER_OK);
      source_fini(&source);
      assert_int_equal(fail_mem_alive(), alive);
      if (!failed)
        break;
    }
  }
}

int main(void) {
  fail_mem_install();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(genai_prices_are_read_with_their_dates),
      cmocka_unit_test(litellm_is_read_with_classes_regions_and_searches),
      cmocka_unit_test(models_dev_is_read_with_windows_and_fast_modes),
      cmocka_unit_test(the_spine_keeps_its_dates_and_the_others_add_to_it),
      cmocka_unit_test(a_version_with_a_price_of_its_own_is_a_model),
      cmocka_unit_test(nothing_is_free_because_a_list_does_not_know),
      cmocka_unit_test(what_is_kept_by_hand_wins),
      cmocka_unit_test(disagreements_are_reported),
      cmocka_unit_test(the_table_is_written_as_c),
      cmocka_unit_test(what_cannot_be_a_price_is_refused),
      cmocka_unit_test(a_source_says_the_same_only_while_it_does),
      cmocka_unit_test(running_out_of_memory_is_a_status),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_pricing_update.c - what a newer price list changes. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/calendar.h"
#include "base/mem.h"
#include "pricing/merge.h"
#include "pricing/update.h"
#include "support/fail_mem.h"
#include "support/support.h"

#define FIXTURE(name) PURSER_FIXTURES "/prices/" name
#define DOLLAR        INT64_C(1000000000)
#define TODAY         20790 /* 2026-12-03 */

/* A small world: a catalogue whose built-in set is made of the fixtures. */
struct world {
  struct source sources[SOURCE_COUNT];
  struct draft_set set;
  struct price_table table;
  struct catalog catalog;
};

static const char *const paths[SOURCE_COUNT] = {FIXTURE("genai.json"), FIXTURE("litellm.json"),
                                                FIXTURE("models_dev.json")};

static void world_make(struct world *w) {
  *w = (struct world){.set = DRAFT_SET_INIT};
  const struct source *all[SOURCE_COUNT];
  for (int i = 0; i < SOURCE_COUNT; i++) {
    assert_int_equal(source_read(&w->sources[i], paths[i], NULL), PURSER_OK);
    merge_sort(&w->sources[i].drafts);
    all[i] = &w->sources[i];
  }
  struct price_file by_hand;
  struct buf report = BUF_INIT;
  assert_int_equal(price_file_read(&by_hand, FIXTURE("hand_kept.json"), NULL), PURSER_OK);
  assert_int_equal(merge_prices(&w->set, all, &by_hand, 20781, &report), PURSER_OK);
  assert_int_equal(draft_freeze(&w->set, "", &w->table), PURSER_OK);
  w->catalog = (struct catalog){
      .builtin = &w->table, .update_file = PRICE_FILE_INIT, .override_file = PRICE_FILE_INIT};
  price_file_fini(&by_hand);
  buf_fini(&report);
}

static void world_end(struct world *w) {
  for (int i = 0; i < SOURCE_COUNT; i++)
    source_fini(&w->sources[i]);
  price_file_fini(&w->catalog.update_file);
  draft_set_fini(&w->set);
}

/* The fixture's text with one place changed; the caller frees. */
static char *changed(const char *path, const char *from, const char *to) {
  char *text = NULL;
  size_t len = 0;
  assert_int_equal(price_file_slurp(path, &text, &len, NULL), PURSER_OK);
  struct buf out = BUF_INIT;
  const char *at = strstr(text, from);
  if (at == NULL)
    fail_msg("the fixture lacks %s", from);
  buf_add(&out, text, (size_t)(at - text));
  buf_adds(&out, to);
  buf_adds(&out, at + strlen(from));
  mem_free(text);
  return buf_detach(&out);
}

static int plan_text(struct world *w, const char *text, struct price_update *plan,
                     struct error *error) {
  struct source source;
  assert_int_equal(source_parse(&source, "newer.json", text, strlen(text), error), PURSER_OK);
  const int status = price_update_plan(plan, &w->catalog, &source, TODAY, error);
  source_fini(&source);
  return status;
}

/* Lays what was planned over the built-in set, as writing and loading it would. */
static void apply(struct world *w, const struct price_update *plan) {
  struct buf text = BUF_INIT;
  struct error error = {0};
  price_file_write(&text, &plan->drafts, "a test");
  price_file_fini(&w->catalog.update_file);
  if (price_file_parse(&w->catalog.update_file, "prices.json", buf_text(&text), text.len, &error) !=
      PURSER_OK)
    fail_msg("%s", error_text(&error));
  assert_int_equal(draft_freeze(&w->catalog.update_file.drafts, "", &w->catalog.update), PURSER_OK);
  buf_fini(&text);
}

static struct price price_at(const struct world *w, const char *model, int64_t day) {
  const struct price_query query = {.model = model,
                                    .at_ms = day * CALENDAR_DAY_MS,
                                    .reported_nanousd = -1,
                                    .usage = {.input = 1000000}};
  struct price price;
  price_request(&w->catalog, &query, &price);
  return price;
}

static const struct price_change *change_of(const struct price_update *plan,
                                            enum price_change_kind kind, const char *name) {
  for (size_t i = 0; i < plan->change_count; i++) {
    if (plan->changes[i].kind == kind && strcmp(plan->changes[i].name, name) == 0)
      return &plan->changes[i];
  }
  fail_msg("no such change: %s", name);
  return NULL;
}

static void the_same_list_changes_nothing(void **state) {
  (void)state;
  struct world w;
  world_make(&w);
  for (int i = 0; i < SOURCE_COUNT; i++) {
    struct source source;
    struct price_update plan;
    struct error error = {0};
    assert_int_equal(source_read(&source, paths[i], &error), PURSER_OK);
    if (price_update_plan(&plan, &w.catalog, &source, TODAY, &error) != PURSER_OK ||
        plan.change_count != 0)
      fail_msg("%s: %zu changes, the first of %s; %s", paths[i], plan.change_count,
               plan.change_count != 0 ? plan.changes[0].name : "nothing", error_text(&error));
    assert_true(plan.same > 3);
    price_update_fini(&plan);
    source_fini(&source);
  }
  world_end(&w);
}

static void a_new_price_holds_from_today(void **state) {
  (void)state;
  struct world w;
  world_make(&w);
  char *text = changed(
      paths[SOURCE_LITELLM],
      "\"input_cost_per_token\": 2e-06, \"output_cost_per_token\": 8e-06, \"cache_read_input_token_cost\": 2e-07,",
      "\"input_cost_per_token\": 1e-06, \"output_cost_per_token\": 4e-06, \"cache_read_input_token_cost\": 1e-07,");
  struct price_update plan;
  struct error error = {0};
  assert_int_equal(plan_text(&w, text, &plan, &error), PURSER_OK);
  mem_free(text);
  assert_int_equal(plan.changed, 1);
  assert_int_equal(plan.added, 0);
  assert_int_equal(plan.gone, 0);
  const struct price_change *change = change_of(&plan, PRICE_CHANGED, "gpt-test");
  assert_int_equal(change->before.input, 2 * DOLLAR);
  assert_int_equal(change->after.input, DOLLAR);
  assert_int_equal(change->valid_from, TODAY);
  apply(&w, &plan);
  /* the past keeps its price (rule 16) */
  assert_int_equal(price_at(&w, "gpt-test", TODAY - 1).cost_nanousd,
                   4 * DOLLAR); /* a long prompt */
  assert_int_equal(price_at(&w, "gpt-test", TODAY).cost_nanousd,
                   4 * DOLLAR); /* and the list's own long price */
  const struct price_query query = {.model = "gpt-test",
                                    .at_ms = TODAY * CALENDAR_DAY_MS,
                                    .region = "eu",
                                    .reported_nanousd = -1,
                                    .usage = {.input = 100000}};
  struct price price;
  price_request(&w.catalog, &query, &price);
  assert_int_equal(price.cost_nanousd, DOLLAR / 10 * 11 / 10);
  assert_string_equal(price.rate_card, "openai/gpt-test@2026-12-03");
  assert_string_equal(price_at(&w, "gpt-test-codex", TODAY - 1).rate_card, "openai/gpt-test");
  price_update_fini(&plan);
  world_end(&w);
}

static void an_update_is_laid_over_an_earlier_one(void **state) {
  (void)state;
  struct world w;
  world_make(&w);
  struct price_update plan;
  char *text = changed(paths[SOURCE_LITELLM], "\"output_cost_per_token\": 2.4e-05",
                       "\"output_cost_per_token\": 2e-05");
  assert_int_equal(plan_text(&w, text, &plan, NULL), PURSER_OK);
  assert_int_equal(plan.changed, 1);
  apply(&w, &plan);
  price_update_fini(&plan);
  /* again: nothing new */
  assert_int_equal(plan_text(&w, text, &plan, NULL), PURSER_OK);
  assert_int_equal(plan.change_count, 0);
  mem_free(text);
  price_update_fini(&plan);
  /* another list, which has not changed, does not turn it back */
  char *same = changed(paths[SOURCE_GENAI], "claude-test-2", "claude-test-2");
  assert_int_equal(plan_text(&w, same, &plan, NULL), PURSER_OK);
  assert_int_equal(plan.change_count, 0);
  mem_free(same);
  price_update_fini(&plan);
  /* a third one adds to it, and keeps it */
  char *more =
      changed(paths[SOURCE_MODELS_DEV], "\"glm-test\": {\"id\"",
              "\"glm-new\": {\"id\": \"glm-new\", \"modalities\": {\"output\": [\"text\"]}, "
              "\"cost\": {\"input\": 1, \"output\": 2}}, \"glm-test\": {\"id\"");
  assert_int_equal(plan_text(&w, more, &plan, NULL), PURSER_OK);
  mem_free(more);
  assert_int_equal(plan.added, 1);
  assert_int_equal(change_of(&plan, PRICE_ADDED, "glm-new")->after.output, 2 * DOLLAR);
  apply(&w, &plan);
  assert_int_equal(price_at(&w, "glm-new", 0).cost_nanousd, DOLLAR);
  assert_int_equal(
      price_model_card(price_table_find(&w.catalog.update, "anthropic", "claude-test-2"), TODAY)
          ->steps[0]
          .rates.output,
      20 * DOLLAR);
  price_update_fini(&plan);
  world_end(&w);
}

static void a_dated_price_keeps_its_date(void **state) {
  (void)state;
  struct world w;
  world_make(&w);
  char *text = changed(
      paths[SOURCE_GENAI],
      "\"input_mtok\": 3, \"cache_read_mtok\": 0.3, \"cache_write_mtok\": 3.75, \"cache_write_1h_mtok\": 6, \"output_mtok\": 15, \"web_searches_kcount\": 10}}",
      "\"input_mtok\": 3, \"output_mtok\": 15}},"
      "{\"constraint\": {\"start_date\": \"2027-02-01\"}, \"prices\": {\"input_mtok\": 2, \"output_mtok\": 10}}");
  struct price_update plan;
  assert_int_equal(plan_text(&w, text, &plan, NULL), PURSER_OK);
  mem_free(text);
  assert_int_equal(plan.changed, 1);
  assert_int_equal(change_of(&plan, PRICE_CHANGED, "claude-test-1")->valid_from, 20850);
  apply(&w, &plan);
  assert_int_equal(price_at(&w, "claude-test-1", 20849).cost_nanousd, 3 * DOLLAR);
  assert_int_equal(price_at(&w, "claude-test-1", 20850).cost_nanousd, 2 * DOLLAR);
  price_update_fini(&plan);
  world_end(&w);
}

static void what_is_kept_by_hand_yields_only_to_news(void **state) {
  (void)state;
  struct world w;
  world_make(&w);
  struct price_update plan;
  /* the list still has what was overruled */
  char *text = changed(paths[SOURCE_LITELLM], "\"max_input_tokens\": 100000",
                       "\"max_input_tokens\": 100001");
  assert_int_equal(plan_text(&w, text, &plan, NULL), PURSER_OK);
  assert_int_equal(plan.change_count, 0);
  mem_free(text);
  price_update_fini(&plan);
  /* it has something new */
  text = changed(paths[SOURCE_LITELLM], "\"input_cost_per_token\": 7e-06",
                 "\"input_cost_per_token\": 8e-06");
  assert_int_equal(plan_text(&w, text, &plan, NULL), PURSER_OK);
  mem_free(text);
  assert_int_equal(change_of(&plan, PRICE_CHANGED, "gpt-only-here")->before.input, 6 * DOLLAR);
  price_update_fini(&plan);
  world_end(&w);
}

static void a_zero_is_no_price_cut(void **state) {
  (void)state;
  struct world w;
  world_make(&w);
  struct price_update plan;
  char *text = changed(
      paths[SOURCE_LITELLM],
      "\"input_cost_per_token\": 7e-06, \"output_cost_per_token\": 1.4e-05, \"input_cost_per_token_priority\": 0.009",
      "\"input_cost_per_token\": 0, \"output_cost_per_token\": 0");
  assert_int_equal(plan_text(&w, text, &plan, NULL), PURSER_OK);
  assert_int_equal(plan.change_count, 0);
  mem_free(text);
  price_update_fini(&plan);
  world_end(&w);
}

static void a_list_that_lost_its_models_is_refused(void **state) {
  (void)state;
  struct world w;
  world_make(&w);
  struct price_update plan;
  struct error error = {0};
  const char one[] =
      "{\"gpt-test\": {\"litellm_provider\": \"openai\", \"mode\": \"chat\", \"input_cost_per_token\": 1e-6, \"output_cost_per_token\": 1e-6}}";
  assert_int_equal(plan_text(&w, one, &plan, &error), PURSER_EREFUSED);
  assert_true(plan.gone > plan.listed * 3 / 10);
  assert_non_null(strstr(error.message, "it lists 1 models where litellm listed"));
  price_update_fini(&plan);

  /* one model less is a model that was retired: it stays for old requests */
  char *text = changed(paths[SOURCE_LITELLM], "\"gpt-only-here\"", "\"gpt-renamed\"");
  assert_int_equal(plan_text(&w, text, &plan, &error), PURSER_OK);
  mem_free(text);
  assert_int_equal(plan.gone, 1);
  assert_int_equal(plan.added, 1);
  apply(&w, &plan);
  assert_int_equal(price_at(&w, "gpt-only-here", TODAY).cost_nanousd, 6 * DOLLAR);
  assert_int_equal(price_at(&w, "gpt-renamed", TODAY).cost_nanousd, 7 * DOLLAR);
  price_update_fini(&plan);
  world_end(&w);
}

/* Exactly three in ten may go. */
static void the_limit_is_thirty_percent(void **state) {
  (void)state;
  for (int lost = 0; lost <= 10; lost++) {
    struct source source = SOURCE_INIT;
    struct draft_set built_in = DRAFT_SET_INIT;
    source.kind = SOURCE_LITELLM;
    for (int i = 0; i < 10; i++) {
      char name[16];
      snprintf(name, sizeof name, "gpt-%d", i);
      struct draft_model *model = draft_add_model(&built_in, "openai", name);
      draft_add_card(&built_in, model, ALWAYS)->steps[0].rates =
          (struct rates){DOLLAR, -1, -1, -1, DOLLAR, -1};
      model->seen[SOURCE_LITELLM] = source_fingerprint(model);
      if (i >= lost)
        draft_copy_model(&source.drafts, model);
    }
    struct price_table table;
    assert_int_equal(draft_freeze(&built_in, "", &table), PURSER_OK);
    const struct catalog catalog = {
        .builtin = &table, .update_file = PRICE_FILE_INIT, .override_file = PRICE_FILE_INIT};
    struct price_update plan;
    const int status = price_update_plan(&plan, &catalog, &source, TODAY, NULL);
    assert_int_equal(status, lost <= 3 ? PURSER_OK : PURSER_EREFUSED);
    assert_int_equal(plan.gone, lost);
    assert_int_equal(plan.listed, 10);
    price_update_fini(&plan);
    source_fini(&source);
    draft_set_fini(&built_in);
  }
}

static void running_out_of_memory_is_a_status(void **state) {
  (void)state;
  struct world w;
  world_make(&w);
  char *text = changed(paths[SOURCE_LITELLM], "\"gpt-only-here\"", "\"gpt-renamed\"");
  const int64_t alive = fail_mem_alive();
  for (int64_t n = 1;; n++) {
    struct source source;
    struct price_update plan;
    assert_int_equal(source_parse(&source, "newer.json", text, strlen(text), NULL), PURSER_OK);
    fail_mem_at(n, true);
    const int status = price_update_plan(&plan, &w.catalog, &source, TODAY, NULL);
    const bool failed = fail_mem_off();
    assert_int_equal(status, failed ? PURSER_ENOMEM : PURSER_OK);
    price_update_fini(&plan);
    source_fini(&source);
    assert_int_equal(fail_mem_alive(), alive);
    if (!failed)
      break;
  }
  mem_free(text);
  world_end(&w);
}

int main(void) {
  fail_mem_install();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_list_changes_nothing),
      cmocka_unit_test(a_new_price_holds_from_today),
      cmocka_unit_test(an_update_is_laid_over_an_earlier_one),
      cmocka_unit_test(a_dated_price_keeps_its_date),
      cmocka_unit_test(what_is_kept_by_hand_yields_only_to_news),
      cmocka_unit_test(a_zero_is_no_price_cut),
      cmocka_unit_test(a_list_that_lost_its_models_is_refused),
      cmocka_unit_test(the_limit_is_thirty_percent),
      cmocka_unit_test(running_out_of_memory_is_a_status),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

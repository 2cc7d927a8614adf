/* test_estimate.c - tokens of texts, and what pairs of an estimate and a provider's count teach about the next (rule 32). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/calibrate.h"
#include "run/run.h"
#include "support/books.h"

/* ---- counting ---- */

static void rule_32_tokens_are_counted_by_class_of_bytes(void **state) {
  (void)state;
  /* What byte-pair vocabularies of 100k to 200k entries make of such texts, give or take a fifth. */
  static const struct {
    const char *text;
    int64_t low, high;
  } rows[] = {
      {"", 0, 0},
      {"x", 1, 1},
      {"Explain what this function does, and why it fails for empty input.", 13, 17},
      {"        if (x) {\n            return;\n        }\n", 9, 15},
      {"aGVsbG8gd29ybGQsIHRoaXMgaXMgYSBiYXNlNjQgdGV4dA==", 20, 40},
      {"3.14159265358979", 6, 9},
      {"\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xb8\x96\xe7\x95\x8c", 3, 6},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    const int64_t tokens = estimate_text_tokens(rows[i].text, strlen(rows[i].text));
    if (tokens < rows[i].low || tokens > rows[i].high)
      fail_msg("\"%s\": %lld tokens, expected %lld to %lld", rows[i].text, (long long)tokens,
               (long long)rows[i].low, (long long)rows[i].high);
  }
}

static void a_text_and_its_double_differ_by_about_two(void **state) {
  (void)state;
  struct rng rng = {32};
  for (int i = 0; i < 300; i++) {
    char text[801];
    const size_t len = (size_t)rng_between(&rng, 100, 400);
    for (size_t n = 0; n < len; n++)
      text[n] = text[n + len] = (char)rng_between(&rng, 1, 255);
    const int64_t one = estimate_text_tokens(text, len);
    const int64_t two = estimate_text_tokens(text, 2 * len);
    assert_true(one > 0 && one <= (int64_t)len * 2);
    assert_in_range(two, 2 * one - 12, 2 * one + 12);
  }
}

static void models_of_one_tokenizer_are_one_family(void **state) {
  (void)state;
  assert_string_equal(estimate_family("claude-opus-5-5"), estimate_family("claude-sonnet-5"));
  assert_string_not_equal(estimate_family("claude-opus-5-5"), estimate_family("claude-haiku-4-5"));
  assert_string_equal(estimate_family("openai/gpt-5.5"), "openai");
  assert_string_equal(estimate_family("llama-4"), "other");
  assert_string_equal(estimate_family(NULL), "other");
}

/* ---- calibration, pure ---- */

/* What an agent's requests come to: an overhead that varies a little, and a factor. */
struct planted {
  int32_t permille;
  int64_t overhead, jitter;
};

static struct prompt_pair pair_of(struct rng *rng, const struct planted *p) {
  const int64_t estimated = rng_between(rng, 20, 8000);
  return (struct prompt_pair){estimated, p->overhead + rng_below(rng, p->jitter + 1) +
                                             estimated * p->permille / 1000};
}

/* Keeps what the ledger keeps. */
struct memory {
  struct prompt_pair pairs[PROMPT_PAIRS];
  size_t pair_count;
  int32_t ratios[TOKEN_RATIOS];
  size_t ratio_count;
};

static void remember(struct memory *m, struct prompt_pair pair) {
  const int32_t ratio = calibrate_sample(m->pairs, m->pair_count, &pair);
  if (m->pair_count < PROMPT_PAIRS)
    m->pair_count++;
  memmove(m->pairs + 1, m->pairs, (m->pair_count - 1) * sizeof *m->pairs);
  m->pairs[0] = pair;
  if (ratio == 0)
    return;
  if (m->ratio_count < TOKEN_RATIOS)
    m->ratio_count++;
  memmove(m->ratios + 1, m->ratios, (m->ratio_count - 1) * sizeof *m->ratios);
  m->ratios[0] = ratio;
}

static void rule_32_a_planted_factor_is_found(void **state) {
  (void)state;
  const int seeds = property_seeds(300);
  for (int seed = 1; seed <= seeds; seed++) {
    struct rng rng = {(uint64_t)seed};
    struct memory memory = {.pair_count = 0};
    const struct planted planted = {.permille = (int32_t)rng_between(&rng, 600, 2400),
                                    .overhead = rng_between(&rng, 0, 20000),
                                    .jitter = rng_between(&rng, 0, 40)};
    for (int i = 0; i < 30; i++)
      remember(&memory, pair_of(&rng, &planted));
    const int32_t found = calibrate_permille(1150, memory.ratios, memory.ratio_count);
    if (found < planted.permille * 95 / 100 || found > planted.permille * 105 / 100)
      fail_msg("seed %d: %d permille found of %d", seed, found, planted.permille);
    const int64_t overhead = calibrate_overhead(memory.pairs, memory.pair_count, found);
    if (llabs((long long)(overhead - planted.overhead)) > 40 + 8000 * 5 / 100)
      fail_msg("seed %d: an overhead of %lld found of %lld", seed, (long long)overhead,
               (long long)planted.overhead);
  }
}

static void rule_32_one_figure_that_is_wrong_changes_little(void **state) {
  (void)state;
  static const struct prompt_pair wrong[] = {
      {10, 900000}, {100000, 1}, {5000, 5}, {1, 1}, {1000000000, 1000000000}, {3000, 40000}};
  const int seeds = property_seeds(300);
  for (int seed = 1; seed <= seeds; seed++) {
    struct rng rng = {(uint64_t)seed * 7};
    struct memory memory = {.pair_count = 0};
    const struct planted planted = {1400, 9000, 20};
    const int64_t when = rng_between(&rng, 8, 24);
    for (int i = 0; i < 25; i++)
      remember(&memory, i == when ? wrong[rng_below(&rng, COUNT(wrong))] : pair_of(&rng, &planted));
    const int32_t found = calibrate_permille(1150, memory.ratios, memory.ratio_count);
    if (found < 1330 || found > 1470)
      fail_msg("seed %d: %d permille after one wrong figure", seed, found);
    const int64_t overhead = calibrate_overhead(memory.pairs, memory.pair_count, found);
    assert_in_range(overhead, 8500, 9500);
  }
}

static void what_is_usual_counts_until_there_are_four_samples(void **state) {
  (void)state;
  const int32_t samples[] = {2000, 2000, 2000, 2000};
  static const int32_t expected[] = {1000, 1250, 1500, 1750, 2000};
  for (size_t n = 0; n <= 4; n++)
    assert_int_equal(calibrate_permille(1000, samples, n), expected[n]);
  /* Never absurd. */
  const int32_t wild[] = {5000, 5000, 5000, 5000, 5000};
  assert_int_equal(calibrate_permille(1000, wild, 5), 3000);
  const int32_t mild[] = {200, 200, 200, 200};
  assert_int_equal(calibrate_permille(1000, mild, 4), 333);
}

static void prompts_of_one_size_tell_nothing(void **state) {
  (void)state;
  const struct prompt_pair earlier[] = {{100, 9000}, {120, 9500}, {90, 9100}};
  const struct prompt_pair near = {150, 9050};
  const struct prompt_pair far = {1100, 10400};
  /* A thousand tokens apart, in a request of a million. */
  const struct prompt_pair lost = {1100, 1000000};
  assert_int_equal(calibrate_sample(earlier, 3, &near), 0);
  assert_int_equal(calibrate_sample(earlier, 0, &far), 0);
  assert_int_equal(calibrate_sample(earlier, 3, &lost), 0);
  assert_in_range(calibrate_sample(earlier, 3, &far), 900, 1500);
  assert_int_equal(calibrate_overhead(NULL, 0, 1000), -1);
}

/* ---- calibration, through the life of runs ---- */

struct stage {
  struct books books;
  struct catalog *catalog;
  struct run_config config;
};

static int set_up(void **state) {
  static struct stage stage;
  books_open(&stage.books, "2026-11-24T12:00:00Z");
  assert_ok(catalog_load(&stage.catalog, NULL, NULL, &stage.books.error), &stage.books.error);
  stage.config =
      (struct run_config){.catalog = stage.catalog, .fallback_input = -1, .fallback_output = -1};
  *state = &stage;
  return 0;
}

static int tear_down(void **state) {
  struct stage *stage = *state;
  catalog_free(stage->catalog);
  books_close(&stage->books);
  return 0;
}

/* A prompt of so many words: about as many tokens. */
static char *words(size_t count) {
  char *text = malloc(count * 5 + 1);
  assert_non_null(text);
  for (size_t i = 0; i < count; i++)
    memcpy(text + i * 5, "word ", 5);
  text[count * 5] = '\0';
  return text;
}

static struct run_request request_of(const char *agent, const char *model, const char *prompt) {
  return (struct run_request){
      .agent = agent, .source = "anthropic", .model = model, .workspace = "/w", .prompt = prompt};
}

static purser_str str(const char *text) {
  return (purser_str){text, strlen(text)};
}

/* One run: admitted, one response whose prompt came to overhead + factor x estimate, settled. */
static void run_once(struct stage *stage, const char *agent, const char *model, size_t word_count,
                     const struct planted *planted) {
  struct books *books = &stage->books;
  char *prompt = words(word_count);
  struct run *run = NULL;
  struct run_answer answer;
  const struct run_request request = request_of(agent, model, prompt);
  assert_ok(run_admit(&run, books->ledger, &stage->config, &request, &answer, &books->error),
            &books->error);
  assert_non_null(run);
  const int64_t plain = estimate_text_tokens(prompt, strlen(prompt));
  const purser_event usage = {
      .kind = PURSER_EVENT_USAGE,
      .scope = PURSER_SCOPE_REQUEST,
      .id = str("r"),
      .model = str(model),
      .cost_nanousd = -1,
      .usage = {.input = plain * planted->permille / 1000,
                .cache_read = planted->overhead,
                .output = 100},
  };
  enum run_verdict verdict;
  assert_ok(run_observe(run, &usage, 1, &verdict, NULL, &books->error), &books->error);
  const struct run_finish finish = {.duration_ms = 5, .reason = "exit", .output = ""};
  assert_ok(run_settle(run, &finish, &books->error), &books->error);
  run_free(run);
  free(prompt);
}

static struct estimate estimate_of(struct stage *stage, const char *agent, const char *model,
                                   size_t word_count) {
  char *prompt = words(word_count);
  struct estimate out;
  const struct run_request request = request_of(agent, model, prompt);
  assert_ok(run_estimate(stage->books.ledger, &stage->config, &request, &out, &stage->books.error),
            &stage->books.error);
  free(prompt);
  return out;
}

static void the_next_estimate_knows_what_the_last_prompts_came_to(void **state) {
  struct stage *stage = *state;
  const struct planted mine = {.permille = 1800, .overhead = 12000};
  const struct estimate before = estimate_of(stage, "reviewer", "claude-sonnet-5", 4000);
  for (size_t i = 0; i < 12; i++)
    run_once(stage, "reviewer", "claude-sonnet-5", 100 + i % 4 * 1500, &mine);
  const struct estimate after = estimate_of(stage, "reviewer", "claude-sonnet-5", 4000);
  const int64_t truth = 12000 + 4000 * 1800 / 1000;
  assert_in_range(after.prompt_tokens, truth * 97 / 100, truth * 103 / 100);
  assert_true(llabs((long long)(before.prompt_tokens - truth)) > truth / 20);
  /* Another model of the same tokenizer, by an agent that never ran: the factor is known, the overhead is not. */
  const struct estimate sibling = estimate_of(stage, "writer", "claude-opus-5-5", 4000);
  assert_in_range(sibling.prompt_tokens, 3000 + 4000 * 1750 / 1000, 3000 + 4000 * 1850 / 1000);
}

static void rule_32_families_are_kept_apart(void **state) {
  struct stage *stage = *state;
  const struct planted dear = {.permille = 2000, .overhead = 500};
  const struct planted plain = {.permille = 900, .overhead = 9000};
  const struct estimate gemini = estimate_of(stage, "other", "gemini-2.5-pro", 3000);
  for (size_t i = 0; i < 10; i++) {
    run_once(stage, "reviewer", "claude-sonnet-5", 100 + i % 3 * 2000, &dear);
    run_once(stage, "reviewer", "gpt-5.5", 100 + i % 3 * 2000, &plain);
  }
  const struct estimate a = estimate_of(stage, "reviewer", "claude-sonnet-5", 3000);
  const struct estimate b = estimate_of(stage, "reviewer", "gpt-5.5", 3000);
  assert_in_range(a.prompt_tokens, 6500 * 97 / 100, 6500 * 103 / 100);
  assert_in_range(b.prompt_tokens, 11700 * 97 / 100, 11700 * 103 / 100);
  /* And who was never used is estimated as before. */
  const struct estimate same = estimate_of(stage, "other", "gemini-2.5-pro", 3000);
  assert_int_equal(same.prompt_tokens, gemini.prompt_tokens);
}

static void rule_32_an_estimate_is_never_booked_where_usage_is(void **state) {
  struct stage *stage = *state;
  struct books *books = &stage->books;
  const struct planted planted = {.permille = 1000, .overhead = 50};
  run_once(stage, "reviewer", "claude-sonnet-5", 500, &planted);
  const struct sums total = books_total(books->ledger);
  assert_int_equal(total.requests, 1);
  assert_int_equal(total.estimated_nanousd, 0);
  assert_int_equal(total.input + total.cache_read, 550);
}

static void tries_that_only_the_caller_knows_of_are_counted(void **state) {
  struct stage *stage = *state;
  struct books *books = &stage->books;
  struct run *run = NULL;
  struct run_answer answer;
  struct run_row row;
  const struct run_request request = request_of("reviewer", "claude-sonnet-5", "hello");
  assert_ok(run_admit(&run, books->ledger, &stage->config, &request, &answer, &books->error),
            &books->error);
  const purser_event told = {.kind = PURSER_EVENT_RETRY};
  enum run_verdict verdict;
  assert_ok(run_observe(run, &told, 1, &verdict, NULL, &books->error), &books->error);
  const struct run_finish finish = {.duration_ms = 5, .reason = "exit", .output = "", .retries = 2};
  assert_ok(run_settle(run, &finish, &books->error), &books->error);
  assert_ok(ledger_run_get(books->ledger, run_id(run), &row, &books->error), &books->error);
  assert_int_equal(row.counts.retries, 3);
  run_row_fini(&row);
  run_free(run);
}

static void what_a_conversation_carries_on_is_no_pair(void **state) {
  struct stage *stage = *state;
  struct books *books = &stage->books;
  struct run *run = NULL;
  struct run_answer answer;
  struct run_request request = request_of("reviewer", "claude-sonnet-5", "and then?");
  request.context_tokens = 30000;
  assert_ok(run_admit(&run, books->ledger, &stage->config, &request, &answer, &books->error),
            &books->error);
  /* It holds the client's own part already. */
  assert_in_range(answer.estimate.prompt_tokens, 30000, 30010);
  const struct run_finish finish = {.duration_ms = 5, .reason = "exit", .output = ""};
  assert_ok(run_settle(run, &finish, &books->error), &books->error);
  run_free(run);
  struct prompt_pair pairs[PROMPT_PAIRS];
  size_t count = 1;
  assert_ok(ledger_prompt_pairs(books->ledger, "claude-2026", "reviewer", "/w", pairs, &count,
                                &books->error),
            &books->error);
  assert_int_equal(count, 0);
}

static void only_the_last_pairs_are_kept(void **state) {
  struct stage *stage = *state;
  struct books *books = &stage->books;
  struct prompt_pair pairs[PROMPT_PAIRS];
  int32_t ratios[TOKEN_RATIOS];
  size_t count = 0;
  for (int i = 0; i < 40; i++) {
    const int64_t run = books_run(books, "reviewer", i % 2 == 0 ? "/w" : "/elsewhere");
    const struct prompt_pair pair = {i, 1000 + i};
    assert_ok(ledger_begin(books->ledger, &books->error), &books->error);
    assert_ok(ledger_prompt_pair_add(books->ledger, run, "openai", &pair, i + 1, &books->error),
              &books->error);
    assert_ok(ledger_commit(books->ledger, &books->error), &books->error);
  }
  assert_ok(
      ledger_prompt_pairs(books->ledger, "openai", "reviewer", "/w", pairs, &count, &books->error),
      &books->error);
  assert_int_equal(count, PROMPT_PAIRS);
  for (size_t i = 0; i < count; i++)
    assert_int_equal(pairs[i].estimated, 38 - 2 * (int64_t)i);
  assert_ok(ledger_prompt_pairs_anywhere(books->ledger, "openai", "reviewer", pairs, &count,
                                         &books->error),
            &books->error);
  assert_int_equal(pairs[0].estimated, 39);
  assert_ok(ledger_token_ratios(books->ledger, "openai", ratios, &count, &books->error),
            &books->error);
  assert_int_equal(count, TOKEN_RATIOS);
  assert_int_equal(ratios[0], 40);
  assert_int_equal(ratios[TOKEN_RATIOS - 1], 26);
  /* Nobody's are nobody's. */
  assert_ok(
      ledger_prompt_pairs(books->ledger, "openai", "nobody", "/w", pairs, &count, &books->error),
      &books->error);
  assert_int_equal(count, 0);
}

#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rule_32_tokens_are_counted_by_class_of_bytes),
      cmocka_unit_test(a_text_and_its_double_differ_by_about_two),
      cmocka_unit_test(models_of_one_tokenizer_are_one_family),
      cmocka_unit_test(rule_32_a_planted_factor_is_found),
      cmocka_unit_test(rule_32_one_figure_that_is_wrong_changes_little),
      cmocka_unit_test(what_is_usual_counts_until_there_are_four_samples),
      cmocka_unit_test(prompts_of_one_size_tell_nothing),
      ON_STAGE(the_next_estimate_knows_what_the_last_prompts_came_to),
      ON_STAGE(rule_32_families_are_kept_apart),
      ON_STAGE(rule_32_an_estimate_is_never_booked_where_usage_is),
      ON_STAGE(tries_that_only_the_caller_knows_of_are_counted),
      ON_STAGE(what_a_conversation_carries_on_is_no_pair),
      ON_STAGE(only_the_last_pairs_are_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

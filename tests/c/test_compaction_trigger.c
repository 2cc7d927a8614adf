/* test_compaction_trigger.c - when compacting pays. */
#include "support/support.h"

#include "base/money.h"
#include "compaction/trigger.h"

#define DOLLARS(n) ((int64_t)(n)*MONEY_PER_DOLLAR)

/* Five dollars in, half a dollar cached, ten written, twenty-five out, a million tokens. */
static const struct compaction_rates plain = {
    .input = DOLLARS(5),
    .cache_read = DOLLARS(1) / 2,
    .cache_write = DOLLARS(10),
    .output = DOLLARS(25),
};

static struct compaction_context warm(int64_t tokens, int64_t further) {
  return (struct compaction_context){
      .context_tokens = tokens,
      .window = 200000,
      .output_reserve = 20000,
      .idle_ms = 1000,
      .ttl_ms = 300000,
      .further_requests_milli = further * 1000,
      .rates = plain,
      .summary_rates = plain,
      .summary_reads_cache = true,
  };
}

static struct compaction_context cold(int64_t tokens, int64_t further) {
  struct compaction_context context = warm(tokens, further);
  context.idle_ms = context.ttl_ms;
  return context;
}

static void the_outlook_is_the_break_even_formula(void **state) {
  (void)state;
  struct compaction_outlook out;
  /* P 100,000, kept 18,000 of which 10,000 stand first, summary 2,000: warm. */
  const struct compaction_option option = {10000, 20000, 2000};
  struct compaction_context context = warm(100000, 11);
  compaction_look_ahead(&context, &option, &out);
  assert_false(out.cold);
  assert_int_equal(out.send_nanousd, 50000000);                     /* 100k x 0.5 */
  assert_int_equal(out.compact_nanousd, 50000000 + 50000000         /* P r, S o */
                                            + 5000000 + 100000000); /* 10k x 0.5, 10k x 10 */
  assert_int_equal(out.later_nanousd, 40000000);                    /* 80k x 0.5 */
  assert_int_equal(out.saving_nanousd, 50000000 - 205000000 + 400000000);
  assert_int_equal(out.pays_after, 4); /* 155 / 40, rounded up */

  /* Cold: the next request rewrites everything, and nothing of the beginning is cached either. */
  context = cold(100000, 1);
  compaction_look_ahead(&context, &option, &out);
  assert_true(out.cold);
  assert_int_equal(out.send_nanousd, 1000000000);
  assert_int_equal(out.compact_nanousd, 500000000 + 50000000 + 200000000);
  assert_int_equal(out.saving_nanousd, 250000000);
  assert_int_equal(out.pays_after, 0);
}

static void a_summary_of_a_cheaper_model_reads_no_cache(void **state) {
  (void)state;
  struct compaction_context context = warm(100000, 1);
  struct compaction_outlook out;
  context.summary_reads_cache = false;
  context.summary_rates = (struct compaction_rates){DOLLARS(1), 0, 0, DOLLARS(5)};
  const struct compaction_option option = {0, 20000, 2000};
  compaction_look_ahead(&context, &option, &out);
  assert_int_equal(out.compact_nanousd, 100000000 + 10000000 + 200000000);
}

static void without_a_cache_every_send_costs_the_input_rate(void **state) {
  (void)state;
  struct compaction_context context = warm(100000, 5);
  context.ttl_ms = 0;
  context.rates = (struct compaction_rates){DOLLARS(5), DOLLARS(5), DOLLARS(5), DOLLARS(25)};
  const struct compaction_option masked = {10000, 60000, 0};
  struct compaction_outlook out;
  compaction_look_ahead(&context, &masked, &out);
  assert_int_equal(out.saving_nanousd, 5 * 200000000);
  assert_int_equal(out.pays_after, 0);
}

static void the_verdict(void **state) {
  (void)state;
  const struct compaction_option masked = {10000, 60000, 0};
  const struct compaction_option summary = {10000, 20000, 2000};
  const struct compaction_option nothing = {95000, 95000, 0};
  const struct {
    const char *what;
    struct compaction_context context;
    struct compaction_option options[2];
    enum compaction_level level;
    enum compaction_reason reason;
    size_t option;
  } cases[] = {
      {"warm, about to end",
       warm(100000, 1),
       {masked, summary},
       COMPACTION_NONE,
       COMPACTION_NOTHING_GAINED,
       0},
      {"warm, much to come",
       warm(100000, 60),
       {masked, summary},
       COMPACTION_ADVISED,
       COMPACTION_PAYS_BACK,
       1},
      {"cold, one to come",
       cold(100000, 1),
       {masked, masked},
       COMPACTION_ADVISED,
       COMPACTION_CACHE_COLD,
       0},
      {"cold, much to come",
       cold(100000, 60),
       {masked, summary},
       COMPACTION_ADVISED,
       COMPACTION_CACHE_COLD,
       1},
      {"nothing to gain",
       cold(100000, 60),
       {nothing, nothing},
       COMPACTION_NONE,
       COMPACTION_NOTHING_GAINED,
       0},
      {"the window is full",
       warm(170000, 1),
       {masked, summary},
       COMPACTION_DUE,
       COMPACTION_WINDOW_FULL,
       1},
      {"full, and masking leaves it full",
       warm(170000, 1),
       {{0, 140000, 0}, summary},
       COMPACTION_DUE,
       COMPACTION_WINDOW_FULL,
       1},
      {"full, and nothing to gain",
       warm(170000, 9),
       {{0, 169000, 0}, {0, 168000, 0}},
       COMPACTION_NONE,
       COMPACTION_NOTHING_GAINED,
       0},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct compaction_verdict verdict;
    compaction_judge(&cases[i].context, cases[i].options, 2, &compaction_policy_default, &verdict);
    if (verdict.level != cases[i].level || verdict.reason != cases[i].reason ||
        (verdict.level != COMPACTION_NONE && verdict.option != cases[i].option))
      fail_msg("%s: %s, %s, option %zu", cases[i].what, compaction_level_name(verdict.level),
               compaction_reason_name(verdict.reason), verdict.option);
  }
}

static void an_unknown_window_is_never_full(void **state) {
  (void)state;
  struct compaction_context context = warm(900000, 1);
  context.window = 0;
  const struct compaction_option option = {0, 500000, 2000};
  struct compaction_verdict verdict;
  compaction_judge(&context, &option, 1, &compaction_policy_default, &verdict);
  assert_int_equal(verdict.level, COMPACTION_NONE);
}

static void pays_after_is_when_the_saving_turns(void **state) {
  (void)state;
  struct rng rng = {.state = 7};
  for (int i = 0; i < 20000; i++) {
    const int64_t tokens = rng_between(&rng, 1000, 150000);
    const int64_t size = rng_between(&rng, tokens / 10, tokens);
    const struct compaction_option option = {size / 3, size, rng_chance(&rng, 50) ? 1500 : 0};
    struct compaction_context context = rng_chance(&rng, 50) ? cold(tokens, 1) : warm(tokens, 1);
    struct compaction_outlook out;
    compaction_look_ahead(&context, &option, &out);
    if (out.pays_after < 0) {
      context.further_requests_milli = 1000000;
      compaction_look_ahead(&context, &option, &out);
      assert_true(out.saving_nanousd < 0);
      continue;
    }
    /* The next request and `pays_after` more: paid for; one fewer: not yet. */
    context.further_requests_milli = (out.pays_after + 1) * 1000;
    compaction_look_ahead(&context, &option, &out);
    assert_true(out.saving_nanousd >= 0);
    if (out.pays_after == 0)
      continue;
    context.further_requests_milli = out.pays_after * 1000;
    compaction_look_ahead(&context, &option, &out);
    assert_true(out.saving_nanousd < 0);
  }
}

static void further_requests_are_what_remained_of_others(void **state) {
  (void)state;
  const int64_t lengths[] = {2, 4, 10, 20, 20, 30, 40};
  assert_int_equal(compaction_further_requests(lengths, 7, 5), 19000);  /* five went further */
  assert_int_equal(compaction_further_requests(lengths, 7, 10), 10000); /* four did: half over */
  assert_int_equal(compaction_further_requests(NULL, 0, 8), 8000);
  assert_int_equal(compaction_further_requests(NULL, 0, 0), 1000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_outlook_is_the_break_even_formula),
      cmocka_unit_test(a_summary_of_a_cheaper_model_reads_no_cache),
      cmocka_unit_test(without_a_cache_every_send_costs_the_input_rate),
      cmocka_unit_test(the_verdict),
      cmocka_unit_test(an_unknown_window_is_never_full),
      cmocka_unit_test(pays_after_is_when_the_saving_turns),
      cmocka_unit_test(further_requests_are_what_remained_of_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

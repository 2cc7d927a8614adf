/* test_runaway.c - a run that goes round in circles, or burns many times the usual. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "run/runaway.h"

static purser_str str(const char *text) {
  return (purser_str){text, strlen(text)};
}

static const struct runaway_limits usual_limits = {
    .repeats = 5, .times_usual = 5, .least_nanousd = 50 * MONEY_PER_CENT};

/* Feeds letters, each a call of its own; answers the place (from 1) at which it is raised, 0 never. */
static int raised_at(const char *letters, int32_t n, struct runaway_repeat *out) {
  struct runaway runaway = {0};
  const struct runaway_limits limits = {.repeats = n};
  for (int i = 0; letters[i] != '\0'; i++) {
    if (runaway_call(&runaway, &limits, str(""), str(""), str("Bash"), (purser_str){letters + i, 1},
                     out))
      return i + 1;
  }
  return 0;
}

static void going_round_is_raised(void **state) {
  (void)state;
  static const struct {
    const char *letters;
    int32_t n;
    int at, times, of, round;
  } rows[] = {
      {"aaaaa", 5, 5, 5, 5, 1},
      {"xyzaaaaa", 5, 8, 5, 5, 1},
      {"baaabaaa", 5, 7, 5, 6, 1},
      {"bxaabaaa", 5, 8, 5, 6, 1},
      {"baaaabaaaba", 8, 11, 8, 10, 1},
      {"ababababab", 5, 10, 5, 10, 2},
      {"xabcabcabcabcabc", 5, 16, 5, 15, 3},
      {"abcdabcdabcdabcdabcd", 5, 20, 5, 20, 4},
      {"aa", 2, 2, 2, 2, 1},
      {"abaa", 2, 4, 2, 2, 1},
      {"aaa", 1, 2, 2, 2, 1}, /* once is no repeating */
      {"aaaaaaaaaaaaaaaaaaaaaaaaa", 1000, 20, 20, 20, 1},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct runaway_repeat out = {0};
    const int at = raised_at(rows[i].letters, rows[i].n, &out);
    if (at != rows[i].at || out.times != rows[i].times || out.of != rows[i].of ||
        out.round != rows[i].round)
      fail_msg("%s: at %d, %d times of %d in rounds of %d", rows[i].letters, at, (int)out.times,
               (int)out.of, (int)out.round);
    assert_string_equal(out.tool, "Bash");
  }
}

static void work_is_not_going_round(void **state) {
  (void)state;
  static const char *const rows[] = {
      "",
      "aaaa",
      "abcdefghijklmnop",
      "tatbtctdtetftgthti", /* tests after each of different edits */
      "aabbaabbccddaabb",
      "abcabcabcabcab",
      "ttatbttctdtt",
      "aaabaaa", /* something new was tried */
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct runaway_repeat out = {0};
    if (raised_at(rows[i], 5, &out) != 0)
      fail_msg("%s was raised", rows[i]);
  }
  struct runaway_repeat out = {0};
  assert_int_equal(raised_at("aaaaaaaaaaaa", 0, &out), 0);
}

static void it_is_raised_once_a_run(void **state) {
  (void)state;
  struct runaway runaway = {0};
  struct runaway_repeat out;
  int raised = 0;
  for (int i = 0; i < 500; i++)
    raised += runaway_call(&runaway, &usual_limits, str(""), str(""), str("Read"), str("{}"), &out);
  assert_int_equal(raised, 1);
}

static void another_tool_or_subagent_is_another_call(void **state) {
  (void)state;
  struct runaway runaway = {0};
  struct runaway_repeat out;
  for (int i = 0; i < 40; i++) {
    char who[8];
    (void)snprintf(who, sizeof who, "s%d", i);
    assert_false(
        runaway_call(&runaway, &usual_limits, str(who), str(""), str("Read"), str("{}"), &out));
  }
  static const char *const tools[] = {"a", "b", "c", "d", "e", "f"};
  for (int i = 0; i < 40; i++)
    assert_false(runaway_call(&runaway, &usual_limits, str(""), str(""), str(tools[i % 6]),
                              str("{}"), &out));
  /* Where one ends and the next begins counts. */
  assert_false(runaway_call(&runaway, &usual_limits, str(""), str(""), str("ab"), str("c"), &out));
  for (int i = 0; i < 4; i++)
    assert_false(
        runaway_call(&runaway, &usual_limits, str(""), str(""), str("a"), str("bc"), &out));
}

static void a_call_told_twice_counts_once(void **state) {
  (void)state;
  struct runaway runaway = {0};
  struct runaway_repeat out;
  for (int i = 0; i < 20; i++)
    assert_false(runaway_call(&runaway, &usual_limits, str(""), str("call_1"), str("Read"),
                              str("{}"), &out));
  assert_int_equal(runaway.count, 1);
  for (int i = 2; i <= 5; i++) {
    char id[16];
    (void)snprintf(id, sizeof id, "call_%d", i);
    assert_int_equal(
        runaway_call(&runaway, &usual_limits, str(""), str(id), str("Read"), str("{}"), &out),
        i == 5);
  }
}

static void waiting_is_not_going_round(void **state) {
  (void)state;
  struct runaway runaway = {0};
  struct runaway_repeat out;
  for (int i = 0; i < 40; i++)
    assert_false(runaway_call(&runaway, &usual_limits, str(""), str(""), str("BashOutput"),
                              str("{\"bash_id\":\"1\"}"), &out));
  for (int i = 1; i <= 5; i++)
    assert_int_equal(
        runaway_call(&runaway, &usual_limits, str(""), str(""), str("BashOut"), str("{}"), &out),
        i == 5);
}

static void a_tools_name_is_cut_at_a_character(void **state) {
  (void)state;
  struct runaway runaway = {0};
  struct runaway_repeat out = {0};
  char name[101];
  for (int i = 0; i < 50; i++)
    memcpy(name + 2 * i, "\xc3\xa9", 2);
  name[100] = '\0';
  for (int i = 0; i < 5; i++)
    (void)runaway_call(&runaway, &usual_limits, str(""), str(""), str(name), str(""), &out);
  assert_int_equal(strlen(out.tool), 62);
  assert_memory_equal(out.tool, name, 62);
}

static void burning_many_times_the_usual_is_raised(void **state) {
  (void)state;
  static const struct {
    int64_t spent, runs, median, high; /* cents */
    bool raised;
  } rows[] = {
      {100, 8, 10, 20, true},
      {50, 8, 10, 20, true},
      {49, 8, 5, 8, false},     /* too little to matter */
      {100, 7, 10, 20, false},  /* too few runs to be usual */
      {100, 8, 21, 30, false},  /* less than five times */
      {100, 60, 10, 51, false}, /* this agent's runs differ that much */
      {100, 60, 0, 0, false},   /* nothing is known of what they cost */
      {INT64_MAX / MONEY_PER_CENT, 60, 1, 1, true},
      {0, 0, 0, 0, false},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct runaway runaway = {0};
    const struct runaway_usual usual = {rows[i].runs, rows[i].median * MONEY_PER_CENT,
                                        rows[i].high * MONEY_PER_CENT};
    const int64_t spent = rows[i].spent * MONEY_PER_CENT;
    assert_int_equal(runaway_cost(&runaway, &usual_limits, spent, &usual), rows[i].raised);
    assert_false(runaway_cost(&runaway, &usual_limits, spent, &usual) && rows[i].raised);
  }
  struct runaway runaway = {0};
  const struct runaway_limits off = {.repeats = 5};
  const struct runaway_usual usual = {20, 1, 1};
  assert_false(runaway_cost(&runaway, &off, INT64_MAX, &usual));
}

/* Runs like real ones: reads of many files, edits, tests now and then, some tried twice. */
static void one_normal_run_in_a_thousand_is_raised_at_most(void **state) {
  (void)state;
  int raised = 0;
  for (uint64_t seed = 1; seed <= 3000; seed++) {
    struct rng rng = {seed};
    struct runaway runaway = {0};
    struct runaway_repeat out;
    bool mine = false;
    const int64_t calls = rng_between(&rng, 5, 120);
    bool testing = false;
    char input[32] = "";
    for (int64_t i = 0; i < calls; i++) {
      const char *tool = "Bash";
      if (i > 0 && rng_chance(&rng, 4)) {
        /* Tried again as it was. */
      } else if (!testing && rng_chance(&rng, 35)) {
        testing = true;
        (void)snprintf(input, sizeof input, "make test");
      } else {
        testing = false;
        tool = rng_chance(&rng, 50) ? "Read" : "Edit";
        (void)snprintf(input, sizeof input, "%lld", (long long)rng_below(&rng, 40));
      }
      mine |= runaway_call(&runaway, &usual_limits, str(""), str(""), str(tool), str(input), &out);
    }
    raised += mine;
  }
  if (raised > 3)
    fail_msg("%d of 3000 normal runs were raised", raised);
}

/* Loops planted at the end of such work, with something else in between now and then. */
static void a_planted_loop_is_found(void **state) {
  (void)state;
  int found = 0;
  enum {
    RUNS = 1000
  };
  for (uint64_t seed = 1; seed <= RUNS; seed++) {
    struct rng rng = {seed};
    struct runaway runaway = {0};
    struct runaway_repeat out;
    bool mine = false;
    const int64_t before = rng_between(&rng, 0, 60);
    const int64_t round = rng_between(&rng, 1, RUNAWAY_ROUND);
    char input[32];
    for (int64_t i = 0; i < before + 40; i++) {
      const bool loop = i >= before;
      (void)snprintf(input, sizeof input, "%s%lld", loop ? "loop" : "",
                     (long long)(loop ? (i - before) % round : rng_below(&rng, 1000)));
      mine |=
          runaway_call(&runaway, &usual_limits, str(""), str(""), str("Bash"), str(input), &out);
      if (loop && rng_chance(&rng, 1)) {
        (void)snprintf(input, sizeof input, "else%lld", (long long)i);
        mine |=
            runaway_call(&runaway, &usual_limits, str(""), str(""), str("Bash"), str(input), &out);
      }
    }
    found += mine;
  }
  if (found < RUNS * 95 / 100)
    fail_msg("%d of %d loops were found", found, RUNS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(going_round_is_raised),
      cmocka_unit_test(work_is_not_going_round),
      cmocka_unit_test(it_is_raised_once_a_run),
      cmocka_unit_test(another_tool_or_subagent_is_another_call),
      cmocka_unit_test(a_call_told_twice_counts_once),
      cmocka_unit_test(waiting_is_not_going_round),
      cmocka_unit_test(a_tools_name_is_cut_at_a_character),
      cmocka_unit_test(burning_many_times_the_usual_is_raised),
      cmocka_unit_test(one_normal_run_in_a_thousand_is_raised_at_most),
      cmocka_unit_test(a_planted_loop_is_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

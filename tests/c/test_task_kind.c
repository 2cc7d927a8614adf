/* test_task_kind.c - what kind of task a prompt asks for. */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice/task_kind.h"
#include "advice/task_words.h"

struct row {
  const char *prompt, *kind;
};

static void check(const struct row *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    struct task_kind found;
    task_kind_of(rows[i].prompt, strlen(rows[i].prompt), NULL, 0, true, &found);
    if (strcmp(found.kind, rows[i].kind) != 0)
      fail_msg("\"%s\": %s because of \"%.*s\", expected %s", rows[i].prompt, found.kind,
               (int)found.words.len, found.words.len > 0 ? found.words.ptr : "", rows[i].kind);
  }
}

static void what_leaves_the_meaning_alone_is_formatting(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"Format this file", "formatting"},
      {"reformat the whole module please", "formatting"},
      {"fix the indentation", "formatting"},
      {"Fix the lint errors in src/", "formatting"},
      {"fix typo", "formatting"},
      {"fix the typos in the README", "formatting"},
      {"Please run prettier over it", "formatting"},
      {"rename foo to bar everywhere", "formatting"},
      {"sort the imports", "formatting"},
      {"remove trailing whitespace", "formatting"},
      {"convert tabs to spaces", "formatting"},
      {"Correct the spelling and the grammar of the comments", "formatting"},
      {"add missing semicolons and fix the quotes", "formatting"},
      {"REFORMAT THIS", "formatting"},
  };
  check(rows, COUNT(rows));
}

static void what_does_not_do_what_it_should_is_a_fix(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"fix the crash when the list is empty", "fix"},
      {"there's a bug in the parser: it drops the last line", "fix"},
      {"The login button doesn\xe2\x80\x99t work on Safari", "fix"},
      {"tests are failing on CI, why?", "fix"},
      {"Why does this segfault?", "fix"},
      {"debug this", "fix"},
      {"TypeError: undefined is not a function. Can you fix it?", "fix"},
      {"The total is off by one", "fix"},
      {"fix the crash in the formatting code", "fix"},
      {"find the memory leak in worker.c", "fix"},
      {"it hangs when the new file is empty", "fix"},
      {"this returns the wrong date in March", "fix"},
      {"the build is broken since yesterday's refactor", "fix"},
      {"resolve the race condition between the two threads", "fix"},
  };
  check(rows, COUNT(rows));
}

static void what_is_not_there_yet_is_a_feature(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"add a --json flag to the report command", "feature"},
      {"Implement pagination for the user list", "feature"},
      {"write unit tests for the parser", "feature"},
      {"Create a new endpoint that returns the version", "feature"},
      {"support for dark mode", "feature"},
      {"add an option for the date format", "feature"},
      {"implement the design in docs/design.md", "feature"},
      {"Could you please add error handling to fetch()?", "feature"},
      {"write a function that formats a duration", "feature"},
      {"make it possible to sort by cost", "feature"},
  };
  check(rows, COUNT(rows));
}

static void what_decides_how_the_rest_is_made_is_architecture(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"Design the architecture of a job queue", "architecture"},
      {"refactor the storage layer so that backends can be swapped", "architecture"},
      {"What are the trade-offs of event sourcing here?", "architecture"},
      {"Rewrite the scheduler from scratch", "architecture"},
      {"plan how to split into microservices", "architecture"},
      {"Propose a data model for invoices; which approach scales?", "architecture"},
      {"redesign the module boundaries", "architecture"},
      {"pros and cons of sqlite against postgres for this?", "architecture"},
  };
  check(rows, COUNT(rows));
}

static void what_says_nothing_of_it_is_something_else(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"", "other"},
      {"   \n\t", "other"},
      {"hello", "other"},
      {"explain what this function does", "other"},
      {"continue", "other"},
      {"which version of lua does neovim use", "other"},
      {"\xe3\x81\x93\xe3\x82\x93\xe3\x81\xab\xe3\x81\xa1\xe3\x81\xaf", "other"},
      {"information about address.py", "other"}, /* "format" and "add" are parts of words here */
  };
  check(rows, COUNT(rows));
}

static void what_is_not_to_be_done_does_not_count(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"don't fix formatting, explain architecture", "architecture"},
      {"Don\xe2\x80\x99t reformat anything. Fix the crash.", "fix"},
      {"fix the bug without refactoring or renaming anything", "fix"},
      {"Add a cache; do not redesign the storage", "feature"},
      {"instead of refactoring, just fix the typo", "formatting"},
      {"don't redesign it but fix the failing test", "fix"},
      {"no need to reformat or rename. Implement the parser", "feature"},
      {"never mind the lint warnings", "other"},
      {"reformat it rather than rewrite it", "formatting"},
      {"Don't change the architecture:\n- reformat the file\n- sort imports", "formatting"},
  };
  check(rows, COUNT(rows));
}

static void code_is_what_it_is_about_and_not_what_is_to_be_done(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"rename `fix_bug_and_crash` to `repair`", "formatting"},
      {"explain\n```c\n/* fix the crash: implement the design */\n```\n", "other"},
      {"```\nbug bug bug\n```\nreformat this", "formatting"},
      {"explain this\n~~~\nrefactor", "other"},
      {"an open ` mark, then reformat it", "formatting"},
      {"see https://example.org/bug/crash/fix", "other"},
      {"look at src/format/lint.c and design.md", "other"},
  };
  check(rows, COUNT(rows));
}

static void the_words_that_decided_are_told(void **state) {
  (void)state;
  static const struct {
    const char *prompt, *words;
  } rows[] = {
      {"please fix the Lint  errors", "Lint  errors"},
      {"Don\xe2\x80\x99t worry: it doesn\xe2\x80\x99t work", "doesn\xe2\x80\x99t work"},
      {"Implement it", "Implement"},
      {"hello", ""},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct task_kind found;
    task_kind_of(rows[i].prompt, strlen(rows[i].prompt), NULL, 0, true, &found);
    assert_int_equal(found.words.len, strlen(rows[i].words));
    assert_memory_equal(found.words.len > 0 ? found.words.ptr : "", rows[i].words, found.words.len);
  }
}

static void the_users_rules_come_first(void **state) {
  (void)state;
  static const struct task_rule rules[] = {
      {"???", "never"},
      {"ticket triage", "triage"},
      {"chang*", "formatting"},
      {"\xc3\x9c"
       "bersetze",
       "translation"},
      {"don't ship", "hold"},
  };
  static const struct row rows[] = {
      {"Ticket triage: fix the crash", "triage"},
      {"triage the ticket", "other"},
      {"fix the crash and update the CHANGELOG", "formatting"},
      {"don't touch the changelog, fix the crash", "fix"},
      {"\xc3\x9c"
       "bersetze das",
       "translation"},
      {"Don\xe2\x80\x99t ship this", "hold"},
      {"fix the crash", "fix"},
  };
  for (size_t i = 0; i < COUNT(rows); i++) {
    struct task_kind found;
    task_kind_of(rows[i].prompt, strlen(rows[i].prompt), rules, COUNT(rules), true, &found);
    if (strcmp(found.kind, rows[i].kind) != 0)
      fail_msg("\"%s\": %s, expected %s", rows[i].prompt, found.kind, rows[i].kind);
  }
  struct task_kind found;
  task_kind_of("fix the crash", 13, rules, COUNT(rules), false, &found);
  assert_string_equal(found.kind, TASK_OTHER);
  assert_int_equal(found.words.len, 0);
}

static void put(char *at, const char *text, size_t len) {
  for (size_t i = 0; i < len; i++)
    at[i] = text[i];
}

static void any_bytes_are_a_prompt(void **state) {
  (void)state;
  static const char *const pieces[] = {"`",    "```\n",        "\n~~~",    "don't ",
                                       "fix ", "\xe2\x80\x99", "\xe2\x80", "\xff",
                                       "",     ", ",           "design ",  "\n\n- "};
  struct rng rng = {7};
  for (int i = 0; i < property_seeds(2000); i++) {
    char text[600];
    size_t len = 0;
    while (len < 560 && !rng_chance(&rng, 2)) {
      if (rng_chance(&rng, 50)) {
        text[len++] = (char)rng_between(&rng, 0, 255);
        continue;
      }
      const char *piece = pieces[rng_below(&rng, (int64_t)COUNT(pieces))];
      put(text + len, piece, strlen(piece));
      len += strlen(piece);
    }
    /* Of its own size, so that reading past its end is noticed. */
    char *copy = malloc(len + 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    struct task_kind found;
    task_kind_of(copy, len, NULL, 0, true, &found);
    assert_non_null(found.kind);
    const bool other = strcmp(found.kind, TASK_OTHER) == 0;
    assert_true(other == (found.words.len == 0));
    if (!other)
      assert_true(found.words.ptr >= copy && found.words.ptr + found.words.len <= copy + len);
    free(copy);
  }
}

static void a_long_prompt_is_judged_by_its_beginning(void **state) {
  (void)state;
  enum {
    LEN = 1 << 20
  };
  char *text = malloc(LEN);
  assert_non_null(text);
  for (size_t i = 0; i < LEN; i++)
    text[i] = "crash "[i % 6];
  put(text, "Reformat it: ```\n", 17);
  struct task_kind found;
  task_kind_of(text, LEN, NULL, 0, true, &found);
  assert_string_equal(found.kind, "fix"); /* the fence does not begin its line */
  put(text, "Reformat it:\n```\n", 17);
  task_kind_of(text, LEN, NULL, 0, true, &found);
  assert_string_equal(found.kind, "formatting");
  free(text);
}

static void each_kind_has_its_choice(void **state) {
  (void)state;
  assert_int_equal(task_kind_choice("formatting").tier, TIER_SMALL);
  assert_string_equal(task_kind_choice("formatting").effort, "low");
  assert_int_equal(task_kind_choice("architecture").tier, TIER_LARGE);
  assert_string_equal(task_kind_choice("architecture").effort, "high");
  assert_null(task_kind_choice("feature").effort);
  assert_int_equal(task_kind_choice(TASK_OTHER).tier, TIER_UNKNOWN);
  assert_null(task_kind_choice(TASK_OTHER).effort);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_leaves_the_meaning_alone_is_formatting),
      cmocka_unit_test(what_does_not_do_what_it_should_is_a_fix),
      cmocka_unit_test(what_is_not_there_yet_is_a_feature),
      cmocka_unit_test(what_decides_how_the_rest_is_made_is_architecture),
      cmocka_unit_test(what_says_nothing_of_it_is_something_else),
      cmocka_unit_test(what_is_not_to_be_done_does_not_count),
      cmocka_unit_test(code_is_what_it_is_about_and_not_what_is_to_be_done),
      cmocka_unit_test(the_words_that_decided_are_told),
      cmocka_unit_test(the_users_rules_come_first),
      cmocka_unit_test(any_bytes_are_a_prompt),
      cmocka_unit_test(a_long_prompt_is_judged_by_its_beginning),
      cmocka_unit_test(each_kind_has_its_choice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_advice_digest.c - a month in Markdown: the whole text over a ledger that never changes, and what is said where little is known. */
#include "support/books.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice/digest.h"
#include "advice/markdown.h"
#include "advice/suggest.h"

struct desk {
  struct books books;
  struct catalog *catalog;
  struct buf text;
  int64_t booked;
};

static struct desk desk;

static int set_up(void **state) {
  (void)state;
  desk = (struct desk){.text = BUF_INIT};
  books_open(&desk.books, "2026-11-24T12:00:00Z");
  assert_ok(catalog_load(&desk.catalog, NULL, NULL, &desk.books.error), &desk.books.error);
  return setenv("HOME", "/home/ada", 1);
}

static int tear_down(void **state) {
  (void)state;
  buf_fini(&desk.text);
  catalog_free(desk.catalog);
  books_close(&desk.books);
  return 0;
}

static int try_write(const char *month) {
  buf_clear(&desk.text);
  desk.books.error = (struct error){0};
  return digest_write(desk.books.ledger, desk.catalog, month, &desk.text, &desk.books.error);
}

static void write(const char *month) {
  assert_ok(try_write(month), &desk.books.error);
}

static void contains(const char *what) {
  if (strstr(buf_text(&desk.text), what) == NULL)
    fail_msg("\"%s\" is not in: %s", what, buf_text(&desk.text));
}

/* ---- something to tell of ---- */

struct booking {
  const char *agent, *workspace, *model, *at;
  enum billing billing;
  int count; /* requests */
  purser_usage usage;
};

/* Priced by the cards that ship: the past of a card does not change. */
static void book(const struct booking *b) {
  const int64_t at_ms = instant_ms(b->at);
  const struct run_spec spec = {.agent = b->agent,
                                .workspace = b->workspace,
                                .source = "claude",
                                .model = b->model,
                                .billing = b->billing,
                                .started_ms = at_ms};
  const int64_t run = books_run_of(&desk.books, &spec, RUN_RUNNING);
  for (int i = 0; i < b->count; i++) {
    char key[32];
    (void)snprintf(key, sizeof key, "k%lld", (long long)desk.booked++);
    struct request r = books_request(&desk.books, run, key, 0);
    const struct price_query query = {
        .model = b->model, .at_ms = at_ms, .reported_nanousd = -1, .usage = b->usage};
    r.at_ms = at_ms + (int64_t)i * 1000;
    r.model = b->model;
    r.usage = b->usage;
    price_request(desk.catalog, &query, &r.price);
    (void)books_book(&desk.books, &r);
  }
  books_end(&desk.books, run, RUN_COMPLETED);
}

#define HARBOUR "/home/ada/src/harbour"

static void fill(void) {
  static const struct booking bookings[] = {
      {"reviewer",
       HARBOUR,
       "claude-opus-5-5",
       "2026-10-10T09:00:00Z",
       BILLING_METERED,
       1,
       {.input = 100000, .output = 20000}},
      {"helper",
       HARBOUR,
       "claude-haiku-4-5",
       "2026-10-12T09:00:00Z",
       BILLING_METERED,
       1,
       {.input = 200000, .output = 2000}},
      /* After the 24th: not what November's first days are compared with. */
      {"reviewer",
       HARBOUR,
       "claude-opus-5-5",
       "2026-10-28T09:00:00Z",
       BILLING_METERED,
       1,
       {.input = 900000, .output = 20000}},
      {"reviewer",
       HARBOUR,
       "claude-opus-5-5",
       "2026-11-03T09:00:00Z",
       BILLING_METERED,
       2,
       {.input = 150000, .cache_read = 100000, .output = 30000}},
      {"reviewer",
       "/srv/a|b",
       "claude-opus-5-5",
       "2026-11-10T09:00:00Z",
       BILLING_METERED,
       3,
       {.cache_write_5m = 60000, .output = 4000}},
      {"namer",
       "/home/ada/notes",
       "claude-haiku-4-5",
       "2026-11-12T09:00:00Z",
       BILLING_METERED,
       1,
       {.input = 4000, .output = 900}},
      {"cellar",
       HARBOUR,
       "house-blend",
       "2026-11-13T09:00:00Z",
       BILLING_METERED,
       1,
       {.input = 4000, .output = 900}},
      {"codex",
       HARBOUR,
       "gpt-5.5",
       "2026-11-14T09:00:00Z",
       BILLING_SUBSCRIPTION,
       1,
       {.input = 80000, .output = 9000}},
      {"cellar",
       HARBOUR,
       "house-blend",
       "2026-11-15T09:00:00Z",
       BILLING_LOCAL,
       1,
       {.input = 12000, .output = 345}},
  };
  for (size_t i = 0; i < sizeof bookings / sizeof bookings[0]; i++)
    book(&bookings[i]);
  assert_ok(ledger_judge_runs(desk.books.ledger, 1000, NULL, &desk.books.error), &desk.books.error);
}

/* ---- the text ---- */

static void a_month_is_told_of_word_for_word(void **state) {
  (void)state;
  fill();
  fake_clock_advance(&desk.books.clock, 8 * INT64_C(86400000)); /* it is over */
  write("2026-11");
  assert_string_equal(
      buf_text(&desk.text),
      "# What the agents cost in November 2026\n"
      "\n"
      "**≥ $3.59** in 4 runs and 7 requests with 762k tokens, 28 % less than in October ($5.01).\n"
      "\n"
      "- 1 request has no price, and is not in it.\n"
      "\n"
      "Kept apart: 67.00 ¢ API-equivalent that subscriptions cover; 12.3k tokens on local models.\n"
      "\n"
      "## What it was spent on\n"
      "\n"
      "### Agents\n"
      "\n"
      "| Agent    |     Cost | Share | Runs | October |   Change |\n"
      "| -------- | -------: | ----: | ---: | ------: | -------: |\n"
      "| reviewer |    $3.58 |  99 % |    2 |   $4.80 |   −$1.22 |\n"
      "| namer    |   0.85 ¢ | < 1 % |    1 |       – |      new |\n"
      "| cellar   | no price |   0 % |    1 |       – |          |\n"
      "| helper   |        – |   0 % |    0 | 21.00 ¢ | −21.00 ¢ |\n"
      "| **All**  |  ≥ $3.59 | 100 % |    4 |   $5.01 |   −$1.42 |\n"
      "\n"
      "### Workspaces\n"
      "\n"
      "| Workspace     |    Cost | Share | Runs | October | Change |\n"
      "| ------------- | ------: | ----: | ---: | ------: | -----: |\n"
      "| ~/src/harbour | ≥ $2.44 |  68 % |    2 |   $5.01 | −$2.57 |\n"
      "| /srv/a\\|b     |   $1.14 |  32 % |    1 |       – |    new |\n"
      "| ~/notes       |  0.85 ¢ | < 1 % |    1 |       – |    new |\n"
      "| **All**       | ≥ $3.59 | 100 % |    4 |   $5.01 | −$1.42 |\n"
      "\n"
      "### Models\n"
      "\n"
      "| Model            |     Cost | Share | Runs | October |   Change |\n"
      "| ---------------- | -------: | ----: | ---: | ------: | -------: |\n"
      "| claude-opus-5-5  |    $3.58 |  99 % |    2 |   $4.80 |   −$1.22 |\n"
      "| claude-haiku-4-5 |   0.85 ¢ | < 1 % |    1 | 21.00 ¢ | −20.15 ¢ |\n"
      "| house-blend      | no price |   0 % |    1 |       – |          |\n"
      "| **All**          |  ≥ $3.59 | 100 % |    4 |   $5.01 |   −$1.42 |\n"
      "\n"
      "### Tokens\n"
      "\n"
      "| Kind        | Tokens |    Cost | Share |\n"
      "| ----------- | -----: | ------: | ----: |\n"
      "| Input       |   308k |   $1.20 |  34 % |\n"
      "| Cache write |   180k | 90.00 ¢ |  25 % |\n"
      "| Cache read  |   200k |  4.00 ¢ |   1 % |\n"
      "| Output      |  73.8k |   $1.44 |  40 % |\n"
      "\n"
      "29 % of the prompt tokens were read from the cache, which saved 58.00 ¢.\n"
      "\n"
      "## What changed\n"
      "\n"
      "- Workspace **~/src/harbour**: $2.57 less ($2.44 after $5.01).\n"
      "- Agent **reviewer**: $1.22 less ($3.58 after $4.80).\n"
      "- Model **claude-opus-5-5**: $1.22 less ($3.58 after $4.80).\n"
      "- Workspace **/srv/a\\|b**: new, with $1.14.\n"
      "- Agent **helper**: nothing, after 21.00 ¢.\n"
      "\n"
      "## What to do\n"
      "\n"
      "1. **reviewer with claude-sonnet-5-5**: $1.79 less. Its requests, most of them of claude-opus-5-5, cost $3.58; the same tokens would have cost $1.79. Another model may use more or fewer.\n"
      "2. **reviewer: mind the cache**: 18.00 ¢ less. In 1 run it was written, and hardly read; run 5 is the dearest.\n");
}

static void the_running_month_is_told_of_as_far_as_it_has_come(void **state) {
  (void)state;
  fill();
  write(NULL);
  contains("**≥ $3.59** by the end of 24 November, in 4 runs and 7 requests");
  contains("than in 1–24 October ($1.01).");
  contains("By the month's end it will be about ");
}

static void a_whole_month_is_compared_with_the_whole_month_before(void **state) {
  (void)state;
  fill();
  write("2026-10");
  contains("# What the agents cost in October 2026\n\n**");
  assert_null(strstr(buf_text(&desk.text), "month's end"));
  contains("Nothing was booked in September: there is nothing to compare with.");
}

static void nothing_booked_is_said_in_a_line(void **state) {
  (void)state;
  write(NULL);
  assert_string_equal(buf_text(&desk.text),
                      "# What the agents cost in November 2026\n\nNothing was booked yet.\n\n");
  write("2025-02");
  assert_string_equal(buf_text(&desk.text),
                      "# What the agents cost in February 2025\n\nNothing was booked.\n\n");
}

static void where_nothing_is_metered_the_subscription_is_told_of(void **state) {
  (void)state;
  static const struct booking codex = {"codex",
                                       HARBOUR,
                                       "gpt-5.5",
                                       "2026-11-14T09:00:00Z",
                                       BILLING_SUBSCRIPTION,
                                       1,
                                       {.input = 80000, .output = 9000}};
  book(&codex);
  write(NULL);
  contains(" API-equivalent** by the end of 24 November");
  assert_null(strstr(buf_text(&desk.text), "Kept apart"));
}

static void what_is_no_month_is_refused(void **state) {
  (void)state;
  static const char *const months[] = {"2026-13",    "2026", "november", "2026-1",
                                       "2026-11-24", "",     "2026-12",  "9999-01"};
  for (size_t i = 0; i < sizeof months / sizeof months[0]; i++) {
    assert_int_equal(try_write(months[i]), PURSER_EINVAL);
    assert_non_null(strstr(error_text(&desk.books.error), "month"));
  }
}

/* ---- suggestions ---- */

static void the_cents_of_a_suggestion_are_those_of_the_price_function(void **state) {
  (void)state;
  fill();
  const struct suggest_query query = {
      .since_ms = instant_ms("2026-11-01T00:00:00Z"),
      .until_ms = instant_ms("2026-11-25T00:00:00Z"),
      .since_day = instant_ms("2026-11-01T00:00:00Z") / 86400000,
      .until_day = instant_ms("2026-11-25T00:00:00Z") / 86400000,
      .billing = BILLING_METERED,
  };
  struct suggestions found;
  assert_ok(suggest(desk.books.ledger, desk.catalog, &query, &found, &desk.books.error),
            &desk.books.error);
  const struct suggestion *model = NULL;
  for (size_t i = 0; i < found.count; i++) {
    assert_true(i == 0 || found.items[i].nanousd <= found.items[i - 1].nanousd);
    if (found.items[i].finding == SUGGEST_MODEL)
      model = &found.items[i];
  }
  if (model == NULL) {
    fail_msg("no other model was suggested");
    return;
  }
  assert_string_equal(model->agent, "reviewer");
  assert_string_equal(model->to, "claude-sonnet-5-5");
  const purser_usage usages[] = {{.input = 150000, .cache_read = 100000, .output = 30000},
                                 {.cache_write_5m = 60000, .output = 4000}};
  int64_t was = 0;
  int64_t would = 0;
  for (size_t i = 0; i < 2; i++) {
    struct price_query q = {.model = "claude-opus-5-5",
                            .at_ms = instant_ms("2026-11-10T09:00:00Z"),
                            .reported_nanousd = -1,
                            .usage = usages[i]};
    struct price price;
    price_request(desk.catalog, &q, &price);
    was += price.cost_nanousd * (i == 0 ? 2 : 3);
    q.model = model->to;
    price_request(desk.catalog, &q, &price);
    would += price.cost_nanousd * (i == 0 ? 2 : 3);
  }
  assert_int_equal(model->cost_nanousd, was);
  assert_int_equal(model->nanousd, was - would);
  suggestions_fini(&found);
}

/* ---- Markdown ---- */

static void names_are_no_marks(void **state) {
  (void)state;
  markdown_text(&desk.text, "a|b *c* `d` <e> [f] \\ g\nh_i");
  assert_string_equal(buf_text(&desk.text), "a\\|b \\*c\\* \\`d\\` \\<e> \\[f] \\\\ g h_i");
}

static void columns_of_a_table_stand_under_each_other(void **state) {
  (void)state;
  struct markdown_table table = MARKDOWN_TABLE(2, 2);
  markdown_cell_add(&table, "Näme");
  markdown_cell_add(&table, "¢");
  markdown_cell_add(&table, "x");
  markdown_cell_add(&table, "12.00");
  markdown_table_write(&desk.text, &table);
  markdown_table_fini(&table);
  assert_string_equal(buf_text(&desk.text), "| Näme |     ¢ |\n"
                                            "| ---- | ----: |\n"
                                            "| x    | 12.00 |\n\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_month_is_told_of_word_for_word, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_running_month_is_told_of_as_far_as_it_has_come, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(a_whole_month_is_compared_with_the_whole_month_before, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(nothing_booked_is_said_in_a_line, set_up, tear_down),
      cmocka_unit_test_setup_teardown(where_nothing_is_metered_the_subscription_is_told_of, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(what_is_no_month_is_refused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_cents_of_a_suggestion_are_those_of_the_price_function,
                                      set_up, tear_down),
      cmocka_unit_test_setup_teardown(names_are_no_marks, set_up, tear_down),
      cmocka_unit_test_setup_teardown(columns_of_a_table_stand_under_each_other, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_ledger_run.c - the AgentRunLog: what goes in comes out, the order of the log, reports, history, running totals. */
#include "support/books.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "ledger/history.h"

static int set_up(void **state) {
  static struct books books;
  books_open(&books, "2026-11-24T12:00:00Z");
  *state = &books;
  return 0;
}

static int tear_down(void **state) {
  books_close(*state);
  return 0;
}

/* ---- runs ---- */

static void a_run_comes_back_as_it_went_in(void **state) {
  struct books *books = *state;
  const struct run_spec spec = {
      .agent = "reviewer",
      .workspace = "/home/jo/größe",
      .branch = "main",
      .source = "claude",
      .model = "opus",
      .effort = "high",
      .conversation = "c1",
      .session = "s1",
      .prompt = "What's this? \"quoted\"\n",
      .prompt_bytes = 4711,
      .parent_run = 3,
      .record_root = "/home/jo/.claude",
      .cwd = "/home/jo/größe/src",
      .billing = BILLING_SUBSCRIPTION,
  };
  const int64_t id = books_run_of(books, &spec, RUN_ADMITTED);
  struct run_row row;
  assert_ok(ledger_run_get(books->ledger, id, &row, &books->error), &books->error);
  assert_string_equal(row.agent, "reviewer");
  assert_string_equal(row.workspace, "/home/jo/größe");
  assert_string_equal(row.branch, "main");
  assert_string_equal(row.source, "claude");
  assert_string_equal(row.model, "opus");
  assert_string_equal(row.effort, "high");
  assert_string_equal(row.conversation, "c1");
  assert_string_equal(row.session, "s1");
  assert_string_equal(row.prompt, spec.prompt);
  assert_string_equal(row.record_root, "/home/jo/.claude");
  assert_string_equal(row.cwd, "/home/jo/größe/src");
  assert_string_equal(row.reason, "");
  assert_string_equal(row.message, "");
  assert_int_equal(row.prompt_bytes, 4711);
  assert_int_equal(row.parent_run, 3);
  assert_int_equal(row.billing, BILLING_SUBSCRIPTION);
  assert_int_equal(row.status, RUN_ADMITTED);
  assert_int_equal(row.started_ms, books->clock.now_ms);
  assert_int_equal(row.ended_ms, 0);
  assert_int_equal(row.duration_ms, -1);
  run_row_fini(&row);

  fake_clock_advance(&books->clock, 5000);
  const struct run_end end = {.status = RUN_FAILED,
                              .exit_code = 3,
                              .signal = 9,
                              .duration_ms = 4900,
                              .reason = "overloaded",
                              .message = "529"};
  const struct run_counts counts = {7, 2, 1};
  assert_ok(ledger_begin(books->ledger, &books->error), &books->error);
  assert_ok(ledger_run_set_status(books->ledger, id, RUN_RUNNING, &books->error), &books->error);
  assert_ok(ledger_run_set_session(books->ledger, id, "s2", &books->error), &books->error);
  assert_ok(ledger_run_end(books->ledger, id, &end, &counts, &books->error), &books->error);
  assert_ok(ledger_commit(books->ledger, &books->error), &books->error);
  assert_ok(ledger_run_get(books->ledger, id, &row, &books->error), &books->error);
  assert_string_equal(row.session, "s2");
  assert_string_equal(row.reason, "overloaded");
  assert_string_equal(row.message, "529");
  assert_int_equal(row.status, RUN_FAILED);
  assert_int_equal(row.exit_code, 3);
  assert_int_equal(row.signal, 9);
  assert_int_equal(row.ended_ms, books->clock.now_ms);
  assert_int_equal(row.duration_ms, 4900);
  assert_int_equal(row.counts.tool_calls, 7);
  assert_int_equal(row.counts.retries, 2);
  assert_int_equal(row.counts.compactions, 1);
  run_row_fini(&row);
}

static void a_run_that_is_not_there_is_said_to_be_missing(void **state) {
  struct books *books = *state;
  struct run_row row;
  const struct run_end end = {.status = RUN_COMPLETED};
  assert_int_equal(ledger_run_get(books->ledger, 77, &row, &books->error), PURSER_ENOTFOUND);
  assert_non_null(strstr(books->error.message, "77"));
  assert_ok(ledger_begin(books->ledger, &books->error), &books->error);
  assert_int_equal(ledger_run_end(books->ledger, 77, &end, NULL, &books->error), PURSER_ENOTFOUND);
  assert_int_equal(ledger_run_set_status(books->ledger, 77, RUN_RUNNING, &books->error),
                   PURSER_ENOTFOUND);
  assert_int_equal(ledger_run_set_session(books->ledger, 77, "s", &books->error), PURSER_ENOTFOUND);
  ledger_rollback(books->ledger);
}

static void words_and_numbers_belong_together(void **state) {
  (void)state;
  for (int i = RUN_ADMITTED; i <= RUN_REFUSED; i++)
    assert_int_equal(run_status_parse(run_status_name((enum run_status)i)), i);
  for (int i = BILLING_METERED; i <= BILLING_LOCAL; i++)
    assert_int_equal(billing_parse(billing_name((enum billing)i)), i);
  assert_int_equal(run_status_parse("no such"), -1);
  assert_int_equal(billing_parse(NULL), -1);
  const int beyond = 99;
  assert_string_equal(run_status_name((enum run_status)beyond), "unknown");
}

/* ---- the log ---- */

struct ids {
  int64_t ids[32];
  size_t count;
};

static int collect(void *data, const struct run_row *row) {
  struct ids *list = data;
  assert_true(list->count < COUNT(list->ids));
  list->ids[list->count++] = row->id;
  return 0;
}

static struct ids log_of(struct books *books, const struct run_filter *filter) {
  struct ids list = {.count = 0};
  assert_ok(ledger_run_each(books->ledger, filter, collect, &list, &books->error), &books->error);
  return list;
}

static int64_t run_at(struct books *books, const char *agent, const char *at, const char *model) {
  const struct run_spec spec = {.agent = agent,
                                .workspace = "/w",
                                .source = "claude",
                                .model = model,
                                .started_ms = instant_ms(at)};
  return books_run_of(books, &spec, RUN_COMPLETED);
}

static void the_log_is_newest_first_though_old_runs_come_in_late(void **state) {
  struct books *books = *state;
  const int64_t b = run_at(books, "x", "2026-11-20T00:00:00Z", "m1");
  const int64_t a = run_at(books, "y", "2026-11-01T00:00:00Z", "m1");
  const int64_t c = run_at(books, "x", "2026-11-22T00:00:00Z", "m2");
  const int64_t same = run_at(books, "y", "2026-11-22T00:00:00Z", "m2");
  const struct ids all = log_of(books, NULL);
  assert_int_equal(all.count, 4);
  const int64_t expected[] = {same, c, b, a};
  assert_memory_equal(all.ids, expected, sizeof expected);

  const struct run_filter first = {.status = -1, .limit = 2};
  struct ids page = log_of(books, &first);
  assert_int_equal(page.count, 2);
  const struct run_filter second = {.status = -1, .limit = 9, .before_id = page.ids[1]};
  page = log_of(books, &second);
  assert_int_equal(page.count, 2);
  assert_memory_equal(page.ids, expected + 2, 2 * sizeof expected[0]);

  static const struct {
    struct run_filter filter;
    size_t count;
  } cases[] = {
      {{.status = -1, .agent = "x"}, 2},
      {{.status = -1, .agent = "nobody"}, 0},
      {{.status = -1, .workspace = "/w"}, 4},
      {{.status = -1, .workspace = "/v"}, 0},
      {{.status = -1, .source = "codex"}, 0},
      {{.status = -1, .model = "m2"}, 2},
      {{.status = -1, .agent = "x", .model = "m2"}, 1},
      {{.status = RUN_COMPLETED}, 4},
      {{.status = RUN_FAILED}, 0},
      {{.status = -1, .limit = 3}, 3},
  };
  for (size_t i = 0; i < COUNT(cases); i++)
    assert_int_equal(log_of(books, &cases[i].filter).count, cases[i].count);
  const struct run_filter between = {.status = -1,
                                     .since_ms = instant_ms("2026-11-20T00:00:00Z"),
                                     .until_ms = instant_ms("2026-11-22T00:00:00Z")};
  assert_int_equal(log_of(books, &between).count, 1);
  const struct run_filter missing = {.status = -1, .before_id = 99};
  assert_int_equal(ledger_run_each(books->ledger, &missing, collect, NULL, &books->error),
                   PURSER_ENOTFOUND);
}

static int stop_at_once(void *data, const struct run_row *row) {
  (void)row;
  ++*(int *)data;
  return 42;
}

static void a_callback_ends_the_reading(void **state) {
  struct books *books = *state;
  (void)books_run(books, "a", "/w");
  (void)books_run(books, "b", "/w");
  int calls = 0;
  assert_int_equal(ledger_run_each(books->ledger, NULL, stop_at_once, &calls, &books->error), 42);
  assert_int_equal(calls, 1);
}

/* Callbacks may ask again, even the same question. */
static int ask_again(void *data, const struct run_row *row) {
  struct books *books = data;
  struct run_row again;
  int calls = 0;
  assert_ok(ledger_run_get(books->ledger, row->id, &again, &books->error), &books->error);
  run_row_fini(&again);
  assert_int_equal(ledger_run_each(books->ledger, NULL, stop_at_once, &calls, &books->error), 42);
  return 0;
}

static void a_callback_may_read_on_the_same_handle(void **state) {
  struct books *books = *state;
  (void)books_run(books, "a", "/w");
  (void)books_run(books, "b", "/w");
  assert_ok(ledger_run_each(books->ledger, NULL, ask_again, books, &books->error), &books->error);
}

/* ---- requests ---- */

static int see_request(void *data, const struct request_row *row) {
  struct buf *text = data;
  buf_addf(text, "%s %s %s %s %s %d %d %lld;", row->key, row->request_id, row->model, row->tier,
           row->rate_card, (int)row->status, (int)row->flags, (long long)row->cost_nanousd);
  return 0;
}

static void requests_come_oldest_first_with_all_that_is_known(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "a", "/w");
  struct request r = books_request(books, run, "k2", 200);
  r.request_id = "req2";
  r.tier = "priority";
  r.flags = PURSER_FLAG_SIDECHAIN;
  (void)books_book(books, &r);
  r = books_request(books, run, "k1", 100);
  r.at_ms -= 1000;
  r.price.status = COST_UNKNOWN;
  r.price.rate_card = "";
  (void)books_book(books, &r);
  struct buf text = BUF_INIT;
  assert_ok(ledger_request_each(books->ledger, run, see_request, &text, &books->error),
            &books->error);
  assert_string_equal(buf_text(&text),
                      "k1  model-a   0 0 0;k2 req2 model-a priority card-a 1 4 200;");
  buf_fini(&text);
}

static void a_run_s_sums_by_model_leave_remainders_out(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "a", "/w");
  struct request r = books_request(books, run, "k1", 100);
  (void)books_book(books, &r);
  r = books_request(books, run, "k2", 50);
  r.model = "model-b";
  (void)books_book(books, &r);
  r = books_request(books, run, "k3", 25);
  r.flags = PURSER_FLAG_REMAINDER;
  (void)books_book(books, &r);
  static const struct {
    const char *model;
    int64_t requests, cost;
  } cases[] = {{NULL, 2, 150}, {"model-a", 1, 100}, {"model-b", 1, 50}, {"model-z", 0, 0}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct sums sums;
    assert_ok(ledger_run_sums(books->ledger, run, cases[i].model, &sums, &books->error),
              &books->error);
    assert_int_equal(sums.requests, cases[i].requests);
    assert_int_equal(sums.cost_nanousd, cases[i].cost);
  }
}

static void rule_7_running_totals_are_kept_per_session_and_model(void **state) {
  struct books *books = *state;
  purser_usage usage = {1, 2, 3, 4, 5, 6, 7};
  purser_usage back = {0};
  int64_t cost = 0;
  assert_int_equal(ledger_session_total_get(books->ledger, "s", "m", &back, &cost, &books->error),
                   PURSER_ENOTFOUND);
  assert_ok(ledger_session_total_set(books->ledger, "s", "m", &usage, 99, &books->error),
            &books->error);
  usage.input = 100;
  assert_ok(ledger_session_total_set(books->ledger, "s", "m", &usage, 199, &books->error),
            &books->error);
  assert_ok(ledger_session_total_set(books->ledger, "s", "", &usage, -1, &books->error),
            &books->error);
  assert_ok(ledger_session_total_get(books->ledger, "s", "m", &back, &cost, &books->error),
            &books->error);
  assert_memory_equal(&back, &usage, sizeof usage);
  assert_int_equal(cost, 199);
  assert_ok(ledger_session_total_get(books->ledger, "s", NULL, &back, &cost, &books->error),
            &books->error);
  assert_int_equal(cost, -1);
}

/* ---- reports ---- */

static int see_row(void *data, const char *key, const struct sums *sums) {
  struct buf *text = data;
  buf_addf(text, "%s=%lld/%lld ", key, (long long)sums->requests, (long long)sums->cost_nanousd);
  return 0;
}

static void expect_report(struct books *books, const struct report_query *query,
                          const char *expected) {
  struct buf text = BUF_INIT;
  struct sums total;
  assert_ok(ledger_report(books->ledger, query, see_row, &text, &total, &books->error),
            &books->error);
  assert_string_equal(buf_text(&text), expected);
  buf_fini(&text);
}

static void reports_cut_order_and_filter(void **state) {
  struct books *books = *state;
  static const struct {
    const char *agent, *workspace, *source, *model, *at;
    int64_t cost;
  } spent[] = {
      {"writer", "/b", "codex", "m2", "2026-10-31T23:30:00Z", 10},
      {"reviewer", "/a", "claude", "m1", "2026-11-01T00:30:00Z", 20},
      {"reviewer", "/a", "claude", "m1", "2026-11-02T12:00:00Z", 40},
      {"writer", "/a", "claude", "m2", "2026-11-02T13:00:00Z", 80},
  };
  for (size_t i = 0; i < COUNT(spent); i++) {
    char key[32];
    const struct run_spec spec = {.agent = spent[i].agent,
                                  .workspace = spent[i].workspace,
                                  .source = spent[i].source,
                                  .model = spent[i].model,
                                  .started_ms = instant_ms(spent[i].at)};
    (void)snprintf(key, sizeof key, "k%zu", i);
    struct request r =
        books_request(books, books_run_of(books, &spec, RUN_COMPLETED), key, spent[i].cost);
    r.at_ms = instant_ms(spent[i].at);
    r.model = spent[i].model;
    (void)books_book(books, &r);
  }
  struct zone *west = NULL;
  assert_ok(zone_load(&west, "<-01>1", &books->error), &books->error);
  const int64_t november = instant_ms("2026-11-01") / 86400000;
#define OPEN .since_day = INT64_MIN, .until_day = INT64_MAX
  const struct {
    struct report_query query;
    const char *expected;
  } cases[] = {
      {{.by = REPORT_BY_DAY, OPEN}, "2026-10-31=1/10 2026-11-01=1/20 2026-11-02=2/120 "},
      {{.by = REPORT_BY_MONTH, OPEN}, "2026-10=1/10 2026-11=3/140 "},
      {{.by = REPORT_BY_AGENT, OPEN}, "writer=2/90 reviewer=2/60 "},
      {{.by = REPORT_BY_WORKSPACE, OPEN}, "/a=3/140 /b=1/10 "},
      {{.by = REPORT_BY_MODEL, OPEN}, "m2=2/90 m1=2/60 "},
      {{.by = REPORT_BY_SOURCE, OPEN}, "claude=3/140 codex=1/10 "},
      {{.by = REPORT_BY_NOTHING, OPEN}, ""},
      {{.by = REPORT_BY_AGENT, .since_day = november, .until_day = november + 1}, "reviewer=1/20 "},
      {{.by = REPORT_BY_MONTH, .agent = "writer", OPEN}, "2026-10=1/10 2026-11=1/80 "},
      {{.by = REPORT_BY_DAY, .workspace = "/a", .model = "m2", OPEN}, "2026-11-02=1/80 "},
      {{.by = REPORT_BY_DAY, .source = "gemini", OPEN}, ""},
      {{.by = REPORT_BY_DAY, .agent = "", OPEN}, ""},
      /* An hour to the west it is still October. */
      {{.by = REPORT_BY_MONTH, .zone = west, OPEN}, "2026-10=2/30 2026-11=2/120 "},
      {{.by = REPORT_BY_AGENT, .zone = west, .since_day = november, .until_day = INT64_MAX},
       "writer=1/80 reviewer=1/40 "},
  };
#undef OPEN
  for (size_t i = 0; i < COUNT(cases); i++)
    expect_report(books, &cases[i].query, cases[i].expected);
  zone_free(west);
  const int beyond = 99;
  const struct report_query nonsense = {.by = (enum report_by)beyond};
  assert_int_equal(ledger_report(books->ledger, &nonsense, NULL, NULL, NULL, &books->error),
                   PURSER_EINVAL);
}

static void a_day_of_25_hours_is_one_day(void **state) {
  struct books *books = *state;
  assert_ok(ledger_set_zone(books->ledger, "CET-1CEST,M3.5.0,M10.5.0/3", &books->error),
            &books->error);
  const int64_t run = books_run(books, "a", "/w");
  static const char *const times[] = {"2026-10-24T22:00:00Z", "2026-10-25T00:30:00Z",
                                      "2026-10-25T01:30:00Z", "2026-10-25T22:59:59.999Z",
                                      "2026-10-25T23:00:00Z"};
  for (size_t i = 0; i < COUNT(times); i++) {
    char key[32];
    (void)snprintf(key, sizeof key, "k%zu", i);
    struct request r = books_request(books, run, key, 1);
    r.at_ms = instant_ms(times[i]);
    (void)books_book(books, &r);
  }
  const struct report_query query = {
      .by = REPORT_BY_DAY, .since_day = INT64_MIN, .until_day = INT64_MAX};
  expect_report(books, &query, "2026-10-25=4/4 2026-10-26=1/1 ");
}

/* ---- history ---- */

static void rule_26_history_is_that_of_the_last_runs_with_the_model(void **state) {
  struct books *books = *state;
  struct history h;
  assert_ok(ledger_history(books->ledger, "a", "", &h, &books->error), &books->error);
  assert_int_equal(h.runs, 0);
  /* Eighty runs that cost 1 to 80; the last sixty count. */
  for (int i = 1; i <= 80; i++) {
    char key[32];
    fake_clock_advance(&books->clock, 1000);
    const struct run_spec spec = {.agent = "a", .workspace = "/w", .model = "m"};
    const int64_t run = books_run_of(books, &spec, RUN_RUNNING);
    for (int n = 0; n < 2; n++) {
      (void)snprintf(key, sizeof key, "k%d/%d", i, n);
      struct request r = books_request(books, run, key, n == 0 ? i : 0);
      r.model = "m-2026";
      r.usage = (purser_usage){.input = i, .cache_read = i, .output = 10 * i};
      (void)books_book(books, &r);
    }
    books_end(books, run, RUN_COMPLETED);
  }
  /* One that goes on, one that was refused, one of another model, one that could not be priced: they say nothing. */
  (void)books_run(books, "a", "/w");
  const struct run_spec refused = {.agent = "a", .model = "m"};
  (void)books_run_of(books, &refused, RUN_REFUSED);
  struct request r = books_request(books, books_run(books, "a", "/w"), "unpriced", 9999);
  r.price.status = COST_UNKNOWN;
  (void)books_book(books, &r);
  books_end(books, r.run_id, RUN_COMPLETED);

  static const char *const models[] = {"", "m", "m-2026"};
  for (size_t i = 0; i < COUNT(models); i++) {
    assert_ok(ledger_history(books->ledger, "a", models[i], &h, &books->error), &books->error);
    assert_int_equal(h.runs, 60);
    assert_int_equal(h.p50_nanousd, 50);
    assert_int_equal(h.p95_nanousd, 77);
    assert_int_equal(h.p50_output, 50 * 20);
    assert_int_equal(h.p95_output, 77 * 20);
    assert_int_equal(h.p50_prompt, 50 * 4);
    assert_int_equal(h.p95_prompt, 77 * 4);
    assert_int_equal(h.p95_request_nanousd, 77);
  }
  assert_ok(ledger_history(books->ledger, "a", "other", &h, &books->error), &books->error);
  assert_int_equal(h.runs, 0);
  assert_ok(ledger_history(books->ledger, "nobody", "m", &h, &books->error), &books->error);
  assert_int_equal(h.runs, 0);
}

/* ---- health ---- */

static void the_ledger_tells_how_it_is(void **state) {
  struct books *books = *state;
  assert_ok(ledger_check(books->ledger, &books->error), &books->error);
  struct request r = books_request(books, books_run(books, "a", "/w"), "ahead", 1);
  r.at_ms += 30 * INT64_C(86400000);
  (void)books_book(books, &r);
  int64_t count = 0;
  assert_ok(ledger_quarantined(books->ledger, &count, &books->error), &books->error);
  assert_int_equal(count, 1);
  r.at_ms = books->clock.now_ms;
  (void)books_book(books, &r);
  assert_ok(ledger_quarantined(books->ledger, &count, &books->error), &books->error);
  assert_int_equal(count, 0);
}

#define ON_BOOKS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      ON_BOOKS(a_run_comes_back_as_it_went_in),
      ON_BOOKS(a_run_that_is_not_there_is_said_to_be_missing),
      cmocka_unit_test(words_and_numbers_belong_together),
      ON_BOOKS(the_log_is_newest_first_though_old_runs_come_in_late),
      ON_BOOKS(a_callback_ends_the_reading),
      ON_BOOKS(a_callback_may_read_on_the_same_handle),
      ON_BOOKS(requests_come_oldest_first_with_all_that_is_known),
      ON_BOOKS(a_run_s_sums_by_model_leave_remainders_out),
      ON_BOOKS(rule_7_running_totals_are_kept_per_session_and_model),
      ON_BOOKS(reports_cut_order_and_filter),
      ON_BOOKS(a_day_of_25_hours_is_one_day),
      ON_BOOKS(rule_26_history_is_that_of_the_last_runs_with_the_model),
      ON_BOOKS(the_ledger_tells_how_it_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

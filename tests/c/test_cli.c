/* test_cli.c - the verbs report, log, budget, gate and help, as a shell sees them: what they print, and how they end. */
#include "support/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "support/program.h"

static struct temp temp;
static struct buf out;
static struct buf err;

static int set_up(void **state) {
  (void)state;
  temp_make(&temp);
  return setenv("PURSER_DB", temp_path(&temp, "purser.db"), 1) != 0 ||
         setenv("TZ", "UTC", 1) != 0 || setenv("PURSER_NOW", "2026-11-24T12:00:00Z", 1) != 0;
}

static int tear_down(void **state) {
  (void)state;
  temp_remove(&temp);
  buf_fini(&out);
  buf_fini(&err);
  return 0;
}

static void expect(int code, const char *arguments) {
  const int got = program_run(PURSER_PROGRAM, arguments, &out, &err);
  if (got != code)
    fail_msg("purser %s: %d, not %d: %s%s", arguments, got, code, buf_text(&out), buf_text(&err));
}

static void contains(const struct buf *text, const char *what) {
  if (strstr(buf_text(text), what) == NULL)
    fail_msg("\"%s\" is not in: %s", what, buf_text(text));
}

/* What was printed is one JSON document; the value at a path, as it stands. */
static void value_is(const char *path, const char *expected) {
  struct json_doc doc = JSON_DOC_INIT;
  assert_int_equal(json_parse(&doc, buf_text(&out), out.len), PURSER_OK);
  const purser_str raw = json_raw(&doc, json_path(&doc, 0, path));
  if (raw.len != strlen(expected) || memcmp(raw.ptr, expected, raw.len) != 0)
    fail_msg("%s is %.*s, not %s", path, (int)raw.len, raw.ptr, expected);
  json_fini(&doc);
}

/* ---- a ledger with something in it ---- */

static void spend(struct ledger *ledger, const struct run_spec *spec, const char *key,
                  const char *at, int64_t nanousd, enum cost_status status) {
  struct error error = {0};
  struct booked booked;
  int64_t run = 0;
  const struct run_end over = {.status = RUN_COMPLETED, .duration_ms = 1500, .reason = "exit"};
  assert_ok(ledger_begin(ledger, &error), &error);
  assert_ok(ledger_run_create(ledger, spec, RUN_RUNNING, &run, &error), &error);
  const struct request r = {
      .run_id = run,
      .key = key,
      .request_id = "req_1",
      .at_ms = instant_ms(at),
      .model = spec->model,
      .reported_nanousd = -1,
      .usage = {.input = 1000,
                .cache_read = 2000,
                .cache_write_5m = 30,
                .cache_write_1h = 4,
                .output = 500},
      .price = {.cost_nanousd = nanousd, .status = status, .rate_card = "card"}};
  assert_ok(ledger_book(ledger, &r, &booked, &error), &error);
  assert_ok(ledger_run_end(ledger, run, &over, NULL, &error), &error);
  assert_ok(ledger_commit(ledger, &error), &error);
}

static void fill(void) {
  struct ledger *ledger = NULL;
  struct error error = {0};
  struct fake_clock clock;
  fake_clock_init(&clock, "2026-11-24T12:00:00Z");
  const struct ledger_options options = {.clock = &clock.clock};
  assert_ok(ledger_open(&ledger, &options, &error), &error);
  const struct run_spec reviewer = {.agent = "reviewer",
                                    .workspace = "/home/a",
                                    .source = "claude",
                                    .model = "opus",
                                    .effort = "high",
                                    .branch = "topic",
                                    .prompt = "Why is it so?",
                                    .started_ms = instant_ms("2026-10-31T22:00:00Z")};
  const struct run_spec writer = {.agent = "a \"writer\", he",
                                  .workspace = "/home/b",
                                  .source = "codex",
                                  .model = "gpt",
                                  .effort = "low",
                                  .branch = "topic",
                                  .billing = BILLING_SUBSCRIPTION,
                                  .started_ms = instant_ms("2026-11-24T08:00:00Z")};
  spend(ledger, &reviewer, "k1", "2026-10-31T22:30:00Z", 12345678, COST_KNOWN);
  spend(ledger, &writer, "k2", "2026-11-24T08:00:00Z", 0, COST_UNKNOWN);
  ledger_close(ledger);
}

/* ---- digest ---- */

static void a_digest_is_a_month_in_markdown(void **state) {
  (void)state;
  fill();
  expect(0, "report --digest --month 2026-10");
  contains(&out, "# What the agents cost in October 2026\n\n**1.23 ¢** in 1 run and 1 request");
  contains(&out, "| reviewer |");
  expect(0, "report --digest");
  contains(&out, "# What the agents cost in November 2026");
  contains(&out, "## What changed");
}

static void a_digest_wants_a_month_that_has_begun(void **state) {
  (void)state;
  fill();
  expect(64, "report --digest --month 2026-12");
  contains(&err, "--month: 2026-12 has not begun");
  expect(64, "report --digest --month soon");
  contains(&err, "--month: expected one like 2026-11, got \"soon\"");
  expect(64, "report --month 2026-11");
  contains(&err, "--month goes with --digest");
}

/* ---- report ---- */

static void a_report_in_json_has_these_keys_and_no_others(void **state) {
  (void)state;
  fill();
  expect(0, "report --by agent --json");
  assert_string_equal(
      buf_text(&out),
      "{\"rows\":[{\"key\":\"reviewer\",\"runs\":1,\"requests\":1,\"input\":1000,"
      "\"cache_read\":2000,\"cache_write_5m\":30,\"cache_write_1h\":4,\"output\":500,"
      "\"cost_nanousd\":12345678,\"cost_cents\":1.2345678,\"unpriced_requests\":0,"
      "\"cost_input_cents\":0,\"cost_cache_read_cents\":0,\"cost_cache_write_cents\":0,"
      "\"cost_output_cents\":0,\"cost_extra_cents\":1.2345678,\"cache_saved_cents\":0},"
      "{\"key\":\"a \\\"writer\\\", he\",\"runs\":1,\"requests\":1,\"input\":1000,"
      "\"cache_read\":2000,\"cache_write_5m\":30,\"cache_write_1h\":4,\"output\":500,"
      "\"cost_nanousd\":0,\"cost_cents\":0,\"unpriced_requests\":1,"
      "\"cost_input_cents\":0,\"cost_cache_read_cents\":0,\"cost_cache_write_cents\":0,"
      "\"cost_output_cents\":0,\"cost_extra_cents\":0,\"cache_saved_cents\":0}],"
      "\"total\":{\"runs\":2,\"requests\":2,\"input\":2000,\"cache_read\":4000,"
      "\"cache_write_5m\":60,\"cache_write_1h\":8,\"output\":1000,\"cost_nanousd\":12345678,"
      "\"cost_cents\":1.2345678,\"unpriced_requests\":1,"
      "\"cost_input_cents\":0,\"cost_cache_read_cents\":0,\"cost_cache_write_cents\":0,"
      "\"cost_output_cents\":0,\"cost_extra_cents\":1.2345678,\"cache_saved_cents\":0}}\n");
}

static void a_report_cuts_and_filters(void **state) {
  (void)state;
  fill();
  static const struct {
    const char *arguments, *rows, *requests;
  } cases[] = {
      {"--by day", "2026-10-31 2026-11-24", "2"},
      {"--by month", "2026-10 2026-11", "2"},
      {"--by month --tz Etc/GMT-2", "2026-11", "2"},
      {"--by workspace", "/home/a /home/b", "2"},
      {"--by model", "opus gpt", "2"},
      {"--by source", "claude codex", "2"},
      {"--by effort", "high low", "2"},
      {"--by branch", "topic", "2"},
      {"--by billing", "metered subscription", "2"},
      {"--by day --billing metered --branch topic", "2026-10-31", "1"},
      {"--by agent --effort high", "reviewer", "1"},
      {"--by agent --billing local", "", "0"},
      {"--by day --agent reviewer", "2026-10-31", "1"},
      {"--by day --workspace /home/b/", "2026-11-24", "1"},
      {"--by day --model gpt --source codex", "2026-11-24", "1"},
      {"--by day --agent nobody", "", "0"},
      /* Both ends are included. */
      {"--by day --since 2026-11-24 --until 2026-11-24", "2026-11-24", "1"},
      {"--by day --until 2026-10-31", "2026-10-31", "1"},
      {"--by day --since 2026-11-01 --until 2026-11-23", "", "0"},
      {"--by day --since 2026-11-01 --until 2026-11-01 --tz Etc/GMT-2", "2026-11-01", "1"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    char arguments[200];
    struct buf keys = BUF_INIT;
    struct json_doc doc = JSON_DOC_INIT;
    (void)snprintf(arguments, sizeof arguments, "report %s --json", cases[i].arguments);
    if (strstr(arguments, "Etc/") != NULL) {
      struct zone *zone = NULL;
      const bool known = zone_load(&zone, "Etc/GMT-2", NULL) == PURSER_OK;
      zone_free(zone);
      if (!known)
        continue;
    }
    expect(0, arguments);
    assert_int_equal(json_parse(&doc, buf_text(&out), out.len), PURSER_OK);
    const json_id rows = json_get(&doc, 0, "rows");
    for (json_id r = json_first(&doc, rows); r != JSON_NONE; r = json_next(&doc, rows, r)) {
      if (keys.len > 0)
        buf_addc(&keys, ' ');
      json_add_text(&doc, json_get(&doc, r, "key"), &keys);
    }
    if (strcmp(buf_text(&keys), cases[i].rows) != 0)
      fail_msg("%s: %s", arguments, buf_text(&keys));
    json_fini(&doc);
    buf_fini(&keys);
    value_is("total.requests", cases[i].requests);
  }
}

static void a_report_as_csv_quotes_what_needs_it(void **state) {
  (void)state;
  fill();
  expect(0, "report --by agent --csv");
  assert_string_equal(
      buf_text(&out),
      "key,runs,requests,input,cache_read,cache_write_5m,cache_write_1h,output,cost_nanousd,"
      "cost_cents,unpriced_requests,cost_input_cents,cost_cache_read_cents,"
      "cost_cache_write_cents,cost_output_cents,cost_extra_cents,cache_saved_cents\n"
      "reviewer,1,1,1000,2000,30,4,500,12345678,1.2345678,0,0,0,0,0,1.2345678,0\n"
      "\"a \"\"writer\"\", he\",1,1,1000,2000,30,4,500,0,0,1,0,0,0,0,0,0\n");
}

static void rule_17_a_report_for_people_says_what_is_unpriced(void **state) {
  (void)state;
  fill();
  expect(0, "report");
  contains(&out, "2026-10");
  contains(&out, "≥ 1.23 ¢");
  contains(&out, "1 request is unpriced");
}

static void a_report_of_nothing_is_empty(void **state) {
  (void)state;
  expect(0, "report --by day --json");
  contains(&out, "{\"rows\":[],\"total\":{\"runs\":0,");
}

/* ---- log ---- */

static void the_log_in_json_has_each_run_with_its_requests(void **state) {
  (void)state;
  fill();
  expect(0, "log --json --limit 1");
  contains(&out, "{\"runs\":[{");
  contains(&out, "\"agent\":\"a \\\"writer\\\", he\"");
  contains(&out, "\"status\":\"completed\"");
  contains(&out, "\"key\":\"k2\"");
  contains(&out, "\"request_id\":\"req_1\"");
  contains(&out, "\"cost_nanousd\":null");
  assert_null(strstr(buf_text(&out), "k1"));
  expect(0, "log --json --agent reviewer");
  contains(&out, "\"rate_card\":\"card\"");
  contains(&out, "\"cost_nanousd\":12345678");
  contains(&out, "\"cache_write_1h\":4");
}

static void the_log_for_people_is_newest_first(void **state) {
  (void)state;
  fill();
  expect(0, "log");
  const char *newer = strstr(buf_text(&out), "2026-11-24 08:00");
  const char *older = strstr(buf_text(&out), "2026-10-31 22:00");
  assert_true(newer != NULL && older != NULL && newer < older);
  expect(0, "log --status failed");
  assert_null(strstr(buf_text(&out), "2026-"));
}

static void the_log_is_sorted_searched_and_bounded(void **state) {
  (void)state;
  fill();
  static const struct {
    const char *options, *agents;
  } cases[] = {
      {"--sort cost", "reviewer a \"writer\", he"},
      {"--sort cost --ascending", "a \"writer\", he reviewer"},
      {"--sort started --limit 1 --offset 1", "reviewer"},
      {"--text SO", "reviewer"},
      {"--min 1.2", "reviewer"},
      {"--min 2", ""},
      {"--billing subscription", "a \"writer\", he"},
      {"--effort high --branch topic", "reviewer"},
      {"--unusual", ""},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    char arguments[200];
    struct buf agents = BUF_INIT;
    struct json_doc doc = JSON_DOC_INIT;
    (void)snprintf(arguments, sizeof arguments, "log --json %s", cases[i].options);
    expect(0, arguments);
    assert_int_equal(json_parse(&doc, buf_text(&out), out.len), PURSER_OK);
    const json_id runs = json_get(&doc, 0, "runs");
    for (json_id r = json_first(&doc, runs); r != JSON_NONE; r = json_next(&doc, runs, r)) {
      if (agents.len > 0)
        buf_addc(&agents, ' ');
      json_add_text(&doc, json_get(&doc, r, "agent"), &agents);
    }
    assert_string_equal(buf_text(&agents), cases[i].agents);
    json_fini(&doc);
    buf_fini(&agents);
  }
  expect(64, "log --sort colour");
  expect(64, "log --billing free");
}

/* ---- budget ---- */

static void a_budget_is_set_listed_raised_switched_off_and_removed(void **state) {
  (void)state;
  expect(0, "budget set agent:reviewer --monthly-cents 500");
  contains(&out, "agent:reviewer: $5.00 a month");
  expect(0, "budget list --json");
  contains(&out, "{\"budgets\":[{\"scope\":\"agent:reviewer\",\"period\":\"month\"");
  contains(&out, "\"limit_cents\":500");
  contains(&out, "\"origin\":\"saved\"");
  expect(0, "budget set agent:reviewer --at-limit ask --thresholds 90 --reset-day 15 --zone UTC");
  expect(0, "budget list --json");
  contains(&out, "\"at_limit\":\"ask\"");
  contains(&out, "\"thresholds\":[90]");
  assert_null(strstr(buf_text(&out), "\"forecast\":true"));
  contains(&out, "\"reset_day\":15");
  contains(&out, "\"limit_cents\":500");
  expect(0, "budget set agent:reviewer --thresholds 90,forecast --json");
  contains(&out, "\"thresholds\":[90],\"forecast\":true");
  expect(0, "budget set agent:reviewer --raise 100 --json");
  value_is("budget.limit_nanousd", "6000000000");
  value_is("budget.limit_cents", "500");
  expect(0, "budget raise agent:reviewer +50");
  contains(&out, "$6.50 a month");
  expect(0, "budget set agent:reviewer off");
  expect(0, "gate --agent reviewer --estimate-cents 100000");
  expect(0, "budget remove agent:reviewer");
  expect(0, "budget list");
  contains(&out, "no budgets are set");
}

/* The same words as behind :Purser. */
static void a_budget_is_said_as_in_the_editor(void **state) {
  (void)state;
  expect(0, "budget agent:reviewer 500");
  contains(&out, "$5.00 a month");
  expect(0, "budget agent:reviewer +200 --json");
  value_is("budget.limit_nanousd", "7000000000");
  value_is("budget.raise_nanousd", "2000000000");
  expect(0, "budget global 100 day ask --json");
  value_is("budget.period", "day");
  value_is("budget.at_limit", "ask");
  expect(0, "budget global +5 day --json");
  value_is("budget.limit_nanousd", "1050000000");
  expect(0, "budget global off day");
  contains(&out, "no limit by the day");
  expect(0, "budget global remove day");
  expect(0, "budget agent:reviewer remove");
  expect(0, "budget list");
  contains(&out, "no budgets are set");
  expect(64, "budget agent:reviewer 500 fortnight");
  contains(&err, "too many arguments: \"fortnight\"");
  expect(64, "budget agent:reviewer off fortnight");
  contains(&err, "too many arguments: \"fortnight\"");
  expect(64, "budget agent:reviewer 5 day ask more");
  expect(64, "budget agent:reviewer -- -5");
  contains(&err, "whole number of cents");
  expect(64, "budget agent:reviewer");
  contains(&err, "how much?");
  expect(1, "budget agent:reviewer +5");
  contains(&err, "has no budget");
}

static void budgets_of_other_periods_stand_beside_the_month_s(void **state) {
  (void)state;
  expect(0, "budget set global 1000");
  expect(0, "budget set global --cents 100 --period day");
  expect(0, "budget set workspace:. 50 --period week");
  expect(0, "budget list");
  contains(&out, "$10.00");
  contains(&out, "$1.00");
  contains(&out, "workspace:/");
  expect(0, "budget raise global 10 --period day");
  contains(&out, "$1.10 a day");
  /* Only one of its kind: no period need be said. */
  expect(0, "budget raise workspace:. 5");
  contains(&out, "55.00 ¢ a week");
  expect(1, "budget raise global 10 --period week");
  contains(&err, "no budget of that period");
}

static void a_limit_of_zero_is_not_no_limit(void **state) {
  (void)state;
  expect(0, "budget set global --monthly-cents 0");
  expect(2, "gate --agent reviewer --estimate-cents 0.01");
  contains(&out, "allows no paid runs");
  expect(0, "budget set global off");
  expect(0, "gate --agent reviewer --estimate-cents 0.01");
}

/* ---- gate ---- */

static void the_gate_answers_with_its_exit_code(void **state) {
  (void)state;
  expect(0, "budget set agent:reviewer --monthly-cents 100");
  expect(0, "gate --agent reviewer --estimate-cents 100");
  expect(0, "gate --agent reviewer");
  expect(2, "gate --agent reviewer --estimate-cents 100.0000001");
  expect(2, "gate --agent reviewer --estimate-cents 100.5 --json");
  value_is("admitted", "false");
  value_is("refusal", "never");
  value_is("budget.scope", "agent:reviewer");
  expect(0, "gate --agent writer --estimate-cents 100000 --json");
  value_is("admitted", "true");
  /* It holds nothing: asked again, the answer is the same. */
  expect(0, "gate --agent reviewer --estimate-cents 100 --json");
  value_is("budget.held_nanousd", "0");
  expect(0, "budget set workspace:/home/a 1");
  expect(2, "gate --agent writer --workspace /home/a/ --estimate-cents 2");
  expect(0, "gate --agent writer --workspace /home/b --estimate-cents 2");
}

/* ---- what is wrong ---- */

static void wrong_usage_ends_with_64_and_one_clear_message(void **state) {
  (void)state;
  static const struct {
    const char *arguments, *message;
  } cases[] = {
      {"", "usage: purser VERB"},
      {"frobnicate", "there is no verb \"frobnicate\""},
      {"report --by week", "--by wants"},
      {"report --since yesterday", "YYYY-MM-DD"},
      {"report --since 2026-02-30", "YYYY-MM-DD"},
      {"report --since 2026-02-02 --until 2026-02-01", "--since lies after"},
      {"report --tz Mars/Base", "Mars/Base"},
      {"report --json --csv", "exclude each other"},
      {"report --frob", "unknown option \"--frob\""},
      {"report --agent", "--agent needs a value"},
      {"report --json=yes", "--json takes no value"},
      {"report more", "too many arguments"},
      {"log --limit many", "--limit wants a whole number"},
      {"log --limit -1", "--limit wants a whole number"},
      {"log --limit 99999999999", "too large"},
      {"log --status gone", "no status"},
      {"gate", "which agent?"},
      {"gate --agent a --estimate-cents -1", "not negative"},
      {"gate --agent a --estimate-cents some", "number of cents"},
      {"gate --agent a --estimate-cents 1e999", "number of cents"},
      {"budget frob", "there is no \"budget frob\""},
      {"budget set", "for whom?"},
      {"budget set reviewer 5", "no scope"},
      {"budget set agent: 5", "no scope"},
      {"budget set global --monthly-cents -5", "whole number of cents"},
      {"budget set global --monthly-cents 5.5", "whole number of cents"},
      {"budget set global --monthly-cents 1e3", "whole number of cents"},
      {"budget set global --monthly-cents five", "whole number of cents"},
      {"budget set global --monthly-cents ''", "whole number of cents"},
      {"budget set global --monthly-cents 100000000001", "whole number of cents"},
      {"budget set global --monthly-cents 99999999999999999999999", "whole number of cents"},
      {"budget set global 5 --period year", "month, week or day"},
      {"budget set global --monthly-cents 5 --period day", "--monthly-cents is for months"},
      {"budget set global 5 --reset-day 32", "1 to 31"},
      {"budget set global 5 --period week --reset-day 8", "1 to 7"},
      {"budget set global 5 --zone Mars/Base", "Mars/Base"},
      {"budget set global 5 --thresholds 80,50", "ascending"},
      {"budget set global 5 --thresholds 50,x", "ascending"},
      {"budget set global 5 --thresholds forecast,50", "ascending"},
      {"budget set global 5 --at-limit panic", "block, ask or warn"},
      {"budget set global 5 6", "too many arguments"},
      {"budget set global off --cents 5", "exclude each other"},
      {"help frob", "there is no verb"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    expect(64, cases[i].arguments);
    contains(&err, cases[i].message);
    assert_int_equal(out.len, 0);
  }
  /* Nothing of it has made a ledger. */
  assert_null(temp_read(&temp, "purser.db", NULL));
  expect(64, "budget set global");
  contains(&err, "how much?");
  (void)setenv("PURSER_NOW", "soon", 1);
  expect(64, "report");
  contains(&err, "PURSER_NOW");
}

static void what_can_t_be_done_ends_with_1(void **state) {
  (void)state;
  expect(1, "budget remove global");
  contains(&err, "no budget");
  expect(1, "budget raise global 5");
  temp_write(&temp, "notes.txt", "just some notes\n", 16);
  (void)setenv("PURSER_DB", temp_path(&temp, "notes.txt"), 1);
  static const char *const verbs[] = {"report", "log", "budget list", "gate --agent a",
                                      "budget set global 5"};
  for (size_t i = 0; i < COUNT(verbs); i++) {
    expect(1, verbs[i]);
    contains(&err, "notes.txt");
    contains(&err, "untouched");
    assert_int_equal(out.len, 0);
  }
}

/* ---- help ---- */

static void help_is_there_for_every_verb(void **state) {
  (void)state;
  expect(0, "--version");
  assert_int_equal(strncmp(buf_text(&out), "purser ", 7), 0);
  expect(0, "help");
  static const char *const verbs[] = {"report", "log",    "budget", "gate",
                                      "price",  "prices", "decode", "help"};
  for (size_t i = 0; i < COUNT(verbs); i++) {
    char arguments[64];
    expect(0, "help");
    contains(&out, verbs[i]);
    (void)snprintf(arguments, sizeof arguments, "help %s", verbs[i]);
    expect(0, arguments);
    contains(&out, "usage: purser ");
    (void)snprintf(arguments, sizeof arguments, "%s --help", verbs[i]);
    expect(0, arguments);
    contains(&out, "usage: purser ");
  }
}

static void options_may_be_written_either_way(void **state) {
  (void)state;
  fill();
  expect(0, "report --by=agent --agent=reviewer --json");
  value_is("total.requests", "1");
  expect(0, "report --json --by agent --");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      IN_FOLDER(a_digest_is_a_month_in_markdown),
      IN_FOLDER(a_digest_wants_a_month_that_has_begun),
      IN_FOLDER(a_report_in_json_has_these_keys_and_no_others),
      IN_FOLDER(a_report_cuts_and_filters),
      IN_FOLDER(a_report_as_csv_quotes_what_needs_it),
      IN_FOLDER(rule_17_a_report_for_people_says_what_is_unpriced),
      IN_FOLDER(a_report_of_nothing_is_empty),
      IN_FOLDER(the_log_in_json_has_each_run_with_its_requests),
      IN_FOLDER(the_log_for_people_is_newest_first),
      IN_FOLDER(the_log_is_sorted_searched_and_bounded),
      IN_FOLDER(a_budget_is_set_listed_raised_switched_off_and_removed),
      IN_FOLDER(a_budget_is_said_as_in_the_editor),
      IN_FOLDER(budgets_of_other_periods_stand_beside_the_month_s),
      IN_FOLDER(a_limit_of_zero_is_not_no_limit),
      IN_FOLDER(the_gate_answers_with_its_exit_code),
      IN_FOLDER(wrong_usage_ends_with_64_and_one_clear_message),
      IN_FOLDER(what_can_t_be_done_ends_with_1),
      IN_FOLDER(help_is_there_for_every_verb),
      IN_FOLDER(options_may_be_written_either_way),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

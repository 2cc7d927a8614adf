/* test_verbs_review.c - the review as the windows ask for it: what is waved aside, what is shown all the same, one kind of billing at a time. */
#include "support/books.h"

#include <stdio.h>
#include <string.h>

#include "api/core.h"
#include "base/json.h"
#include "base/mem.h"

struct desk {
  struct books books;
  struct purser core;
  char *json;
  struct json_doc doc;
};

static struct desk desk;

static int set_up(void **state) {
  (void)state;
  desk = (struct desk){.json = NULL, .doc = JSON_DOC_INIT};
  books_open(&desk.books, "2026-11-24T12:00:00Z");
  desk.core.ledger = desk.books.ledger;
  assert_ok(catalog_load(&desk.core.catalog, NULL, NULL, &desk.books.error), &desk.books.error);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  json_fini(&desk.doc);
  mem_free(desk.json);
  catalog_free(desk.core.catalog);
  books_close(&desk.books);
  return 0;
}

static int try_ask(const char *verb, const char *arguments) {
  mem_free(desk.json);
  desk.json = NULL;
  desk.books.error = (struct error){0};
  const int status = verb_answer(&desk.core, verb, arguments, &desk.json, &desk.books.error);
  if (status == PURSER_OK)
    assert_int_equal(json_parse(&desk.doc, desk.json, strlen(desk.json)), PURSER_OK);
  return status;
}

static int64_t count_reviewed(const char *arguments) {
  assert_ok(try_ask("review", arguments), &desk.books.error);
  const json_id list = json_get(&desk.doc, 0, "reviewed");
  int64_t count = 0;
  for (json_id r = json_first(&desk.doc, list); r != JSON_NONE; r = json_next(&desk.doc, list, r))
    count++;
  return count;
}

static bool first_is_dismissed(void) {
  const json_id reviewed = json_first(&desk.doc, json_get(&desk.doc, 0, "reviewed"));
  const json_id finding = json_first(&desk.doc, json_get(&desk.doc, reviewed, "findings"));
  return json_is_true(&desk.doc, json_get(&desk.doc, finding, "dismissed"));
}

/* Three times the cache was written, and nobody has read it. */
static int64_t cold_run(enum billing billing) {
  const struct run_spec spec = {.agent = "reviewer",
                                .workspace = "/w",
                                .source = "claude",
                                .model = "claude-opus-5-5",
                                .billing = billing};
  const int64_t run = books_run_of(&desk.books, &spec, RUN_RUNNING);
  for (int i = 0; i < 3; i++) {
    char key[32];
    (void)snprintf(key, sizeof key, "%lld.%d", (long long)run, i);
    struct request r = books_request(&desk.books, run, key, 0);
    r.model = spec.model;
    r.usage = (purser_usage){.cache_write_5m = 60000, .output = 4000};
    const struct price_query query = {
        .model = r.model, .at_ms = r.at_ms, .reported_nanousd = -1, .usage = r.usage};
    price_request(desk.core.catalog, &query, &r.price);
    (void)books_book(&desk.books, &r);
  }
  books_end(&desk.books, run, RUN_COMPLETED);
  return run;
}

static void what_was_waved_aside_is_shown_only_where_all_is_asked_for(void **state) {
  (void)state;
  (void)cold_run(BILLING_METERED);
  assert_int_equal(count_reviewed("{}"), 1);
  assert_false(first_is_dismissed());
  assert_ok(try_ask("review.dismiss", "{\"run\": 1, \"finding\": \"cold_cache\"}"),
            &desk.books.error);
  assert_int_equal(count_reviewed("{}"), 0);
  assert_int_equal(count_reviewed("{\"all\": true}"), 1);
  assert_true(first_is_dismissed());
  assert_int_equal(count_reviewed("{\"run\": 1, \"all\": true}"), 1);
  assert_true(first_is_dismissed());
  assert_ok(try_ask("review.restore", "{\"run\": 1, \"finding\": \"cold_cache\"}"),
            &desk.books.error);
  assert_int_equal(count_reviewed("{}"), 1);
  assert_false(first_is_dismissed());
}

static void one_kind_of_billing_is_reviewed_at_a_time(void **state) {
  (void)state;
  (void)cold_run(BILLING_METERED);
  (void)cold_run(BILLING_SUBSCRIPTION);
  (void)cold_run(BILLING_SUBSCRIPTION);
  assert_int_equal(count_reviewed("{}"), 3);
  assert_int_equal(count_reviewed("{\"billing\": \"metered\"}"), 1);
  assert_int_equal(count_reviewed("{\"billing\": \"subscription\"}"), 2);
  assert_int_equal(count_reviewed("{\"billing\": \"local\"}"), 0);
  assert_int_equal(try_ask("review", "{\"billing\": \"gift\"}"), PURSER_EINVAL);
}

static void a_review_of_an_agent_or_a_workspace_is_of_those(void **state) {
  (void)state;
  (void)cold_run(BILLING_METERED);
  assert_int_equal(count_reviewed("{\"agent\": \"reviewer\", \"workspace\": \"/w\"}"), 1);
  assert_int_equal(count_reviewed("{\"agent\": \"namer\"}"), 0);
  assert_int_equal(count_reviewed("{\"workspace\": \"/elsewhere\"}"), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_was_waved_aside_is_shown_only_where_all_is_asked_for,
                                      set_up, tear_down),
      cmocka_unit_test_setup_teardown(one_kind_of_billing_is_reviewed_at_a_time, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_review_of_an_agent_or_a_workspace_is_of_those, set_up,
                                      tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_chat.c - what was said is kept, compacted, taken back, forked and forgotten. */
#include "support/books.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ledger/chat.h"

static int64_t talk(struct books *books, const char *conversation, const char *agent,
                    const struct chat_item *items, size_t count) {
  const struct run_spec spec = {.agent = agent,
                                .workspace = "/w",
                                .source = "anthropic",
                                .model = "model-a",
                                .conversation = conversation,
                                .session = "s1"};
  const int64_t run = books_run_of(books, &spec, RUN_RUNNING);
  assert_ok(chat_append(books->ledger, run, items, count, &books->error), &books->error);
  return run;
}

static const struct chat_item first[] = {
    {.kind = CHAT_USER, .text = "Name the capital of France.\nBriefly.", .tokens = 9},
    {.kind = CHAT_CALL,
     .call = "c1",
     .name = "Read",
     .text = "{\"file_path\":\"a.c\"}",
     .tokens = 8},
    {.kind = CHAT_RESULT, .call = "c1", .text = "long output", .tokens = 900},
    {.kind = CHAT_ANSWER, .text = "Paris.", .tokens = 3},
};
static const struct chat_item second[] = {
    {.kind = CHAT_USER, .text = "And of Spain?", .tokens = 5},
    {.kind = CHAT_ANSWER, .text = "Madrid.", .tokens = 3},
};

/* ---- reading back ---- */

static int write_item(void *data, const struct chat_item *item) {
  struct buf *out = data;
  buf_addf(out, "%s:%s%s;", chat_kind_name(item->kind), item->text, item->masked ? "(masked)" : "");
  return 0;
}

static void expect_items(struct books *books, const char *conversation, bool all,
                         const char *expected) {
  struct buf got = BUF_INIT;
  assert_ok(chat_items(books->ledger, conversation, all, write_item, &got, &books->error),
            &books->error);
  assert_string_equal(buf_text(&got), expected);
  buf_fini(&got);
}

#define WHOLE                                                                                   \
  "user:Name the capital of France.\nBriefly.;call:{\"file_path\":\"a.c\"};result:long output;" \
  "answer:Paris.;user:And of Spain?;answer:Madrid.;"

static int64_t ids[16];

static int write_id(void *data, const struct chat_item *item) {
  ids[(*(size_t *)data)++] = item->id;
  return 0;
}

static void read_ids(struct books *books, const char *conversation) {
  size_t count = 0;
  assert_ok(chat_items(books->ledger, conversation, false, write_id, &count, &books->error),
            &books->error);
}

static void begin(struct books *books) {
  books_open(books, "2026-11-24T12:00:00Z");
  talk(books, "conv", "helper", first, COUNT(first));
  books->clock.now_ms += 1000;
  talk(books, "conv", "helper", second, COUNT(second));
}

/* ---- tests ---- */

static void what_was_said_comes_back_in_order_and_once(void **state) {
  (void)state;
  struct books books;
  begin(&books);
  expect_items(&books, "conv", false, WHOLE);
  /* The same run again, from another window: it is there already. */
  assert_ok(chat_append(books.ledger, 2, second, COUNT(second), &books.error), &books.error);
  expect_items(&books, "conv", false, WHOLE);
  books_close(&books);
}

struct seen {
  size_t count;
  char title[64], agent[32], session[32];
  int64_t runs, tokens, compactions, failures;
};

static int see(void *data, const struct chat_row *row) {
  struct seen *seen = data;
  seen->count++;
  (void)snprintf(seen->title, sizeof seen->title, "%s", row->title);
  (void)snprintf(seen->agent, sizeof seen->agent, "%s", row->agent);
  (void)snprintf(seen->session, sizeof seen->session, "%s", row->session);
  seen->runs = row->runs;
  seen->tokens = row->tokens;
  seen->compactions = row->compactions;
  seen->failures = row->failures;
  return 0;
}

static struct seen look(struct books *books, const char *conversation) {
  struct seen seen = {.count = 0};
  assert_ok(chat_get(books->ledger, conversation, see, &seen, &books->error), &books->error);
  return seen;
}

static size_t found(struct books *books, const char *workspace, const char *text) {
  struct seen seen = {.count = 0};
  assert_ok(chat_each(books->ledger, workspace, text, 0, see, &seen, &books->error), &books->error);
  return seen.count;
}

static void a_chat_is_named_after_its_first_words_and_found_by_any(void **state) {
  (void)state;
  struct books books;
  begin(&books);
  const struct seen seen = look(&books, "conv");
  assert_string_equal(seen.title, "Name the capital of France.");
  assert_string_equal(seen.agent, "helper");
  assert_int_equal(seen.runs, 2);
  assert_int_equal(seen.tokens, 928);
  assert_int_equal(found(&books, NULL, NULL), 1);
  assert_int_equal(found(&books, "/w", "spain"), 1);
  assert_int_equal(found(&books, "/w", "Madrid"), 0); /* the user never said that */
  assert_int_equal(found(&books, "/elsewhere", NULL), 0);
  assert_ok(chat_rename(books.ledger, "conv", "Capitals", &books.error), &books.error);
  assert_string_equal(look(&books, "conv").title, "Capitals");
  assert_int_equal(found(&books, NULL, "capitals"), 1);
  books_close(&books);
}

static int64_t compact(struct books *books, const char *kind, const struct chat_change *changes,
                       size_t count, const char *summary) {
  const struct chat_compaction what = {.conversation = "conv",
                                       .kind = kind,
                                       .before_tokens = 928,
                                       .after_tokens = 50,
                                       .session_before = "s1"};
  int64_t id = 0;
  assert_ok(chat_compact(books->ledger, &what, changes, count, summary, 12, &id, &books->error),
            &books->error);
  return id;
}

static void take_back(struct books *books, int64_t expected) {
  int64_t id = 0;
  char *session = NULL;
  assert_ok(chat_undo(books->ledger, "conv", &id, &session, &books->error), &books->error);
  assert_int_equal(id, expected);
  assert_string_equal(session, "s1");
  mem_free(session);
}

static void compactions_are_taken_back_one_by_one(void **state) {
  (void)state;
  struct books books;
  begin(&books);
  read_ids(&books, "conv");
  const struct chat_change masking[] = {{ids[2], true}};
  const int64_t masked = compact(&books, "mask", masking, 1, NULL);
  expect_items(&books, "conv", false,
               "user:Name the capital of France.\nBriefly.;call:{\"file_path\":\"a.c\"};"
               "result:long output(masked);answer:Paris.;user:And of Spain?;answer:Madrid.;");
  const struct chat_change summarising[] = {{ids[1], false}, {ids[2], false}, {ids[3], false}};
  const int64_t summarised = compact(&books, "summary", summarising, 3, "It is Paris.");
  expect_items(&books, "conv", false,
               "user:Name the capital of France.\nBriefly.;summary:It is Paris.;"
               "user:And of Spain?;answer:Madrid.;");
  expect_items(&books, "conv", true, WHOLE);
  assert_int_equal(look(&books, "conv").compactions, 2);
  take_back(&books, summarised);
  expect_items(&books, "conv", false,
               "user:Name the capital of France.\nBriefly.;call:{\"file_path\":\"a.c\"};"
               "result:long output(masked);answer:Paris.;user:And of Spain?;answer:Madrid.;");
  take_back(&books, masked);
  expect_items(&books, "conv", false, WHOLE);
  int64_t id;
  char *session;
  assert_int_equal(chat_undo(books.ledger, "conv", &id, &session, &books.error), PURSER_ENOTFOUND);
  assert_int_equal(look(&books, "conv").compactions, 0);
  books_close(&books);
}

static void what_is_said_after_a_compaction_outlives_its_undoing(void **state) {
  (void)state;
  struct books books;
  begin(&books);
  read_ids(&books, "conv");
  const struct chat_change changes[] = {{ids[1], false}, {ids[2], false}, {ids[3], false}};
  const int64_t id = compact(&books, "summary", changes, 3, "It is Paris.");
  static const struct chat_item third[] = {{.kind = CHAT_USER, .text = "Thanks.", .tokens = 2}};
  talk(&books, "conv", "helper", third, 1);
  take_back(&books, id);
  expect_items(&books, "conv", false, WHOLE "user:Thanks.;");
  books_close(&books);
}

static void a_plan_that_is_out_of_date_changes_nothing(void **state) {
  (void)state;
  struct books books;
  begin(&books);
  read_ids(&books, "conv");
  const struct chat_change changes[] = {{ids[1], false}, {ids[2], false}, {ids[3], false}};
  compact(&books, "summary", changes, 3, "It is Paris.");
  const struct chat_compaction what = {.conversation = "conv", .kind = "summary"};
  int64_t id;
  assert_int_equal(chat_compact(books.ledger, &what, changes, 3, "Again.", 5, &id, &books.error),
                   PURSER_ENOTFOUND);
  expect_items(&books, "conv", false,
               "user:Name the capital of France.\nBriefly.;summary:It is Paris.;"
               "user:And of Spain?;answer:Madrid.;");
  books_close(&books);
}

static void a_fork_goes_its_own_way(void **state) {
  (void)state;
  struct books books;
  begin(&books);
  read_ids(&books, "conv");
  const struct chat_change changes[] = {{ids[1], false}, {ids[2], false}, {ids[3], false}};
  compact(&books, "summary", changes, 3, "It is Paris.");
  assert_ok(chat_fork(books.ledger, "conv", "copy", &books.error), &books.error);
  assert_int_equal(chat_fork(books.ledger, "conv", "copy", &books.error), PURSER_EEXIST);
  take_back(&books, 1);
  expect_items(&books, "conv", false, WHOLE);
  expect_items(&books, "copy", false,
               "user:Name the capital of France.\nBriefly.;summary:It is Paris.;"
               "user:And of Spain?;answer:Madrid.;");
  assert_string_equal(look(&books, "copy").title, "Name the capital of France. (fork)");
  assert_string_equal(look(&books, "copy").session, "");
  books_close(&books);
}

static void what_is_deleted_is_gone_and_what_it_cost_is_not(void **state) {
  (void)state;
  struct books books;
  begin(&books);
  const struct request request = books_request(&books, 1, "a/1", 5 * CENT);
  books_book(&books, &request);
  assert_ok(chat_delete(books.ledger, "conv", &books.error), &books.error);
  assert_int_equal(found(&books, NULL, NULL), 0);
  assert_int_equal(chat_rename(books.ledger, "conv", "x", &books.error), PURSER_ENOTFOUND);
  assert_int_equal(books_total(books.ledger).cost_nanousd, 5 * CENT);
  books_close(&books);
}

static void failures_count_until_one_succeeds(void **state) {
  (void)state;
  struct books books;
  begin(&books);
  int64_t failures = 0;
  for (int i = 1; i <= 3; i++) {
    assert_ok(chat_compaction_failed(books.ledger, "conv", &failures, &books.error), &books.error);
    assert_int_equal(failures, i);
  }
  read_ids(&books, "conv");
  const struct chat_change masking[] = {{ids[2], true}};
  compact(&books, "mask", masking, 1, NULL);
  assert_int_equal(look(&books, "conv").failures, 0);
  books_close(&books);
}

static void the_last_request_is_the_main_lines(void **state) {
  (void)state;
  struct books books;
  struct chat_request last;
  begin(&books);
  assert_int_equal(chat_last_request(books.ledger, "conv", &last, &books.error), PURSER_ENOTFOUND);
  assert_int_equal(chat_last_request(books.ledger, "unheard", &last, &books.error),
                   PURSER_ENOTFOUND);
  struct request request = books_request(&books, 2, "a/1", CENT);
  request.usage.input = 4000;
  books_book(&books, &request);
  books.clock.now_ms += 1000;
  struct request side = books_request(&books, 2, "a/2", CENT);
  side.flags = PURSER_FLAG_SIDECHAIN;
  books_book(&books, &side);
  assert_ok(chat_last_request(books.ledger, "conv", &last, &books.error), &books.error);
  assert_int_equal(last.usage.input, 4000);
  assert_int_equal(last.at_ms, request.at_ms);
  books_close(&books);
}

static void lengths_are_those_of_the_agents_other_conversations(void **state) {
  (void)state;
  struct books books;
  begin(&books);
  for (int i = 0; i < 3; i++) {
    char name[16];
    (void)snprintf(name, sizeof name, "other-%d", i);
    const int64_t run = talk(&books, name, "helper", second, COUNT(second));
    for (int k = 0; k <= i; k++) {
      char key[32];
      (void)snprintf(key, sizeof key, "b/%d/%d", i, k);
      const struct request request = books_request(&books, run, key, CENT);
      books_book(&books, &request);
    }
    books.clock.now_ms += 1000;
  }
  const struct request mine = books_request(&books, 1, "a/1", CENT);
  books_book(&books, &mine);
  int64_t lengths[8];
  size_t count = 0;
  assert_ok(chat_lengths(books.ledger, "helper", "conv", lengths, 8, &count, &books.error),
            &books.error);
  assert_int_equal(count, 3);
  assert_int_equal(lengths[0], 3);
  assert_int_equal(lengths[2], 1);
  assert_ok(chat_lengths(books.ledger, "nobody", "conv", lengths, 8, &count, &books.error),
            &books.error);
  assert_int_equal(count, 0);
  books_close(&books);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_said_comes_back_in_order_and_once),
      cmocka_unit_test(a_chat_is_named_after_its_first_words_and_found_by_any),
      cmocka_unit_test(compactions_are_taken_back_one_by_one),
      cmocka_unit_test(what_is_said_after_a_compaction_outlives_its_undoing),
      cmocka_unit_test(a_plan_that_is_out_of_date_changes_nothing),
      cmocka_unit_test(a_fork_goes_its_own_way),
      cmocka_unit_test(what_is_deleted_is_gone_and_what_it_cost_is_not),
      cmocka_unit_test(failures_count_until_one_succeeds),
      cmocka_unit_test(the_last_request_is_the_main_lines),
      cmocka_unit_test(lengths_are_those_of_the_agents_other_conversations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

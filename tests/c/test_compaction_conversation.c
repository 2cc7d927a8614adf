/* test_compaction_conversation.c - a conversation of the ledger, judged, planned, and measured after it was compacted. */
#include "support/books.h"

#include <stdio.h>

#include "base/mem.h"
#include "compaction/conversation.h"
#include "compaction/saved.h"

#define MODEL "claude-opus-4-5"

struct fixture {
  struct books books;
  struct catalog *catalog;
};

static void begin(struct fixture *f) {
  books_open(&f->books, "2026-11-24T12:00:00Z");
  assert_ok(catalog_load(&f->catalog, NULL, NULL, &f->books.error), &f->books.error);
}

static void end(struct fixture *f) {
  catalog_free(f->catalog);
  books_close(&f->books);
}

/* A turn: what was asked, a file that was read, an answer; and the request that the provider counted. */
static int64_t turn(struct fixture *f, int number, int64_t prompt_tokens) {
  const struct run_spec spec = {.agent = "helper",
                                .workspace = "/w",
                                .source = "anthropic",
                                .model = MODEL,
                                .conversation = "conv"};
  char key[32];
  const int64_t run = books_run_of(&f->books, &spec, RUN_RUNNING);
  const struct chat_item items[] = {
      {.kind = CHAT_USER, .text = "go on", .tokens = 10},
      {.kind = CHAT_CALL,
       .call = "c",
       .name = "Read",
       .text = "{\"file_path\":\"src/a.c\"}",
       .tokens = 20},
      {.kind = CHAT_RESULT, .call = "c", .text = "int main(void);", .tokens = 20000},
      {.kind = CHAT_ANSWER, .text = "done", .tokens = 500},
  };
  (void)snprintf(key, sizeof key, "turn/%d", number);
  struct request request = books_request(&f->books, run, key, CENT);
  request.model = MODEL;
  request.usage = (purser_usage){.cache_read = prompt_tokens, .output = 500};
  books_book(&f->books, &request);
  assert_ok(chat_append(f->books.ledger, run, items, COUNT(items), &f->books.error),
            &f->books.error);
  f->books.clock.now_ms += 1000;
  return run;
}

static void load(struct fixture *f, struct conversation *c, const char *summary_model) {
  const struct conversation_options options = {.summary_model = summary_model,
                                               .now_ms = f->books.clock.now_ms};
  assert_ok(conversation_load(c, f->books.ledger, f->catalog, "conv", &options, &f->books.error),
            &f->books.error);
}

static int64_t total(const struct conversation *c) {
  int64_t tokens = 0;
  for (size_t i = 0; i < c->count; i++)
    tokens += c->items[i].tokens;
  return tokens;
}

static void the_items_and_what_nobody_sees_are_what_the_provider_counted(void **state) {
  (void)state;
  struct fixture f;
  struct conversation c;
  begin(&f);
  turn(&f, 1, 30000);
  load(&f, &c, NULL);
  assert_int_equal(c.context.context_tokens, 30500);
  assert_int_equal(total(&c), 30500);
  assert_int_equal(c.items[0].tokens, 30500 - 20530);
  assert_int_equal(c.context.window, 200000);
  assert_true(c.context.summary_reads_cache);
  conversation_fini(&c);
  /* Our estimate was too large: it is scaled down. */
  turn(&f, 2, 20000);
  load(&f, &c, "claude-haiku-4-5");
  assert_int_equal(total(&c), 20500);
  assert_false(c.context.summary_reads_cache);
  assert_true(c.context.summary_rates.input < c.context.rates.input);
  conversation_fini(&c);
  end(&f);
}

static void a_full_window_is_due_and_names_the_files(void **state) {
  (void)state;
  struct fixture f;
  struct conversation c;
  struct conversation_advice advice;
  struct file_list files;
  begin(&f);
  for (int i = 1; i <= 8; i++)
    turn(&f, i, i < 8 ? 20000 * i : 175000);
  load(&f, &c, NULL);
  assert_ok(conversation_judge(&c, &compaction_policy_default, &plan_limits_default, &advice,
                               &f.books.error),
            &f.books.error);
  assert_int_equal(advice.verdict.level, COMPACTION_DUE);
  assert_true(advice.plan.size_tokens < 100000);
  mem_free(advice.fates);
  struct plan plan;
  enum item_fate *fates;
  assert_ok(
      conversation_plan(&c, PLAN_SUMMARISE, &plan_limits_default, &plan, &fates, &f.books.error),
      &f.books.error);
  assert_ok(conversation_files(&c, fates, &files, &f.books.error), &f.books.error);
  assert_int_equal(files.count, 1);
  assert_string_equal(files.paths[0], "src/a.c");
  /* A call that the user wants kept keeps its result. */
  size_t kept = 0;
  conversation_keep(&c, c.ids[2], &plan_limits_default, fates, &plan);
  for (size_t i = 1; i <= 4; i++)
    kept += fates[i] == FATE_KEEP;
  assert_int_equal(kept, 3);
  file_list_fini(&files);
  mem_free(fates);
  conversation_fini(&c);
  end(&f);
}

static int take_last(void *data, const struct chat_compaction *row) {
  *(struct chat_compaction *)data = *row;
  ((struct chat_compaction *)data)->conversation = "conv";
  return 1;
}

static void what_is_saved_is_measured_on_the_requests_since(void **state) {
  (void)state;
  struct fixture f;
  struct compaction_saved saved;
  struct chat_compaction last;
  int64_t id;
  begin(&f);
  const int64_t run = turn(&f, 1, 100000);
  /* The summary cost a cent more. */
  struct request summary = books_request(&f.books, run, "summary", CENT);
  summary.flags = PURSER_FLAG_COMPACTION;
  const struct run_spec spec = {.agent = "helper",
                                .workspace = "/w",
                                .source = "anthropic",
                                .model = MODEL,
                                .conversation = "conv"};
  summary.run_id = books_run_of(&f.books, &spec, RUN_RUNNING);
  books_book(&f.books, &summary);
  const struct chat_compaction what = {.conversation = "conv",
                                       .kind = "client",
                                       .run_id = summary.run_id,
                                       .before_tokens = 100000,
                                       .after_tokens = 40000};
  assert_ok(chat_compact(f.books.ledger, &what, NULL, 0, NULL, 0, &id, &f.books.error),
            &f.books.error);
  assert_int_equal(chat_compaction_each(f.books.ledger, "conv", take_last, &last, &f.books.error),
                   1);
  assert_ok(compaction_saved(f.books.ledger, f.catalog, &last, &saved, &f.books.error),
            &f.books.error);
  assert_int_equal(saved.requests, 0);
  assert_int_equal(saved.nanousd, -CENT);
  f.books.clock.now_ms += 1000;
  turn(&f, 2, 41000);
  turn(&f, 3, 42000);
  assert_ok(compaction_saved(f.books.ledger, f.catalog, &last, &saved, &f.books.error),
            &f.books.error);
  assert_int_equal(saved.requests, 2);
  assert_int_equal(saved.tokens, 120000);
  /* 60,000 tokens twice, at fifty cents a million, less the cent. */
  assert_int_equal(saved.nanousd, 2 * 3 * CENT - CENT);
  end(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_items_and_what_nobody_sees_are_what_the_provider_counted),
      cmocka_unit_test(a_full_window_is_due_and_names_the_files),
      cmocka_unit_test(what_is_saved_is_measured_on_the_requests_since),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

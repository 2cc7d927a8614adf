/* test_cli_export.c - bookings as JSON lines: whatever is in a ledger comes back from its export as it was, once, in an empty ledger and
 * in one that has it already. */
#include "support/books.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/jsonl.h"
#include "import/jsonl_write.h"
#include "support/program.h"

static const struct dump_range everything = {INT64_MIN, INT64_MAX};

/* ---- ledgers with anything in them ---- */

static const char *pick(struct rng *rng, const char *const *words, size_t count) {
  return words[rng_below(rng, (int64_t)count)];
}
#define PICK(rng, words) pick(rng, words, COUNT(words))

static const char *const agents[] = {"claude", "reviewer", "a \"writer\", he", "größe", ""};
static const char *const workspaces[] = {"/home/a", "/home/b c", "/", "C:\\x"};
static const char *const sources[] = {"claude", "codex", "anthropic"};
static const char *const models[] = {"claude-opus-5-5", "gpt-5.5-codex", "house \\ blend"};
static const char *const sessions[] = {"", "5d1f9c1e", "s-2"};
static const char *const prompts[] = {"", "Say hello", "line\nbreak \t and \"quotes\" \x01 é \xff"};
static const char *const reasons[] = {"", "exit", "budget", "imported"};

static struct run_spec any_spec(struct rng *rng, int64_t parent, int64_t started_ms) {
  return (struct run_spec){
      .agent = PICK(rng, agents),
      .workspace = PICK(rng, workspaces),
      .branch = rng_chance(rng, 50) ? "main" : "",
      .source = PICK(rng, sources),
      .model = PICK(rng, models),
      .effort = rng_chance(rng, 50) ? "high" : "",
      .conversation = rng_chance(rng, 30) ? "c1" : "",
      .session = PICK(rng, sessions),
      .prompt = PICK(rng, prompts),
      .prompt_bytes = rng_below(rng, 1000),
      .parent_run = parent,
      .started_ms = started_ms,
      .record_root = rng_chance(rng, 30) ? "/root/.claude" : "",
      .cwd = rng_chance(rng, 30) ? "/home/a/src" : "",
      .billing = (enum billing)rng_below(rng, 3),
      .imported = rng_chance(rng, 50),
  };
}

static struct price any_price(struct rng *rng) {
  const int64_t parts[] = {rng_below(rng, 90000000), rng_below(rng, 9000000),
                           rng_below(rng, 9000000), rng_below(rng, 90000000), rng_below(rng, 2)};
  struct price price = {
      .status = (enum cost_status)rng_below(rng, 4),
      .input_nanousd = parts[0],
      .cache_read_nanousd = parts[1],
      .cache_write_nanousd = parts[2],
      .output_nanousd = parts[3],
      .extra_nanousd = parts[4],
      .cache_saved_nanousd = rng_between(rng, -1000000, 9000000),
      .rate_card = rng_chance(rng, 80) ? "anthropic/claude@2026-09" : "",
  };
  for (size_t i = 0; i < COUNT(parts); i++)
    price.cost_nanousd += parts[i];
  if (rng_chance(rng, 20)) /* as when a client reported it: it can't be split */
    price = (struct price){.status = COST_REPORTED, .cost_nanousd = 4711, .rate_card = ""};
  return price;
}

static void book_any(struct books *books, struct rng *rng, int64_t run, int64_t at_ms, int number) {
  char key[64];
  char request_id[64];
  struct booked booked;
  /* Now and then a key that was met before: in another run, or as another response under the same key. */
  (void)snprintf(key, sizeof key, "claude/msg_%d",
                 rng_chance(rng, 10) ? (int)rng_below(rng, 40) : number);
  (void)snprintf(request_id, sizeof request_id, "req_%d", number);
  const struct request request = {
      .run_id = run,
      .key = key,
      .request_id = rng_chance(rng, 70) ? request_id : "",
      .at_ms = at_ms,
      .period_ms = rng_chance(rng, 10) ? at_ms + 86400000 : 0,
      .model = PICK(rng, models),
      .tier = rng_chance(rng, 20) ? "batch" : "standard",
      .speed = rng_chance(rng, 20) ? "fast" : "",
      .region = rng_chance(rng, 20) ? "eu" : "",
      .session = PICK(rng, sessions),
      .flags = (uint32_t)rng_below(rng, 512) & ~(uint32_t)PURSER_FLAG_FAILED,
      .reported_nanousd = rng_chance(rng, 30) ? rng_below(rng, 1000000) : -1,
      .usage = {.input = rng_below(rng, 5000),
                .cache_read = rng_below(rng, 90000),
                .cache_write_5m = rng_below(rng, 900),
                .cache_write_1h = rng_below(rng, 90),
                .output = rng_below(rng, 4000),
                .reasoning = rng_below(rng, 300),
                .web_searches = rng_below(rng, 3)},
      .price = any_price(rng),
  };
  assert_ok(ledger_book(books->ledger, &request, &booked, &books->error), &books->error);
}

/* Ended, failed, refused, cut off, and still going on. */
static void end_any(struct books *books, struct rng *rng, int64_t run, int64_t started_ms,
                    bool open, bool refusable) {
  const enum run_status status = (enum run_status)rng_between(
      rng, open ? RUN_RUNNING : RUN_COMPLETED, refusable ? RUN_REFUSED : RUN_ABANDONED);
  const struct run_counts counts = {(int32_t)rng_below(rng, 9), (int32_t)rng_below(rng, 3), 0};
  if (status < RUN_COMPLETED)
    return;
  const struct run_end end = {
      .status = status,
      .exit_code = (int32_t)rng_below(rng, 3),
      .signal = (int32_t)rng_below(rng, 16),
      .ended_ms = started_ms + rng_below(rng, 100000),
      .duration_ms = rng_chance(rng, 80) ? rng_below(rng, 100000) : -1,
      .reason = PICK(rng, reasons),
      .message = rng_chance(rng, 20) ? "it broke\n" : "",
  };
  assert_ok(ledger_run_end(books->ledger, run, &end, &counts, &books->error), &books->error);
}

static void fill(struct books *books, struct rng *rng, bool open) {
  const int64_t first_ms = instant_ms("2026-10-30T22:00:00Z");
  int64_t runs[60] = {0};
  int64_t starts[60] = {0};
  int number = 0;
  for (size_t i = 0; i < COUNT(runs); i++) {
    int64_t started_ms = first_ms + rng_below(rng, 200) * 3600000;
    int64_t parent = 0;
    if (i > 0 && rng_chance(rng, 20)) {
      const int64_t of = rng_below(rng, (int64_t)i);
      parent = runs[of];
      started_ms = starts[of] + rng_below(rng, 2) * 60000;
    }
    starts[i] = started_ms;
    const struct run_spec spec = any_spec(rng, parent, started_ms);
    assert_ok(ledger_begin(books->ledger, &books->error), &books->error);
    assert_ok(ledger_run_create(books->ledger, &spec, RUN_RUNNING, &runs[i], &books->error),
              &books->error);
    const int64_t requests = rng_below(rng, 6);
    for (int64_t n = 0; n < requests; n++)
      book_any(books, rng, runs[i], started_ms + rng_below(rng, 7200000), number++);
    end_any(books, rng, runs[i], started_ms, open, requests == 0);
    assert_ok(ledger_commit(books->ledger, &books->error), &books->error);
  }
}

/* ---- there and back ---- */

static int keep(void *data, const char *bytes, size_t len) {
  buf_add(data, bytes, len);
  return PURSER_OK;
}

static void export_to(struct books *books, const struct dump_range *range, struct buf *out) {
  struct jsonl_written written;
  buf_clear(out);
  assert_ok(jsonl_export(books->ledger, range, keep, out, &written, &books->error), &books->error);
  assert_int_equal(buf_status(out), PURSER_OK);
}

static struct jsonl_result import_from(struct books *books, const struct buf *lines) {
  struct jsonl_result result;
  temp_write(&books->temp, "lines.jsonl", buf_text(lines), lines->len);
  assert_ok(jsonl_import(books->ledger, NULL, temp_path(&books->temp, "lines.jsonl"), &result,
                         &books->error),
            &books->error);
  assert_int_equal(result.rejected, 0);
  return result;
}

static void assert_same(const struct buf *a, const struct buf *b, int seed) {
  if (a->len == b->len && memcmp(buf_text(a), buf_text(b), a->len) == 0)
    return;
  size_t at = 0;
  while (at < a->len && at < b->len && a->data[at] == b->data[at])
    at++;
  const size_t from = at > 300 ? at - 300 : 0;
  fail_msg("seed %d: they differ at %zu:\n%.500s\n---\n%.500s", seed, at, buf_text(a) + from,
           buf_text(b) + from);
}

static void assert_same_report(struct books *a, struct books *b) {
  const struct sums x = books_total(a->ledger);
  const struct sums y = books_total(b->ledger);
  assert_memory_equal(&x, &y, sizeof x);
}

static void an_export_comes_back_byte_for_byte_from_an_empty_ledger(void **state) {
  (void)state;
  for (int seed = 1; seed <= property_seeds(12); seed++) {
    struct rng rng = {(uint64_t)seed};
    struct books from;
    struct books to;
    struct buf before = BUF_INIT;
    struct buf after = BUF_INIT;
    books_open(&from, "2026-11-24T12:00:00Z");
    books_open(&to, "2026-11-24T12:00:00Z");
    /* A run that goes on is counted when it ends: without such, the reports agree, too. */
    const bool open = seed % 2 == 0;
    fill(&from, &rng, open);
    export_to(&from, &everything, &before);
    const struct jsonl_result first = import_from(&to, &before);
    assert_true(first.runs > 0 && first.duplicates == 0);
    export_to(&to, &everything, &after);
    assert_same(&before, &after, seed);
    if (!open)
      assert_same_report(&from, &to);
    buf_fini(&before);
    buf_fini(&after);
    books_close(&from);
    books_close(&to);
  }
}

static void importing_twice_or_where_it_came_from_changes_nothing(void **state) {
  (void)state;
  for (int seed = 1; seed <= property_seeds(12); seed++) {
    struct rng rng = {(uint64_t)seed * 977};
    struct books books;
    struct buf before = BUF_INIT;
    struct buf after = BUF_INIT;
    books_open(&books, "2026-11-24T12:00:00Z");
    fill(&books, &rng, true);
    export_to(&books, &everything, &before);
    for (int round = 0; round < 2; round++) {
      const struct jsonl_result result = import_from(&books, &before);
      assert_int_equal(result.runs, 0);
      assert_int_equal(result.booked, 0);
      export_to(&books, &everything, &after);
      assert_same(&before, &after, seed);
    }
    buf_fini(&before);
    buf_fini(&after);
    books_close(&books);
  }
}

static void an_export_in_parts_imports_to_the_whole_in_any_order(void **state) {
  (void)state;
  for (int seed = 1; seed <= property_seeds(8); seed++) {
    struct rng rng = {(uint64_t)seed * 31};
    struct books from;
    struct books to;
    struct buf part = BUF_INIT;
    books_open(&from, "2026-11-24T12:00:00Z");
    books_open(&to, "2026-11-24T12:00:00Z");
    fill(&from, &rng, false);
    const int64_t middle = instant_ms("2026-11-03T07:00:00Z");
    const struct dump_range halves[] = {{middle, INT64_MAX}, {INT64_MIN, middle}};
    for (int i = 0; i < 4; i++) {
      export_to(&from, &halves[i % 2], &part);
      (void)import_from(&to, &part);
    }
    assert_same_report(&from, &to);
    buf_fini(&part);
    books_close(&from);
    books_close(&to);
  }
}

static void a_run_under_way_arrives_as_one_that_was_cut_off(void **state) {
  (void)state;
  struct books from;
  struct books to;
  struct buf lines = BUF_INIT;
  struct run_row row;
  books_open(&from, "2026-11-24T12:00:00Z");
  books_open(&to, "2026-11-24T12:00:00Z");
  const int64_t run = books_run(&from, "claude", "/home/a");
  const struct request request = books_request(&from, run, "claude/msg_1", 3 * CENT);
  (void)books_book(&from, &request);
  export_to(&from, &everything, &lines);
  (void)import_from(&to, &lines);
  assert_ok(ledger_run_get(to.ledger, 1, &row, &to.error), &to.error);
  assert_int_equal(row.status, RUN_ABANDONED);
  assert_int_equal(row.sums.cost_nanousd, 3 * CENT);
  run_row_fini(&row);
  buf_fini(&lines);
  books_close(&from);
  books_close(&to);
}

/* ---- as a shell sees it ---- */

static void the_program_writes_a_file_of_its_user_s_alone_and_takes_it_back(void **state) {
  (void)state;
  struct temp temp;
  struct buf out = BUF_INIT;
  struct buf err = BUF_INIT;
  char arguments[2048];
  temp_make(&temp);
  (void)setenv("PURSER_DB", temp_path(&temp, "a.db"), 1);
  (void)setenv("PURSER_NOW", "2026-11-24T12:00:00Z", 1);
  static const char line[] =
      "{\"run\":{\"uid\":\"u\",\"agent\":\"claude\",\"workspace\":\"/w\",\"source\":\"claude\","
      "\"started_ms\":1795000000000,\"prompt\":\"Say hello\"},\"request\":{\"key\":\"k\","
      "\"model\":\"m\",\"at_ms\":1795000000000,\"cost_nanousd\":10000000,\"cost_status\":\"known\"}}\n";
  temp_write(&temp, "in.jsonl", line, sizeof line - 1);
  (void)snprintf(arguments, sizeof arguments, "import %s", temp_path(&temp, "in.jsonl"));
  assert_int_equal(program_run(PURSER_PROGRAM, arguments, &out, &err), 0);
  (void)snprintf(arguments, sizeof arguments, "export --since 2026-11-01 -o %s",
                 temp_path(&temp, "out.jsonl"));
  assert_int_equal(program_run(PURSER_PROGRAM, arguments, &out, &err), 0);
  assert_non_null(strstr(buf_text(&err), "1 requests of 1 runs written"));
  assert_int_equal(out.len, 0);
  (void)snprintf(arguments, sizeof arguments, "export --until 2026-11-01");
  assert_int_equal(program_run(PURSER_PROGRAM, arguments, &out, &err), 0);
  assert_int_equal(out.len, 0);
  (void)setenv("PURSER_DB", temp_path(&temp, "b.db"), 1);
  (void)snprintf(arguments, sizeof arguments, "import %s --json", temp_path(&temp, "out.jsonl"));
  assert_int_equal(program_run(PURSER_PROGRAM, arguments, &out, &err), 0);
  assert_non_null(strstr(buf_text(&out), "\"booked\":1,\"duplicates\":0,\"rejected\":0"));
  assert_int_equal(program_run(PURSER_PROGRAM, arguments, &out, &err), 0);
  assert_non_null(strstr(buf_text(&out), "\"booked\":0,\"duplicates\":1,\"rejected\":0"));
  assert_int_equal(program_run(PURSER_PROGRAM, "export -o /nowhere/at/all", &out, &err), 1);
  assert_int_equal(
      program_run(PURSER_PROGRAM, "export --since 2026-02-02 --until 2026-01-01", &out, &err), 64);
  buf_fini(&out);
  buf_fini(&err);
  temp_remove(&temp);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_export_comes_back_byte_for_byte_from_an_empty_ledger),
      cmocka_unit_test(importing_twice_or_where_it_came_from_changes_nothing),
      cmocka_unit_test(an_export_in_parts_imports_to_the_whole_in_any_order),
      cmocka_unit_test(a_run_under_way_arrives_as_one_that_was_cut_off),
      cmocka_unit_test(the_program_writes_a_file_of_its_user_s_alone_and_takes_it_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_ledger_bulk.c - what is booked in bulk comes out as it would one by one: each row of each table, whatever is restated,
 * replayed, moved or dated ahead, however it is cut into transactions, and whoever writes in between. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "ledger/bulk.h"
#include "ledger/internal.h"
#include "support/gate.h"

enum {
  RUNS = 12,
  REQUESTS = 160,
  KEYS = 60
};

#define NOW  "2026-11-25T12:00:00Z"
#define HOUR INT64_C(3600000)

static struct run_spec random_run(struct rng *rng) {
  static const char *const agents[] = {"claude", "codex", "reviewer"};
  static const char *const folders[] = {"/a", "/b"};
  static const char *const models[] = {"model-a", "model-b"};
  return (struct run_spec){
      .agent = agents[rng_below(rng, 3)],
      .workspace = folders[rng_below(rng, 2)],
      .source = "claude",
      .model = models[rng_below(rng, 2)],
      .effort = rng_chance(rng, 50) ? "high" : "",
      .branch = rng_chance(rng, 50) ? "main" : "",
      .prompt = rng_chance(rng, 50) ? "do it" : "",
      .started_ms = instant_ms(NOW) - rng_below(rng, 90 * 24) * HOUR,
      .billing = (enum billing)rng_below(rng, 3),
      .imported = rng_chance(rng, 80),
  };
}

static void describe_request(struct rng *rng, char key[32], char request_id[32],
                             struct request *out) {
  static const char *const models[] = {"model-a", "model-b", "model-c"};
  static const char *const sessions[] = {"s1", "s2", ""};
  (void)snprintf(key, 32, "claude/m%d", (int)rng_below(rng, KEYS));
  (void)snprintf(request_id, 32, "%s",
                 rng_chance(rng, 20)   ? ""
                 : rng_chance(rng, 80) ? "r1"
                                       : "r2");
  const int64_t input = rng_below(rng, 5000);
  *out = (struct request){
      .key = key,
      .request_id = request_id,
      .at_ms = instant_ms(NOW) - rng_below(rng, 100 * 24) * HOUR,
      .model = models[rng_below(rng, 3)],
      .tier = "",
      .speed = "",
      .region = "",
      .session = sessions[rng_below(rng, 3)],
      .original = rng_chance(rng, 50),
      .reported_nanousd = rng_chance(rng, 10) ? 5000 : -1,
      .usage = {.input = input, .output = rng_below(rng, 900), .cache_read = rng_below(rng, 99)},
  };
  if (rng_chance(rng, 30))
    out->flags |= PURSER_FLAG_PARTIAL;
  if (rng_chance(rng, 30))
    out->flags |= PURSER_FLAG_SIDECHAIN;
  if (rng_chance(rng, 10))
    out->flags |= PURSER_FLAG_UNCERTAIN;
  if (rng_chance(rng, 10))
    out->flags |= PURSER_FLAG_ESTIMATED;
  if (rng_chance(rng, 5))
    out->at_ms =
        instant_ms(NOW) + rng_below(rng, 60) * HOUR; /* some within a day, some beyond (rule 23) */
  out->price = (struct price){
      .status = rng_chance(rng, 10) ? COST_UNKNOWN : COST_KNOWN,
      .cost_nanousd = input * 3000,
      .input_nanousd = input * 3000,
      .rate_card = "card",
  };
}

/* Everything that is stored, as text. */
static void dump(struct ledger *ledger, struct buf *out) {
  static const char *const queries[] = {
      "SELECT * FROM request ORDER BY id",
      ("SELECT id, parent, agent, workspace, branch, source, model, effort, session, prompt,"
       " prompt_bytes, status, billing, imported, started_ms, requests, input, cache_read, output,"
       " cost, unpriced, estimated, uncertain, dearest, anchor_ms, anchor_model, cost_input,"
       " cost_extra, cache_saved FROM run_log ORDER BY id"),
      ("SELECT * FROM rollup ORDER BY grain, span, agent, workspace, model, effort, source, branch,"
       " billing"),
      "SELECT id, start_ms, end_ms, metered, subscription, raised FROM policy ORDER BY id",
      "SELECT * FROM policy_period ORDER BY policy, start_ms",
      "SELECT * FROM quarantine ORDER BY key, request_id",
      "SELECT * FROM name ORDER BY id",
  };
  for (size_t i = 0; i < COUNT(queries); i++) {
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(db_handle(ledger->db), queries[i], -1, &stmt, NULL), 0);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
      for (int c = 0; c < sqlite3_column_count(stmt); c++) {
        const unsigned char *text = sqlite3_column_text(stmt, c);
        buf_addf(out, "%s|", text != NULL ? (const char *)text : "-");
      }
      buf_addc(out, '\n');
    }
    (void)sqlite3_finalize(stmt);
    buf_adds(out, "==\n");
  }
}

/* One story, told to a ledger in transactions of random length. */
static void tell(struct books *books, uint64_t seed, bool bulk, uint64_t cuts, struct buf *out) {
  struct rng rng = {seed};
  struct rng cut = {cuts};
  int64_t runs[RUNS];
  size_t run_count = 0;
  books_open(books, NOW);
  if (rng_chance(&rng, 80)) {
    (void)gate_budget(books->ledger, "global", 100000);
    (void)gate_budget(books->ledger, "agent:claude", 1);
    (void)gate_budget(books->ledger, "workspace:/a", 50);
  }
  if (bulk)
    assert_ok(ledger_bulk_begin(books->ledger, cut.state % 2 == 0 ? 100 : 0, &books->error),
              &books->error);
  bool open = false;
  for (int i = 0; i < REQUESTS; i++) {
    if (i == REQUESTS / 2)
      fake_clock_advance(&books->clock, 7 * 24 * HOUR); /* periods end, days are settled */
    if (!open)
      assert_ok(ledger_begin(books->ledger, &books->error), &books->error);
    open = true;
    if (run_count < RUNS && (run_count == 0 || rng_chance(&rng, 10))) {
      const struct run_spec spec = random_run(&rng);
      assert_ok(
          ledger_run_create(books->ledger, &spec, RUN_COMPLETED, &runs[run_count], &books->error),
          &books->error);
      run_count++;
    }
    struct request request;
    struct booked booked;
    char key[32];
    char request_id[32];
    describe_request(&rng, key, request_id, &request);
    request.run_id = runs[rng_below(&rng, (int64_t)run_count)];
    assert_ok(ledger_book(books->ledger, &request, &booked, &books->error), &books->error);
    buf_addf(out, "%d:%d %lld %lld\n", i, (int)booked.outcome, (long long)booked.delta_nanousd,
             (long long)booked.run_id);
    if (i == REQUESTS / 2 - 1 || rng_chance(&cut, 10)) {
      assert_ok(ledger_commit(books->ledger, &books->error), &books->error);
      open = false;
    }
  }
  if (open)
    assert_ok(ledger_commit(books->ledger, &books->error), &books->error);
  ledger_bulk_end(books->ledger);
  dump(books->ledger, out);
}

static void bulk_comes_out_as_one_by_one(void **state) {
  (void)state;
  const int seeds = property_seeds(60);
  for (int seed = 1; seed <= seeds; seed++) {
    struct buf single = BUF_INIT;
    struct buf bulk = BUF_INIT;
    struct books books;
    tell(&books, (uint64_t)seed, false, (uint64_t)seed, &single);
    books_close(&books);
    /* The same cuts first: then also what depends on transactions (the order of names) is the same. */
    tell(&books, (uint64_t)seed, true, (uint64_t)seed, &bulk);
    books_close(&books); /* audits */
    if (single.len != bulk.len || memcmp(single.data, bulk.data, bulk.len) != 0) {
      size_t at = 0;
      while (single.data[at] == bulk.data[at])
        at++;
      const size_t from = at > 200 ? at - 200 : 0;
      fail_msg("seed %d differs:\n%.400s\n---- in bulk:\n%.400s", seed, single.data + from,
               bulk.data + from);
    }
    buf_fini(&single);
    buf_fini(&bulk);
  }
}

/* Another connection books while bulk goes on between its transactions: facts and keys that were kept are not believed any more. */
static void others_may_write_in_between(void **state) {
  (void)state;
  const int seeds = property_seeds(30);
  for (int seed = 1; seed <= seeds; seed++) {
    struct books books;
    struct rng rng = {(uint64_t)seed};
    struct ledger *other = NULL;
    int64_t runs[4];
    books_open(&books, NOW);
    (void)gate_budget(books.ledger, "global", 100000);
    const struct ledger_options options = {.path = temp_path(&books.temp, "purser.db"),
                                           .clock = &books.clock.clock};
    assert_ok(ledger_open(&other, &options, &books.error), &books.error);
    for (size_t i = 0; i < COUNT(runs); i++) {
      const struct run_spec spec = random_run(&rng);
      runs[i] = books_run_of(&books, &spec, RUN_COMPLETED);
    }
    assert_ok(ledger_bulk_begin(books.ledger, 1000, &books.error), &books.error);
    for (int i = 0; i < 60; i++) {
      struct ledger *who = rng_chance(&rng, 40) ? other : books.ledger;
      assert_ok(ledger_begin(who, &books.error), &books.error);
      for (int64_t n = rng_between(&rng, 1, 5); n > 0; n--) {
        struct request request;
        struct booked booked;
        char key[32];
        char request_id[32];
        describe_request(&rng, key, request_id, &request);
        request.run_id = runs[rng_below(&rng, (int64_t)COUNT(runs))];
        assert_ok(ledger_book(who, &request, &booked, &books.error), &books.error);
      }
      if (rng_chance(&rng, 10))
        ledger_rollback(who);
      else
        assert_ok(ledger_commit(who, &books.error), &books.error);
    }
    ledger_bulk_end(books.ledger);
    ledger_close(other);
    books_close(&books); /* every sum is computed anew from the log */
  }
}

static void a_run_that_had_nothing_is_counted_where_it_began(void **state) {
  (void)state;
  struct books books;
  struct run_row row = {0};
  books_open(&books, NOW);
  assert_ok(ledger_bulk_begin(books.ledger, 10, &books.error), &books.error);
  const struct run_spec spec = {.agent = "a",
                                .workspace = "/w",
                                .source = "claude",
                                .model = "m",
                                .prompt = "nothing came",
                                .started_ms = instant_ms("2026-11-20T10:00:00Z"),
                                .imported = true};
  const int64_t id = books_run_of(&books, &spec, RUN_COMPLETED);
  ledger_bulk_end(books.ledger);
  assert_ok(ledger_run_get(books.ledger, id, &row, &books.error), &books.error);
  assert_string_equal(row.prompt, "nothing came");
  assert_int_equal(row.ended_ms, row.started_ms);
  run_row_fini(&row);
  assert_int_equal(books_total(books.ledger).runs, 1);
  books_close(&books);
}

static void an_imported_run_ends_with_the_last_that_is_known_of_it(void **state) {
  (void)state;
  struct books books;
  struct run_row row = {0};
  const int64_t start = instant_ms("2026-11-20T10:00:00Z");
  books_open(&books, NOW);
  assert_ok(ledger_bulk_begin(books.ledger, 10, &books.error), &books.error);
  struct run_spec spec = {
      .agent = "a", .workspace = "/w", .source = "claude", .started_ms = start, .imported = true};
  const int64_t id = books_run_of(&books, &spec, RUN_COMPLETED);
  static const int64_t after[] = {5000, 9000, 7000};
  for (size_t i = 0; i < COUNT(after); i++) {
    assert_ok(ledger_begin(books.ledger, &books.error), &books.error);
    assert_ok(ledger_bulk_extend(books.ledger, id, start + after[i], &books.error), &books.error);
    assert_ok(ledger_commit(books.ledger, &books.error), &books.error);
  }
  ledger_bulk_end(books.ledger);
  assert_ok(ledger_run_get(books.ledger, id, &row, &books.error), &books.error);
  assert_int_equal(row.ended_ms, start + 9000);
  assert_int_equal(row.duration_ms, 9000);
  run_row_fini(&row);
  books_close(&books);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bulk_comes_out_as_one_by_one),
      cmocka_unit_test(others_may_write_in_between),
      cmocka_unit_test(a_run_that_had_nothing_is_counted_where_it_began),
      cmocka_unit_test(an_imported_run_ends_with_the_last_that_is_known_of_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

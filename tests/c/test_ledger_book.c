/* test_ledger_book.c - the one door: what is one response, whose it is, and what it counts for. */
#include "support/books.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/internal.h"

#define NOON "2026-11-24T12:00:00Z"

static int set_up(void **state) {
  static struct books books;
  books_open(&books, NOON);
  *state = &books;
  return 0;
}

static int tear_down(void **state) {
  books_close(*state);
  return 0;
}

static struct run_row get_run(struct books *books, int64_t id) {
  struct run_row row;
  assert_ok(ledger_run_get(books->ledger, id, &row, &books->error), &books->error);
  return row;
}

static int64_t cost_of(struct books *books, int64_t id) {
  struct run_row row = get_run(books, id);
  const int64_t cost = row.sums.cost_nanousd;
  run_row_fini(&row);
  return cost;
}

/* ---- one response, one entry ---- */

static void rule_1_a_restated_response_counts_once_with_its_largest_figure(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "reviewer", "/w");
  static const int64_t outputs[] = {1, 7, 7, 300, 120};
  static const enum book_outcome outcomes[] = {BOOK_NEW, BOOK_REPLACED, BOOK_DUPLICATE,
                                               BOOK_REPLACED, BOOK_DUPLICATE};
  for (size_t i = 0; i < COUNT(outputs); i++) {
    struct request r = books_request(books, run, "claude/msg_1", outputs[i] * 1000);
    r.request_id = "req_1";
    r.usage.output = outputs[i];
    const struct booked booked = books_book(books, &r);
    assert_int_equal(booked.outcome, outcomes[i]);
    assert_int_equal(booked.run_id, run);
  }
  const struct sums total = books_total(books->ledger);
  assert_int_equal(total.requests, 1);
  assert_int_equal(total.output, 300);
  assert_int_equal(total.cost_nanousd, 300000);
}

static void rule_1_the_delta_is_what_the_better_figure_adds(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "reviewer", "/w");
  struct request r = books_request(books, run, "claude/msg_1", 1000);
  assert_int_equal(books_book(books, &r).delta_nanousd, 1000);
  r.usage.output = 50;
  r.price.cost_nanousd = 2500;
  assert_int_equal(books_book(books, &r).delta_nanousd, 1500);
  assert_int_equal(books_book(books, &r).delta_nanousd, 0);
  assert_int_equal(cost_of(books, run), 2500);
}

static void rule_8_a_final_figure_replaces_a_larger_partial_one(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "reviewer", "/w");
  struct request r = books_request(books, run, "k", 9000);
  r.flags = PURSER_FLAG_PARTIAL;
  r.usage.output = 900;
  (void)books_book(books, &r);
  r.flags = 0;
  r.usage.output = 400;
  r.price.cost_nanousd = 4000;
  assert_int_equal(books_book(books, &r).outcome, BOOK_REPLACED);
  r.flags = PURSER_FLAG_PARTIAL;
  r.usage.output = 950;
  assert_int_equal(books_book(books, &r).outcome, BOOK_DUPLICATE);
  assert_int_equal(books_total(books->ledger).output, 400);
}

static void rule_1_one_message_id_under_two_request_ids_is_two_responses(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "reviewer", "/w");
  struct request r = books_request(books, run, "claude/msg_1", 1000);
  r.request_id = "req_1";
  assert_int_equal(books_book(books, &r).outcome, BOOK_NEW);
  r.request_id = "req_2";
  assert_int_equal(books_book(books, &r).outcome, BOOK_NEW);
  /* A third record that does not know its request id is one of them. */
  r.request_id = "";
  assert_int_equal(books_book(books, &r).outcome, BOOK_DUPLICATE);
  r.request_id = NULL;
  assert_int_equal(books_book(books, &r).outcome, BOOK_DUPLICATE);
  assert_int_equal(books_total(books->ledger).requests, 2);
}

static void rule_1_a_request_id_learnt_later_is_kept(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "reviewer", "/w");
  struct request r = books_request(books, run, "claude/msg_1", 1000);
  assert_int_equal(books_book(books, &r).outcome, BOOK_NEW);
  r.request_id = "req_1";
  assert_int_equal(books_book(books, &r).outcome, BOOK_REPLACED);
  assert_int_equal(books_book(books, &r).outcome, BOOK_DUPLICATE);
  r.request_id = "req_2";
  assert_int_equal(books_book(books, &r).outcome, BOOK_NEW);
}

static void rule_4_a_side_chain_s_replay_is_the_message_it_replays(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "reviewer", "/w");
  struct request r = books_request(books, run, "claude/msg_1", 1000);
  r.request_id = "req_1";
  (void)books_book(books, &r);
  r.request_id = "req_2";
  r.flags = PURSER_FLAG_SIDECHAIN;
  assert_int_equal(books_book(books, &r).outcome, BOOK_DUPLICATE);
  /* The other order: the replay is met first. */
  r.key = "claude/msg_2";
  r.request_id = "req_3";
  assert_int_equal(books_book(books, &r).outcome, BOOK_NEW);
  r.request_id = "req_4";
  r.flags = 0;
  assert_int_equal(books_book(books, &r).outcome, BOOK_REPLACED);
  /* A message of its own in a side chain counts. */
  r.key = "claude/msg_3";
  r.flags = PURSER_FLAG_SIDECHAIN;
  assert_int_equal(books_book(books, &r).outcome, BOOK_NEW);
  assert_int_equal(books_total(books->ledger).requests, 3);
}

static void keys_that_differ_are_different_responses_whatever_their_hash(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "reviewer", "/w");
  for (int i = 0; i < 500; i++) {
    char key[32];
    (void)snprintf(key, sizeof key, "k/%d", i);
    struct request r = books_request(books, run, key, 1);
    assert_int_equal(books_book(books, &r).outcome, BOOK_NEW);
    /* As if the hashes of all keys collided. */
    assert_int_equal(
        sqlite3_exec(db_handle(books->ledger->db),
                     "UPDATE request SET hash = (SELECT hash FROM request WHERE id = 1)", NULL,
                     NULL, NULL),
        SQLITE_OK);
    if (i == 3)
      break;
  }
  struct request again = books_request(books, run, "k/0", 1);
  assert_int_equal(books_book(books, &again).outcome, BOOK_DUPLICATE);
  assert_int_equal(books_total(books->ledger).requests, 4);
}

static void rule_17_a_price_learnt_later_replaces_the_unknown_one(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "reviewer", "/w");
  struct request r = books_request(books, run, "k", 777);
  r.price.status = COST_UNKNOWN;
  assert_int_equal(books_book(books, &r).delta_nanousd, 0);
  struct sums total = books_total(books->ledger);
  assert_int_equal(total.unpriced_requests, 1);
  assert_int_equal(total.cost_nanousd, 0);
  r.price.status = COST_REPORTED;
  assert_int_equal(books_book(books, &r).delta_nanousd, 777);
  total = books_total(books->ledger);
  assert_int_equal(total.unpriced_requests, 0);
  assert_int_equal(total.cost_nanousd, 777);
  r.price.status = COST_UNKNOWN;
  assert_int_equal(books_book(books, &r).outcome, BOOK_DUPLICATE);
}

static void rule_32_an_estimate_is_never_kept_where_usage_exists(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "reviewer", "/w");
  struct request r = books_request(books, run, "k", 9999);
  r.flags = PURSER_FLAG_ESTIMATED;
  r.usage.input = 1000000;
  r.price.status = COST_ESTIMATED;
  (void)books_book(books, &r);
  assert_int_equal(books_total(books->ledger).estimated_nanousd, 9999);
  struct request real = books_request(books, run, "k", 100);
  assert_int_equal(books_book(books, &real).delta_nanousd, 100 - 9999);
  assert_int_equal(books_book(books, &r).outcome, BOOK_DUPLICATE);
  assert_int_equal(books_total(books->ledger).estimated_nanousd, 0);
}

static void rule_12_the_record_that_knows_the_hour_long_cache_wins(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "reviewer", "/w");
  struct request r = books_request(books, run, "k", 100);
  r.usage = (purser_usage){.input = 10, .cache_write_5m = 50, .output = 5};
  (void)books_book(books, &r);
  r.usage = (purser_usage){.input = 10, .cache_write_1h = 50, .output = 5};
  r.price.cost_nanousd = 160;
  assert_int_equal(books_book(books, &r).outcome, BOOK_REPLACED);
  assert_int_equal(books_total(books->ledger).cache_write_1h, 50);
  assert_int_equal(books_total(books->ledger).cache_write_5m, 0);
}

/* ---- whose it is ---- */

static void rule_3_a_copied_message_counts_for_the_run_that_began_first(void **state) {
  struct books *books = *state;
  const struct run_spec early = {.agent = "a",
                                 .workspace = "/early",
                                 .source = "claude",
                                 .started_ms = instant_ms("2026-11-20T10:00:00Z"),
                                 .imported = true};
  const struct run_spec late = {.agent = "b",
                                .workspace = "/late",
                                .source = "claude",
                                .started_ms = instant_ms("2026-11-22T10:00:00Z"),
                                .imported = true};
  const int64_t second = books_run_of(books, &late, RUN_COMPLETED);
  const int64_t first = books_run_of(books, &early, RUN_COMPLETED);

  /* The fork's file is read first. */
  struct request r = books_request(books, second, "claude/msg_1", 1000);
  r.at_ms = instant_ms("2026-11-20T10:05:00Z");
  assert_int_equal(books_book(books, &r).run_id, second);
  r.run_id = first;
  const struct booked moved = books_book(books, &r);
  assert_int_equal(moved.outcome, BOOK_REPLACED);
  assert_int_equal(moved.run_id, first);
  assert_int_equal(moved.delta_nanousd, 0);
  assert_int_equal(cost_of(books, first), 1000);
  assert_int_equal(cost_of(books, second), 0);

  /* And back again it does not go. */
  r.run_id = second;
  const struct booked stays = books_book(books, &r);
  assert_int_equal(stays.outcome, BOOK_DUPLICATE);
  assert_int_equal(stays.run_id, first);

  /* A better figure from the later file improves the earlier run's entry. */
  r.usage.output = 99;
  r.price.cost_nanousd = 1700;
  const struct booked better = books_book(books, &r);
  assert_int_equal(better.outcome, BOOK_REPLACED);
  assert_int_equal(better.run_id, first);
  assert_int_equal(better.delta_nanousd, 700);
  assert_int_equal(cost_of(books, first), 1700);
}

static void rule_12_our_own_run_keeps_its_requests_when_its_transcript_is_imported(void **state) {
  struct books *books = *state;
  const int64_t ours = books_run(books, "reviewer", "/w");
  const struct run_spec import = {.agent = "claude",
                                  .workspace = "/w",
                                  .source = "claude",
                                  .started_ms = instant_ms("2026-11-01T10:00:00Z"),
                                  .imported = true};
  const int64_t theirs = books_run_of(books, &import, RUN_COMPLETED);
  struct request r = books_request(books, ours, "claude/msg_1", 1000);
  (void)books_book(books, &r);
  r.run_id = theirs;
  assert_int_equal(books_book(books, &r).run_id, ours);

  /* The importer may even be faster. */
  r.key = "claude/msg_2";
  assert_int_equal(books_book(books, &r).run_id, theirs);
  r.run_id = ours;
  assert_int_equal(books_book(books, &r).run_id, ours);
  assert_int_equal(cost_of(books, ours), 2000);
  assert_int_equal(cost_of(books, theirs), 0);
}

static void the_earlier_time_is_kept(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "reviewer", "/w");
  struct request r = books_request(books, run, "k", 1000);
  (void)books_book(books, &r);
  r.at_ms = instant_ms("2026-11-22T10:00:00Z");
  assert_int_equal(books_book(books, &r).outcome, BOOK_REPLACED);
  const int64_t day = instant_ms("2026-11-22") / 86400000;
  const struct report_query query = {.since_day = day, .until_day = day + 1};
  struct sums total;
  assert_ok(ledger_report(books->ledger, &query, NULL, NULL, &total, &books->error), &books->error);
  assert_int_equal(total.requests, 1);
}

/* ---- figures that are broken ---- */

static void rule_9_broken_figures_are_clamped_and_marked(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "reviewer", "/w");
  struct request r = books_request(books, run, "k", INT64_MAX);
  r.usage = (purser_usage){.input = -5, .output = INT64_MAX, .reasoning = INT64_MIN};
  (void)books_book(books, &r);
  r.key = "k2";
  (void)books_book(books, &r);
  const struct sums total = books_total(books->ledger);
  assert_int_equal(total.input, 0);
  assert_int_equal(total.output, 2 * INT64_C(1000000000000));
  assert_true(total.cost_nanousd > 0);
  assert_int_equal(ledger_begin(books->ledger, NULL), 0);
  int64_t flagged = 0;
  assert_int_equal(db_get_int(books->ledger->db, "SELECT count(*) FROM request WHERE flags & 16",
                              NULL, 0, &flagged, NULL),
                   0);
  assert_int_equal(flagged, 2);
  ledger_rollback(books->ledger);
}

static void rule_23_a_time_more_than_a_day_ahead_is_quarantined(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "reviewer", "/w");
  struct request r = books_request(books, run, "k", 1000);
  r.at_ms = books->clock.now_ms + 86400001;
  assert_int_equal(books_book(books, &r).outcome, BOOK_QUARANTINED);
  assert_int_equal(books_book(books, &r).outcome, BOOK_QUARANTINED);
  assert_int_equal(books_total(books->ledger).requests, 0);
  int64_t kept = 0;
  assert_int_equal(
      db_get_int(books->ledger->db, "SELECT count(*) FROM quarantine", NULL, 0, &kept, NULL), 0);
  assert_int_equal(kept, 1);

  /* A day ahead is a clock that is off; it counts. */
  r.key = "k2";
  r.at_ms = books->clock.now_ms + 86400000;
  assert_int_equal(books_book(books, &r).outcome, BOOK_NEW);
  /* When its time has come, the first one counts as well. */
  fake_clock_advance(&books->clock, 2 * 86400000);
  r.key = "k";
  r.at_ms = books->clock.now_ms;
  assert_int_equal(books_book(books, &r).outcome, BOOK_NEW);
}

static void a_request_needs_a_key_a_run_and_a_transaction(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "reviewer", "/w");
  struct booked booked;
  struct request r = books_request(books, run, "k", 1000);
  assert_int_equal(ledger_book(books->ledger, &r, &booked, &books->error), PURSER_EINVAL);
  assert_ok(ledger_begin(books->ledger, &books->error), &books->error);
  r.key = "";
  assert_int_equal(ledger_book(books->ledger, &r, &booked, &books->error), PURSER_EINVAL);
  r.key = NULL;
  assert_int_equal(ledger_book(books->ledger, &r, &booked, &books->error), PURSER_EINVAL);
  r.key = "k";
  r.run_id = 999;
  assert_int_equal(ledger_book(books->ledger, &r, &booked, &books->error), PURSER_ENOTFOUND);
  assert_non_null(strstr(books->error.message, "999"));
  /* What failed once is not half stored. */
  r.run_id = run;
  assert_int_equal(ledger_book(books->ledger, &r, &booked, &books->error), PURSER_OK);
  assert_int_equal(ledger_commit(books->ledger, &books->error), PURSER_ENOTFOUND);
  assert_int_equal(books_total(books->ledger).requests, 0);
}

/* ---- runs in the sums ---- */

static void a_run_counts_once_where_its_first_request_is(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "reviewer", "/w");
  assert_int_equal(books_total(books->ledger).runs, 0);
  struct request r = books_request(books, run, "k1", 1000);
  r.model = "model-a";
  (void)books_book(books, &r);
  fake_clock_advance(&books->clock, 86400000);
  r.key = "k2";
  r.model = "model-b";
  r.at_ms = books->clock.now_ms;
  (void)books_book(books, &r);
  books_end(books, run, RUN_COMPLETED);
  assert_int_equal(books_total(books->ledger).runs, 1);
}

static void a_run_without_requests_counts_at_its_end(void **state) {
  struct books *books = *state;
  const int64_t run = books_run(books, "reviewer", "/w");
  fake_clock_advance(&books->clock, 3 * 86400000);
  books_end(books, run, RUN_FAILED);
  assert_int_equal(books_total(books->ledger).runs, 1);
  const int64_t day = instant_ms("2026-11-24") / 86400000;
  const struct report_query query = {.since_day = day, .until_day = day + 1, .model = "model-a"};
  struct sums total;
  assert_ok(ledger_report(books->ledger, &query, NULL, NULL, &total, &books->error), &books->error);
  assert_int_equal(total.runs, 1);

  /* Its record is read late: now it is counted where its request is, and no longer there. */
  struct request r = books_request(books, run, "k1", 1000);
  r.model = "model-b";
  (void)books_book(books, &r);
  assert_int_equal(books_total(books->ledger).runs, 1);
  assert_ok(ledger_report(books->ledger, &query, NULL, NULL, &total, &books->error), &books->error);
  assert_int_equal(total.runs, 0);
}

static void a_refused_run_is_logged_and_never_counted(void **state) {
  struct books *books = *state;
  const struct run_spec spec = {.agent = "a", .workspace = "/w"};
  (void)books_run_of(books, &spec, RUN_REFUSED);
  assert_int_equal(books_total(books->ledger).runs, 0);
}

/* ---- everything at once ---- */

/* Rule 2: whatever is booked, in whatever order, every cut has the same total, and the sums that are kept are those that are
 * computed. The audit compares them. */
static void rule_2_every_cut_has_the_same_total(void **state) {
  (void)state;
  static const char *const agents[] = {"reviewer", "writer", "fixer", ""};
  static const char *const workspaces[] = {"/home/a", "/home/b", "/home/c d"};
  static const char *const sources[] = {"claude", "codex", "anthropic"};
  static const char *const models[] = {"model-a", "model-b", "model-c", ""};
  const int seeds = property_seeds(12);
  for (int seed = 1; seed <= seeds; seed++) {
    struct rng rng = {(uint64_t)seed};
    struct books books;
    books_open(&books, NOON);
    int64_t runs[12];
    for (size_t i = 0; i < COUNT(runs); i++) {
      const struct run_spec spec = {
          .agent = agents[rng_below(&rng, COUNT(agents))],
          .workspace = workspaces[rng_below(&rng, COUNT(workspaces))],
          .source = sources[rng_below(&rng, COUNT(sources))],
          .model = models[rng_below(&rng, COUNT(models))],
          .billing = (enum billing)rng_below(&rng, 3),
          .imported = rng_chance(&rng, 50),
          .started_ms = books.clock.now_ms - rng_below(&rng, 90 * INT64_C(86400000)),
      };
      runs[i] = books_run_of(&books, &spec, rng_chance(&rng, 30) ? RUN_COMPLETED : RUN_RUNNING);
    }
    assert_ok(ledger_begin(books.ledger, &books.error), &books.error);
    for (int n = 0; n < 300; n++) {
      char key[24];
      char request_id[24];
      (void)snprintf(key, sizeof key, "k%lld", (long long)rng_below(&rng, 60));
      (void)snprintf(request_id, sizeof request_id, "r%lld", (long long)rng_below(&rng, 3));
      struct request r =
          books_request(&books, runs[rng_below(&rng, COUNT(runs))], key, rng_below(&rng, 9999999));
      r.request_id = rng_chance(&rng, 50) ? request_id : "";
      r.model = models[rng_below(&rng, COUNT(models))];
      r.at_ms = books.clock.now_ms - rng_below(&rng, 70 * INT64_C(86400000));
      r.usage.input = rng_below(&rng, 5000);
      r.usage.output = rng_below(&rng, 500);
      r.usage.cache_write_1h = rng_below(&rng, 2) * 7;
      r.price.status = (enum cost_status)rng_below(&rng, 4);
      static const uint32_t flags[] = {0,
                                       0,
                                       PURSER_FLAG_PARTIAL,
                                       PURSER_FLAG_SIDECHAIN,
                                       PURSER_FLAG_UNCERTAIN,
                                       PURSER_FLAG_ESTIMATED,
                                       PURSER_FLAG_REMAINDER | PURSER_FLAG_IMPORTED};
      r.flags = flags[rng_below(&rng, COUNT(flags))];
      struct booked booked;
      assert_ok(ledger_book(books.ledger, &r, &booked, &books.error), &books.error);
      if (rng_chance(&rng, 5)) {
        const struct run_end end = {.status = RUN_COMPLETED};
        assert_ok(ledger_run_end(books.ledger, runs[rng_below(&rng, COUNT(runs))], &end, NULL,
                                 &books.error),
                  &books.error);
      }
    }
    assert_ok(ledger_commit(books.ledger, &books.error), &books.error);
    books_audit(books.ledger);
    assert_ok(ledger_set_zone(books.ledger, "<-0930>9:30", &books.error), &books.error);
    books_close(&books);
  }
}

/* The order in which files are read does not change what is booked, where figures do not tie. */
static void rule_3_the_order_of_reading_does_not_matter(void **state) {
  (void)state;
  const int seeds = property_seeds(10);
  for (int seed = 1; seed <= seeds; seed++) {
    struct sums totals[2];
    int64_t costs[2][4];
    for (int turn = 0; turn < 2; turn++) {
      struct rng rng = {(uint64_t)seed};
      struct books books;
      books_open(&books, NOON);
      int64_t runs[4];
      for (size_t i = 0; i < COUNT(runs); i++) {
        const struct run_spec spec = {.agent = "a",
                                      .workspace = "/w",
                                      .source = "claude",
                                      .imported = i != 2,
                                      .started_ms = books.clock.now_ms - (int64_t)i * 1000};
        runs[i] = books_run_of(&books, &spec, RUN_COMPLETED);
      }
      struct request records[60];
      char keys[60][8];
      for (size_t i = 0; i < COUNT(records); i++) {
        (void)snprintf(keys[i], sizeof keys[i], "k%lld", (long long)rng_below(&rng, 12));
        const int64_t tokens = (int64_t)i + 1;
        records[i] = books_request(&books, runs[rng_below(&rng, 4)], keys[i], tokens * 10);
        records[i].usage.output = tokens;
        records[i].flags = rng_chance(&rng, 40) ? PURSER_FLAG_PARTIAL : 0;
      }
      for (size_t i = COUNT(records); turn == 1 && i > 1; i--) {
        const size_t j = (size_t)rng_below(&rng, (int64_t)i);
        const struct request kept = records[i - 1];
        records[i - 1] = records[j];
        records[j] = kept;
      }
      for (size_t i = 0; i < COUNT(records); i++)
        (void)books_book(&books, &records[i]);
      totals[turn] = books_total(books.ledger);
      for (size_t i = 0; i < COUNT(runs); i++)
        costs[turn][i] = cost_of(&books, runs[i]);
      books_close(&books);
    }
    assert_memory_equal(&totals[0], &totals[1], sizeof totals[0]);
    assert_memory_equal(costs[0], costs[1], sizeof costs[0]);
  }
}

#define ON_BOOKS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      ON_BOOKS(rule_1_a_restated_response_counts_once_with_its_largest_figure),
      ON_BOOKS(rule_1_the_delta_is_what_the_better_figure_adds),
      ON_BOOKS(rule_8_a_final_figure_replaces_a_larger_partial_one),
      ON_BOOKS(rule_1_one_message_id_under_two_request_ids_is_two_responses),
      ON_BOOKS(rule_1_a_request_id_learnt_later_is_kept),
      ON_BOOKS(rule_4_a_side_chain_s_replay_is_the_message_it_replays),
      ON_BOOKS(keys_that_differ_are_different_responses_whatever_their_hash),
      ON_BOOKS(rule_17_a_price_learnt_later_replaces_the_unknown_one),
      ON_BOOKS(rule_32_an_estimate_is_never_kept_where_usage_exists),
      ON_BOOKS(rule_12_the_record_that_knows_the_hour_long_cache_wins),
      ON_BOOKS(rule_3_a_copied_message_counts_for_the_run_that_began_first),
      ON_BOOKS(rule_12_our_own_run_keeps_its_requests_when_its_transcript_is_imported),
      ON_BOOKS(the_earlier_time_is_kept),
      ON_BOOKS(rule_9_broken_figures_are_clamped_and_marked),
      ON_BOOKS(rule_23_a_time_more_than_a_day_ahead_is_quarantined),
      ON_BOOKS(a_request_needs_a_key_a_run_and_a_transaction),
      ON_BOOKS(a_run_counts_once_where_its_first_request_is),
      ON_BOOKS(a_run_without_requests_counts_at_its_end),
      ON_BOOKS(a_refused_run_is_logged_and_never_counted),
      cmocka_unit_test(rule_2_every_cut_has_the_same_total),
      cmocka_unit_test(rule_3_the_order_of_reading_does_not_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_ledger_report.c - reports of random ledgers, in every cut, with every filter and range, against sums made straight from the log. */
#include "support/books.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "ledger/internal.h"

static const char *const agents[] = {"reviewer", "writer", "sql"};
static const char *const workspaces[] = {"/w/a", "/w/b", "/w/c"};
static const char *const models[] = {"model-a", "model-b", "model-c", ""};
static const char *const sources[] = {"claude", "codex"};
static const char *const efforts[] = {"", "low", "high"};
static const char *const branches[] = {"", "main", "topic"};
static const char *const billings[] = {"metered", "subscription", "local"};

#define PICK(rng, list) (list)[rng_below(rng, (int64_t)(sizeof(list) / sizeof((list)[0])))]
#define DAY_MS          INT64_C(86400000)

/* ---- a random ledger ---- */

struct world {
  struct books books;
  struct rng rng;
  int64_t runs[40];
  size_t run_count;
  struct request last; /* of which a better or poorer record may follow */
  char last_key[32];
};

static int64_t some_time(struct world *w) {
  const int64_t now = w->books.clock.now_ms;
  switch (rng_below(&w->rng, 6)) {
  case 0: return now - rng_below(&w->rng, 90 * DAY_MS); /* an import */
  case 1: return now + rng_below(&w->rng, DAY_MS);      /* somebody's clock is fast */
  case 2: return now - rng_below(&w->rng, 2 * DAY_MS);  /* yesterday, just settled */
  default: return now - rng_below(&w->rng, 600000);
  }
}

static void make_run(struct world *w) {
  struct rng *rng = &w->rng;
  const struct run_spec spec = {
      .agent = PICK(rng, agents),
      .workspace = PICK(rng, workspaces),
      .branch = PICK(rng, branches),
      .source = PICK(rng, sources),
      .model = PICK(rng, models),
      .effort = PICK(rng, efforts),
      .billing = (enum billing)rng_below(rng, 3),
      .imported = rng_chance(rng, 50),
      .started_ms = some_time(w),
  };
  struct error *error = &w->books.error;
  int64_t id = 0;
  assert_ok(ledger_run_create(w->books.ledger, &spec,
                              rng_chance(rng, 70) ? RUN_RUNNING : RUN_COMPLETED, &id, error),
            error);
  if (w->run_count < sizeof w->runs / sizeof w->runs[0])
    w->runs[w->run_count++] = id;
  else
    w->runs[rng_below(rng, (int64_t)w->run_count)] = id;
}

/* Known costs that are split, known ones that don't add up, reported, estimated, unknown. */
static struct price some_price(struct rng *rng) {
  struct price p = {.status = (enum cost_status)rng_below(rng, 4), .rate_card = "card"};
  if (rng_chance(rng, 70)) {
    p.input_nanousd = rng_below(rng, 1000);
    p.cache_read_nanousd = rng_below(rng, 2000);
    p.cache_write_nanousd = rng_below(rng, 500);
    p.output_nanousd = rng_below(rng, 5000);
    p.extra_nanousd = rng_chance(rng, 20) ? 300 : 0;
    p.cache_saved_nanousd = rng_below(rng, 9000) - 2000;
  }
  p.cost_nanousd = p.input_nanousd + p.cache_read_nanousd + p.cache_write_nanousd +
                   p.output_nanousd + p.extra_nanousd;
  if (rng_chance(rng, 15))
    p.cost_nanousd = rng_below(rng, 8000);
  return p;
}

static void book_some(struct world *w) {
  struct rng *rng = &w->rng;
  struct request r = w->last;
  struct booked booked;
  if (w->run_count == 0)
    return;
  if (w->last_key[0] == '\0' || rng_chance(rng, 75)) {
    (void)snprintf(w->last_key, sizeof w->last_key, "k%lld", (long long)rng_below(rng, 400));
    r = (struct request){.key = w->last_key, .reported_nanousd = -1};
  }
  r.run_id = w->runs[rng_below(rng, (int64_t)w->run_count)];
  r.at_ms = some_time(w);
  r.model = PICK(rng, models);
  r.flags = rng_chance(rng, 15) ? PURSER_FLAG_UNCERTAIN : 0;
  r.flags |= rng_chance(rng, 10) ? PURSER_FLAG_REMAINDER : 0;
  r.flags |= rng_chance(rng, 20) ? PURSER_FLAG_PARTIAL : 0;
  r.flags |= rng_chance(rng, 20) ? PURSER_FLAG_SIDECHAIN : 0;
  r.usage = (purser_usage){.input = rng_below(rng, 100),
                           .cache_read = rng_below(rng, 1000),
                           .cache_write_5m = rng_below(rng, 50),
                           .cache_write_1h = rng_below(rng, 50),
                           .output = rng_below(rng, 300),
                           .reasoning = rng_below(rng, 30)};
  r.price = some_price(rng);
  assert_ok(ledger_book(w->books.ledger, &r, &booked, &w->books.error), &w->books.error);
  w->last = r;
}

static void end_some(struct world *w) {
  const struct run_end end = {.status = rng_chance(&w->rng, 20) ? RUN_FAILED : RUN_COMPLETED};
  if (w->run_count > 0)
    assert_ok(ledger_run_end(w->books.ledger, w->runs[rng_below(&w->rng, (int64_t)w->run_count)],
                             &end, NULL, &w->books.error),
              &w->books.error);
}

static void write_some(struct world *w) {
  assert_ok(ledger_begin(w->books.ledger, &w->books.error), &w->books.error);
  for (int64_t i = rng_between(&w->rng, 1, 25); i > 0; i--) {
    if (w->run_count == 0 || rng_chance(&w->rng, 15))
      make_run(w);
    else if (rng_chance(&w->rng, 10))
      end_some(w);
    else
      book_some(w);
  }
  /* What is gathered may be rolled back. */
  if (rng_chance(&w->rng, 5) && w->run_count == 0)
    ledger_rollback(w->books.ledger);
  else
    assert_ok(ledger_commit(w->books.ledger, &w->books.error), &w->books.error);
}

/* ---- the same, straight from the log ---- */

struct bounds {
  const struct report_query *query;
  int64_t since, until;
};

#define WHERE                                                                              \
  " (?3 IS NULL OR ?3 = coalesce((SELECT text FROM name WHERE id = r.agent), ''))"         \
  " AND (?4 IS NULL OR ?4 = coalesce((SELECT text FROM name WHERE id = r.workspace), ''))" \
  " AND (?5 IS NULL OR ?5 = coalesce((SELECT text FROM name WHERE id = r.source), ''))"    \
  " AND (?7 IS NULL OR ?7 = coalesce((SELECT text FROM name WHERE id = r.effort), ''))"    \
  " AND (?8 IS NULL OR ?8 = coalesce((SELECT text FROM name WHERE id = r.branch), ''))"    \
  " AND (?9 IS NULL OR ?9 = r.billing)"

static sqlite3_stmt *look(struct ledger *ledger, const char *sql, const struct bounds *b) {
  const struct report_query *q = b->query;
  const char *const texts[] = {q->agent, q->workspace, q->source, q->model, q->effort, q->branch};
  sqlite3_stmt *stmt = NULL;
  assert_int_equal(sqlite3_prepare_v2(db_handle(ledger->db), sql, -1, &stmt, NULL), SQLITE_OK);
  (void)sqlite3_bind_int64(stmt, 1, b->since);
  (void)sqlite3_bind_int64(stmt, 2, b->until);
  for (int i = 0; i < 6; i++) {
    if (texts[i] != NULL)
      (void)sqlite3_bind_text(stmt, 3 + i, texts[i], -1, SQLITE_STATIC);
  }
  if (q->billing != NULL)
    (void)sqlite3_bind_int(stmt, 9, billing_parse(q->billing));
  assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
  return stmt;
}

static struct sums straight(struct ledger *ledger, const struct report_query *query) {
  const struct zone *zone = query->zone != NULL ? query->zone : ledger_zone(ledger);
  const struct bounds b = {
      query, query->since_day == INT64_MIN ? INT64_MIN : zone_day_start_ms(zone, query->since_day),
      query->until_day == INT64_MAX ? INT64_MAX : zone_day_start_ms(zone, query->until_day)};
  struct sums sums = {0};
  sqlite3_stmt *stmt = look(
      ledger,
      "SELECT count(*), sum(q.input), sum(q.cache_read), sum(q.cache_write_5m),"
      " sum(q.cache_write_1h), sum(q.output), sum(q.reasoning), sum(q.cost), sum(q.status = 0),"
      " sum(iif(q.status = 3, q.cost, 0)), sum(iif(q.flags & 32, q.cost, 0)), sum(q.cost_input),"
      " sum(q.cost_cache_read), sum(q.cost_cache_write), sum(q.extra), sum(q.cache_saved)"
      " FROM request q JOIN run_log r ON r.id = q.run_id WHERE q.at_ms >= ?1 AND q.at_ms < ?2"
      " AND (?6 IS NULL OR ?6 = coalesce((SELECT text FROM name WHERE id = q.model), '')) AND" WHERE,
      &b);
  sums_read(stmt, 0, &sums);
  (void)sqlite3_finalize(stmt);
  stmt = look(ledger,
              "SELECT count(*) FROM run_log r WHERE r.anchor_ms <> 0 AND r.anchor_ms >= ?1"
              " AND r.anchor_ms < ?2 AND (?6 IS NULL OR"
              " ?6 = coalesce((SELECT text FROM name WHERE id = r.anchor_model), '')) AND" WHERE,
              &b);
  sums.runs = sqlite3_column_int64(stmt, 0);
  (void)sqlite3_finalize(stmt);
  return sums;
}

/* ---- one against the other ---- */

struct seen {
  struct sums sum;
  int64_t last_cost;
  char last_key[64];
  bool in_time;
  int64_t rows;
};

static int see(void *data, const char *key, const struct sums *s) {
  struct seen *seen = data;
  assert_int_equal(s->cost_input_nanousd + s->cost_cache_read_nanousd +
                       s->cost_cache_write_nanousd + s->cost_output_nanousd + s->cost_extra_nanousd,
                   s->cost_nanousd);
  assert_true(s->cost_output_nanousd >= 0 && s->cost_extra_nanousd >= 0);
  assert_true(s->runs > 0 || s->requests > 0);
  if (seen->rows++ > 0) {
    assert_string_not_equal(seen->last_key, key);
    if (seen->in_time)
      assert_true(strcmp(seen->last_key, key) < 0);
    else
      assert_true(seen->last_cost >= s->cost_nanousd);
  }
  (void)snprintf(seen->last_key, sizeof seen->last_key, "%s", key);
  seen->last_cost = s->cost_nanousd;
  sums_add(&seen->sum, s);
  return 0;
}

static struct report_query some_question(struct world *w, const struct zone *elsewhere) {
  struct rng *rng = &w->rng;
  const int64_t today = zone_day(ledger_zone(w->books.ledger), w->books.clock.now_ms);
  struct report_query q = {
      .agent = rng_chance(rng, 25) ? PICK(rng, agents) : NULL,
      .workspace = rng_chance(rng, 25) ? PICK(rng, workspaces) : NULL,
      .source = rng_chance(rng, 15) ? PICK(rng, sources) : NULL,
      .model = rng_chance(rng, 15) ? PICK(rng, models) : NULL,
      .effort = rng_chance(rng, 15) ? PICK(rng, efforts) : NULL,
      .branch = rng_chance(rng, 15) ? PICK(rng, branches) : NULL,
      .billing = rng_chance(rng, 25) ? PICK(rng, billings) : NULL,
      .since_day = INT64_MIN,
      .until_day = INT64_MAX,
      .zone = rng_chance(rng, 15) ? elsewhere : NULL,
  };
  if (rng_chance(rng, 3))
    q.agent = "nobody";
  if (rng_chance(rng, 60))
    q.since_day = today - rng_below(rng, 100) + 3;
  if (rng_chance(rng, 60))
    q.until_day = today - rng_below(rng, 40) + 3;
  /* Whole months, too, as the views ask for them. */
  if (rng_chance(rng, 20) && q.since_day != INT64_MIN) {
    q.since_day = rollup_month_start(rollup_month(q.since_day));
    q.until_day = rollup_month_start(rollup_month(q.since_day) + rng_between(rng, 1, 3));
  }
  return q;
}

static void check(struct world *w, const struct zone *elsewhere) {
  struct report_query q = some_question(w, elsewhere);
  const struct sums wanted = straight(w->books.ledger, &q);
  for (int by = REPORT_BY_NOTHING; by <= REPORT_BY_BILLING; by++) {
    struct seen seen = {.in_time = by == REPORT_BY_DAY || by == REPORT_BY_MONTH};
    struct sums total = {0};
    q.by = (enum report_by)by;
    assert_ok(ledger_report(w->books.ledger, &q, see, &seen, &total, &w->books.error),
              &w->books.error);
    assert_memory_equal(&total, &wanted, sizeof total);
    if (by != REPORT_BY_NOTHING)
      assert_memory_equal(&seen.sum, &wanted, sizeof wanted);
  }
}

static void rule_2_every_cut_of_every_selection_has_the_sum_of_the_log(void **state) {
  (void)state;
  static const char *const zones[] = {"Europe/Berlin", "UTC", "America/St_Johns", "Pacific/Apia"};
  struct zone *elsewhere = NULL;
  struct error error = {0};
  assert_ok(zone_load(&elsewhere, "Asia/Kathmandu", &error), &error);
  const int seeds = property_seeds(12);
  for (int seed = 1; seed <= seeds; seed++) {
    struct world w = {.rng = {(uint64_t)seed}};
    books_open(&w.books, "2026-10-20T21:30:00Z");
    assert_ok(ledger_set_zone(w.books.ledger, zones[seed % 4], &error), &error);
    /* Half of them are as if they were large, from some time on. */
    w.books.ledger->rollups.many = seed % 2 == 0 ? 1 + rng_below(&w.rng, 200) : 0;
    for (int step = 0; step < 40; step++) {
      write_some(&w);
      if (rng_chance(&w.rng, 40))
        fake_clock_advance(&w.books.clock, rng_below(&w.rng, 5 * DAY_MS));
      if (rng_chance(&w.rng, 3))
        fake_clock_set(&w.books.clock, "2026-10-25T00:30:00Z");
      if (rng_chance(&w.rng, 4))
        assert_ok(ledger_set_zone(w.books.ledger, PICK(&w.rng, zones), &error), &error);
      if (rng_chance(&w.rng, 5)) {
        const int64_t many = w.books.ledger->rollups.many;
        books_reopen(&w.books);
        w.books.ledger->rollups.many = many;
      }
      check(&w, elsewhere);
    }
    for (int i = 0; i < 20; i++)
      check(&w, elsewhere);
    books_close(&w.books);
  }
  zone_free(elsewhere);
}

/* Inside a transaction, what was booked in it is in the report, and gone after a rollback. */
static void a_report_sees_what_its_own_transaction_booked(void **state) {
  (void)state;
  struct books books;
  struct booked booked;
  books_open(&books, "2026-10-20T21:30:00Z");
  const int64_t run = books_run(&books, "a", "/w");
  const struct request r = books_request(&books, run, "k", 700);
  assert_ok(ledger_begin(books.ledger, &books.error), &books.error);
  assert_ok(ledger_book(books.ledger, &r, &booked, &books.error), &books.error);
  assert_int_equal(books_total(books.ledger).cost_nanousd, 700);
  ledger_rollback(books.ledger);
  assert_int_equal(books_total(books.ledger).requests, 0);
  (void)books_book(&books, &r);
  assert_int_equal(books_total(books.ledger).cost_nanousd, 700);
  books_close(&books);
}

/* Another process settles a day; this one's handle takes note. */
static void a_day_that_another_handle_settled_is_read_once(void **state) {
  (void)state;
  struct books books;
  struct ledger *other = NULL;
  books_open(&books, "2026-10-20T21:30:00Z");
  const struct ledger_options options = {.path = ledger_path(books.ledger),
                                         .clock = &books.clock.clock};
  assert_ok(ledger_open(&other, &options, &books.error), &books.error);
  const int64_t run = books_run(&books, "a", "/w");
  const struct request first = books_request(&books, run, "k1", 700);
  (void)books_book(&books, &first);
  assert_int_equal(books_total(other).cost_nanousd, 700);
  fake_clock_advance(&books.clock, DAY_MS);
  const struct request second = books_request(&books, run, "k2", 30);
  (void)books_book(&books, &second); /* settles yesterday */
  assert_int_equal(books_total(other).cost_nanousd, 730);
  /* And the other way round, a late one for the day that is settled. */
  struct booked booked;
  struct request late = books_request(&books, run, "k3", 4);
  late.at_ms -= DAY_MS;
  assert_ok(ledger_begin(other, &books.error), &books.error);
  assert_ok(ledger_book(other, &late, &booked, &books.error), &books.error);
  assert_ok(ledger_commit(other, &books.error), &books.error);
  assert_int_equal(books_total(books.ledger).cost_nanousd, 734);
  books_audit(other);
  ledger_close(other);
  books_close(&books);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rule_2_every_cut_of_every_selection_has_the_sum_of_the_log),
      cmocka_unit_test(a_report_sees_what_its_own_transaction_booked),
      cmocka_unit_test(a_day_that_another_handle_settled_is_read_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

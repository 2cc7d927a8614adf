/* test_ledger_log.c - the run log filtered, sorted and paged, against the same done the plain way; and which of its runs stand out. */
#include "support/books.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/internal.h"
#include "ledger/spread.h"

#define PICK(rng, list) (list)[rng_below(rng, (int64_t)(sizeof(list) / sizeof((list)[0])))]
#define NOON            "2026-11-24T12:00:00Z"

static const char *const agents[] = {"reviewer", "writer", "sql"};
static const char *const workspaces[] = {"/home/me/Alpha", "/home/me/beta", "/srv/alphabet"};
static const char *const models[] = {"model-a", "model-b", ""};
static const char *const efforts[] = {"", "low", "high"};
static const char *const branches[] = {"", "main"};
static const char *const conversations[] = {"", "c1", "c2", "c3"};
static const char *const prompts[] = {"Why is the sky blue?", "Fix the TESTS, please", "",
                                      "100% of it"};
static const char *const billings[] = {"metered", "subscription", "local"};

enum {
  RUNS = 120
};

/* ---- a random log ---- */

static void make_run(struct books *books, struct rng *rng, int64_t n) {
  const struct run_spec spec = {
      .agent = PICK(rng, agents),
      .workspace = PICK(rng, workspaces),
      .branch = PICK(rng, branches),
      .source = "claude",
      .model = PICK(rng, models),
      .effort = PICK(rng, efforts),
      .conversation = PICK(rng, conversations),
      .prompt = PICK(rng, prompts),
      .billing = (enum billing)rng_below(rng, 3),
      .started_ms = books->clock.now_ms - rng_below(rng, 50) * INT64_C(86400000) / 7,
  };
  const int64_t id = books_run_of(books, &spec, RUN_RUNNING);
  for (int64_t i = rng_below(rng, 3); i > 0; i--) {
    char key[32];
    (void)snprintf(key, sizeof key, "r%lld.%lld", (long long)n, (long long)i);
    struct request r = books_request(books, id, key, rng_below(rng, 5) * CENT);
    r.model = PICK(rng, models);
    r.usage.output = rng_below(rng, 4) * 100;
    (void)books_book(books, &r);
  }
  if (rng_chance(rng, 80)) {
    const struct run_end end = {.status = rng_chance(rng, 25) ? RUN_FAILED : RUN_COMPLETED,
                                .duration_ms = rng_below(rng, 5) * 1000,
                                .reason = "exit"};
    assert_ok(ledger_begin(books->ledger, &books->error), &books->error);
    assert_ok(ledger_run_end(books->ledger, id, &end, NULL, &books->error), &books->error);
    assert_ok(ledger_commit(books->ledger, &books->error), &books->error);
  }
}

/* ---- the plain way ---- */

struct list {
  struct run_row rows[RUNS];
  char anchor[RUNS][16];
  size_t count;
};

static void read_all(struct books *books, struct list *all) {
  all->count = 0;
  for (int64_t id = 1; id <= RUNS; id++) {
    char *anchor = NULL;
    const struct db_value value = db_int(id);
    assert_ok(ledger_run_get(books->ledger, id, &all->rows[all->count], &books->error),
              &books->error);
    const int status = db_get_text(books->ledger->db,
                                   "SELECT text FROM name WHERE id = (SELECT anchor_model"
                                   " FROM run_log WHERE id = ?)",
                                   &value, 1, &anchor, &books->error);
    assert_true(status == PURSER_OK || status == PURSER_ENOTFOUND);
    (void)snprintf(all->anchor[all->count++], sizeof all->anchor[0], "%s",
                   anchor != NULL ? anchor : "");
    mem_free(anchor);
  }
}

static bool has(const char *text, const char *part) {
  return part == NULL || strcasestr(text, part) != NULL;
}

static bool is(const char *text, const char *wanted) {
  return wanted == NULL || strcmp(text, wanted) == 0;
}

static int64_t tokens_of(const struct sums *s) {
  return s->input + s->cache_read + s->cache_write_5m + s->cache_write_1h + s->output;
}

static bool matches(const struct run_row *r, const char *anchor, const struct run_filter *f) {
  return is(r->agent, f->agent) && is(r->workspace, f->workspace) && is(r->effort, f->effort) &&
         is(r->branch, f->branch) && is(r->conversation, f->conversation) &&
         (is(r->model, f->model) || is(anchor, f->model)) &&
         is(billing_name(r->billing), f->billing) && has(r->agent, f->agent_like) &&
         has(r->workspace, f->workspace_like) && has(r->prompt, f->text) &&
         (has(r->model, f->model_like) || has(anchor, f->model_like)) &&
         (f->statuses == 0 || (f->statuses >> r->status & 1) != 0) &&
         (f->since_ms == 0 || r->started_ms >= f->since_ms) &&
         (f->until_ms == 0 || r->started_ms < f->until_ms) &&
         r->sums.cost_nanousd >= f->min_nanousd;
}

static int64_t key_of(const struct run_row *r, enum run_sort sort) {
  switch (sort) {
  case RUN_SORT_STARTED: return r->started_ms;
  case RUN_SORT_COST: return r->sums.cost_nanousd;
  case RUN_SORT_TOKENS: return tokens_of(&r->sums);
  case RUN_SORT_DURATION: return r->duration_ms;
  }
  return 0;
}

static bool comes_before(const struct run_row *a, const struct run_row *b,
                         const struct run_filter *f) {
  const int64_t x = key_of(a, f->sort);
  const int64_t y = key_of(b, f->sort);
  const bool less = x != y ? x < y : a->id < b->id;
  return f->ascending ? less : !less;
}

static size_t pick_plainly(const struct list *all, const struct run_filter *f, int64_t out[RUNS]) {
  const struct run_row *found[RUNS];
  size_t count = 0;
  for (size_t i = 0; i < all->count; i++) {
    if (!matches(&all->rows[i], all->anchor[i], f))
      continue;
    size_t at = count++;
    for (; at > 0 && comes_before(&all->rows[i], found[at - 1], f); at--)
      found[at] = found[at - 1];
    found[at] = &all->rows[i];
  }
  size_t kept = 0;
  for (size_t i = (size_t)f->offset; i < count && (f->limit == 0 || kept < (size_t)f->limit); i++)
    out[kept++] = found[i]->id;
  return kept;
}

/* ---- one against the other ---- */

static struct run_filter some_filter(struct books *books, struct rng *rng) {
  static const char *const parts[] = {"ALPHA", "e", "%", "_", "tests", "nothing of the kind"};
  const int64_t now = books->clock.now_ms;
  return (struct run_filter){
      .agent = rng_chance(rng, 30) ? PICK(rng, agents) : NULL,
      .workspace = rng_chance(rng, 20) ? PICK(rng, workspaces) : NULL,
      .model = rng_chance(rng, 20) ? PICK(rng, models) : NULL,
      .effort = rng_chance(rng, 10) ? PICK(rng, efforts) : NULL,
      .branch = rng_chance(rng, 10) ? PICK(rng, branches) : NULL,
      .conversation = rng_chance(rng, 10) ? PICK(rng, conversations) : NULL,
      .billing = rng_chance(rng, 30) ? PICK(rng, billings) : NULL,
      .agent_like = rng_chance(rng, 15) ? PICK(rng, parts) : NULL,
      .workspace_like = rng_chance(rng, 15) ? PICK(rng, parts) : NULL,
      .model_like = rng_chance(rng, 10) ? "MODEL-B" : NULL,
      .text = rng_chance(rng, 15) ? PICK(rng, parts) : NULL,
      .status = -1,
      .statuses = rng_chance(rng, 20) ? 1U << RUN_FAILED | 1U << RUN_RUNNING : 0,
      .since_ms = rng_chance(rng, 40) ? now - rng_below(rng, 8) * INT64_C(86400000) : 0,
      .until_ms = rng_chance(rng, 30) ? now - rng_below(rng, 4) * INT64_C(86400000) : 0,
      .min_nanousd = rng_chance(rng, 20) ? rng_below(rng, 6) * CENT : 0,
      .sort = (enum run_sort)rng_below(rng, 4),
      .ascending = rng_chance(rng, 30),
      .offset = rng_chance(rng, 30) ? rng_below(rng, 12) : 0,
      .limit = rng_chance(rng, 70) ? (int32_t)rng_between(rng, 1, 12) : 0,
  };
}

struct seen {
  int64_t ids[RUNS];
  size_t count;
};

static int see(void *data, const struct run_row *row) {
  struct seen *seen = data;
  assert_true(seen->count < RUNS);
  seen->ids[seen->count++] = row->id;
  return 0;
}

static void a_page_is_of_all_runs_in_their_order(void **state) {
  (void)state;
  const int seeds = property_seeds(4);
  for (int seed = 1; seed <= seeds; seed++) {
    struct rng rng = {(uint64_t)seed};
    struct books books;
    static struct list all;
    books_open(&books, NOON);
    for (int64_t n = 0; n < RUNS; n++)
      make_run(&books, &rng, n);
    read_all(&books, &all);
    for (int i = 0; i < 400; i++) {
      const struct run_filter filter = some_filter(&books, &rng);
      int64_t wanted[RUNS];
      struct seen seen = {.count = 0};
      const size_t count = pick_plainly(&all, &filter, wanted);
      assert_ok(ledger_run_each(books.ledger, &filter, see, &seen, &books.error), &books.error);
      if (seen.count != count || memcmp(seen.ids, wanted, count * sizeof *wanted) != 0)
        fail_msg("seed %d, question %d: %zu runs instead of %zu, or others", seed, i, seen.count,
                 count);
    }
    for (size_t i = 0; i < all.count; i++)
      run_row_fini(&all.rows[i]);
    books_close(&books);
  }
}

static void pages_by_start_go_on_after_a_run(void **state) {
  (void)state;
  struct rng rng = {7};
  struct books books;
  struct seen all = {.count = 0};
  struct seen paged = {.count = 0};
  books_open(&books, NOON);
  for (int64_t n = 0; n < 40; n++)
    make_run(&books, &rng, n);
  struct run_filter filter = {.status = -1};
  assert_ok(ledger_run_each(books.ledger, &filter, see, &all, &books.error), &books.error);
  filter.limit = 7;
  size_t before;
  do {
    before = paged.count;
    assert_ok(ledger_run_each(books.ledger, &filter, see, &paged, &books.error), &books.error);
    filter.before_id = paged.ids[paged.count - 1];
  } while (paged.count > before);
  assert_int_equal(paged.count, 40);
  assert_memory_equal(paged.ids, all.ids, 40 * sizeof *all.ids);
  filter.before_id = 999;
  assert_int_equal(ledger_run_each(books.ledger, &filter, see, &paged, &books.error),
                   PURSER_ENOTFOUND);
  books_close(&books);
}

/* ---- unusual ---- */

static void far_above_is_measured_in_doublings(void **state) {
  (void)state;
  static const struct {
    const char *what;
    int64_t before[12];
    size_t count;
    int64_t value;
    bool far;
  } cases[] = {
      {"seven are too few", {9, 9, 9, 9, 9, 9, 9}, 7, 900, false},
      {"eight alike, less than three times", {9, 9, 9, 9, 9, 9, 9, 9}, 8, 24, false},
      {"eight alike, more than three times", {9, 9, 9, 9, 9, 9, 9, 9}, 8, 30, true},
      {"close together, but few: three times is not far",
       {100, 101, 99, 102, 98, 100, 103, 97, 101},
       9,
       300,
       false},
      {"close together, four times is", {100, 101, 99, 102, 98, 100, 103, 97, 101}, 9, 400, true},
      {"spread wide, ten times is usual",
       {10, 20, 40, 80, 160, 320, 640, 1280, 30, 60},
       10,
       1000,
       false},
      {"earlier outliers hide nothing",
       {10, 11, 12, 10, 9, 11, 10, 9000, 9500, 8800},
       10,
       9000,
       true},
      {"nothing is usual, something is far", {0, 0, 0, 0, 0, 0, 0, 0}, 8, 1000, true},
      {"most are alike, the others are far from them",
       {9, 9, 9, 9, 9, 9, 9, 3, 27, 40, 4, 30},
       12,
       300,
       false},
      {"most are alike, and one that is beyond the others",
       {9, 9, 9, 9, 9, 9, 9, 3, 27, 40, 4, 30},
       12,
       100000,
       true},
      {"less is not above", {900, 910, 890, 905, 895, 900, 901, 899}, 8, 1, false},
      {"as large as figures get", {1, 1, 1, 1, 1, 1, 1, 1}, 8, INT64_MAX, true},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    int64_t before[12];
    memcpy(before, cases[i].before, sizeof before);
    const int64_t bound = spread_bound(before, cases[i].count, SPREAD_VERY_FAR);
    if ((cases[i].value > bound) != cases[i].far)
      fail_msg("%s: from %lld on", cases[i].what, (long long)bound);
  }
}

static int64_t plain_run(struct books *books, const char *agent, int64_t n, int64_t nanousd) {
  char key[32];
  fake_clock_advance(&books->clock, 60000);
  const int64_t id = books_run(books, agent, "/w");
  (void)snprintf(key, sizeof key, "%s.%lld", agent, (long long)n);
  const struct request r = books_request(books, id, key, nanousd);
  (void)books_book(books, &r);
  books_end(books, id, RUN_COMPLETED);
  return id;
}

static uint32_t unusual_of(struct books *books, int64_t id) {
  struct run_row row;
  assert_ok(ledger_run_get(books->ledger, id, &row, &books->error), &books->error);
  const uint32_t unusual = row.unusual;
  run_row_fini(&row);
  return unusual;
}

static int64_t judge(struct books *books, int64_t most) {
  int64_t done = 0;
  assert_ok(ledger_judge_runs(books->ledger, most, &done, &books->error), &books->error);
  return done;
}

static void a_run_is_unusual_beside_its_agent_s_others(void **state) {
  (void)state;
  struct books books;
  books_open(&books, NOON);
  for (int64_t n = 0; n < 20; n++) {
    (void)plain_run(&books, "cheap", n, 6 * CENT);
    (void)plain_run(&books, "dear", n, 100 * CENT);
  }
  const int64_t odd = plain_run(&books, "cheap", 99, 90 * CENT);
  const int64_t plain = plain_run(&books, "dear", 99, 90 * CENT);
  /* A run that goes on is not judged. */
  const int64_t open = books_run(&books, "cheap", "/w");
  const struct request huge = books_request(&books, open, "open", 900 * CENT);
  (void)books_book(&books, &huge);
  assert_int_equal(judge(&books, 1000), 42);
  assert_int_equal(unusual_of(&books, odd), RUN_UNUSUAL_COST);
  assert_int_equal(unusual_of(&books, plain), 0);
  assert_int_equal(unusual_of(&books, open), 0);
  assert_int_equal(judge(&books, 1000), 0);

  const struct run_filter filter = {.status = -1, .unusual = true, .sort = RUN_SORT_COST};
  struct seen seen = {.count = 0};
  assert_ok(ledger_run_each(books.ledger, &filter, see, &seen, &books.error), &books.error);
  assert_int_equal(seen.count, 1);
  assert_int_equal(seen.ids[0], odd);

  /* It ends, and one that was judged turns out to have cost more. */
  books_end(&books, open, RUN_COMPLETED);
  const struct request more = books_request(&books, plain, "more", 5000 * CENT);
  (void)books_book(&books, &more);
  assert_int_equal(judge(&books, 1000), 2);
  assert_int_equal(unusual_of(&books, open), RUN_UNUSUAL_COST);
  assert_int_equal(unusual_of(&books, plain), RUN_UNUSUAL_COST);
  books_close(&books);
}

/* Many at once, as after an import, are judged as if one by one. */
static void many_runs_are_judged_as_if_one_by_one(void **state) {
  (void)state;
  struct books books[2];
  struct rng rng = {5};
  int64_t amounts[700];
  uint32_t marks[2][700];
  for (size_t i = 0; i < COUNT(amounts); i++)
    amounts[i] = (rng_chance(&rng, 4) ? 200 : 6 + rng_below(&rng, 6)) * CENT;
  for (int turn = 0; turn < 2; turn++) {
    books_open(&books[turn], NOON);
    int64_t ids[700];
    for (size_t i = 0; i < COUNT(amounts); i++) {
      ids[i] = plain_run(&books[turn], agents[i % 3], (int64_t)i, amounts[i]);
      if (turn == 0)
        assert_int_equal(judge(&books[turn], 10), 1);
    }
    if (turn == 1)
      assert_int_equal(judge(&books[turn], INT64_MAX), COUNT(amounts));
    for (size_t i = 0; i < COUNT(amounts); i++)
      marks[turn][i] = unusual_of(&books[turn], ids[i]);
    books_close(&books[turn]);
  }
  assert_memory_equal(marks[0], marks[1], sizeof marks[0]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_page_is_of_all_runs_in_their_order),
      cmocka_unit_test(pages_by_start_go_on_after_a_run),
      cmocka_unit_test(far_above_is_measured_in_doublings),
      cmocka_unit_test(a_run_is_unusual_beside_its_agent_s_others),
      cmocka_unit_test(many_runs_are_judged_as_if_one_by_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

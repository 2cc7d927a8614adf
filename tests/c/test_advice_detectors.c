/* test_advice_detectors.c - what stands out and why: detectors against logs with planted anomalies (support/made_runs.h says what is assumed),
 * the edges of each of them, and that the ledger's review says what the pure functions do. */
#include "support/made_runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice/repeats.h"
#include "advice/review.h"
#include "advice/tiers.h"
#include "base/mem.h"
#include "ledger/chat.h"
#include "ledger/usual.h"
#include "support/books.h"

#define NOON "2026-10-01T12:00:00Z"

enum {
  SEEDS = 100,
  RUNS = 1000, /* of a seed */
  LEDGER_SEEDS = 3,
  STANDS_OUT = FINDING_KINDS, /* the bit for figures that are unusual, beside those of findings */
  WAYS = FINDING_KINDS + 1
};

static struct catalog *catalog;
static int64_t noon_ms;

static int set_up(void **state) {
  struct error error = {0};
  (void)state;
  noon_ms = instant_ms(NOON);
  return catalog_load(&catalog, NULL, NULL, &error);
}

static int tear_down(void **state) {
  (void)state;
  catalog_free(catalog);
  return 0;
}

/* ---- judging as the ledger and the review do, without either ---- */

struct past {
  int64_t first_prompt[RUNS], requests[RUNS], output[RUNS], nanousd[RUNS], tokens[RUNS],
      duration_ms[RUNS];
  size_t count;
};

static int64_t prompt_of(const struct request_shape *request) {
  const purser_usage *u = &request->usage;
  return u->input + u->cache_read + u->cache_write_5m + u->cache_write_1h;
}

static int64_t output_of(const struct made_run *run) {
  int64_t sum = 0;
  for (size_t i = 0; i < run->count; i++)
    sum += run->requests[i].usage.output;
  return sum;
}

static void remember(struct past *past, const struct made_run *run) {
  past->first_prompt[past->count] = prompt_of(&run->requests[0]);
  past->requests[past->count] = (int64_t)run->count;
  past->output[past->count] = output_of(run);
  past->nanousd[past->count] = run->cost_nanousd;
  past->tokens[past->count] = run->tokens;
  past->duration_ms[past->count] = run->duration_ms;
  past->count++;
}

static size_t last(const int64_t *values, size_t count, int64_t out[USUAL_LAST_RUNS]) {
  const size_t n = count < USUAL_LAST_RUNS ? count : USUAL_LAST_RUNS;
  memcpy(out, values + count - n, n * sizeof *out);
  return n;
}

static bool is_far(const int64_t *values, size_t count, int64_t value, int64_t least) {
  int64_t copy[USUAL_LAST_RUNS];
  return value >= least && value > spread_bound(copy, last(values, count, copy), SPREAD_VERY_FAR);
}

static uint32_t figures_of(const struct past *past, const struct made_run *run) {
  return (is_far(past->nanousd, past->count, run->cost_nanousd, 5 * CENT) ? RUN_UNUSUAL_COST : 0U) |
         (is_far(past->tokens, past->count, run->tokens, 20000) ? RUN_UNUSUAL_TOKENS : 0U) |
         (is_far(past->duration_ms, past->count, run->duration_ms, 30000) ? RUN_UNUSUAL_DURATION
                                                                          : 0U);
}

static struct usual usual_before(const struct past *past) {
  struct usual_samples s;
  struct usual_runs u;
  s.count = last(past->first_prompt, past->count, s.first_prompt);
  (void)last(past->requests, past->count, s.requests);
  (void)last(past->output, past->count, s.output);
  (void)last(past->nanousd, past->count, s.nanousd);
  usual_of(&s, &u);
  return (struct usual){.runs = u.runs,
                        .first_prompt = u.first_prompt,
                        .requests = u.requests,
                        .output = u.output,
                        .most_first_prompt = u.most_first_prompt,
                        .most_requests = u.most_requests};
}

static struct compaction_rates rates_of(const char *model) {
  struct model_info info;
  assert_int_equal(catalog_find(catalog, NULL, model, noon_ms, &info), PURSER_OK);
  return (struct compaction_rates){
      .input = info.input,
      .cache_read = info.cache_read >= 0 ? info.cache_read : info.input,
      .cache_write = info.cache_write_5m >= 0 ? info.cache_write_5m : info.input,
      .output = info.output,
  };
}

static int64_t price_with(const char *model, const struct made_run *run) {
  int64_t sum = 0;
  for (size_t i = 0; i < run->count; i++) {
    const struct price_query query = {
        .model = model, .at_ms = noon_ms, .reported_nanousd = -1, .usage = run->requests[i].usage};
    struct price price;
    price_request(catalog, &query, &price);
    sum += price.cost_nanousd;
  }
  return sum;
}

static int64_t most_repeated(const struct made_run *run) {
  struct repeats repeats = REPEATS_INIT;
  for (size_t i = 0; i < run->call_count; i++)
    assert_int_equal(repeats_add(&repeats, run->calls[i]), PURSER_OK);
  const int64_t most = repeats.most;
  repeats_fini(&repeats);
  return most;
}

/* Bits of findings. */
static uint32_t findings_of(const struct made_log *log, const struct past *past,
                            const struct made_run *run) {
  const char *model = log->agents[run->agent].model;
  struct finding findings[FINDING_KINDS];
  struct run_shape shape = {
      .requests = run->requests,
      .count = run->count,
      .prompt_tokens = run->prompt_tokens,
      .tool_calls = (int64_t)run->call_count,
      .retries = run->retries,
      .repeated = most_repeated(run),
      .rates = rates_of(model),
  };
  if (model_tier(model) > TIER_SMALL) {
    shape.cheaper_model = model_of_tier(model, TIER_SMALL);
    shape.cheaper_nanousd = price_with(shape.cheaper_model, run);
  }
  const struct usual usual = usual_before(past);
  const size_t count = diagnose(&shape, &usual, findings);
  uint32_t bits = 0;
  for (size_t i = 0; i < count; i++)
    bits |= 1U << findings[i].kind;
  return bits;
}

/* ---- the score ---- */

static enum finding_kind or_high(enum planted planted) {
  switch (planted) {
  case PLANTED_PROMPT: return FINDING_VERBOSE_PROMPT;
  case PLANTED_CONTEXT: return FINDING_CONTEXT;
  case PLANTED_REQUESTS:
  case PLANTED_RETRIES:
  case PLANTED_LOOP: return FINDING_BREAK_UP;
  case PLANTED_COLD: return FINDING_COLD_CACHE;
  case PLANTED_MODEL: return FINDING_MODEL;
  case PLANTED_NOTHING:
  case PLANTED_HIGH:
  case PLANTED_KINDS: break;
  }
  return (enum finding_kind)STANDS_OUT;
}

struct score {
  int planted[PLANTED_KINDS], found[PLANTED_KINDS];
  int in_pairs, found_in_pairs; /* the second of two at once */
  int of_jobs, found_of_jobs;   /* where the median distance is 0 */
  int normal, alarms[WAYS], runs_alarmed;
};

static void count_one(struct score *score, const struct made_log *log, const struct made_run *run,
                      uint32_t bits) {
  if (run->planted == PLANTED_NOTHING) {
    score->normal++;
    score->runs_alarmed += bits != 0;
    for (int way = 0; way < WAYS; way++)
      score->alarms[way] += (bits >> way & 1) != 0;
    return;
  }
  const int found = (bits >> or_high(run->planted) & 1) != 0;
  score->planted[run->planted]++;
  score->found[run->planted] += found;
  score->in_pairs += run->after_another;
  score->found_in_pairs += run->after_another && found;
  score->of_jobs += log->agents[run->agent].job;
  score->found_of_jobs += log->agents[run->agent].job && found;
}

/* Without a ledger, for speed. `out` gets the bits of each run if it is not NULL. */
static void judge_log(const struct made_log *log, struct score *score, uint32_t *out,
                      uint32_t *figures) {
  struct past *past = calloc(MADE_AGENTS, sizeof *past);
  assert_non_null(past);
  for (size_t i = 0; i < log->count; i++) {
    const struct made_run *run = &log->runs[i];
    const uint32_t far = figures_of(&past[run->agent], run);
    const uint32_t bits = findings_of(log, &past[run->agent], run);
    count_one(score, log, run, bits | (far != 0 ? 1U << STANDS_OUT : 0));
    if (out != NULL) {
      out[i] = bits;
      figures[i] = far;
    }
    remember(&past[run->agent], run);
  }
  free(past);
}

static bool at_least(const char *what, int found, int of) {
  print_message("%-16s %5d of %5d planted (%.1f %%)\n", what, found, of, 100.0 * found / of);
  return of > 0 && found * 100 >= of * 95;
}

static bool at_most(const char *what, int alarms, int normal) {
  print_message("%-16s %5d false alarms, %.2f of 1,000 normal runs\n", what, alarms,
                1000.0 * alarms / normal);
  return alarms * 1000 <= normal;
}

static void planted_anomalies_are_found_and_normal_runs_left_alone(void **state) {
  (void)state;
  const int seeds = property_seeds(SEEDS);
  struct score score = {.normal = 0};
  for (int seed = 0; seed < seeds; seed++) {
    struct made_log log;
    made_log_make(&log, catalog, noon_ms, (uint64_t)seed, RUNS);
    judge_log(&log, &score, NULL, NULL);
    made_log_free(&log);
  }
  print_message("%d seeds, %d normal runs\n", seeds, score.normal);
  bool found = at_least("two at once", score.found_in_pairs, score.in_pairs);
  bool quiet = at_most("any of them", score.runs_alarmed, score.normal);
  for (int kind = 1; kind < PLANTED_KINDS; kind++)
    found =
        at_least(planted_name((enum planted)kind), score.found[kind], score.planted[kind]) && found;
  found = at_least("no spread", score.found_of_jobs, score.of_jobs) && found;
  for (int kind = 0; kind < FINDING_KINDS; kind++)
    quiet =
        at_most(finding_name((enum finding_kind)kind), score.alarms[kind], score.normal) && quiet;
  quiet = at_most("stands out", score.alarms[STANDS_OUT], score.normal) && quiet;
  assert_true(found);
  assert_true(quiet);
}

/* ---- the same through the ledger ---- */

/* Writes the run as if it had just ended. */
static int64_t write_run(struct books *books, const struct made_log *log, size_t index) {
  const struct made_run *run = &log->runs[index];
  const struct made_agent *agent = &log->agents[run->agent];
  char conversation[32];
  char key[64];
  int64_t id = 0;
  struct error *e = &books->error;
  fake_clock_advance(&books->clock, 60000);
  (void)snprintf(conversation, sizeof conversation, "c%zu", index);
  /* What was asked for is the client's word for the model, and not what answered. */
  const struct run_spec spec = {.agent = agent->name,
                                .workspace = "/w",
                                .source = "claude",
                                .model = "default",
                                .conversation = conversation,
                                .prompt_bytes = run->prompt_tokens * 4};
  assert_ok(ledger_begin(books->ledger, e), e);
  assert_ok(ledger_run_create(books->ledger, &spec, RUN_RUNNING, &id, e), e);
  for (size_t i = 0; i < run->count; i++) {
    struct booked booked;
    (void)snprintf(key, sizeof key, "%zu.%zu", index, i);
    struct request r = books_request(books, id, key, 0);
    r.at_ms += (int64_t)i;
    r.model = agent->model;
    r.usage = run->requests[i].usage;
    const struct price_query query = {
        .model = agent->model, .at_ms = r.at_ms, .reported_nanousd = -1, .usage = r.usage};
    price_request(catalog, &query, &r.price);
    assert_ok(ledger_book(books->ledger, &r, &booked, e), e);
  }
  const struct run_end end = {.status = RUN_COMPLETED, .duration_ms = run->duration_ms};
  const struct run_counts counts = {.tool_calls = (int32_t)run->call_count,
                                    .retries = (int32_t)run->retries};
  assert_ok(ledger_run_end(books->ledger, id, &end, &counts, e), e);
  assert_ok(ledger_commit(books->ledger, e), e);
  return id;
}

static void write_calls(struct books *books, const struct made_run *run, int64_t id) {
  struct chat_item *items = calloc(run->call_count + 1, sizeof *items);
  char(*inputs)[24] = calloc(run->call_count + 1, sizeof *inputs);
  assert_true(items != NULL && inputs != NULL);
  for (size_t i = 0; i < run->call_count; i++) {
    (void)snprintf(inputs[i], sizeof inputs[i], "%d", (int)run->calls[i]);
    items[i] = (struct chat_item){
        .kind = CHAT_CALL, .call = "", .name = "shell", .text = inputs[i], .tokens = 1};
  }
  if (run->call_count > 0)
    assert_ok(chat_append(books->ledger, id, items, run->call_count, &books->error), &books->error);
  free(items);
  free(inputs);
}

/* By the run's id, which are counted from 1. */
struct seen {
  uint32_t findings[RUNS + 1], figures[RUNS + 1];
};

static int see_reviewed(void *data, const struct reviewed *reviewed) {
  struct seen *seen = data;
  for (size_t i = 0; i < reviewed->count; i++)
    seen->findings[reviewed->run->id] |= 1U << reviewed->findings[i].kind;
  return 0;
}

static int see_run(void *data, const struct run_row *run) {
  struct seen *seen = data;
  seen->figures[run->id] = run->unusual;
  return 0;
}

static void the_ledger_s_review_says_the_same(void **state) {
  static struct books books;
  static struct seen seen;
  static uint32_t findings[RUNS];
  static uint32_t figures[RUNS];
  (void)state;
  for (int seed = 0; seed < LEDGER_SEEDS; seed++) {
    struct made_log log;
    struct score score = {.normal = 0};
    const struct review_query query = {.limit = RUNS, .all = true};
    const struct run_filter filter = {.status = -1};
    made_log_make(&log, catalog, noon_ms, 1000 + (uint64_t)seed, RUNS);
    judge_log(&log, &score, findings, figures);
    books_open(&books, NOON);
    seen = (struct seen){{0}, {0}};
    for (size_t i = 0; i < log.count; i++)
      write_calls(&books, &log.runs[i], write_run(&books, &log, i));
    assert_ok(ledger_judge_runs(books.ledger, INT64_MAX, NULL, &books.error), &books.error);
    assert_ok(ledger_run_each(books.ledger, &filter, see_run, &seen, &books.error), &books.error);
    assert_ok(review(books.ledger, catalog, &query, see_reviewed, &seen, &books.error),
              &books.error);
    for (size_t i = 0; i < log.count; i++) {
      if (seen.findings[i + 1] != findings[i] || seen.figures[i + 1] != figures[i])
        fail_msg("seed %d, run %zu (%s): found %x, expected %x; unusual %x, expected %x", seed, i,
                 planted_name(log.runs[i].planted), seen.findings[i + 1], findings[i],
                 seen.figures[i + 1], figures[i]);
    }
    /* And of one run alone, with nothing kept of another. */
    for (size_t i = log.count - 40; i < log.count; i++) {
      const uint32_t together = seen.findings[i + 1];
      seen.findings[i + 1] = 0;
      assert_ok(review_run(books.ledger, catalog, (int64_t)i + 1, true, see_reviewed, &seen,
                           &books.error),
                &books.error);
      assert_int_equal(seen.findings[i + 1], together);
    }
    books_close(&books);
    made_log_free(&log);
  }
}

/* ---- the edges of each detector ---- */

/* Sonnet's card, roughly: 3 dollars in, 0.3 read, 3.75 written, 15 out. */
static const struct compaction_rates rates = {3000000000, 300000000, 3750000000, 15000000000};

static const struct usual usual_of_twenty = {.runs = 20,
                                             .first_prompt = 15000,
                                             .requests = 6,
                                             .output = 3000,
                                             .most_first_prompt = 40000,
                                             .most_requests = 24};

enum {
  MOST_REQUESTS = 128
};

struct edge {
  const char *what;
  int64_t first, growth, count, output, retries, repeated; /* of each request: growth, output */
  bool cold;
  struct usual usual;
  int expected; /* bits of findings */
};

static struct request_shape shape_request(int64_t prompt, int64_t cached, int64_t output) {
  struct request_shape r = {
      .usage = {.cache_read = cached, .cache_write_5m = prompt - cached, .output = output}};
  const int64_t written = r.usage.cache_write_5m;
  r.cost_nanousd = cached * 300 + written * 3750 + output * 15000;
  r.cache_saved_nanousd = cached * 2700 - written * 750;
  return r;
}

static uint32_t diagnose_edge(const struct edge *e) {
  static struct request_shape requests[MOST_REQUESTS];
  struct finding findings[FINDING_KINDS];
  int64_t context = e->first;
  assert_in_range(e->count, 1, MOST_REQUESTS);
  for (int64_t i = 0; i < e->count; i++) {
    requests[i] = shape_request(context, i > 0 && !e->cold ? context - e->growth : 0, e->output);
    context += e->growth;
  }
  const struct run_shape run = {.requests = requests,
                                .count = (size_t)e->count,
                                .prompt_tokens = 200,
                                .retries = e->retries,
                                .repeated = e->repeated,
                                .rates = rates,
                                .cheaper_model = "smaller",
                                .cheaper_nanousd = 0};
  uint32_t bits = 0;
  const size_t count = diagnose(&run, &e->usual, findings);
  for (size_t i = 0; i < count; i++) {
    assert_true(findings[i].nanousd >= CENT / 2);
    assert_true(i == 0 || findings[i - 1].nanousd >= findings[i].nanousd);
    bits |= 1U << findings[i].kind;
  }
  return bits;
}

#define FOUND(kind) (1 << FINDING_##kind)

static void each_detector_has_its_edges(void **state) {
  (void)state;
  const struct usual none = {.most_first_prompt = INT64_MAX, .most_requests = INT64_MAX};
  struct usual seven = usual_of_twenty;
  struct usual tight = usual_of_twenty;
  struct usual eager = usual_of_twenty;
  seven.runs = 7;
  tight.most_first_prompt = 16000; /* far above by its spread, and not by the factor */
  eager.requests = 2;
  eager.most_requests = 5;
  const struct edge edges[] = {
      /* what, first, growth, count, output, retries, repeated, cold, usual, expected */
      {"nothing", 15000, 1000, 6, 500, 0, 0, false, usual_of_twenty, 0},
      {"a prompt of four times", 60000, 1000, 6, 500, 0, 0, false, usual_of_twenty,
       FOUND(VERBOSE_PROMPT)},
      {"a prompt of less", 59999, 1000, 6, 500, 0, 0, false, usual_of_twenty, 0},
      {"four times, but usual by its spread", 61000, 1000, 6, 500, 0, 0, false,
       (struct usual){20, 15000, 6, 3000, 61000, 24}, 0},
      {"unusual by its spread, not four times", 30000, 1000, 6, 500, 0, 0, false, tight, 0},
      {"a prompt where seven runs tell", 90000, 1000, 6, 500, 0, 0, false, seven, 0},
      {"four times of little", 12000, 1000, 6, 500, 0, 0, false,
       (struct usual){20, 2500, 6, 3000, 9000, 24}, 0},
      {"a context that grows to 120,000", 15000, 1750, 61, 500, 0, 0, false,
       (struct usual){20, 15000, 50, 3000, 40000, 200}, FOUND(CONTEXT)},
      {"a context below it", 15000, 1740, 61, 500, 0, 0, false,
       (struct usual){20, 15000, 50, 3000, 40000, 200}, 0},
      {"large from the start", 120000, 1000, 30, 500, 0, 0, false,
       (struct usual){20, 110000, 20, 3000, 300000, 99}, 0},
      {"a context that jumps at the end", 15000, 110000, 2, 500, 0, 0, false, usual_of_twenty, 0},
      {"twenty-five requests of six", 15000, 500, 25, 500, 0, 0, false, usual_of_twenty,
       FOUND(BREAK_UP)},
      {"twenty-four, which is usual by the spread", 15000, 500, 24, 500, 0, 0, false,
       usual_of_twenty, 0},
      {"nine of two", 15000, 500, 9, 500, 0, 0, false, eager, FOUND(BREAK_UP)},
      {"eight of two", 15000, 500, 8, 500, 0, 0, false, eager, 0},
      {"five retries", 15000, 1000, 6, 500, 5, 0, false, usual_of_twenty, FOUND(BREAK_UP)},
      {"four retries", 15000, 1000, 6, 500, 4, 0, false, usual_of_twenty, 0},
      {"one call four times", 15000, 1000, 6, 500, 0, 4, false, usual_of_twenty, FOUND(BREAK_UP)},
      {"one call three times", 15000, 1000, 6, 500, 0, 3, false, usual_of_twenty, 0},
      {"eighty requests, nothing known", 15000, 100, 80, 500, 0, 0, false, none, 0},
      {"more, nothing known", 15000, 100, 90, 500, 0, 0, false, none, FOUND(BREAK_UP)},
      {"a cache written anew twice", 15000, 0, 2, 3000, 0, 0, true, usual_of_twenty,
       FOUND(COLD_CACHE)},
      {"once", 15000, 0, 1, 3000, 0, 0, true, usual_of_twenty, 0},
      {"a small one", 4900, 0, 2, 3000, 0, 0, true, usual_of_twenty, 0},
      {"a small task", 15000, 100, 3, 200, 0, 0, false, usual_of_twenty, FOUND(MODEL)},
      {"a longer answer", 15000, 100, 3, 201, 0, 0, false, usual_of_twenty, 0},
      {"a fourth request", 15000, 100, 4, 100, 0, 0, false, usual_of_twenty, 0},
      {"much to read", 15000, 6001, 3, 100, 0, 0, false, usual_of_twenty, 0},
      {"a small prompt, nothing known", 6000, 100, 3, 100, 0, 0, false, none, FOUND(MODEL)},
      {"a large prompt, nothing known", 15000, 100, 3, 100, 0, 0, false, none, 0},
  };
  for (size_t i = 0; i < COUNT(edges); i++) {
    const int found = (int)diagnose_edge(&edges[i]);
    if (found != edges[i].expected)
      fail_msg("%s: found %x, expected %x", edges[i].what, (unsigned)found,
               (unsigned)edges[i].expected);
  }
}

/* A high effort thinks long about a small task: what it thinks is no part of the answer. */
static void thinking_is_no_part_of_an_answer(void **state) {
  (void)state;
  struct request_shape request = shape_request(5000, 0, 5000);
  const struct usual none = {.most_first_prompt = INT64_MAX, .most_requests = INT64_MAX};
  struct finding findings[FINDING_KINDS];
  struct run_shape run = {
      .requests = &request, .count = 1, .rates = rates, .cheaper_model = "smaller"};
  assert_int_equal(diagnose(&run, &none, findings), 0);
  request.usage.reasoning = 4800;
  assert_int_equal(diagnose(&run, &none, findings), 1);
  assert_int_equal(findings[0].kind, FINDING_MODEL);
  assert_int_equal(findings[0].figure, 200);
  assert_true(findings[0].measured);
  /* Without a smaller model that has a price nothing is said; nor of a run without requests. */
  run.cheaper_model = NULL;
  assert_int_equal(diagnose(&run, &none, findings), 0);
  run.count = 0;
  assert_int_equal(diagnose(&run, &none, findings), 0);
}

static void a_row_of_calls_is_broken_by_something_new(void **state) {
  (void)state;
  static const struct {
    const char *calls;
    int64_t most;
  } cases[] = {
      {"", 0},        {"a", 1},        {"abcdef", 1},    {"aa", 2},
      {"aaaa", 4},    {"abababab", 4}, {"abcabcabc", 3}, {"eTfTgThT", 1},
      {"eTTfTTg", 2}, {"aaabaaaa", 4}, {"abbbb", 4},     {"TeTfTgTTTT", 4},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct repeats repeats = REPEATS_INIT;
    for (const char *at = cases[i].calls; *at != '\0'; at++) {
      const char input[] = {*at, '\0'};
      assert_int_equal(repeats_add(&repeats, repeats_hash("shell", input)), PURSER_OK);
    }
    if (repeats.most != cases[i].most)
      fail_msg("%s: %d in a row", cases[i].calls, (int)repeats.most);
    repeats_fini(&repeats);
  }
  assert_true(repeats_hash("ab", "c") != repeats_hash("a", "bc"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_detector_has_its_edges),
      cmocka_unit_test(thinking_is_no_part_of_an_answer),
      cmocka_unit_test(a_row_of_calls_is_broken_by_something_new),
      cmocka_unit_test(planted_anomalies_are_found_and_normal_runs_left_alone),
      cmocka_unit_test(the_ledger_s_review_says_the_same),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* made_runs.c - see made_runs.h. */
#include "support/made_runs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "advice/tiers.h"
#include "pricing/pricing.h"

enum {
  LEARNING = 200,   /* runs from which an agent's spread is known */
  FIRST_PLANT = 10, /* of an agent */
  PLANT_ONE_IN = 16,
  HARD_WORK = 1200, /* tokens of answer */
  CACHE_LOST_ONE_IN = 250
};

struct maker {
  struct rng rng;
  const struct catalog *catalog;
  int64_t at_ms;
};

const char *planted_name(enum planted planted) {
  static const char *const names[] = {"nothing",       "verbose prompt", "grown context",
                                      "many requests", "retries",        "loop",
                                      "cold cache",    "wrong model",    "unusually high"};
  return names[planted];
}

/* ---- chance ---- */

static double uniform(struct rng *rng, double low, double high) {
  return low + (high - low) * ((double)(rng_next(rng) >> 11) / 9007199254740992.0);
}

static double normal(struct rng *rng) {
  return sqrt(-2 * log(uniform(rng, 1e-300, 1))) *
         cos(2 * 3.14159265358979323846 * uniform(rng, 0, 1));
}

static double log_normal(struct rng *rng, double middle, double sigma) {
  return middle * exp(sigma * normal(rng));
}

static int64_t tokens_of(struct rng *rng, double middle, double sigma) {
  return (int64_t)log_normal(rng, middle, sigma) + 1;
}

static bool one_in(struct rng *rng, int64_t n) {
  return rng_below(rng, n) == 0;
}

/* ---- a run ---- */

static void *grow(void *items, size_t *cap, size_t want, size_t size) {
  if (want <= *cap)
    return items;
  *cap = *cap > 0 ? *cap * 2 : 16;
  void *more = realloc(items, *cap * size);
  assert_non_null(more);
  return more;
}

static void add_call(struct made_run *run, uint64_t call) {
  run->calls = grow(run->calls, &run->call_cap, run->call_count + 1, sizeof *run->calls);
  run->calls[run->call_count++] = call;
}

static void add_request(struct maker *m, const struct made_agent *agent, struct made_run *run,
                        const purser_usage *usage) {
  const struct price_query query = {
      .model = agent->model, .at_ms = m->at_ms, .reported_nanousd = -1, .usage = *usage};
  struct price price;
  price_request(m->catalog, &query, &price);
  assert_int_equal(price.status, COST_KNOWN);
  run->requests = grow(run->requests, &run->cap, run->count + 1, sizeof *run->requests);
  run->requests[run->count++] =
      (struct request_shape){*usage, price.cost_nanousd, price.cache_saved_nanousd};
  run->cost_nanousd += price.cost_nanousd;
  run->tokens += usage->input + usage->cache_read + usage->cache_write_5m + usage->output;
  run->duration_ms += (int64_t)((double)(1500 + usage->output * 14) * exp(0.2 * normal(&m->rng)));
}

/* A prompt of which `cached` tokens are in the cache. */
static purser_usage usage_of(const struct made_agent *agent, int64_t prompt, int64_t cached,
                             int64_t output) {
  purser_usage usage = {.output = output};
  if (!agent->caches) {
    usage.input = prompt;
  } else if (agent->writes) {
    usage.input = 4;
    usage.cache_read = cached < prompt - 4 ? cached : prompt - 4;
    usage.cache_write_5m = prompt - usage.input - usage.cache_read;
  } else {
    usage.cache_read = cached / 128 * 128;
    usage.input = prompt - usage.cache_read;
  }
  return usage;
}

/* What a run is to be like. */
struct plan {
  int64_t requests, prompt, first;
  double growth, growth_sigma;
  bool cold;
  int64_t loop; /* calls in a row */
};

static void add_calls(struct maker *m, struct made_run *run, const struct plan *plan) {
  enum {
    TEST = 7
  };
  uint64_t next = 100;
  int since_test = 0;
  for (size_t i = 0; i + 1 < run->count; i++) {
    for (int64_t n = rng_between(&m->rng, 1, 2); n > 0; n--)
      add_call(run, next++);
    if (since_test++ > 0 && rng_chance(&m->rng, 40)) {
      add_call(run, TEST);
      since_test = 0;
    }
  }
  const int64_t in_turn = rng_between(&m->rng, 1, 2);
  for (int64_t i = 0; i < plan->loop * in_turn; i++)
    add_call(run, next + (uint64_t)(i % in_turn));
  /* And goes on. */
  if (plan->loop > 0)
    add_call(run, next + 5);
}

static void carry_out(struct maker *m, const struct made_agent *agent, const struct plan *plan,
                      struct made_run *run) {
  int64_t context = plan->first;
  /* Others of the agent were there a moment ago: the instructions are in the cache. */
  int64_t cached = rng_chance(&m->rng, 70) && agent->client ? (int64_t)agent->instructions : 0;
  run->prompt_tokens = plan->prompt;
  for (int64_t i = 0; i < plan->requests; i++) {
    const int64_t output = tokens_of(&m->rng, agent->answer, agent->answer_sigma);
    if (plan->cold || one_in(&m->rng, CACHE_LOST_ONE_IN))
      cached = 0;
    const purser_usage usage = usage_of(agent, context, cached, output);
    add_request(m, agent, run, &usage);
    cached = context;
    context += output + tokens_of(&m->rng, plan->growth, plan->growth_sigma);
  }
  add_calls(m, run, plan);
}

static struct plan normal_plan(struct maker *m, const struct made_agent *agent) {
  struct plan plan = {
      .requests = (int64_t)(log_normal(&m->rng, agent->requests, agent->requests_sigma) + 0.5),
      .prompt = tokens_of(&m->rng, agent->user, agent->user_sigma),
      .growth = agent->tool,
      .growth_sigma = agent->tool_sigma,
  };
  if (plan.requests < 1)
    plan.requests = 1;
  plan.first = (int64_t)agent->instructions + plan.prompt;
  return plan;
}

static int64_t answer_of(const struct made_run *run) {
  int64_t sum = 0;
  for (size_t i = 0; i < run->count; i++)
    sum += run->requests[i].usage.output;
  return sum;
}

static void empty(struct made_run *run) {
  run->count = run->call_count = 0;
  run->prompt_tokens = run->retries = run->duration_ms = run->tokens = run->cost_nanousd = 0;
}

/* One that is not like all others of a job. */
static void make_other(struct maker *m, const struct made_agent *agent, struct made_run *run) {
  do {
    empty(run);
    const struct plan plan = normal_plan(m, agent);
    carry_out(m, agent, &plan, run);
  } while (model_tier(agent->model) > TIER_SMALL && run->count <= 3 && answer_of(run) < HARD_WORK);
  if (one_in(&m->rng, 50)) {
    do
      run->retries++;
    while (one_in(&m->rng, 4));
  }
}

static void make_normal(struct maker *m, const struct made_agent *agent, struct made_run *run) {
  /* A job's runs are alike, whatever happens elsewhere. */
  if (agent->job && rng_chance(&m->rng, 70)) {
    struct maker same = {{17}, m->catalog, m->at_ms};
    const struct plan plan = {.requests = (int64_t)agent->requests,
                              .prompt = (int64_t)agent->user,
                              .first = (int64_t)(agent->instructions + agent->user),
                              .growth = agent->tool};
    carry_out(&same, agent, &plan, run);
    return;
  }
  make_other(m, agent, run);
}

/* ---- agents ---- */

static int rising(const void *a, const void *b) {
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

static void spread(double *logs, size_t count, double *middle, double *deviation) {
  double sum = 0;
  double squares = 0;
  for (size_t i = 0; i < count; i++)
    sum += logs[i];
  for (size_t i = 0; i < count; i++)
    squares += (logs[i] - sum / (double)count) * (logs[i] - sum / (double)count);
  qsort(logs, count, sizeof *logs, rising);
  *middle = exp(logs[count / 2]);
  *deviation = sqrt(squares / (double)count);
}

static void get_to_know(struct maker *m, struct made_agent *agent) {
  static double prompts[LEARNING];
  static double requests[LEARNING];
  static double tokens[LEARNING];
  struct made_run run = {.agent = 0};
  for (size_t i = 0; i < LEARNING; i++) {
    empty(&run);
    make_other(m, agent, &run);
    const purser_usage *first = &run.requests[0].usage;
    prompts[i] = log((double)(first->input + first->cache_read + first->cache_write_5m));
    requests[i] = log((double)run.count);
    tokens[i] = log((double)run.tokens);
  }
  spread(prompts, LEARNING, &agent->prompt_mid, &agent->prompt_spread);
  spread(requests, LEARNING, &agent->requests_mid, &agent->requests_spread);
  spread(tokens, LEARNING, &agent->tokens_mid, &agent->tokens_spread);
  free(run.requests);
  free(run.calls);
}

static void make_agent(struct maker *m, int index, struct made_agent *agent) {
  static const struct {
    const char *model;
    bool client, caches, writes;
  } kinds[MADE_AGENTS] = {
      {"claude-opus-4-5", true, true, true},   {"claude-sonnet-4-5", true, true, true},
      {"claude-opus-5-5", true, true, true},   {"gpt-5.5", true, true, false},
      {"claude-haiku-4-5", true, true, true},  {"claude-opus-4-5", false, true, true},
      {"gemini-2.5-pro", false, false, false}, {"claude-sonnet-4-5", true, true, true},
  };
  struct rng *rng = &m->rng;
  *agent = (struct made_agent){
      .model = kinds[index].model,
      .client = kinds[index].client,
      .caches = kinds[index].caches,
      .writes = kinds[index].writes,
      .job = index == MADE_AGENTS - 1,
      .user = uniform(rng, 150, 600),
      .user_sigma = uniform(rng, 0.8, 1.2),
      .requests = uniform(rng, 4, 14),
      .requests_sigma = uniform(rng, 0.2, 0.45),
      .answer = uniform(rng, 250, 700),
      .answer_sigma = uniform(rng, 0.5, 0.8),
      .tool = uniform(rng, 600, 1600),
      .tool_sigma = uniform(rng, 0.6, 1.0),
  };
  agent->instructions =
      agent->client ? (double)rng_between(rng, 12000, 22000) : (double)rng_between(rng, 1500, 4000);
  if (!agent->client) {
    agent->user = uniform(rng, 800, 3000);
    agent->user_sigma = uniform(rng, 0.5, 0.8);
    agent->requests = uniform(rng, 2, 5);
  }
  (void)snprintf(agent->name, sizeof agent->name, "agent-%d", index);
  get_to_know(m, agent);
}

/* ---- anomalies ---- */

/* So many deviations over the middle, at least `times` it. */
static double far_above(struct rng *rng, double middle, double deviation, double times) {
  const double factor = exp(uniform(rng, 6.5, 9) * deviation);
  return middle * (factor > times ? factor : times);
}

static void plant_high(struct maker *m, const struct made_agent *agent, struct made_run *run) {
  const int64_t wanted =
      (int64_t)far_above(&m->rng, agent->tokens_mid, agent->tokens_spread, 4) + 20000;
  make_normal(m, agent, run);
  /* Each of its requests in turn, again. */
  for (size_t i = 0; run->tokens < wanted; i++) {
    const purser_usage usage = run->requests[i].usage;
    add_request(m, agent, run, &usage);
  }
}

static void plant(struct maker *m, const struct made_agent *agent, enum planted what,
                  struct made_run *run) {
  struct rng *rng = &m->rng;
  struct plan plan = normal_plan(m, agent);
  run->planted = what;
  switch (what) {
  case PLANTED_PROMPT:
    plan.first = (int64_t)far_above(rng, agent->prompt_mid, agent->prompt_spread, 5);
    plan.prompt = plan.first - (int64_t)agent->instructions;
    break;
  case PLANTED_CONTEXT:
    plan.requests = rng_between(rng, 45, 80);
    plan.growth = uniform(rng, 130000, 180000) / (double)plan.requests - agent->answer;
    plan.growth_sigma = 0.5;
    break;
  case PLANTED_REQUESTS:
    plan.requests = (int64_t)far_above(rng, agent->requests_mid, agent->requests_spread, 5);
    plan.requests = plan.requests < 30 ? 30 : plan.requests;
    break;
  case PLANTED_RETRIES: break;
  case PLANTED_LOOP:
    plan.loop = rng_between(rng, 6, 25);
    plan.requests += plan.loop;
    break;
  case PLANTED_COLD:
    plan.cold = true;
    plan.requests = rng_between(rng, 4, 15);
    break;
  case PLANTED_MODEL:
    plan.requests = rng_between(rng, 2, 3);
    plan.prompt = rng_between(rng, 5, 200);
    plan.first = (int64_t)agent->instructions + plan.prompt;
    break;
  case PLANTED_HIGH: plant_high(m, agent, run); return;
  case PLANTED_NOTHING:
  case PLANTED_KINDS: fail_msg("nothing to plant"); break;
  }
  struct made_agent asked = *agent;
  if (what == PLANTED_MODEL) {
    asked.answer = uniform(rng, 40, 140);
    asked.answer_sigma = 0.3;
  }
  carry_out(m, &asked, &plan, run);
  run->retries = what == PLANTED_RETRIES ? rng_between(rng, 6, 20) : 0;
}

/* Where it can show: a cache has to cost something, a smaller model must be there, a cent must be in it. */
static enum planted choose(struct maker *m, const struct made_agent *agent) {
  for (;;) {
    const enum planted what = (enum planted)rng_between(&m->rng, 1, PLANTED_KINDS - 1);
    if ((what == PLANTED_COLD && !agent->writes) ||
        (what == PLANTED_MODEL && (model_tier(agent->model) != TIER_LARGE || !agent->client)) ||
        (what == PLANTED_CONTEXT && !agent->caches))
      continue;
    return what;
  }
}

void made_log_make(struct made_log *log, const struct catalog *catalog, int64_t at_ms,
                   uint64_t seed, size_t runs) {
  struct maker m = {{seed}, catalog, at_ms};
  int made[MADE_AGENTS] = {0};
  bool before[MADE_AGENTS] = {false};                  /* whether its last run was planted */
  enum planted again[MADE_AGENTS] = {PLANTED_NOTHING}; /* the next run's */
  *log = (struct made_log){.runs = calloc(runs, sizeof *log->runs), .count = runs};
  assert_non_null(log->runs);
  for (int i = 0; i < MADE_AGENTS; i++)
    make_agent(&m, i, &log->agents[i]);
  for (size_t i = 0; i < runs; i++) {
    struct made_run *run = &log->runs[i];
    const int who = (int)rng_below(&m.rng, MADE_AGENTS);
    const struct made_agent *agent = &log->agents[who];
    enum planted what = again[who];
    again[who] = PLANTED_NOTHING;
    if (what == PLANTED_NOTHING && made[who]++ >= FIRST_PLANT && one_in(&m.rng, PLANT_ONE_IN)) {
      what = choose(&m, agent);
      again[who] = one_in(&m.rng, 4) ? what : PLANTED_NOTHING;
    }
    run->agent = who;
    run->after_another = what != PLANTED_NOTHING && before[who];
    if (what != PLANTED_NOTHING)
      plant(&m, agent, what, run);
    else
      make_normal(&m, agent, run);
    before[who] = what != PLANTED_NOTHING;
  }
}

void made_log_free(struct made_log *log) {
  for (size_t i = 0; i < log->count; i++) {
    free(log->runs[i].requests);
    free(log->runs[i].calls);
  }
  free(log->runs);
}

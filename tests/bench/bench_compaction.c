/* bench_compaction.c - what conversations cost under different rules of when to compact.
 *
 * Conversations are made up after recorded shapes and replayed request by request with the real rate cards: what is cached is read, what is
 * new or cold is written. Every rule keeps the same things (compaction/plan.h: all of the user's words, the last turns), and
 * the summary is written by the conversation's own model; they differ in when, and in whether masking alone will do. "Never" compacts
 * when the window is full, since nothing else could follow.
 *
 *   PURSER_BENCH_SEED=1   another seed gives other conversations */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/order.h"
#include "compaction/plan.h"
#include "compaction/trigger.h"
#include "pricing/pricing.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
  CONVERSATIONS = 501,
  HISTORY = 60,
  MOST_ITEMS = 4000,
  WINDOW = 200000,
  RESERVE = 20000,
  TTL_MS = 300000
};

/* ---- chance ---- */

static uint64_t random_state;

static uint64_t next_random(void) {
  uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static int64_t between(const int64_t range[2]) {
  return range[0] + (int64_t)(next_random() % (uint64_t)(range[1] - range[0] + 1));
}

static bool chance(int64_t percent) {
  return (int64_t)(next_random() % 100) < percent;
}

/* ---- conversations ---- */

struct shape {
  const char *name;
  int64_t go_on;       /* percent: after the fewest turns, whether another follows */
  int64_t fewest;      /* turns */
  int64_t requests[2]; /* of a turn */
  int64_t user[2], answer[2], result[2]; /* tokens */
  int64_t gap;                           /* percent of turns that begin with a cold cache */
};

static const struct shape shapes[] = {
    {"many small tool outputs", 95, 6, {3, 12}, {20, 250}, {60, 400}, {80, 900}, 10},
    {"few huge tool outputs", 92, 4, {1, 4}, {20, 250}, {200, 900}, {4000, 22000}, 10},
    {"long talk", 97, 40, {1, 1}, {40, 500}, {400, 1600}, {0, 0}, 15},
    {"idle gaps past the cache", 93, 4, {2, 8}, {20, 250}, {100, 600}, {300, 4000}, 50},
};

/* A script: the same for every rule. */
struct step {
  bool turn; /* begins one */
  bool cold;
  int64_t user, answer, result;
};

static size_t write_script(const struct shape *shape, struct step *steps) {
  size_t count = 0;
  for (int64_t turn = 0; turn < shape->fewest || chance(shape->go_on); turn++) {
    const int64_t requests = between(shape->requests);
    for (int64_t i = 0; i < requests && count < MOST_ITEMS / 4; i++) {
      steps[count++] = (struct step){
          .turn = i == 0,
          .cold = i == 0 && turn > 0 && chance(shape->gap),
          .user = i == 0 ? between(shape->user) : 0,
          .answer = between(shape->answer),
          /* The last request of a turn is the answer and calls nothing. */
          .result = i + 1 < requests ? between(shape->result) : 0,
      };
    }
  }
  return count;
}

/* ---- the replay ---- */

struct rule {
  const char *name;
  int64_t permille; /* of the usable window; 0: ours */
};
static const struct rule rules[] = {
    {"never", 1000}, {"at 80 %", 800}, {"at 92 %", 920}, {"purser", 0}};

struct replay {
  const struct rule *rule;
  struct compaction_rates rates;
  struct compaction_item items[MOST_ITEMS];
  size_t count;
  int64_t cached; /* tokens of the beginning that the cache holds */
  int64_t nanousd;
  int64_t compactions;
  const int64_t *lengths;
  int64_t requests;
};

static int64_t size_of(const struct replay *r) {
  int64_t tokens = 0;
  for (size_t i = 0; i < r->count; i++)
    tokens += r->items[i].tokens;
  return tokens;
}

static void pay(struct replay *r, int64_t tokens, int64_t rate) {
  r->nanousd += tokens * (rate / 1000) / 1000;
}

static void add(struct replay *r, enum item_kind kind, const char *id, int64_t tokens) {
  if (r->count == MOST_ITEMS)
    exit(1);
  r->items[r->count++] =
      (struct compaction_item){.kind = kind, .id = id, .name = "tool", .tokens = tokens};
}

static void carry_out(struct replay *r, const enum item_fate *fates, const struct plan *plan,
                      bool cold) {
  size_t left = 0;
  bool summarised = false;
  if (plan->summary_tokens > 0) {
    pay(r, size_of(r), cold ? r->rates.input : r->rates.cache_read);
    pay(r, plan->summary_tokens, r->rates.output);
  }
  for (size_t i = 0; i < r->count; i++) {
    struct compaction_item item = r->items[i];
    if (fates[i] == FATE_MASK)
      item.tokens = plan_limits_default.placeholder;
    if (fates[i] == FATE_SUMMARISE) {
      if (summarised)
        continue;
      summarised = true;
      item = (struct compaction_item){.kind = ITEM_SUMMARY, .tokens = plan->summary_tokens};
    }
    r->items[left++] = item;
  }
  r->count = left;
  r->compactions++;
  if (r->cached > plan->prefix_tokens)
    r->cached = plan->prefix_tokens;
}

static void consider(struct replay *r, bool cold) {
  static enum item_fate fates[2][MOST_ITEMS];
  struct plan plans[2];
  struct compaction_option options[2];
  const int64_t size = size_of(r);
  if (r->rule->permille > 0 && size < (WINDOW - RESERVE) / 1000 * r->rule->permille)
    return;
  for (int kind = PLAN_MASK; kind <= PLAN_SUMMARISE; kind++) {
    if (plan_make(r->items, r->count, (enum plan_kind)kind, &plan_limits_default, fates[kind],
                  &plans[kind]) != PURSER_OK)
      exit(1);
    options[kind] = (struct compaction_option){plans[kind].prefix_tokens, plans[kind].size_tokens,
                                               plans[kind].summary_tokens};
  }
  if (r->rule->permille > 0) {
    carry_out(r, fates[PLAN_SUMMARISE], &plans[PLAN_SUMMARISE], cold);
    return;
  }
  const struct compaction_context context = {
      .context_tokens = size,
      .window = WINDOW,
      .output_reserve = RESERVE,
      .idle_ms = cold ? TTL_MS : 0,
      .ttl_ms = TTL_MS,
      .further_requests_milli = compaction_further_requests(r->lengths, HISTORY, r->requests),
      .rates = r->rates,
      .summary_rates = r->rates,
      .summary_reads_cache = true,
  };
  struct compaction_verdict verdict;
  compaction_judge(&context, options, 2, &compaction_policy_default, &verdict);
  if (verdict.level != COMPACTION_NONE)
    carry_out(r, fates[verdict.option], &plans[verdict.option], cold);
}

static void send(struct replay *r, const struct step *step) {
  const int64_t size = size_of(r);
  pay(r, r->cached, r->rates.cache_read);
  pay(r, size - r->cached, r->rates.cache_write);
  pay(r, step->answer, r->rates.output);
  r->cached = size;
  r->requests++;
}

static void replay(struct replay *r, const struct step *steps, size_t count) {
  static char ids[MOST_ITEMS][24];
  add(r, ITEM_SYSTEM, NULL, 12000);
  for (size_t i = 0; i < count; i++) {
    if (steps[i].cold)
      r->cached = 0;
    if (steps[i].turn)
      add(r, ITEM_USER, NULL, steps[i].user);
    consider(r, steps[i].cold);
    send(r, &steps[i]);
    if (steps[i].result == 0) {
      add(r, ITEM_ANSWER, NULL, steps[i].answer);
      continue;
    }
    (void)snprintf(ids[i], sizeof ids[i], "%zu", i);
    add(r, ITEM_CALL, ids[i], steps[i].answer);
    add(r, ITEM_RESULT, ids[i], steps[i].result);
  }
}

/* ---- the table ---- */

static void table(const struct catalog *catalog, const char *model, uint64_t seed) {
  struct model_info info;
  static struct step steps[CONVERSATIONS][MOST_ITEMS / 4];
  static size_t lengths_of[CONVERSATIONS];
  static struct replay r;
  if (catalog_find(catalog, NULL, model, INT64_C(1795478400000), &info) != PURSER_OK)
    exit(1);
  const struct compaction_rates rates = {info.input, info.cache_read, info.cache_write_5m,
                                         info.output};
  printf("\n%-26s", model);
  for (size_t k = 0; k < COUNT(rules); k++)
    printf("  %16s", rules[k].name);
  printf("\n");
  for (size_t s = 0; s < COUNT(shapes); s++) {
    int64_t history[HISTORY];
    random_state = seed * 1000 + s;
    for (size_t i = 0; i < HISTORY; i++)
      history[i] = (int64_t)write_script(&shapes[s], steps[0]);
    for (size_t i = 0; i < CONVERSATIONS; i++)
      lengths_of[i] = write_script(&shapes[s], steps[i]);
    printf("%-26s", shapes[s].name);
    for (size_t k = 0; k < COUNT(rules); k++) {
      int64_t nanousd[CONVERSATIONS];
      int64_t compactions = 0;
      for (size_t i = 0; i < CONVERSATIONS; i++) {
        r = (struct replay){.rule = &rules[k], .rates = rates, .lengths = history};
        replay(&r, steps[i], lengths_of[i]);
        nanousd[i] = r.nanousd;
        compactions += r.compactions;
      }
      qsort(nanousd, CONVERSATIONS, sizeof nanousd[0], order_int64);
      printf("  %8.2f (%5.2f)", (double)nanousd[CONVERSATIONS / 2] / 1e7,
             (double)compactions / CONVERSATIONS);
    }
    printf("\n");
  }
}

int main(void) {
  const char *seed = getenv("PURSER_BENCH_SEED");
  struct catalog *catalog = NULL;
  if (catalog_load(&catalog, NULL, NULL, NULL) != PURSER_OK)
    return 1;
  printf("median cents of a conversation (compactions in each), %d of each shape\n", CONVERSATIONS);
  static const char *const models[] = {"claude-opus-5-5", "claude-sonnet-5-5", "gpt-5.5"};
  for (size_t i = 0; i < COUNT(models); i++)
    table(catalog, models[i], seed != NULL ? strtoull(seed, NULL, 10) : 1);
  catalog_free(catalog);
  return 0;
}

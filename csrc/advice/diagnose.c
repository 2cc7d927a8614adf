/* diagnose.c - see diagnose.h. */
#include "advice/diagnose.h"

#include <string.h>

#include "base/money.h"

enum {
  USUAL_RUNS = 8,
  /* How many times the usual is far above it. */
  FAR_ABOVE = 3,
  /* A context that grew by less, or is mostly new, is not worth a word. */
  GREW_BY = 3,
  SENT_AGAIN_PERCENT = 70,
  CONTEXT_TOKENS = 20000,
  MANY_REQUESTS = 25,
  MANY_RETRIES = 5,
  REPEATED_CALLS = 4,
  WRITTEN_TOKENS = 10000,
  SMALL_OUTPUT = 600,
  SMALL_PROMPT = 6000,
  SMALL_REQUESTS = 3,
  /* Part of a context that is left once it was compacted. */
  LEFT_PERCENT = 30
};

static const char *const names[FINDING_KINDS] = {"verbose_prompt", "context", "break_up",
                                                 "cold_cache", "model"};

const char *finding_name(enum finding_kind kind) {
  return names[kind];
}

int finding_parse(const char *name) {
  for (int i = 0; i < FINDING_KINDS; i++) {
    if (strcmp(name, names[i]) == 0)
      return i;
  }
  return -1;
}

static int64_t prompt_of(const struct request_shape *request) {
  const purser_usage *u = &request->usage;
  return u->input + u->cache_read + u->cache_write_5m + u->cache_write_1h;
}

static int64_t price(int64_t tokens, int64_t rate) {
  money_sum sum = {0};
  money_add_tokens(&sum, tokens, rate);
  return money_round(sum);
}

/* ---- the detectors: each fills a finding, or answers that there is none ---- */

/* What is above the usual was written once and read by every later request. */
static bool verbose_prompt(const struct run_shape *run, const struct usual *usual,
                           struct finding *out) {
  const int64_t first = prompt_of(&run->requests[0]);
  if (usual->runs < USUAL_RUNS || usual->first_prompt <= 0 ||
      first < usual->first_prompt * FAR_ABOVE)
    return false;
  const int64_t excess = first - usual->first_prompt;
  const int64_t again = (int64_t)run->count - 1;
  *out = (struct finding){
      .kind = FINDING_VERBOSE_PROMPT,
      .nanousd = money_add(price(excess, run->rates.cache_write),
                           price(excess * again, run->rates.cache_read)),
      .figure = first,
      .usual = usual->first_prompt,
  };
  return true;
}

/* The best moment to have compacted, knowing how many requests were still to come. */
static int64_t best_compaction(const struct run_shape *run) {
  int64_t best = 0;
  for (size_t i = 1; i + 1 < run->count; i++) {
    const int64_t size = prompt_of(&run->requests[i]);
    const struct compaction_context context = {
        .context_tokens = size,
        .idle_ms = 0,
        .ttl_ms = 1,
        .further_requests_milli = (int64_t)(run->count - i) * 1000,
        .rates = run->rates,
        .summary_rates = run->rates,
        .summary_reads_cache = true,
    };
    const struct compaction_option option = {0, size * LEFT_PERCENT / 100, size / 20};
    struct compaction_outlook outlook;
    compaction_look_ahead(&context, &option, &outlook);
    if (outlook.saving_nanousd > best)
      best = outlook.saving_nanousd;
  }
  return best;
}

static bool grown_context(const struct run_shape *run, const struct usual *usual,
                          struct finding *out) {
  (void)usual;
  int64_t sent = 0;
  int64_t largest = 0;
  for (size_t i = 0; i < run->count; i++) {
    const int64_t prompt = prompt_of(&run->requests[i]);
    sent += prompt;
    largest = prompt > largest ? prompt : largest;
  }
  const int64_t first = prompt_of(&run->requests[0]);
  if (run->count < SMALL_REQUESTS || first <= 0 || largest < CONTEXT_TOKENS ||
      largest < first * GREW_BY)
    return false;
  const int64_t again = (sent - largest) * 100 / sent;
  const int64_t saving = best_compaction(run);
  if (again < SENT_AGAIN_PERCENT || saving <= 0)
    return false;
  *out = (struct finding){
      .kind = FINDING_CONTEXT, .nanousd = saving, .figure = again, .usual = largest / first};
  return true;
}

/* What the requests beyond the usual number cost. */
static bool break_up(const struct run_shape *run, const struct usual *usual, struct finding *out) {
  const int64_t count = (int64_t)run->count;
  const bool many = usual->runs >= USUAL_RUNS && usual->requests > 0
                        ? count >= usual->requests * FAR_ABOVE && count >= SMALL_REQUESTS * 3
                        : count >= MANY_REQUESTS;
  if (!many && run->retries < MANY_RETRIES && run->repeated < REPEATED_CALLS)
    return false;
  const int64_t from = usual->runs >= USUAL_RUNS && usual->requests > 0 ? usual->requests : count;
  int64_t beyond = 0;
  for (int64_t i = from; i < count; i++)
    beyond = money_add(beyond, run->requests[i].cost_nanousd);
  *out = (struct finding){
      .kind = FINDING_BREAK_UP, .nanousd = beyond, .figure = count, .usual = usual->requests};
  return true;
}

static bool cold_cache(const struct run_shape *run, const struct usual *usual,
                       struct finding *out) {
  (void)usual;
  int64_t written = 0;
  int64_t read = 0;
  int64_t saved = 0;
  for (size_t i = 0; i < run->count; i++) {
    const purser_usage *u = &run->requests[i].usage;
    written += u->cache_write_5m + u->cache_write_1h;
    read += u->cache_read;
    saved += run->requests[i].cache_saved_nanousd;
  }
  if (written < WRITTEN_TOKENS || saved >= 0)
    return false;
  *out = (struct finding){.kind = FINDING_COLD_CACHE,
                          .nanousd = -saved,
                          .measured = true,
                          .figure = written,
                          .usual = read};
  return true;
}

static bool large_model(const struct run_shape *run, const struct usual *usual,
                        struct finding *out) {
  (void)usual;
  int64_t output = 0;
  int64_t cost = 0;
  for (size_t i = 0; i < run->count; i++) {
    output += run->requests[i].usage.output;
    cost = money_add(cost, run->requests[i].cost_nanousd);
  }
  if (run->cheaper_model == NULL || run->count > SMALL_REQUESTS || output > SMALL_OUTPUT ||
      prompt_of(&run->requests[0]) > SMALL_PROMPT + run->prompt_tokens ||
      run->prompt_tokens > SMALL_PROMPT || run->cheaper_nanousd >= cost)
    return false;
  *out = (struct finding){.kind = FINDING_MODEL,
                          .nanousd = cost - run->cheaper_nanousd,
                          .measured = true,
                          .figure = output};
  return true;
}

size_t diagnose(const struct run_shape *run, const struct usual *usual,
                struct finding out[FINDING_KINDS]) {
  typedef bool detector(const struct run_shape *run, const struct usual *usual,
                        struct finding *out);
  static detector *const detectors[FINDING_KINDS] = {verbose_prompt, grown_context, break_up,
                                                     cold_cache, large_model};
  size_t count = 0;
  if (run->count == 0)
    return 0;
  for (size_t i = 0; i < FINDING_KINDS; i++) {
    struct finding finding;
    if (!detectors[i](run, usual, &finding))
      continue;
    size_t at = count++;
    for (; at > 0 && out[at - 1].nanousd < finding.nanousd; at--)
      out[at] = out[at - 1];
    out[at] = finding;
  }
  return count;
}

/* diagnose.c - see diagnose.h. */
#include "advice/diagnose.h"

#include <string.h>

#include "base/money.h"

enum {
  USUAL_RUNS = 8,
  /* How many times the usual a figure is at least that is far above it. */
  FAR_ABOVE = 3,
  PROMPT_FAR_ABOVE = 4,
  EXCESS_TOKENS = 10000,
  /* A context that grew by less, is mostly new, or small, is not worth a word; nor is a saving that hardly shows in what the run cost. */
  GREW_BY = 3,
  SENT_AGAIN_PERCENT = 70,
  CONTEXT_TOKENS = 120000,
  CONTEXT_REQUESTS = 4,
  SAVED_PERCENT = 5,
  MANY_REQUESTS = 9,
  /* Where the usual is not known. */
  VERY_MANY_REQUESTS = 80,
  MANY_RETRIES = 5,
  REPEATED_CALLS = 4,
  /* A cache that was written often enough to hold the largest prompt so many times. */
  WRITTEN_TOKENS = 10000,
  WRITTEN_TIMES = 2,
  SMALL_ANSWER = 600,
  SMALL_PROMPT = 6000,
  SMALL_READING = 12000, /* what it had to look at */
  SMALL_REQUESTS = 3,
  /* Part of a context that is left once it was compacted. */
  LEFT_PERCENT = 30
};

/* A smaller saving is not worth a word: as with compaction. */
static const int64_t least_nanousd = MONEY_PER_CENT / 2;

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

static int64_t cost_of(const struct run_shape *run) {
  int64_t cost = 0;
  for (size_t i = 0; i < run->count; i++)
    cost = money_add(cost, run->requests[i].cost_nanousd);
  return cost;
}

static int64_t largest_prompt(const struct run_shape *run) {
  int64_t largest = 0;
  for (size_t i = 0; i < run->count; i++) {
    const int64_t prompt = prompt_of(&run->requests[i]);
    largest = prompt > largest ? prompt : largest;
  }
  return largest;
}

/* ---- the detectors: each fills a finding, or answers that there is none ---- */

/* What is above the usual was written once and read by every later request. */
static bool verbose_prompt(const struct run_shape *run, const struct usual *usual,
                           struct finding *out) {
  const int64_t first = prompt_of(&run->requests[0]);
  const int64_t excess = first - usual->first_prompt;
  if (usual->runs < USUAL_RUNS || usual->first_prompt <= 0 || first <= usual->most_first_prompt ||
      first / PROMPT_FAR_ABOVE < usual->first_prompt || excess < EXCESS_TOKENS)
    return false;
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
  for (size_t i = 0; i < run->count; i++)
    sent += prompt_of(&run->requests[i]);
  const int64_t largest = largest_prompt(run);
  const int64_t first = prompt_of(&run->requests[0]);
  if (run->count < CONTEXT_REQUESTS || first <= 0 || largest < CONTEXT_TOKENS ||
      largest / GREW_BY < first)
    return false;
  const int64_t again = (sent - largest) * 100 / sent;
  const int64_t saving = best_compaction(run);
  if (again < SENT_AGAIN_PERCENT || saving < cost_of(run) / 100 * SAVED_PERCENT)
    return false;
  *out = (struct finding){
      .kind = FINDING_CONTEXT, .nanousd = saving, .figure = again, .usual = largest / first};
  return true;
}

/* What the requests beyond the usual number cost; of a loop, and of tries that failed, what as many requests cost in the mean. */
static bool break_up(const struct run_shape *run, const struct usual *usual, struct finding *out) {
  const int64_t count = (int64_t)run->count;
  const bool known = usual->runs >= USUAL_RUNS && usual->requests > 0;
  const bool many = known ? count >= MANY_REQUESTS && count > usual->most_requests &&
                                count / FAR_ABOVE >= usual->requests
                          : count >= VERY_MANY_REQUESTS;
  const bool again = run->retries >= MANY_RETRIES || run->repeated >= REPEATED_CALLS;
  if (!many && !again)
    return false;
  const int64_t loop = run->repeated >= REPEATED_CALLS ? run->repeated - 1 : 0;
  const int64_t tries = run->retries >= MANY_RETRIES ? run->retries : 0;
  int64_t extra = (loop > tries ? loop : tries);
  int64_t beyond = 0;
  extra = extra < count ? extra : count;
  for (int64_t i = known ? usual->requests : VERY_MANY_REQUESTS; many && i < count; i++)
    beyond = money_add(beyond, run->requests[i].cost_nanousd);
  const int64_t wasted = cost_of(run) / count * extra;
  *out = (struct finding){.kind = FINDING_BREAK_UP,
                          .nanousd = wasted > beyond ? wasted : beyond,
                          .figure = count,
                          .usual = usual->requests};
  return true;
}

/* A single answer of a cache that nobody reads is the client's way, and no fault of this run: it must have been written again. */
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
    saved = money_add(saved, run->requests[i].cache_saved_nanousd);
  }
  if (written < WRITTEN_TOKENS || written / WRITTEN_TIMES < largest_prompt(run) || saved >= 0)
    return false;
  *out = (struct finding){.kind = FINDING_COLD_CACHE,
                          .nanousd = -saved,
                          .measured = true,
                          .figure = written,
                          .usual = read};
  return true;
}

/* What an agent sends along with every task says nothing of this one: the usual first prompt is left out. */
static bool is_small_prompt(const struct run_shape *run, const struct usual *usual) {
  const int64_t first = prompt_of(&run->requests[0]);
  const int64_t always = usual->runs >= USUAL_RUNS ? usual->first_prompt : 0;
  const int64_t own = first > always ? first - always : 0;
  return run->prompt_tokens <= SMALL_PROMPT && own <= SMALL_PROMPT + run->prompt_tokens &&
         largest_prompt(run) - first <= SMALL_READING;
}

/* Thinking is no part of the answer: a high effort makes no large task. */
static bool large_model(const struct run_shape *run, const struct usual *usual,
                        struct finding *out) {
  int64_t answer = 0;
  const int64_t cost = cost_of(run);
  for (size_t i = 0; i < run->count; i++)
    answer += run->requests[i].usage.output - run->requests[i].usage.reasoning;
  if (run->cheaper_model == NULL || run->count > SMALL_REQUESTS || answer > SMALL_ANSWER ||
      !is_small_prompt(run, usual))
    return false;
  *out = (struct finding){.kind = FINDING_MODEL,
                          .nanousd = cost - run->cheaper_nanousd,
                          .measured = true,
                          .figure = answer};
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
    if (!detectors[i](run, usual, &finding) || finding.nanousd < least_nanousd)
      continue;
    size_t at = count++;
    for (; at > 0 && out[at - 1].nanousd < finding.nanousd; at--)
      out[at] = out[at - 1];
    out[at] = finding;
  }
  return count;
}

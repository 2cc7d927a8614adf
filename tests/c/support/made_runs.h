/* made_runs.h - logs of runs that never were, with anomalies planted in them: for detectors.
 *
 * Assumed of normal runs:
 *   - An agent does one kind of work with one model. Its figures are spread log-normally: requests of a run with a deviation of 0.2 to 0.45
 *     (in natural logarithms), what a tool brings into the context 0.6 to 1.0, an answer 0.5 to 0.8, what the user writes 0.8 to 1.2. The
 *     run's tokens, about quadratic in its requests, come out with 0.3 to 0.9.
 *   - The first prompt is the client's instructions and tools (12,000 to 22,000 tokens; an API agent has 1,500 to 4,000, with files) and
 *     what the user wrote. Mostly the first part is in the cache already; each further request reads the whole context so far and writes
 *     what is new; one pause in 250 outlives the cache, and then everything is written again.
 *   - A context grows by some thousand tokens a request. Tests are run again after edits: the same call, with a new one in between.
 *   - One run in 50 meets a provider that is busy; three of four tries then succeed.
 *   - What is given to a large or medium model is work: less than 1,200 tokens of answer in three requests is none (an anomaly, below).
 *   - One agent is a job that runs by itself: seven of ten of its runs are alike to the token, so that the median distance is 0. What
 *     is far above is measured by the others.
 *
 * Planted, one run in sixteen from the tenth of its agent on, a quarter of them followed at once by another one
 * of the same kind:
 *   - a first prompt of 6.5 to 9 deviations over the agent's median, five times it at least;
 *   - 45 to 80 requests whose context grows to 130,000 tokens and more;
 *   - requests of 6.5 to 9 deviations over the median, five times it at least, and 30; or 6 to 20 tries that failed; or the same call or two
 *     calls in turn 6 to 25 times;
 *   - a cache that is written anew with each of 4 to 15 requests;
 *   - a question of a line to a large model, which is answered in two or three requests and a few hundred tokens;
 *   - tokens of 6.5 to 9 deviations over the median, four times it at least, with no cause that can be named. */
#ifndef SUPPORT_MADE_RUNS_H
#define SUPPORT_MADE_RUNS_H

#include "advice/diagnose.h"
#include "support/support.h"

enum planted {
  PLANTED_NOTHING = 0,
  PLANTED_PROMPT,
  PLANTED_CONTEXT,
  PLANTED_REQUESTS,
  PLANTED_RETRIES,
  PLANTED_LOOP,
  PLANTED_COLD,
  PLANTED_MODEL,
  PLANTED_HIGH,
  PLANTED_KINDS
};

struct made_run {
  enum planted planted;
  int agent;
  bool after_another; /* the agent's run before it was planted, too */
  struct request_shape *requests;
  size_t count, cap;
  uint64_t *calls; /* tools' calls: what they are, as a number */
  size_t call_count, call_cap;
  int64_t prompt_tokens, retries, duration_ms;
  int64_t tokens, cost_nanousd;
};

struct made_agent {
  char name[32];
  const char *model;
  bool client; /* has instructions and tools */
  bool writes; /* caching costs something */
  bool caches;
  bool job; /* seven of ten runs alike */
  double instructions, user, user_sigma, requests, requests_sigma, answer, answer_sigma, tool,
      tool_sigma;
  /* Of its normal runs, as they come: median and deviation of logarithms. */
  double prompt_mid, prompt_spread, requests_mid, requests_spread, tokens_mid, tokens_spread;
};

enum {
  MADE_AGENTS = 8
};

struct made_log {
  struct made_agent agents[MADE_AGENTS];
  struct made_run *runs; /* in the order of time */
  size_t count;
};

struct catalog;
/* The same seed gives the same log. Costs are those of `catalog` at `at_ms`. */
void made_log_make(struct made_log *log, const struct catalog *catalog, int64_t at_ms,
                   uint64_t seed, size_t runs);
void made_log_free(struct made_log *log);

const char *planted_name(enum planted planted);

#endif

/* diagnose.h - why a run took so many tokens, and what that cost. Pure: figures in, findings out.
 *
 * Each detector asks for a cause that can be told apart from a run that was merely large, for something to be gained by heeding it, and for a
 * least amount: a cent. test_advice_detectors.c holds them against generated logs.
 *
 * Each finding has the figures that led to it and an amount in nano-dollars: what would not have been spent otherwise. Measured means that real
 * requests were priced in another way; estimated, that something had to be assumed about what would have happened. */
#ifndef ADVICE_DIAGNOSE_H
#define ADVICE_DIAGNOSE_H

#include "base/public.h"
#include "compaction/trigger.h"

/* A request of the main line. */
struct request_shape {
  purser_usage usage;
  int64_t cost_nanousd;
  int64_t cache_saved_nanousd; /* less than 0: it was written, and that cost more than was saved */
};

struct run_shape {
  const struct request_shape *requests; /* oldest first */
  size_t count;
  int64_t prompt_tokens; /* of what the user wrote, estimated */
  int64_t tool_calls, retries;
  int64_t
      repeated; /* how often one tool was called with the same input and nothing new in between (repeats.h); 0 unknown */
  struct compaction_rates rates; /* of its model; all 0: no price */
  const char *cheaper_model;     /* one that would do for a small task; NULL none */
  int64_t cheaper_nanousd;       /* what the same tokens cost there */
};

/* The medians of this agent's runs with this model. */
struct usual {
  int64_t runs;         /* that they come of; below eight nothing is called unusual */
  int64_t first_prompt; /* tokens of the first request's prompt */
  int64_t requests;
  int64_t output;                           /* tokens of a run */
  int64_t most_first_prompt, most_requests; /* what is more is far above; INT64_MAX unknown */
};

enum finding_kind {
  FINDING_VERBOSE_PROMPT =
      0, /* the first request is far larger than usual: figure and usual are its tokens */
  FINDING_CONTEXT =
      1, /* what was sent again and again: figure is the share in percent of all prompt tokens, usual the growth */
  FINDING_BREAK_UP = 2, /* many requests, retries, loops: figure and usual are requests */
  FINDING_COLD_CACHE =
      3, /* writes that never paid back: figure is the tokens written, usual those read */
  FINDING_MODEL = 4 /* a small task on a large model: figure is the output's tokens */
};
enum {
  FINDING_KINDS = 5
};
const char *finding_name(
    enum finding_kind kind); /* "verbose_prompt", "context", "break_up", "cold_cache", "model" */
int finding_parse(const char *name); /* -1 for anything else */

struct finding {
  enum finding_kind kind;
  int64_t nanousd;
  bool measured;
  int64_t figure, usual;
  bool dismissed; /* the user has waved it aside: the review says so, not the detectors */
};

/* Writes what was found, the dearest first; answers how many, at most FINDING_KINDS. */
size_t diagnose(const struct run_shape *run, const struct usual *usual,
                struct finding out[FINDING_KINDS]);

#endif

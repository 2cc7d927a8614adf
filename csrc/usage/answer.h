/* answer.h - what is known so far of the one response that an API's answer brings. Shared by the four API dialects. */
#ifndef USAGE_ANSWER_H
#define USAGE_ANSWER_H

#include "usage/calls.h"
#include "usage/failure.h"

struct answer {
  struct buf id;
  struct buf model;
  struct buf tier;
  struct buf speed;
  purser_usage usage;
  int64_t cost_nanousd; /* what the provider says, -1 nothing */
  bool has_usage;
  bool clamped;
  int64_t reported;   /* tokens of the last figure that was emitted */
  bool final;         /* it was the final one */
  const char *reason; /* the result's name, NULL while unknown */
  bool failed;
  struct calls calls;
};

void answer_fini(struct answer *answer);

/* Remembers what the provider echoes, where it does. */
void answer_keep(struct decoder *decoder, struct buf *kept, json_id id);
/* "default" and "on_demand" are what others call standard; "auto" says nothing. */
void answer_keep_tier(struct decoder *decoder, struct answer *answer, json_id id);

/* A USAGE event with everything but the figures' origin. */
purser_event answer_event(struct decoder *decoder, const struct answer *answer, bool partial);
/* Emits the figures: the first partial ones at once, so that a budget can be watched, then the final ones. */
void answer_usage(struct decoder *decoder, struct answer *answer, bool final);
/* The answer stops before its end: emits the latest partial figures, if they are more than was emitted. */
void answer_cut(struct decoder *decoder, struct answer *answer);

/* Emits the failure and ends the run. */
void answer_fail(struct decoder *decoder, struct answer *answer, struct failure *failure);
/* Ends the run with answer->reason: calls, final figures, RESULT. Once. */
void answer_finish(struct decoder *decoder, struct answer *answer);

/* A provider's reason for stopping -> a result's name. */
struct answer_reason {
  const char *said;
  const char *name;
  bool failed;
};
/* Takes the first row whose `said` it is; a table ends with a NULL row, whose name stands for all others. */
void answer_stop(struct answer *answer, const struct json_doc *doc, json_id id,
                 const struct answer_reason *table);

#endif

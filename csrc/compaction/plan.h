/* plan.h - what of a conversation to keep, to mask and to summarise. Pure: the conversation as a list of items in, a fate for each
 * item out.
 *
 * Old tool output goes first: a placeholder in its place halves the context and costs no model call. Only where that is not enough is
 * the middle summarised. Never touched: the system prompt, everything the user said (corrections and constraints are in it),
 * the last turns, the newest task list, and each tool's last failure that was not followed by a success. A tool call and its result share
 * one fate or the call keeps its masked result: they are never separated. */
#ifndef COMPACTION_PLAN_H
#define COMPACTION_PLAN_H

#include "base/public.h"

enum item_kind {
  ITEM_SYSTEM = 0,
  ITEM_USER = 1,   /* begins a turn */
  ITEM_ANSWER = 2, /* what the model said or thought */
  ITEM_CALL = 3,
  ITEM_RESULT = 4,
  ITEM_SUMMARY = 5 /* of an earlier compaction */
};

struct compaction_item {
  enum item_kind kind;
  const char *id;   /* of a call, and the same of its result; NULL otherwise */
  const char *name; /* of a call: the tool's */
  int64_t tokens;
  bool failed; /* of a result */
};

enum item_fate {
  FATE_KEEP = 0, /* word for word */
  FATE_MASK =
      1, /* a result: a placeholder in its place that says what it was and that it can be asked for again */
  FATE_SUMMARISE = 2 /* goes into the summary, which stands where the first of these stood */
};

struct plan_limits {
  int32_t last_turns;  /* kept whole; default 2 */
  int64_t mask_from;   /* tokens: shorter results are not worth a placeholder; default 200 */
  int64_t placeholder; /* tokens of one; default 30 */
  int64_t summary;     /* tokens of a summary, at most; default 2,000 */
  int64_t least_gain_permille; /* of the whole: a plan that gains less is none; default 100 */
};
extern const struct plan_limits plan_limits_default;

struct plan {
  int64_t prefix_tokens;     /* before the first item that changes */
  int64_t size_tokens;       /* of everything afterwards */
  int64_t summary_tokens;    /* to be written; 0 none */
  size_t masked, summarised; /* items */
};

enum plan_kind {
  PLAN_MASK = 0,     /* mask old tool output */
  PLAN_SUMMARISE = 1 /* mask, and summarise the middle */
};

/* Writes a fate for each of `count` items to `fates`. Where the gain would be too small every fate is FATE_KEEP, and the
 * plan's size is that of the items. 0 or PURSER_ENOMEM. */
int plan_make(const struct compaction_item *items, size_t count, enum plan_kind kind,
              const struct plan_limits *limits, enum item_fate *fates, struct plan *out);

/* The sizes that come of these fates. */
void plan_measure(const struct compaction_item *items, size_t count,
                  const struct plan_limits *limits, const enum item_fate *fates, struct plan *out);

/* Whether a tool of that name keeps a task list ("TodoWrite", "update_plan", ...). */
bool plan_is_task_list(const char *tool);

#endif

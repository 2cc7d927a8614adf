/* limit.h - the policies as admission and enforcement see them: a limit, what is spent, what is held. */
#ifndef BUDGET_LIMIT_H
#define BUDGET_LIMIT_H

#include "budget/budget.h"

/* One agent, one workspace and the global scope, each by month, week and day. */
enum {
  LIMITS_MAX = 9
};

struct counter;

struct limit {
  const struct counter *counter; /* the policy; valid until the policies change */
  int64_t policy;
  enum scope_kind scope;
  int64_t key; /* name id */
  enum at_limit at_limit;
  bool has_limit;
  int64_t total; /* limit and raise */
  int64_t spent;
  int64_t held;    /* what other runs have set aside */
  int64_t covered; /* of that, for their requests in flight */
  bool short_run;  /* another run goes on without being covered whole */
  int64_t
      drawable; /* held by the parent of the run that asks, where this limit is the parent's as well (rule 29) */
  struct period period;
};

struct limits {
  struct limit items[LIMITS_MAX];
  size_t count;
};

/* The policies that apply to an agent and a workspace (name ids; -1 one that was never stored), from memory. In a transaction after
 * counters_ready(), or in a snapshot after counters_load(): there, a period that is over is taken for the next one.
 * `subscription` counts that spend as well. */
int limits_load(struct ledger *ledger, int64_t agent, int64_t workspace, bool subscription,
                struct limits *out, struct error *error);

/* Adds up what other runs than `run_id` hold. */
int limits_add_holds(struct ledger *ledger, struct limits *limits, int64_t run_id,
                     struct error *error);
/* The same for run 0, by one statement without a transaction around it. *current says whether the limits, which came from memory, are of
 * the same moment. */
int limits_add_holds_now(struct ledger *ledger, struct limits *limits, bool *current,
                         struct error *error);
/* The same, with the dead left out, whose rows are not changed. */
int limits_add_living_holds(struct ledger *ledger, struct limits *limits, struct error *error);

/* The policy with these figures; `scope_key` is the name that its key stands for. */
void limit_state(const struct limit *limit, const char *scope_key, struct policy_state *out);

/* What is left of a limit, beside what others hold; may be negative. */
int64_t limit_left(const struct limit *limit);
/* What is left for a request in flight: others' holds beyond their own requests in flight don't count. */
int64_t limit_left_mid_run(const struct limit *limit);

#endif

/* counter.h - what each policy's open period has cost, kept in the same transaction as the requests (rule 2).
 *
 * The policies are budget/'s; their counters live here because the one door maintains them. Which spend is counted: metered and
 * subscription, each for itself; never local, never what is uncertain (rules 5, 21).
 *
 * The open period of a policy is stored. It moves on when the clock has passed its end, and never back when the clock is set back
 * (rule 22): while the clock is behind the latest period, what is spent counts at the ledger's own time, which is that period's start. */
#ifndef LEDGER_COUNTER_H
#define LEDGER_COUNTER_H

#include "base/error.h"
#include "base/period.h"
#include "base/public.h"

struct ledger;

/* Must be those of enum scope_kind in budget.h. */
enum counter_scope {
  COUNTER_AGENT = 0,
  COUNTER_WORKSPACE = 1,
  COUNTER_GLOBAL = 2
};

/* A policy in force, as far as the gate and the one door need to know it. */
struct counter {
  int64_t policy;
  enum counter_scope scope;
  int64_t key; /* name id */
  enum period_kind kind;
  int32_t reset_day;
  char zone[64];
  struct period period; /* the open one */
  bool has_limit;
  int64_t limit;
  int32_t at_limit; /* enum at_limit in budget.h */
  int64_t raised;
  int64_t metered;
  int64_t subscription;
  int64_t watch; /* the spend at which a threshold may be crossed */
  int64_t gathered_metered, gathered_subscription; /* in the two above, not written yet: in bulk */
  char thresholds[96];                             /* "50,80,100" */
  int32_t origin;                                  /* enum policy_origin */
  int64_t version;
  int64_t saved_ms;
};

/* The policies in force. They are kept in memory between transactions: what this handle writes is written here too, and what
 * another connection writes shows in the file's change counter, after which they are loaded anew. */
struct counters {
  struct counter *items;
  size_t count;
  size_t cap;
  bool loaded;
  int64_t
      oldest_ms; /* the beginning of the oldest closed period of all, in bulk; INT64_MIN not asked yet */
};

void counters_fini(struct counters *counters);
/* They changed: the next use loads them anew. */
void counters_forget(struct counters *counters);

/* Loads the policies if need be. Reading only. */
int counters_load(struct ledger *ledger, struct error *error);
/* Loads them, and opens the present period where the stored one is over. Inside a transaction. */
int counters_ready(struct ledger *ledger, struct error *error);

/* The time by which periods are told: now, but never before the latest open period. After counters_load. */
int64_t counters_now(const struct ledger *ledger);

/* What was spent, by whom and when. */
struct spend {
  int64_t agent; /* name ids */
  int64_t workspace;
  int64_t at_ms;
  int64_t metered;
  int64_t subscription;
};

/* Adds to the counters of every policy that applies. Inside a transaction. In bulk the open periods' are written by counters_flush. */
int counters_add(struct ledger *ledger, const struct spend *spend, struct error *error);
int counters_flush(struct ledger *ledger, struct error *error);

/* Whether a policy applies to an agent and a workspace (name ids). */
bool counter_applies(const struct counter *counter, int64_t agent, int64_t workspace);

/* What makes a policy's periods. */
struct counter_rule {
  int64_t policy;
  enum period_kind kind;
  int32_t reset_day;
  const char *zone; /* "" the system's */
};

/* A period and its counter. */
struct counter_period {
  struct period period;
  int64_t metered;
  int64_t subscription;
  int64_t raise;
};

/* The period around `now_ms` that follows `before`, with what requests dated ahead have put in it already. */
int counters_next(struct ledger *ledger, const struct counter_rule *rule, struct period before,
                  int64_t now_ms, struct counter_period *out, struct error *error);

/* Sums what the log holds for a scope in [start, end): a counter's beginning, and what tests compare it with. */
int counters_sum(struct ledger *ledger, enum counter_scope scope, int64_t key, struct period period,
                 struct counter_period *out, struct error *error);

#endif

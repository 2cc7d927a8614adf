/* compare.h - past runs of one kind of task beside each other: what they cost, took and came to, by model and effort. */
#ifndef ADVICE_COMPARE_H
#define ADVICE_COMPARE_H

#include "advice/task_kind.h"
#include "ledger/request_scan.h"

enum {
  COMPARE_RUNS = 2000 /* the last ones of the scope that are looked at */
};

struct compare_query {
  struct request_scan scan;
  const char *kind; /* NULL any */
  const struct task_rule *rules;
  size_t rule_count;
  bool builtin;
};

/* Runs of one model and effort. Medians; 0 where nothing is known. */
struct compared {
  const char *model, *effort;
  int64_t runs;
  int64_t priced; /* of them: what the cost is the median of */
  int64_t nanousd, tokens, duration_ms;
  int64_t completed, failed, stopped; /* by the user, a budget or a limit */
};

/* Calls `each` for every model and effort, the most runs first, until it returns non-zero, which is returned. *looked_at: runs, whatever their
 * kind. The kind is guessed from what is kept of the prompt. */
int compare_runs(struct ledger *ledger, const struct compare_query *query, int64_t *looked_at,
                 int (*each)(void *data, const struct compared *compared), void *data,
                 struct error *error);

#endif

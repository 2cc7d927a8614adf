/* budgets.h - what the verb `budget` shows and looks for; what it changes is cmd_budget.c. */
#ifndef CLI_BUDGETS_H
#define CLI_BUDGETS_H

#include "budget/budget.h"
#include "cli/cli.h"

/* `budget list`. */
int budgets_list(struct cli *cli, struct ledger *ledger, bool json, struct error *error);

struct search {
  enum scope_kind scope;
  const char *key;
  int period; /* -1: the month's, else the only one there is */
  int matches;
  bool exact;
  struct policy_state state;
};

/* The policy in force for a scope; matches is 0 if there is none. */
int budgets_find(struct ledger *ledger, struct search *search, struct error *error);

/* Where a policy stands after it was changed. Returns a code of the program's. */
int budgets_print(struct cli *cli, struct ledger *ledger, const struct policy *policy, bool json,
                  struct error *error);

#endif

/* audit.h - the log of who changed or overrode a budget. */
#ifndef BUDGET_AUDIT_H
#define BUDGET_AUDIT_H

#include "budget/budget.h"

struct audit_entry {
  const char *who; /* NULL is "user" */
  const char *action;
  int64_t policy;
  int64_t run_id;
  int64_t amount_nanousd;
  enum scope_kind scope;
  const char *scope_key;
};

/* Inside a transaction. */
int audit_write(struct ledger *ledger, const struct audit_entry *entry, struct error *error);

#endif

/* gate.h - short ways to set budgets and to ask the gate. */
#ifndef SUPPORT_GATE_H
#define SUPPORT_GATE_H

#include "budget/budget.h"
#include "support/books.h"

/* A saved monthly policy in UTC that blocks, with a limit in cents (negative: no limit); "agent:x", "workspace:/p", "global". */
struct policy gate_policy(const char *scope, int64_t cents);
/* Stores it; returns its id. */
int64_t gate_set(struct ledger *ledger, const struct policy *policy);
int64_t gate_budget(struct ledger *ledger, const char *scope, int64_t cents);

/* Where a policy stands. */
struct policy_state gate_state(struct ledger *ledger, int64_t policy_id);

/* Asks for a run of agent "reviewer" in workspace "/w" with an estimate and a minimum in cents. */
struct admission gate_ask(struct ledger *ledger, int64_t estimate_cents, int64_t minimum_cents);
/* The same with everything spelled out. */
struct admission gate_admit(struct ledger *ledger, const struct admission_request *request);

/* Books one request of a run, tops its hold up for a next one, checks the thresholds: what happens to a live run. */
enum verdict gate_spend(struct books *books, int64_t run_id, int64_t nanousd, int64_t next_nanousd);
/* Ends a run and gives its hold back. */
void gate_finish(struct books *books, int64_t run_id);

#endif

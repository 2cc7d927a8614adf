/* run_facts.h - what booking, counting and holding need to know of a run. */
#ifndef LEDGER_RUN_FACTS_H
#define LEDGER_RUN_FACTS_H

#include "ledger/rollup.h"

struct run_facts {
  int64_t id;
  int64_t agent, workspace, source, model, effort, branch; /* name ids */
  int64_t billing;
  int64_t started_ms;
  int64_t requests;
  int64_t anchor_ms; /* whose day's rollup counts the run; 0 none yet */
  int64_t anchor_model;
  bool imported;
  enum run_status status;
};

/* PURSER_ENOTFOUND with a message if there is no such run. */
int run_facts_get(struct ledger *ledger, int64_t run_id, struct run_facts *out,
                  struct error *error);

/* The rollup cell of something that the run did. */
struct cell run_facts_cell(const struct run_facts *run, int64_t at_ms, int64_t model);

/* Counts the run in one cell of the rollups, and in that one only: what it was counted in before loses it. */
int run_facts_anchor(struct ledger *ledger, struct run_facts *run, int64_t at_ms, int64_t model,
                     struct error *error);

#endif

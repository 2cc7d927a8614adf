/* suggest.h - what to change to spend less: the findings of the review by agent and kind, and other models for the agents that cost most,
 * the most cents first. */
#ifndef ADVICE_SUGGEST_H
#define ADVICE_SUGGEST_H

#include "advice/diagnose.h"
#include "ledger/ledger.h"

enum {
  SUGGESTIONS = 3,
  SUGGEST_MODEL = -1 /* instead of a kind of finding: the agent's requests with another model */
};

struct suggestion {
  int finding; /* enum finding_kind, or SUGGEST_MODEL */
  char *agent;
  char *from, *to;           /* models, of SUGGEST_MODEL; NULL */
  int64_t nanousd;           /* what would not have been spent */
  bool measured;             /* all of it */
  int64_t cost_nanousd;      /* of SUGGEST_MODEL: as it was */
  int64_t runs, dearest_run; /* of a finding */
  int64_t dearest_nanousd;
};

struct suggestions {
  struct suggestion items[SUGGESTIONS];
  size_t count;
};

struct suggest_query {
  int64_t since_ms, until_ms;   /* since included, until excluded */
  int64_t since_day, until_day; /* the same in days of the ledger's zone */
  enum billing billing;         /* of the runs that are looked at */
};

/* suggestions_fini() in any case. */
int suggest(struct ledger *ledger, const struct catalog *catalog, const struct suggest_query *query,
            struct suggestions *out, struct error *error);
void suggestions_fini(struct suggestions *suggestions);

#endif

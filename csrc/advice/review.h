/* review.h - the runs of a stretch of time that took unusually much, and why. */
#ifndef ADVICE_REVIEW_H
#define ADVICE_REVIEW_H

#include "advice/diagnose.h"
#include "ledger/ledger.h"

struct reviewed {
  const struct run_row *run;
  const struct usual *usual;
  const struct finding
      *findings; /* the dearest first; those that were waved aside only where all were asked for */
  size_t count;
  const char *cheaper_model; /* of FINDING_MODEL; NULL none */
};

struct review_query {
  const char *agent, *workspace; /* NULL any */
  const char *billing;           /* a word of billing_name(); NULL any */
  int64_t since_ms, until_ms;
  int64_t minimum_nanousd; /* findings below it are left out */
  int32_t limit;           /* runs looked at; 0: 200 */
  bool all;                /* those that were waved aside, too */
};

/* Calls `each` for every run that stands out and for which a reason was found, the newest first, until it returns non-zero, which is returned. */
int review(struct ledger *ledger, const struct catalog *catalog, const struct review_query *query,
           int (*each)(void *data, const struct reviewed *reviewed), void *data,
           struct error *error);

/* The same for one run, whether it stands out or not. */
int review_run(struct ledger *ledger, const struct catalog *catalog, int64_t run_id, bool all,
               int (*each)(void *data, const struct reviewed *reviewed), void *data,
               struct error *error);

#endif

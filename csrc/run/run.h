/* run.h - the life of one run: admit -> observe events -> follow its record -> settle.
 *
 * A state machine over the ledger without processes, threads or pipes: whoever drives it (the worker thread of the
 * editor's core, a test, the program) brings the events. One thread per run and ledger.
 *
 *   run_admit ──refused──▶ (nothing)
 *       │ admitted
 *       ▼
 *   run_observe* / run_follow*  ──▶  run_settle ──▶ run_free
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "budget/budget.h"
#include "import/record.h"
#include "run/config.h"
#include "run/estimate.h"
#include "run/runaway.h"

struct run;

/* What a dispatch asks for. Strings are borrowed for the call; NULL is "". */
struct run_request {
  const char *agent;
  const char *source;
  const char *model;
  const char *provider; /* hint for pricing */
  const char *effort;
  const char *workspace;
  const char *cwd;
  const char *branch;
  const char *conversation;
  const char *session;
  const char *prompt;
  const char *record_kind; /* NULL or "": the client keeps none */
  const char *record_root;
  const char *who;
  int64_t context_tokens;
  int64_t max_output;
  int64_t parent_run;
  int64_t max_requests; /* caps of the run; 0 none */
  int64_t max_output_tokens;
  struct runaway_limits runaway; /* what is told by run_alarm(); all 0: nothing */
  enum billing billing;
  bool free;
  bool override_once;
  bool compaction; /* it summarises a conversation: its requests are marked as that */
  bool dry;        /* ask only */
};

struct run_answer {
  struct admission admission;
  struct estimate estimate;
};

/* 0 whether admitted or refused (*out is NULL then); negative when the ledger could not be asked. */
int run_admit(struct run **out, struct ledger *ledger, const struct run_config *config,
              const struct run_request *request, struct run_answer *answer, struct error *error);

/* An estimate alone. */
int run_estimate(struct ledger *ledger, const struct run_config *config,
                 const struct run_request *request, struct estimate *out, struct error *error);

/* What the same run would cost with another model: as many tokens, at its prices. `own` is what run_estimate() answered; COST_UNKNOWN where one
 * of the two has no price. */
void run_estimate_other(struct ledger *ledger, const struct run_config *config,
                        const struct run_request *request, const struct estimate *own,
                        const char *model, struct estimate *out);

int64_t run_id(const struct run *run);

enum run_verdict {
  RUN_GO_ON = 0,
  RUN_STOP_BUDGET = 1,
  RUN_ASK_BUDGET = 2,
  RUN_STOP_LIMIT = 3
};

/* Takes events in one transaction: usage is priced and booked, the hold topped up, thresholds latched. The verdict is
 * for all of them together; *policy says which budget when it is not RUN_GO_ON. A failure leaves the events unbooked and
 * may be tried again with the same events: booking twice counts once. */
int run_observe(struct run *run, const purser_event *events, size_t count,
                enum run_verdict *verdict, struct policy_state *policy, struct error *error);

/* Reads on in the client's own record, where it keeps one. */
int run_follow(struct run *run, enum run_verdict *verdict, struct policy_state *policy,
               struct error *error);

/* A budget of this run's own, from now on: once so much is spent, its verdict is RUN_STOP_LIMIT; 0 none. Answers whether that is so already. */
bool run_set_budget(struct run *run, int64_t nanousd);
/* Was it that budget that was reached, and no other cap? */
bool run_budget_spent(const struct run *run);

/* What was noticed of a run that may have run away: once for each cause, and no verdict. */
struct run_alarm {
  enum runaway_cause cause;
  struct runaway_repeat repeat; /* RUNAWAY_REPEATS */
  struct runaway_usual usual;   /* RUNAWAY_COST */
  int64_t spent_nanousd;
};
/* Takes the next one; false: there is none. */
bool run_alarm(struct run *run, struct run_alarm *out);

/* What is known of the run at this moment. */
struct run_progress {
  int64_t context_tokens; /* prompt and answer of the last request of the main line */
  int64_t context_window; /* 0 unknown */
  bool changed;           /* something was booked since the last call */
};
void run_progress(struct run *run, struct run_progress *out);

struct run_finish {
  int32_t exit_code;
  int32_t signal;
  int64_t duration_ms; /* -1 unknown */
  const char *reason;  /* "exit", "cancelled", "budget", "limit", "spawn", "abandoned" */
  const char *output;  /* the end of stderr, "" none */
  int32_t
      retries; /* that only the caller knows of: tries of an HTTP request that were answered with "later" */
};

/* Reads the record to its end, reconciles the client's own totals (a remainder becomes a request of its own), books the
 * input of a run that was cut off before any usage came (rule 27), ends the run and gives the hold back. May be called again after
 * a failure. */
int run_settle(struct run *run, const struct run_finish *finish, struct error *error);

void run_free(struct run *run);

/* Settles the runs whose owner died: with what was booked, and what their client recorded. Calls `each` with the id of each.
 * 0 or negative. */
int run_recover(struct ledger *ledger, const struct run_config *config,
                int (*each)(void *data, int64_t run_id), void *data, struct error *error);

#endif

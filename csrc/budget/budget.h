/* budget.h - the BudgetEnforcementService: policies, holds, admission, settlement, thresholds.
 *
 * Admission is one transaction (rule 24): reclaim dead holds; committed + live holds + estimate <= limit, equality allowed,
 * for every policy that applies; write the run and its hold; only then may the dispatch happen.
 *
 * A hold has two parts: the amount, which is what the whole run may cost and keeps others from being admitted; and within it the
 * cover, which is what its request in flight may cost. A run goes on while the next request can be covered within every limit, not
 * counting what others have set aside beyond their own requests in flight. Where it can't be covered whole, one run per budget may go
 * on with less ("short"); the others are stopped.
 *
 * The bound: a run overshoots a limit by at most the part of its one request in flight that was not covered. So where covers are
 * ceilings, what is spent never exceeds the limit by more than one request, over all runs and processes together. (Not in the bound:
 * what the user let through once, what another host spends after its hold has expired, and a parent that waits for the
 * child it gave its hold to while it goes on itself.) test_budget_property.c holds it against random interleavings of eight processes. */
#ifndef BUDGET_BUDGET_H
#define BUDGET_BUDGET_H

#include "ledger/ledger.h"

enum scope_kind {
  SCOPE_AGENT = 0,
  SCOPE_WORKSPACE = 1,
  SCOPE_GLOBAL = 2
};
enum at_limit {
  AT_LIMIT_BLOCK = 0,
  AT_LIMIT_ASK = 1,
  AT_LIMIT_WARN = 2
};
enum policy_origin {
  ORIGIN_CONFIG = 0,
  ORIGIN_SAVED = 1
}; /* setup() or saved by the user; saved wins */

enum {
  POLICY_THRESHOLDS_MAX = 8
};

struct policy {
  int64_t id;
  enum scope_kind scope;
  char scope_key[1024]; /* agent name, workspace path, "" global */
  enum period_kind period;
  int32_t reset_day;
  char zone[64];  /* "" the system's */
  bool has_limit; /* false: no limit, which is not a limit of 0 (rule 28) */
  int64_t limit_nanousd;
  int32_t thresholds[POLICY_THRESHOLDS_MAX]; /* percent, ascending */
  int32_t threshold_count;
  bool forecast; /* rings, too, when at this pace the limit is reached within the period */
  enum at_limit at_limit;
  enum policy_origin origin;
  int64_t version; /* grows with every change of the limit: re-arms alerts (rule 30) */
  int64_t saved_ms;
};

/* A policy and where it stands now. */
struct policy_state {
  struct policy policy;
  struct period period;
  int64_t spent_nanousd;
  int64_t held_nanousd;
  int64_t raise_nanousd; /* added for this period only */
  int64_t limit_nanousd; /* limit + raise */
};

/* "agent:NAME", "workspace:PATH" (made absolute by the caller), "global". */
int scope_parse(const char *text, enum scope_kind *kind, char *key, size_t key_size,
                struct error *error);
void scope_write(struct buf *out, enum scope_kind kind, const char *key);

const char *budget_at_limit_name(enum at_limit at_limit);  /* "block", "ask", "warn" */
int budget_at_limit_parse(const char *name);               /* -1 for anything else */
const char *budget_origin_name(enum policy_origin origin); /* "config", "saved" */

/* A policy without a scope yet: month, first day, the system's zone, no limit, 50, 80 and 100 %, block, saved. */
void budget_policy_init(struct policy *policy);

/* Whether subscription spend counts against budgets (rule 21; not, unless said so). Stored in the ledger, so that every process
 * counts alike. */
int budget_enforce_subscription(struct ledger *ledger, bool enforce, struct error *error);

/* Inserts or replaces the policy of the same scope, period kind and origin; keeps its id, raises its version when the limit changed, and
 * computes the counter of the open period from the ledger. */
int budget_policy_set(struct ledger *ledger, const struct policy *policy, int64_t *id,
                      struct error *error);
int budget_policy_remove(struct ledger *ledger, int64_t id, struct error *error);
/* The same, with who asked for it, which is logged; NULL is "user". */
int budget_policy_set_by(struct ledger *ledger, const struct policy *policy, const char *who,
                         int64_t *id, struct error *error);
int budget_policy_remove_by(struct ledger *ledger, int64_t id, const char *who,
                            struct error *error);
/* Adds to a policy's limit for its open period only; more than 0. `who` asked is logged. */
int budget_policy_raise(struct ledger *ledger, int64_t id, int64_t nanousd, const char *who,
                        struct error *error);
/* Every policy in force (a saved one hides the configured one of the same scope and period), with its state now. */
int budget_policy_each(struct ledger *ledger,
                       int (*each)(void *data, const struct policy_state *state), void *data,
                       struct error *error);
/* Replaces all policies of ORIGIN_CONFIG by these (setup() declares them anew at each start). */
int budget_config_replace(struct ledger *ledger, const struct policy *policies, size_t count,
                          struct error *error);

enum refusal {
  REFUSAL_NONE = 0,
  REFUSAL_WAIT = 1,      /* would fit if runs in flight gave their holds back */
  REFUSAL_EXHAUSTED = 2, /* can't fit before the reset */
  REFUSAL_NEVER = 3,     /* can't fit even an untouched budget */
  REFUSAL_UNPRICED = 4   /* no price, no fallback rate, and a budget applies */
};

struct admission_request {
  const struct run_spec *spec;
  int64_t estimate_nanousd; /* expected cost at the dearest tier; -1 unknown price */
  int64_t
      minimum_nanousd; /* what the run certainly costs (its input): refused when even this does not fit (rule 26) */
  int64_t
      request_nanousd; /* what one request of it costs at most: the cover; 0 unknown, then the whole estimate */
  bool known_free;          /* always passes (rule 28) */
  bool override_once;       /* the user said: run once anyway; logged with `who` */
  const char *who;          /* who asked: "user", "headless", "cli", ... */
  int64_t fallback_nanousd; /* what an unpriced model is taken to cost; -1 none */
  bool enforce_subscription;
  bool dry; /* ask only: hold nothing, write nothing */
};

struct admission {
  bool admitted;
  bool warned; /* a warn policy is over its limit */
  enum refusal refusal;
  enum at_limit at_limit; /* of the refusing policy: block or ask */
  int64_t run_id;         /* 0 unless admitted and not dry */
  int64_t hold_nanousd;   /* what was set aside, perhaps shrunk to what was left */
  struct policy_state
      policy; /* the refusing policy, or when admitted the tightest that applies (scope global and no limit if none) */
  bool has_policy;
  char message[512]; /* one sentence for people */
};

/* In its own transaction. 0 whether admitted or not; negative when the ledger could not be asked (fails closed). */
int budget_admit(struct ledger *ledger, const struct admission_request *request,
                 struct admission *out, struct error *error);

/* After a request was booked: tops the run's hold up to what the run has used of the budgets plus the request in flight, and says whether the run
 * may go on. Inside the caller's transaction. */
enum verdict {
  VERDICT_CONTINUE = 0,
  VERDICT_STOP = 1,
  VERDICT_ASK = 2
};
int budget_spent(struct ledger *ledger, int64_t run_id, int64_t delta_nanousd,
                 int64_t next_estimate_nanousd, enum verdict *verdict, struct policy_state *policy,
                 struct error *error);

/* Releases the run's hold (the cost itself was booked request by request). Inside the caller's transaction. */
int budget_release(struct ledger *ledger, int64_t run_id, struct error *error);

/* A hold's owner, recorded at admission and looked for by reclaim: this process. */
struct owner {
  char host[64];
  int64_t pid;
  int64_t start_time;
};
int budget_owner_self(struct owner *out);

/* Runs that are open in the ledger though their owner is dead: their holds are gone after this, their ids are given to `each` so that the
 * caller settles them from the client's record. */
int budget_reclaim(struct ledger *ledger, int (*each)(void *data, int64_t run_id), void *data,
                   struct error *error);

/* Who overrode, raised, saved or removed what; newest first, at most `limit`. Strings are valid until the callback returns. */
struct audit_row {
  int64_t id, at_ms, policy_id, run_id, amount_nanousd;
  const char *who;
  const char *action; /* "override", "raise", "save", "remove" */
  const char *detail; /* the scope, and what was set */
};
int budget_audit_each(struct ledger *ledger, int32_t limit,
                      int (*each)(void *data, const struct audit_row *row), void *data,
                      struct error *error);

/* ---- thresholds ---- */

struct crossing {
  int64_t id;
  int64_t policy_id;
  enum scope_kind scope;
  char scope_key[1024];
  int32_t threshold; /* percent; 0: the forecast says that the limit is reached */
  int64_t spend_nanousd, limit_nanousd;
  struct period period;
  enum period_kind period_kind;
  int64_t run_id; /* the run that caused it, 0 none */
  int64_t at_ms;
  int64_t exhausted_ms; /* when at this pace the limit is reached; 0 of a threshold */
};

/* Latches and stores the crossings that the present spend means (rule 30): the highest only when several are crossed at once. Inside the caller's transaction;
 * run_id's agent and workspace say which policies are looked at (0: all). */
int budget_check_thresholds(struct ledger *ledger, int64_t run_id, struct error *error);
/* The same for the policies that ring on their forecast: once per period and limit version, where the middle one reaches the limit before the
 * period's end (outlook.h) and the spend has not. In a transaction of its own, if there is something to write. It never refuses anything. */
int budget_check_pace(struct ledger *ledger, struct error *error);
/* Crossings with id > after, oldest first. */
int budget_crossing_each(struct ledger *ledger, int64_t after_id,
                         int (*each)(void *data, const struct crossing *crossing), void *data,
                         struct error *error);
/* True for exactly one caller over all processes: it sends the desktop notification. */
int budget_crossing_claim(struct ledger *ledger, int64_t crossing_id, bool *mine,
                          struct error *error);
/* The same for all of periods that are not over: calls `each` with those that are the caller's. Reads alone where there are none. */
int budget_crossing_claim_all(struct ledger *ledger,
                              int (*each)(void *data, const struct crossing *crossing), void *data,
                              struct error *error);

#endif

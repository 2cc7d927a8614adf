/* ledger.h - the AgentRunLog and the CostTracker in SQLite.
 *
 * A handle is one connection and belongs to one thread. The functions that call back for each row read one snapshot: the callback may
 * read on the same handle, not write. WAL mode, short BEGIN IMMEDIATE writes, prepared statements, an own
 * busy handler. Every change to money goes through ledger_book() (rule 2: one door); the rollups, the run's sums and the policies'
 * counters are maintained in the same transaction. */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "base/clock.h"
#include "base/error.h"
#include "base/period.h"
#include "base/public.h"
#include "pricing/pricing.h"

struct ledger;

struct ledger_options {
  const char *
      path; /* NULL: $PURSER_DB, else ${XDG_DATA_HOME:-~/.local/share}/purser/purser.db; created 0600, its folder 0700 */
  const struct clock *clock; /* NULL: the system's */
  const char *vfs;           /* NULL: SQLite's default */
  bool read_only;            /* never creates, never migrates */
  int32_t busy_ms;           /* how long other writers are waited for; 0: five seconds */
};

/* Opens, creates or migrates (after a backup beside the file). Refuses what is not ours (PURSER_EFOREIGN), what is newer
 * (PURSER_ENEWER), damaged (PURSER_ECORRUPT), locked (PURSER_EBUSY), read-only (PURSER_EREADONLY), with a message that names the file and
 * says what to do; never overwrites a foreign file. */
int ledger_open(struct ledger **out, const struct ledger_options *options, struct error *error);
void ledger_close(struct ledger *ledger);
const char *ledger_path(const struct ledger *ledger);
const struct clock *ledger_clock(const struct ledger *ledger);
/* The zone in which the ledger's days are days; stored in it. Changing it rebuilds the rollups. */
const struct zone *ledger_zone(const struct ledger *ledger);
int ledger_set_zone(struct ledger *ledger, const char *name, struct error *error);

/* A number that changes whenever another connection has committed: whether what was read before may be out of date. */
int ledger_data_version(struct ledger *ledger, int64_t *out, struct error *error);

/* A short write transaction. Nested begins are refused. */
int ledger_begin(struct ledger *ledger, struct error *error);
int ledger_commit(struct ledger *ledger, struct error *error);
void ledger_rollback(struct ledger *ledger);

/* One moment for several reads: what others commit meanwhile is not seen. Nothing may be written until it is ended. */
int ledger_snapshot_begin(struct ledger *ledger, struct error *error);
void ledger_snapshot_end(struct ledger *ledger);

/* ---- runs ---- */

enum run_status {
  RUN_ADMITTED = 0,
  RUN_RUNNING = 1,
  RUN_SETTLING = 2, /* open */
  RUN_COMPLETED = 3,
  RUN_FAILED = 4,
  RUN_CANCELLED = 5,
  RUN_STOPPED_BUDGET = 6,
  RUN_STOPPED_LIMIT = 7, /* wall clock, requests, output */
  RUN_ABANDONED = 8,     /* its owner died */
  RUN_REFUSED = 9
};
const char *run_status_name(enum run_status status);
int run_status_parse(const char *name);

enum billing {
  BILLING_METERED = 0,
  BILLING_SUBSCRIPTION = 1,
  BILLING_LOCAL = 2
};
const char *billing_name(enum billing billing);
int billing_parse(const char *name);

/* What is known of a run when it is created. NULL strings are stored as "". */
struct run_spec {
  const char *agent;
  const char *workspace; /* absolute path */
  const char *branch;
  const char *source; /* adapter or client: "claude", "codex", "anthropic", ... */
  const char *model;  /* as asked for; "" the client's default */
  const char *effort;
  const char *conversation;
  const char *session; /* the client's session, when resuming */
  const char *prompt;  /* as much of it as privacy allows to keep */
  int64_t prompt_bytes;
  int64_t parent_run; /* 0 none */
  int64_t started_ms; /* 0: now */
  const char
      *record_root; /* where the client keeps its records, "" default: for settling after a death */
  const char *cwd;
  enum billing billing;
  bool imported;
};

int ledger_run_create(struct ledger *ledger, const struct run_spec *spec, enum run_status status,
                      int64_t *run_id, struct error *error);

struct run_end {
  enum run_status status;
  int32_t exit_code;
  int32_t signal;
  int64_t ended_ms;    /* 0: now */
  int64_t duration_ms; /* monotonic; -1 unknown */
  const char *reason;  /* the client's word for the end, or ours */
  const char *message; /* an error's text, "" none */
};
int ledger_run_set_status(struct ledger *ledger, int64_t run_id, enum run_status status,
                          struct error *error);
int ledger_run_set_session(struct ledger *ledger, int64_t run_id, const char *session,
                           struct error *error);
/* Counts tool calls, retries, compactions of a run. */
struct run_counts {
  int32_t tool_calls, retries, compactions;
};
int ledger_run_end(struct ledger *ledger, int64_t run_id, const struct run_end *end,
                   const struct run_counts *counts, struct error *error);

struct sums {
  int64_t runs, requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
      cost_nanousd, unpriced_requests;
  int64_t estimated_nanousd; /* the part of cost that is estimated */
  int64_t uncertain_nanousd; /* counted in reports, not against budgets */
  /* The cost by kind: they add up to it exactly. Extra is what is not the price of tokens, and what can't be split. */
  int64_t cost_input_nanousd, cost_cache_read_nanousd, cost_cache_write_nanousd,
      cost_output_nanousd, cost_extra_nanousd;
  int64_t
      cache_saved_nanousd; /* what the cached tokens would have cost as plain input, less what they did */
};

/* A row of the AgentRunLog. Strings belong to the row: run_row_fini. */
struct run_row {
  int64_t id, parent_run, started_ms, ended_ms, duration_ms, prompt_bytes;
  char *agent, *workspace, *branch, *source, *model, *effort, *conversation, *session, *prompt,
      *reason, *message, *record_root, *cwd;
  enum run_status status;
  enum billing billing;
  int32_t exit_code, signal;
  struct run_counts counts;
  struct sums sums;
  uint32_t unusual; /* run_unusual: what stands out */
};
/* What of a run is far above that of the agent's last ones with the model. */
enum run_unusual {
  RUN_JUDGED = 1, /* only in the table: whether anybody has looked */
  RUN_UNUSUAL_COST = 2,
  RUN_UNUSUAL_TOKENS = 4,
  RUN_UNUSUAL_DURATION = 8
};
void run_row_fini(struct run_row *row);
int ledger_run_get(struct ledger *ledger, int64_t run_id, struct run_row *out, struct error *error);

enum run_sort {
  RUN_SORT_STARTED = 0,
  RUN_SORT_COST,
  RUN_SORT_TOKENS,
  RUN_SORT_DURATION
};
/* "started", "cost", "tokens", "duration"; -1 for anything else. */
int run_sort_parse(const char *name);

/* Which runs, and in which order: newest, dearest, largest, longest first unless `ascending`. NULL: any; "": those without. */
struct run_filter {
  const char *agent, *workspace, *source, *effort, *branch, *conversation;
  const char *model;   /* as asked for, or as counted */
  const char *billing; /* a word of billing_name(); another one matches nothing */
  const char *agent_like, *workspace_like, *model_like,
      *text;                  /* a part of it, the case of ASCII ignored; text: of the prompt */
  int status;                 /* -1 any */
  uint32_t statuses;          /* bits 1 << status: any of these; 0 any */
  int64_t since_ms, until_ms; /* 0: open */
  int64_t before_id;          /* those that started before this run did; sorted by start only */
  int64_t min_nanousd;        /* cost at least; 0 any */
  bool unusual;               /* only those */
  enum run_sort sort;
  bool ascending;
  int64_t offset;
  int32_t limit; /* 0: all */
};
/* Judges runs that have ended, about `most` at a time, in short transactions: which are unusual. `done` may be NULL. */
int ledger_judge_runs(struct ledger *ledger, int64_t most, int64_t *done, struct error *error);
/* Calls `each` until it returns non-zero, which is returned. */
int ledger_run_each(struct ledger *ledger, const struct run_filter *filter,
                    int (*each)(void *data, const struct run_row *row), void *data,
                    struct error *error);

/* ---- requests: the one door ---- */

struct request {
  int64_t run_id;
  const char *key; /* idempotency key: source family + "/" + provider's response id (rule 12) */
  const char *request_id; /* second key (rule 1), "" unknown */
  int64_t at_ms;
  int64_t
      period_ms; /* when it counts for budgets, from a ledger that has found that out; 0: not said */
  const char *model;
  const char *tier, *speed, *region;
  const char *session;
  bool
      original; /* the session is known to be the one in which the response was first written (rule 3) */
  uint32_t flags;           /* purser_event_flag */
  int64_t reported_nanousd; /* -1 */
  purser_usage usage;
  struct price price; /* already priced at at_ms */
};

enum book_outcome {
  BOOK_NEW = 0,
  BOOK_REPLACED = 1,
  BOOK_DUPLICATE = 2,
  BOOK_QUARANTINED = 3
};
struct booked {
  enum book_outcome outcome;
  int64_t delta_nanousd;
  int64_t run_id; /* the run it counts for */
};

/* Books a request, or replaces the poorer record of the same response (rules 1, 3, 4, 8, 12): same key and same (or one empty) request id,
 * or same key with a side chain on either side -> one entry, the better figure wins (final over partial, then the larger total),
 * attributed to the earliest. Maintains rollups, run sums, policy counters. Inside ledger_begin/commit. */
int ledger_book(struct ledger *ledger, const struct request *request, struct booked *out,
                struct error *error);

/* Sums of a run, by model when `model` is not NULL, without remainders. */
int ledger_run_sums(struct ledger *ledger, int64_t run_id, const char *model, struct sums *out,
                    struct error *error);

/* Calls `each` for every request of a run, oldest first. */
struct request_row {
  int64_t id, at_ms;
  const char *key, *request_id, *model, *tier, *speed, *rate_card, *session;
  uint32_t flags;
  enum cost_status status;
  purser_usage usage;
  int64_t cost_nanousd;
  int64_t cost_input_nanousd, cost_cache_read_nanousd, cost_cache_write_nanousd,
      cost_output_nanousd, extra_nanousd, cache_saved_nanousd; /* as in struct sums */
};
int ledger_request_each(struct ledger *ledger, int64_t run_id,
                        int (*each)(void *data, const struct request_row *row), void *data,
                        struct error *error);

/* Baselines for running totals (rules 5, 7): the last known total of a session and model. Missing: PURSER_ENOTFOUND. */
int ledger_session_total_get(struct ledger *ledger, const char *session, const char *model,
                             purser_usage *usage, int64_t *cost_nanousd, struct error *error);
int ledger_session_total_set(struct ledger *ledger, const char *session, const char *model,
                             const purser_usage *usage, int64_t cost_nanousd, struct error *error);

/* ---- the CostTracker ---- */

enum report_by {
  REPORT_BY_NOTHING = 0,
  REPORT_BY_DAY,
  REPORT_BY_MONTH,
  REPORT_BY_AGENT,
  REPORT_BY_WORKSPACE,
  REPORT_BY_MODEL,
  REPORT_BY_SOURCE,
  REPORT_BY_EFFORT,
  REPORT_BY_BRANCH,
  REPORT_BY_BILLING
};
/* "day", "month", "agent", "workspace", "model", "source", "effort", "branch", "billing"; -1 for anything else. */
int report_by_parse(const char *name);
struct report_query {
  enum report_by by;
  const char *agent, *workspace, *source, *model, *effort, *branch; /* NULL any, "" those without */
  const char *billing; /* "metered", "subscription", "local"; NULL any, another word none */
  int64_t since_day,
      until_day; /* days since 1970, in the report's zone; since included, until excluded; INT64_MIN / INT64_MAX open */
  const struct zone *
      zone; /* NULL: the ledger's own (from the rollups), another one is computed from the requests */
};
/* Rows in key order for days and months, dearest first otherwise; `total` (may be NULL) gets their sum: the same for every cut. */
int ledger_report(struct ledger *ledger, const struct report_query *query,
                  int (*each)(void *data, const char *key, const struct sums *sums), void *data,
                  struct sums *total, struct error *error);

/* For health checks. Reads the whole file: 0, or PURSER_ECORRUPT with what is wrong. */
int ledger_check(struct ledger *ledger, struct error *error);
/* Requests dated more than a day ahead, which are kept and not counted (rule 23), and were not booked since under the same key. */
int ledger_quarantined(struct ledger *ledger, int64_t *count, struct error *error);

/* Settings kept in the ledger ("zone", ...). *out is the caller's (mem_free), NULL if missing. */
int ledger_meta_get(struct ledger *ledger, const char *key, char **out, struct error *error);
int ledger_meta_set(struct ledger *ledger, const char *key, const char *value, struct error *error);

#endif

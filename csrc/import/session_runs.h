/* session_runs.h - the runs of sessions: what a subagent's request belongs to, and whether a prompt was sent by purser itself. */
#ifndef IMPORT_SESSION_RUNS_H
#define IMPORT_SESSION_RUNS_H

#include "ledger/import_log.h"

struct session_runs {
  char *session;
  uint64_t hash;
  struct import_run_row *runs; /* by their beginning */
  size_t count, cap;
};

struct sessions {
  struct session_runs **slots; /* open addressing */
  size_t slot_count, count;
};
void sessions_fini(struct sessions *sessions);

/* Asked of the ledger once. NULL with an error: memory, or the ledger. */
struct session_runs *sessions_find(struct sessions *sessions, struct ledger *ledger,
                                   const char *session, struct error *error);
/* A run that was made since; no memory for it is no harm but to its subagents' place. */
void session_runs_add(struct session_runs *known, const struct import_run_row *run);

/* The run that was open at an instant: the latest that had begun, else the first. NULL: there is none. */
const struct import_run_row *session_runs_at(const struct session_runs *known, int64_t at_ms);
/* The run of purser's own that was going on at an instant. NULL: none. */
const struct import_run_row *session_runs_live(const struct session_runs *known, int64_t at_ms);

#endif

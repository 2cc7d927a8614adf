/* import.h - what the clients have recorded themselves, whole trees of it, into the ledger: incrementally, at any time, again and again.
 *
 * A source is a client: where its files lie, and how one is read. Reading is done by threads of their own; they find the lines
 * that matter, turn them into prompts and requests, and hand these over in pieces. The thread that owns the ledger stores them:
 * each piece in one transaction with the place in the file up to which it accounts for it, so that an import may be killed
 * anywhere and nothing is lost or counted twice (rules 1, 3, 13). Nothing is ever removed (rule 14).
 *
 * A prompt of the user begins a run; the requests that follow belong to it, those of subagents too. A run that purser dispatched
 * itself is found by its session and joined; while it is under way its files are left alone, since it reads them itself. */
#ifndef IMPORT_IMPORT_H
#define IMPORT_IMPORT_H

#include "base/buf.h"
#include "ledger/ledger.h"

struct catalog;
struct import_settings;

/* ---- sources: a row for each client --------------------------------------------------------------------------- */

/* Where a reader puts what it found. Belongs to one file and one thread at a time; what it is given is copied. */
struct import_sink;

/* As a decoder sends them. PROMPT begins a run: `id` names it for good ("": session and time do), and a restated one changes nothing. SESSION
 * tells session, cwd, branch, model and effort of what follows, as far as they are set. USAGE of scope request is booked under "<source>/<id>";
 * `parent` is the session that it was copied from. An event whose flags have PURSER_FLAG_SIDECHAIN belongs to the run that its session
 * (or its `parent`, where that is a session known) had open at that time. Other kinds are counted or passed over. */
void import_sink_event(struct import_sink *sink, const purser_event *event);

/* Something that can't be read, and is counted: "malformed", "overflow", "unreadable", ... `line` from 1, 0 none; `text`: an excerpt or a reason. */
void import_sink_fault(struct import_sink *sink, const char *kind, int64_t line, purser_str text);

/* What `read` wants back the next time, in place of what it was given. At the end of what it accounts for: everything that was put before it
 * is stored in the same transaction. May be called repeatedly. */
void import_sink_state(struct import_sink *sink, const void *bytes, size_t len);

/* Whether the import was cancelled: `read` should return soon (any status). */
bool import_sink_stopped(const struct import_sink *sink);

/* Files below a root: "*" and "?" match within a name, "**" any folders. Symbolic links to files are followed, links to folders too,
 * but no folder is read twice. */
struct import_pattern {
  const char *glob; /* relative to the root; NULL ends a list */
  bool sidechain;   /* files of subagents: all their requests are flagged PURSER_FLAG_SIDECHAIN */
};

struct import_source {
  const char *name;                   /* "claude": run_log.source, first part of the keys */
  const char *title;                  /* "Claude Code" */
  const struct import_pattern *files; /* in the order in which they should be read */
  /* Appends the usual roots, each with its terminator; reads the environment only. 0 or PURSER_ENOMEM. */
  int (*roots)(struct buf *out);
  /* JSON lines that grow at their end: the decoder that reads them; offsets, rewrites and half lines are seen to. NULL: `read`. */
  const char *dialect;
  /* Anything else: called when the file has changed. `state` is what import_sink_state() was given last, "" nothing yet. What it puts may
   * be known already: keys tell. A failure (with a message) is reported for this file; the same state is given the next time. */
  int (*read)(const char *path, purser_str state, int64_t since_ms, struct import_sink *sink,
              struct error *error);
  bool
      always; /* `read` is called even if the file looks unchanged: a database's log is another file */
};

/* All of them, in the order of reports; ends with NULL. import/sources.c */
extern const struct import_source *const import_sources[];
const struct import_source *import_source_find(const char *name);

extern const struct import_source import_source_claude;
extern const struct import_source import_source_codex;

/* ---- importing ------------------------------------------------------------------------------------------------ */

/* Counts of one source, or of all. */
struct import_counts {
  int64_t files;     /* that exist */
  int64_t unchanged; /* nothing new in them */
  int64_t read;      /* something was */
  int64_t
      rewritten;  /* read from the start again: shrunk, or another file under the name (rule 13) */
  int64_t failed; /* could not be read; faults tell why */
  int64_t deferred;   /* of a run of our own that is under way */
  int64_t bytes;      /* read */
  int64_t bytes_left; /* of files that are still to be read: progress */
  int64_t lines;
  int64_t malformed; /* lines that could not be read */
  int64_t runs;      /* new */
  int64_t booked;    /* new requests */
  int64_t replaced;  /* a better record of a known one */
  int64_t duplicates;
  int64_t quarantined;  /* dated more than a day ahead (rule 23) */
  int64_t uncertain;    /* of the booked ones: kept out of enforced spend (rule 5) */
  int64_t cost_nanousd; /* what the booked and replaced ones add to the spend */
};
/* All of them, as members of an object of JSON. */
void import_counts_write(struct buf *out, const struct import_counts *counts);

struct import_fault {
  const char *source;
  char kind[24];
  char *path;
  char *text;
  int64_t line; /* 0 none */
};

struct import_source_result {
  const struct import_source *source;
  struct import_counts counts;
};

enum {
  IMPORT_SOURCES_MAX = 8,
  IMPORT_FAULTS_MAX = 1000 /* listed; all are counted */
};

struct import_result {
  struct import_counts total;
  struct import_source_result sources[IMPORT_SOURCES_MAX];
  size_t source_count;
  struct import_fault *faults;
  size_t fault_count;
  size_t fault_cap;
  bool cancelled;
};
void import_result_fini(struct import_result *result);

struct import_root {
  const char *source;
  const char *path; /* a client's folder, as $CLAUDE_CONFIG_DIR names one */
};

struct import_options {
  const char *const
      *sources; /* names, NULL-terminated; NULL: all that the settings do not turn off */
  const struct import_root
      *roots; /* read instead of the usual ones and the settings' folders; NULL: these */
  size_t root_count;
  const char *const
      *paths; /* only these files, NULL-terminated: what a watcher has seen change; NULL: all */
  const struct import_settings *settings; /* folders, agents, billing; NULL: none */
  int64_t since_ms; /* files that were last written before it are left for another time; 0 all */
  int64_t prompt_chars; /* of a prompt that are kept; -1 all */
  int32_t threads;      /* readers; 0: two, none for a few small files */
  int32_t batch_us;     /* how long a transaction may take about; 0: 5 ms */
  bool dry_run;         /* counts what would be booked; writes nothing */
  bool again;           /* reads files from the start, whatever is remembered */
  /* On the calling thread, now and then; non-zero cancels: what was committed stays. May be NULL. */
  int (*progress)(void *data, const struct import_counts *total);
  /* On the calling thread between two transactions: others may write, and the caller may, on the same handle. Non-zero cancels. May be NULL. */
  int (*yield)(void *data);
  void *data;
};

/* Brings the ledger up to date. Not inside a transaction. Files that can't be read are reported in `out` and end nothing; a failure of the
 * ledger does (what was committed stays). `out` is filled in either case; the caller finishes it. PURSER_ECLOSED: cancelled. */
int import_sync(struct ledger *ledger, const struct catalog *catalog,
                const struct import_options *options, struct import_result *out,
                struct error *error);

/* Calls `each` for the roots that exist and every folder below them in which files of a source were found: what a watcher looks at. */
int import_folders(struct ledger *ledger, const struct import_options *options,
                   int (*each)(void *data, const struct import_source *source, const char *folder),
                   void *data, struct error *error);

#endif

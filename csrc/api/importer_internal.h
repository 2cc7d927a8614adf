/* importer_internal.h - the inside of the importer: importer.c has the thread and its loop, import_job.c one turn of work, import_text.c its
 * JSON. */
#ifndef API_IMPORTER_INTERNAL_H
#define API_IMPORTER_INTERNAL_H

#include "api/importer.h"
#include "api/watch.h"
#include "import/import_lock.h"
#include "import/settings.h"

enum {
  DIRTY_MOST = 256 /* paths; more of them, and their sources are looked through */
};

/* What is to be read. */
struct dirty {
  char *paths[DIRTY_MOST];
  size_t count;
  bool sources[IMPORT_SOURCES_MAX]; /* by index in import_sources */
  bool all;
};

enum importer_state {
  IMPORTER_IDLE = 0,
  IMPORTER_RUNNING,
  IMPORTER_WAITING, /* another process reads */
  IMPORTER_FAILED   /* `message` says why */
};

struct importer {
  struct importer_options options;
  char *path;
  uv_thread_t thread;
  uv_loop_t loop;
  uv_async_t wake;
  uv_timer_t poll;  /* looks at everything */
  uv_timer_t look;  /* looks for folders that were not there */
  uv_timer_t retry; /* tries again what was held */
  atomic_bool closing;

  uv_mutex_t lock; /* for what stands up to the next line */
  struct import_ask *asks;
  enum importer_state state;
  struct import_counts counts; /* of what is under way */
  struct import_result last;   /* of the last look at everything, or at what was asked for */
  int64_t last_ms;             /* when that ended; 0 never */
  int64_t watched;             /* folders */
  bool complete;               /* all of them */
  char message[ERROR_MESSAGE_SIZE];
  /* ---- the thread's own ---- */

  struct ledger *ledger;
  struct import_settings *settings;
  struct watcher *watcher;
  struct import_lock file_lock;
  struct dirty dirty;
  bool held;                   /* until `retry` */
  bool begun;                  /* everything was looked at once */
  bool loud;                   /* what is under way is told about */
  bool told_busy;              /* that it waits for another process */
  int64_t told_ns, changed_ns; /* when it was last told, and the worker last woken */
  int64_t look_ns;             /* what the last look at everything took */
};

/* Reads what is dirty. PURSER_EBUSY: another process has the lock, nothing was done. */
int import_job_live(struct importer *importer, struct error *error);
/* Answers an ask; likewise. On any other result the ask is done with, and freed. */
int import_job_ask(struct importer *importer, struct import_ask *ask, struct error *error);
/* Opens the ledger and reads the settings where that has not been done. */
int import_job_ready(struct importer *importer, struct error *error);

/* PURSER_MESSAGE_IMPORT. */
void import_tell(struct importer *importer, const char *state, const struct import_counts *counts);

/* Members of an object: counts, "sources", "faults" (some), "cancelled". */
void import_write_result(struct buf *out, const struct import_result *result);

void dirty_clear(struct dirty *dirty);
bool dirty_any(const struct dirty *dirty);

/* The sources' roots as they are watched. Freed with import_roots_free. */
struct import_roots {
  struct watch_root *items;
  size_t count;
};
int import_roots_find(struct import_roots *out, const struct import_settings *settings,
                      struct error *error);
void import_roots_free(struct import_roots *roots);
/* What has changed, as the importer marks it. */
void import_mark(struct importer *importer, int source, const char *path);

#endif

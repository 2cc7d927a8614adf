/* checkpoint.h - moves what is in the write-ahead log into the ledger, on a thread of its own.
 *
 * SQLite does it inside the commit that makes the log long enough, and waits for the disk there: a fifth of a second for the
 * unlucky writer on a common disk, though nobody needs the result. Here a writer that has committed says how long the log is and goes
 * on. The thread has a connection of its own, and exists from the first long log on: most processes never have one. */
#ifndef LEDGER_CHECKPOINT_H
#define LEDGER_CHECKPOINT_H

#include "base/public.h"

enum {
  CHECKPOINT_PAGES = 2048, /* a log of this many pages (8 MB) is worth the trouble */
  /* Somebody writes faster than the disk takes it, without a pause in which the log could begin anew (128 MB): then it has to wait. */
  CHECKPOINT_WAIT_PAGES = 32768
};

struct checkpointer;

/* NULL when there is no memory or no thread for it. The text is copied. */
struct checkpointer *checkpointer_new(const char *path, const char *vfs);
/* Asks for a checkpoint; never waits for one. */
void checkpointer_wake(struct checkpointer *checkpointer);
/* Asks for one, and waits until it is over. */
void checkpointer_run(struct checkpointer *checkpointer);
/* Waits for the one that is going on, a disk's time at most. NULL is fine. */
void checkpointer_free(struct checkpointer *checkpointer);

/* Checks in what a closed ledger's log holds and cuts it to nothing, if the others leave a moment for it; waits for the disk. For a
 * process of its own: whoever opens a ledger that nobody has open reads the log through, so that after many short visits it must not
 * stay long; and who closes it last may never come, when visits overlap. */
void checkpoint_cut(const char *path);

#endif

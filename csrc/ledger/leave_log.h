/* leave_log.h - for processes that live for a moment and are waited for: closing without checking the log in.
 *
 * Whoever closes a ledger last moves what is in its write-ahead log into the file, and waits for the disk twice. That is longer than all the
 * rest of a hook. What is left behind is safe where it is, and the next to open the ledger finds it; it must only not grow long, since that
 * one has to read it through. */
#ifndef LEDGER_LEAVE_LOG_H
#define LEDGER_LEAVE_LOG_H

#include "ledger/ledger.h"

enum {
  LEAVE_LOG_BYTES = 512 * 1024 /* a log of this size is worth checking in */
};

/* Closing this handle leaves the log as it is. */
void ledger_leave_log(struct ledger *ledger);

/* Whether a closed ledger's log has become long: then somebody should cut it short (checkpoint_cut). */
bool ledger_log_is_long(const char *path);

#endif

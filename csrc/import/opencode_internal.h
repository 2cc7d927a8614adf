/* opencode_internal.h - what the readers of opencode's records share: its database, and a message of either kind of store. */
#ifndef IMPORT_OPENCODE_INTERNAL_H
#define IMPORT_OPENCODE_INTERNAL_H

#include <sqlite3.h>

#include "base/error.h"
#include "base/json.h"

/* Opens a database of the client's to be read, waiting no longer than a moment for the client. *out is NULL and the status 0 when there is no
 * such file: the client makes it at its first start. Where even a reader's lock files can't be made (a folder that is read only), the
 * file is read as it is, if nobody has left a log beside it. */
int opencode_open(sqlite3 **out, const char *path, struct error *error);

/* A failure of SQLite's as ours: busy, of an unknown layout, or broken. */
int opencode_fail(sqlite3 *db, const char *path, struct error *error);

/* An assistant's message as a USAGE event; false for anything else and for one that was never answered. `doc` holds the parsed message;
 * `model` receives what event->model points into. Id, session, time and flags but for COMPACTION are the caller's to set. */
bool opencode_usage(const struct json_doc *doc, struct buf *model, purser_event *event);

#endif

/* file.h - the ledger as a file, before SQLite is let near it: where it is, whose it is, and how it is made. */
#ifndef LEDGER_FILE_H
#define LEDGER_FILE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/public.h"

/* "purs" in the header of every ledger (PRAGMA application_id). */
enum {
  FILE_APPLICATION_ID = 0x70757273
};

enum file_state {
  FILE_MISSING = 0,
  FILE_EMPTY = 1, /* of no bytes: as good as new */
  FILE_LEDGER = 2
};

/* `asked`, else $PURSER_DB, else ${XDG_DATA_HOME:-~/.local/share}/purser/purser.db; appended to `out`. */
int file_path(const char *asked, struct buf *out, struct error *error);

/* Looks at a file without changing it. PURSER_EFOREIGN for what is not a ledger, folders, pipes and devices included;
 * PURSER_ENEWER for one whose schema is above `newest`; PURSER_ECORRUPT for one that is cut short. */
int file_inspect(const char *path, int newest, enum file_state *state, struct error *error);

/* True if there is a write-ahead log beside it that holds something. */
bool file_has_log(const char *path);

/* Makes the folders that are missing (0700) and an empty file (0600). A file that has come into being meanwhile is left. */
int file_create(const char *path, struct error *error);

#endif

/* db_error.c - SQLite's failures as statuses, and as sentences that name the file and say what to do. */
#include <errno.h>
#include <string.h>

#include "ledger/db_internal.h"

static int status_of_errno(int number, int otherwise) {
  switch (number) {
  case ENOSPC:
  case EDQUOT: return PURSER_EFULL;
  case EROFS:
  case EACCES:
  case EPERM: return PURSER_EREADONLY;
  default: return otherwise;
  }
}

static int status_of(sqlite3 *handle, int rc) {
  if (rc == SQLITE_IOERR_NOMEM)
    return PURSER_ENOMEM;
  switch (rc & 0xff) {
  case SQLITE_NOMEM: return PURSER_ENOMEM;
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
  case SQLITE_PROTOCOL: return PURSER_EBUSY;
  case SQLITE_READONLY:
  case SQLITE_PERM: return PURSER_EREADONLY;
  case SQLITE_FULL: return PURSER_EFULL;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB: return PURSER_ECORRUPT;
  case SQLITE_IOERR:
  case SQLITE_CANTOPEN:
    return status_of_errno(handle != NULL ? sqlite3_system_errno(handle) : 0, PURSER_EIO);
  case SQLITE_TOOBIG: return PURSER_ERANGE;
  default: return PURSER_ERROR;
  }
}

int db_fail_status(const char *path, int status, const char *detail, struct error *error) {
  if (detail == NULL)
    detail = purser_strerror(status);
  if (status == PURSER_ENOMEM)
    return error_set(error, status, "ledger %s: out of memory", path);
  if (status == PURSER_EBUSY)
    return error_set(
        error, status,
        "ledger %s: another program keeps it locked; `fuser -v %s` shows which: end it "
        "and try again",
        path, path);
  if (status == PURSER_EREADONLY)
    return error_set(
        error, status,
        "ledger %s: it can't be written (%s): give yourself write permission on the file "
        "and its folder, or name another ledger in PURSER_DB",
        path, detail);
  if (status == PURSER_EFULL)
    return error_set(error, status,
                     "ledger %s: the disk is full: make room and try again; what was booked before "
                     "is safe",
                     path);
  if (status == PURSER_ECORRUPT)
    return error_set(
        error, status,
        "ledger %s: it is damaged (%s): move it away and put a backup (%s.bak-*) in its "
        "place, or save what can be read: sqlite3 %s .recover | sqlite3 saved.db",
        path, detail, path, path);
  return error_set(error, status, "ledger %s: %s", path, detail);
}

int db_fail(struct db *db, int rc, struct error *error) {
  const int status = status_of(db->handle, rc);
  if (error == NULL)
    return status;
  const char *detail = db->handle != NULL ? sqlite3_errmsg(db->handle) : sqlite3_errstr(rc);
  /* The text of an I/O error says no more than that: the system knows better. */
  const int number = db->handle != NULL ? sqlite3_system_errno(db->handle) : 0;
  const int primary = rc & 0xff;
  if ((primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN) && number != 0)
    detail = strerror(number);
  return db_fail_status(db->path, status, detail, error);
}

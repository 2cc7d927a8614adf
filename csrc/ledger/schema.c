/* schema.c - making and migrating a ledger; see schema.h. */
#include "ledger/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "ledger/file.h"

/* The connection's own copy, not the cached statement: it must not hold a read lock while the schema changes. */
static int read_version(struct db *db, int64_t *out, struct error *error) {
  return db_get_int(db, "PRAGMA user_version", NULL, 0, out, error);
}

/* ---- the backup ---- */

static int copy_pages(struct db *db, sqlite3 *to, struct error *error) {
  sqlite3_backup *backup = sqlite3_backup_init(to, "main", db_handle(db), "main");
  if (backup == NULL)
    return db_fail_status(db_path(db), PURSER_EIO, sqlite3_errmsg(to), error);
  const int rc = sqlite3_backup_step(backup, -1);
  (void)sqlite3_backup_finish(backup);
  if (rc == SQLITE_DONE)
    return PURSER_OK;
  return error_set(
      error, (rc & 0xff) == SQLITE_FULL ? PURSER_EFULL : PURSER_EIO,
      "ledger %s: its backup before the migration failed (%s): make room beside it and "
      "try again; it was left as it is",
      db_path(db), sqlite3_errstr(rc));
}

/* Written under another name and put in place whole, so that a backup by this name is always a good one. */
static int back_up(struct db *db, int64_t version, struct error *error) {
  struct buf final = BUF_INIT;
  struct buf part = BUF_INIT;
  sqlite3 *to = NULL;
  int status = PURSER_ENOMEM;
  buf_addf(&final, "%s.bak-%lld", db_path(db), (long long)version);
  buf_addf(&part, "%s.part", buf_text(&final));
  if (final.failed || part.failed) {
    (void)db_fail_status(db_path(db), status, NULL, error);
    goto out;
  }
  (void)unlink(part.data);
  const int fd = open(part.data, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    status = db_fail_status(part.data, errno == ENOSPC ? PURSER_EFULL : PURSER_EREADONLY,
                            strerror(errno), error);
    goto out;
  }
  (void)close(fd);
  if (sqlite3_open_v2(part.data, &to, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK) {
    status = db_fail_status(part.data, PURSER_EIO, sqlite3_errmsg(to), error);
    goto out;
  }
  status = copy_pages(db, to, error);
  if (status == PURSER_OK && sqlite3_close(to) != SQLITE_OK)
    status = db_fail_status(part.data, PURSER_EIO, "closing the backup", error);
  if (status == PURSER_OK)
    to = NULL;
  if (status == PURSER_OK && rename(part.data, final.data) != 0)
    status = db_fail_status(final.data, PURSER_EIO, strerror(errno), error);

out:
  (void)sqlite3_close(to);
  if (status != PURSER_OK && part.data != NULL)
    (void)unlink(part.data);
  buf_fini(&part);
  buf_fini(&final);
  return status;
}

/* ---- the steps ---- */

static int run_steps(struct db *db, const struct schema_step *steps, int64_t from, int count,
                     struct error *error) {
  char pragma[96];
  int status = PURSER_OK;
  for (int64_t i = from; i < count && status == PURSER_OK; i++) {
    for (const char *const *sql = steps[i].sql; *sql != NULL && status == PURSER_OK; sql++)
      status = db_script(db, *sql, error);
  }
  if (status != PURSER_OK)
    return error_wrap(error, "migrate from schema %lld to %d", (long long)from, count);
  (void)snprintf(pragma, sizeof pragma, "PRAGMA application_id = %d; PRAGMA user_version = %d",
                 FILE_APPLICATION_ID, count);
  return db_script(db, pragma, error);
}

static int refuse_newer(struct db *db, int64_t version, int known, struct error *error) {
  /* Somebody newer wrote it and died: what waits in its log is for somebody newer to check in. */
  (void)sqlite3_db_config(db_handle(db), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
  return error_set(
      error, PURSER_ENEWER,
      "ledger %s: it was written by a newer purser (its schema is %lld, this one knows "
      "%d): it was left untouched; update purser",
      db_path(db), (long long)version, known);
}

int schema_upgrade(struct db *db, const struct schema_step *steps, int count,
                   const struct schema_finish *finish, struct error *error) {
  int64_t version = 0;
  int status = read_version(db, &version, error);
  if (status != PURSER_OK)
    return status;
  if (version > count)
    return refuse_newer(db, version, count, error);
  if (version == count)
    return PURSER_OK;
  if (version > 0) {
    status = back_up(db, version, error);
    if (status != PURSER_OK)
      return status;
  }
  status = db_script(db, "BEGIN EXCLUSIVE", error);
  if (status != PURSER_OK)
    return status;
  /* Another process may have been faster. */
  status = read_version(db, &version, error);
  if (status == PURSER_OK && version < count) {
    status = run_steps(db, steps, version, count, error);
    if (status == PURSER_OK && version > 0 && finish != NULL)
      status = finish->run(finish->data, version, error);
  }
  if (status == PURSER_OK)
    status = db_commit(db, error);
  if (status != PURSER_OK)
    db_rollback(db);
  return status;
}

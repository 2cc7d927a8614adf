/* file.c - see file.h. */
#include "ledger/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "ledger/db.h"

/* ---- where ---- */

int file_path(const char *asked, struct buf *out, struct error *error) {
  const char *path = asked != NULL && asked[0] != '\0' ? asked : getenv("PURSER_DB");
  if (path != NULL && path[0] != '\0') {
    /* SQLite has a meaning of its own for names that begin with a colon. */
    buf_addf(out, "%s%s", path[0] == ':' ? "./" : "", path);
  } else {
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    if (data != NULL && data[0] == '/')
      buf_addf(out, "%s/purser/purser.db", data);
    else if (home != NULL && home[0] == '/')
      buf_addf(out, "%s/.local/share/purser/purser.db", home);
    else
      return error_set(error, PURSER_EINVAL,
                       "there is no home folder to keep the ledger in: set HOME or PURSER_DB");
  }
  return buf_status(out) == PURSER_OK ? PURSER_OK
                                      : error_set(error, PURSER_ENOMEM, "out of memory");
}

/* ---- whose ---- */

enum {
  HEADER = 100,
  AT_VERSION = 60,
  AT_APPLICATION = 68
};

static uint32_t big32(const unsigned char *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int refuse_foreign(const char *path, const char *what, struct error *error) {
  return error_set(
      error, PURSER_EFOREIGN,
      "%s is %s, not a ledger of purser's: it was left untouched; name another file in "
      "PURSER_DB",
      path, what);
}

/* As much of the header as a file of that size has. Negative errno on failure.
 *
 * Through SQLite's own door: whoever closes a descriptor of a file drops all locks that its process has on it, those of a connection
 * that is open in another thread as well. SQLite knows of those and keeps the descriptor for as long. */
static ssize_t read_header(const char *path, off_t size, unsigned char *into) {
  sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
  const char *name = NULL;
  char *whole = vfs != NULL ? mem_zalloc((size_t)vfs->mxPathname + 1) : NULL;
  sqlite3_file *file = vfs != NULL ? mem_zalloc((size_t)vfs->szOsFile) : NULL;
  ssize_t len = -ENOMEM;
  if (whole == NULL || file == NULL)
    goto out;
  errno = 0;
  /* It does not follow links: that is done with the name. */
  int rc = vfs->xFullPathname(vfs, path, vfs->mxPathname + 1, whole);
  if (rc != SQLITE_OK && rc != SQLITE_OK_SYMLINK) {
    len = errno != 0 ? -errno : -ENAMETOOLONG;
    goto out;
  }
  name = sqlite3_create_filename(whole, "", "", 0, NULL);
  if (name == NULL)
    goto out;
  len = size < HEADER ? (ssize_t)size : HEADER;
  rc = vfs->xOpen(vfs, name, file, SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB, NULL);
  if (rc == SQLITE_OK && len > 0)
    rc = file->pMethods->xRead(file, into, (int)len, 0);
  if (rc != SQLITE_OK)
    len = (rc & 0xff) == SQLITE_NOMEM ? -ENOMEM : errno != 0 ? -errno : -EIO;
  if (file->pMethods != NULL)
    (void)file->pMethods->xClose(file);
out:
  sqlite3_free_filename(name);
  mem_free(whole);
  mem_free(file);
  return len;
}

static int fail_errno(const char *path, int number, struct error *error) {
  if (number == EACCES || number == EPERM || number == EROFS)
    return db_fail_status(path, PURSER_EREADONLY, strerror(number), error);
  if (number == ENOSPC || number == EDQUOT)
    return db_fail_status(path, PURSER_EFULL, NULL, error);
  if (number == ENOMEM)
    return db_fail_status(path, PURSER_ENOMEM, NULL, error);
  return db_fail_status(path, PURSER_EIO, strerror(number), error);
}

int file_inspect(const char *path, int newest, enum file_state *state, struct error *error) {
  struct stat info;
  *state = FILE_MISSING;
  if (stat(path, &info) != 0)
    return errno == ENOENT ? PURSER_OK : fail_errno(path, errno, error);
  if (S_ISDIR(info.st_mode))
    return refuse_foreign(path, "a folder", error);
  if (!S_ISREG(info.st_mode))
    return refuse_foreign(path, "no ordinary file", error);

  unsigned char header[HEADER] = {0};
  const ssize_t len = read_header(path, info.st_size, header);
  if (len < 0)
    return fail_errno(path, (int)-len, error);
  *state = FILE_EMPTY;
  if (len == 0)
    return PURSER_OK;
  static const char magic[] = "SQLite format 3"; /* its NUL is part of it */
  if ((size_t)len < sizeof magic || memcmp(header, magic, sizeof magic) != 0)
    return refuse_foreign(path, "somebody else's file", error);
  if (len < HEADER)
    return db_fail_status(path, PURSER_ECORRUPT, "cut short", error);
  if (big32(header + AT_APPLICATION) != FILE_APPLICATION_ID)
    return refuse_foreign(path, "another program's database", error);
  if (big32(header + AT_VERSION) > (uint32_t)newest)
    return error_set(
        error, PURSER_ENEWER,
        "ledger %s: it was written by a newer purser (its schema is %u, this one knows "
        "%d): it was left untouched; update purser",
        path, (unsigned)big32(header + AT_VERSION), newest);
  *state = FILE_LEDGER;
  return PURSER_OK;
}

bool file_has_log(const char *path) {
  struct buf log = BUF_INIT;
  struct stat info;
  buf_addf(&log, "%s-wal", path);
  const bool there = log.failed || (stat(log.data, &info) == 0 && info.st_size > 0);
  buf_fini(&log);
  return there;
}

/* ---- making it ---- */

static int make_folders(const char *path, struct error *error) {
  struct buf folder = BUF_INIT;
  int status = PURSER_OK;
  for (const char *at = strchr(path + 1, '/'); at != NULL && status == PURSER_OK;
       at = strchr(at + 1, '/')) {
    buf_clear(&folder);
    buf_add(&folder, path, (size_t)(at - path));
    if (folder.failed)
      status = db_fail_status(path, PURSER_ENOMEM, NULL, error);
    else if (mkdir(folder.data, 0700) != 0 && errno != EEXIST && errno != EISDIR)
      status = fail_errno(folder.data, errno, error);
  }
  buf_fini(&folder);
  return status;
}

int file_create(const char *path, struct error *error) {
  const int status = make_folders(path, error);
  if (status != PURSER_OK)
    return status;
  const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return errno == EEXIST ? PURSER_OK : fail_errno(path, errno, error);
  return close(fd) == 0 ? PURSER_OK : fail_errno(path, errno, error);
}

/* fail_vfs.c - see fail_vfs.h. A shim over the default VFS: each file of ours holds the real one behind it. */
#include "support/fail_vfs.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "support/support.h"

struct shim_file {
  sqlite3_file base;
  sqlite3_file *real;
};

static sqlite3_vfs shim;
static sqlite3_vfs *below;
static enum fail_kind fail_kind;
static int64_t fail_at; /* 0: never */
static int64_t count;
static bool persistent;
static bool refused;

/* Whether this operation fails. */
static bool refuse(bool writes) {
  if (fail_at == 0 || (fail_kind == FAIL_FULL && !writes))
    return false;
  count++;
  if (count < fail_at || (count > fail_at && !persistent))
    return false;
  refused = true;
  return true;
}

static int write_error(int otherwise) {
  return fail_kind == FAIL_FULL ? SQLITE_FULL : otherwise;
}

static sqlite3_file *real_of(sqlite3_file *file) {
  return ((struct shim_file *)(void *)file)->real;
}

static int shim_close(sqlite3_file *file) {
  sqlite3_file *real = real_of(file);
  const int rc = real->pMethods != NULL ? real->pMethods->xClose(real) : SQLITE_OK;
  sqlite3_free(real);
  return rc;
}

static int shim_read(sqlite3_file *file, void *into, int amount, sqlite3_int64 offset) {
  if (refuse(false))
    return SQLITE_IOERR_READ;
  return real_of(file)->pMethods->xRead(real_of(file), into, amount, offset);
}

static int shim_write(sqlite3_file *file, const void *from, int amount, sqlite3_int64 offset) {
  if (refuse(true))
    return write_error(SQLITE_IOERR_WRITE);
  return real_of(file)->pMethods->xWrite(real_of(file), from, amount, offset);
}

static int shim_truncate(sqlite3_file *file, sqlite3_int64 size) {
  if (refuse(true))
    return write_error(SQLITE_IOERR_TRUNCATE);
  return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int shim_sync(sqlite3_file *file, int flags) {
  if (refuse(true))
    return write_error(SQLITE_IOERR_FSYNC);
  /* Not waiting for the real disk makes a sweep ten times as fast; nobody pulls the plug here. */
  (void)file;
  (void)flags;
  return SQLITE_OK;
}

static int shim_size(sqlite3_file *file, sqlite3_int64 *size) {
  if (refuse(false))
    return SQLITE_IOERR_FSTAT;
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int shim_lock(sqlite3_file *file, int level) {
  return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int shim_unlock(sqlite3_file *file, int level) {
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int shim_reserved(sqlite3_file *file, int *out) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}

static int shim_control(sqlite3_file *file, int op, void *arg) {
  return real_of(file)->pMethods->xFileControl(real_of(file), op, arg);
}

static int shim_sector(sqlite3_file *file) {
  return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int shim_traits(sqlite3_file *file) {
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int shim_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out) {
  if (refuse(true))
    return SQLITE_IOERR_SHMMAP;
  return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}

static int shim_shm_lock(sqlite3_file *file, int offset, int n, int flags) {
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}

static void shim_shm_barrier(sqlite3_file *file) {
  real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int shim_shm_unmap(sqlite3_file *file, int remove) {
  return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2, /* no memory mapping: every byte goes through read and write */
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_reserved,
    .xFileControl = shim_control,
    .xSectorSize = shim_sector,
    .xDeviceCharacteristics = shim_traits,
    .xShmMap = shim_shm_map,
    .xShmLock = shim_shm_lock,
    .xShmBarrier = shim_shm_barrier,
    .xShmUnmap = shim_shm_unmap,
};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
  (void)vfs;
  struct shim_file *mine = (struct shim_file *)(void *)file;
  mine->base.pMethods = NULL;
  if (refuse((flags & SQLITE_OPEN_CREATE) != 0 && fail_kind == FAIL_IO))
    return SQLITE_CANTOPEN;
  mine->real = sqlite3_malloc(below->szOsFile);
  if (mine->real == NULL)
    return SQLITE_NOMEM;
  mine->real->pMethods = NULL;
  const int rc = below->xOpen(below, name, mine->real, flags, out);
  if (rc != SQLITE_OK) {
    if (mine->real->pMethods != NULL)
      (void)mine->real->pMethods->xClose(mine->real);
    sqlite3_free(mine->real);
    return rc;
  }
  mine->base.pMethods = &methods;
  return SQLITE_OK;
}

static int shim_delete(sqlite3_vfs *vfs, const char *name, int sync_folder) {
  (void)vfs;
  if (refuse(true))
    return write_error(SQLITE_IOERR_DELETE);
  return below->xDelete(below, name, sync_folder);
}

static int shim_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
  (void)vfs;
  if (refuse(false))
    return SQLITE_IOERR_ACCESS;
  return below->xAccess(below, name, flags, out);
}

static int shim_full_path(sqlite3_vfs *vfs, const char *name, int size, char *out) {
  (void)vfs;
  return below->xFullPathname(below, name, size, out);
}

void fail_vfs_install(void) {
  if (below != NULL)
    return;
  below = sqlite3_vfs_find(NULL);
  if (below == NULL)
    abort();
  shim = *below;
  shim.szOsFile = (int)sizeof(struct shim_file);
  shim.pNext = NULL;
  shim.zName = FAIL_VFS_NAME;
  shim.xOpen = shim_open;
  shim.xDelete = shim_delete;
  shim.xAccess = shim_access;
  shim.xFullPathname = shim_full_path;
  if (sqlite3_vfs_register(&shim, 0) != SQLITE_OK)
    abort();
}

void fail_vfs_at(enum fail_kind kind, int64_t nth, bool ever_after) {
  fail_kind = kind;
  count = 0;
  refused = false;
  persistent = ever_after;
  fail_at = nth;
}

bool fail_vfs_off(void) {
  fail_at = 0;
  return refused;
}

/* fail_vfs.h - a disk with a fault, below SQLite: the Nth operation fails, once or from there on.
 *
 * Open a ledger with `.vfs = FAIL_VFS_NAME`. Reads, writes, truncations, syncs, opens, deletions and the growth of the shared
 * memory count; locking and closing never fail. */
#ifndef SUPPORT_FAIL_VFS_H
#define SUPPORT_FAIL_VFS_H

#include <stdbool.h>
#include <stdint.h>

#define FAIL_VFS_NAME "purser-fail"

enum fail_kind {
  FAIL_IO = 0,  /* SQLITE_IOERR_* of the operation */
  FAIL_FULL = 1 /* writing finds the disk full; reading works */
};

void fail_vfs_install(void);
void fail_vfs_at(enum fail_kind kind, int64_t nth, bool ever_after);
/* Operations succeed again. True if one was refused since fail_vfs_at(). */
bool fail_vfs_off(void);

#endif

/* import_lock.c - see import_lock.h. */
#include "import/import_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"

bool import_lock_try(struct import_lock *lock, const char *ledger_path) {
  struct buf path = BUF_INIT;
  bool mine = true;
  import_lock_release(lock);
  buf_addf(&path, "%s.import", ledger_path);
  const int fd = path.failed ? -1 : open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  buf_fini(&path);
  if (fd < 0)
    return true;
  int done;
  do {
    done = flock(fd, LOCK_EX | LOCK_NB);
  } while (done != 0 && errno == EINTR);
  if (done == 0) {
    lock->fd = fd;
    return true;
  }
  mine = errno != EWOULDBLOCK;
  (void)close(fd);
  return mine;
}

void import_lock_release(struct import_lock *lock) {
  /* The file stays: whoever removes a lock's file may remove one that another process has just locked. */
  if (lock->fd >= 0)
    (void)close(lock->fd);
  lock->fd = -1;
}

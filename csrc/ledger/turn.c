/* turn.c - see turn.h. Locks that belong to an open file, not to the process: a second ledger in the same process is somebody else,
 * and closing this file touches no lock of SQLite's. */
#include "ledger/turn.h"

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/buf.h"

#ifdef F_OFD_SETLK

void turn_open(struct turn *turn, const char *path) {
  struct buf name = BUF_INIT;
  *turn = (struct turn){.fd = -1};
  buf_addf(&name, "%s-queue", path);
  if (!name.failed)
    turn->fd = open(name.data, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  buf_fini(&name);
}

void turn_close(struct turn *turn) {
  if (turn->fd >= 0)
    (void)close(turn->fd);
  *turn = (struct turn){.fd = -1};
}

static struct flock bytes(int type, int64_t first, int64_t end) {
  return (struct flock){
      .l_type = (short)type,
      .l_whence = SEEK_SET,
      .l_start = (off_t)first,
      .l_len = (off_t)(end - first),
  };
}

void turn_take(struct turn *turn, int64_t since_ns) {
  struct flock lock = bytes(F_WRLCK, since_ns, since_ns + 1);
  if (turn->fd >= 0 && turn->number == 0 && fcntl(turn->fd, F_OFD_SETLK, &lock) == 0)
    turn->number = since_ns;
}

void turn_give_back(struct turn *turn) {
  if (turn->number == 0)
    return;
  struct flock lock = bytes(F_UNLCK, turn->number, turn->number + 1);
  (void)fcntl(turn->fd, F_OFD_SETLK, &lock);
  turn->number = 0;
}

static int64_t find(const struct turn *turn, int64_t first, int64_t end) {
  if (first >= end)
    return 0;
  struct flock lock = bytes(F_WRLCK, first, end);
  if (fcntl(turn->fd, F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK)
    return 0;
  return (int64_t)lock.l_start;
}

int64_t turn_before(const struct turn *turn, int64_t since_ns) {
  if (turn->fd < 0)
    return 0;
  if (turn->passed == 0)
    return find(turn, 1, since_ns);
  const int64_t later = find(turn, turn->passed + 1, since_ns);
  return later != 0 ? later : find(turn, 1, turn->passed < since_ns ? turn->passed : since_ns);
}

#else

void turn_open(struct turn *turn, const char *path) {
  (void)path;
  *turn = (struct turn){.fd = -1};
}

void turn_close(struct turn *turn) {
  (void)turn;
}

void turn_take(struct turn *turn, int64_t since_ns) {
  (void)turn;
  (void)since_ns;
}

void turn_give_back(struct turn *turn) {
  (void)turn;
}

int64_t turn_before(const struct turn *turn, int64_t since_ns) {
  (void)turn;
  (void)since_ns;
  return 0;
}

#endif

void turn_pass(struct turn *turn, int64_t number) {
  turn->passed = number;
}

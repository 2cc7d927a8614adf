/* input.c - see input.h. */
#include "cli/input.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum {
  CHUNK = 64 * 1024
};

/* True when something can be read, the end included. */
static bool is_ready(int fd, int patience_ms) {
  struct pollfd asked = {.fd = fd, .events = POLLIN};
  int ready;
  do
    ready = poll(&asked, 1, patience_ms);
  while (ready < 0 && errno == EINTR);
  return ready > 0 && (asked.revents & POLLNVAL) == 0;
}

bool input_read(struct buf *out, int fd, int patience_ms, size_t most) {
  if (isatty(fd) == 1)
    return true;
  while (is_ready(fd, patience_ms)) {
    if (buf_reserve(out, CHUNK) != PURSER_OK)
      return false;
    const ssize_t got = read(fd, out->data + out->len, CHUNK);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      break;
    out->len += (size_t)got;
    out->data[out->len] = '\0';
    if (out->len > most)
      return false;
  }
  return !out->failed;
}

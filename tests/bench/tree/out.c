/* out.c - the tree's files; see world.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "world.h"

/* The folders that the last part of the path lies in. */
static void make_folders(char *path) {
  for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    if (mkdir(path, 0755) != 0 && errno != EEXIST)
      tree_die("%s: %s", path, strerror(errno));
    *slash = '/';
  }
}

void out_open(struct out *out, const struct world *world, const char *path) {
  *out = (struct out){.buf = BUF_INIT, .path = BUF_INIT};
  buf_addf(&out->path, "%s/%s", world->options->root, path);
  if (out->path.failed)
    tree_die("out of memory");
  out->fd = open(out->path.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (out->fd < 0 && errno == ENOENT) {
    make_folders(out->path.data);
    out->fd = open(out->path.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  }
  if (out->fd < 0)
    tree_die("%s: %s", out->path.data, strerror(errno));
}

int64_t out_size(const struct out *out) {
  return out->written + (int64_t)out->buf.len;
}

void out_flush(struct out *out, bool all) {
  enum {
    MUCH = 1024 * 1024
  };
  if (out->buf.failed)
    tree_die("out of memory");
  if (!all && out->buf.len < MUCH)
    return;
  size_t at = 0;
  while (at < out->buf.len) {
    const ssize_t n = write(out->fd, out->buf.data + at, out->buf.len - at);
    if (n < 0 && errno != EINTR)
      tree_die("%s: %s", out->path.data, strerror(errno));
    at += n > 0 ? (size_t)n : 0;
  }
  out->written += (int64_t)out->buf.len;
  buf_clear(&out->buf);
}

void out_close(struct out *out, struct world *world, int64_t at_ms) {
  out_flush(out, true);
  const struct timespec at = {.tv_sec = (time_t)(at_ms / 1000),
                              .tv_nsec = (long)(at_ms % 1000) * 1000000};
  const struct timespec times[2] = {at, at};
  (void)futimens(out->fd, times);
  (void)close(out->fd);
  world->truth->files++;
  world->truth->bytes += out->written;
  buf_fini(&out->buf);
  buf_fini(&out->path);
}

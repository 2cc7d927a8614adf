/* setup_file.c - a client's settings as a file: see setup.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/setup.h"

enum {
  MOST_BYTES = 16 * 1024 * 1024
};

int setup_path(struct buf *out, const struct setup_client *client, struct error *error) {
  const char *own = client->home_variable != NULL ? getenv(client->home_variable) : NULL;
  const char *home = getenv("HOME");
  if (own != NULL && own[0] != '\0') {
    buf_adds(out, own);
  } else if (home != NULL && home[0] == '/') {
    buf_addf(out, "%s/%s", home, client->home);
  } else {
    return error_set(error, PURSER_ENOTFOUND, "there is no home folder to look for %s in: set HOME",
                     client->title);
  }
  buf_addf(out, "/%s", client->file);
  return out->failed ? error_set(error, PURSER_ENOMEM, "out of memory") : PURSER_OK;
}

static int fail(const char *path, int number, struct error *error) {
  const int status = number == EACCES || number == EPERM || number == EROFS ? PURSER_EREADONLY
                     : number == ENOSPC || number == EDQUOT                 ? PURSER_EFULL
                                                                            : PURSER_EIO;
  return error_set(error, status, "%s: %s", path, strerror(number));
}

int setup_read(struct buf *out, const char *path, bool *exists, struct error *error) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  *exists = fd >= 0;
  if (fd < 0)
    return errno == ENOENT || errno == ENOTDIR ? PURSER_OK : fail(path, errno, error);
  int status = PURSER_OK;
  for (;;) {
    char chunk[8192];
    const ssize_t got = read(fd, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      status = fail(path, errno, error);
    if (got <= 0)
      break;
    buf_add(out, chunk, (size_t)got);
    if (out->len > MOST_BYTES) {
      status = error_set(error, PURSER_ERANGE, "%s: too large for settings", path);
      break;
    }
  }
  (void)close(fd);
  return status == PURSER_OK && out->failed ? error_set(error, PURSER_ENOMEM, "out of memory")
                                            : status;
}

static int make_folder(const char *path, struct error *error) {
  char folder[PATH_MAX];
  const size_t len = strlen(path);
  if (len >= sizeof folder)
    return fail(path, ENAMETOOLONG, error);
  memcpy(folder, path, len + 1);
  for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    if (mkdir(folder, 0700) != 0 && errno != EEXIST && errno != EISDIR)
      return fail(folder, errno, error);
    *slash = '/';
  }
  return PURSER_OK;
}

static int write_all(int fd, const char *bytes, size_t len) {
  while (len > 0) {
    const ssize_t put = write(fd, bytes, len);
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      return errno;
    bytes += put;
    len -= (size_t)put;
  }
  return fsync(fd) == 0 ? 0 : errno;
}

static int put_in_place(const char *target, const struct buf *text, mode_t mode,
                        struct error *error) {
  struct buf part = BUF_INIT;
  buf_addf(&part, "%s.purser-part", target);
  if (part.failed)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  int number = 0;
  const int fd = open(part.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
  if (fd < 0) {
    number = errno;
  } else {
    /* The mask that the process was given is no wish about this file. */
    (void)fchmod(fd, mode);
    number = write_all(fd, text->data, text->len);
    if (close(fd) != 0 && number == 0)
      number = errno;
    if (number == 0 && rename(part.data, target) != 0)
      number = errno;
    if (number != 0)
      (void)unlink(part.data);
  }
  buf_fini(&part);
  return number == 0 ? PURSER_OK : fail(target, number, error);
}

int setup_write(const char *path, const struct buf *text, struct error *error) {
  char target[PATH_MAX];
  struct stat info;
  mode_t mode = 0600; /* settings may hold keys */
  if (realpath(path, target) != NULL) {
    if (stat(target, &info) == 0)
      mode = info.st_mode & 07777;
    return put_in_place(target, text, mode, error);
  }
  const int status = make_folder(path, error);
  return status == PURSER_OK ? put_in_place(path, text, mode, error) : status;
}

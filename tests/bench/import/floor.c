/* floor.c - see floor.h. */
#include "floor.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  CHUNK = 256 * 1024,
  PATH_SIZE = 1500
};

static char chunk[CHUNK];

static int64_t read_file(const char *path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  int64_t bytes = 0;
  ssize_t got;
  while (fd >= 0 && (got = read(fd, chunk, sizeof chunk)) > 0)
    bytes += got;
  if (fd >= 0)
    (void)close(fd);
  return bytes;
}

int64_t floor_read(const char *folder) {
  DIR *dir = opendir(folder);
  const struct dirent *entry;
  int64_t bytes = 0;
  while (dir != NULL && (entry = readdir(dir)) != NULL) {
    char path[PATH_SIZE];
    struct stat info;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    (void)snprintf(path, sizeof path, "%.1000s/%.300s", folder, entry->d_name);
    if (lstat(path, &info) != 0)
      continue;
    if (S_ISDIR(info.st_mode)) {
      bytes += floor_read(path);
    } else if (S_ISREG(info.st_mode)) {
      bytes += read_file(path);
    }
  }
  if (dir != NULL)
    (void)closedir(dir);
  return bytes;
}

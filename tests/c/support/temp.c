/* temp.c - see temp.h. */
#include "support/temp.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/support.h"

void temp_make(struct temp *temp) {
  const char *base = getenv("TMPDIR");
  const int len = snprintf(temp->path, sizeof temp->path, "%s/purser-test-XXXXXX",
                           base != NULL && base[0] != '\0' ? base : "/tmp");
  assert_in_range(len, 1, sizeof temp->path - 1);
  assert_non_null(mkdtemp(temp->path));
}

static void remove_tree(const char *path) {
  struct stat info;
  if (lstat(path, &info) != 0)
    return;
  if (!S_ISDIR(info.st_mode)) {
    (void)unlink(path);
    return;
  }
  (void)chmod(path, 0700);
  DIR *folder = opendir(path);
  if (folder == NULL)
    return;
  const struct dirent *entry;
  while ((entry = readdir(folder)) != NULL) {
    char child[1024];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    if ((size_t)snprintf(child, sizeof child, "%s/%s", path, entry->d_name) < sizeof child)
      remove_tree(child);
  }
  (void)closedir(folder);
  (void)rmdir(path);
}

void temp_remove(struct temp *temp) {
  if (temp->path[0] != '\0')
    remove_tree(temp->path);
  temp->path[0] = '\0';
}

const char *temp_path(const struct temp *temp, const char *name) {
  static char paths[8][1024];
  static size_t turn = 0;
  char *out = paths[turn++ % COUNT(paths)];
  const int len = snprintf(out, sizeof paths[0], "%s/%s", temp->path, name);
  assert_in_range(len, 1, sizeof paths[0] - 1);
  return out;
}

void temp_write(const struct temp *temp, const char *name, const void *bytes, size_t len) {
  FILE *file = fopen(temp_path(temp, name), "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, len, file), len);
  assert_int_equal(fclose(file), 0);
}

char *temp_read(const struct temp *temp, const char *name, size_t *len) {
  FILE *file = fopen(temp_path(temp, name), "rb");
  if (file == NULL)
    return NULL;
  assert_int_equal(fseek(file, 0, SEEK_END), 0);
  const long size = ftell(file);
  assert_true(size >= 0);
  rewind(file);
  char *bytes = malloc((size_t)size + 1);
  assert_non_null(bytes);
  assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
  bytes[size] = '\0';
  (void)fclose(file);
  if (len != NULL)
    *len = (size_t)size;
  return bytes;
}

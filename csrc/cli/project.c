/* project.c - see project.h. What git itself would answer for `rev-parse --show-toplevel --git-common-dir`. */
#include "cli/project.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

/* The first line of a small file, without its newline. False if there is none. */
static bool read_line(const char *path, char *line, size_t size) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return false;
  const ssize_t got = read(fd, line, size - 1);
  (void)close(fd);
  if (got <= 0)
    return false;
  line[got] = '\0';
  line[strcspn(line, "\r\n")] = '\0';
  return line[0] != '\0';
}

/* `path`, or `folder`/`path` where it is relative, with links resolved. */
static bool resolve(const char *folder, const char *path, char real[PATH_MAX]) {
  char whole[PATH_MAX * 2];
  if (path[0] == '/')
    (void)snprintf(whole, sizeof whole, "%s", path);
  else
    (void)snprintf(whole, sizeof whole, "%s/%s", folder, path);
  return realpath(whole, real) != NULL;
}

/* A worktree's ".git" is a file that names the worktree's own folder inside the repository, and that one names the repository. */
static bool common_folder(const char *folder, const char *git_file, char common[PATH_MAX]) {
  char line[PATH_MAX];
  char own[PATH_MAX];
  char path[PATH_MAX + 16];
  static const char mark[] = "gitdir: ";
  if (!read_line(git_file, line, sizeof line) || strncmp(line, mark, sizeof mark - 1) != 0)
    return false;
  if (!resolve(folder, line + sizeof mark - 1, own))
    return false;
  (void)snprintf(path, sizeof path, "%s/commondir", own);
  if (read_line(path, line, sizeof line))
    return resolve(own, line, common);
  memcpy(common, own, sizeof own);
  return true;
}

/* Whether `folder` is the top of a working tree; then its project's root is written over it. */
static bool is_top(char folder[PATH_MAX]) {
  char path[PATH_MAX + 16];
  char common[PATH_MAX];
  struct stat info;
  (void)snprintf(path, sizeof path, "%s/.git", folder[1] == '\0' ? "" : folder);
  if (stat(path, &info) != 0)
    return false;
  if (S_ISDIR(info.st_mode)) {
    (void)snprintf(path, sizeof path, "%s/.git/HEAD", folder[1] == '\0' ? "" : folder);
    return access(path, F_OK) == 0;
  }
  if (!common_folder(folder, path, common))
    return false;
  /* The repository's ".git" lies in its main worktree. A submodule's lies in the project around it, a bare one's nowhere. */
  const size_t len = strlen(common);
  static const char dot_git[] = "/.git";
  const size_t tail = sizeof dot_git - 1;
  if (len > tail && strcmp(common + len - tail, dot_git) == 0) {
    common[len - tail] = '\0';
    memcpy(folder, common, sizeof common);
  }
  return true;
}

void project_root(struct buf *out, const char *folder) {
  char real[PATH_MAX];
  char at[PATH_MAX];
  if (realpath(folder, real) == NULL) {
    cli_workspace(out, folder);
    return;
  }
  memcpy(at, real, sizeof real);
  while (!is_top(at)) {
    char *slash = strrchr(at, '/');
    if (slash == NULL || at[1] == '\0') {
      buf_adds(out, real);
      return;
    }
    slash[slash == at ? 1 : 0] = '\0';
  }
  buf_adds(out, at);
}

/* place.c - see place.h. */
#include "import/place.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "ledger/hash.h"

/* The first line of a small file. */
static bool read_line(const char *path, char *out, size_t size) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return false;
  const ssize_t got = read(fd, out, size - 1);
  (void)close(fd);
  if (got <= 0)
    return false;
  out[got] = '\0';
  out[strcspn(out, "\r\n")] = '\0';
  return out[0] != '\0';
}

/* `path`, from `folder` if it is not absolute, without links. */
static bool resolve(const char *folder, const char *path, char real[PATH_MAX]) {
  struct buf whole = BUF_INIT;
  if (path[0] != '/')
    buf_addf(&whole, "%s/", folder);
  buf_adds(&whole, path);
  const bool ok = !whole.failed && realpath(whole.data, real) != NULL;
  buf_fini(&whole);
  return ok;
}

/* The folder that holds ".git", or nothing. */
static bool take_parent_of_git(char *common) {
  const size_t len = strlen(common);
  static const char git[] = "/.git";
  if (len <= sizeof git - 1 || strcmp(common + len - (sizeof git - 1), git) != 0)
    return false;
  common[len - (sizeof git - 1)] = '\0';
  return true;
}

/* A linked worktree's ".git" is a file that names a folder in the repository's, which names the repository's own. A submodule's
 * names one that does not: it is a project of its own. */
static bool main_worktree(const char *top, const char *git_file, char out[PATH_MAX]) {
  char line[PATH_MAX];
  char git_dir[PATH_MAX];
  static const char key[] = "gitdir: ";
  if (!read_line(git_file, line, sizeof line) || strncmp(line, key, sizeof key - 1) != 0 ||
      !resolve(top, line + sizeof key - 1, git_dir))
    return false;
  struct buf path = BUF_INIT;
  buf_addf(&path, "%s/commondir", git_dir);
  const bool ok = !path.failed && read_line(path.data, line, sizeof line) &&
                  resolve(git_dir, line, out) && take_parent_of_git(out);
  buf_fini(&path);
  return ok;
}

static bool is_git_top(const char *top, char out[PATH_MAX]) {
  struct stat st;
  struct buf git = BUF_INIT;
  buf_addf(&git, "%s/.git", strcmp(top, "/") == 0 ? "" : top);
  const bool there = !git.failed && stat(git.data, &st) == 0;
  bool found = false;
  if (there && S_ISDIR(st.st_mode)) {
    /* An empty folder of that name is no repository. */
    struct buf head = BUF_INIT;
    buf_addf(&head, "%s/HEAD", git.data);
    found = !head.failed && access(head.data, F_OK) == 0;
    buf_fini(&head);
    if (found)
      memcpy(out, top, strlen(top) + 1); /* a beginning of a real path */
  } else if (there && S_ISREG(st.st_mode)) {
    found = true;
    if (!main_worktree(top, git.data, out))
      memcpy(out, top, strlen(top) + 1); /* a beginning of a real path */
  }
  buf_fini(&git);
  return found;
}

static void add_plain(const char *folder, struct buf *out) {
  size_t len = strlen(folder);
  while (len > 1 && folder[len - 1] == '/')
    len--;
  buf_add(out, folder, len);
}

void place_find(const char *folder, struct buf *out) {
  char real[PATH_MAX];
  char root[PATH_MAX];
  if (folder[0] != '/' || realpath(folder, real) == NULL) {
    add_plain(folder, out);
    return;
  }
  char *at = mem_strdup(real);
  if (at == NULL) {
    out->failed = true;
    return;
  }
  bool found = is_git_top(at, root);
  char *slash;
  while (!found && (slash = strrchr(at, '/')) != NULL && at[1] != '\0') {
    slash[slash == at] = '\0'; /* the root keeps its slash */
    found = is_git_top(at, root);
  }
  mem_free(at);
  buf_adds(out, found ? root : real);
}

void places_fini(struct places *places) {
  for (size_t i = 0; i < places->count; i++) {
    mem_free(places->items[i].folder);
    mem_free(places->items[i].workspace);
  }
  mem_free(places->items);
  *places = (struct places){0};
}

const char *places_find(struct places *places, const char *folder) {
  const uint64_t hash = hash_text(folder);
  for (size_t i = places->count; i > 0; i--) {
    const struct place_known *known = &places->items[i - 1];
    if (known->hash == hash && strcmp(known->folder, folder) == 0)
      return known->workspace;
  }
  void *items = places->items;
  if (mem_grow(&items, &places->cap, places->count + 1, sizeof *places->items) != PURSER_OK)
    return NULL;
  places->items = items;
  struct buf workspace = BUF_INIT;
  place_find(folder, &workspace);
  struct place_known *known = &places->items[places->count];
  known->hash = hash;
  known->folder = mem_strdup(folder);
  known->workspace = workspace.failed ? NULL : mem_strdup(buf_text(&workspace));
  buf_fini(&workspace);
  if (known->folder == NULL || known->workspace == NULL) {
    mem_free(known->folder);
    mem_free(known->workspace);
    return NULL;
  }
  places->count++;
  return known->workspace;
}

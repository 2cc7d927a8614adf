/* watch.c - see watch.h. */
#include "api/watch.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"

enum {
  LOOK_MOST = 8192 /* folders looked at in one walk: whoever has more is polled */
};

struct folder {
  uv_fs_event_t handle;
  struct watcher *watcher;
  char *path;
  dev_t device;
  ino_t inode;
  int depth;
  int tag;
  bool closing;
};

struct watcher {
  uv_loop_t *loop;
  struct watch_root *roots;
  size_t root_count;
  watch_changed changed;
  void *data;
  struct folder **folders;
  size_t count;
  size_t cap;
  size_t closing; /* folders whose handles the loop has yet to let go */
  bool incomplete;
  bool stopped;
};

/* A folder that a walk has found. */
struct found {
  char *path;
  struct stat st;
  int depth;
  int tag;
};

struct walk {
  struct found *items;
  size_t count;
  size_t cap;
  bool cut;
};

/* ---- one folder ---- */

static void watcher_free(struct watcher *watcher) {
  for (size_t i = 0; i < watcher->root_count; i++) {
    void *path = (void *)(uintptr_t)watcher->roots[i].path; /* ours: copied at the start */
    mem_free(path);
  }
  mem_free(watcher->roots);
  mem_free(watcher->folders);
  mem_free(watcher);
}

static void on_closed(uv_handle_t *handle) {
  struct folder *folder = handle->data;
  struct watcher *watcher = folder->watcher;
  mem_free(folder->path);
  mem_free(folder);
  watcher->closing--;
  if (watcher->stopped && watcher->closing == 0)
    watcher_free(watcher);
}

/* Takes the folder out of the list; the loop frees it. */
static void drop(struct folder *folder) {
  struct watcher *watcher = folder->watcher;
  if (folder->closing)
    return;
  folder->closing = true;
  for (size_t i = 0; i < watcher->count; i++) {
    if (watcher->folders[i] != folder)
      continue;
    watcher->folders[i] = watcher->folders[--watcher->count];
    break;
  }
  watcher->closing++;
  uv_close((uv_handle_t *)&folder->handle, on_closed);
}

static struct folder *watched(const struct watcher *watcher, const struct stat *st) {
  for (size_t i = 0; i < watcher->count; i++) {
    if (watcher->folders[i]->inode == st->st_ino && watcher->folders[i]->device == st->st_dev)
      return watcher->folders[i];
  }
  return NULL;
}

static void look(struct watcher *watcher, const char *path, int depth, int tag, bool tell);

static bool is_folder(const char *path, struct stat *st) {
  return stat(path, st) == 0 && S_ISDIR(st->st_mode);
}

static void on_event(uv_fs_event_t *handle, const char *name, int events, int status) {
  struct folder *folder = handle->data;
  struct watcher *watcher = folder->watcher;
  struct stat st;
  if (folder->closing)
    return;
  if (status < 0 || !is_folder(folder->path, &st) || st.st_ino != folder->inode) {
    /* Removed, or another one stands in its place: the next refresh finds that. */
    watcher->changed(watcher->data, folder->tag, folder->path);
    drop(folder);
    return;
  }
  if (name == NULL || name[0] == '\0') {
    watcher->changed(watcher->data, folder->tag, folder->path);
    return;
  }
  struct buf path = BUF_INIT;
  buf_addf(&path, "%s/%s", folder->path, name);
  if (path.failed) {
    watcher->changed(watcher->data, folder->tag, folder->path);
  } else if (folder->depth > 0 && (events & UV_RENAME) != 0 && is_folder(path.data, &st)) {
    look(watcher, path.data, folder->depth - 1, folder->tag, true);
  } else {
    watcher->changed(watcher->data, folder->tag, path.data);
  }
  buf_fini(&path);
}

/* Starts to watch a folder; true if it is watched now. */
static bool add(struct watcher *watcher, const struct found *found) {
  void *items = watcher->folders;
  if (watcher->count >= WATCH_MOST ||
      mem_grow(&items, &watcher->cap, watcher->count + 1, sizeof(struct folder *)) != PURSER_OK)
    return false;
  watcher->folders = items;
  struct folder *folder = mem_zalloc(sizeof *folder);
  if (folder == NULL)
    return false;
  *folder = (struct folder){.watcher = watcher,
                            .path = mem_strdup(found->path),
                            .device = found->st.st_dev,
                            .inode = found->st.st_ino,
                            .depth = found->depth,
                            .tag = found->tag};
  if (folder->path == NULL || uv_fs_event_init(watcher->loop, &folder->handle) != 0) {
    mem_free(folder->path);
    mem_free(folder);
    return false;
  }
  folder->handle.data = folder;
  watcher->folders[watcher->count++] = folder;
  if (uv_fs_event_start(&folder->handle, on_event, folder->path, 0) == 0)
    return true;
  drop(folder);
  return false;
}

/* ---- walking ---- */

static bool walked(const struct walk *walk, const struct stat *st) {
  for (size_t i = 0; i < walk->count; i++) {
    if (walk->items[i].st.st_ino == st->st_ino && walk->items[i].st.st_dev == st->st_dev)
      return true;
  }
  return false;
}

/* Appends the folder, unless a link has led to it before. */
static void note(struct walk *walk, const char *path, int depth, int tag) {
  struct stat st;
  if (!is_folder(path, &st) || walked(walk, &st))
    return;
  void *items = walk->items;
  if (walk->count >= LOOK_MOST ||
      mem_grow(&items, &walk->cap, walk->count + 1, sizeof *walk->items) != PURSER_OK) {
    walk->cut = true;
    return;
  }
  walk->items = items;
  char *copy = mem_strdup(path);
  if (copy == NULL) {
    walk->cut = true;
    return;
  }
  walk->items[walk->count++] = (struct found){copy, st, depth, tag};
}

static void note_children(struct walk *walk, size_t parent) {
  const struct found at = walk->items[parent];
  DIR *dir = opendir(at.path);
  if (dir == NULL)
    return;
  struct buf path = BUF_INIT;
  const struct dirent *entry;
  while ((entry = readdir(dir)) != NULL) {
    if (entry->d_name[0] == '.' ||
        (entry->d_type != DT_DIR && entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN))
      continue;
    buf_clear(&path);
    buf_addf(&path, "%s/%s", at.path, entry->d_name);
    if (!path.failed)
      note(walk, path.data, at.depth - 1, at.tag);
  }
  buf_fini(&path);
  (void)closedir(dir);
}

/* The folder and those below it, breadth first. */
static void walk_tree(struct walk *walk, const char *path, int depth, int tag) {
  const size_t first = walk->count;
  note(walk, path, depth, tag);
  for (size_t i = first; i < walk->count; i++) {
    if (walk->items[i].depth > 0)
      note_children(walk, i);
  }
}

static int newest_first(const void *a, const void *b) {
  const struct found *x = a;
  const struct found *y = b;
  if (x->st.st_mtime != y->st.st_mtime)
    return x->st.st_mtime < y->st.st_mtime ? 1 : -1;
  return strcmp(x->path, y->path);
}

/* Watches what the walk found, as far as the watches go. */
static void watch_found(struct watcher *watcher, struct walk *walk, bool tell) {
  if (walk->count > 1)
    qsort(walk->items, walk->count, sizeof *walk->items, newest_first);
  if (walk->cut)
    watcher->incomplete = true;
  for (size_t i = 0; i < walk->count; i++) {
    struct found *found = &walk->items[i];
    if (watched(watcher, &found->st) == NULL) {
      if (!add(watcher, found))
        watcher->incomplete = true;
      /* What was written in it before it was watched has told nobody. */
      if (tell)
        watcher->changed(watcher->data, found->tag, found->path);
    }
    mem_free(found->path);
  }
  mem_free(walk->items);
}

static void look(struct watcher *watcher, const char *path, int depth, int tag, bool tell) {
  struct walk walk = {0};
  walk_tree(&walk, path, depth, tag);
  watch_found(watcher, &walk, tell);
}

static void look_everywhere(struct watcher *watcher, bool tell) {
  struct walk walk = {0};
  watcher->incomplete = false;
  for (size_t i = 0; i < watcher->root_count; i++) {
    const struct watch_root *root = &watcher->roots[i];
    walk_tree(&walk, root->path, root->depth, root->tag);
  }
  watch_found(watcher, &walk, tell);
}

/* ---- the watcher ---- */

void watcher_refresh(struct watcher *watcher) {
  look_everywhere(watcher, true);
}

void watcher_look_for_roots(struct watcher *watcher) {
  for (size_t i = 0; i < watcher->root_count; i++) {
    const struct watch_root *root = &watcher->roots[i];
    struct stat st;
    if (is_folder(root->path, &st) && watched(watcher, &st) == NULL)
      look(watcher, root->path, root->depth, root->tag, true);
  }
}

bool watcher_complete(const struct watcher *watcher) {
  return !watcher->incomplete;
}

size_t watcher_count(const struct watcher *watcher) {
  return watcher->count;
}

int watcher_start(struct watcher **out, uv_loop_t *loop, const struct watch_root *roots,
                  size_t count, watch_changed changed, void *data, struct error *error) {
  *out = NULL;
  struct watcher *watcher = mem_zalloc(sizeof *watcher);
  if (watcher == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  watcher->loop = loop;
  watcher->changed = changed;
  watcher->data = data;
  watcher->roots = mem_zalloc((count > 0 ? count : 1) * sizeof *watcher->roots);
  bool failed = watcher->roots == NULL;
  for (size_t i = 0; i < count && !failed; i++) {
    watcher->roots[i] = roots[i];
    watcher->roots[i].path = mem_strdup(roots[i].path);
    failed = watcher->roots[i].path == NULL;
    watcher->root_count++;
  }
  if (failed) {
    watcher_free(watcher);
    return error_set(error, PURSER_ENOMEM, "out of memory");
  }
  look_everywhere(watcher, false);
  *out = watcher;
  return PURSER_OK;
}

void watcher_stop(struct watcher *watcher) {
  if (watcher == NULL)
    return;
  watcher->stopped = true;
  while (watcher->count > 0)
    drop(watcher->folders[watcher->count - 1]);
  if (watcher->closing == 0)
    watcher_free(watcher);
}

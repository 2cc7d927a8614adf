/* tree.c - see tree.h. */
#include "import/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ledger/hash.h"

enum {
  DEPTH_MAX = 24,
  /* A folder that changed a moment ago may change again within its clock's same tick. */
  FRESH_MS = 2000
};

static void folder_free(struct tree_folder *folder) {
  for (size_t i = 0; i < folder->file_count; i++) {
    mem_free(folder->files[i]->name);
    mem_free(folder->files[i]);
  }
  mem_free(folder->files);
  mem_free(folder->folders);
  mem_free(folder->path);
  mem_free(folder);
}

void tree_fini(struct tree *tree) {
  for (size_t i = 0; i < tree->folder_count; i++)
    folder_free(tree->folders[i]);
  mem_free(tree->folders);
  mem_free(tree->slots);
  mem_free(tree->seen);
  *tree = (struct tree){0};
}

/* ---- folders by path ---- */

static struct tree_folder **slot_of(const struct tree *tree, const char *path, uint64_t hash) {
  size_t at = (size_t)hash & (tree->slot_count - 1);
  while (tree->slots[at] != NULL &&
         (tree->slots[at]->hash != hash || strcmp(tree->slots[at]->path, path) != 0))
    at = (at + 1) & (tree->slot_count - 1);
  return &tree->slots[at];
}

static bool grow_slots(struct tree *tree) {
  enum {
    FIRST = 256
  };
  if (tree->slot_count > 2 * tree->folder_count)
    return true;
  struct tree_folder **old = tree->slots;
  const size_t count = tree->slot_count == 0 ? FIRST : 2 * tree->slot_count;
  struct tree_folder **slots = mem_zalloc(count * sizeof(struct tree_folder *));
  if (slots == NULL)
    return false;
  tree->slots = slots;
  tree->slot_count = count;
  for (size_t i = 0; i < tree->folder_count; i++)
    *slot_of(tree, tree->folders[i]->path, tree->folders[i]->hash) = tree->folders[i];
  mem_free(old);
  return true;
}

static bool add_pointer(void *list, size_t *count, size_t *cap, void *item) {
  void **items = *(void ***)list;
  void *grown = items;
  if (mem_grow(&grown, cap, *count + 1, sizeof *items) != PURSER_OK)
    return false;
  items = grown;
  items[(*count)++] = item;
  *(void ***)list = items;
  return true;
}

/* The folder that this one lies in, if it is known. */
static struct tree_folder *parent_of(const struct tree *tree, const char *path) {
  const char *slash = strrchr(path, '/');
  if (slash == NULL || slash == path || tree->slot_count == 0)
    return NULL;
  char *parent = mem_strndup(path, (size_t)(slash - path));
  if (parent == NULL)
    return NULL;
  struct tree_folder *found = *slot_of(tree, parent, hash_text(parent));
  mem_free(parent);
  return found;
}

/* The parent may come to be known later: an import that was killed has remembered what it has read, and not yet the folders that this
 * lies in. */
static bool link_to_parent(const struct tree *tree, struct tree_folder *folder) {
  if (folder->linked)
    return true;
  struct tree_folder *parent = parent_of(tree, folder->path);
  if (parent == NULL)
    return true;
  folder->linked =
      add_pointer(&parent->folders, &parent->folder_count, &parent->folder_cap, folder);
  return folder->linked;
}

struct tree_folder *tree_folder(struct tree *tree, const char *path, size_t source) {
  const uint64_t hash = hash_text(path);
  if (!grow_slots(tree))
    goto failed;
  struct tree_folder **slot = slot_of(tree, path, hash);
  if (*slot != NULL) {
    if (!link_to_parent(tree, *slot))
      goto failed;
    return *slot;
  }
  struct tree_folder *folder = mem_zalloc(sizeof *folder);
  if (folder == NULL)
    goto failed;
  folder->path = mem_strdup(path);
  folder->hash = hash;
  folder->source = source;
  if (folder->path == NULL ||
      !add_pointer(&tree->folders, &tree->folder_count, &tree->folder_cap, folder)) {
    folder_free(folder);
    goto failed;
  }
  *slot = folder;
  if (!link_to_parent(tree, folder))
    goto failed;
  return folder;
failed:
  tree->failed = true;
  return NULL;
}

struct tree_file *tree_file(struct tree *tree, struct tree_folder *folder, const char *name) {
  struct tree_file *file = mem_zalloc(sizeof *file);
  if (file == NULL || (file->name = mem_strdup(name)) == NULL ||
      !add_pointer(&folder->files, &folder->file_count, &folder->file_cap, file)) {
    if (file != NULL)
      mem_free(file->name);
    mem_free(file);
    tree->failed = true;
    return NULL;
  }
  file->folder = folder;
  const size_t last = folder->file_count - 1;
  if (folder->sorted == last && (last == 0 || strcmp(folder->files[last - 1]->name, name) < 0))
    folder->sorted++;
  return file;
}

static struct tree_file *find_among(const struct tree_folder *folder, const char *name,
                                    size_t count) {
  size_t low = 0;
  size_t high = folder->sorted < count ? folder->sorted : count;
  const size_t sorted = high;
  while (low < high) {
    const size_t mid = low + (high - low) / 2;
    const int order = strcmp(folder->files[mid]->name, name);
    if (order == 0)
      return folder->files[mid];
    if (order < 0)
      low = mid + 1;
    else
      high = mid;
  }
  for (size_t i = sorted; i < count; i++) {
    if (strcmp(folder->files[i]->name, name) == 0)
      return folder->files[i];
  }
  return NULL;
}

struct tree_file *tree_find_file(const struct tree_folder *folder, const char *name) {
  return find_among(folder, name, folder->file_count);
}

static void write_path(struct buf *out, const struct tree_folder *folder, const char *name) {
  buf_adds(out, folder->path);
  buf_addc(out, '/');
  buf_adds(out, name);
}

void tree_path(const struct tree_file *file, struct buf *out) {
  write_path(out, file->folder, file->name);
}

/* ---- patterns ---- */

/* One name against one part of a pattern. */
static bool match_name(const char *glob, size_t glob_len, const char *name, size_t len) {
  size_t g = 0;
  size_t n = 0;
  size_t star = SIZE_MAX;
  size_t star_n = 0;
  while (n < len) {
    if (g < glob_len && glob[g] == '*') {
      star = g++;
      star_n = n;
    } else if (g < glob_len && (glob[g] == '?' || glob[g] == name[n])) {
      g++;
      n++;
    } else if (star != SIZE_MAX) {
      g = star + 1;
      n = ++star_n;
    } else {
      return false;
    }
  }
  while (g < glob_len && glob[g] == '*')
    g++;
  return g == glob_len;
}

bool tree_match(const char *glob, const char *path, bool begins) {
  const size_t part = strcspn(glob, "/");
  const bool more_glob = glob[part] == '/';
  if (path[0] == '\0')
    return begins; /* what is left of the pattern may match what lies below */
  const size_t name = strcspn(path, "/");
  const bool more_path = path[name] == '/';
  if (part == 2 && memcmp(glob, "**", 2) == 0) {
    /* No folder, or this one and then perhaps others. */
    if (more_glob && tree_match(glob + part + 1, path, begins))
      return true;
    if (!more_path)
      return begins;
    return tree_match(glob, path + name + 1, begins);
  }
  if (!match_name(glob, part, path, name))
    return false;
  if (!more_path)
    return more_glob ? begins : !begins;
  return more_glob && tree_match(glob + part + 1, path + name + 1, begins);
}

const struct import_pattern *tree_pattern(size_t source, const char *path) {
  for (const struct import_pattern *p = import_sources[source]->files; p->glob != NULL; p++) {
    if (tree_match(p->glob, path, false))
      return p;
  }
  return NULL;
}

static bool leads_somewhere(size_t source, const char *path) {
  for (const struct import_pattern *p = import_sources[source]->files; p->glob != NULL; p++) {
    if (tree_match(p->glob, path, true))
      return true;
  }
  return false;
}

/* ---- walking ---- */

struct walk {
  struct tree *tree;
  size_t source;
  size_t root_len; /* with its slash */
  size_t known;    /* files of the folder before its names were read */
  int64_t now_ms;
  tree_trouble *trouble;
  void *data;
  struct buf path;
};

static void report(struct walk *walk, const char *path, int error) {
  if (walk->trouble != NULL)
    walk->trouble(walk->data, walk->source, path, strerror(error));
}

/* A folder that was visited already under another name. */
static bool is_known(struct walk *walk, const struct stat *st) {
  struct tree *tree = walk->tree;
  const uint64_t id = ((uint64_t)st->st_dev << 48) ^ (uint64_t)st->st_ino;
  for (size_t i = tree->seen_count; i > 0; i--) {
    if (tree->seen[i - 1] == id)
      return true;
  }
  void *seen = tree->seen;
  if (mem_grow(&seen, &tree->seen_cap, tree->seen_count + 1, sizeof *tree->seen) != PURSER_OK) {
    tree->failed = true;
    return true;
  }
  tree->seen = seen;
  tree->seen[tree->seen_count++] = id;
  return false;
}

static void visit(struct walk *walk, struct tree_folder *folder, unsigned depth);

static void take_name(struct walk *walk, struct tree_folder *folder, const struct dirent *entry) {
  struct buf *path = &walk->path;
  if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
    return;
  buf_clear(path);
  write_path(path, folder, entry->d_name);
  if (path->failed) {
    walk->tree->failed = true;
    return;
  }
  const char *below = path->data + walk->root_len;
  const struct import_pattern *pattern = tree_pattern(walk->source, below);
  const bool leads = leads_somewhere(walk->source, below);
  if (pattern == NULL && !leads)
    return;
  bool is_folder = entry->d_type == DT_DIR;
  bool is_file = entry->d_type == DT_REG;
  if (!is_folder && !is_file) {
    struct stat st;
    if (stat(path->data, &st) != 0)
      return; /* a link to nowhere */
    is_folder = S_ISDIR(st.st_mode);
    is_file = S_ISREG(st.st_mode);
  }
  if (is_folder && leads)
    (void)tree_folder(walk->tree, path->data, walk->source);
  if (!is_file || pattern == NULL || find_among(folder, entry->d_name, walk->known) != NULL)
    return;
  (void)tree_file(walk->tree, folder, entry->d_name);
}

static void read_names(struct walk *walk, struct tree_folder *folder) {
  DIR *dir = opendir(folder->path);
  if (dir == NULL) {
    if (errno != ENOENT)
      report(walk, folder->path, errno);
    return;
  }
  walk->known = folder->file_count; /* a folder has each name once */
  const struct dirent *entry;
  while ((entry = readdir(dir)) != NULL)
    take_name(walk, folder, entry);
  (void)closedir(dir);
  /* A change in the clock's same tick as this reading would not show. */
  const bool settled = folder->now_mtime_ns / 1000000 < walk->now_ms - FRESH_MS;
  folder->mtime_ns = settled ? folder->now_mtime_ns : 0;
  folder->changed = true;
}

static void visit(struct walk *walk, struct tree_folder *folder, unsigned depth) {
  struct stat st;
  if (folder->visited || depth > DEPTH_MAX)
    return;
  folder->visited = true;
  if (stat(folder->path, &st) != 0) {
    if (errno != ENOENT && errno != ENOTDIR)
      report(walk, folder->path, errno);
    return;
  }
  if (!S_ISDIR(st.st_mode) || is_known(walk, &st))
    return;
  folder->now_mtime_ns = tree_ns(st.st_mtim);
  if (folder->mtime_ns == 0 || folder->mtime_ns != folder->now_mtime_ns)
    read_names(walk, folder);
  folder->there = true;
  for (size_t i = 0; i < folder->folder_count; i++)
    visit(walk, folder->folders[i], depth + 1);
}

static size_t without_slashes(const char *path) {
  size_t len = strlen(path);
  while (len > 1 && path[len - 1] == '/')
    len--;
  return len;
}

void tree_walk(struct tree *tree, const char *root, size_t source, tree_trouble *trouble,
               void *data) {
  struct walk walk = {
      .tree = tree,
      .source = source,
      .root_len = without_slashes(root) + 1,
      .now_ms = clock_now_ms(&clock_system),
      .trouble = trouble,
      .data = data,
  };
  char *plain = mem_strndup(root, walk.root_len - 1);
  struct tree_folder *folder = plain != NULL ? tree_folder(tree, plain, source) : NULL;
  if (folder == NULL) {
    tree->failed = true;
  } else {
    visit(&walk, folder, 0);
  }
  buf_fini(&walk.path);
  mem_free(plain);
}

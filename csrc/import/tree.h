/* tree.h - the folders and files of the sources: what is remembered of them, and what is there now.
 *
 * A folder whose own time has not changed holds the same names, so it is not read again; a file whose size, time and inode are those that were
 * remembered has nothing new. One thread. */
#ifndef IMPORT_TREE_H
#define IMPORT_TREE_H

#include <time.h>

#include "import/import.h"
#include "import/piece.h"

struct tree_folder;

enum tree_state {
  TREE_GONE = 0, /* remembered, and not there (any more, or not looked for) */
  TREE_UNCHANGED,
  TREE_CHANGED, /* or new */
  TREE_DEFERRED /* a run of our own is at it */
};

struct tree_file {
  struct tree_folder *folder;
  char *name;
  /* As remembered; all 0 for a new one. */
  int64_t size, mtime_ns, inode, offset;
  /* As it is now. */
  int64_t now_size, now_mtime_ns, now_inode;
  size_t order; /* its place among those that are read */
  enum tree_state state;
  int error;  /* why it can't be looked at; 0 */
  bool known; /* there is a row for it */
  bool side;  /* of a subagent */
};

struct tree_folder {
  char *path;
  int64_t id;       /* 0: no row yet */
  int64_t mtime_ns; /* as remembered; 0: must be read */
  int64_t now_mtime_ns;
  int64_t stored_mtime_ns; /* of its row */
  size_t source;           /* index in import_sources */
  struct tree_file **files;
  size_t file_count, file_cap;
  struct tree_folder **folders;
  size_t folder_count, folder_cap;
  uint64_t hash;
  bool changed; /* its row must be written */
  bool visited;
  bool there;
  size_t sorted; /* so many files, the first, are in the order of their names */
  bool linked;   /* in its parent's list; a root is in none */
};

struct tree {
  struct tree_folder **folders; /* all of them */
  size_t folder_count, folder_cap;
  struct tree_folder **slots; /* by path, open addressing */
  size_t slot_count;
  uint64_t *seen; /* device and inode of the folders that were visited: links may go in circles */
  size_t seen_count, seen_cap;
  bool failed; /* memory was short */
};

void tree_fini(struct tree *tree);

/* The folder by that path, made if it is new (and linked below its parent, if that is known). NULL: memory. */
struct tree_folder *tree_folder(struct tree *tree, const char *path, size_t source);
/* NULL if it is not known. */
struct tree_file *tree_find_file(const struct tree_folder *folder, const char *name);
struct tree_file *tree_file(struct tree *tree, struct tree_folder *folder, const char *name);

/* Goes through everything below a root: folders that changed are read. tree_trouble is called for what can't be read, which is passed
 * over. */
typedef void tree_trouble(void *data, size_t source, const char *path, const char *reason);
void tree_walk(struct tree *tree, const char *root, size_t source, tree_trouble *trouble,
               void *data);
/* Then: asks all files of the folders that are there for their state. */
void tree_look_at_files(struct tree *tree, tree_trouble *trouble, void *data);
/* Both for one file by its path; false: it belongs to no source's pattern below one of the roots. */
bool tree_look(struct tree *tree, const char *root, size_t source, const char *path,
               tree_trouble *trouble, void *data);

/* Appends the file's path. */
void tree_path(const struct tree_file *file, struct buf *out);

/* The pattern of a source that a path below its root matches; NULL. */
const struct import_pattern *tree_pattern(size_t source, const char *path);

int64_t tree_ns(struct timespec time);

/* Whether a path below a root matches a pattern, or, `begins`, may have something below it that does. */
bool tree_match(const char *glob, const char *path, bool begins);

#endif

/* tree_files.c - asking the files of a tree for their state, by two threads where there are many: most of what an import that finds nothing
 * new does is wait for these answers. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "import/tree.h"

int64_t tree_ns(struct timespec time) {
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void note_state(struct tree_file *file, const struct stat *st) {
  file->now_size = (int64_t)st->st_size;
  file->now_mtime_ns = tree_ns(st->st_mtim);
  file->now_inode = (int64_t)st->st_ino;
  const bool same = file->known && file->size == file->now_size &&
                    file->mtime_ns == file->now_mtime_ns && file->inode == file->now_inode;
  const bool always = import_sources[file->folder->source]->always;
  file->state = same && !always ? TREE_UNCHANGED : TREE_CHANGED;
}

static void look_at_file(int folder_fd, struct tree_file *file) {
  struct stat st;
  struct buf path = BUF_INIT;
  int found = -1;
  if (folder_fd >= 0) {
    found = fstatat(folder_fd, file->name, &st, 0);
  } else {
    tree_path(file, &path);
    errno = ENOMEM;
    if (!path.failed)
      found = stat(path.data, &st);
  }
  const int why = errno;
  buf_fini(&path);
  if (found == 0 && S_ISREG(st.st_mode))
    note_state(file, &st);
  else if (found != 0 && why != ENOENT && why != ENOTDIR)
    file->error = why;
}

static void look_at_folder(const struct tree_folder *folder) {
  enum {
    FEW = 2 /* files that are sooner asked by their whole paths */
  };
  const int fd =
      folder->file_count > FEW ? open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  for (size_t i = 0; i < folder->file_count; i++)
    look_at_file(fd, folder->files[i]);
  if (fd >= 0)
    (void)close(fd);
}

/* Every other folder. */
struct share {
  const struct tree *tree;
  size_t first, step;
};

static void *look_at_share(void *data) {
  const struct share *share = data;
  for (size_t i = share->first; i < share->tree->folder_count; i += share->step) {
    if (share->tree->folders[i]->there)
      look_at_folder(share->tree->folders[i]);
  }
  return NULL;
}

static bool is_worth_a_thread(const struct tree *tree) {
  enum {
    MANY = 300
  };
  size_t files = 0;
  for (size_t i = 0; i < tree->folder_count; i++)
    files += tree->folders[i]->there ? tree->folders[i]->file_count : 0;
  return files >= MANY;
}

/* No signal of the process's may end up in it. */
static bool start(pthread_t *thread, struct share *share) {
  sigset_t all;
  sigset_t before;
  (void)sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
    return false;
  const bool started = pthread_create(thread, NULL, look_at_share, share) == 0;
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  return started;
}

static void report(const struct tree_file *file, tree_trouble *trouble, void *data) {
  struct buf path = BUF_INIT;
  if (file->error == 0 || trouble == NULL)
    return;
  tree_path(file, &path);
  trouble(data, file->folder->source, buf_text(&path), strerror(file->error));
  buf_fini(&path);
}

void tree_look_at_files(struct tree *tree, tree_trouble *trouble, void *data) {
  pthread_t thread;
  struct share shares[] = {{tree, 0, 2}, {tree, 1, 2}};
  if (is_worth_a_thread(tree) && start(&thread, &shares[1])) {
    (void)look_at_share(&shares[0]);
    (void)pthread_join(thread, NULL);
  } else {
    (void)look_at_share(&shares[0]);
    (void)look_at_share(&shares[1]);
  }
  for (size_t i = 0; i < tree->folder_count; i++) {
    const struct tree_folder *folder = tree->folders[i];
    for (size_t f = 0; folder->there && f < folder->file_count; f++)
      report(folder->files[f], trouble, data);
  }
}

bool tree_look(struct tree *tree, const char *root, size_t source, const char *path,
               tree_trouble *trouble, void *data) {
  size_t root_len = strlen(root);
  while (root_len > 1 && root[root_len - 1] == '/')
    root_len--;
  if (strncmp(path, root, root_len) != 0 || path[root_len] != '/' ||
      tree_pattern(source, path + root_len + 1) == NULL)
    return false;
  const char *slash = strrchr(path, '/');
  char *parent = mem_strndup(path, (size_t)(slash - path));
  struct tree_folder *folder = parent != NULL ? tree_folder(tree, parent, source) : NULL;
  mem_free(parent);
  if (folder == NULL) {
    tree->failed = true;
    return true;
  }
  folder->source = source; /* what is remembered of a folder does not say whose it is */
  struct tree_file *file = tree_find_file(folder, slash + 1);
  if (file == NULL)
    file = tree_file(tree, folder, slash + 1);
  if (file != NULL) {
    look_at_file(-1, file);
    report(file, trouble, data);
  }
  return true;
}

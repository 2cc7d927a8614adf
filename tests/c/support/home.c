/* home.c - making and importing; see home.h. */
#include "support/home.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void home_make(struct home *home, const struct tree_options *options) {
  struct tree_options here = *options;
  *home = (struct home){.catalog = NULL};
  books_open(&home->books, HOME_TODAY);
  (void)snprintf(home->path, sizeof home->path, "%s/home", home->books.temp.path);
  here.root = home->path;
  tree_make(&here, &home->truth);
  assert_ok(catalog_load(&home->catalog, NULL, NULL, &home->books.error), &home->books.error);
}

void home_remove(struct home *home) {
  books_close(&home->books);
  truth_fini(&home->truth);
  catalog_free(home->catalog);
}

void home_leave(struct home *home) {
  ledger_close(home->books.ledger);
  home->books.ledger = NULL;
}

void home_return(struct home *home) {
  const struct ledger_options options = {.path = temp_path(&home->books.temp, "purser.db"),
                                         .clock = &home->books.clock.clock};
  assert_ok(ledger_open(&home->books.ledger, &options, &home->books.error), &home->books.error);
}

void home_forget(struct home *home) {
  static const char *const names[] = {"purser.db", "purser.db-wal", "purser.db-shm"};
  home_leave(home);
  for (size_t i = 0; i < COUNT(names); i++)
    (void)unlink(temp_path(&home->books.temp, names[i]));
  home_return(home);
}

void home_import(struct home *home, const char *root, const char *const *paths, int threads) {
  static const char *const names[][2] = {{"claude", ".claude"},
                                         {"codex", ".codex"},
                                         {"gemini", ".gemini"},
                                         {"opencode", ".local/share/opencode"}};
  struct import_root roots[COUNT(names)];
  char folders[COUNT(names)][700];
  size_t count = 0;
  for (size_t i = 0; i < COUNT(names); i++) {
    (void)snprintf(folders[count], sizeof folders[count], "%s/%s", root, names[i][1]);
    if (access(folders[count], F_OK) != 0)
      continue;
    roots[count] = (struct import_root){names[i][0], folders[count]};
    count++;
  }
  const struct import_options options = {
      .roots = roots,
      .root_count = count,
      .paths = paths,
      .prompt_chars = 100,
      .threads = threads,
  };
  struct import_result result;
  assert_ok(import_sync(home->books.ledger, home->catalog, &options, &result, &home->books.error),
            &home->books.error);
  import_result_fini(&result);
}

/* ---- files ---- */

static void add_file(struct home_files *files, const char *path) {
  if (files->count == files->cap) {
    files->cap = files->cap != 0 ? files->cap * 2 : 64;
    files->paths = realloc(files->paths, files->cap * sizeof *files->paths);
    assert_non_null(files->paths);
  }
  files->paths[files->count] = strdup(path);
  assert_non_null(files->paths[files->count]);
  files->count++;
}

static void walk(const char *folder, struct home_files *files) {
  DIR *dir = opendir(folder);
  const struct dirent *entry;
  assert_non_null(dir);
  while ((entry = readdir(dir)) != NULL) {
    char path[1200];
    struct stat info;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    (void)snprintf(path, sizeof path, "%.700s/%.400s", folder, entry->d_name);
    if (lstat(path, &info) != 0 || S_ISLNK(info.st_mode))
      continue;
    if (S_ISDIR(info.st_mode)) {
      walk(path, files);
    } else {
      add_file(files, path);
    }
  }
  (void)closedir(dir);
}

static int compare(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

void home_files(const char *folder, struct home_files *out) {
  *out = (struct home_files){0};
  walk(folder, out);
  qsort(out->paths, out->count, sizeof *out->paths, compare);
}

void home_files_free(struct home_files *files) {
  for (size_t i = 0; i < files->count; i++)
    free(files->paths[i]);
  free(files->paths);
}

void home_files_shuffle(struct home_files *files, struct rng *rng) {
  for (size_t i = files->count; i > 1; i--) {
    const size_t k = (size_t)rng_below(rng, (int64_t)i);
    char *const kept = files->paths[i - 1];
    files->paths[i - 1] = files->paths[k];
    files->paths[k] = kept;
  }
}

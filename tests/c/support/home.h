/* home.h - a home folder of made-up transcripts, a ledger to import it into, and whether the ledger says what they amount to. */
#ifndef SUPPORT_HOME_H
#define SUPPORT_HOME_H

#include "import/import.h"
#include "support/books.h"
#include "tree.h"

/* When "today" is: after all that a tree tells of. */
#define HOME_TODAY "2026-11-25T12:00:00Z"

struct home {
  struct books books;
  struct truth truth;
  struct catalog *catalog;
  char path[600];
};

/* The tree in a folder "home" of the ledger's. `options->root` is ignored. */
void home_make(struct home *home, const struct tree_options *options);
/* Audits, closes, removes. */
void home_remove(struct home *home);

/* Begins a new, empty ledger. */
void home_forget(struct home *home);
/* Closes the ledger, and opens it again: it is other processes' meanwhile. */
void home_leave(struct home *home);
void home_return(struct home *home);

/* Imports all of it, or only these files (paths, NULL-terminated), with so many readers. Fails the test if it can't. */
void home_import(struct home *home, const char *root, const char *const *paths, int threads);

/* Fails the test, with the requests that differ, unless every cut of the ledger is the truth: days (in two zones), models, workspaces,
 * sessions, main line and side chains, sources, cost; rollups and log alike. */
void home_check(struct home *home, const char *when);

/* The regular files below a folder, in the order of their paths; home_files_free. */
struct home_files {
  char **paths;
  size_t count, cap;
};
void home_files(const char *folder, struct home_files *out);
void home_files_free(struct home_files *files);
void home_files_shuffle(struct home_files *files, struct rng *rng);

#endif

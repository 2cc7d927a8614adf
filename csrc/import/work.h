/* work.h - the files of an import, dealt out to reader threads, and the pieces that come of them.
 *
 * The files are read in a given order, a subagent's pieces come after those of all files before it: what it belongs to is stored by then. There is
 * a fixed number of pieces, so that readers wait for the ledger and not for memory. Without threads the caller reads itself. */
#ifndef IMPORT_WORK_H
#define IMPORT_WORK_H

#include "import/reader.h"

struct work_item {
  struct tree_file *file;
  struct buf state; /* what is remembered of it */
};

struct work;

/* `items` is borrowed until work_end, and their order is the order of reading. With 0 threads the caller reads when it takes. */
int work_begin(struct work **out, struct work_item *items, size_t count, int threads,
               const struct catalog *catalog, const struct import_options *options,
               struct error *error);

/* The next piece, the caller's until work_give_back. NULL when everything was read, or, unless `wait`, when none is ready. */
struct piece *work_take(struct work *work, bool wait);
void work_give_back(struct work *work, struct piece *piece);

/* Stops the readers, waits for them and frees everything. NULL is fine. */
void work_end(struct work *work);

#endif

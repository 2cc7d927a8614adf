/* place.h - which workspace a folder belongs to: the git root, which the worktrees of one repository share, else the folder itself.
 *
 * As the editor tells it (lua/purser/workspace.lua), but from the files alone: an import asks for hundreds of folders. A folder that is not
 * there any more stays as it was recorded. */
#ifndef IMPORT_PLACE_H
#define IMPORT_PLACE_H

#include "base/buf.h"

/* Appends the workspace of a folder; look at the buffer's status. */
void place_find(const char *folder, struct buf *out);

/* Answers that were given; one thread. */
struct place_known {
  uint64_t hash;
  char *folder;
  char *workspace;
};
struct places {
  struct place_known *items;
  size_t count, cap;
};
void places_fini(struct places *places);
/* NULL: out of memory. Lives as long as the places. */
const char *places_find(struct places *places, const char *folder);

#endif

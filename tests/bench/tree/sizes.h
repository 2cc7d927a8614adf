/* sizes.h - how large the files of a folder are: mostly small, a few giants. */
#ifndef TREE_SIZES_H
#define TREE_SIZES_H

#include <stddef.h>
#include <stdint.h>

struct sizes {
  int64_t *bytes;
  size_t count;
};

/* `per_gb` files to the gigabyte, at least six, log-normal, together about `total`; from a gigabyte on some above 50 MB. */
void sizes_plan(struct sizes *sizes, uint64_t seed, int64_t total, int per_gb);
void sizes_free(struct sizes *sizes);

#endif

/* tree.c - the whole of a tree; see tree.h. */
#include "tree.h"

#include "writers.h"

void tree_make(const struct tree_options *options, struct truth *truth) {
  static const struct {
    enum tree_client client;
    int share; /* of the bytes, where several clients are wanted */
    void (*write)(struct world *world, int64_t bytes);
  } writers[] = {
      {TREE_CLAUDE, 16, claude_write},
      {TREE_CODEX, 5, codex_write},
      {TREE_GEMINI, 1, gemini_write},
      {TREE_OPENCODE, 1, opencode_write},
  };
  struct world world;
  int shares = 0;
  truth_init(truth);
  for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++)
    shares += (options->clients & writers[i].client) != 0 ? writers[i].share : 0;
  world_open(&world, options, truth);
  for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++) {
    if ((options->clients & writers[i].client) != 0)
      writers[i].write(&world, options->bytes * writers[i].share / shares);
  }
  world_close(&world);
}

/* writers.h - a client each: writes a folder of about so many bytes. */
#ifndef TREE_WRITERS_H
#define TREE_WRITERS_H

#include "world.h"

void claude_write(struct world *world, int64_t bytes);
void codex_write(struct world *world, int64_t bytes);
void gemini_write(struct world *world, int64_t bytes);
void opencode_write(struct world *world, int64_t bytes);

#endif

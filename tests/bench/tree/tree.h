/* tree.h - makes folders of transcripts as the clients write them, and says what they amount to.
 *
 * The shapes are those of real folders: sizes spread log-normally with a few giants, some 2,000 files to the gigabyte, usage on 22 % of
 * the bytes, the rest tool output with escapes, Unicode and base64; and the traps of trap.h. Every text is made up here. */
#ifndef TREE_TREE_H
#define TREE_TREE_H

#include "truth.h"

enum tree_client {
  TREE_CLAUDE = 1,   /* .claude */
  TREE_CODEX = 2,    /* .codex */
  TREE_GEMINI = 4,   /* .gemini */
  TREE_OPENCODE = 8, /* .local/share/opencode */
};

struct tree_options {
  const char *root; /* the home folder to write into; made if it is missing */
  uint64_t seed;
  int64_t bytes;     /* about so large */
  uint64_t traps;    /* TRAP_BIT */
  int density;       /* percent: how often a trap is planted; 100 is usual */
  unsigned clients;  /* tree_client */
  int files_per_gb;  /* 0: 2,000 */
  int usage_percent; /* of the bytes that are lines with usage; 0: 22 */
};

/* Writes the tree. The truth is the caller's: truth_fini. Ends the process when a file can't be written. */
void tree_make(const struct tree_options *options, struct truth *truth);

#endif

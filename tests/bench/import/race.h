/* race.h - two programs on one tree, in turns. */
#ifndef IMPORT_RACE_H
#define IMPORT_RACE_H

#include <stdio.h>

#include "process.h"
#include "tree.h"

enum lap {
  LAP_CAT,       /* every byte of the tree, read by cat */
  LAP_FLOOR,     /* ... into one buffer, without a process */
  LAP_COLD,      /* into an empty ledger */
  LAP_UNCHANGED, /* again, nothing new */
  LAP_APPENDED,  /* one line more, until a new process answers */
  LAP_HOOKED,    /* the same with the client's hook set up, which reads its session alone */
  LAPS
};

enum {
  ROUNDS_MAX = 15
};

struct laps {
  int64_t ns[LAPS][ROUNDS_MAX];
  int64_t cpu_ns[LAPS][ROUNDS_MAX];
  int counts[LAPS];
  int64_t peak_kib;
  size_t wrong;
  bool ran;
};

struct race {
  char folder[600];
  char home[700]; /* the tree */
  char ledger[700];
  char rows[700];      /* what ccusage printed */
  char grows[900];     /* the transcript that gets a line more */
  char session[64];    /* its session */
  const char *purser;  /* the program */
  const char *ccusage; /* the other one, NULL: not there */
  struct truth truth;
  struct laps ours, theirs;
  size_t row_count;
};

/* Makes the tree and runs the laps, `rounds` times each. */
void race_run(struct race *race, int64_t bytes, int rounds);
void race_remove(struct race *race);
int64_t laps_median(const struct laps *laps, enum lap lap);
int64_t laps_median_cpu(const struct laps *laps, enum lap lap);

#endif

/* world.h - what the writers of all clients share: folders, files, names, times, text without end. A tool of tests: what can't be done
 * ends the process with a message. */
#ifndef TREE_WORLD_H
#define TREE_WORLD_H

#include "base/buf.h"
#include "dice.h"
#include "tree.h"
#include "truth.h"

#define DAY_MS  INT64_C(86400000)
#define HOUR_MS INT64_C(3600000)

_Noreturn void tree_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* realloc(count * size), or the end. */
void *tree_grown(void *old, size_t count, size_t size);

/* ---- text: what tools print, as the content of a JSON string ---- */

struct text {
  char *bytes;
  size_t *starts; /* of pieces: none ends in the middle of an escape or of a character */
  size_t pieces, len;
};

void text_make(struct text *text, size_t size, uint64_t seed, bool decoys);
void text_free(struct text *text);
/* Appends `len` bytes or a few more. */
void text_add(const struct text *text, struct dice *dice, size_t len, struct buf *out);

/* ---- places ---- */

struct workspace {
  const char *cwd;    /* the folder */
  const char *json;   /* the same as a client writes it */
  const char *folder; /* Claude Code's name for it */
  uint32_t name;
};

struct world {
  const struct tree_options *options;
  struct truth *truth;
  struct text text;
  struct workspace *workspaces;
  int workspace_count;
  int64_t first_ms; /* the first day */
};

void world_open(struct world *world, const struct tree_options *options, struct truth *truth);
void world_close(struct world *world);
/* Rather the first ones: nobody works in all projects alike. */
const struct workspace *world_workspace(const struct world *world, struct dice *dice);
/* An instant within the tree's days, on the clock of people who sleep. */
int64_t world_moment(const struct world *world, struct dice *dice);

/* How many files there are to a gigabyte. */
int world_files_per_gb(const struct world *world);
/* So many bytes there should be where usage has taken these. */
int64_t world_share(const struct world *world, int64_t usage_bytes);

bool world_has(const struct world *world, enum trap trap);
/* Whether to plant a trap here: it is wanted, and the dice say so. Always rolls, so that leaving out one trap changes no other. */
bool world_springs(const struct world *world, struct dice *dice, enum trap trap, int permille);
void world_planted(struct world *world, enum trap trap);

/* ---- files ---- */

struct out {
  struct buf buf;
  struct buf path;
  int fd;
  int64_t written; /* to the file, without what is in the buffer */
};

/* Makes the file below the tree's folder and the folders that it lies in. */
void out_open(struct out *out, const struct world *world, const char *path);
int64_t out_size(const struct out *out);
/* Writes what is buffered when it has become much. */
void out_flush(struct out *out, bool all);
/* The file's time becomes `at_ms`, as if it had been written then. */
void out_close(struct out *out, struct world *world, int64_t at_ms);

/* ---- names ---- */

enum {
  ID_SIZE = 48
};

void id_uuid(char *out, struct dice *dice);
/* Version 7: holds the time. */
void id_uuid7(char *out, struct dice *dice, int64_t at_ms);
/* `prefix` and so many letters and digits. */
void id_made(char *out, const char *prefix, int letters, struct dice *dice);
/* "2026-11-24T10:00:00.123Z"; holds 32 bytes. */
void time_write(char *out, int64_t at_ms);

#endif

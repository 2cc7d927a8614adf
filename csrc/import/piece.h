/* piece.h - what was read of a file between two places where reading may stop: requests, the runs they belong to, and how far
 * the file is accounted for. Filled by a reader, stored by the thread that owns the ledger, emptied and used again.
 *
 * Texts lie in one buffer, each with its terminator, and are known by their offset: they survive its growth. Names that come
 * again and again (models, sessions) are kept once per piece. */
#ifndef IMPORT_PIECE_H
#define IMPORT_PIECE_H

#include "base/buf.h"
#include "ledger/ledger.h"

struct tree_file;

/* A run as its prompt tells it; it becomes a row with its first request. */
struct piece_run {
  uint64_t hash; /* of its key: the same prompt, met again in a copy, is the same run */
  int64_t at_ms; /* the prompt's time; without one, that of the first request */
  size_t session, cwd, branch, model, effort, prompt, parent; /* offsets */
  int64_t prompt_bytes;
  bool
      side; /* no run of its own: its requests belong to whatever `parent` or `session` had open at their time */
};

struct piece_request {
  size_t key, request_id;                    /* offsets */
  int64_t hash;                              /* of the key, as it is stored */
  int32_t run;                               /* index */
  int32_t model, tier, speed, session, card; /* indices of names */
  uint32_t flags;
  bool copied; /* `session` is the one that it was copied from */
  int64_t at_ms;
  int64_t reported_nanousd;
  purser_usage usage;
  struct price price;
};

struct piece_fault {
  char kind[24];
  int64_t line;
  size_t text; /* offset */
};

/* Where in a file reading goes on, and how to know that what lies before it is what was read. */
struct file_mark {
  int64_t offset; /* after the last whole line */
  int64_t line;   /* lines before it */
  int64_t head_len,
      tail_len; /* how many bytes at the file's beginning and before the offset were hashed */
  int64_t head_hash, tail_hash;
};

struct piece {
  struct tree_file *file;
  struct buf text;
  struct buf state; /* what the reader needs to go on after it */
  size_t *names;    /* offsets */
  size_t name_count, name_cap;
  struct piece_run *runs;
  size_t run_count, run_cap;
  struct piece_request *requests;
  size_t request_count, request_cap;
  struct piece_fault *faults;
  size_t fault_count, fault_cap;
  struct file_mark mark;
  int64_t bytes, lines, malformed, duplicates; /* since the piece before */
  bool has_mark;      /* mark and state are good: a reader that failed has none */
  bool rewritten;     /* the file was begun anew */
  bool last;          /* of the file */
  bool failed;        /* memory was short: it must not be stored */
  bool unread;        /* the file could not be read to its end */
  struct piece *next; /* in whatever list it is */
};

void piece_fini(struct piece *piece);
/* Keeps the memory. */
void piece_clear(struct piece *piece);

static inline const char *piece_text(const struct piece *piece, size_t offset) {
  return piece->text.data + offset;
}

/* All set `failed` when memory is short, and then return something harmless. */
size_t piece_put(struct piece *piece, const char *text, size_t len);
int32_t piece_name(struct piece *piece, const char *text, size_t len);
struct piece_run *piece_add_run(struct piece *piece);
struct piece_request *piece_add_request(struct piece *piece);
void piece_add_fault(struct piece *piece, const char *kind, int64_t line, purser_str text);

#endif

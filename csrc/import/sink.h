/* sink.h - the inside of struct import_sink: from the events of one file to a piece. */
#ifndef IMPORT_SINK_H
#define IMPORT_SINK_H

#include "import/import.h"
#include "import/piece.h"
#include "pricing/memo.h"

enum {
  SINK_WINDOW =
      256 /* responses that are restated meet themselves here, mostly; the ledger sees to the others */
};

/* A response that was seen lately. */
struct sink_seen {
  uint64_t hash;    /* of its id and its request's */
  uint64_t figures; /* a hash of its usage */
  int64_t total;
  int64_t at_ms;
  uint32_t serial; /* of the piece that it is in */
  int32_t index;   /* in that piece */
  bool final, side;
};

/* The run that is open, as the file has told it so far. */
struct sink_run {
  struct buf key, prompt, session, cwd, branch;
  int64_t at_ms;
  int64_t prompt_bytes;
  bool begun;    /* a prompt was seen */
  int32_t index; /* in the present piece; -1 not yet */
};

struct import_sink {
  const struct import_source *source;
  struct price_memo memo;
  const struct import_options *options;
  struct piece *piece;
  /* Takes the piece that is full and gives an empty one in its place (piece->file and all). False: stop. */
  bool (*deliver)(struct import_sink *sink);
  void *data;
  struct sink_run run;
  struct buf session, parent, cwd, branch, model, effort; /* of what comes next */
  struct buf scratch, run_key;
  int64_t now_ms;  /* the last time that was told; the file's own before any was */
  int64_t line;    /* being read, from 1; 0 not a line */
  uint32_t serial; /* of the piece */
  bool side;       /* a subagent's file */
  bool stopped;
  struct sink_seen seen[SINK_WINDOW];
};

void sink_init(struct import_sink *sink, const struct import_source *source,
               const struct catalog *catalog, const struct import_options *options);
void sink_fini(struct import_sink *sink);
/* For another file. `at_ms`: when it was last written. */
void sink_begin(struct import_sink *sink, struct piece *piece, bool side, int64_t at_ms);
/* Another piece of the same file. */
void sink_turn(struct import_sink *sink, struct piece *piece);

/* Where it stands, for a later reader of the same file. */
void sink_save(const struct import_sink *sink, struct buf *out);
struct unpack;
bool sink_load(struct import_sink *sink, struct unpack *in);

/* Usage of one request, all texts as they are. */
struct sink_usage {
  purser_str id, request_id, session, copied_from, model, tier, speed, effort;
  int64_t at_ms; /* 0 unknown */
  int64_t reported_nanousd;
  uint32_t flags;
  purser_usage usage;
};
void sink_add(struct import_sink *sink, const struct sink_usage *usage);

/* What follows was written there; an empty text leaves what is known. */
void sink_place(struct import_sink *sink, purser_str session, purser_str cwd, purser_str branch);

#endif

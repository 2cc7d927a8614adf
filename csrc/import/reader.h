/* reader.h - reads one file from where it was left, and fills pieces.
 *
 * A reader belongs to one thread and is used for one file after the other: its buffers stay. */
#ifndef IMPORT_READER_H
#define IMPORT_READER_H

#include "import/scan.h"
#include "import/sink.h"
#include "import/tree.h"
#include "usage/decoder.h"

struct reader {
  const struct catalog *catalog;
  const struct import_options *options;
  struct import_sink sink;
  struct decoder *decoders[IMPORT_SOURCES_MAX]; /* by source, made when first used */
  size_t source;                                /* index of the present one */
  scan_line_fn *scan;
  char *bytes;
  size_t cap;
  struct buf path;
  struct error error;
};

void reader_init(struct reader *reader, const struct catalog *catalog,
                 const struct import_options *options);
void reader_fini(struct reader *reader);

/* What is remembered of a file beside its row. */
struct reader_state {
  const void *bytes;
  size_t len;
};

/* Reads the file to its end into sink->piece (which the caller has set, by sink_turn) and those that `deliver` puts in its place. The
 * last piece is left in the sink, with `last` set and `unread` if the file could not be read. */
void reader_read(struct reader *reader, const struct tree_file *file,
                 const struct reader_state *state, struct piece *piece);

#endif

/* jsonl_write.h - bookings as the JSON lines that jsonl.h reads. */
#ifndef IMPORT_JSONL_WRITE_H
#define IMPORT_JSONL_WRITE_H

#include "ledger/dump.h"

/* What was written: for a summary. */
struct jsonl_written {
  int64_t lines;
  int64_t runs;
  int64_t requests;
};

/* Writes the log as lines, in pieces of some size: `put` takes each and returns 0, or a status that ends it. The same log gives the same
 * bytes. */
int jsonl_export(struct ledger *ledger, const struct dump_range *range,
                 int (*put)(void *data, const char *bytes, size_t len), void *data,
                 struct jsonl_written *out, struct error *error);

#endif

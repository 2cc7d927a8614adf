/* record_internal.h - between record.c and the readers of each kind of record. */
#ifndef IMPORT_RECORD_INTERNAL_H
#define IMPORT_RECORD_INTERNAL_H

#include "import/record.h"

/* Reads opencode's SQLite database read-only: what the session and its children have recorded since `since_ms`. Stateless: the ledger's one
 * door knows what it has seen. */
int record_opencode_read(const struct record_source *source, decoder_sink sink, void *data,
                         int *files, struct error *error);

#endif

/* store.h - pieces into the ledger: which run a request belongs to, and all of it through the one door. One thread, the ledger's. */
#ifndef IMPORT_STORE_H
#define IMPORT_STORE_H

#include "import/import.h"
#include "import/piece.h"
#include "import/place.h"
#include "import/tree.h"

struct store;

int store_open(struct store **out, struct ledger *ledger, const struct import_options *options,
               struct import_result *result, struct error *error);
void store_close(struct store *store);

/* Inside a transaction (unless it is dry): everything of the piece, and how far its file is accounted for. */
int store_piece(struct store *store, struct piece *piece, struct error *error);
/* Before a commit: what was put off. */
int store_settle(struct store *store, struct error *error);
/* After it: the counts of what is safe now go into the result. */
void store_committed(struct store *store);

/* At the end, inside a transaction: the folders whose names need not be read again. */
int store_folders(struct store *store, struct tree *tree, struct error *error);

/* Remembers a fault in the result. */
void store_fault(struct import_result *result, const struct import_source *source, const char *kind,
                 const char *path, int64_t line, const char *text);
/* The counts of a source; NULL for one that is not in the result. */
struct import_counts *store_counts(struct import_result *result,
                                   const struct import_source *source);

#endif

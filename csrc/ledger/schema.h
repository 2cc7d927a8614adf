/* schema.h - the tables, and how an older ledger becomes a present one. */
#ifndef LEDGER_SCHEMA_H
#define LEDGER_SCHEMA_H

#include "ledger/db.h"

/* A step takes the schema from its position in the list to the next version, inside a transaction. */
struct schema_step {
  const char *sql[4]; /* up to the first NULL */
};

/* What the steps leave to do that SQL can't: runs at the end of an upgrade from `from`, in its transaction. */
struct schema_finish {
  int (*run)(void *data, int64_t from, struct error *error);
  void *data;
};

extern const struct schema_step schema_steps[];
extern const int schema_version; /* how many steps there are */

/* Brings a ledger up to `count` steps. A new one is made in one transaction, with rollback journal, so that its header is whole in the
 * file from the start; an older one is copied to PATH.bak-<version> first, and `finish` (NULL: nothing) is called for it.
 * PURSER_ENEWER beyond that. */
int schema_upgrade(struct db *db, const struct schema_step *steps, int count,
                   const struct schema_finish *finish, struct error *error);

#endif

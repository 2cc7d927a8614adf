/* schema.h - the tables, and how an older ledger becomes a present one. */
#ifndef LEDGER_SCHEMA_H
#define LEDGER_SCHEMA_H

#include "ledger/db.h"

/* A step takes the schema from its position in the list to the next version, inside a transaction. */
struct schema_step {
  const char *sql[4]; /* up to the first NULL */
};

extern const struct schema_step schema_steps[];
extern const int schema_version; /* how many steps there are */

/* Brings a ledger up to `count` steps. A new one is made in one transaction, with rollback journal, so that its header is whole in the
 * file from the start; an older one is copied to PATH.bak-<version> first. PURSER_ENEWER beyond that. */
int schema_upgrade(struct db *db, const struct schema_step *steps, int count, struct error *error);

#endif

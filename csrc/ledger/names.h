/* names.h - strings that come again and again (agents, models, sessions) are stored once and known by a number; "" is 0. */
#ifndef LEDGER_NAMES_H
#define LEDGER_NAMES_H

#include "ledger/db.h"

struct name_entry {
  char *text; /* NULL: free */
  uint64_t hash;
  int64_t id;
};

/* What this handle has met. Names are never changed or deleted, so that it never is wrong, short of a rollback. */
struct names {
  struct name_entry *entries; /* open addressing; NULL until first used */
  size_t slots;               /* a power of two */
  size_t count;
  bool fresh; /* some were added by the open transaction */
};

void names_fini(struct names *names);
/* Forgets everything: the transaction that may have added some was rolled back. */
void names_rolled_back(struct names *names);
void names_committed(struct names *names);

/* The id of a name, stored if it is new. Inside a transaction. */
int names_intern(struct names *names, struct db *db, const char *text, int64_t *id,
                 struct error *error);
/* The id of a name; PURSER_ENOTFOUND (without a message) if it was never stored. */
int names_find(struct names *names, struct db *db, const char *text, int64_t *id,
               struct error *error);

/* A name to filter by as a parameter: null where `text` is NULL; *nothing is set where it was never stored. */
int names_filter(struct names *names, struct db *db, const char *text, struct db_value *out,
                 bool *nothing, struct error *error);

#endif

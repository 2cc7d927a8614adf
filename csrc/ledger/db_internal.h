/* db_internal.h - the inside of struct db, for db.c, db_wait.c and db_error.c. */
#ifndef LEDGER_DB_INTERNAL_H
#define LEDGER_DB_INTERNAL_H

#include "ledger/db.h"
#include "ledger/turn.h"

enum {
  STATEMENT_BITS = 8,
  STATEMENT_SLOTS = 1 << STATEMENT_BITS /* more than there are statements */
};

struct statement {
  const char *sql; /* NULL: free */
  sqlite3_stmt *stmt;
  bool busy;
};

struct db {
  sqlite3 *handle;
  char *path;
  const char *vfs;
  struct checkpointer *checkpointer; /* NULL until the log was long for the first time */
  bool read_only;
  int32_t busy_ms;
  int64_t
      wait_start_ns; /* of the lock that is waited for now; a real clock's time, not the injected one's */
  bool met_others; /* the last transaction had to wait for its beginning */
  bool asks_once;  /* a lock that is taken is an answer, nothing to wait for */
  bool turns_known;
  struct turn turn;
  struct db_wait last_wait;
  uint64_t random;
  struct statement statements[STATEMENT_SLOTS];
};

/* SQLite's busy handler; `data` is the struct db. */
int db_wait_for_others(void *data, int count);

#endif

/* db_internal.h - the inside of struct db, for db.c and db_error.c. */
#ifndef LEDGER_DB_INTERNAL_H
#define LEDGER_DB_INTERNAL_H

#include "ledger/db.h"

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
  bool read_only;
  int32_t busy_ms;
  int64_t
      wait_start_ns; /* of the lock that is waited for now; a real clock's time, not the injected one's */
  bool met_others; /* the last transaction had to wait for its beginning */
  uint64_t random;
  struct statement statements[STATEMENT_SLOTS];
};

#endif

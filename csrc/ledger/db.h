/* db.h - SQLite as the ledger and the budgets use it: one connection, cached statements, an own busy handler, and errors
 * that say what to do.
 *
 * Internal to ledger/ and budget/. Statements are named by their text: a string literal that is used at one place. The pattern is
 *
 *   struct query q = QUERY_INIT;
 *   int status = db_query(db, &q, SQL, values, count, error);
 *   while (status == PURSER_OK && (status = db_step(db, &q, error)) == DB_ROW) { ... q.stmt ...; status = PURSER_OK; }
 *   db_done(&q);
 */
#ifndef LEDGER_DB_H
#define LEDGER_DB_H

#include <sqlite3.h>

#include "base/error.h"
#include "base/public.h"

struct db;

enum {
  DB_ROW = 1 /* db_step: a row is there; every status is 0 or negative */
};

struct db_options {
  const char *vfs; /* NULL: SQLite's default; lives as long as the connection */
  bool read_only;
  bool immutable;  /* read only, and nobody writes: needs no lock files beside it */
  int32_t busy_ms; /* how long another process is waited for */
};

/* Opens a file that exists. Touches nothing of it before the first statement. The caller closes, also after a failure. */
int db_open(struct db **out, const char *path, const struct db_options *options,
            struct error *error);
void db_close(struct db *db);
sqlite3 *db_handle(struct db *db);
const char *db_path(const struct db *db);
bool db_read_only(const struct db *db);

/* ---- values and statements ---- */

struct db_value {
  enum {
    DB_INT,
    DB_TEXT,
    DB_BLOB,
    DB_NULL
  } kind;
  int64_t number;   /* of a blob: its length */
  const char *text; /* NULL is stored as "" */
};

struct db_value db_int(int64_t number);
struct db_value db_text(const char *text);
struct db_value db_blob(const void *bytes, size_t len);
struct db_value db_null(void);

struct query {
  sqlite3_stmt *stmt;
  struct statement *slot; /* NULL: not cached */
};
#define QUERY_INIT ((struct query){0})

/* A statement with its values bound, ready for db_step. Give it to db_done when done, whatever came. */
int db_query(struct db *db, struct query *out, const char *sql, const struct db_value *values,
             size_t count, struct error *error);
/* DB_ROW, 0 at the end, or negative. */
int db_step(struct db *db, struct query *query, struct error *error);
void db_done(struct query *query);

/* Runs a statement that returns nothing. */
int db_run(struct db *db, const char *sql, const struct db_value *values, size_t count,
           struct error *error);
/* The first column of the first row as an integer; PURSER_ENOTFOUND without a row, then without a message. */
int db_get_int(struct db *db, const char *sql, const struct db_value *values, size_t count,
               int64_t *out, struct error *error);
/* The same as text, the caller's (mem_free). */
int db_get_text(struct db *db, const char *sql, const struct db_value *values, size_t count,
                char **out, struct error *error);
/* Several statements of schema, not cached. */
int db_script(struct db *db, const char *sql, struct error *error);

/* Text of a column; "" for NULL. Valid until the next step. */
const char *db_column_text(sqlite3_stmt *stmt, int column);

/* ---- transactions ---- */

/* Whether another writer waits for long already (turn.h). */
bool db_is_awaited(const struct db *db);
int db_begin(struct db *db, struct error *error); /* BEGIN IMMEDIATE */
int db_commit(struct db *db, struct error *error);
void db_rollback(struct db *db);
bool db_in_transaction(const struct db *db);

/* Whether it could be written, without writing or waiting: a folder in which no log can be made shows only now. That somebody else is
 * writing is a yes. */
int db_probe_write(struct db *db, struct error *error);

/* Waits a little for other processes; false when that has been long enough since SQLite's busy handler was last called for the first
 * time, or db_wait_begin(). For the few places where SQLite does not ask the busy handler. */
void db_wait_begin(struct db *db);
bool db_wait(struct db *db);

/* What the last db_begin() had to wait for: how long it took, and how often the lock was looked at. For measurements. */
struct db_wait {
  int64_t ns;
  int32_t tries;
};
struct db_wait db_last_wait(const struct db *db);

/* Grows whenever the file changes, by whomever; current from the first statement of a transaction on. */
uint32_t db_change_counter(struct db *db);

/* Status and message for SQLite's last failure on this connection: names the file, and says what to do. */
int db_fail(struct db *db, int rc, struct error *error);
/* The same for a status of our own. */
int db_fail_status(const char *path, int status, const char *detail, struct error *error);

#endif

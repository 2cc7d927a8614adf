/* db.c - the connection, its statements and transactions; see db.h. Failures are put into words in db_error.c. */
#include "ledger/db.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ledger/checkpoint.h"
#include "ledger/db_internal.h"

/* ---- the log behind the ledger ---- */

/* SQLite has just committed, and let go of its locks. */
static int after_commit(void *data, sqlite3 *handle, const char *name, int pages) {
  struct db *db = data;
  if (pages < CHECKPOINT_PAGES)
    return SQLITE_OK;
  if (db->checkpointer == NULL)
    db->checkpointer = checkpointer_new(db->path, db->vfs);
  if (db->checkpointer != NULL && pages >= CHECKPOINT_WAIT_PAGES)
    checkpointer_run(db->checkpointer);
  else if (db->checkpointer != NULL)
    checkpointer_wake(db->checkpointer);
  else /* no thread to be had: then here, as SQLite would */
    (void)sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
  return SQLITE_OK;
}

/* ---- opening ---- */

static void write_immutable_uri(struct buf *out, const char *path) {
  buf_adds(out, "file:");
  for (; *path != '\0'; path++) {
    if (*path == '?' || *path == '#' || *path == '%')
      buf_addf(out, "%%%02x", (unsigned char)*path);
    else
      buf_addc(out, *path);
  }
  buf_adds(out, "?immutable=1");
}

static int open_handle(struct db *db, const struct db_options *options) {
  struct buf uri = BUF_INIT;
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE |
              (db->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
  if (options->immutable) {
    write_immutable_uri(&uri, db->path);
    flags |= SQLITE_OPEN_URI;
  }
  const char *name = options->immutable ? uri.data : db->path;
  const int rc =
      uri.failed ? SQLITE_NOMEM : sqlite3_open_v2(name, &db->handle, flags, options->vfs);
  buf_fini(&uri);
  if (rc != SQLITE_OK)
    return rc;
  (void)sqlite3_busy_handler(db->handle, db_wait_for_others, db);
  (void)sqlite3_wal_hook(db->handle, after_commit, db);
  (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
  (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
  return SQLITE_OK;
}

int db_open(struct db **out, const char *path, const struct db_options *options,
            struct error *error) {
  *out = NULL;
  struct db *db = mem_zalloc(sizeof *db);
  if (db == NULL)
    return db_fail_status(path, PURSER_ENOMEM, NULL, error);
  db->busy_ms = options->busy_ms;
  db->read_only = options->read_only;
  db->vfs = options->vfs;
  db->turn.fd = -1;
  db->path = mem_strdup(path);
  sqlite3_randomness(sizeof db->random, &db->random);
  db->random |= 1;
  if (db->path == NULL) {
    db_close(db);
    return db_fail_status(path, PURSER_ENOMEM, NULL, error);
  }
  const int rc = open_handle(db, options);
  int status = rc == SQLITE_OK ? PURSER_OK : db_fail(db, rc, error);
  /* SQLite is content to read where it can't write, and says so only when something is written. */
  if (status == PURSER_OK && !options->read_only && sqlite3_db_readonly(db->handle, "main") == 1)
    status = db_fail_status(path, PURSER_EREADONLY, "permission denied", error);
  if (status != PURSER_OK) {
    db_close(db);
    return status;
  }
  *out = db;
  return PURSER_OK;
}

void db_close(struct db *db) {
  if (db == NULL)
    return;
  checkpointer_free(db->checkpointer);
  for (size_t i = 0; i < STATEMENT_SLOTS; i++)
    (void)sqlite3_finalize(db->statements[i].stmt);
  (void)sqlite3_close(db->handle);
  turn_close(&db->turn);
  mem_free(db->path);
  mem_free(db);
}

sqlite3 *db_handle(struct db *db) {
  return db->handle;
}

const char *db_path(const struct db *db) {
  return db->path;
}

bool db_read_only(const struct db *db) {
  return db->read_only;
}

/* ---- statements ---- */

struct db_value db_int(int64_t number) {
  return (struct db_value){.kind = DB_INT, .number = number};
}

struct db_value db_text(const char *text) {
  return (struct db_value){.kind = DB_TEXT, .text = text != NULL ? text : ""};
}

struct db_value db_blob(const void *bytes, size_t len) {
  return (struct db_value){
      .kind = DB_BLOB, .number = (int64_t)len, .text = bytes != NULL ? bytes : ""};
}

struct db_value db_null(void) {
  return (struct db_value){.kind = DB_NULL};
}

static int prepare(struct db *db, sqlite3_stmt **out, const char *sql, unsigned flags,
                   struct error *error) {
  const int rc = sqlite3_prepare_v3(db->handle, sql, -1, flags, out, NULL);
  return rc == SQLITE_OK ? PURSER_OK : db_fail(db, rc, error);
}

/* The cache is a hash of the literals' addresses. A statement that is in use already (a callback that asks the same question) gets a
 * second copy that lives for the one use. */
static int find_statement(struct db *db, struct query *out, const char *sql, struct error *error) {
  size_t at = ((uintptr_t)sql >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - STATEMENT_BITS);
  for (size_t i = 0; i < STATEMENT_SLOTS; i++, at = (at + 1) % STATEMENT_SLOTS) {
    struct statement *slot = &db->statements[at];
    if (slot->sql == NULL) {
      const int status = prepare(db, &slot->stmt, sql, SQLITE_PREPARE_PERSISTENT, error);
      if (status != PURSER_OK)
        return status;
      slot->sql = sql;
    }
    if (slot->sql == sql) {
      if (slot->busy)
        break;
      slot->busy = true;
      *out = (struct query){slot->stmt, slot};
      return PURSER_OK;
    }
  }
  return prepare(db, &out->stmt, sql, 0, error);
}

void db_done(struct query *query) {
  if (query->slot != NULL) {
    (void)sqlite3_reset(query->stmt);
    query->slot->busy = false;
  } else {
    (void)sqlite3_finalize(query->stmt);
  }
  *query = QUERY_INIT;
}

static int bind(sqlite3_stmt *stmt, int index, const struct db_value *value) {
  switch (value->kind) {
  case DB_INT: return sqlite3_bind_int64(stmt, index, value->number);
  case DB_TEXT:
    /* Borrowed: the values outlive the statement's run, and the next run binds anew. */
    return sqlite3_bind_text(stmt, index, value->text, -1, SQLITE_STATIC);
  case DB_BLOB:
    return sqlite3_bind_blob64(stmt, index, value->text, (sqlite3_uint64)value->number,
                               SQLITE_STATIC);
  case DB_NULL: break;
  }
  return sqlite3_bind_null(stmt, index);
}

int db_query(struct db *db, struct query *out, const char *sql, const struct db_value *values,
             size_t count, struct error *error) {
  *out = QUERY_INIT;
  int status = find_statement(db, out, sql, error);
  for (size_t i = 0; status == PURSER_OK && i < count; i++) {
    const int rc = bind(out->stmt, (int)i + 1, &values[i]);
    if (rc != SQLITE_OK)
      status = db_fail(db, rc, error);
  }
  return status;
}

int db_step(struct db *db, struct query *query, struct error *error) {
  const int rc = sqlite3_step(query->stmt);
  if (rc == SQLITE_ROW)
    return DB_ROW;
  return rc == SQLITE_DONE ? PURSER_OK : db_fail(db, rc, error);
}

int db_run(struct db *db, const char *sql, const struct db_value *values, size_t count,
           struct error *error) {
  struct query q = QUERY_INIT;
  int status = db_query(db, &q, sql, values, count, error);
  if (status == PURSER_OK)
    status = db_step(db, &q, error);
  db_done(&q);
  return status == DB_ROW ? PURSER_OK : status;
}

int db_get_int(struct db *db, const char *sql, const struct db_value *values, size_t count,
               int64_t *out, struct error *error) {
  struct query q = QUERY_INIT;
  int status = db_query(db, &q, sql, values, count, error);
  if (status == PURSER_OK)
    status = db_step(db, &q, error);
  if (status == DB_ROW) {
    *out = sqlite3_column_int64(q.stmt, 0);
    status = PURSER_OK;
  } else if (status == PURSER_OK) {
    status = PURSER_ENOTFOUND;
  }
  db_done(&q);
  return status;
}

int db_get_text(struct db *db, const char *sql, const struct db_value *values, size_t count,
                char **out, struct error *error) {
  struct query q = QUERY_INIT;
  *out = NULL;
  int status = db_query(db, &q, sql, values, count, error);
  if (status == PURSER_OK)
    status = db_step(db, &q, error);
  if (status == DB_ROW) {
    *out = mem_strdup(db_column_text(q.stmt, 0));
    status = *out != NULL ? PURSER_OK : db_fail_status(db->path, PURSER_ENOMEM, NULL, error);
  } else if (status == PURSER_OK) {
    status = PURSER_ENOTFOUND;
  }
  db_done(&q);
  return status;
}

int db_script(struct db *db, const char *sql, struct error *error) {
  const int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
  return rc == SQLITE_OK ? PURSER_OK : db_fail(db, rc, error);
}

const char *db_column_text(sqlite3_stmt *stmt, int column) {
  const unsigned char *text = sqlite3_column_text(stmt, column);
  return text != NULL ? (const char *)text : "";
}

/* ---- transactions ---- */

/* Beginning one is db_wait.c. */

int db_commit(struct db *db, struct error *error) {
  return db_run(db, "COMMIT", NULL, 0, error);
}

void db_rollback(struct db *db) {
  /* After some failures (no room, no memory) SQLite has rolled back by itself. */
  if (db_in_transaction(db))
    (void)db_run(db, "ROLLBACK", NULL, 0, NULL);
  /* Preparing may have failed for want of memory, and an open transaction would keep everybody out. */
  if (db_in_transaction(db))
    (void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

bool db_in_transaction(const struct db *db) {
  return sqlite3_get_autocommit(db->handle) == 0;
}

uint32_t db_change_counter(struct db *db) {
  unsigned int counter = 0;
  (void)sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_DATA_VERSION, &counter);
  return counter;
}

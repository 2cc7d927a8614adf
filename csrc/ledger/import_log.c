/* import_log.c - see import_log.h. */
#include "ledger/import_log.h"

#include "ledger/bulk.h"
#include "ledger/hash.h"
#include "ledger/internal.h"
#include "ledger/request_row.h"
#include "ledger/run_facts.h"

int import_log_folders(struct ledger *ledger,
                       int (*each)(void *data, const struct import_folder_row *row), void *data,
                       struct error *error) {
  struct query q = QUERY_INIT;
  /* A folder's path is a beginning of those of what lies in it, so it sorts before them. */
  int status =
      db_query(ledger->db, &q, "SELECT id, path, source, mtime_ns FROM import_folder ORDER BY path",
               NULL, 0, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    const struct import_folder_row row = {
        .id = sqlite3_column_int64(q.stmt, 0),
        .path = db_column_text(q.stmt, 1),
        .source = db_column_text(q.stmt, 2),
        .mtime_ns = sqlite3_column_int64(q.stmt, 3),
    };
    status = each(data, &row);
  }
  db_done(&q);
  return status;
}

int import_log_files(struct ledger *ledger,
                     int (*each)(void *data, const struct import_file_row *row), void *data,
                     struct error *error) {
  struct query q = QUERY_INIT;
  int status =
      db_query(ledger->db, &q, "SELECT folder, name, size, mtime_ns, inode FROM import_file", NULL,
               0, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    const struct import_file_row row = {
        .folder = sqlite3_column_int64(q.stmt, 0),
        .name = db_column_text(q.stmt, 1),
        .size = sqlite3_column_int64(q.stmt, 2),
        .mtime_ns = sqlite3_column_int64(q.stmt, 3),
        .inode = sqlite3_column_int64(q.stmt, 4),
    };
    status = each(data, &row);
  }
  db_done(&q);
  return status;
}

int import_log_folder(struct ledger *ledger, const char *path, struct import_folder_row *out,
                      struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value value = db_text(path);
  int status = db_query(ledger->db, &q, "SELECT id, mtime_ns FROM import_folder WHERE path = ?",
                        &value, 1, error);
  if (status == PURSER_OK)
    status = db_step(ledger->db, &q, error);
  if (status == DB_ROW) {
    out->id = sqlite3_column_int64(q.stmt, 0);
    out->mtime_ns = sqlite3_column_int64(q.stmt, 1);
    status = PURSER_OK;
  } else if (status == PURSER_OK) {
    status = PURSER_ENOTFOUND;
  }
  db_done(&q);
  return status;
}

int import_log_file(struct ledger *ledger, int64_t folder, const char *name,
                    struct import_file_row *out, struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value values[] = {db_int(folder), db_text(name)};
  int status = db_query(
      ledger->db, &q, "SELECT size, mtime_ns, inode FROM import_file WHERE folder = ? AND name = ?",
      values, 2, error);
  if (status == PURSER_OK)
    status = db_step(ledger->db, &q, error);
  if (status == DB_ROW) {
    out->size = sqlite3_column_int64(q.stmt, 0);
    out->mtime_ns = sqlite3_column_int64(q.stmt, 1);
    out->inode = sqlite3_column_int64(q.stmt, 2);
    status = PURSER_OK;
  } else if (status == PURSER_OK) {
    status = PURSER_ENOTFOUND;
  }
  db_done(&q);
  return status;
}

int import_log_state(struct ledger *ledger, int64_t folder, const char *name, struct buf *out,
                     struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value values[] = {db_int(folder), db_text(name)};
  int status =
      db_query(ledger->db, &q, "SELECT state FROM import_state WHERE folder = ? AND name = ?",
               values, 2, error);
  if (status == PURSER_OK)
    status = db_step(ledger->db, &q, error);
  if (status == DB_ROW) {
    const void *bytes = sqlite3_column_blob(q.stmt, 0);
    buf_add(out, bytes != NULL ? bytes : "", (size_t)sqlite3_column_bytes(q.stmt, 0));
    status = buf_status(out);
    if (status != PURSER_OK)
      (void)error_set(error, status, "out of memory");
  }
  db_done(&q);
  return status;
}

int import_log_put_folder(struct ledger *ledger, struct import_folder_row *row,
                          struct error *error) {
  const struct db_value values[] = {db_text(row->path), db_text(row->source),
                                    db_int(row->mtime_ns)};
  int status = db_run(ledger->db,
                      "INSERT INTO import_folder (path, source, mtime_ns) VALUES (?, ?, ?)"
                      " ON CONFLICT DO UPDATE SET source = excluded.source,"
                      " mtime_ns = excluded.mtime_ns",
                      values, 3, error);
  if (status == PURSER_OK && row->id == 0)
    status = db_get_int(ledger->db, "SELECT id FROM import_folder WHERE path = ?", values, 1,
                        &row->id, error);
  return ledger_spoil(ledger, status, "remember a folder", error);
}

int import_log_put_file(struct ledger *ledger, const struct import_file_row *row,
                        const struct buf *state, struct error *error) {
  const struct db_value values[] = {db_int(row->folder), db_text(row->name), db_int(row->size),
                                    db_int(row->mtime_ns), db_int(row->inode)};
  int status = db_run(ledger->db,
                      "INSERT INTO import_file (folder, name, size, mtime_ns, inode)"
                      " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET size = excluded.size,"
                      " mtime_ns = excluded.mtime_ns, inode = excluded.inode",
                      values, 5, error);
  if (status == PURSER_OK && state != NULL) {
    const struct db_value kept[] = {values[0], values[1], db_blob(state->data, state->len)};
    status = db_run(ledger->db,
                    "INSERT OR REPLACE INTO import_state (folder, name, state) VALUES (?, ?, ?)",
                    kept, 3, error);
  }
  return ledger_spoil(ledger, status, "remember a file", error);
}

int import_log_prompt(struct ledger *ledger, uint64_t hash, struct import_prompt_row *out,
                      struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value value = db_int((int64_t)hash);
  int status = db_query(ledger->db, &q, "SELECT run_id, told_ms FROM import_prompt WHERE hash = ?",
                        &value, 1, error);
  if (status == PURSER_OK)
    status = db_step(ledger->db, &q, error);
  if (status == DB_ROW) {
    *out = (struct import_prompt_row){hash, sqlite3_column_int64(q.stmt, 0),
                                      sqlite3_column_int64(q.stmt, 1)};
    status = PURSER_OK;
  } else if (status == PURSER_OK) {
    status = PURSER_ENOTFOUND;
  }
  db_done(&q);
  return status;
}

int import_log_put_prompt(struct ledger *ledger, const struct import_prompt_row *row,
                          struct error *error) {
  const struct db_value values[] = {db_int((int64_t)row->hash), db_int(row->run_id),
                                    db_int(row->told_ms)};
  const int status = db_run(
      ledger->db, "INSERT OR REPLACE INTO import_prompt (hash, run_id, told_ms) VALUES (?, ?, ?)",
      values, 3, error);
  return ledger_spoil(ledger, status, "remember a prompt", error);
}

int import_log_owner(struct ledger *ledger, const struct request *request,
                     struct import_run_row *out, struct error *error) {
  struct stored_request old;
  struct run_facts facts;
  struct buf request_id = BUF_INIT;
  const struct stored_request like = {
      .key = request->key, .request_id = request->request_id, .flags = request->flags};
  int status = bulk_is_unknown(ledger, hash_stored(request->key))
                   ? PURSER_ENOTFOUND
                   : stored_find(ledger, &like, &old, &request_id, error);
  if (status == PURSER_OK)
    status = bulk_facts(ledger, old.run_id, &facts, error);
  if (status == PURSER_OK)
    *out = (struct import_run_row){
        .id = facts.id, .started_ms = facts.started_ms, .imported = facts.imported};
  buf_fini(&request_id);
  return status;
}

int import_log_session(struct ledger *ledger, const char *session,
                       int (*each)(void *data, const struct import_run_row *row), void *data,
                       struct error *error) {
  struct query q = QUERY_INIT;
  int64_t id = 0;
  int status = names_find(&ledger->names, ledger->db, session, &id, error);
  if (status == PURSER_ENOTFOUND || (status == PURSER_OK && id == 0))
    return PURSER_OK;
  const struct db_value value = db_int(id);
  if (status == PURSER_OK)
    status = db_query(ledger->db, &q,
                      "SELECT id, started_ms, ended_ms, imported,"
                      " (SELECT text FROM name WHERE id = workspace) FROM run_log"
                      " WHERE session = ?1 AND session <> 0 ORDER BY started_ms, id",
                      &value, 1, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    const struct import_run_row row = {
        .id = sqlite3_column_int64(q.stmt, 0),
        .started_ms = sqlite3_column_int64(q.stmt, 1),
        .ended_ms = sqlite3_column_int64(q.stmt, 2),
        .imported = sqlite3_column_int64(q.stmt, 3) != 0,
        .workspace = hash_text(db_column_text(q.stmt, 4)),
    };
    status = each(data, &row);
  }
  db_done(&q);
  return status;
}

int import_log_held(struct ledger *ledger, int (*each)(void *data, const char *session), void *data,
                    struct error *error) {
  struct query q = QUERY_INIT;
  /* There are few holds and many runs, which the planner can't know: it would go through the runs. */
  int status = db_query(ledger->db, &q,
                        "SELECT n.text FROM hold h CROSS JOIN run_log r ON r.id = h.run_id"
                        " CROSS JOIN name n ON n.id = r.session",
                        NULL, 0, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW)
    status = each(data, db_column_text(q.stmt, 0));
  db_done(&q);
  return status;
}

/* hold.c - see hold.h. */
#include "budget/hold.h"

#include <stdio.h>

#include "base/mem.h"
#include "budget/owner.h"
#include "ledger/internal.h"

#define COLUMNS                                                                                  \
  "SELECT run_id, parent, agent, workspace, amount, cover, drawn, flags, host, pid, start_time," \
  " touched_ms FROM hold"

static void read_hold(sqlite3_stmt *stmt, struct hold *out) {
  *out = (struct hold){
      .run_id = sqlite3_column_int64(stmt, 0),
      .parent = sqlite3_column_int64(stmt, 1),
      .agent = sqlite3_column_int64(stmt, 2),
      .workspace = sqlite3_column_int64(stmt, 3),
      .amount = sqlite3_column_int64(stmt, 4),
      .cover = sqlite3_column_int64(stmt, 5),
      .drawn = sqlite3_column_int64(stmt, 6),
      .flags = sqlite3_column_int64(stmt, 7),
      .owner = {.pid = sqlite3_column_int64(stmt, 9), .start_time = sqlite3_column_int64(stmt, 10)},
      .touched_ms = sqlite3_column_int64(stmt, 11),
  };
  (void)snprintf(out->owner.host, sizeof out->owner.host, "%s", db_column_text(stmt, 8));
}

int hold_get(struct ledger *ledger, int64_t run_id, struct hold *out, struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value id = db_int(run_id);
  int status = db_query(ledger->db, &q, COLUMNS " WHERE run_id = ?", &id, 1, error);
  if (status == PURSER_OK)
    status = db_step(ledger->db, &q, error);
  if (status == DB_ROW) {
    read_hold(q.stmt, out);
    status = PURSER_OK;
  } else if (status == PURSER_OK) {
    status = PURSER_ENOTFOUND;
  }
  db_done(&q);
  return status;
}

int hold_insert(struct ledger *ledger, const struct hold *hold, struct error *error) {
  const struct db_value values[] = {
      db_int(hold->run_id),
      db_int(hold->parent),
      db_int(hold->agent),
      db_int(hold->workspace),
      db_int(hold->amount),
      db_int(hold->cover),
      db_int(hold->drawn),
      db_int(hold->flags),
      db_text(hold->owner.host),
      db_int(hold->owner.pid),
      db_int(hold->owner.start_time),
      db_int(hold->touched_ms),
  };
  return db_run(ledger->db, "INSERT INTO hold VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values,
                sizeof values / sizeof values[0], error);
}

int hold_update(struct ledger *ledger, const struct hold *hold, struct error *error) {
  const struct db_value values[] = {
      db_int(hold->run_id),     db_int(hold->amount),
      db_int(hold->cover),      db_int(hold->drawn),
      db_int(hold->flags),      db_text(hold->owner.host),
      db_int(hold->owner.pid),  db_int(hold->owner.start_time),
      db_int(hold->touched_ms),
  };
  return db_run(ledger->db,
                "UPDATE hold SET amount = ?2, cover = ?3, drawn = ?4, flags = ?5, host = ?6,"
                " pid = ?7, start_time = ?8, touched_ms = ?9 WHERE run_id = ?1",
                values, sizeof values / sizeof values[0], error);
}

int hold_remove(struct ledger *ledger, int64_t run_id, struct error *error) {
  const struct db_value id = db_int(run_id);
  return db_run(ledger->db, "DELETE FROM hold WHERE run_id = ?", &id, 1, error);
}

int hold_each(struct ledger *ledger, int (*each)(void *data, const struct hold *hold), void *data,
              struct error *error) {
  struct query q = QUERY_INIT;
  int status = db_query(ledger->db, &q, COLUMNS, NULL, 0, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    struct hold hold;
    read_hold(q.stmt, &hold);
    status = each(data, &hold);
  }
  db_done(&q);
  return status;
}

/* ---- the dead ---- */

struct dead {
  struct owner self;
  int64_t now_ms;
  struct hold *holds;
  size_t count;
  size_t cap;
};

static int collect_dead(void *data, const struct hold *hold) {
  struct dead *dead = data;
  if ((hold->flags & HOLD_DEAD) != 0 ||
      owner_is_alive(&hold->owner, &dead->self, hold->touched_ms, dead->now_ms))
    return PURSER_OK;
  void *holds = dead->holds;
  const int status = mem_grow(&holds, &dead->cap, dead->count + 1, sizeof *dead->holds);
  dead->holds = holds;
  if (status == PURSER_OK)
    dead->holds[dead->count++] = *hold;
  return status;
}

int hold_bury_dead(struct ledger *ledger, int64_t *count, struct error *error) {
  struct dead dead = {.now_ms = ledger_now(ledger)};
  *count = 0;
  int status = budget_owner_self(&dead.self);
  if (status == PURSER_OK)
    status = hold_each(ledger, collect_dead, &dead, error);
  if (status == PURSER_ENOMEM)
    (void)error_set(error, status, "out of memory");
  for (size_t i = 0; i < dead.count && status == PURSER_OK; i++) {
    struct hold *hold = &dead.holds[i];
    hold->amount = 0;
    hold->cover = 0;
    hold->drawn = 0;
    hold->flags = (hold->flags & ~(int64_t)(HOLD_SHORT | HOLD_ADOPTED)) | HOLD_DEAD;
    status = hold_update(ledger, hold, error);
  }
  if (status == PURSER_OK)
    *count = (int64_t)dead.count;
  mem_free(dead.holds);
  return status;
}

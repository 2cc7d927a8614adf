/* db_wait.c - waiting for other processes: SQLite's busy handler, and the beginning of a transaction that writes.
 *
 * SQLite's busy_timeout waits ever longer, up to 100 ms, so that whoever came last has the best chance: with a few writers one of them
 * starves. Here everybody asks again after a short random time; whoever has just met others lets them go first, since a
 * writer that goes on at once always finds the lock free; and who has waited for some milliseconds is let through by all others
 * (turn.h). */
#include <time.h>

#include "base/clock.h"
#include "ledger/db_internal.h"

/* How long to sleep between two tries, at random up to `longest_us`, while less than `until_us` was waited. */
static const struct wait_step {
  int64_t until_us, longest_us;
} wait_steps[] = {
    {2000, 300},      /* others are writing, too */
    {100000, 1000},   /* ... and there are many of them, or too few processors for all */
    {INT64_MAX, 3000} /* somebody is at something big: an import, a backup */
};

enum {
  /* How long a writer that met others steps back before it writes again. */
  STEP_BACK_US = 1000,
  /* After so long a writer takes a number; it asks more often then, since the others leave the lock to it. */
  OLD_US = 4000,
  OLD_ASKS_US = 100,
  /* An older number is respected for so long; its owner may have been stopped. */
  PATIENCE_US = 25000
};

static uint64_t next_random(struct db *db) {
  /* xorshift: only to keep writers from waiting in step. */
  db->random ^= db->random << 13;
  db->random ^= db->random >> 7;
  db->random ^= db->random << 17;
  return db->random;
}

static void sleep_up_to(struct db *db, int64_t longest_us) {
  const int64_t us = 1 + (int64_t)(next_random(db) % (uint64_t)longest_us);
  const struct timespec time = {0, (long)us * 1000};
  (void)nanosleep(&time, NULL);
}

void db_wait_begin(struct db *db) {
  db->wait_start_ns = clock_mono_ns(&clock_system);
}

static int64_t waited_us(const struct db *db) {
  return (clock_mono_ns(&clock_system) - db->wait_start_ns) / 1000;
}

bool db_wait(struct db *db) {
  const int64_t waited = waited_us(db);
  if (waited >= (int64_t)db->busy_ms * 1000)
    return false;
  const struct wait_step *step = wait_steps;
  while (waited >= step->until_us)
    step++;
  sleep_up_to(db, db->turn.number != 0 ? OLD_ASKS_US : step->longest_us);
  return true;
}

int db_wait_for_others(void *data, int count) {
  struct db *db = data;
  if (db->asks_once)
    return 0;
  if (count == 0)
    db_wait_begin(db);
  return db_wait(db);
}

static int ask(struct db *db, struct error *error) {
  db->asks_once = true;
  const int status = db_run(db, "BEGIN IMMEDIATE", NULL, 0, error);
  db->asks_once = false;
  return status;
}

int db_probe_write(struct db *db, struct error *error) {
  const int status = ask(db, error);
  db_rollback(db);
  return status == PURSER_EBUSY ? PURSER_OK : status;
}

/* Who is older goes first, if it does so in reasonable time. */
static bool is_my_turn(struct db *db) {
  const int64_t before = turn_before(&db->turn, db->wait_start_ns);
  if (before == 0)
    return true;
  if (waited_us(db) < PATIENCE_US)
    return false;
  turn_pass(&db->turn, before);
  return true;
}

bool db_is_awaited(const struct db *db) {
  return turn_before(&db->turn, INT64_MAX - 1) != 0;
}

int db_begin(struct db *db, struct error *error) {
  int status;
  if (!db->turns_known)
    turn_open(&db->turn, db->path);
  db->turns_known = true;
  db_wait_begin(db);
  db->last_wait.tries = 0;
  if (db->met_others)
    sleep_up_to(db, STEP_BACK_US);
  do {
    db->last_wait.tries++;
    status = is_my_turn(db) ? ask(db, error) : PURSER_EBUSY;
    if (status == PURSER_EBUSY && waited_us(db) >= OLD_US)
      turn_take(&db->turn, db->wait_start_ns);
  } while (status == PURSER_EBUSY && db_wait(db));
  turn_give_back(&db->turn);
  if (status == PURSER_EBUSY)
    (void)db_fail_status(db->path, status, NULL, error);
  db->met_others = db->last_wait.tries > 1;
  db->last_wait.ns = clock_mono_ns(&clock_system) - db->wait_start_ns;
  return status;
}

struct db_wait db_last_wait(const struct db *db) {
  return db->last_wait;
}

/* bulk.c - see bulk.h. */
#include "ledger/bulk.h"

#include <string.h>

#include "base/mem.h"
#include "ledger/internal.h"
#include "ledger/request_row.h"

/* A run in hand. */
struct bulk_run {
  struct run_facts facts; /* as they will be once what was gathered is written; id 0: unused */
  struct sums delta;
  int64_t dearest;
  int64_t last_ms;
  bool anchored; /* the anchor is another one than is stored */
  bool dirty;
};

struct bulk {
  struct bulk_run *runs; /* open addressing by id */
  size_t run_slots, run_count;
  size_t *dirty; /* slots of runs to be written, in the order in which they were met */
  size_t dirty_count, dirty_cap;
  /* Fingerprints of all hashes that are stored, 0 unused. A false hit costs a question. */
  uint32_t *known;
  size_t known_slots, known_count;
  int64_t last_request; /* the highest id among them */
  bool complete;
};

enum {
  FIRST_SLOTS = 256,
  /* More runs than this in memory have been met long ago. */
  RUNS_MAX = 8192,
  KNOWN_MAX = 16 * 1024 * 1024
};

/* ---- known hashes ---- */

static uint32_t fingerprint(int64_t hash) {
  const uint64_t mixed = (uint64_t)hash * UINT64_C(0x9e3779b97f4a7c15);
  const uint32_t high = (uint32_t)(mixed >> 32);
  return high != 0 ? high : 1;
}

static size_t known_slot(const struct bulk *bulk, uint32_t print) {
  size_t at = (size_t)(print * UINT32_C(0x85ebca6b)) & (bulk->known_slots - 1);
  while (bulk->known[at] != 0 && bulk->known[at] != print)
    at = (at + 1) & (bulk->known_slots - 1);
  return at;
}

static bool grow_known(struct bulk *bulk) {
  uint32_t *old = bulk->known;
  const size_t old_slots = bulk->known_slots;
  const size_t slots = old_slots == 0 ? FIRST_SLOTS : 2 * old_slots;
  uint32_t *known = slots <= KNOWN_MAX ? mem_zalloc(slots * sizeof *known) : NULL;
  if (known == NULL)
    return false;
  bulk->known = known;
  bulk->known_slots = slots;
  for (size_t i = 0; i < old_slots; i++) {
    if (old[i] != 0)
      known[known_slot(bulk, old[i])] = old[i];
  }
  mem_free(old);
  return true;
}

static void forget_known(struct bulk *bulk) {
  mem_free(bulk->known);
  bulk->known = NULL;
  bulk->known_slots = bulk->known_count = 0;
  bulk->complete = false;
}

static void add_known(struct bulk *bulk, int64_t hash) {
  if (!bulk->complete)
    return;
  if (2 * (bulk->known_count + 1) > bulk->known_slots && !grow_known(bulk)) {
    forget_known(bulk);
    return;
  }
  const uint32_t print = fingerprint(hash);
  uint32_t *slot = &bulk->known[known_slot(bulk, print)];
  bulk->known_count += *slot == 0;
  *slot = print;
}

/* Requests are never removed, so what is new has a higher id. */
static int load_known(struct ledger *ledger, struct bulk *bulk, struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value value = db_int(bulk->last_request);
  int status =
      db_query(ledger->db, &q, "SELECT id, hash FROM request WHERE id > ?", &value, 1, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    bulk->last_request = sqlite3_column_int64(q.stmt, 0);
    add_known(bulk, sqlite3_column_int64(q.stmt, 1));
    status = PURSER_OK;
  }
  db_done(&q);
  return status;
}

bool bulk_is_unknown(const struct ledger *ledger, int64_t hash) {
  const struct bulk *bulk = ledger->bulk;
  if (bulk == NULL || !bulk->complete)
    return false;
  return bulk->known_slots == 0 || bulk->known[known_slot(bulk, fingerprint(hash))] == 0;
}

void bulk_stored(struct ledger *ledger, int64_t hash) {
  struct bulk *bulk = ledger->bulk;
  if (bulk == NULL)
    return;
  bulk->last_request = sqlite3_last_insert_rowid(db_handle(ledger->db));
  add_known(bulk, hash);
}

/* ---- runs ---- */

static size_t run_slot(const struct bulk *bulk, int64_t id) {
  size_t at = (size_t)((uint64_t)id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (bulk->run_slots - 1);
  while (bulk->runs[at].facts.id != 0 && bulk->runs[at].facts.id != id)
    at = (at + 1) & (bulk->run_slots - 1);
  return at;
}

static void forget_runs(struct bulk *bulk) {
  if (bulk->run_count > 0)
    memset(bulk->runs, 0, bulk->run_slots * sizeof *bulk->runs);
  bulk->run_count = 0;
  bulk->dirty_count = 0;
}

/* Room for one more. What waits to be written is known by its slot, so the table grows only while nothing does: it is made large
 * enough for a transaction's runs. */
static bool reserve_run(struct bulk *bulk) {
  if (2 * (bulk->run_count + 1) <= bulk->run_slots)
    return true;
  struct bulk_run *old = bulk->runs;
  const size_t old_slots = bulk->run_slots;
  const size_t slots = old_slots == 0 ? FIRST_SLOTS : 2 * old_slots;
  struct bulk_run *runs = mem_zalloc(slots * sizeof *runs);
  if (runs == NULL)
    return false;
  bulk->runs = runs;
  bulk->run_slots = slots;
  for (size_t i = 0; i < bulk->dirty_count; i++) {
    const struct bulk_run *run = &old[bulk->dirty[i]];
    const size_t at = run_slot(bulk, run->facts.id);
    runs[at] = *run;
    bulk->dirty[i] = at;
  }
  for (size_t i = 0; i < old_slots; i++) {
    if (old[i].facts.id != 0 && !old[i].dirty)
      runs[run_slot(bulk, old[i].facts.id)] = old[i];
  }
  mem_free(old);
  return true;
}

static struct bulk_run *find_run(const struct bulk *bulk, int64_t id) {
  if (bulk == NULL || bulk->run_slots == 0)
    return NULL;
  struct bulk_run *run = &bulk->runs[run_slot(bulk, id)];
  return run->facts.id == id ? run : NULL;
}

static struct bulk_run *add_run(struct bulk *bulk, const struct run_facts *facts) {
  if (!reserve_run(bulk))
    return NULL;
  struct bulk_run *run = &bulk->runs[run_slot(bulk, facts->id)];
  bulk->run_count += run->facts.id == 0;
  *run = (struct bulk_run){.facts = *facts};
  return run;
}

int bulk_facts(struct ledger *ledger, int64_t run_id, struct run_facts *out, struct error *error) {
  struct bulk *bulk = ledger->bulk;
  const struct bulk_run *known = find_run(bulk, run_id);
  if (known != NULL) {
    *out = known->facts;
    return PURSER_OK;
  }
  const int status = run_facts_get(ledger, run_id, out, error);
  if (status == PURSER_OK && bulk != NULL)
    (void)add_run(bulk, out);
  return status;
}

static bool mark_dirty(struct bulk *bulk, struct bulk_run *run) {
  if (run->dirty)
    return true;
  void *dirty = bulk->dirty;
  if (mem_grow(&dirty, &bulk->dirty_cap, bulk->dirty_count + 1, sizeof *bulk->dirty) != PURSER_OK)
    return false;
  bulk->dirty = dirty;
  bulk->dirty[bulk->dirty_count++] = (size_t)(run - bulk->runs);
  run->dirty = true;
  return true;
}

bool bulk_made(struct ledger *ledger, const struct run_facts *facts) {
  struct bulk_run *run = ledger->bulk != NULL ? add_run(ledger->bulk, facts) : NULL;
  return run != NULL && mark_dirty(ledger->bulk, run);
}

bool bulk_add_to_run(struct ledger *ledger, const struct run_facts *facts,
                     const struct stored_request *r, const struct sums *delta) {
  struct bulk *bulk = ledger->bulk;
  struct bulk_run *run = find_run(bulk, facts->id);
  if (run == NULL || !mark_dirty(bulk, run))
    return false;
  sums_add(&run->delta, delta);
  run->facts.requests += delta->requests;
  if (r->cost_nanousd > run->dearest)
    run->dearest = r->cost_nanousd;
  if (delta->runs > 0) {
    run->facts.anchor_ms = r->at_ms;
    run->facts.anchor_model = r->model;
    run->anchored = true;
  }
  return true;
}

int ledger_bulk_extend(struct ledger *ledger, int64_t run_id, int64_t at_ms, struct error *error) {
  struct run_facts facts;
  const int status = bulk_facts(ledger, run_id, &facts, error);
  struct bulk_run *run = find_run(ledger->bulk, run_id);
  if (status != PURSER_OK || run == NULL || !facts.imported || at_ms <= run->last_ms)
    return status;
  if (mark_dirty(ledger->bulk, run))
    run->last_ms = at_ms;
  return PURSER_OK;
}

static int write_run(struct ledger *ledger, struct bulk_run *run, struct error *error) {
  struct db_value values[SUMS_FIELDS + 5];
  values[0] = db_int(run->dearest);
  sums_values(&run->delta, &values[1]);
  values[SUMS_FIELDS + 1] = run->anchored ? db_int(run->facts.anchor_ms) : db_null();
  values[SUMS_FIELDS + 2] = run->anchored ? db_int(run->facts.anchor_model) : db_null();
  values[SUMS_FIELDS + 3] = db_int(run->last_ms);
  values[SUMS_FIELDS + 4] = db_int(run->facts.id);
  int status =
      db_run(ledger->db,
             "UPDATE run_log SET dearest = max(dearest, :one)" SUMS_FIGURES(
                 SUMS_ADD_PARAM) ", anchor_ms = ifnull(:anchor, anchor_ms),"
                                 " anchor_model = ifnull(:anchored, anchor_model),"
                                 " ended_ms = max(ended_ms, :last),"
                                 " duration_ms = iif(:last > started_ms AND :last >= ended_ms,"
                                 "  :last - started_ms, duration_ms)"
                                 " WHERE id = :run",
             values, SUMS_FIELDS + 5, error);
  if (status == PURSER_OK && run->facts.anchor_ms == 0 && run->facts.requests == 0)
    status = run_facts_anchor(ledger, &run->facts, run->facts.started_ms, run->facts.model, error);
  run->delta = (struct sums){0};
  run->anchored = false;
  run->dirty = false;
  return status;
}

int ledger_bulk_flush(struct ledger *ledger, struct error *error) {
  struct bulk *bulk = ledger->bulk;
  if (bulk == NULL)
    return PURSER_OK;
  int status = counters_flush(ledger, error);
  for (size_t i = 0; i < bulk->dirty_count && status == PURSER_OK; i++)
    status = write_run(ledger, &bulk->runs[bulk->dirty[i]], error);
  bulk->dirty_count = 0;
  return ledger_spoil(ledger, status, "add up the runs", error);
}

/* ---- from one transaction to the next ---- */

int bulk_began(struct ledger *ledger, bool others_wrote, struct error *error) {
  struct bulk *bulk = ledger->bulk;
  if (bulk == NULL)
    return PURSER_OK;
  if (others_wrote || bulk->run_count > RUNS_MAX)
    forget_runs(bulk);
  return others_wrote && bulk->complete ? load_known(ledger, bulk, error) : PURSER_OK;
}

void bulk_rolled_back(struct ledger *ledger) {
  struct bulk *bulk = ledger->bulk;
  if (bulk == NULL)
    return;
  forget_runs(bulk);
  forget_known(
      bulk); /* it has hashes of rows that are gone, and what others write may get their ids */
}

int ledger_bulk_begin(struct ledger *ledger, int64_t expected, struct error *error) {
  struct bulk *bulk = mem_zalloc(sizeof *bulk);
  int64_t most = 0;
  if (bulk == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  int status =
      db_get_int(ledger->db, "SELECT ifnull(max(id), 0) FROM request", NULL, 0, &most, error);
  if (status != PURSER_OK) {
    mem_free(bulk);
    return status;
  }
  /* Reading a hash is a hundredth of the work of looking for one. */
  bulk->complete = most < 100 * expected;
  ledger->bulk = bulk;
  if (bulk->complete)
    status = load_known(ledger, bulk, error);
  if (status != PURSER_OK)
    ledger_bulk_end(ledger);
  return status;
}

void ledger_bulk_end(struct ledger *ledger) {
  struct bulk *bulk = ledger->bulk;
  if (bulk == NULL)
    return;
  ledger->bulk = NULL;
  mem_free(bulk->runs);
  mem_free(bulk->dirty);
  mem_free(bulk->known);
  mem_free(bulk);
}

/* bulk.c - see bulk.h. */
#include "ledger/bulk.h"

#include <string.h>

#include "base/mem.h"
#include "ledger/internal.h"
#include "ledger/request_row.h"

enum {
  NAMES = 10 /* of a spec */
};

/* What a run that is not stored yet has beside its facts and sums. */
struct bulk_new {
  int64_t ids[NAMES];
  char *prompt; /* NULL none */
  int64_t prompt_bytes, parent;
};

/* A run in hand. */
struct bulk_run {
  struct run_facts facts; /* as they will be once what was gathered is written; id 0: unused */
  struct sums delta;
  int64_t dearest;
  int64_t last_ms;
  bool anchored; /* the anchor is another one than is stored */
  bool dirty;
  struct bulk_new *fresh; /* it is not stored yet */
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
  int64_t last_run;     /* the highest id of a run; 0 not asked yet */
  bool complete;
};

enum {
  FIRST_SLOTS = 32,
  /* More runs than this in memory have been met long ago. */
  RUNS_MAX = 1024,
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

static void free_fresh(struct bulk_run *run) {
  if (run->fresh != NULL)
    mem_free(run->fresh->prompt);
  mem_free(run->fresh);
  run->fresh = NULL;
}

static void forget_runs(struct bulk *bulk) {
  for (size_t i = 0; i < bulk->dirty_count; i++)
    free_fresh(&bulk->runs[bulk->dirty[i]]);
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

static int next_run_id(struct ledger *ledger, int64_t *id, struct error *error) {
  struct bulk *bulk = ledger->bulk;
  int status = PURSER_OK;
  if (bulk->last_run == 0)
    status = db_get_int(ledger->db, "SELECT ifnull(max(id), 0) FROM run_log", NULL, 0,
                        &bulk->last_run, error);
  *id = ++bulk->last_run;
  return status;
}

int bulk_make(struct ledger *ledger, const struct run_spec *spec, enum run_status status,
              const int64_t *ids, struct run_facts *facts, struct error *error) {
  struct bulk *bulk = ledger->bulk;
  if (bulk == NULL)
    return PURSER_ENOTFOUND;
  *facts = (struct run_facts){
      .agent = ids[0],
      .workspace = ids[1],
      .branch = ids[2],
      .source = ids[3],
      .model = ids[4],
      .effort = ids[5],
      .billing = spec->billing,
      .started_ms = spec->started_ms != 0 ? spec->started_ms : ledger_now(ledger),
      .imported = spec->imported,
      .status = status,
  };
  const int failed = next_run_id(ledger, &facts->id, error);
  if (failed != PURSER_OK)
    return failed;
  struct bulk_new *fresh = mem_zalloc(sizeof *fresh);
  struct bulk_run *run = fresh != NULL ? add_run(bulk, facts) : NULL;
  if (run == NULL) {
    mem_free(fresh);
    return error_set(error, PURSER_ENOMEM, "out of memory");
  }
  run->fresh = fresh;
  memcpy(fresh->ids, ids, sizeof fresh->ids);
  fresh->prompt_bytes = spec->prompt_bytes;
  fresh->parent = spec->parent_run;
  if (spec->prompt != NULL && spec->prompt[0] != '\0')
    fresh->prompt = mem_strdup(spec->prompt);
  if (!mark_dirty(bulk, run)) {
    free_fresh(run);
    return error_set(error, PURSER_ENOMEM, "out of memory");
  }
  return PURSER_OK;
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

static int insert_run(struct ledger *ledger, struct bulk_run *run, struct error *error) {
  const struct bulk_new *fresh = run->fresh;
  const struct run_facts *facts = &run->facts;
  const int64_t ended = run->last_ms > facts->started_ms ? run->last_ms : facts->started_ms;
  struct db_value values[SUMS_FIELDS + NAMES + 14];
  size_t at = 0;
  values[at++] = db_int(facts->id);
  for (size_t i = 0; i < NAMES; i++)
    values[at++] = db_int(fresh->ids[i]);
  values[at++] = db_int(fresh->parent);
  values[at++] = fresh->prompt != NULL ? db_text(fresh->prompt) : db_null();
  values[at++] = db_int(fresh->prompt_bytes);
  values[at++] = db_int(facts->status);
  values[at++] = db_int(facts->billing);
  values[at++] = db_int(facts->imported);
  values[at++] = db_int(facts->started_ms);
  values[at++] = db_int(ended);
  values[at++] = db_int(ended > facts->started_ms ? ended - facts->started_ms : -1);
  values[at++] = db_int(run->dearest);
  values[at++] = db_int(facts->anchor_ms);
  values[at++] = db_int(facts->anchor_model);
  sums_values(&run->delta, &values[at]);
  at += SUMS_FIELDS;
  return db_run(
      ledger->db,
      "INSERT INTO run_log (id, agent, workspace, branch, source, model, effort, conversation,"
      " session, record_root, cwd, parent, prompt, prompt_bytes, status, billing, imported,"
      " started_ms, ended_ms, duration_ms, dearest, anchor_ms, anchor_model" SUMS_FIGURES(
          SUMS_COLUMN) ", tokens, exit_code, signal, reason, tool_calls, retries, compactions)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?" SUMS_FIGURES(
                           SUMS_PARAM) ", " SUMS_TOKENS ", 0, 0, 0, 0, 0, 0)",
      values, at, error);
}

static int update_run(struct ledger *ledger, const struct bulk_run *run, struct error *error) {
  struct db_value values[SUMS_FIELDS + 5];
  values[0] = db_int(run->dearest);
  sums_values(&run->delta, &values[1]);
  values[SUMS_FIELDS + 1] = run->anchored ? db_int(run->facts.anchor_ms) : db_null();
  values[SUMS_FIELDS + 2] = run->anchored ? db_int(run->facts.anchor_model) : db_null();
  values[SUMS_FIELDS + 3] = db_int(run->last_ms);
  values[SUMS_FIELDS + 4] = db_int(run->facts.id);
  return db_run(ledger->db,
                "UPDATE run_log SET dearest = max(dearest, :one)" SUMS_FIGURES(
                    SUMS_ADD_PARAM) ", tokens = tokens + " SUMS_TOKENS
                                    ", unusual = 0, anchor_ms = ifnull(:anchor, anchor_ms),"
                                    " anchor_model = ifnull(:anchored, anchor_model),"
                                    " ended_ms = max(ended_ms, :last),"
                                    " duration_ms = iif(:last > started_ms AND :last >= ended_ms,"
                                    "  :last - started_ms, duration_ms)"
                                    " WHERE id = :run",
                values, SUMS_FIELDS + 5, error);
}

static int write_run(struct ledger *ledger, struct bulk_run *run, struct error *error) {
  int status = run->fresh != NULL ? insert_run(ledger, run, error) : update_run(ledger, run, error);
  free_fresh(run);
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
  bulk->last_run = 0;
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
  /* The indices are written all over: what they take for a year's requests, and a bit more. */
  (void)db_script(ledger->db, "PRAGMA cache_size = -6144", NULL);
  if (bulk->complete)
    status = load_known(ledger, bulk, error);
  if (status != PURSER_OK)
    ledger_bulk_end(ledger);
  return status;
}

bool ledger_is_awaited(const struct ledger *ledger) {
  return db_is_awaited(ledger->db);
}

void ledger_bulk_end(struct ledger *ledger) {
  struct bulk *bulk = ledger->bulk;
  if (bulk == NULL)
    return;
  (void)db_script(ledger->db, "PRAGMA cache_size = -4096", NULL);
  ledger->bulk = NULL;
  forget_runs(bulk);
  mem_free(bulk->runs);
  mem_free(bulk->dirty);
  mem_free(bulk->known);
  mem_free(bulk);
}

/* unusual.c - see unusual.h. */
#include "ledger/unusual.h"

#include <string.h>

#include "base/mem.h"
#include "ledger/internal.h"
#include "ledger/spread.h"

enum {
  FIGURES = 3,    /* cost, tokens, duration: in the order of enum run_unusual */
  GROUPS = 64,    /* of agent and model, kept at a time */
  LOOK_BACK = 600 /* runs of the agent, whatever the model */
};

/* Below these nothing is worth a look: 5 cents, 20,000 tokens, half a minute. */
static const int64_t least[FIGURES] = {50000000, 20000, 30000};

/* ---- what was before ---- */

struct group {
  int64_t agent, model;
  int64_t last_ms; /* the start of the newest run in it */
  int64_t figures[FIGURES][UNUSUAL_LAST_RUNS];
  size_t count, next;
};

struct unusual {
  struct group groups[GROUPS];
  size_t count, next;
};

void unusual_free(struct unusual *unusual) {
  mem_free(unusual);
}

struct judged {
  int64_t id, agent, model, started_ms;
  int64_t figures[FIGURES];
  bool counts;
};

static void take(struct group *group, const int64_t figures[FIGURES], int64_t started_ms) {
  for (size_t i = 0; i < FIGURES; i++)
    group->figures[i][group->next] = figures[i];
  group->next = (group->next + 1) % UNUSUAL_LAST_RUNS;
  if (group->count < UNUSUAL_LAST_RUNS)
    group->count++;
  group->last_ms = started_ms;
}

/* Read newest first; the oldest is the first to be replaced. */
static void turn_round(struct group *group) {
  for (size_t f = 0; f < FIGURES; f++) {
    int64_t *figures = group->figures[f];
    for (size_t i = 0; i < group->count / 2; i++) {
      const int64_t other = figures[group->count - 1 - i];
      figures[group->count - 1 - i] = figures[i];
      figures[i] = other;
    }
  }
}

static int load(struct ledger *ledger, struct group *group, const struct judged *run,
                struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value values[] = {db_int(run->agent), db_int(run->model), db_int(run->started_ms),
                                    db_int(UNUSUAL_LAST_RUNS), db_int(LOOK_BACK)};
  *group = (struct group){.agent = run->agent, .model = run->model};
  int status = db_query(ledger->db, &q,
                        "SELECT cost, tokens, duration_ms FROM (SELECT * FROM run_log"
                        "  INDEXED BY run_by_agent WHERE agent = ?1 AND started_ms < ?3"
                        "  ORDER BY started_ms DESC LIMIT ?5)"
                        " WHERE anchor_model = ?2 AND requests > 0 AND status >= 3 AND status <> 9"
                        " LIMIT ?4",
                        values, 5, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    const int64_t figures[FIGURES] = {sqlite3_column_int64(q.stmt, 0),
                                      sqlite3_column_int64(q.stmt, 1),
                                      sqlite3_column_int64(q.stmt, 2)};
    take(group, figures, 0);
    status = PURSER_OK;
  }
  db_done(&q);
  turn_round(group);
  group->last_ms = run->started_ms;
  return status;
}

/* Runs come in the order of their start, so that a group which is kept only needs the one that was judged last. */
static int find_group(struct ledger *ledger, const struct judged *run, struct group **out,
                      struct error *error) {
  struct unusual *u = ledger->unusual;
  for (size_t i = 0; i < u->count; i++) {
    struct group *group = &u->groups[i];
    if (group->agent != run->agent || group->model != run->model)
      continue;
    *out = group;
    return group->last_ms <= run->started_ms ? PURSER_OK : load(ledger, group, run, error);
  }
  if (u->count < GROUPS) {
    *out = &u->groups[u->count++];
  } else {
    *out = &u->groups[u->next];
    u->next = (u->next + 1) % GROUPS;
  }
  return load(ledger, *out, run, error);
}

/* ---- judging ---- */

static int judge(struct ledger *ledger, const struct judged *run, struct error *error) {
  static const uint32_t bits[FIGURES] = {RUN_UNUSUAL_COST, RUN_UNUSUAL_TOKENS,
                                         RUN_UNUSUAL_DURATION};
  struct group *group = NULL;
  uint32_t found = RUN_JUDGED;
  int status = run->counts ? find_group(ledger, run, &group, error) : PURSER_OK;
  if (status != PURSER_OK)
    return status;
  for (size_t i = 0; i < FIGURES && group != NULL; i++) {
    int64_t before[UNUSUAL_LAST_RUNS];
    memcpy(before, group->figures[i], sizeof before);
    if (run->figures[i] >= least[i] &&
        run->figures[i] > spread_bound(before, group->count, SPREAD_VERY_FAR))
      found |= bits[i];
  }
  if (group != NULL)
    take(group, run->figures, run->started_ms);
  const struct db_value values[] = {db_int(run->id), db_int(found)};
  return db_run(ledger->db, "UPDATE run_log SET unusual = ?2 WHERE id = ?1", values, 2, error);
}

static int read_unjudged(struct ledger *ledger, struct judged *runs, size_t most, size_t *count,
                         struct error *error) {
  struct query q = QUERY_INIT;
  const struct db_value limit = db_int((int64_t)most);
  *count = 0;
  int status = db_query(ledger->db, &q,
                        "SELECT id, agent, anchor_model, started_ms, cost, tokens, duration_ms,"
                        " requests > 0 AND status <> 9 FROM run_log INDEXED BY run_unjudged"
                        " WHERE unusual = 0 AND status >= 3 ORDER BY started_ms LIMIT ?",
                        &limit, 1, error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW) {
    runs[(*count)++] = (struct judged){
        .id = sqlite3_column_int64(q.stmt, 0),
        .agent = sqlite3_column_int64(q.stmt, 1),
        .model = sqlite3_column_int64(q.stmt, 2),
        .started_ms = sqlite3_column_int64(q.stmt, 3),
        .figures = {sqlite3_column_int64(q.stmt, 4), sqlite3_column_int64(q.stmt, 5),
                    sqlite3_column_int64(q.stmt, 6)},
        .counts = sqlite3_column_int(q.stmt, 7) != 0,
    };
    status = PURSER_OK;
  }
  db_done(&q);
  return status;
}

enum {
  BATCH = 256 /* a few milliseconds: others write, too */
};

static int judge_some(struct ledger *ledger, void *data, struct error *error) {
  size_t *count = data;
  struct judged *runs = mem_alloc(BATCH * sizeof *runs);
  if (runs == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  int status = read_unjudged(ledger, runs, BATCH, count, error);
  /* Few at a time are those of today, and other processes' may be between them. */
  if (*count < BATCH)
    ledger->unusual->count = 0;
  for (size_t i = 0; i < *count && status == PURSER_OK; i++)
    status = judge(ledger, &runs[i], error);
  mem_free(runs);
  return status;
}

int ledger_judge_runs(struct ledger *ledger, int64_t most, int64_t *done, struct error *error) {
  int64_t none = 0;
  int64_t *total = done != NULL ? done : &none;
  size_t count = BATCH;
  *total = 0;
  if (ledger->unusual == NULL)
    ledger->unusual = mem_zalloc(sizeof *ledger->unusual);
  if (ledger->unusual == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  while (*total < most && count == BATCH) {
    int64_t waiting = 0;
    int status = db_get_int(ledger->db,
                            "SELECT id FROM run_log INDEXED BY run_unjudged"
                            " WHERE unusual = 0 AND status >= 3 LIMIT 1",
                            NULL, 0, &waiting, error);
    if (status == PURSER_ENOTFOUND)
      return PURSER_OK;
    if (status == PURSER_OK)
      status = ledger_transact(ledger, judge_some, &count, error);
    if (status != PURSER_OK) {
      ledger->unusual->count = 0;
      return error_wrap(error, "judge runs");
    }
    *total += (int64_t)count;
  }
  return PURSER_OK;
}

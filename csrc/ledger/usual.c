/* usual.c - see usual.h. */
#include "ledger/usual.h"

#include <string.h>

#include "base/mem.h"
#include "ledger/internal.h"

/* Neither a subagent's request, nor a compaction's, nor what was only worked out afterwards. */
#define NOT_MAIN_LINE (PURSER_FLAG_SIDECHAIN | PURSER_FLAG_COMPACTION | PURSER_FLAG_REMAINDER)

enum {
  GROUPS = 64, /* of agent and model, kept at a time */
  LOOK_BACK =
      600 /* runs of the agent, whatever the model: a model that it hardly uses is not looked for in all its past */
};

/* ---- the measure ---- */

static int64_t most(const int64_t *values, size_t count, enum spread_far far) {
  int64_t copy[USUAL_LAST_RUNS];
  memcpy(copy, values, count * sizeof *copy);
  return spread_bound(copy, count, far);
}

void usual_of(struct usual_samples *s, struct usual_runs *out) {
  *out = (struct usual_runs){
      .runs = (int64_t)s->count,
      .most_first_prompt = most(s->first_prompt, s->count, SPREAD_VERY_FAR),
      .most_requests = most(s->requests, s->count, SPREAD_FAR),
  };
  out->first_prompt = spread_median(s->first_prompt, s->count);
  out->requests = spread_median(s->requests, s->count);
  out->output = spread_median(s->output, s->count);
  out->nanousd = spread_median(s->nanousd, s->count);
}

/* ---- what is read ---- */

struct sample {
  int64_t id, started_ms, first_prompt, requests, output, nanousd;
};

/* Runs of an agent with a model, newest first, without a gap. */
struct group {
  int64_t agent, model;
  int64_t before_ms; /* none between the newest of them and this */
  struct sample *samples;
  size_t count, cap;
};

struct usual_cache {
  struct group groups[GROUPS];
  size_t count, next;
};

struct usual_cache *usual_cache_new(void) {
  return mem_zalloc(sizeof(struct usual_cache));
}

void usual_cache_free(struct usual_cache *cache) {
  for (size_t i = 0; cache != NULL && i < cache->count; i++)
    mem_free(cache->groups[i].samples);
  mem_free(cache);
}

static int take(struct group *group, sqlite3_stmt *stmt, struct error *error) {
  void *samples = group->samples;
  const int status = mem_grow(&samples, &group->cap, group->count + 1, sizeof *group->samples);
  group->samples = samples;
  if (status != PURSER_OK)
    return error_set(error, status, "out of memory");
  group->samples[group->count++] = (struct sample){
      .id = sqlite3_column_int64(stmt, 0),
      .started_ms = sqlite3_column_int64(stmt, 1),
      .first_prompt = sqlite3_column_int64(stmt, 2),
      .requests = sqlite3_column_int64(stmt, 3),
      .output = sqlite3_column_int64(stmt, 4),
      .nanousd = sqlite3_column_int64(stmt, 5),
  };
  return PURSER_OK;
}

/* Adds older runs than those that are there. */
static int read_more(struct ledger *ledger, struct group *group, int64_t before_ms, size_t wanted,
                     struct error *error) {
  struct query q = QUERY_INIT;
  const struct sample *last = group->count > 0 ? &group->samples[group->count - 1] : NULL;
  const struct db_value values[] = {db_int(group->agent),
                                    db_int(group->model),
                                    db_int(last != NULL ? last->started_ms : before_ms),
                                    db_int(last != NULL ? last->id : INT64_MIN),
                                    db_int(LOOK_BACK),
                                    db_int((int64_t)wanted),
                                    db_int(NOT_MAIN_LINE)};
  int status = db_query(
      ledger->db, &q,
      "SELECT id, started_ms,"
      " coalesce((SELECT q.input + q.cache_read + q.cache_write_5m + q.cache_write_1h"
      "  FROM request q WHERE q.run_id = r.id AND q.flags & ?7 = 0"
      "  ORDER BY q.at_ms, q.id LIMIT 1), 0), requests, output, cost"
      " FROM (SELECT * FROM run_log INDEXED BY run_by_agent"
      "  WHERE agent = ?1 AND (started_ms, id) < (?3, ?4) ORDER BY started_ms DESC, id DESC"
      "  LIMIT ?5) r"
      " WHERE anchor_model = ?2 AND requests > 0 AND status >= 3 AND status <> 9 LIMIT ?6",
      values, sizeof values / sizeof values[0], error);
  while (status == PURSER_OK && (status = db_step(ledger->db, &q, error)) == DB_ROW)
    status = take(group, q.stmt, error);
  db_done(&q);
  return status;
}

/* The first of the samples that is before the instant. */
static size_t first_before(const struct group *group, int64_t before_ms) {
  size_t i = 0;
  while (i < group->count && group->samples[i].started_ms >= before_ms)
    i++;
  return i;
}

static int read_group(struct ledger *ledger, struct group *group, int64_t before_ms,
                      struct usual_samples *out, struct error *error) {
  size_t first = first_before(group, before_ms);
  int status = PURSER_OK;
  if (first == group->count) {
    group->count = 0;
    group->before_ms = before_ms;
    first = 0;
  }
  if (group->count - first < USUAL_LAST_RUNS)
    status = read_more(ledger, group, before_ms, USUAL_LAST_RUNS - (group->count - first), error);
  out->count = 0;
  for (size_t i = first; i < group->count && out->count < USUAL_LAST_RUNS; i++) {
    const struct sample *s = &group->samples[i];
    out->first_prompt[out->count] = s->first_prompt;
    out->requests[out->count] = s->requests;
    out->output[out->count] = s->output;
    out->nanousd[out->count] = s->nanousd;
    out->count++;
  }
  return status;
}

/* What is kept of it, if it is older runs that are asked for next. */
static struct group *find_group(struct usual_cache *cache, int64_t agent, int64_t model,
                                int64_t before_ms) {
  for (size_t i = 0; i < cache->count; i++) {
    struct group *group = &cache->groups[i];
    if (group->agent != agent || group->model != model)
      continue;
    if (group->before_ms < before_ms)
      group->count = 0;
    return group;
  }
  size_t at = cache->count;
  if (at < GROUPS) {
    cache->count++;
  } else {
    at = cache->next;
    cache->next = (at + 1) % GROUPS;
  }
  struct group *group = &cache->groups[at];
  group->agent = agent;
  group->model = model;
  group->count = 0;
  return group;
}

int ledger_usual(struct ledger *ledger, struct usual_cache *cache, const char *agent,
                 const char *model, int64_t before_ms, struct usual_runs *out,
                 struct error *error) {
  struct usual_samples samples;
  struct group alone = {0};
  bool mine = false;
  *out = (struct usual_runs){0};
  int status = ledger_read_begin(ledger, &mine, error);
  if (status == PURSER_OK)
    status = names_find(&ledger->names, ledger->db, agent, &alone.agent, error);
  if (status == PURSER_OK)
    status = names_find(&ledger->names, ledger->db, model, &alone.model, error);
  const bool unknown = status == PURSER_ENOTFOUND;
  if (status == PURSER_OK) {
    struct group *group =
        cache != NULL ? find_group(cache, alone.agent, alone.model, before_ms) : &alone;
    status = read_group(ledger, group, before_ms, &samples, error);
  }
  ledger_read_end(ledger, mine);
  mem_free(alone.samples);
  if (status == PURSER_OK && samples.count > 0)
    usual_of(&samples, out);
  return unknown ? PURSER_OK : status;
}

/* suggest.c - see suggest.h. */
#include "advice/suggest.h"

#include <string.h>

#include "advice/review.h"
#include "advice/tiers.h"
#include "advice/what_if.h"
#include "base/mem.h"
#include "base/money.h"

enum {
  /* Other models are tried for so many of the dearest agents. */
  AGENTS = 4,
  /* Less of an agent's cost is not worth a change of habits. */
  LEAST_PERCENT = 10
};

/* All that was thought of, before the best are picked. */
struct pool {
  struct suggestion *items;
  size_t count, cap;
};

static void fini_one(struct suggestion *s) {
  mem_free(s->agent);
  mem_free(s->from);
  mem_free(s->to);
  *s = (struct suggestion){0};
}

static void pool_fini(struct pool *pool) {
  for (size_t i = 0; i < pool->count; i++)
    fini_one(&pool->items[i]);
  mem_free(pool->items);
}

static struct suggestion *pool_find(const struct pool *pool, int finding, const char *agent) {
  for (size_t i = 0; i < pool->count; i++) {
    if (pool->items[i].finding == finding && strcmp(pool->items[i].agent, agent) == 0)
      return &pool->items[i];
  }
  return NULL;
}

static struct suggestion *pool_add(struct pool *pool, int finding, const char *agent) {
  void *items = pool->items;
  if (mem_grow(&items, &pool->cap, pool->count + 1, sizeof *pool->items) != PURSER_OK)
    return NULL;
  pool->items = items;
  struct suggestion *s = &pool->items[pool->count];
  *s = (struct suggestion){.finding = finding, .measured = true, .agent = mem_strdup(agent)};
  if (s->agent == NULL)
    return NULL;
  pool->count++;
  return s;
}

/* ---- the review ---- */

static int take_reviewed(void *data, const struct reviewed *reviewed) {
  struct pool *pool = data;
  for (size_t i = 0; i < reviewed->count; i++) {
    const struct finding *finding = &reviewed->findings[i];
    struct suggestion *s = pool_find(pool, (int)finding->kind, reviewed->run->agent);
    if (s == NULL)
      s = pool_add(pool, (int)finding->kind, reviewed->run->agent);
    if (s == NULL)
      return PURSER_ENOMEM;
    s->runs++;
    s->measured = s->measured && finding->measured;
    s->nanousd = money_add(s->nanousd, finding->nanousd);
    if (finding->nanousd > s->dearest_nanousd) {
      s->dearest_nanousd = finding->nanousd;
      s->dearest_run = reviewed->run->id;
    }
  }
  return 0;
}

/* ---- other models ---- */

struct dearest {
  char *names[AGENTS];
  size_t count, most;
};

static int take_name(void *data, const char *key, const struct sums *sums) {
  struct dearest *d = data;
  if (d->count == d->most || sums->cost_nanousd <= 0)
    return 0;
  d->names[d->count] = mem_strdup(key);
  return d->names[d->count++] != NULL ? 0 : PURSER_ENOMEM;
}

static void dearest_fini(struct dearest *d) {
  for (size_t i = 0; i < d->count; i++)
    mem_free(d->names[i]);
}

static int find_dearest(struct ledger *ledger, const struct suggest_query *query, enum report_by by,
                        const char *agent, struct dearest *out, struct error *error) {
  const struct report_query report = {.by = by,
                                      .agent = agent,
                                      .billing = billing_name(query->billing),
                                      .since_day = query->since_day,
                                      .until_day = query->until_day};
  return ledger_report(ledger, &report, take_name, out, NULL, error);
}

/* The next smaller model of the same maker for all of an agent's requests. */
static int try_smaller(struct ledger *ledger, const struct catalog *catalog,
                       const struct suggest_query *query, const char *agent, struct pool *pool,
                       struct error *error) {
  struct dearest main = {.most = 1};
  int status = find_dearest(ledger, query, REPORT_BY_MODEL, agent, &main, error);
  const char *from = status == PURSER_OK && main.count > 0 ? main.names[0] : "";
  const enum model_tier tier = model_tier(from);
  const char *to = tier > TIER_SMALL ? model_of_tier(from, (enum model_tier)(tier - 1)) : NULL;
  if (status != PURSER_OK || to == NULL)
    goto out;
  const struct request_scan scan = {.agent = agent,
                                    .billing = billing_name(query->billing),
                                    .since_ms = query->since_ms,
                                    .until_ms = query->until_ms};
  const char *const models[] = {to, NULL};
  struct what_if answer;
  status = what_if(ledger, catalog, &scan, models, false, &answer, error);
  if (status != PURSER_OK)
    goto out;
  const struct what_if_row *row = &answer.rows[0];
  const int64_t saving = answer.cost_nanousd - row->cost_nanousd;
  if (row->unpriced > 0 || row->priced == 0 || saving < answer.cost_nanousd / 100 * LEAST_PERCENT ||
      saving < MONEY_PER_CENT)
    goto out;
  struct suggestion *s = pool_add(pool, SUGGEST_MODEL, agent);
  if (s == NULL) {
    status = PURSER_ENOMEM;
    goto out;
  }
  s->nanousd = saving;
  s->cost_nanousd = answer.cost_nanousd;
  s->from = mem_strdup(from);
  s->to = mem_strdup(to);
  if (s->from == NULL || s->to == NULL)
    status = PURSER_ENOMEM;
out:
  dearest_fini(&main);
  return status;
}

static int try_models(struct ledger *ledger, const struct catalog *catalog,
                      const struct suggest_query *query, struct pool *pool, struct error *error) {
  struct dearest agents = {.most = AGENTS};
  int status = find_dearest(ledger, query, REPORT_BY_AGENT, NULL, &agents, error);
  for (size_t i = 0; i < agents.count && status == PURSER_OK; i++)
    status = try_smaller(ledger, catalog, query, agents.names[i], pool, error);
  dearest_fini(&agents);
  return status;
}

/* ---- the best of them ---- */

/* Small tasks on a large model are a part of what another model would save: the same cents are not promised twice. */
static bool said_already(const struct pool *pool, const struct suggestion *s) {
  return s->finding == FINDING_MODEL && pool_find(pool, SUGGEST_MODEL, s->agent) != NULL;
}

/* The most cents; models only, or findings only, where that is asked for. */
static struct suggestion *best_of(const struct pool *pool, bool models, bool findings) {
  struct suggestion *best = NULL;
  for (size_t i = 0; i < pool->count; i++) {
    struct suggestion *s = &pool->items[i];
    const bool wanted = s->finding == SUGGEST_MODEL ? models : findings;
    if (wanted && s->nanousd >= MONEY_PER_CENT && (best == NULL || s->nanousd > best->nanousd))
      best = s;
  }
  return best;
}

/* The last place is kept for a finding: other models save much on paper, and always more of the same. Texts go along. */
static void pick(struct pool *pool, struct suggestions *out) {
  for (size_t i = 0; i < pool->count; i++) {
    if (said_already(pool, &pool->items[i]))
      pool->items[i].nanousd = 0;
  }
  size_t models = 0;
  while (out->count < SUGGESTIONS) {
    const bool full = models == SUGGESTIONS - 1 && best_of(pool, false, true) != NULL;
    struct suggestion *best = best_of(pool, !full, true);
    if (best == NULL)
      return;
    models += best->finding == SUGGEST_MODEL;
    out->items[out->count++] = *best;
    *best = (struct suggestion){0};
  }
}

int suggest(struct ledger *ledger, const struct catalog *catalog, const struct suggest_query *query,
            struct suggestions *out, struct error *error) {
  struct pool pool = {.count = 0};
  const struct review_query reviewing = {.billing = billing_name(query->billing),
                                         .since_ms = query->since_ms,
                                         .until_ms = query->until_ms};
  *out = (struct suggestions){.count = 0};
  int status = review(ledger, catalog, &reviewing, take_reviewed, &pool, error);
  if (status == PURSER_OK)
    status = try_models(ledger, catalog, query, &pool, error);
  if (status == PURSER_OK)
    pick(&pool, out);
  pool_fini(&pool);
  return status;
}

void suggestions_fini(struct suggestions *suggestions) {
  for (size_t i = 0; i < suggestions->count; i++)
    fini_one(&suggestions->items[i]);
  suggestions->count = 0;
}

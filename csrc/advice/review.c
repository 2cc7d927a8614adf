/* review.c - see review.h. */
#include "advice/review.h"

#include <string.h>

#include "advice/tiers.h"
#include "base/mem.h"
#include "base/money.h"
#include "ledger/advice_log.h"
#include "ledger/chat.h"
#include "ledger/usual.h"

enum {
  RUNS_LOOKED_AT = 200
};

/* ---- one run: its requests, and what they cost elsewhere ---- */

struct gathering {
  const struct catalog *catalog;
  struct request_shape *requests;
  size_t count, cap;
  char model[160];
  const char *cheaper;
  int64_t cheaper_nanousd;
  bool cheaper_known;
};

static void price_cheaper(struct gathering *g, const struct request_row *row) {
  const struct price_query query = {.model = g->cheaper,
                                    .at_ms = row->at_ms,
                                    .tier = row->tier,
                                    .reported_nanousd = -1,
                                    .usage = row->usage};
  struct price price;
  price_request(g->catalog, &query, &price);
  g->cheaper_known = g->cheaper_known && price.status != COST_UNKNOWN;
  g->cheaper_nanousd = money_add(g->cheaper_nanousd, price.cost_nanousd);
}

static int gather(void *data, const struct request_row *row) {
  static const uint32_t aside =
      PURSER_FLAG_SIDECHAIN | PURSER_FLAG_COMPACTION | PURSER_FLAG_REMAINDER;
  struct gathering *g = data;
  if (g->cheaper != NULL)
    price_cheaper(g, row);
  if ((row->flags & aside) != 0)
    return 0;
  void *requests = g->requests;
  if (mem_grow(&requests, &g->cap, g->count + 1, sizeof *g->requests) != PURSER_OK)
    return PURSER_ENOMEM;
  g->requests = requests;
  g->requests[g->count++] = (struct request_shape){
      .usage = row->usage,
      .cost_nanousd = row->cost_nanousd,
      .cache_saved_nanousd = row->cache_saved_nanousd,
  };
  return 0;
}

static struct compaction_rates rates_of(const struct catalog *catalog, const struct run_row *run) {
  struct model_info info;
  struct compaction_rates none = {0};
  if (catalog_find(catalog, NULL, run->model, run->started_ms, &info) != PURSER_OK ||
      info.input < 0)
    return none;
  return (struct compaction_rates){
      .input = info.input,
      .cache_read = info.cache_read >= 0 ? info.cache_read : info.input,
      .cache_write = info.cache_write_5m >= 0 ? info.cache_write_5m : info.input,
      .output = info.output,
  };
}

/* ---- loops: the same tool, the same input ---- */

struct calls {
  int64_t run_id;
  uint64_t *hashes;
  size_t count, cap;
  int64_t most;
};

static uint64_t hash_call(const char *name, const char *text) {
  uint64_t hash = UINT64_C(1469598103934665603);
  for (const char *at = name; *at != '\0'; at++)
    hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
  for (const char *at = text; *at != '\0'; at++)
    hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
  return hash;
}

static int count_call(void *data, const struct chat_item *item) {
  struct calls *calls = data;
  if (item->run_id != calls->run_id || item->kind != CHAT_CALL)
    return 0;
  void *hashes = calls->hashes;
  if (mem_grow(&hashes, &calls->cap, calls->count + 1, sizeof *calls->hashes) != PURSER_OK)
    return PURSER_ENOMEM;
  calls->hashes = hashes;
  const uint64_t hash = hash_call(item->name, item->text);
  int64_t same = 1;
  for (size_t i = 0; i < calls->count; i++)
    same += calls->hashes[i] == hash;
  calls->hashes[calls->count++] = hash;
  calls->most = same > calls->most ? same : calls->most;
  return 0;
}

/* Where what was said is not kept, nothing is known of loops. */
static int count_repeated(struct ledger *ledger, const struct run_row *run, int64_t *out,
                          struct error *error) {
  struct calls calls = {.run_id = run->id};
  *out = 0;
  if (run->conversation[0] == '\0' || run->counts.tool_calls < 2)
    return PURSER_OK;
  int status = chat_items(ledger, run->conversation, true, count_call, &calls, error);
  mem_free(calls.hashes);
  *out = calls.most;
  return status == PURSER_ENOTFOUND ? PURSER_OK : status;
}

/* ---- the review ---- */

struct reviewing {
  struct ledger *ledger;
  const struct catalog *catalog;
  int64_t minimum_nanousd;
  bool all;
  int (*each)(void *data, const struct reviewed *reviewed);
  void *data;
  struct error *error;
  bool usual_only; /* those that stand out were looked at already */
};

static int without_dismissed(const struct reviewing *r, int64_t run_id, struct finding *findings,
                             size_t *count) {
  size_t left = 0;
  for (size_t i = 0; i < *count; i++) {
    bool dismissed = false;
    if (!r->all) {
      const int status = advice_is_dismissed(r->ledger, run_id, finding_name(findings[i].kind),
                                             &dismissed, r->error);
      if (status != PURSER_OK)
        return status;
    }
    if (!dismissed && findings[i].nanousd >= r->minimum_nanousd)
      findings[left++] = findings[i];
  }
  *count = left;
  return PURSER_OK;
}

static int judge(const struct reviewing *r, const struct run_row *run, struct gathering *g) {
  struct usual_runs medians;
  struct finding findings[FINDING_KINDS];
  int64_t repeated = 0;
  int status = ledger_request_each(r->ledger, run->id, gather, g, r->error);
  if (status == PURSER_OK)
    status = ledger_usual(r->ledger, run->agent, run->model, run->started_ms, &medians, r->error);
  if (status == PURSER_OK)
    status = count_repeated(r->ledger, run, &repeated, r->error);
  if (status != PURSER_OK)
    return status;
  const struct usual usual = {medians.runs, medians.first_prompt, medians.requests, medians.output};
  const struct run_shape shape = {
      .requests = g->requests,
      .count = g->count,
      .prompt_tokens = run->prompt_bytes / 4,
      .tool_calls = run->counts.tool_calls,
      .retries = run->counts.retries,
      .repeated = repeated,
      .rates = rates_of(r->catalog, run),
      .cheaper_model = g->cheaper_known ? g->cheaper : NULL,
      .cheaper_nanousd = g->cheaper_nanousd,
  };
  size_t count = diagnose(&shape, &usual, findings);
  status = without_dismissed(r, run->id, findings, &count);
  if (status != PURSER_OK || count == 0)
    return status;
  const struct reviewed reviewed = {run, &usual, findings, count, shape.cheaper_model};
  return r->each(r->data, &reviewed);
}

static int review_one(void *data, const struct run_row *run) {
  const struct reviewing *r = data;
  struct gathering g = {.catalog = r->catalog};
  if (r->usual_only && run->unusual != 0)
    return 0;
  if (model_tier(run->model) > TIER_SMALL)
    g.cheaper = model_of_tier(run->model, TIER_SMALL);
  g.cheaper_known = g.cheaper != NULL;
  const int status = judge(r, run, &g);
  mem_free(g.requests);
  return status;
}

int review_run(struct ledger *ledger, const struct catalog *catalog, int64_t run_id, bool all,
               int (*each)(void *data, const struct reviewed *reviewed), void *data,
               struct error *error) {
  struct reviewing r = {ledger, catalog, 0, all, each, data, error, false};
  struct run_row run;
  int status = ledger_run_get(ledger, run_id, &run, error);
  if (status != PURSER_OK)
    return status;
  status = review_one(&r, &run);
  run_row_fini(&run);
  return status;
}

int review(struct ledger *ledger, const struct catalog *catalog, const struct review_query *query,
           int (*each)(void *data, const struct reviewed *reviewed), void *data,
           struct error *error) {
  struct reviewing r = {ledger, catalog, query->minimum_nanousd, query->all, each, data,
                        error,  false};
  struct run_filter filter = {
      .agent = query->agent,
      .workspace = query->workspace,
      .status = -1,
      .since_ms = query->since_ms,
      .until_ms = query->until_ms,
      .unusual = true,
      .limit = query->limit > 0 ? query->limit : RUNS_LOOKED_AT,
  };
  int status = ledger_run_each(ledger, &filter, review_one, &r, error);
  /* What is cheap to do better shows in runs that don't stand out, too: the last ones are looked at. */
  filter.unusual = false;
  r.usual_only = true;
  return status == PURSER_OK ? ledger_run_each(ledger, &filter, review_one, &r, error) : status;
}

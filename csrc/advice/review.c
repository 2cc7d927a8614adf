/* review.c - see review.h. */
#include "advice/review.h"

#include <stdio.h>
#include <string.h>

#include "advice/repeats.h"
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
  char model[160]; /* of the main line: what the run asked for may be a nickname, or nothing */
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

static void know_model(struct gathering *g, const char *model) {
  (void)snprintf(g->model, sizeof g->model, "%s", model);
  g->cheaper = model_tier(model) > TIER_SMALL ? model_of_tier(model, TIER_SMALL) : NULL;
  g->cheaper_known = g->cheaper != NULL;
}

static int gather(void *data, const struct request_row *row) {
  static const uint32_t aside =
      PURSER_FLAG_SIDECHAIN | PURSER_FLAG_COMPACTION | PURSER_FLAG_REMAINDER;
  struct gathering *g = data;
  if ((row->flags & aside) != 0)
    return 0;
  if (g->count == 0)
    know_model(g, row->model);
  if (g->cheaper != NULL)
    price_cheaper(g, row);
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

static struct compaction_rates rates_of(const struct catalog *catalog, const char *model,
                                        int64_t at_ms) {
  struct model_info info;
  struct compaction_rates none = {0};
  if (catalog_find(catalog, NULL, model, at_ms, &info) != PURSER_OK || info.input < 0)
    return none;
  return (struct compaction_rates){
      .input = info.input,
      .cache_read = info.cache_read >= 0 ? info.cache_read : info.input,
      .cache_write = info.cache_write_5m >= 0 ? info.cache_write_5m : info.input,
      .output = info.output,
  };
}

/* ---- loops ---- */

struct calls {
  int64_t run_id;
  struct repeats repeats;
};

static int count_call(void *data, const struct chat_item *item) {
  struct calls *calls = data;
  if (item->run_id != calls->run_id || item->kind != CHAT_CALL)
    return 0;
  return repeats_add(&calls->repeats, repeats_hash(item->name, item->text));
}

/* Where what was said is not kept, nothing is known of loops. */
static int count_repeated(struct ledger *ledger, const struct run_row *run, int64_t *out,
                          struct error *error) {
  struct calls calls = {run->id, REPEATS_INIT};
  *out = 0;
  if (run->conversation[0] == '\0' || run->counts.tool_calls < 2)
    return PURSER_OK;
  int status = chat_items(ledger, run->conversation, true, count_call, &calls, error);
  *out = calls.repeats.most;
  repeats_fini(&calls.repeats);
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
  struct usual_cache *cache; /* NULL: of one run only */
  bool usual_only;           /* those that stand out were looked at already */
};

static int without_dismissed(const struct reviewing *r, int64_t run_id, struct finding *findings,
                             size_t *count) {
  size_t left = 0;
  for (size_t i = 0; i < *count; i++) {
    if (findings[i].nanousd < r->minimum_nanousd)
      continue;
    const int status = advice_is_dismissed(r->ledger, run_id, finding_name(findings[i].kind),
                                           &findings[i].dismissed, r->error);
    if (status != PURSER_OK)
      return status;
    if (r->all || !findings[i].dismissed)
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
  if (status == PURSER_OK && g->count == 0)
    return PURSER_OK;
  if (status == PURSER_OK)
    status = ledger_usual(r->ledger, r->cache, run->agent, g->model, run->started_ms, &medians,
                          r->error);
  if (status == PURSER_OK)
    status = count_repeated(r->ledger, run, &repeated, r->error);
  if (status != PURSER_OK)
    return status;
  const struct usual usual = {
      .runs = medians.runs,
      .first_prompt = medians.first_prompt,
      .requests = medians.requests,
      .output = medians.output,
      .most_first_prompt = medians.most_first_prompt,
      .most_requests = medians.most_requests,
  };
  const struct run_shape shape = {
      .requests = g->requests,
      .count = g->count,
      .prompt_tokens = run->prompt_bytes / 4,
      .tool_calls = run->counts.tool_calls,
      .retries = run->counts.retries,
      .repeated = repeated,
      .rates = rates_of(r->catalog, g->model, run->started_ms),
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
  const int status = judge(r, run, &g);
  mem_free(g.requests);
  return status;
}

int review_run(struct ledger *ledger, const struct catalog *catalog, int64_t run_id, bool all,
               int (*each)(void *data, const struct reviewed *reviewed), void *data,
               struct error *error) {
  struct reviewing r = {ledger, catalog, 0, all, each, data, error, NULL, false};
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
  struct reviewing r = {ledger, catalog, query->minimum_nanousd, query->all, each,
                        data,   error,   usual_cache_new(),      false};
  struct run_filter filter = {
      .agent = query->agent,
      .workspace = query->workspace,
      .billing = query->billing,
      .status = -1,
      .since_ms = query->since_ms,
      .until_ms = query->until_ms,
      .unusual = true,
      .limit = query->limit > 0 ? query->limit : RUNS_LOOKED_AT,
  };
  if (r.cache == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  int status = ledger_run_each(ledger, &filter, review_one, &r, error);
  /* What is cheap to do better shows in runs that don't stand out, too: the last ones are looked at. */
  filter.unusual = false;
  r.usual_only = true;
  if (status == PURSER_OK)
    status = ledger_run_each(ledger, &filter, review_one, &r, error);
  usual_cache_free(r.cache);
  return status;
}

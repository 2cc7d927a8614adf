/* what_if.c - see what_if.h. */
#include "advice/what_if.h"

#include <stdio.h>
#include <string.h>

#include "advice/tiers.h"
#include "advice/what_if_effort.h"
#include "base/calendar.h"
#include "base/money.h"
#include "base/zone.h"
#include "pricing/catalog.h"

struct asking {
  const struct catalog *catalog;
  struct what_if *out;
  struct efforts *efforts; /* NULL: not asked for */
  /* Which card each row's model stands for: requests come in the order of time, and cards change at midnight. */
  int64_t day;
  struct resolved cards[WHAT_IF_MODELS];
  bool found[WHAT_IF_MODELS];
};

static void find_cards(struct asking *a, int64_t at_ms) {
  const int64_t day = at_ms / CALENDAR_DAY_MS - (at_ms < 0);
  if (day == a->day)
    return;
  a->day = day;
  for (size_t i = 0; i < a->out->count; i++)
    a->found[i] = catalog_resolve(a->catalog, NULL, a->out->rows[i].model, at_ms, &a->cards[i]);
}

/* The price that the request would have had, in one of its rows. */
static void reprice_row(const struct resolved *card, const struct scanned_request *request,
                        struct what_if_row *row) {
  /* A tier is a choice that goes with the request; speed and region are those of one provider. */
  const struct price_query query = {
      .model = row->model,
      .at_ms = request->at_ms,
      .tier = request->tier,
      .reported_nanousd = -1,
      .usage = request->usage,
  };
  struct price price;
  price_found(card, &query, &price);
  if (price.status == COST_UNKNOWN) {
    row->unpriced++;
    return;
  }
  row->priced++;
  row->cost_nanousd = money_add(row->cost_nanousd, price.cost_nanousd);
}

static int reprice(void *data, const struct scanned_request *request) {
  struct asking *a = data;
  struct what_if *out = a->out;
  out->requests++;
  if (request->status == COST_UNKNOWN) {
    out->unpriced++;
    return 0;
  }
  out->cost_nanousd = money_add(out->cost_nanousd, request->cost_nanousd);
  find_cards(a, request->at_ms);
  for (size_t i = 0; i < out->count; i++)
    reprice_row(a->found[i] ? &a->cards[i] : NULL, request, &out->rows[i]);
  return a->efforts == NULL ? 0
                            : efforts_add(a->efforts, request->agent, request->run_model,
                                          request->effort, request->cost_nanousd);
}

int what_if(struct ledger *ledger, const struct catalog *catalog, const struct request_scan *scan,
            const char *const *models, bool efforts, struct what_if *out, struct error *error) {
  struct efforts groups = EFFORTS_INIT;
  struct asking asking = {
      .catalog = catalog, .out = out, .efforts = efforts ? &groups : NULL, .day = INT64_MIN};
  *out = (struct what_if){.count = 0};
  for (; models[out->count] != NULL && out->count < WHAT_IF_MODELS; out->count++)
    (void)snprintf(out->rows[out->count].model, WHAT_IF_NAME, "%s", models[out->count]);
  int status = ledger_request_scan(ledger, scan, reprice, &asking, error);
  if (status == PURSER_OK && efforts)
    status = efforts_rows(&groups, ledger, scan, out, error);
  efforts_fini(&groups);
  return status;
}

/* ---- models to compare with ---- */

static void add_model(struct what_if *out, const char *model) {
  if (model == NULL || model[0] == '\0' || out->count == WHAT_IF_MODELS)
    return;
  for (size_t i = 0; i < out->count; i++) {
    if (strcmp(out->rows[i].model, model) == 0)
      return;
  }
  (void)snprintf(out->rows[out->count++].model, WHAT_IF_NAME, "%s", model);
}

/* Half of the places, so that there are some for the others. */
static int add_used(void *data, const char *key, const struct sums *sums) {
  struct what_if *out = data;
  (void)sums;
  if (out->count < WHAT_IF_MODELS / 2)
    add_model(out, key);
  return 0;
}

int what_if_models(struct ledger *ledger, const struct request_scan *scan, struct what_if *out,
                   struct error *error) {
  const struct zone *zone = ledger_zone(ledger);
  const struct report_query query = {
      .by = REPORT_BY_MODEL,
      .agent = scan->agent,
      .workspace = scan->workspace,
      .billing = scan->billing,
      .since_day = scan->since_ms == INT64_MIN ? INT64_MIN : zone_day(zone, scan->since_ms),
      .until_day = scan->until_ms == INT64_MAX ? INT64_MAX : zone_day(zone, scan->until_ms - 1) + 1,
  };
  *out = (struct what_if){.count = 0};
  const int status = ledger_report(ledger, &query, add_used, out, NULL, error);
  const size_t used = out->count;
  for (size_t i = 0; i < used && status == PURSER_OK; i++) {
    for (int tier = TIER_LARGE; tier >= TIER_SMALL; tier--)
      add_model(out, model_of_tier(out->rows[i].model, (enum model_tier)tier));
  }
  return status;
}

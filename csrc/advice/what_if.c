/* what_if.c - see what_if.h. */
#include "advice/what_if.h"

#include "base/money.h"

struct asking {
  const struct catalog *catalog;
  struct what_if *out;
};

static int reprice(void *data, const struct scanned_request *request) {
  const struct asking *a = data;
  struct what_if *out = a->out;
  out->requests++;
  if (request->status == COST_UNKNOWN) {
    out->unpriced++;
    return 0;
  }
  out->cost_nanousd = money_add(out->cost_nanousd, request->cost_nanousd);
  for (size_t i = 0; i < out->count; i++) {
    struct what_if_row *row = &out->rows[i];
    /* A tier is a choice that goes with the request; speed and region are those of one provider. */
    const struct price_query query = {
        .model = row->model,
        .at_ms = request->at_ms,
        .tier = request->tier,
        .reported_nanousd = -1,
        .usage = request->usage,
    };
    struct price price;
    price_request(a->catalog, &query, &price);
    if (price.status == COST_UNKNOWN) {
      row->unpriced++;
      continue;
    }
    row->priced++;
    row->cost_nanousd = money_add(row->cost_nanousd, price.cost_nanousd);
  }
  return 0;
}

int what_if(struct ledger *ledger, const struct catalog *catalog, const struct request_scan *scan,
            const char *const *models, struct what_if *out, struct error *error) {
  *out = (struct what_if){.count = 0};
  for (; models[out->count] != NULL && out->count < WHAT_IF_MODELS; out->count++)
    out->rows[out->count].model = models[out->count];
  struct asking asking = {catalog, out};
  return ledger_request_scan(ledger, scan, reprice, &asking, error);
}

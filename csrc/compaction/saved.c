/* saved.c - see saved.h. */
#include "compaction/saved.h"

struct measuring {
  const struct catalog *catalog;
  struct compaction_saved *out;
  int64_t removed;
  int64_t until_ms; /* 0: it holds */
};

static int64_t price_of(const struct catalog *catalog, const struct chat_request *request,
                        const purser_usage *usage) {
  const struct price_query query = {
      .model = request->model, .at_ms = request->at_ms, .reported_nanousd = -1, .usage = *usage};
  struct price price;
  price_request(catalog, &query, &price);
  return price.status == COST_UNKNOWN ? 0 : price.cost_nanousd;
}

static int measure(void *data, const struct chat_request *request) {
  struct measuring *m = data;
  if (m->until_ms != 0 && request->at_ms >= m->until_ms)
    return 0;
  purser_usage heavier = request->usage;
  if (heavier.cache_read > 0)
    heavier.cache_read += m->removed;
  else if (heavier.cache_write_5m > 0)
    heavier.cache_write_5m += m->removed;
  else if (heavier.cache_write_1h > 0)
    heavier.cache_write_1h += m->removed;
  else
    heavier.input += m->removed;
  m->out->requests++;
  m->out->tokens += m->removed;
  m->out->nanousd +=
      price_of(m->catalog, request, &heavier) - price_of(m->catalog, request, &request->usage);
  return 0;
}

int compaction_saved(struct ledger *ledger, const struct catalog *catalog,
                     const struct chat_compaction *compaction, struct compaction_saved *out,
                     struct error *error) {
  struct measuring m = {
      .catalog = catalog,
      .out = out,
      .removed = compaction->before_tokens - compaction->after_tokens,
      .until_ms = compaction->undone_ms,
  };
  struct sums sums = {0};
  *out = (struct compaction_saved){0};
  int status = PURSER_OK;
  if (compaction->run_id != 0)
    status = ledger_run_sums(ledger, compaction->run_id, NULL, &sums, error);
  if (status == PURSER_OK)
    status = chat_requests_after(ledger, compaction->conversation, compaction->at_ms, measure, &m,
                                 error);
  out->cost_nanousd = sums.cost_nanousd;
  out->nanousd -= sums.cost_nanousd;
  return status;
}

/* book.c - one usage figure on its way into the ledger: named, priced, booked, and the hold topped up. */
#include <string.h>

#include "base/mem.h"
#include "run/life.h"

static void add_str(struct buf *out, purser_str text) {
  buf_add(out, text.ptr != NULL ? text.ptr : "", text.len);
}

/* The idempotency key (rule 12). Where the client keeps a record of its own, the same response is met again under the same id: in the
 * record, in another file, in an import. Where it keeps none, some servers answer every call with the same id, so the run is
 * part of the key. */
static void write_key(const struct run *run, const struct life_request *request, struct buf *out) {
  buf_addf(out, "%s/", run->source);
  const bool recorded = run->record_kind[0] != '\0';
  if (!recorded || request->key.len == 0) {
    buf_addf(out, "%lld.%lld/", (long long)run->started_ms, (long long)run->id);
  }
  if (request->key.len != 0) {
    add_str(out, request->key);
  } else {
    buf_addf(out, "%lld", (long long)run->tally.requests);
  }
}

/* NUL-terminated copies of what the ledger and the price want, in one buffer each. */
struct names {
  struct buf key, request_id, model, tier, speed, session;
};

static void names_fini(struct names *n) {
  buf_fini(&n->key);
  buf_fini(&n->request_id);
  buf_fini(&n->model);
  buf_fini(&n->tier);
  buf_fini(&n->speed);
  buf_fini(&n->session);
}

static int names_fill(struct names *n, const struct run *run, const struct life_request *request) {
  write_key(run, request, &n->key);
  add_str(&n->request_id, request->request_id);
  if (request->model.len != 0) {
    add_str(&n->model, request->model);
  } else {
    buf_adds(&n->model, run->model);
  }
  add_str(&n->tier, request->tier);
  add_str(&n->speed, request->speed);
  if (request->session.len != 0) {
    add_str(&n->session, request->session);
  } else {
    buf_adds(&n->session, run->session);
  }
  if (n->key.failed || n->request_id.failed || n->model.failed || n->tier.failed ||
      n->speed.failed || n->session.failed) {
    return PURSER_ENOMEM;
  }
  return PURSER_OK;
}

/* A remainder stands for several requests: a long-context tier chosen by its sum would be wrong (rule 15). There the client's own
 * figure is the better one, and without it the cost is an estimate. */
static void price_of(const struct run *run, const struct life_request *request,
                     const struct names *names, int64_t at_ms, struct price *out) {
  const struct price_query query = {
      .model = buf_text(&names->model),
      .provider = run->provider,
      .at_ms = at_ms,
      .tier = buf_text(&names->tier),
      .speed = buf_text(&names->speed),
      .reported_nanousd = request->reported_nanousd,
      .usage = request->usage,
  };
  if (run->free) {
    *out = (struct price){.status = COST_KNOWN, .rate_card = "free"};
    return;
  }
  run_price(run->config, &query, out);
  if ((request->flags & PURSER_FLAG_REMAINDER) != 0 && out->long_context) {
    out->status = COST_ESTIMATED;
    if (request->reported_nanousd >= 0) {
      out->cost_nanousd = request->reported_nanousd;
      out->status = COST_REPORTED;
    }
  }
  if ((request->flags & PURSER_FLAG_ESTIMATED) != 0 && out->status == COST_KNOWN) {
    out->status = COST_ESTIMATED;
  }
}

int life_book(struct run *run, const struct life_request *request, struct life_booked *out,
              struct error *error) {
  *out = (struct life_booked){.verdict = VERDICT_CONTINUE};
  struct names names = {0};
  int status = names_fill(&names, run, request);
  if (status != PURSER_OK) {
    (void)error_set(error, status, "out of memory");
    goto out;
  }
  const int64_t at_ms =
      request->at_ms != 0 ? request->at_ms : clock_now_ms(ledger_clock(run->ledger));
  struct request row = {
      .run_id = run->id,
      .key = buf_text(&names.key),
      .request_id = buf_text(&names.request_id),
      .at_ms = at_ms,
      .model = buf_text(&names.model),
      .tier = buf_text(&names.tier),
      .speed = buf_text(&names.speed),
      .region = "",
      .session = buf_text(&names.session),
      .flags = request->flags | (run->compaction ? (uint32_t)PURSER_FLAG_COMPACTION : 0),
      .reported_nanousd = request->reported_nanousd,
      .usage = request->usage,
  };
  price_of(run, request, &names, at_ms, &row.price);
  out->cost_nanousd = row.price.cost_nanousd;
  status = ledger_book(run->ledger, &row, &out->booked, error);
  if (status != PURSER_OK)
    goto out;
  if (out->booked.run_id != run->id || out->booked.outcome == BOOK_DUPLICATE)
    goto out;

  const int64_t next = row.price.status != COST_UNKNOWN && row.price.cost_nanousd > 0
                           ? row.price.cost_nanousd
                           : run->next_nanousd;
  status = budget_spent(run->ledger, run->id, out->booked.delta_nanousd, next, &out->verdict,
                        &out->policy, error);
out:
  names_fini(&names);
  return status;
}

/* book.c - the one door through which requests come into the ledger (rule 2), whoever saw them.
 *
 * The same response is met again and again: a stream restates it (rule 1), resumed and forked sessions copy it (rule 3), side chains
 * replay it (rule 4), the client's record tells it a second time (rule 12). One entry is kept: the better figure, the earliest owner. */
#include <string.h>

#include "ledger/bulk.h"
#include "ledger/hash.h"
#include "ledger/internal.h"
#include "ledger/request_row.h"
#include "ledger/rollup.h"
#include "ledger/run_facts.h"

/* Beyond these a figure is broken, and would break every sum it enters: 10^12 tokens, a million dollars. */
#define MAX_TOKENS  INT64_C(1000000000000)
#define MAX_NANOUSD INT64_C(1000000000000000)
/* Rule 23. */
#define AHEAD_MS INT64_C(86400000)

/* ---- from what was seen to what is stored ---- */

static void clamp(int64_t *value, int64_t max, uint32_t *flags) {
  const int64_t fits = *value < 0 ? 0 : *value > max ? max : *value;
  if (fits != *value)
    *flags |= PURSER_FLAG_CLAMPED;
  *value = fits;
}

/* The kinds add up to the cost, or there are none: what a client reported, or somebody has figured otherwise, can't be split. */
static void split(struct stored_request *r, const struct price *price) {
  const int64_t parts[] = {price->input_nanousd, price->cache_read_nanousd,
                           price->cache_write_nanousd, price->output_nanousd, price->extra_nanousd};
  int64_t sum = 0;
  bool fits = r->status != COST_UNKNOWN;
  for (size_t i = 0; i < sizeof parts / sizeof parts[0] && fits; i++) {
    fits = parts[i] >= 0 && parts[i] <= MAX_NANOUSD;
    sum += fits ? parts[i] : 0;
  }
  if (!fits || sum != r->cost_nanousd) {
    r->extra_nanousd = r->cost_nanousd;
    return;
  }
  r->input_nanousd = price->input_nanousd;
  r->cache_read_nanousd = price->cache_read_nanousd;
  r->cache_write_nanousd = price->cache_write_nanousd;
  r->extra_nanousd = price->extra_nanousd;
  r->cache_saved_nanousd = price->cache_saved_nanousd;
  if (r->cache_saved_nanousd > MAX_NANOUSD || r->cache_saved_nanousd < -MAX_NANOUSD)
    r->cache_saved_nanousd = 0;
}

static void clamp_all(struct stored_request *r) {
  purser_usage *u = &r->usage;
  int64_t *const counts[] = {&u->input,  &u->cache_read, &u->cache_write_5m, &u->cache_write_1h,
                             &u->output, &u->reasoning,  &u->web_searches};
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
    clamp(counts[i], MAX_TOKENS, &r->flags);
  clamp(&r->cost_nanousd, MAX_NANOUSD, &r->flags);
  if (r->reported_nanousd < 0)
    r->reported_nanousd = -1;
  if (r->reported_nanousd > MAX_NANOUSD)
    r->reported_nanousd = MAX_NANOUSD;
}

static int intern(struct ledger *ledger, const struct request *request, struct stored_request *r,
                  struct error *error) {
  const struct {
    const char *text;
    int64_t *id;
  } names[] = {
      {request->model, &r->model},     {request->tier, &r->tier},
      {request->speed, &r->speed},     {request->region, &r->region},
      {request->session, &r->session}, {request->price.rate_card, &r->rate_card},
  };
  int status = PURSER_OK;
  for (size_t i = 0; i < sizeof names / sizeof names[0] && status == PURSER_OK; i++)
    status = names_intern(&ledger->names, ledger->db, names[i].text, names[i].id, error);
  return status;
}

static int to_stored(struct ledger *ledger, const struct request *request, struct stored_request *r,
                     struct error *error) {
  const bool priced = request->price.status != COST_UNKNOWN;
  *r = (struct stored_request){
      .run_id = request->run_id,
      .at_ms = request->at_ms != 0 ? request->at_ms : ledger_now(ledger),
      .period_ms = request->period_ms > 0 ? request->period_ms : 0,
      .cost_nanousd = priced ? request->price.cost_nanousd : 0,
      .reported_nanousd = request->reported_nanousd,
      .flags = request->flags,
      .status = request->price.status,
      .usage = request->usage,
      .key = request->key,
      .request_id = ledger_text(request->request_id),
  };
  clamp_all(r);
  split(r, &request->price);
  return intern(ledger, request, r, error);
}

/* ---- which record, and whose ---- */

/* Whether `a` says more about the response than `b`: a figure of the provider's over our own guess, a final one over a partial one, then
 * the larger one; with the same tokens, the one that has a price, then the one that knows that the cache was written for an hour. */
static bool is_better(const struct stored_request *a, const struct stored_request *b) {
  const bool guess_a = (a->flags & PURSER_FLAG_ESTIMATED) != 0;
  const bool guess_b = (b->flags & PURSER_FLAG_ESTIMATED) != 0;
  if (guess_a != guess_b)
    return guess_b;
  const bool partial_a = (a->flags & PURSER_FLAG_PARTIAL) != 0;
  const bool partial_b = (b->flags & PURSER_FLAG_PARTIAL) != 0;
  if (partial_a != partial_b)
    return partial_b;
  if (stored_tokens(a) != stored_tokens(b))
    return stored_tokens(a) > stored_tokens(b);
  if ((a->status == COST_UNKNOWN) != (b->status == COST_UNKNOWN))
    return b->status == COST_UNKNOWN;
  return a->usage.cache_write_1h > b->usage.cache_write_1h;
}

/* Whose the response is when two runs know it: a run of ours before one read from a client's files, which tell of ours as
 * well; then the one that began first (rule 3). */
static bool owns_rather(const struct run_facts *a, const struct run_facts *b) {
  if (a->imported != b->imported)
    return !a->imported;
  if (a->started_ms != b->started_ms)
    return a->started_ms < b->started_ms;
  return a->id < b->id;
}

/* The entry that comes of an old and a new record. */
static struct stored_request merge(const struct stored_request *old,
                                   const struct stored_request *fresh) {
  struct stored_request merged = is_better(fresh, old) ? *fresh : *old;
  const struct stored_request *other = is_better(fresh, old) ? old : fresh;
  merged.id = old->id;
  merged.key = old->key;
  merged.run_id = old->run_id;
  merged.at_ms = old->at_ms < fresh->at_ms ? old->at_ms : fresh->at_ms;
  merged.period_ms = old->period_ms;
  /* The main line's identity counts over a side chain's replay of it, and a known request id over none. */
  if ((merged.flags & PURSER_FLAG_SIDECHAIN) != 0 && (other->flags & PURSER_FLAG_SIDECHAIN) == 0) {
    merged.flags &= ~(uint32_t)PURSER_FLAG_SIDECHAIN;
    if (other->request_id[0] != '\0')
      merged.request_id = other->request_id;
  }
  if (merged.request_id[0] == '\0')
    merged.request_id = other->request_id;
  if (merged.reported_nanousd < 0)
    merged.reported_nanousd = other->reported_nanousd;
  return merged;
}

static bool is_same(const struct stored_request *a, const struct stored_request *b) {
  return a->run_id == b->run_id && a->at_ms == b->at_ms && a->flags == b->flags &&
         a->model == b->model && a->tier == b->tier && a->speed == b->speed &&
         a->region == b->region && a->session == b->session && a->rate_card == b->rate_card &&
         a->status == b->status && a->cost_nanousd == b->cost_nanousd &&
         a->input_nanousd == b->input_nanousd && a->cache_read_nanousd == b->cache_read_nanousd &&
         a->cache_write_nanousd == b->cache_write_nanousd && a->extra_nanousd == b->extra_nanousd &&
         a->cache_saved_nanousd == b->cache_saved_nanousd &&
         a->reported_nanousd == b->reported_nanousd &&
         memcmp(&a->usage, &b->usage, sizeof a->usage) == 0 &&
         strcmp(a->request_id, b->request_id) == 0;
}

/* ---- keeping the sums ---- */

/* `delta->runs` is 1 when the run is to be counted where this request is. */
static int add_to_run(struct ledger *ledger, const struct run_facts *run,
                      const struct stored_request *r, const struct sums *delta,
                      struct error *error) {
  const bool anchors = delta->runs > 0;
  if (bulk_add_to_run(ledger, run, r, delta))
    return PURSER_OK;
  struct db_value values[SUMS_FIELDS + 4];
  values[0] = db_int(r->cost_nanousd);
  sums_values(delta, &values[1]);
  values[SUMS_FIELDS + 1] = anchors ? db_int(r->at_ms) : db_null();
  values[SUMS_FIELDS + 2] = anchors ? db_int(r->model) : db_null();
  values[SUMS_FIELDS + 3] = db_int(run->id);
  return db_run(ledger->db,
                "UPDATE run_log SET dearest = max(dearest, :one)" SUMS_FIGURES(
                    SUMS_ADD_PARAM) ", tokens = tokens + " SUMS_TOKENS
                                    ", unusual = 0, anchor_ms = ifnull(:anchor, anchor_ms),"
                                    " anchor_model = ifnull(:anchored, anchor_model)"
                                    " WHERE id = :run",
                values, SUMS_FIELDS + 4, error);
}

static int add_to_counters(struct ledger *ledger, const struct run_facts *run,
                           const struct stored_request *r, int64_t nanousd, struct error *error) {
  if (run->billing == BILLING_LOCAL)
    return PURSER_OK;
  const struct spend spend = {
      .agent = run->agent,
      .workspace = run->workspace,
      .at_ms = r->period_ms != 0 ? r->period_ms : r->at_ms,
      .metered = run->billing == BILLING_METERED ? nanousd : 0,
      .subscription = run->billing == BILLING_SUBSCRIPTION ? nanousd : 0,
  };
  return counters_add(ledger, &spend, error);
}

/* Adds `delta` wherever the request counts. */
static int apply(struct ledger *ledger, const struct run_facts *run, const struct stored_request *r,
                 const struct sums *delta, struct error *error) {
  const struct cell cell = run_facts_cell(run, r->at_ms, r->model);
  int status = rollup_add(ledger, &cell, delta, error);
  if (status == PURSER_OK)
    status = add_to_run(ledger, run, r, delta, error);
  if (status == PURSER_OK)
    status = add_to_counters(ledger, run, r, delta->cost_nanousd - delta->uncertain_nanousd, error);
  return status;
}

/* A run is counted where its first request is; if it was counted elsewhere before, not there any more. */
static int take_in(struct ledger *ledger, struct run_facts *run, const struct stored_request *r,
                   struct error *error) {
  struct sums sums = stored_sums(r);
  int status = PURSER_OK;
  if (run->requests == 0) {
    const struct cell before = run_facts_cell(run, run->anchor_ms, run->anchor_model);
    const struct sums minus = {.runs = -1};
    if (run->anchor_ms != 0)
      status = rollup_add(ledger, &before, &minus, error);
    sums.runs = 1;
    run->anchor_ms = r->at_ms;
    run->anchor_model = r->model;
  }
  if (status == PURSER_OK)
    status = apply(ledger, run, r, &sums, error);
  run->requests++;
  return status;
}

static int take_out(struct ledger *ledger, const struct run_facts *run,
                    const struct stored_request *r, struct error *error) {
  const struct sums none = {0};
  const struct sums sums = stored_sums(r);
  const struct sums minus = sums_less(&none, &sums);
  return apply(ledger, run, r, &minus, error);
}

/* ---- the door ---- */

/* While the clock is behind the open period, what a live run spends counts for that period: setting the clock back opens no
 * budget (rule 22). */
static int find_period_time(struct ledger *ledger, const struct run_facts *run,
                            struct stored_request *r, struct error *error) {
  const int status = counters_ready(ledger, error);
  if (status != PURSER_OK || ledger->counters.count == 0 || run->imported || r->period_ms != 0)
    return status;
  const int64_t now = counters_now(ledger);
  if (now > ledger_now(ledger) && r->at_ms < now)
    r->period_ms = now;
  return PURSER_OK;
}

static int book_new(struct ledger *ledger, struct run_facts *run, struct stored_request *r,
                    struct booked *out, struct error *error) {
  int status = find_period_time(ledger, run, r, error);
  if (status == PURSER_OK)
    status = stored_insert(ledger, r, error);
  if (status == PURSER_OK) {
    bulk_stored(ledger, hash_stored(r->key));
    status = take_in(ledger, run, r, error);
  }
  *out = (struct booked){BOOK_NEW, r->cost_nanousd, run->id};
  return status;
}

/* The old entry's share of every sum becomes the new one's. Mostly both lie in the same cells: then one difference does. */
static int rebook(struct ledger *ledger, const struct stored_request *old,
                  const struct run_facts *old_run, const struct stored_request *merged,
                  struct run_facts *new_run, struct error *error) {
  const struct cell before = run_facts_cell(old_run, old->at_ms, old->model);
  const struct cell after = run_facts_cell(new_run, merged->at_ms, merged->model);
  int status = stored_update(ledger, merged, error);
  if (status != PURSER_OK)
    return status;
  const bool same_time = old->at_ms == merged->at_ms || old->period_ms != 0;
  if (old_run->id == new_run->id && same_time && rollup_same(ledger, &before, &after)) {
    const struct sums from = stored_sums(old);
    const struct sums to = stored_sums(merged);
    const struct sums delta = sums_less(&to, &from);
    return apply(ledger, new_run, merged, &delta, error);
  }
  status = take_out(ledger, old_run, old, error);
  if (status == PURSER_OK && old_run->id == new_run->id)
    new_run->requests--;
  return status == PURSER_OK ? take_in(ledger, new_run, merged, error) : status;
}

/* `original`: the fresh one is from where the response was first written, and not from a copy. */
static int book_again(struct ledger *ledger, struct run_facts *run,
                      const struct stored_request *old, const struct stored_request *fresh,
                      bool original, struct booked *out, struct error *error) {
  struct run_facts old_run = *run;
  if (old->run_id != run->id) {
    const int status = bulk_facts(ledger, old->run_id, &old_run, error);
    if (status != PURSER_OK)
      return status;
  }
  struct stored_request merged = merge(old, fresh);
  merged.session = original ? fresh->session : old->session;
  const bool moves = old->run_id != run->id && owns_rather(run, &old_run);
  if (moves)
    merged.run_id = run->id;
  *out = (struct booked){BOOK_DUPLICATE, 0, merged.run_id};
  if (is_same(old, &merged))
    return PURSER_OK;
  *out = (struct booked){BOOK_REPLACED, merged.cost_nanousd - old->cost_nanousd, merged.run_id};
  if (moves)
    return rebook(ledger, old, &old_run, &merged, run, error);
  struct run_facts same = old_run;
  return rebook(ledger, old, &old_run, &merged, &same, error);
}

static int quarantine(struct ledger *ledger, const struct request *request,
                      const struct stored_request *r, struct booked *out, struct error *error) {
  const purser_usage *u = &r->usage;
  const struct db_value values[] = {
      db_text(r->key),
      db_text(r->request_id),
      db_int(r->run_id),
      db_int(r->at_ms),
      db_int(ledger_now(ledger)),
      db_text(request->model),
      db_int(u->input),
      db_int(u->cache_read),
      db_int(u->cache_write_5m),
      db_int(u->cache_write_1h),
      db_int(u->output),
      db_int(u->reasoning),
      r->status != COST_UNKNOWN ? db_int(r->cost_nanousd) : db_null(),
  };
  *out = (struct booked){BOOK_QUARANTINED, 0, r->run_id};
  return db_run(ledger->db,
                "INSERT OR REPLACE INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values, sizeof values / sizeof values[0], error);
}

static int book(struct ledger *ledger, const struct request *request, struct booked *out,
                struct buf *request_id, struct error *error) {
  struct run_facts run;
  struct stored_request fresh;
  struct stored_request old;
  int status = bulk_facts(ledger, request->run_id, &run, error);
  if (status == PURSER_OK)
    status = to_stored(ledger, request, &fresh, error);
  if (status != PURSER_OK)
    return status;
  if (fresh.at_ms > ledger_now(ledger) + AHEAD_MS)
    return quarantine(ledger, request, &fresh, out, error);
  status = bulk_is_unknown(ledger, hash_stored(fresh.key))
               ? PURSER_ENOTFOUND
               : stored_find(ledger, &fresh, &old, request_id, error);
  if (status == PURSER_ENOTFOUND)
    return book_new(ledger, &run, &fresh, out, error);
  if (status == PURSER_OK)
    status = book_again(ledger, &run, &old, &fresh, request->original, out, error);
  return status;
}

int ledger_book(struct ledger *ledger, const struct request *request, struct booked *out,
                struct error *error) {
  *out = (struct booked){.run_id = request->run_id};
  int status = ledger_need_transaction(ledger, "booking a request", error);
  if (status != PURSER_OK)
    return status;
  if (request->key == NULL || request->key[0] == '\0')
    return error_set(error, PURSER_EINVAL, "a request without a key can't be booked");
  struct buf request_id = BUF_INIT;
  status = book(ledger, request, out, &request_id, error);
  buf_fini(&request_id);
  if (status != PURSER_OK) {
    *out = (struct booked){.run_id = request->run_id};
    return ledger_spoil(ledger, status, "book a request", error);
  }
  return PURSER_OK;
}

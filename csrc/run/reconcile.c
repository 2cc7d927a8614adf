/* reconcile.c - the client's totals against what was seen request by request.
 *
 * Subagents, retries and compaction may be in no stream and in no record, but the client knows what it spent in all. What is
 * left over becomes a request of its own, flagged as a remainder; nothing is ever taken away. */
#include <string.h>

#include "base/money.h"
#include "run/life.h"

struct seen {
  const char *total_model;
  purser_usage usage;
  int64_t cost_nanousd;
};

static int add_seen(void *data, const struct request_row *row) {
  struct seen *seen = data;
  if ((row->flags & PURSER_FLAG_REMAINDER) != 0)
    return 0;
  if (!total_model_fits(seen->total_model, row->model))
    return 0;
  usage_add(&seen->usage, &row->usage);
  if (row->status != COST_UNKNOWN)
    seen->cost_nanousd = money_add(seen->cost_nanousd, row->cost_nanousd);
  return 0;
}

/* What the total says of this run alone. A running total is a difference to where the session stood before (rules 5, 7); a total
 * that fell is a new beginning. Without a baseline for a session that was resumed there is nothing to say: *known is false. */
static int own_share(struct run *run, const struct total *total, purser_usage *usage,
                     int64_t *cost_nanousd, bool *known, struct error *error) {
  *usage = total->usage;
  *cost_nanousd = total->cost_nanousd;
  *known = true;
  if (total->scope != PURSER_SCOPE_SESSION)
    return PURSER_OK;
  purser_usage before = {0};
  int64_t cost_before = 0;
  const int status = ledger_session_total_get(run->ledger, run->session, total->model, &before,
                                              &cost_before, error);
  if (status == PURSER_ENOTFOUND) {
    *known = run->asked_session[0] == '\0';
    return PURSER_OK;
  }
  if (status != PURSER_OK)
    return status;
  if (usage_prompt(&before) <= usage_prompt(&total->usage) &&
      before.output <= total->usage.output) {
    *usage = usage_less(&total->usage, &before);
    if (total->cost_nanousd >= 0 && cost_before >= 0 && total->cost_nanousd >= cost_before) {
      *cost_nanousd = total->cost_nanousd - cost_before;
    }
  }
  return PURSER_OK;
}

static int book_remainder(struct run *run, const struct total *total, const purser_usage *share,
                          int64_t cost_nanousd, struct error *error) {
  struct seen seen = {.total_model = total->model};
  int status = ledger_request_each(run->ledger, run->id, add_seen, &seen, error);
  if (status != PURSER_OK)
    return status;
  const purser_usage rest = usage_less(share, &seen.usage);
  if (usage_is_zero(&rest))
    return PURSER_OK;

  struct buf key = BUF_INIT;
  buf_addf(&key, "remainder/%lld/%s", (long long)run->started_ms, total->model);
  if (buf_status(&key) != PURSER_OK)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  struct life_request request = {
      .key = {buf_text(&key), key.len},
      .model = {total->model, strlen(total->model)},
      .reported_nanousd = -1,
      .flags = PURSER_FLAG_REMAINDER,
      .usage = rest,
  };
  if (run->tally.counts.compactions > 0)
    request.flags |= PURSER_FLAG_COMPACTION;
  if (cost_nanousd >= 0 && cost_nanousd >= seen.cost_nanousd) {
    request.reported_nanousd = cost_nanousd - seen.cost_nanousd;
  }
  struct life_booked booked;
  status = life_book(run, &request, &booked, error);
  buf_fini(&key);
  return status;
}

/* A total of the run itself says more than one of its session. */
static bool run_total_exists(const struct run *run, const struct total *session_total) {
  for (size_t i = 0; i < run->totals.count; i++) {
    const struct total *total = &run->totals.items[i];
    if (total->scope == PURSER_SCOPE_RUN && total_model_fits(session_total->model, total->model)) {
      return true;
    }
  }
  return false;
}

int life_reconcile(struct run *run, struct error *error) {
  for (size_t i = 0; i < run->totals.count; i++) {
    const struct total *total = &run->totals.items[i];
    purser_usage share;
    int64_t cost_nanousd;
    bool known;
    int status = own_share(run, total, &share, &cost_nanousd, &known, error);
    if (total->scope == PURSER_SCOPE_SESSION && run_total_exists(run, total))
      known = false;
    if (status == PURSER_OK && known) {
      status = book_remainder(run, total, &share, cost_nanousd, error);
    }
    if (status == PURSER_OK && total->scope == PURSER_SCOPE_SESSION) {
      status = ledger_session_total_set(run->ledger, run->session, total->model, &total->usage,
                                        total->cost_nanousd, error);
    }
    if (status != PURSER_OK)
      return status;
  }
  return PURSER_OK;
}

/* pace.c - alarms on the forecast: at this pace the limit is reached before the period is over. Latched like thresholds (rule 30). */
#include "base/mem.h"
#include "budget/crossing.h"
#include "budget/outlook.h"
#include "ledger/internal.h"

/* A threshold of 0 %, which no policy has. */
enum {
  OF_FORECAST = 0
};

static int has_rung(struct ledger *ledger, const struct policy_state *state, bool *out,
                    struct error *error) {
  const struct policy *p = &state->policy;
  const struct db_value values[] = {db_int(p->id), db_int(state->period.start_ms),
                                    db_int(OF_FORECAST), db_int(p->version)};
  int64_t count = 0;
  const int status = db_get_int(ledger->db,
                                "SELECT count(*) FROM crossing WHERE policy = ? AND start_ms = ?"
                                " AND threshold = ? AND version = ?",
                                values, 4, &count, error);
  *out = count > 0;
  return status;
}

struct ringing {
  int64_t policy, version, exhausted_ms;
  struct period period;
};

/* What was looked at may have changed: then the next look decides. */
static int ring(struct ledger *ledger, void *data, struct error *error) {
  const struct ringing *r = data;
  struct policy_row row;
  int status = counters_ready(ledger, error);
  if (status == PURSER_OK)
    status = policy_row_get(ledger, r->policy, &row, error);
  if (status != PURSER_OK)
    return status;
  if (row.policy.version != r->version || row.period.start_ms != r->period.start_ms || row.hidden)
    return PURSER_OK;
  return crossing_store(ledger, &row, OF_FORECAST, r->exhausted_ms, true, 0, error);
}

struct checking {
  struct ledger *ledger;
  struct error *error;
};

static int check(void *data, const struct policy_state *state) {
  const struct checking *c = data;
  const struct policy *p = &state->policy;
  struct outlook outlook;
  bool rung = false;
  if (!p->forecast || !p->has_limit || state->limit_nanousd <= 0 ||
      state->spent_nanousd >= state->limit_nanousd)
    return 0;
  int status = has_rung(c->ledger, state, &rung, c->error);
  if (status != PURSER_OK || rung)
    return status;
  status = outlook_of_budget(c->ledger, state, &outlook, c->error);
  if (status != PURSER_OK || outlook.exhausted_ms == 0)
    return status;
  struct ringing ringing = {p->id, p->version, outlook.exhausted_ms, state->period};
  return ledger_transact(c->ledger, ring, &ringing, c->error);
}

int budget_check_pace(struct ledger *ledger, struct error *error) {
  struct checking checking = {ledger, error};
  const int status = budget_policy_each(ledger, check, &checking, error);
  return status == PURSER_OK ? PURSER_OK : error_wrap(error, "look at the budgets' forecasts");
}

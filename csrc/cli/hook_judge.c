/* hook_judge.c - the verdict for a session in a terminal: refused or not, and which thresholds the user has not heard of. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/mem.h"
#include "base/money.h"
#include "budget/budget.h"
#include "cli/hook.h"
#include "cli/shell.h"

void hook_verdict_fini(struct hook_verdict *verdict) {
  buf_fini(&verdict->reason);
  buf_fini(&verdict->warning);
}

/* ---- refusing ---- */

/* What lets the user go on: whole cents that cover what is overspent and a fifth of the limit. */
static int64_t helpful_cents(const struct policy_state *state) {
  const int64_t over = money_add(state->spent_nanousd, -state->limit_nanousd);
  const int64_t want = money_add(over > 0 ? over : 0, state->limit_nanousd / 5);
  const int64_t cents = want / MONEY_PER_CENT + (want % MONEY_PER_CENT != 0);
  return cents > 0 ? cents : 1;
}

/* A limit of nothing is not raised but replaced. */
static void write_reason(struct buf *out, const struct admission *a) {
  const struct policy *p = &a->policy.policy;
  buf_addf(out, "purser: %s", a->message);
  if (!a->has_policy || a->refusal == REFUSAL_WAIT)
    return;
  const int64_t cents = helpful_cents(&a->policy);
  const bool raises = a->policy.limit_nanousd > 0;
  buf_addf(out, ". To go on: `purser budget %s ", raises ? "raise" : "set");
  struct buf scope = BUF_INIT;
  scope_write(&scope, p->scope, p->scope_key);
  shell_quote(out, buf_text(&scope));
  buf_fini(&scope);
  buf_addf(out, " %lld", raises ? (long long)cents : 500LL);
  if (p->period != PERIOD_MONTH)
    buf_addf(out, " --period %s", period_kind_name(p->period));
  buf_adds(out, raises ? "` (cents, for this period)" : "` (cents)");
}

static bool in_mid_run(enum hook_moment moment) {
  return moment == HOOK_TOOL || moment == HOOK_REQUEST || moment == HOOK_COMPACT;
}

static int refuse(struct ledger *ledger, const struct hook_account *account,
                  enum hook_moment moment, struct hook_verdict *out, struct error *error) {
  const struct run_spec spec = {
      .agent = account->agent,
      .workspace = account->workspace,
      .billing = account->billing,
      .parent_run = account->parent_run,
  };
  const struct admission_request request = {
      .spec = &spec, .fallback_nanousd = -1, .who = "hook", .dry = true};
  struct admission answer;
  const int status = budget_admit(ledger, &request, &answer, error);
  if (status != PURSER_OK || answer.admitted)
    return status;
  if (in_mid_run(moment) && answer.refusal == REFUSAL_WAIT)
    return PURSER_OK;
  out->refused = true;
  write_reason(&out->reason, &answer);
  return PURSER_OK;
}

/* ---- telling ---- */

/* Told once over all terminals, for each policy, period and version of its limit (rule 30). */
struct telling {
  struct ledger *ledger;
  const struct hook_account *account;
  struct hook_verdict *out;
  struct error *error;
};

static bool applies(const struct policy *policy, const struct hook_account *account) {
  switch (policy->scope) {
  case SCOPE_GLOBAL: return true;
  case SCOPE_AGENT: return strcmp(policy->scope_key, account->agent) == 0;
  case SCOPE_WORKSPACE: return strcmp(policy->scope_key, account->workspace) == 0;
  }
  return false;
}

/* The highest threshold that was reached, percent; 0 none. Compared crosswise: nothing is divided. */
static int32_t reached(const struct policy_state *state) {
  __extension__ typedef __int128 i128;
  int32_t highest = 0;
  for (int32_t i = 0; i < state->policy.threshold_count; i++) {
    const int32_t percent = state->policy.thresholds[i];
    if ((i128)state->spent_nanousd * 100 >= (i128)state->limit_nanousd * percent)
      highest = percent;
  }
  return highest;
}

static void write_warning(struct buf *out, const struct policy_state *state, int32_t percent,
                          const struct zone *zone) {
  static const char *const adjectives[] = {"monthly", "weekly", "daily"};
  const struct policy *p = &state->policy;
  if (out->len > 0)
    buf_addc(out, '\n');
  buf_addf(out, "purser: %d %% of the %s budget of ", (int)percent, adjectives[p->period]);
  switch (p->scope) {
  case SCOPE_AGENT: buf_addf(out, "agent %s", p->scope_key); break;
  case SCOPE_WORKSPACE: buf_addf(out, "workspace %s", p->scope_key); break;
  case SCOPE_GLOBAL: buf_adds(out, "everything"); break;
  }
  buf_adds(out, " is spent: ");
  money_write_human(out, state->spent_nanousd);
  buf_adds(out, " of ");
  money_write_human(out, state->limit_nanousd);
  buf_adds(out, "; it resets on ");
  calendar_write_date(out, zone_day(zone, state->period.end_ms));
}

/* Another terminal may be told at the same moment: twice is no harm, and not worth a transaction's wait. */
static int remember(struct ledger *ledger, const char *key, const struct policy_state *state,
                    int32_t percent, bool *fresh, struct error *error) {
  char now[96];
  char *before = NULL;
  (void)snprintf(now, sizeof now, "%lld %lld %d", (long long)state->period.start_ms,
                 (long long)state->policy.version, (int)percent);
  int status = ledger_meta_get(ledger, key, &before, error);
  const size_t head = strlen(now) - strlen(strrchr(now, ' '));
  *fresh = before == NULL || strncmp(before, now, head + 1) != 0 ||
           strtol(before + head, NULL, 10) < percent;
  mem_free(before);
  if (status == PURSER_OK && *fresh)
    status = ledger_meta_set(ledger, key, now, error);
  /* Where nothing can be written, it is said again rather than not at all. */
  return status == PURSER_EREADONLY || status == PURSER_EBUSY || status == PURSER_EFULL ? PURSER_OK
                                                                                        : status;
}

static int tell(void *data, const struct policy_state *state) {
  struct telling *t = data;
  if (!state->policy.has_limit || state->limit_nanousd <= 0 || !applies(&state->policy, t->account))
    return PURSER_OK;
  const int32_t percent = reached(state);
  if (percent == 0)
    return PURSER_OK;
  char key[48];
  bool fresh = false;
  struct zone *zone = NULL;
  (void)snprintf(key, sizeof key, "terminal.told.%lld", (long long)state->policy.id);
  int status = remember(t->ledger, key, state, percent, &fresh, t->error);
  if (status == PURSER_OK && fresh) {
    status = zone_load(&zone, state->policy.zone, t->error);
    if (status == PURSER_OK)
      write_warning(&t->out->warning, state, percent, zone);
    zone_free(zone);
  }
  return status;
}

int hook_judge(struct ledger *ledger, const struct hook_account *account, enum hook_moment moment,
               struct hook_verdict *out, struct error *error) {
  *out = (struct hook_verdict){.refused = false};
  int status = moment != HOOK_END ? refuse(ledger, account, moment, out, error) : PURSER_OK;
  if (status == PURSER_OK && !out->refused) {
    struct telling telling = {ledger, account, out, error};
    status = budget_policy_each(ledger, tell, &telling, error);
  }
  if (status == PURSER_OK && (out->reason.failed || out->warning.failed))
    status = error_set(error, PURSER_ENOMEM, "out of memory");
  return status;
}

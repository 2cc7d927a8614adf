/* announce.c - what the editor is told unasked: thresholds crossed, by whomever, and the figures of its statusline. */
#include <string.h>

#include "api/core.h"
#include "api/tree.h"

/* ---- the tightest budget ---- */

struct tightest {
  const char *agent;
  const char *workspace;
  struct policy_state *out;
  bool found;
};

static bool applies(const struct policy *policy, const char *agent, const char *workspace) {
  switch (policy->scope) {
  case SCOPE_GLOBAL: return true;
  case SCOPE_AGENT: return agent != NULL && strcmp(policy->scope_key, agent) == 0;
  case SCOPE_WORKSPACE: return workspace != NULL && strcmp(policy->scope_key, workspace) == 0;
  }
  return false;
}

/* Nearer to its limit: spent/limit compared crosswise, so that nothing is divided and 0 needs no special case. */
static bool tighter(const struct policy_state *a, const struct policy_state *b) {
  __extension__ typedef __int128 i128;
  return (i128)a->spent_nanousd * b->limit_nanousd > (i128)b->spent_nanousd * a->limit_nanousd;
}

static int look_at(void *data, const struct policy_state *state) {
  struct tightest *t = data;
  if (!state->policy.has_limit || !applies(&state->policy, t->agent, t->workspace))
    return 0;
  if (t->found && !tighter(state, t->out))
    return 0;
  *t->out = *state;
  t->found = true;
  return 0;
}

int core_tightest(struct purser *core, const char *agent, const char *workspace,
                  struct policy_state *out, bool *found, struct error *error) {
  struct tightest t = {agent, workspace, out, false};
  const int status = budget_policy_each(core->ledger, look_at, &t, error);
  *found = t.found;
  return status;
}

/* ---- crossings ---- */

static char *crossing_json(const struct crossing *crossing, bool mine) {
  struct buf text = BUF_INIT;
  shape_crossing(&text, crossing, mine);
  return buf_detach(&text);
}

static int announce_crossing(void *data, const struct crossing *crossing) {
  struct purser *core = data;
  bool mine = false;
  /* A claim that fails is nobody's: the next process that looks makes it. */
  if (budget_crossing_claim(core->ledger, crossing->id, &mine, NULL) != PURSER_OK)
    return 1;
  core->last_crossing = crossing->id;
  const purser_message head = {.kind = PURSER_MESSAGE_CROSSED, .run = crossing->run_id};
  core_send(core, NULL, &head, crossing_json(crossing, mine));
  return 0;
}

/* What was crossed before this editor came is history, told by its owner; but not what a program in a shell crossed while no editor
 * was there to tell of it. */
static int catch_up(void *data, const struct crossing *crossing) {
  struct purser *core = data;
  bool mine = false;
  core->last_crossing = crossing->id;
  if (crossing->period.end_ms <= clock_now_ms(ledger_clock(core->ledger)) ||
      budget_crossing_claim(core->ledger, crossing->id, &mine, NULL) != PURSER_OK || !mine)
    return 0;
  const purser_message head = {.kind = PURSER_MESSAGE_CROSSED, .run = crossing->run_id};
  core_send(core, NULL, &head, crossing_json(crossing, true));
  return 0;
}

/* ---- the statusline ---- */

static int sums_since(struct purser *core, int64_t day, struct sums *out) {
  const struct report_query query = {.since_day = day, .until_day = INT64_MAX};
  return ledger_report(core->ledger, &query, NULL, NULL, out, NULL);
}

static char *spend_json(struct purser *core, int64_t now_ms, int64_t today) {
  struct sums day = {0};
  struct sums month = {0};
  struct policy_state budget;
  bool limited = false;
  const struct period period = period_at(PERIOD_MONTH, 1, ledger_zone(core->ledger), now_ms);
  const int64_t first = zone_day(ledger_zone(core->ledger), period.start_ms);
  if (sums_since(core, today, &day) != PURSER_OK || sums_since(core, first, &month) != PURSER_OK ||
      core_tightest(core, core->watch.agent, core->watch.workspace, &budget, &limited, NULL) !=
          PURSER_OK) {
    return NULL;
  }
  cJSON *object = cJSON_CreateObject();
  bool done = object != NULL && tree_add_int(object, "today_nanousd", day.cost_nanousd) &&
              tree_add_int(object, "month_nanousd", month.cost_nanousd) &&
              tree_add_int(object, "unpriced_requests", month.unpriced_requests);
  if (limited)
    done = done && tree_add(object, "budget", tree_budget(&budget));
  if (!done) {
    cJSON_Delete(object);
    object = NULL;
  }
  return tree_print(object);
}

static void send_spend(struct purser *core) {
  const int64_t now_ms = clock_now_ms(ledger_clock(core->ledger));
  const int64_t today = zone_day(ledger_zone(core->ledger), now_ms);
  if (!core->spend_changed && today == core->spend_day)
    return;
  char *json = spend_json(core, now_ms, today);
  if (json == NULL)
    return; /* stays changed: the next tick tries again */
  core->spend_changed = false;
  core->spend_day = today;
  const purser_message head = {.kind = PURSER_MESSAGE_SPEND};
  core_send(core, NULL, &head, json);
}

void announce_start(struct purser *core) {
  (void)budget_crossing_each(core->ledger, 0, catch_up, core, NULL);
  core->spend_changed = true;
  core->pace_due = true;
  send_spend(core);
}

/* Another Neovim's or the program's bookings count here as well. */
static void heed_others(struct purser *core) {
  int64_t version = 0;
  if (ledger_data_version(core->ledger, &version, NULL) != PURSER_OK ||
      version == core->data_version)
    return;
  core->data_version = version;
  core->spend_changed = true;
}

/* A forecast takes a few milliseconds, and what it says changes slowly. */
static void check_pace(struct purser *core) {
  static const int64_t seldom_ns = INT64_C(60000000000);
  const int64_t now_ns = clock_mono_ns(ledger_clock(core->ledger));
  core->pace_due = core->pace_due || core->spend_changed;
  if (!core->pace_due || core->options.readonly ||
      (core->pace_ns != 0 && now_ns - core->pace_ns < seldom_ns))
    return;
  core->pace_due = false;
  core->pace_ns = now_ns;
  (void)budget_check_pace(core->ledger, NULL);
}

void announce(struct purser *core) {
  heed_others(core);
  check_pace(core);
  (void)budget_crossing_each(core->ledger, core->last_crossing, announce_crossing, core, NULL);
  send_spend(core);
}

/* alarm.c - watches a run for having run away, and holds it to a budget of its own. */
#include "run/life.h"

static void raise_alarm(struct run *run, const struct run_alarm *alarm) {
  struct tally *tally = &run->tally;
  if (tally->alarm_count < (int)(sizeof tally->alarms / sizeof tally->alarms[0]))
    tally->alarms[tally->alarm_count++] = *alarm;
}

void life_watch_call(struct run *run, const purser_event *event) {
  struct run_alarm alarm = {.cause = RUNAWAY_REPEATS};
  if (runaway_call(&run->tally.runaway, &run->runaway, event->parent, event->id, event->name,
                   event->text, &alarm.repeat)) {
    alarm.spent_nanousd = run->tally.spent_nanousd;
    raise_alarm(run, &alarm);
  }
}

/* Looked up when it first matters, which is never for most runs: by then the client has said which model it is. */
static void need_usual(struct run *run) {
  struct run_row row = {0};
  struct history history = {0};
  if (run->usual_known)
    return;
  run->usual_known = true;
  /* Without the figures nothing is usual, and nothing unusual: the run must not suffer for it. */
  if (ledger_run_get(run->ledger, run->id, &row, NULL) == PURSER_OK &&
      ledger_history(run->ledger, row.agent, run->model, &history, NULL) == PURSER_OK)
    run->usual = (struct runaway_usual){
        .runs = history.runs,
        .median_nanousd = history.p50_nanousd,
        .high_nanousd = history.p95_nanousd,
    };
  run_row_fini(&row);
}

void life_watch_cost(struct run *run) {
  struct tally *tally = &run->tally;
  if (run->runaway.times_usual <= 0 || tally->spent_nanousd < run->runaway.least_nanousd ||
      tally->spent_nanousd <= 0 || tally->runaway.raised[RUNAWAY_COST])
    return;
  need_usual(run);
  if (runaway_cost(&tally->runaway, &run->runaway, tally->spent_nanousd, &run->usual)) {
    const struct run_alarm alarm = {
        .cause = RUNAWAY_COST,
        .usual = run->usual,
        .spent_nanousd = tally->spent_nanousd,
    };
    raise_alarm(run, &alarm);
  }
}

bool run_alarm(struct run *run, struct run_alarm *out) {
  struct tally *tally = &run->tally;
  if (tally->alarm_count == 0)
    return false;
  *out = tally->alarms[0];
  tally->alarms[0] = tally->alarms[1];
  tally->alarm_count--;
  return true;
}

bool run_set_budget(struct run *run, int64_t nanousd) {
  run->max_nanousd = nanousd;
  return run_budget_spent(run);
}

bool run_budget_spent(const struct run *run) {
  return run->max_nanousd > 0 && run->tally.spent_nanousd >= run->max_nanousd;
}

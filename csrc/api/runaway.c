/* runaway.c - tells the editor of runs that may have run away, and takes the budget that the user gives one of them. */
#include "api/core.h"
#include "api/tree.h"
#include "api/verbs.h"
#include "base/money.h"

static bool shape_cause(cJSON *out, const struct run_alarm *alarm) {
  switch (alarm->cause) {
  case RUNAWAY_REPEATS:
    return tree_add_text(out, "tool", alarm->repeat.tool) &&
           tree_add_int(out, "times", alarm->repeat.times) &&
           tree_add_int(out, "of", alarm->repeat.of) &&
           tree_add_int(out, "round", alarm->repeat.round);
  case RUNAWAY_COST:
    return tree_add_int(out, "usual_runs", alarm->usual.runs) &&
           tree_add_int(out, "usual_nanousd", alarm->usual.median_nanousd);
  case RUNAWAY_NOTHING: break;
  }
  return true;
}

void work_tell_alarms(struct purser *core, struct purser_run *run) {
  struct run_alarm alarm;
  while (run_alarm(run->life, &alarm)) {
    const int64_t id = run_id(run->life);
    cJSON *object = cJSON_CreateObject();
    if (object == NULL || !tree_add_int(object, "run", id) ||
        !tree_add_text(object, "cause", runaway_cause_name(alarm.cause)) ||
        !tree_add_int(object, "spent_nanousd", alarm.spent_nanousd) ||
        !shape_cause(object, &alarm)) {
      cJSON_Delete(object);
      return; /* advice that gets lost for want of memory is no harm */
    }
    const purser_message head = {.kind = PURSER_MESSAGE_RUNAWAY, .ticket = run->ticket, .run = id};
    core_send(core, NULL, &head, tree_print(object));
  }
}

int verb_run_budget(struct purser *core, struct args *args, cJSON *out, struct error *error) {
  enum {
    MOST_CENTS = 900000000
  };
  const int64_t id = args_int(args, "run", 0);
  const int64_t cents = args_int(args, "cents", -1);
  if (cents < 0 || cents > MOST_CENTS)
    return error_set(error, PURSER_EINVAL, "cents: expected a whole number from 0 to %d",
                     MOST_CENTS);
  for (struct purser_run *run = core->live; run != NULL; run = run->next_live) {
    if (run->life == NULL || run_id(run->life) != id)
      continue;
    const bool spent = run_set_budget(run->life, cents * MONEY_PER_CENT);
    if (spent)
      work_heed(core, run, RUN_STOP_LIMIT, NULL);
    return cJSON_AddBoolToObject(out, "spent", spent) != NULL ? PURSER_OK : PURSER_ENOMEM;
  }
  return error_set(error, PURSER_ENOTFOUND, "run %lld is not under way", (long long)id);
}

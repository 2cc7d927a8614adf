/* work.c - the worker's half of runs: admitting, booking, following, settling. */
#include <string.h>

#include "api/core.h"
#include "api/tree.h"
#include "base/json.h"
#include "base/mem.h"

static void say_in(struct purser *core, struct message *reply, const struct purser_run *run,
                   int32_t kind, int32_t status, char *json) {
  const purser_message head = {
      .kind = kind,
      .status = status,
      .ticket = run->ticket,
      .run = run->life != NULL ? run_id(run->life) : 0,
  };
  core_send(core, reply, &head, json);
}

static void say(struct purser *core, const struct purser_run *run, int32_t kind, int32_t status,
                char *json) {
  say_in(core, NULL, run, kind, status, json);
}

/* ---- admission ---- */

static char *admitted_json(struct purser_run *run, const struct run_answer *answer) {
  cJSON *object = cJSON_CreateObject();
  bool done = object != NULL && tree_add_int(object, "run", run_id(run->life)) &&
              tree_add_int(object, "hold_nanousd", answer->admission.hold_nanousd) &&
              tree_add_int(object, "estimate_nanousd", answer->estimate.high_nanousd) &&
              cJSON_AddBoolToObject(object, "warned", answer->admission.warned) != NULL;
  if (answer->admission.has_policy) {
    done = done && tree_add(object, "budget", tree_budget(&answer->admission.policy));
  }
  if (!done) {
    cJSON_Delete(object);
    object = NULL;
  }
  return tree_print(object);
}

static int admit(struct purser *core, struct purser_run *run, const char *json,
                 struct run_answer *answer, struct error *error) {
  struct spec spec;
  int status = core_need_ledger(core, error);
  if (status != PURSER_OK)
    return status;
  status = spec_parse(&spec, json, error);
  if (status != PURSER_OK)
    return status;
  run->agent = mem_strdup(spec.request.agent);
  run->workspace = mem_strdup(spec.request.workspace);
  if (!spec.has_billing)
    spec.request.billing = core_billing(core, spec.request.source, spec.request.agent);
  if (run->agent == NULL || run->workspace == NULL) {
    status = error_set(error, PURSER_ENOMEM, "out of memory");
  } else {
    status = run_admit(&run->life, core->ledger, &core->config, &spec.request, answer, error);
  }
  spec_fini(&spec);
  return status;
}

void work_admit(struct purser *core, struct job *job) {
  struct purser_run *run = job->run;
  struct error error = {0};
  struct run_answer answer = {0};
  struct message *reply = job->reply;
  job->reply = NULL;
  const int status = admit(core, run, job->json, &answer, &error);
  if (status != PURSER_OK) {
    say_in(core, reply, run, PURSER_MESSAGE_REFUSED, status, core_message_json(error_text(&error)));
  } else if (run->life == NULL) {
    say_in(core, reply, run, PURSER_MESSAGE_REFUSED, PURSER_EREFUSED,
           tree_print(tree_refusal(&answer)));
  } else {
    run->next_live = core->live;
    core->live = run;
    core->spend_changed = true;
    say_in(core, reply, run, PURSER_MESSAGE_ADMITTED, PURSER_OK, admitted_json(run, &answer));
  }
}

/* ---- booking ---- */

static char *stop_json(const struct purser_run *run, enum run_verdict verdict,
                       const struct policy_state *policy) {
  cJSON *object = cJSON_CreateObject();
  const char *name = verdict == RUN_ASK_BUDGET   ? "ask"
                     : verdict == RUN_STOP_LIMIT ? "limit"
                                                 : "stop";
  bool done = object != NULL && tree_add_int(object, "run", run_id(run->life)) &&
              tree_add_text(object, "verdict", name);
  if (verdict != RUN_STOP_LIMIT) {
    done = done && tree_add_text(object, "message", "the budget is exhausted") &&
           tree_add(object, "budget", tree_budget(policy));
  } else {
    done = done && tree_add_text(object, "message",
                                 run_budget_spent(run->life) ? "the budget of this run is spent"
                                                             : "a cap of the run is reached");
  }
  if (!done) {
    cJSON_Delete(object);
    object = NULL;
  }
  return tree_print(object);
}

void work_heed(struct purser *core, struct purser_run *run, enum run_verdict verdict,
               const struct policy_state *policy) {
  if (verdict == RUN_GO_ON)
    return;
  if (verdict == RUN_ASK_BUDGET) {
    if (run->asked)
      return;
    run->asked = true;
  } else if (atomic_exchange(&run->stop, verdict) != 0) {
    return;
  }
  say(core, run, PURSER_MESSAGE_STOP, PURSER_OK, stop_json(run, verdict, policy));
}

/* A ledger that can't be written is told once a run; what waits is tried again until it can. */
static void warn(struct purser *core, struct purser_run *run, int status,
                 const struct error *error) {
  if (run->warned)
    return;
  run->warned = true;
  say(core, run, PURSER_MESSAGE_WARNING, status, core_message_json(error_text(error)));
}

static int book_waiting(struct purser *core, struct purser_run *run) {
  if (run->unbooked.count == 0)
    return PURSER_OK;
  struct error error = {0};
  enum run_verdict verdict;
  struct policy_state policy = {0};
  const int status =
      run_observe(run->life, run->unbooked.events, run->unbooked.count, &verdict, &policy, &error);
  if (status != PURSER_OK) {
    warn(core, run, status, &error);
    return status;
  }
  event_list_clear(&run->unbooked);
  run->changed = true;
  core->spend_changed = true;
  work_heed(core, run, verdict, &policy);
  work_tell_alarms(core, run);
  return PURSER_OK;
}

void work_events(struct purser *core, struct job *job) {
  struct purser_run *run = job->run;
  if (run->life == NULL)
    return;
  if (run->unbooked.count == 0) {
    event_list_fini(&run->unbooked);
    run->unbooked = job->events;
    job->events = EVENT_LIST_INIT;
  } else {
    for (size_t i = 0; i < job->events.count; i++) {
      (void)event_list_add(&run->unbooked, &job->events.events[i]);
    }
  }
  (void)book_waiting(core, run);
}

/* ---- progress ---- */

static char *progress_json(struct purser *core, struct purser_run *run,
                           const struct run_progress *progress) {
  struct sums sums = {0};
  struct policy_state budget;
  bool limited = false;
  if (ledger_run_sums(core->ledger, run_id(run->life), NULL, &sums, NULL) != PURSER_OK)
    return NULL;
  if (core_tightest(core, run->agent, run->workspace, &budget, &limited, NULL) != PURSER_OK) {
    limited = false;
  }
  cJSON *object = cJSON_CreateObject();
  bool done = object != NULL && tree_add_int(object, "run", run_id(run->life)) &&
              tree_add_int(object, "context_tokens", progress->context_tokens) &&
              tree_add_int(object, "context_window", progress->context_window) &&
              tree_add(object, "sums", tree_sums(&sums));
  if (limited)
    done = done && tree_add(object, "budget", tree_budget(&budget));
  if (!done) {
    cJSON_Delete(object);
    object = NULL;
  }
  return tree_print(object);
}

static void report(struct purser *core, struct purser_run *run) {
  struct run_progress progress;
  run_progress(run->life, &progress);
  if (!progress.changed && !run->changed)
    return;
  run->changed = false;
  core->spend_changed = true;
  char *json = progress_json(core, run, &progress);
  if (json != NULL)
    say(core, run, PURSER_MESSAGE_BOOKED, PURSER_OK, json);
}

/* ---- the end ---- */

static void unlink_live(struct purser *core, struct purser_run *run) {
  for (struct purser_run **at = &core->live; *at != NULL; at = &(*at)->next_live) {
    if (*at != run)
      continue;
    *at = run->next_live;
    break;
  }
  run->next_live = NULL;
}

static char *settled_json(struct purser *core, int64_t id) {
  struct run_row row = {0};
  if (ledger_run_get(core->ledger, id, &row, NULL) != PURSER_OK)
    return NULL;
  cJSON *object = cJSON_CreateObject();
  if (object != NULL && !tree_add(object, "run", tree_run(&row))) {
    cJSON_Delete(object);
    object = NULL;
  }
  run_row_fini(&row);
  return tree_print(object);
}

void work_tell_settled(struct purser *core, struct message *reply, int64_t ticket, int64_t id) {
  const purser_message head = {.kind = PURSER_MESSAGE_SETTLED, .ticket = ticket, .run = id};
  core_send(core, reply, &head, settled_json(core, id));
  core->spend_changed = true;
}

static int settle_with(struct purser_run *run, const char *json, struct error *error) {
  struct json_doc doc = JSON_DOC_INIT;
  char *reason = NULL;
  char *output = NULL;
  int status = json_parse(&doc, json, strlen(json));
  if (status == PURSER_OK)
    status = json_dup(&doc, 0, "reason", &reason);
  if (status == PURSER_OK)
    status = json_dup(&doc, 0, "stderr", &output);
  const struct run_finish finish = {
      .exit_code = (int32_t)json_i64_or(&doc, json_get(&doc, 0, "exit_code"), 0),
      .signal = (int32_t)json_i64_or(&doc, json_get(&doc, 0, "signal"), 0),
      .duration_ms = json_i64_or(&doc, json_get(&doc, 0, "duration_ms"), -1),
      .reason = reason != NULL ? reason : "exit",
      .output = output != NULL ? output : "",
      .retries = (int32_t)json_i64_or(&doc, json_get(&doc, 0, "retries"), 0),
  };
  if (status == PURSER_OK) {
    status = run_settle(run->life, &finish, error);
  } else {
    (void)error_set(error, status, "the end of the run can't be read");
  }
  mem_free(reason);
  mem_free(output);
  json_fini(&doc);
  return status;
}

/* Settles a run that has ended; left as it is when the ledger can't be written, for the next tick. */
static void try_settle(struct purser *core, struct purser_run *run) {
  if (book_waiting(core, run) != PURSER_OK)
    return;
  struct error error = {0};
  const int status = settle_with(run, run->end_json, &error);
  if (status != PURSER_OK) {
    warn(core, run, status, &error);
    return;
  }
  if (error.status != PURSER_OK) {
    say(core, run, PURSER_MESSAGE_WARNING, error.status, core_message_json(error_text(&error)));
  }
  work_tell_settled(core, run->settled, run->ticket, run_id(run->life));
  run->settled = NULL;
  unlink_live(core, run);
  run_free(run->life);
  run->life = NULL;
  mem_free(run->end_json);
  run->end_json = NULL;
}

void work_finish(struct purser *core, struct job *job) {
  struct purser_run *run = job->run;
  if (run->life == NULL)
    return;
  run->end_json = job->json;
  job->json = NULL;
  run->settled = job->reply;
  job->reply = NULL;
  try_settle(core, run);
}

void work_free(struct purser *core, struct purser_run *run) {
  if (run->life != NULL) {
    if (run->end_json == NULL)
      run->end_json = mem_strdup("{\"reason\":\"abandoned\"}");
    if (run->end_json != NULL)
      try_settle(core, run);
    /* What even now could not be settled is found by the next start: its owner will be dead. */
    unlink_live(core, run);
    run_free(run->life);
  }
  event_list_fini(&run->unbooked);
  mem_free(run->agent);
  mem_free(run->workspace);
  mem_free(run->end_json);
  message_free(run->settled);
  mem_free(run);
}

void work_tick(struct purser *core) {
  struct purser_run *next;
  for (struct purser_run *run = core->live; run != NULL; run = next) {
    next = run->next_live;
    (void)book_waiting(core, run);
    struct error error = {0};
    enum run_verdict verdict;
    struct policy_state policy = {0};
    /* A record that can't be read now is told about at the settling; following is a foretaste. */
    if (run_follow(run->life, &verdict, &policy, &error) == PURSER_OK) {
      work_heed(core, run, verdict, &policy);
      work_tell_alarms(core, run);
    }
    report(core, run);
    if (run->end_json != NULL)
      try_settle(core, run);
  }
}

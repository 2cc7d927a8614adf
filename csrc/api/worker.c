/* worker.c - the worker's thread: a private loop that sleeps until there is a job or a tick. It owns the ledger. */
#include <string.h>

#include "api/core.h"
#include "api/tree.h"
#include "base/mem.h"
#include "pricing/price_paths.h"

enum {
  TICK_BUSY_MS = 100,
  TICK_IDLE_MS = 2000,
  RUNS_JUDGED_AT_ONCE = 1500
};

void core_send(struct purser *core, struct message *reply, const purser_message *head, char *json) {
  queue_push(&core->messages, reply, head, json);
}

char *core_message_json(const char *text) {
  cJSON *object = cJSON_CreateObject();
  if (object != NULL && !tree_add_text(object, "message", text)) {
    cJSON_Delete(object);
    object = NULL;
  }
  return tree_print(object);
}

/* With the refreshed cards and the user's own: where the options say, else where the program looks, too. */
static int load_users_catalog(struct purser *core, struct error *error) {
  struct buf update = BUF_INIT;
  struct buf override = BUF_INIT;
  price_path_update(&update);
  price_path_override(&override);
  const char *update_path = core->options.prices_update;
  const char *override_path = core->options.prices_override;
  const int status =
      update.failed || override.failed
          ? error_set(error, PURSER_ENOMEM, "out of memory")
          : catalog_load(&core->catalog, update_path != NULL ? update_path : buf_text(&update),
                         override_path != NULL ? override_path : buf_text(&override), error);
  buf_fini(&update);
  buf_fini(&override);
  return status;
}

static int load_catalog(struct purser *core, struct error *error) {
  if (core->catalog != NULL)
    return PURSER_OK;
  int status = load_users_catalog(core, error);
  if (status != PURSER_OK) {
    /* A broken price file must not stop work: the built-in cards are there, and the user is told. */
    const purser_message warning = {.kind = PURSER_MESSAGE_WARNING, .status = status};
    core_send(core, NULL, &warning, core_message_json(error_text(error)));
    status = catalog_load(&core->catalog, NULL, NULL, error);
  }
  core->config = (struct run_config){
      .catalog = core->catalog,
      .keep_prompt = core->options.keep_prompt,
      .fallback_input = core->options.fallback_input,
      .fallback_output = core->options.fallback_output,
      .enforce_subscription = core->options.enforce_subscription,
  };
  return status;
}

static int open_ledger(struct purser *core, struct error *error) {
  const struct ledger_options options = {
      .path = core->options.db,
      .clock = clock_from_environment(),
      .read_only = core->options.readonly,
  };
  int status = ledger_open(&core->ledger, &options, error);
  if (status != PURSER_OK || core->options.readonly)
    return status;
  if (core->options.zone != NULL)
    status = ledger_set_zone(core->ledger, core->options.zone, error);
  if (status == PURSER_OK)
    status = budget_enforce_subscription(core->ledger, core->options.enforce_subscription, error);
  if (status == PURSER_OK) {
    status = budget_config_replace(core->ledger, core->options.policies, core->options.policy_count,
                                   error);
  }
  if (status == PURSER_OK)
    status = import_settings_store(core->ledger, core->options.settings, error);
  if (status != PURSER_OK) {
    ledger_close(core->ledger);
    core->ledger = NULL;
  }
  return status;
}

/* From the importer's thread. */
static void on_imported(void *data) {
  struct purser *core = data;
  atomic_store(&core->imported, true);
  (void)uv_async_send(&core->wake);
}

int core_need_importer(struct purser *core, bool automatic, struct error *error) {
  if (core->importer != NULL)
    return PURSER_OK;
  if (core->options.readonly)
    return error_set(error, PURSER_EREADONLY, "the ledger was opened to be read only");
  const enum keep_prompt keep = core->options.keep_prompt;
  const struct importer_options options = {
      .messages = &core->messages,
      .catalog = core->catalog,
      .ledger = ledger_path(core->ledger),
      .prompt_chars = keep == KEEP_ALL       ? -1
                      : keep == KEEP_EXCERPT ? PROMPT_EXCERPT_CHARS
                                             : 0,
      .automatic = automatic,
      .busy = &core->busy,
      .changed = on_imported,
      .data = core,
  };
  return importer_start(&core->importer, &options, error);
}

/* What the clients record is read from now on, unless the user said no. */
static void start_importing(struct purser *core) {
  struct error error = {0};
  if (core->options.readonly)
    return;
  /* A mistake in the settings is told by the importer, which refuses to work with it. */
  (void)import_settings_of(&core->settings, core->ledger, &error);
  if (core->settings == NULL || !core->settings->off)
    (void)core_need_importer(core, true, &error);
}

enum billing core_billing(const struct purser *core, const char *source, const char *agent) {
  if (core->settings == NULL)
    return BILLING_METERED;
  return agent_rules_billing(core->settings->rules, source, agent,
                             clock_now_ms(ledger_clock(core->ledger)), ledger_zone(core->ledger),
                             NULL);
}

int core_need_ledger(struct purser *core, struct error *error) {
  if (core->ledger != NULL)
    return PURSER_OK;
  const int status = load_catalog(core, error);
  if (status != PURSER_OK)
    return status;
  const int opened = open_ledger(core, error);
  if (opened == PURSER_OK)
    start_importing(core);
  return opened;
}

/* A run of an owner that died: settled now, and told like any other. */
static int tell_settled(void *data, int64_t id) {
  work_tell_settled(data, NULL, 0, id);
  return 0;
}

/* The first opening, told to the editor whichever way it went. */
static void open_first(struct purser *core) {
  struct error error = {0};
  const int status = core_need_ledger(core, &error);
  const purser_message head = {.kind = PURSER_MESSAGE_OPENED, .status = status};
  cJSON *object = cJSON_CreateObject();
  if (object != NULL && status == PURSER_OK) {
    (void)tree_add_text(object, "path", ledger_path(core->ledger));
  } else if (object != NULL) {
    (void)tree_add_text(object, "message", error_text(&error));
  }
  core_send(core, NULL, &head, tree_print(object));
  if (status != PURSER_OK)
    return;
  announce_start(core);
  if (!core->options.readonly)
    (void)run_recover(core->ledger, &core->config, tell_settled, core, &error);
}

static void answer(struct purser *core, struct job *job) {
  struct error error = {0};
  char *json = NULL;
  int status = core_need_ledger(core, &error);
  if (status == PURSER_OK && strcmp(job->verb, "import") == 0) {
    status = verb_import(core, job, &error);
    if (status == PURSER_OK)
      return;
  } else if (status == PURSER_OK) {
    status = verb_answer(core, job->verb, job->json, &json, &error);
  }
  if (status != PURSER_OK) {
    mem_free(json);
    json = core_message_json(error_text(&error));
  }
  const purser_message head = {
      .kind = PURSER_MESSAGE_REPLY, .status = status, .ticket = job->ticket};
  struct message *reply = job->reply;
  job->reply = NULL;
  core_send(core, reply, &head, json);
}

static void started(struct purser *core, const struct job *job) {
  struct run *life = job->run->life;
  if (life == NULL)
    return;
  if (ledger_begin(core->ledger, NULL) != PURSER_OK)
    return;
  if (ledger_run_set_status(core->ledger, run_id(life), RUN_RUNNING, NULL) != PURSER_OK ||
      ledger_commit(core->ledger, NULL) != PURSER_OK) {
    ledger_rollback(core->ledger);
  }
}

static void perform(struct purser *core, struct job *job) {
  atomic_fetch_add(&core->busy, 1);
  switch (job->kind) {
  case JOB_ASK: answer(core, job); break;
  case JOB_ADMIT: work_admit(core, job); break;
  case JOB_STARTED: started(core, job); break;
  case JOB_EVENTS: work_events(core, job); break;
  case JOB_FINISH: work_finish(core, job); break;
  case JOB_FREE: work_free(core, job->run); break;
  }
  atomic_fetch_sub(&core->busy, 1);
  job_free(job);
}

static struct job *take_job(struct purser *core, bool *closing) {
  uv_mutex_lock(&core->lock);
  struct job *job = core->first_job;
  if (job != NULL) {
    core->first_job = job->next;
    if (core->first_job == NULL)
      core->last_job = NULL;
  }
  *closing = core->closing;
  uv_mutex_unlock(&core->lock);
  return job;
}

static void on_tick(uv_timer_t *timer);

static void set_tick(struct purser *core) {
  const uint64_t every = core->live != NULL || core->spend_changed ? TICK_BUSY_MS : TICK_IDLE_MS;
  if (uv_is_active((uv_handle_t *)&core->tick) && uv_timer_get_repeat(&core->tick) == every)
    return;
  (void)uv_timer_start(&core->tick, on_tick, every, every);
}

static void on_tick(uv_timer_t *timer) {
  struct purser *core = timer->data;
  if (core->ledger == NULL)
    return;
  atomic_fetch_add(&core->busy, 1);
  work_tick(core);
  announce(core);
  /* What has ended since, a few thousand at a time after an import: which runs are unusual. */
  if (!core->options.readonly)
    (void)ledger_judge_runs(core->ledger, RUNS_JUDGED_AT_ONCE, NULL, NULL);
  atomic_fetch_sub(&core->busy, 1);
  set_tick(core);
}

void worker_main(void *data) {
  struct purser *core = data;
  core->tick.data = core;
  open_first(core);
  set_tick(core);
  bool closing = false;
  for (;;) {
    struct job *job = take_job(core, &closing);
    if (job != NULL) {
      perform(core, job);
      set_tick(core);
      continue;
    }
    if (closing)
      break;
    if (atomic_exchange(&core->imported, false))
      announce(core);
    else
      (void)uv_run(&core->loop, UV_RUN_ONCE);
  }
  importer_stop(core->importer);
  uv_close((uv_handle_t *)&core->wake, NULL);
  uv_close((uv_handle_t *)&core->tick, NULL);
  (void)uv_run(&core->loop, UV_RUN_DEFAULT);
  while (core->live != NULL)
    work_free(core, core->live);
  ledger_close(core->ledger);
  catalog_free(core->catalog);
  import_settings_free(core->settings);
  mem_free(core->watch.agent);
  mem_free(core->watch.workspace);
}

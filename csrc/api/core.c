/* core.c - the handle: opening, closing, asking, and taking messages. All on the main loop; see core.h. */
#include "api/core.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "api/tree.h"
#include "base/mem.h"

void job_free(struct job *job) {
  if (job == NULL)
    return;
  event_list_fini(&job->events);
  message_free(job->reply);
  mem_free(job->verb);
  mem_free(job->json);
  mem_free(job);
}

void core_submit(struct purser *core, struct job *job) {
  uv_mutex_lock(&core->lock);
  if (core->first_job == NULL) {
    core->first_job = job;
  } else {
    core->last_job->next = job;
  }
  core->last_job = job;
  uv_mutex_unlock(&core->lock);
  (void)uv_async_send(&core->wake);
}

/* Starts the worker with every signal blocked: they are the editor's. */
static int start_thread(struct purser *core) {
  sigset_t all;
  sigset_t before;
  (void)sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
    return PURSER_ERROR;
  const int started = uv_thread_create(&core->thread, worker_main, core);
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  return started == 0 ? PURSER_OK : PURSER_ENOMEM;
}

static void on_wake(uv_async_t *handle) {
  (void)handle; /* The worker looks at its queue after every turn of its loop. */
}

static int start(struct purser *core, struct error *error) {
  int status = queue_init(&core->messages);
  if (status != PURSER_OK)
    return error_set(error, status, "no pipe for messages");
  if (uv_mutex_init(&core->lock) != 0)
    goto no_mutex;
  if (uv_loop_init(&core->loop) != 0)
    goto no_loop;
  if (uv_async_init(&core->loop, &core->wake, on_wake) != 0)
    goto no_async;
  if (uv_timer_init(&core->loop, &core->tick) != 0)
    goto no_thread;
  if (start_thread(core) != PURSER_OK)
    goto no_thread;
  return PURSER_OK;

no_thread:
  uv_close((uv_handle_t *)&core->wake, NULL);
  (void)uv_run(&core->loop, UV_RUN_DEFAULT);
no_async:
  (void)uv_loop_close(&core->loop);
no_loop:
  uv_mutex_destroy(&core->lock);
no_mutex:
  queue_fini(&core->messages);
  return error_set(error, PURSER_ENOMEM, "no thread for the ledger");
}

int32_t purser_open(purser **out, const char *options, char *error, size_t error_size) {
  *out = NULL;
  struct error e = {0};
  int status = mem_install();
  tree_install();
  struct purser *core = status == PURSER_OK ? mem_zalloc(sizeof *core) : NULL;
  if (core == NULL) {
    status = error_set(&e, PURSER_ENOMEM, "out of memory");
  } else {
    status = options_parse_json(&core->options, options, &e);
    if (status == PURSER_OK)
      status = start(core, &e);
    if (status == PURSER_OK) {
      *out = core;
    } else {
      options_fini(&core->options);
      mem_free(core);
    }
  }
  if (error != NULL && error_size > 0) {
    (void)snprintf(error, error_size, "%s", status == PURSER_OK ? "" : error_text(&e));
  }
  return status;
}

void purser_close(purser *core) {
  if (core == NULL)
    return;
  uv_mutex_lock(&core->lock);
  core->closing = true;
  uv_mutex_unlock(&core->lock);
  (void)uv_async_send(&core->wake);
  (void)uv_thread_join(&core->thread);
  (void)uv_loop_close(&core->loop);
  uv_mutex_destroy(&core->lock);
  message_free(core->taken);
  queue_fini(&core->messages);
  options_fini(&core->options);
  mem_free(core);
}

int32_t purser_fd(const purser *core) {
  return core->messages.read_fd;
}

int32_t purser_next(purser *core, purser_message *out) {
  message_free(core->taken);
  core->taken = queue_take(&core->messages);
  if (core->taken == NULL)
    return 0;
  *out = core->taken->body;
  return 1;
}

int64_t purser_ask(purser *core, const char *verb, const char *arguments) {
  if (verb == NULL)
    return PURSER_EINVAL;
  struct job *job = mem_zalloc(sizeof *job);
  if (job == NULL)
    return PURSER_ENOMEM;
  job->kind = JOB_ASK;
  job->verb = mem_strdup(verb);
  job->json = mem_strdup(arguments != NULL && arguments[0] != '\0' ? arguments : "{}");
  job->reply = message_new();
  if (job->verb == NULL || job->json == NULL || job->reply == NULL) {
    job_free(job);
    return PURSER_ENOMEM;
  }
  const int64_t ticket = atomic_fetch_add(&core->last_ticket, 1) + 1;
  job->ticket = ticket;
  core_submit(core, job);
  return ticket;
}

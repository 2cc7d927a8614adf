/* runs.c - the main loop's half of a run: it decodes and collects; what the ledger must know goes to the worker. */
#include <string.h>

#include "api/core.h"
#include "base/mem.h"

static void on_event(void *data, const purser_event *event) {
  struct purser_run *run = data;
  (void)event_list_add(&run->waiting, event);
  if (event_counts(event))
    (void)event_list_add(&run->booking, event);
}

static struct job *new_job(struct purser_run *run, enum job_kind kind) {
  struct job *job = mem_zalloc(sizeof *job);
  if (job == NULL)
    return NULL;
  job->kind = kind;
  job->run = run;
  return job;
}

int64_t purser_run_admit(purser *core, purser_run **out, const char *spec) {
  *out = NULL;
  struct spec parsed;
  struct error error = {0};
  int status = spec_parse(&parsed, spec, &error);
  if (status != PURSER_OK)
    return status;
  struct purser_run *run = mem_zalloc(sizeof *run);
  struct job *job = run != NULL ? new_job(run, JOB_ADMIT) : NULL;
  if (job != NULL) {
    job->json = mem_strdup(spec);
    job->reply = message_new();
    run->last_job = new_job(run, JOB_FREE);
  }
  if (job == NULL || job->json == NULL || job->reply == NULL || run->last_job == NULL) {
    status = PURSER_ENOMEM;
  } else {
    run->core = core;
    atomic_init(&run->stop, 0);
    status = decoder_open(&run->decoder, parsed.dialect != NULL ? parsed.dialect : "", on_event,
                          run, &error);
  }
  spec_fini(&parsed);
  if (status != PURSER_OK) {
    job_free(job);
    if (run != NULL)
      job_free(run->last_job);
    mem_free(run);
    return status;
  }
  const int64_t ticket = atomic_fetch_add(&core->last_ticket, 1) + 1;
  run->ticket = job->ticket = ticket;
  *out = run;
  core_submit(core, job);
  return ticket;
}

int32_t purser_run_started(purser_run *run, int32_t pid) {
  struct job *job = new_job(run, JOB_STARTED);
  if (job == NULL)
    return PURSER_ENOMEM;
  job->ticket = pid;
  core_submit(run->core, job);
  return PURSER_OK;
}

/* Hands what was collected to the worker. An event that was lost for want of memory is made good by the client's record and by its
 * totals. */
static int submit_events(struct purser_run *run) {
  if (run->booking.count == 0)
    return PURSER_OK;
  struct job *job = new_job(run, JOB_EVENTS);
  if (job == NULL)
    return PURSER_ENOMEM; /* kept: they go with the next chunk */
  job->events = run->booking;
  run->booking = EVENT_LIST_INIT;
  core_submit(run->core, job);
  return PURSER_OK;
}

int32_t purser_run_feed(purser_run *run, const char *bytes, size_t len) {
  if (run->finished)
    return PURSER_ECLOSED;
  const int status = decoder_feed(run->decoder, bytes, len);
  const int submitted = submit_events(run);
  if (status != PURSER_OK)
    return status;
  if (submitted != PURSER_OK)
    return submitted;
  /* A cap of the run's own is told by its message alone: it is no budget. */
  return atomic_load(&run->stop) == RUN_STOP_BUDGET ? 1 : 0;
}

int32_t purser_run_next(purser_run *run, purser_event *out) {
  if (run->next == run->waiting.count) {
    event_list_clear(&run->waiting);
    run->next = 0;
    return 0;
  }
  *out = run->waiting.events[run->next++];
  return 1;
}

int32_t purser_run_finish(purser_run *run, const char *end) {
  if (run->finished)
    return PURSER_ECLOSED;
  struct job *job = new_job(run, JOB_FINISH);
  if (job == NULL)
    return PURSER_ENOMEM;
  job->json = mem_strdup(end != NULL && end[0] != '\0' ? end : "{}");
  job->reply = message_new();
  if (job->json == NULL || job->reply == NULL) {
    job_free(job);
    return PURSER_ENOMEM;
  }
  run->finished = true;
  (void)decoder_end(run->decoder);
  const int status = submit_events(run);
  core_submit(run->core, job);
  return status;
}

void purser_run_free(purser_run *run) {
  if (run == NULL)
    return;
  decoder_free(run->decoder);
  run->decoder = NULL;
  event_list_fini(&run->waiting);
  event_list_fini(&run->booking);
  struct job *job = run->last_job;
  run->last_job = NULL;
  core_submit(run->core, job);
}

/* importer.c - the importer's thread: it sleeps in its loop until a folder changes, a timer runs out or somebody asks. See importer.h. */
#include "api/importer.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "api/core.h"
#include "api/importer_internal.h"
#include "base/mem.h"

enum {
  POLL_WATCHED_MS = 30 * 1000, /* in case that an event was lost */
  POLL_BLIND_MS = 1000,        /* where folders can't be watched */
  POLL_SHARE = 50,             /* and never more than this part of the time */
  LOOK_MS = 2000,
  RETRY_MS = 50,
  NS_PER_MS = 1000000
};

void import_ask_free(struct import_ask *ask) {
  if (ask == NULL)
    return;
  for (char **source = ask->sources; source != NULL && *source != NULL; source++)
    mem_free(*source);
  mem_free(ask->sources);
  message_free(ask->reply);
  mem_free(ask);
}

/* ---- timers ---- */

static void on_wake(uv_async_t *handle) {
  (void)handle; /* The thread looks at its list after every turn of its loop. */
}

static void on_poll(uv_timer_t *timer) {
  struct importer *im = timer->data;
  if (im->watcher != NULL)
    watcher_refresh(im->watcher);
  im->dirty.all = true;
}

static void on_look(uv_timer_t *timer) {
  const struct importer *im = timer->data;
  if (im->watcher != NULL)
    watcher_look_for_roots(im->watcher);
}

static void on_retry(uv_timer_t *timer) {
  struct importer *im = timer->data;
  im->held = false;
}

/* Folders that can't be watched are looked at, more often the faster that goes. */
static void set_poll(struct importer *im) {
  if (im->watcher == NULL)
    return;
  const bool complete = watcher_complete(im->watcher);
  const int64_t cost_ms = im->look_ns / NS_PER_MS * POLL_SHARE;
  const int64_t blind_ms = cost_ms > POLL_BLIND_MS ? cost_ms : POLL_BLIND_MS;
  const int64_t every = complete || blind_ms > POLL_WATCHED_MS ? POLL_WATCHED_MS : blind_ms;
  uv_mutex_lock(&im->lock);
  im->watched = (int64_t)watcher_count(im->watcher);
  im->complete = complete;
  uv_mutex_unlock(&im->lock);
  if ((int64_t)uv_timer_get_repeat(&im->poll) != every)
    (void)uv_timer_start(&im->poll, on_poll, (uint64_t)every, (uint64_t)every);
}

static void hold(struct importer *im) {
  im->held = true;
  (void)uv_timer_start(&im->retry, on_retry, RETRY_MS, 0);
}

/* ---- turns ---- */

static void set_state(struct importer *im, enum importer_state state, const struct error *error) {
  uv_mutex_lock(&im->lock);
  im->state = state;
  (void)snprintf(im->message, sizeof im->message, "%s", error != NULL ? error_text(error) : "");
  uv_mutex_unlock(&im->lock);
}

static void warn(struct importer *im, int status, const struct error *error) {
  const purser_message head = {.kind = PURSER_MESSAGE_WARNING, .status = status};
  queue_push(im->options.messages, NULL, &head, core_message_json(error_text(error)));
}

static void reply_failed(struct importer *im, struct import_ask *ask, int status,
                         const struct error *error) {
  const purser_message head = {
      .kind = PURSER_MESSAGE_REPLY, .status = status, .ticket = ask->ticket};
  queue_push(im->options.messages, ask->reply, &head, core_message_json(error_text(error)));
  ask->reply = NULL;
}

static struct import_ask *next_ask(struct importer *im) {
  uv_mutex_lock(&im->lock);
  struct import_ask *ask = im->asks;
  uv_mutex_unlock(&im->lock);
  return ask;
}

static void drop_ask(struct importer *im) {
  uv_mutex_lock(&im->lock);
  struct import_ask *ask = im->asks;
  im->asks = ask->next;
  uv_mutex_unlock(&im->lock);
  import_ask_free(ask);
}

/* Answers the first ask, if it can be done now. */
static void take_ask(struct importer *im, struct import_ask *ask) {
  struct error error = {0};
  int status = import_job_ready(im, &error);
  set_state(im, IMPORTER_RUNNING, NULL);
  if (status == PURSER_OK)
    status = import_job_ask(im, ask, &error);
  if (status == PURSER_EBUSY && im->file_lock.fd < 0) {
    set_state(im, IMPORTER_WAITING, NULL);
    if (!im->told_busy)
      import_tell(im, "waiting", &(struct import_counts){0});
    im->told_busy = true;
    hold(im);
    return;
  }
  im->told_busy = false;
  if (ask->reply != NULL)
    reply_failed(im, ask, status, &error);
  set_state(im, IMPORTER_IDLE, NULL);
  drop_ask(im);
}

/* Reads what has changed. What fails is told once, and tried again when everything is looked at the next time. */
static void take_dirty(struct importer *im) {
  struct error error = {0};
  int status = import_job_ready(im, &error);
  if (status == PURSER_OK)
    status = import_job_live(im, &error);
  if (status == PURSER_EBUSY) {
    set_state(im, IMPORTER_WAITING, NULL);
    hold(im);
    return;
  }
  dirty_clear(&im->dirty);
  if (status == PURSER_OK || status == PURSER_ECLOSED) {
    set_state(im, IMPORTER_IDLE, NULL);
  } else {
    uv_mutex_lock(&im->lock);
    const bool known = im->state == IMPORTER_FAILED || strcmp(im->message, error_text(&error)) == 0;
    uv_mutex_unlock(&im->lock);
    if (!known)
      warn(im, status, &error);
    set_state(im, IMPORTER_FAILED, &error);
  }
  set_poll(im);
}

/* ---- the thread ---- */

static void on_changed(void *data, int tag, const char *path) {
  import_mark(data, tag, path);
}

static void start_watching(struct importer *im) {
  struct error error = {0};
  struct import_roots roots = {0};
  if (import_roots_find(&roots, im->settings, &error) == PURSER_OK)
    (void)watcher_start(&im->watcher, &im->loop, roots.items, roots.count, on_changed, im, &error);
  import_roots_free(&roots);
  (void)uv_timer_start(&im->poll, on_poll, POLL_WATCHED_MS, POLL_WATCHED_MS);
  (void)uv_timer_start(&im->look, on_look, LOOK_MS, LOOK_MS);
  im->dirty.all = true;
}

static void close_loop(struct importer *im) {
  watcher_stop(im->watcher);
  uv_close((uv_handle_t *)&im->wake, NULL);
  uv_close((uv_handle_t *)&im->poll, NULL);
  uv_close((uv_handle_t *)&im->look, NULL);
  uv_close((uv_handle_t *)&im->retry, NULL);
  (void)uv_run(&im->loop, UV_RUN_DEFAULT);
}

static void thread_main(void *data) {
  struct importer *im = data;
  if (im->options.automatic) {
    struct error error = {0};
    const int status = import_job_ready(im, &error);
    if (status != PURSER_OK) {
      set_state(im, IMPORTER_FAILED, &error);
      warn(im, status, &error);
    }
    start_watching(im);
  }
  while (!atomic_load(&im->closing)) {
    struct import_ask *ask = im->held ? NULL : next_ask(im);
    if (ask != NULL) {
      take_ask(im, ask);
    } else if (!im->held && dirty_any(&im->dirty)) {
      take_dirty(im);
    } else {
      (void)uv_run(&im->loop, UV_RUN_ONCE);
      continue;
    }
    /* What came meanwhile. */
    (void)uv_run(&im->loop, UV_RUN_NOWAIT);
  }
  while (next_ask(im) != NULL) {
    const struct error closing = {.status = PURSER_ECLOSED};
    reply_failed(im, next_ask(im), PURSER_ECLOSED, &closing);
    drop_ask(im);
  }
  close_loop(im);
  dirty_clear(&im->dirty);
  import_settings_free(im->settings);
  ledger_close(im->ledger);
}

/* Every signal is blocked: they are the editor's. */
static int start_thread(struct importer *im) {
  sigset_t all;
  sigset_t before;
  (void)sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
    return PURSER_ERROR;
  const int started = uv_thread_create(&im->thread, thread_main, im);
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  return started == 0 ? PURSER_OK : PURSER_ENOMEM;
}

static void free_importer(struct importer *im) {
  import_result_fini(&im->last);
  mem_free(im->path);
  mem_free(im);
}

int importer_start(struct importer **out, const struct importer_options *options,
                   struct error *error) {
  *out = NULL;
  struct importer *im = mem_zalloc(sizeof *im);
  if (im == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  im->options = *options;
  im->file_lock = IMPORT_LOCK_INIT;
  im->path = mem_strdup(options->ledger);
  if (im->path == NULL || uv_mutex_init(&im->lock) != 0)
    goto no_mutex;
  if (uv_loop_init(&im->loop) != 0)
    goto no_loop;
  if (uv_async_init(&im->loop, &im->wake, on_wake) != 0)
    goto no_async;
  (void)uv_timer_init(&im->loop, &im->poll);
  (void)uv_timer_init(&im->loop, &im->look);
  (void)uv_timer_init(&im->loop, &im->retry);
  im->poll.data = im->look.data = im->retry.data = im;
  if (start_thread(im) != PURSER_OK)
    goto no_thread;
  *out = im;
  return PURSER_OK;

no_thread:
  close_loop(im);
no_async:
  (void)uv_loop_close(&im->loop);
no_loop:
  uv_mutex_destroy(&im->lock);
no_mutex:
  free_importer(im);
  return error_set(error, PURSER_ENOMEM, "no thread for imports");
}

void importer_stop(struct importer *im) {
  if (im == NULL)
    return;
  atomic_store(&im->closing, true);
  (void)uv_async_send(&im->wake);
  (void)uv_thread_join(&im->thread);
  (void)uv_loop_close(&im->loop);
  uv_mutex_destroy(&im->lock);
  free_importer(im);
}

void importer_submit(struct importer *im, struct import_ask *ask) {
  ask->next = NULL;
  uv_mutex_lock(&im->lock);
  struct import_ask **end = &im->asks;
  while (*end != NULL)
    end = &(*end)->next;
  *end = ask;
  uv_mutex_unlock(&im->lock);
  (void)uv_async_send(&im->wake);
}

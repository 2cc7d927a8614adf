/* checkpoint.c - see checkpoint.h. */
#include "ledger/checkpoint.h"

#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <time.h>

#include "base/mem.h"

enum {
  /* While others go on writing, each round finds what they wrote during the one before: so much less. */
  ROUNDS = 20,
  /* So little is left that it may be done while the writers wait, if that lets the log begin anew. */
  FEW_PAGES = 512,
  /* Nobody pauses for long enough to let it begin anew by itself: 64 MB. */
  LONG_LOG = 16384,
  /* A disk that is too slow for what is written: now it is better to wait than to fill it. 512 MB. */
  TOO_LONG_LOG = 8 * LONG_LOG,
  /* How long the log's readers, and its writer, are waited for while the others can't write. */
  PATIENCE_MS = 2,
  /* Until the next try of somebody whom nobody waits for. */
  PAUSE_MS = 20
};

struct checkpointer {
  char *path;
  char *vfs;
  sqlite3 *handle;
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool wanted;
  bool working;
  bool stopping;
};

static sqlite3 *open_handle(const char *path, const char *vfs) {
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  sqlite3 *handle = NULL;
  if (sqlite3_open_v2(path, &handle, flags, vfs) == SQLITE_OK &&
      /* A checkpoint is of no effect before the file is known to have a log. */
      sqlite3_exec(handle, "PRAGMA synchronous = NORMAL; SELECT count(*) FROM sqlite_schema", NULL,
                   NULL, NULL) == SQLITE_OK) {
    (void)sqlite3_busy_timeout(handle, PATIENCE_MS);
    return handle;
  }
  (void)sqlite3_close(handle);
  return NULL;
}

static bool is_stopping(struct checkpointer *c) {
  (void)pthread_mutex_lock(&c->lock);
  const bool stopping = c->stopping;
  (void)pthread_mutex_unlock(&c->lock);
  return stopping;
}

/* Nobody waits for a passive one: neither readers nor writers. Whether all goes well is of no interest here: what stays in
 * the log is safe there, and the next writer asks again. */
static void check_in(struct checkpointer *c) {
  int pages = 0;
  int done = 0;
  if (c->handle == NULL)
    c->handle = open_handle(c->path, c->vfs);
  if (c->handle == NULL)
    return;
  for (int i = 0; i < ROUNDS && !is_stopping(c); i++) {
    if (sqlite3_wal_checkpoint_v2(c->handle, "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &done) !=
        SQLITE_OK)
      return; /* mostly: another process is at it */
    if (pages - done < FEW_PAGES)
      break;
  }
  if ((pages >= LONG_LOG && pages - done < FEW_PAGES) || pages >= TOO_LONG_LOG)
    (void)sqlite3_wal_checkpoint_v2(c->handle, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL);
}

static void *work(void *data) {
  struct checkpointer *c = data;
  (void)pthread_mutex_lock(&c->lock);
  while (!c->stopping) {
    if (!c->wanted) {
      (void)pthread_cond_wait(&c->changed, &c->lock);
      continue;
    }
    c->wanted = false;
    c->working = true;
    (void)pthread_mutex_unlock(&c->lock);
    check_in(c);
    (void)pthread_mutex_lock(&c->lock);
    c->working = false;
    (void)pthread_cond_broadcast(&c->changed);
  }
  (void)pthread_mutex_unlock(&c->lock);
  (void)sqlite3_close(c->handle);
  return NULL;
}

/* Signals are for the threads of whoever we are a guest of. */
static int start(struct checkpointer *c) {
  sigset_t all;
  sigset_t before;
  (void)sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
    return -1;
  const int failed = pthread_create(&c->thread, NULL, work, c);
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  return failed;
}

struct checkpointer *checkpointer_new(const char *path, const char *vfs) {
  struct checkpointer *c = mem_zalloc(sizeof *c);
  if (c == NULL)
    return NULL;
  c->path = mem_strdup(path);
  c->vfs = mem_strdup(vfs);
  if (c->path == NULL || (vfs != NULL && c->vfs == NULL) || pthread_mutex_init(&c->lock, NULL) != 0)
    goto no_lock;
  if (pthread_cond_init(&c->changed, NULL) != 0)
    goto no_condition;
  if (start(c) == 0)
    return c;
  (void)pthread_cond_destroy(&c->changed);
no_condition:
  (void)pthread_mutex_destroy(&c->lock);
no_lock:
  mem_free(c->path);
  mem_free(c->vfs);
  mem_free(c);
  return NULL;
}

void checkpointer_wake(struct checkpointer *c) {
  (void)pthread_mutex_lock(&c->lock);
  c->wanted = true;
  (void)pthread_cond_broadcast(&c->changed);
  (void)pthread_mutex_unlock(&c->lock);
}

void checkpointer_run(struct checkpointer *c) {
  (void)pthread_mutex_lock(&c->lock);
  c->wanted = true;
  (void)pthread_cond_broadcast(&c->changed);
  while (c->wanted || c->working)
    (void)pthread_cond_wait(&c->changed, &c->lock);
  (void)pthread_mutex_unlock(&c->lock);
}

void checkpointer_free(struct checkpointer *c) {
  if (c == NULL)
    return;
  (void)pthread_mutex_lock(&c->lock);
  c->stopping = true;
  (void)pthread_cond_broadcast(&c->changed);
  (void)pthread_mutex_unlock(&c->lock);
  (void)pthread_join(c->thread, NULL);
  (void)pthread_cond_destroy(&c->changed);
  (void)pthread_mutex_destroy(&c->lock);
  mem_free(c->path);
  mem_free(c->vfs);
  mem_free(c);
}

void checkpoint_cut(const char *path) {
  sqlite3 *handle = open_handle(path, NULL);
  for (int i = 0; handle != NULL && i < ROUNDS; i++) {
    /* Most of it while the others go on; the little that is left while they wait. */
    (void)sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) ==
        SQLITE_OK)
      break;
    sqlite3_sleep(PAUSE_MS);
  }
  (void)sqlite3_close(handle);
}

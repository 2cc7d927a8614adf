/* work.c - see work.h. */
#include "import/work.h"

#include <pthread.h>
#include <signal.h>

#include "base/mem.h"

enum {
  THREADS_MAX = 8,
  PIECES = 10
};

struct worker {
  struct work *work;
  struct reader reader;
  pthread_t thread;
  size_t index;       /* of the file in hand */
  bool waited;        /* all files before it were handed over */
  struct piece spare; /* for what is still written once the readers were stopped; goes nowhere */
};

struct work {
  struct work_item *items;
  size_t count;
  size_t next;     /* the first that nobody has in hand */
  size_t finished; /* all before it were handed over to their ends */
  bool *done;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  struct piece pieces[PIECES];
  struct piece *idle;
  struct piece *first, *last; /* full ones, in order */
  int threads;                /* that were started */
  int running;
  bool stop;
  int worker_count;
  struct worker workers[];
};

/* ---- the queue; all with the mutex held, or without threads ---- */

static struct piece *take_idle(struct work *work) {
  struct piece *piece = work->idle;
  if (piece != NULL)
    work->idle = piece->next;
  return piece;
}

static void push(struct work *work, struct piece *piece) {
  piece->next = NULL;
  if (work->last != NULL)
    work->last->next = piece;
  else
    work->first = piece;
  work->last = piece;
}

static struct piece *pop(struct work *work) {
  struct piece *piece = work->first;
  if (piece != NULL) {
    work->first = piece->next;
    if (work->first == NULL)
      work->last = NULL;
  }
  return piece;
}

static void finish(struct work *work, size_t index) {
  work->done[index] = true;
  while (work->finished < work->count && work->done[work->finished])
    work->finished++;
}

static void wait_for_change(struct work *work) {
  (void)pthread_cond_wait(&work->changed, &work->mutex);
}

/* ---- readers ---- */

/* What is a subagent's waits for whatever it may belong to. */
static void wait_for_earlier(struct worker *worker) {
  struct work *work = worker->work;
  if (!worker->reader.sink.side || worker->waited)
    return;
  while (work->finished < worker->index && !work->stop)
    wait_for_change(work);
  worker->waited = true;
}

static struct piece *next_piece(struct worker *worker) {
  struct work *work = worker->work;
  struct piece *piece;
  while ((piece = take_idle(work)) == NULL && !work->stop)
    wait_for_change(work);
  if (piece != NULL) {
    piece_clear(piece);
    piece->file = work->items[worker->index].file;
  }
  return piece;
}

/* Hands the full piece over and takes an empty one. */
static bool deliver(struct import_sink *sink) {
  struct worker *worker = sink->data;
  struct work *work = worker->work;
  (void)pthread_mutex_lock(&work->mutex);
  wait_for_earlier(worker);
  push(work, sink->piece);
  (void)pthread_cond_broadcast(&work->changed);
  struct piece *piece = next_piece(worker);
  const bool goes_on = piece != NULL && !work->stop;
  (void)pthread_mutex_unlock(&work->mutex);
  sink_turn(sink, piece != NULL ? piece : &worker->spare);
  return goes_on;
}

/* Reads files until there are none. With the mutex held, except while reading. */
static void read_files(struct worker *worker) {
  struct work *work = worker->work;
  while (!work->stop && work->next < work->count) {
    worker->index = work->next++;
    worker->waited = false;
    const struct work_item *item = &work->items[worker->index];
    struct piece *piece = next_piece(worker);
    if (piece == NULL)
      break;
    (void)pthread_mutex_unlock(&work->mutex);
    const struct reader_state state = {item->state.data, item->state.len};
    reader_read(&worker->reader, item->file, &state, piece);
    (void)pthread_mutex_lock(&work->mutex);
    wait_for_earlier(worker);
    if (worker->reader.sink.piece != &worker->spare)
      push(work, worker->reader.sink.piece);
    finish(work, worker->index);
    (void)pthread_cond_broadcast(&work->changed);
  }
}

static void *worker_main(void *data) {
  struct worker *worker = data;
  struct work *work = worker->work;
  (void)pthread_mutex_lock(&work->mutex);
  read_files(worker);
  work->running--;
  (void)pthread_cond_broadcast(&work->changed);
  (void)pthread_mutex_unlock(&work->mutex);
  return NULL;
}

static int start_threads(struct work *work, int threads) {
  sigset_t all;
  sigset_t before;
  (void)sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
    return PURSER_ERROR;
  for (int i = 0; i < threads; i++) {
    (void)pthread_mutex_lock(&work->mutex);
    const bool started =
        pthread_create(&work->workers[i].thread, NULL, worker_main, &work->workers[i]) == 0;
    if (started) {
      work->threads++;
      work->running++;
    }
    (void)pthread_mutex_unlock(&work->mutex);
    if (!started)
      break;
  }
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  return PURSER_OK;
}

/* ---- without threads: one file at a time, all of its pieces before the next ---- */

static bool deliver_alone(struct import_sink *sink) {
  struct worker *worker = sink->data;
  struct work *work = worker->work;
  push(work, sink->piece);
  struct piece *piece = take_idle(work);
  if (piece == NULL) {
    /* More than there are: it was thought to be small. */
    piece = mem_zalloc(sizeof *piece);
    if (piece == NULL) {
      sink_turn(sink, &worker->spare);
      return false;
    }
  }
  piece_clear(piece);
  piece->file = work->items[worker->index].file;
  sink_turn(sink, piece);
  return true;
}

static void read_alone(struct work *work) {
  struct worker *worker = &work->workers[0];
  const struct work_item *item = &work->items[work->next];
  struct piece *piece = take_idle(work);
  if (piece == NULL)
    return;
  worker->index = work->next++;
  piece_clear(piece);
  piece->file = item->file;
  const struct reader_state state = {item->state.data, item->state.len};
  reader_read(&worker->reader, item->file, &state, piece);
  if (worker->reader.sink.piece != &worker->spare)
    push(work, worker->reader.sink.piece);
}

/* ---- from outside ---- */

int work_begin(struct work **out, struct work_item *items, size_t count, int threads,
               const struct catalog *catalog, const struct import_options *options,
               struct error *error) {
  *out = NULL;
  if (threads > THREADS_MAX)
    threads = THREADS_MAX;
  const int worker_count = threads > 0 ? threads : 1;
  struct work *work = mem_zalloc(sizeof *work + (size_t)worker_count * sizeof work->workers[0]);
  bool *done = mem_zalloc(count > 0 ? count : 1);
  if (work == NULL || done == NULL || pthread_mutex_init(&work->mutex, NULL) != 0) {
    mem_free(work);
    mem_free(done);
    return error_set(error, PURSER_ENOMEM, "out of memory");
  }
  if (pthread_cond_init(&work->changed, NULL) != 0) {
    (void)pthread_mutex_destroy(&work->mutex);
    mem_free(work);
    mem_free(done);
    return error_set(error, PURSER_ENOMEM, "out of memory");
  }
  work->items = items;
  work->count = count;
  work->done = done;
  for (size_t i = 0; i < PIECES; i++) {
    work->pieces[i].next = work->idle;
    work->idle = &work->pieces[i];
  }
  work->worker_count = worker_count;
  for (int i = 0; i < worker_count; i++) {
    struct worker *worker = &work->workers[i];
    worker->work = work;
    reader_init(&worker->reader, catalog, options);
    worker->reader.sink.data = worker;
    worker->reader.sink.deliver = threads > 0 ? deliver : deliver_alone;
  }
  if (threads > 0 && start_threads(work, threads) == PURSER_OK && work->threads == 0) {
    /* None to be had: the caller reads. */
    work->workers[0].reader.sink.deliver = deliver_alone;
  }
  *out = work;
  return PURSER_OK;
}

struct piece *work_take(struct work *work, bool wait) {
  if (work->threads == 0) {
    while (work->first == NULL && work->next < work->count && !work->stop)
      read_alone(work);
    return pop(work);
  }
  (void)pthread_mutex_lock(&work->mutex);
  while (work->first == NULL && work->running > 0 && wait)
    wait_for_change(work);
  struct piece *piece = pop(work);
  (void)pthread_mutex_unlock(&work->mutex);
  return piece;
}

static bool is_ours(const struct work *work, const struct piece *piece) {
  return piece >= work->pieces && piece < work->pieces + PIECES;
}

void work_give_back(struct work *work, struct piece *piece) {
  if (!is_ours(work, piece)) {
    piece_fini(piece);
    mem_free(piece);
    return;
  }
  (void)pthread_mutex_lock(&work->mutex);
  piece->next = work->idle;
  work->idle = piece;
  (void)pthread_cond_broadcast(&work->changed);
  (void)pthread_mutex_unlock(&work->mutex);
}

void work_end(struct work *work) {
  if (work == NULL)
    return;
  (void)pthread_mutex_lock(&work->mutex);
  work->stop = true;
  (void)pthread_cond_broadcast(&work->changed);
  (void)pthread_mutex_unlock(&work->mutex);
  for (int i = 0; i < work->threads; i++)
    (void)pthread_join(work->workers[i].thread, NULL);
  struct piece *piece;
  while ((piece = pop(work)) != NULL) {
    if (!is_ours(work, piece)) {
      piece_fini(piece);
      mem_free(piece);
    }
  }
  for (size_t i = 0; i < PIECES; i++)
    piece_fini(&work->pieces[i]);
  for (int i = 0; i < work->worker_count; i++) {
    reader_fini(&work->workers[i].reader);
    piece_fini(&work->workers[i].spare);
  }
  (void)pthread_cond_destroy(&work->changed);
  (void)pthread_mutex_destroy(&work->mutex);
  mem_free(work->done);
  mem_free(work);
}

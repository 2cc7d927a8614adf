/* import_job.c - one turn of the importer's work: what is read, how it yields, and what is told about it. */
#include <string.h>
#include <sys/stat.h>

#include "api/importer_internal.h"
#include "base/json.h"
#include "base/mem.h"

enum {
  BATCH_US = 2000,         /* a transaction of ours: the longest that a waiting gate waits for it */
  STAND_BACK_MS = 20,      /* for the worker, at most, between two of them */
  TELL_NS = 150 * 1000000, /* between two messages */
  FOLDER_DEPTH = 3
};

/* ---- what is dirty ---- */

void dirty_clear(struct dirty *dirty) {
  for (size_t i = 0; i < dirty->count; i++)
    mem_free(dirty->paths[i]);
  *dirty = (struct dirty){0};
}

static bool any_source(const struct dirty *dirty) {
  for (int i = 0; i < IMPORT_SOURCES_MAX; i++) {
    if (dirty->sources[i])
      return true;
  }
  return false;
}

bool dirty_any(const struct dirty *dirty) {
  return dirty->all || dirty->count > 0 || any_source(dirty);
}

static bool ends_with(const char *text, size_t len, const char *suffix) {
  const size_t n = strlen(suffix);
  return len >= n && memcmp(text + len - n, suffix, n) == 0;
}

static void mark_path(struct importer *im, int source, const char *path, size_t len) {
  struct dirty *dirty = &im->dirty;
  for (size_t i = 0; i < dirty->count; i++) {
    if (strlen(dirty->paths[i]) == len && memcmp(dirty->paths[i], path, len) == 0)
      return;
  }
  char *copy = dirty->count < DIRTY_MOST ? mem_strndup(path, len) : NULL;
  if (copy == NULL)
    dirty->sources[source] = true;
  else
    dirty->paths[dirty->count++] = copy;
}

void import_mark(struct importer *im, int source, const char *path) {
  const size_t len = strlen(path);
  struct stat st;
  if (ends_with(path, len, ".jsonl") || ends_with(path, len, ".json") ||
      ends_with(path, len, ".db") || ends_with(path, len, ".db-wal"))
    mark_path(im, source, path, len);
  else if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
    im->dirty.sources[source] = true;
}

/* ---- the roots ---- */

static const struct {
  const char *source, *below;
  int depth;
} places[] = {
    {"claude", "projects", FOLDER_DEPTH}, /* PROJECT/SESSION/subagents */
    {"codex", "sessions", FOLDER_DEPTH},  /* YEAR/MONTH/DAY */
    {"codex", "archived_sessions", 0},    {"opencode", "", 0}, {"opencode", "storage/message", 1},
    {"gemini", "tmp", FOLDER_DEPTH}, /* PROJECT/chats/SESSION */
};

static int add_place(struct import_roots *roots, const char *root, const char *below, int depth,
                     int tag) {
  struct buf path = BUF_INIT;
  buf_adds(&path, root);
  if (below[0] != '\0')
    buf_addf(&path, "/%s", below);
  struct watch_root *items = mem_realloc(roots->items, (roots->count + 1) * sizeof *roots->items);
  if (items != NULL)
    roots->items = items;
  char *copy = items != NULL ? buf_detach(&path) : NULL;
  buf_fini(&path);
  if (copy == NULL)
    return PURSER_ENOMEM;
  roots->items[roots->count++] = (struct watch_root){copy, depth, tag};
  return PURSER_OK;
}

static int add_root(struct import_roots *roots, int source, const char *root) {
  int status = PURSER_OK;
  for (size_t i = 0; i < sizeof places / sizeof places[0] && status == PURSER_OK; i++) {
    if (strcmp(places[i].source, import_sources[source]->name) == 0)
      status = add_place(roots, root, places[i].below, places[i].depth, source);
  }
  return status;
}

static const struct source_setting *setting_of(const struct import_settings *settings,
                                               const char *name) {
  for (int i = 0; settings != NULL && i < SETTINGS_SOURCES; i++) {
    if (strcmp(settings->sources[i].name, name) == 0)
      return &settings->sources[i];
  }
  return NULL;
}

int import_roots_find(struct import_roots *out, const struct import_settings *settings,
                      struct error *error) {
  int status = PURSER_OK;
  for (int i = 0; import_sources[i] != NULL && status == PURSER_OK; i++) {
    const struct source_setting *setting = setting_of(settings, import_sources[i]->name);
    if (setting != NULL && setting->off)
      continue;
    struct buf usual = BUF_INIT;
    status = import_sources[i]->roots(&usual);
    for (size_t at = 0; status == PURSER_OK && at < usual.len; at += strlen(usual.data + at) + 1)
      status = add_root(out, i, usual.data + at);
    buf_fini(&usual);
    for (size_t k = 0; setting != NULL && k < setting->folder_count && status == PURSER_OK; k++)
      status = add_root(out, i, setting->folders[k]);
  }
  return status == PURSER_OK ? status : error_set(error, status, "out of memory");
}

void import_roots_free(struct import_roots *roots) {
  for (size_t i = 0; i < roots->count; i++) {
    void *path = (void *)(uintptr_t)roots->items[i].path; /* ours: made by add_place */
    mem_free(path);
  }
  mem_free(roots->items);
  *roots = (struct import_roots){0};
}

/* ---- one sync ---- */

static bool is_closing(const struct importer *im) {
  return atomic_load(&im->closing);
}

static bool is_time(const struct importer *im, int64_t *last_ns) {
  const int64_t now = clock_mono_ns(ledger_clock(im->ledger));
  if (now - *last_ns < TELL_NS)
    return false;
  *last_ns = now;
  return true;
}

static int on_progress(void *data, const struct import_counts *counts) {
  struct importer *im = data;
  uv_mutex_lock(&im->lock);
  im->counts = *counts;
  uv_mutex_unlock(&im->lock);
  if (im->loud && is_time(im, &im->told_ns))
    import_tell(im, "running", counts);
  /* The statusline counts along. */
  if (counts->booked + counts->replaced > 0 && is_time(im, &im->changed_ns))
    im->options.changed(im->options.data);
  return is_closing(im);
}

static int on_yield(void *data) {
  struct importer *im = data;
  for (int i = 0; i < STAND_BACK_MS && atomic_load(im->options.busy) > 0; i++)
    uv_sleep(1);
  return is_closing(im);
}

static int sync_with(struct importer *im, struct import_options *options,
                     struct import_result *result, struct error *error) {
  options->settings = im->settings;
  options->prompt_chars = im->options.prompt_chars;
  options->batch_us = BATCH_US;
  options->progress = on_progress;
  options->yield = on_yield;
  options->data = im;
  return import_sync(im->ledger, im->options.catalog, options, result, error);
}

static bool has_news(const struct import_counts *counts) {
  return counts->booked + counts->replaced > 0;
}

/* Keeps a result as the last one; it is the importer's now. */
static void keep_result(struct importer *im, struct import_result *result) {
  uv_mutex_lock(&im->lock);
  struct import_result before = im->last;
  im->last = *result;
  im->last_ms = clock_now_ms(ledger_clock(im->ledger));
  uv_mutex_unlock(&im->lock);
  *result = (struct import_result){0};
  import_result_fini(&before);
}

/* ---- reading by itself ---- */

static int sync_paths(struct importer *im, struct error *error) {
  const char *paths[DIRTY_MOST + 1] = {NULL};
  for (size_t i = 0; i < im->dirty.count; i++)
    paths[i] = im->dirty.paths[i];
  struct import_options options = {.paths = paths, .threads = 1};
  struct import_result result = {0};
  const int status = sync_with(im, &options, &result, error);
  if (has_news(&result.total))
    im->options.changed(im->options.data);
  import_result_fini(&result);
  return status;
}

static int sync_sources(struct importer *im, struct error *error) {
  const char *names[IMPORT_SOURCES_MAX + 1] = {NULL};
  size_t count = 0;
  for (int i = 0; import_sources[i] != NULL; i++) {
    if (im->dirty.sources[i])
      names[count++] = import_sources[i]->name;
  }
  struct import_options options = {.sources = names, .threads = 1};
  struct import_result result = {0};
  const int status = sync_with(im, &options, &result, error);
  if (has_news(&result.total))
    im->options.changed(im->options.data);
  import_result_fini(&result);
  return status;
}

static int sync_all(struct importer *im, struct error *error) {
  struct import_options options = {.threads = 1};
  struct import_result result = {0};
  const int64_t began = clock_mono_ns(ledger_clock(im->ledger));
  /* The first look may find years of records; told only if that takes a while. */
  im->loud = !im->begun;
  im->told_ns = im->changed_ns = began;
  const int status = sync_with(im, &options, &result, error);
  im->look_ns = clock_mono_ns(ledger_clock(im->ledger)) - began;
  if (has_news(&result.total))
    im->options.changed(im->options.data);
  if (im->loud && im->told_ns != began)
    import_tell(im, "done", &result.total);
  im->loud = false;
  if (status == PURSER_OK) {
    im->begun = true;
    keep_result(im, &result);
  }
  import_result_fini(&result);
  return status;
}

int import_job_live(struct importer *im, struct error *error) {
  if (!import_lock_try(&im->file_lock, im->path))
    return error_set(error, PURSER_EBUSY, "another process reads the clients' records");
  uv_mutex_lock(&im->lock);
  im->state = IMPORTER_RUNNING;
  uv_mutex_unlock(&im->lock);
  int status = PURSER_OK;
  if (im->dirty.all) {
    status = sync_all(im, error);
  } else {
    if (im->dirty.count > 0)
      status = sync_paths(im, error);
    if (status == PURSER_OK && any_source(&im->dirty))
      status = sync_sources(im, error);
  }
  import_lock_release(&im->file_lock);
  /* The ledger's own lock is something else than ours. */
  return status == PURSER_EBUSY ? PURSER_EIO : status;
}

/* ---- reading when asked ---- */

static char *result_json(const struct import_result *result) {
  struct buf out = BUF_INIT;
  json_open(&out);
  import_write_result(&out, result);
  json_close(&out);
  return buf_detach(&out);
}

int import_job_ask(struct importer *im, struct import_ask *ask, struct error *error) {
  if (!import_lock_try(&im->file_lock, im->path))
    return error_set(error, PURSER_EBUSY, "another process reads the clients' records");
  struct import_options options = {
      .sources = (const char *const *)ask->sources,
      .since_ms = ask->since_ms,
      .again = ask->again,
      .dry_run = ask->dry_run,
  };
  struct import_result result = {0};
  im->loud = true;
  im->told_ns = 0;
  int status = sync_with(im, &options, &result, error);
  im->loud = false;
  import_lock_release(&im->file_lock);
  if (has_news(&result.total) && !ask->dry_run)
    im->options.changed(im->options.data);
  if (status == PURSER_OK) {
    const purser_message head = {.kind = PURSER_MESSAGE_REPLY, .ticket = ask->ticket};
    queue_push(im->options.messages, ask->reply, &head, result_json(&result));
    ask->reply = NULL;
    if (ask->sources == NULL && !ask->dry_run)
      keep_result(im, &result);
  }
  import_result_fini(&result);
  return status;
}

int import_job_ready(struct importer *im, struct error *error) {
  if (im->ledger == NULL) {
    const struct ledger_options options = {.path = im->path, .clock = clock_from_environment()};
    const int status = ledger_open(&im->ledger, &options, error);
    if (status != PURSER_OK)
      return status;
  }
  /* The file may be edited while we run: it is small, and read whenever everything is. */
  if (im->settings != NULL && !im->dirty.all && im->asks == NULL)
    return PURSER_OK;
  struct import_settings *settings = NULL;
  const int status = import_settings_of(&settings, im->ledger, error);
  if (status == PURSER_OK) {
    import_settings_free(im->settings);
    im->settings = settings;
  }
  return status;
}

/* sync.c - import_sync(): looks at what has changed, has it read, and stores it in short transactions. */
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/mem.h"
#include "import/settings.h"
#include "import/store.h"
#include "import/tree.h"
#include "import/work.h"
#include "ledger/bulk.h"
#include "ledger/import_log.h"

enum {
  /* How long others are kept waiting; and how long a transaction is when nobody waits: a longer one writes the same pages less
   * often. */
  BATCH_US = 5000,
  ALONE_US = 60000,
  THREADS = 2,
  /* Less than this is read sooner than threads are started. */
  SMALL_BYTES = 2 * 1024 * 1024
};

/* Texts, owned. */
struct texts {
  char **items;
  size_t count, cap;
};

static void texts_fini(struct texts *texts) {
  for (size_t i = 0; i < texts->count; i++)
    mem_free(texts->items[i]);
  mem_free(texts->items);
}

static int texts_add(struct texts *texts, const char *text) {
  void *items = texts->items;
  char *copy = mem_strdup(text);
  if (copy == NULL || mem_grow(&items, &texts->cap, texts->count + 1, sizeof *texts->items) != 0) {
    mem_free(copy);
    return PURSER_ENOMEM;
  }
  texts->items = items;
  texts->items[texts->count++] = copy;
  return PURSER_OK;
}

struct sync {
  struct ledger *ledger;
  const struct catalog *catalog;
  const struct import_options *options;
  struct import_result *result;
  struct tree tree;
  struct tree_folder **folders; /* by the id of their rows */
  size_t folder_cap;
  bool wanted[IMPORT_SOURCES_MAX];
  struct texts roots[IMPORT_SOURCES_MAX];
  struct texts held; /* sessions of runs that are under way */
  struct work_item *items;
  size_t item_count, item_cap;
  int64_t bytes;
};

static int no_memory(struct error *error) {
  return error_set(error, PURSER_ENOMEM, "out of memory");
}

/* ---- what is asked for ---- */

static size_t source_index(const char *name) {
  size_t i = 0;
  while (import_sources[i] != NULL && strcmp(import_sources[i]->name, name) != 0)
    i++;
  return i;
}

static const struct source_setting *setting_of(const struct import_settings *settings,
                                               const char *name) {
  for (size_t i = 0; settings != NULL && i < SETTINGS_SOURCES; i++) {
    if (strcmp(settings->sources[i].name, name) == 0)
      return &settings->sources[i];
  }
  return NULL;
}

static bool is_wanted(const struct import_options *options, const struct import_source *source) {
  if (options->sources == NULL) {
    const struct source_setting *setting = setting_of(options->settings, source->name);
    return setting == NULL || !setting->off;
  }
  for (const char *const *name = options->sources; *name != NULL; name++) {
    if (strcmp(*name, source->name) == 0)
      return true;
  }
  return false;
}

static int add_usual_roots(struct sync *sync, size_t source, struct error *error) {
  struct buf list = BUF_INIT;
  int status = import_sources[source]->roots(&list);
  for (size_t at = 0; status == PURSER_OK && at < list.len; at += strlen(list.data + at) + 1)
    status = texts_add(&sync->roots[source], list.data + at);
  const struct source_setting *setting =
      setting_of(sync->options->settings, import_sources[source]->name);
  for (size_t i = 0; status == PURSER_OK && setting != NULL && i < setting->folder_count; i++)
    status = texts_add(&sync->roots[source], setting->folders[i]);
  buf_fini(&list);
  return status == PURSER_OK ? status : no_memory(error);
}

static int choose_sources(struct sync *sync, struct error *error) {
  const struct import_options *options = sync->options;
  int status = PURSER_OK;
  for (const char *const *name = options->sources; name != NULL && *name != NULL; name++) {
    if (import_source_find(*name) == NULL)
      return error_set(error, PURSER_EINVAL, "there is no source \"%s\"", *name);
  }
  for (size_t i = 0; import_sources[i] != NULL && status == PURSER_OK; i++) {
    sync->wanted[i] = is_wanted(options, import_sources[i]);
    if (!sync->wanted[i])
      continue;
    struct import_result *result = sync->result;
    result->sources[result->source_count++].source = import_sources[i];
    if (options->roots == NULL)
      status = add_usual_roots(sync, i, error);
  }
  for (size_t r = 0; options->roots != NULL && r < options->root_count && status == PURSER_OK;
       r++) {
    const size_t source = source_index(options->roots[r].source);
    if (import_sources[source] == NULL)
      return error_set(error, PURSER_EINVAL, "there is no source \"%s\"", options->roots[r].source);
    if (sync->wanted[source] && texts_add(&sync->roots[source], options->roots[r].path) != 0)
      status = no_memory(error);
  }
  return status;
}

/* ---- what is remembered ---- */

static int take_folder(void *data, const struct import_folder_row *row) {
  struct sync *sync = data;
  const size_t source = source_index(row->source);
  if (import_sources[source] == NULL)
    return PURSER_OK;
  struct tree_folder *folder = tree_folder(&sync->tree, row->path, source);
  void *folders = sync->folders;
  const size_t had = sync->folder_cap;
  if (folder == NULL || mem_grow(&folders, &sync->folder_cap, (size_t)row->id + 1,
                                 sizeof(struct tree_folder *)) != PURSER_OK)
    return PURSER_ENOMEM;
  sync->folders = folders;
  for (size_t i = had; i < sync->folder_cap; i++)
    sync->folders[i] = NULL;
  sync->folders[row->id] = folder;
  folder->id = row->id;
  folder->mtime_ns = folder->stored_mtime_ns = row->mtime_ns;
  return PURSER_OK;
}

static int take_file(void *data, const struct import_file_row *row) {
  struct sync *sync = data;
  if (row->folder < 0 || (size_t)row->folder >= sync->folder_cap ||
      sync->folders[row->folder] == NULL)
    return PURSER_OK;
  struct tree_file *file = tree_file(&sync->tree, sync->folders[row->folder], row->name);
  if (file == NULL)
    return PURSER_ENOMEM;
  file->size = row->size;
  file->mtime_ns = row->mtime_ns;
  file->inode = row->inode;
  file->known = true;
  return PURSER_OK;
}

static int hold_session(void *data, const char *session) {
  struct sync *sync = data;
  return session[0] != '\0' ? texts_add(&sync->held, session) : PURSER_OK;
}

static int load_one(struct sync *sync, const char *path, struct error *error) {
  const char *slash = strrchr(path, '/');
  struct import_folder_row folder = {0};
  struct import_file_row file = {0};
  char *parent = slash != NULL ? mem_strndup(path, (size_t)(slash - path)) : NULL;
  if (parent == NULL)
    return slash != NULL ? no_memory(error) : PURSER_OK;
  int status = import_log_folder(sync->ledger, parent, &folder, error);
  if (status == PURSER_OK)
    status = import_log_file(sync->ledger, folder.id, slash + 1, &file, error);
  if (status == PURSER_OK || (status == PURSER_ENOTFOUND && folder.id != 0)) {
    const bool known = status == PURSER_OK;
    status = PURSER_OK;
    for (size_t i = 0; import_sources[i] != NULL && status == PURSER_OK; i++) {
      folder.path = parent;
      folder.source = import_sources[i]->name;
      /* Whose it is, its root will tell; a folder of two sources would be a strange one. */
      struct tree_folder *made = sync->wanted[i] ? tree_folder(&sync->tree, parent, i) : NULL;
      if (made == NULL)
        continue;
      made->id = folder.id;
      made->mtime_ns = made->stored_mtime_ns = folder.mtime_ns;
      struct tree_file *one = known ? tree_file(&sync->tree, made, slash + 1) : NULL;
      if (one != NULL) {
        one->size = file.size;
        one->mtime_ns = file.mtime_ns;
        one->inode = file.inode;
        one->known = true;
      }
      break;
    }
  }
  mem_free(parent);
  return status == PURSER_ENOTFOUND ? PURSER_OK : status;
}

static int load_tree(struct sync *sync, struct error *error) {
  int status = PURSER_OK;
  if (sync->options->paths != NULL) {
    for (const char *const *path = sync->options->paths; *path != NULL && status == PURSER_OK;
         path++)
      status = load_one(sync, *path, error);
  } else {
    status = import_log_folders(sync->ledger, take_folder, sync, error);
    if (status == PURSER_OK)
      status = import_log_files(sync->ledger, take_file, sync, error);
  }
  if (status == PURSER_OK)
    status = import_log_held(sync->ledger, hold_session, sync, error);
  if (status == PURSER_ENOMEM)
    return no_memory(error);
  return status == PURSER_OK ? status : error_wrap(error, "look up what was imported");
}

/* ---- what is there ---- */

static void trouble(void *data, size_t source, const char *path, const char *reason) {
  struct sync *sync = data;
  struct import_counts *counts = store_counts(sync->result, import_sources[source]);
  if (counts != NULL)
    counts->failed++;
  sync->result->total.failed++;
  store_fault(sync->result, import_sources[source], "unreadable", path, 0, reason);
}

static void look_at_paths(struct sync *sync, size_t source, const char *root) {
  for (const char *const *path = sync->options->paths; *path != NULL; path++)
    (void)tree_look(&sync->tree, root, source, *path, trouble, sync);
}

static void look_around(struct sync *sync) {
  for (size_t s = 0; import_sources[s] != NULL; s++) {
    for (size_t r = 0; r < sync->roots[s].count; r++) {
      if (sync->options->paths != NULL)
        look_at_paths(sync, s, sync->roots[s].items[r]);
      else
        tree_walk(&sync->tree, sync->roots[s].items[r], s, trouble, sync);
    }
  }
  if (sync->options->paths == NULL)
    tree_look_at_files(&sync->tree, trouble, sync);
}

static bool is_held(const struct sync *sync, const struct tree_file *file) {
  for (size_t i = 0; i < sync->held.count; i++) {
    if (strstr(file->name, sync->held.items[i]) != NULL ||
        strstr(file->folder->path, sync->held.items[i]) != NULL)
      return true;
  }
  return false;
}

/* Whether a pattern of its source says so. */
static bool is_side(const struct sync *sync, const struct tree_file *file) {
  const size_t source = file->folder->source;
  const struct import_pattern *pattern = NULL;
  struct buf path = BUF_INIT;
  tree_path(file, &path);
  for (size_t i = 0; i < sync->roots[source].count && pattern == NULL && !path.failed; i++) {
    const char *root = sync->roots[source].items[i];
    size_t len = strlen(root);
    while (len > 1 && root[len - 1] == '/')
      len--;
    if (strncmp(path.data, root, len) == 0 && path.data[len] == '/')
      pattern = tree_pattern(source, path.data + len + 1);
  }
  buf_fini(&path);
  return pattern != NULL && pattern->sidechain;
}

static int add_item(struct sync *sync, struct tree_file *file, struct error *error) {
  file->side = is_side(sync, file);
  void *items = sync->items;
  if (mem_grow(&items, &sync->item_cap, sync->item_count + 1, sizeof *sync->items) != PURSER_OK)
    return no_memory(error);
  sync->items = items;
  struct work_item *item = &sync->items[sync->item_count++];
  *item = (struct work_item){.file = file};
  if (!file->known || sync->options->again)
    return PURSER_OK;
  return import_log_state(sync->ledger, file->folder->id, file->name, &item->state, error);
}

static int64_t bytes_to_read(const struct tree_file *file) {
  const int64_t more = file->now_size - (file->known ? file->size : 0);
  return more > 0 ? more : file->now_size;
}

static int sort_out(struct sync *sync, struct tree_file *file, struct error *error) {
  struct import_counts *counts = store_counts(sync->result, import_sources[file->folder->source]);
  struct import_counts *total = &sync->result->total;
  if (file->state == TREE_GONE || counts == NULL)
    return PURSER_OK;
  counts->files++;
  total->files++;
  if (file->state == TREE_UNCHANGED && !sync->options->again) {
    counts->unchanged++;
    total->unchanged++;
    return PURSER_OK;
  }
  if (is_held(sync, file)) {
    counts->deferred++;
    total->deferred++;
    return PURSER_OK;
  }
  if (file->now_mtime_ns / 1000000 < sync->options->since_ms)
    return PURSER_OK;
  const int64_t bytes = bytes_to_read(file);
  sync->bytes += bytes;
  counts->bytes_left += bytes;
  total->bytes_left += bytes;
  return add_item(sync, file, error);
}

static int64_t month_of(const struct tree_file *file) {
  const struct civil date = calendar_civil(file->now_mtime_ns / 1000000 / CALENDAR_DAY_MS);
  return (int64_t)date.year * 12 + date.month;
}

/* The newest month first, so that budgets are right soon; then what subagents may belong to before them. A thread of codex comes after the one
 * that started it, by its name; elsewhere the largest first keeps both readers busy to the end. */
static int compare_items(const void *left, const void *right) {
  const struct tree_file *a = ((const struct work_item *)left)->file;
  const struct tree_file *b = ((const struct work_item *)right)->file;
  const int64_t months[] = {month_of(a), month_of(b)};
  if (months[0] != months[1])
    return months[0] > months[1] ? -1 : 1;
  if (a->folder->source != b->folder->source)
    return a->folder->source < b->folder->source ? -1 : 1;
  if (a->side != b->side)
    return a->side ? 1 : -1;
  if (a->folder->source == source_index("claude") && a->now_size != b->now_size)
    return a->now_size > b->now_size ? -1 : 1;
  const int by_name = strcmp(a->name, b->name);
  return by_name != 0 ? by_name : strcmp(a->folder->path, b->folder->path);
}

static int find_work(struct sync *sync, struct error *error) {
  int status = PURSER_OK;
  look_around(sync);
  if (sync->tree.failed)
    return no_memory(error);
  for (size_t i = 0; i < sync->tree.folder_count; i++) {
    const struct tree_folder *folder = sync->tree.folders[i];
    for (size_t f = 0; f < folder->file_count && status == PURSER_OK; f++)
      status = sort_out(sync, folder->files[f], error);
  }
  if (sync->item_count > 1)
    qsort(sync->items, sync->item_count, sizeof *sync->items, compare_items);
  return status;
}

/* ---- doing it ---- */

/* Transactions of about `batch_us`. */
struct batch {
  struct sync *sync;
  struct store *store;
  int64_t began_ns;
  bool open;
};

static int64_t now_ns(void) {
  return clock_mono_ns(&clock_system);
}

static int open_batch(struct batch *batch, struct error *error) {
  if (batch->open)
    return PURSER_OK;
  batch->began_ns = now_ns();
  const int status =
      batch->sync->options->dry_run ? PURSER_OK : ledger_begin(batch->sync->ledger, error);
  batch->open = status == PURSER_OK;
  return status;
}

/* Non-zero from either of the caller's functions: enough. */
static int tell(struct batch *batch) {
  const struct import_options *options = batch->sync->options;
  if (options->progress != NULL &&
      options->progress(options->data, &batch->sync->result->total) != 0)
    return PURSER_ECLOSED;
  if (options->yield != NULL && options->yield(options->data) != 0)
    return PURSER_ECLOSED;
  return PURSER_OK;
}

static int close_batch(struct batch *batch, struct error *error) {
  int status = PURSER_OK;
  if (!batch->open)
    return PURSER_OK;
  batch->open = false;
  if (!batch->sync->options->dry_run) {
    status = store_settle(batch->store, error);
    if (status == PURSER_OK)
      status = ledger_commit(batch->sync->ledger, error);
    if (status != PURSER_OK) {
      ledger_rollback(batch->sync->ledger);
      return status;
    }
  }
  store_committed(batch->store);
  return tell(batch);
}

static bool is_long_enough(const struct batch *batch) {
  const int32_t us = batch->sync->options->batch_us;
  const int64_t took_us = (now_ns() - batch->began_ns) / 1000;
  if (us > 0 || took_us < BATCH_US)
    return us > 0 && took_us >= us;
  return took_us >= ALONE_US || ledger_is_awaited(batch->sync->ledger);
}

static int store_pieces(struct batch *batch, struct work *work, struct error *error) {
  int status = PURSER_OK;
  while (status == PURSER_OK) {
    struct piece *piece = work_take(work, !batch->open);
    if (piece == NULL && !batch->open)
      break;
    if (piece != NULL) {
      status = open_batch(batch, error);
      if (status == PURSER_OK)
        status = store_piece(batch->store, piece, error);
      work_give_back(work, piece);
    }
    if (status == PURSER_OK && (piece == NULL || is_long_enough(batch)))
      status = close_batch(batch, error);
  }
  return status;
}

static int finish_folders(struct batch *batch, struct error *error) {
  struct sync *sync = batch->sync;
  bool changed = false;
  if (sync->options->dry_run || sync->options->paths != NULL)
    return PURSER_OK;
  for (size_t i = 0; i < sync->tree.folder_count; i++) {
    const struct tree_folder *folder = sync->tree.folders[i];
    changed = changed ||
              (folder->changed && (folder->id == 0 || folder->stored_mtime_ns != folder->mtime_ns));
  }
  if (!changed)
    return PURSER_OK;
  int status = open_batch(batch, error);
  if (status == PURSER_OK)
    status = store_folders(batch->store, &sync->tree, error);
  return status == PURSER_OK ? close_batch(batch, error) : status;
}

static int run_work(struct sync *sync, struct error *error) {
  struct batch batch = {.sync = sync};
  struct work *work = NULL;
  const int asked = sync->options->threads;
  const int threads = sync->bytes < SMALL_BYTES ? 0 : asked > 0 ? asked : THREADS;
  int status = store_open(&batch.store, sync->ledger, sync->options, sync->result, error);
  /* A request takes some ten thousand bytes of a record. */
  if (status == PURSER_OK && sync->item_count > 0 && !sync->options->dry_run)
    status = ledger_bulk_begin(sync->ledger, sync->bytes / 10000, error);
  if (status == PURSER_OK && sync->item_count > 0)
    status = work_begin(&work, sync->items, sync->item_count, threads, sync->catalog, sync->options,
                        error);
  if (status == PURSER_OK && work != NULL)
    status = store_pieces(&batch, work, error);
  work_end(work);
  if (status == PURSER_OK)
    status = finish_folders(&batch, error);
  if (batch.open && !sync->options->dry_run)
    ledger_rollback(sync->ledger);
  ledger_bulk_end(sync->ledger);
  store_close(batch.store);
  return status;
}

static void sync_fini(struct sync *sync) {
  for (size_t i = 0; i < IMPORT_SOURCES_MAX; i++)
    texts_fini(&sync->roots[i]);
  for (size_t i = 0; i < sync->item_count; i++)
    buf_fini(&sync->items[i].state);
  texts_fini(&sync->held);
  mem_free(sync->items);
  mem_free(sync->folders);
  tree_fini(&sync->tree);
}

int import_sync(struct ledger *ledger, const struct catalog *catalog,
                const struct import_options *options, struct import_result *out,
                struct error *error) {
  *out = (struct import_result){0};
  struct sync sync = {.ledger = ledger, .catalog = catalog, .options = options, .result = out};
  int status = choose_sources(&sync, error);
  if (status == PURSER_OK)
    status = load_tree(&sync, error);
  if (status == PURSER_OK)
    status = find_work(&sync, error);
  if (status == PURSER_OK)
    status = run_work(&sync, error);
  if (status == PURSER_ECLOSED) {
    out->cancelled = true;
    (void)error_set(error, status, "the import was cancelled; what was read is booked");
  }
  out->total.bytes_left = status == PURSER_OK ? 0 : out->total.bytes_left;
  sync_fini(&sync);
  return status;
}

int import_folders(struct ledger *ledger, const struct import_options *options,
                   int (*each)(void *data, const struct import_source *source, const char *folder),
                   void *data, struct error *error) {
  struct import_result result = {0};
  struct import_options all = *options;
  all.paths = NULL;
  struct sync sync = {.ledger = ledger, .options = &all, .result = &result};
  int status = choose_sources(&sync, error);
  if (status == PURSER_OK)
    status = load_tree(&sync, error);
  if (status == PURSER_OK)
    look_around(&sync);
  if (status == PURSER_OK && sync.tree.failed)
    status = no_memory(error);
  for (size_t i = 0; i < sync.tree.folder_count && status == PURSER_OK; i++) {
    const struct tree_folder *folder = sync.tree.folders[i];
    if (folder->visited && folder->now_mtime_ns != 0)
      status = each(data, import_sources[folder->source], folder->path);
  }
  sync_fini(&sync);
  import_result_fini(&result);
  return status;
}

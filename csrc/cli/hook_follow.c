/* hook_follow.c - books what the session's own record has that is not booked yet, so that the verdict counts what was just
 * spent. Only this session's files are looked at, and mostly none of them has changed: then no price is needed either. */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/hook.h"
#include "import/import.h"
#include "import/settings.h"
#include "ledger/import_log.h"
#include "pricing/price_paths.h"
#include "pricing/pricing.h"

enum {
  FILES_MAX = 256, /* a session's own and its subagents' */
  MOST_MS =
      1500, /* a long session that was never read is caught up with from one question to the next */
  PROMPT_CHARS = 200,
  TAIL_BYTES = 1024 * 1024,
  WAIT_NS = 5000000,
  WAITS_MAX = 40
};

struct session_files {
  char *paths[FILES_MAX + 1]; /* ends with NULL */
  size_t count;
};

static void files_fini(struct session_files *files) {
  for (size_t i = 0; i < files->count; i++)
    mem_free(files->paths[i]);
}

static bool ends_with(const char *text, const char *tail) {
  const size_t n = strlen(text);
  const size_t m = strlen(tail);
  return n >= m && strcmp(text + n - m, tail) == 0;
}

static void add_file(struct session_files *files, const char *path) {
  char *copy = files->count < FILES_MAX ? mem_strdup(path) : NULL;
  if (copy != NULL)
    files->paths[files->count++] = copy;
}

/* Claude Code keeps a subagent's requests in a file of its own, below a folder that is called like the session. */
static void add_subagents(struct session_files *files, const char *transcript) {
  struct buf folder = BUF_INIT;
  struct buf path = BUF_INIT;
  buf_add(&folder, transcript, strlen(transcript) - strlen(".jsonl"));
  buf_adds(&folder, "/subagents");
  DIR *dir = folder.failed ? NULL : opendir(folder.data);
  const struct dirent *entry;
  while (dir != NULL && (entry = readdir(dir)) != NULL) {
    if (!ends_with(entry->d_name, ".jsonl"))
      continue;
    buf_clear(&path);
    buf_addf(&path, "%s/%s", folder.data, entry->d_name);
    if (!path.failed)
      add_file(files, path.data);
  }
  if (dir != NULL)
    (void)closedir(dir);
  buf_fini(&folder);
  buf_fini(&path);
}

/* Whether a file has something that the ledger has not accounted for. */
static bool has_news(struct ledger *ledger, const char *path) {
  struct stat info;
  struct import_folder_row folder = {0};
  struct import_file_row file = {0};
  const char *slash = strrchr(path, '/');
  char *parent = slash != NULL ? mem_strndup(path, (size_t)(slash - path)) : NULL;
  if (parent == NULL || stat(path, &info) != 0) {
    mem_free(parent);
    return false;
  }
  const bool known = import_log_folder(ledger, parent, &folder, NULL) == PURSER_OK &&
                     import_log_file(ledger, folder.id, slash + 1, &file, NULL) == PURSER_OK;
  mem_free(parent);
  return !known || file.size != (int64_t)info.st_size || file.inode != (int64_t)info.st_ino;
}

static bool any_news(struct ledger *ledger, const struct session_files *files) {
  for (size_t i = 0; i < files->count; i++) {
    if (has_news(ledger, files->paths[i]))
      return true;
  }
  return false;
}

/* ---- a record that lags behind ---- */

/* Looked for at the end, where a call that was just made must be; its input, which may be a whole file, stands after its id. */
static bool has_call(const char *path, const struct buf *id, char *tail) {
  struct stat info;
  bool found = false;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  if (fstat(fd, &info) == 0) {
    const off_t from = info.st_size > TAIL_BYTES ? info.st_size - TAIL_BYTES : 0;
    const ssize_t got = pread(fd, tail, TAIL_BYTES, from);
    found = got > 0 && memmem(tail, (size_t)got, id->data, id->len) != NULL;
  }
  (void)close(fd);
  return found;
}

/* Claude Code writes what it was answered a moment after it acts on it. Without that line its cost would be missing from the verdict. */
static void wait_for_call(const char *transcript, const struct buf *id) {
  char *tail = mem_alloc(TAIL_BYTES);
  for (int i = 0; tail != NULL && i < WAITS_MAX && !has_call(transcript, id, tail); i++)
    (void)nanosleep(&(struct timespec){0, WAIT_NS}, NULL);
  mem_free(tail);
}

/* The client's folder, as its record's path tells: settings that name another one need not be known here. */
static void find_root(struct buf *out, const char *client, const char *transcript) {
  static const struct {
    const char *client, *folder;
  } marks[] = {{"claude", "/projects/"}, {"codex", "/sessions/"}, {"gemini", "/tmp/"}};
  for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
    const char *last = NULL;
    for (const char *at = strstr(transcript, marks[i].folder); at != NULL;
         at = strstr(at + 1, marks[i].folder))
      last = at;
    if (strcmp(marks[i].client, client) == 0 && last != NULL)
      buf_add(out, transcript, (size_t)(last - transcript));
  }
}

static int load_catalog(struct catalog **out, struct error *error) {
  struct buf update = BUF_INIT;
  struct buf own = BUF_INIT;
  price_path_update(&update);
  price_path_override(&own);
  const int status = update.failed || own.failed
                         ? error_set(error, PURSER_ENOMEM, "out of memory")
                         : catalog_load(out, buf_text(&update), buf_text(&own), error);
  buf_fini(&update);
  buf_fini(&own);
  return status;
}

static int enough(void *data) {
  const int64_t *began_ns = data;
  return clock_mono_ns(&clock_system) - *began_ns > MOST_MS * INT64_C(1000000);
}

static int book_news(struct ledger *ledger, const struct import_settings *settings,
                     const char *client, const struct session_files *files, struct error *error) {
  struct catalog *catalog = NULL;
  struct import_result result = {0};
  struct buf folder = BUF_INIT;
  int64_t began_ns = clock_mono_ns(&clock_system);
  int status = load_catalog(&catalog, error);
  if (status != PURSER_OK)
    return status;
  find_root(&folder, client, files->paths[0]);
  const char *const sources[] = {client, NULL};
  const struct import_root root = {client, buf_text(&folder)};
  const struct import_options options = {
      .sources = sources,
      .roots = folder.len > 0 ? &root : NULL,
      .root_count = folder.len > 0,
      .paths = (const char *const *)files->paths,
      .settings = settings,
      .prompt_chars = PROMPT_CHARS,
      .yield = enough,
      .data = &began_ns,
  };
  status = import_sync(ledger, catalog, &options, &result, error);
  import_result_fini(&result);
  buf_fini(&folder);
  catalog_free(catalog);
  return status == PURSER_ECLOSED ? PURSER_OK : status;
}

static bool is_off(const struct import_settings *settings, const char *client) {
  for (size_t i = 0; i < SETTINGS_SOURCES; i++) {
    if (strcmp(settings->sources[i].name, client) == 0)
      return settings->off || settings->sources[i].off;
  }
  return false;
}

int hook_follow(struct ledger *ledger, const struct import_settings *settings,
                const struct hook_client *client, const struct hook_call *call,
                struct error *error) {
  const char *transcript = buf_text(&call->transcript);
  struct session_files files = {.count = 0};
  if (transcript[0] != '/' || is_off(settings, client->name))
    return PURSER_OK;
  add_file(&files, transcript);
  if (strcmp(client->name, "claude") == 0 && call->moment == HOOK_TOOL && call->tool_call.len > 0)
    wait_for_call(transcript, &call->tool_call);
  if (strcmp(client->name, "claude") == 0 && ends_with(transcript, ".jsonl"))
    add_subagents(&files, transcript);
  const int status = any_news(ledger, &files)
                         ? book_news(ledger, settings, client->name, &files, error)
                         : PURSER_OK;
  files_fini(&files);
  return status;
}

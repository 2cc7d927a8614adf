/* record.c - follows the JSON-lines records; see record.h. */
#include "import/record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "import/find.h"
#include "import/record_internal.h"

/* One file of the session, with its own decoder and the offset up to which it was fed. */
struct followed {
  char *path;
  struct decoder *decoder;
  int64_t offset;
  bool sidechain;
  bool ended;
  struct record *record;
};

enum {
  POLLS_PER_SEARCH = 10
};

struct record {
  const struct kind *kind;
  char *root;
  char *session;
  int64_t since_ms;
  struct followed **files;
  unsigned polls;
  size_t count;
  size_t cap;
  /* Where events go while a poll is under way. */
  decoder_sink sink;
  void *data;
};

struct kind {
  const char *name;
  int (*find)(const char *root, const char *session, find_each each, void *data); /* NULL: SQLite */
  /* Subagents in files that only their content tells: looked for at the end alone. NULL: none. */
  int (*find_children)(const char *root, const char *session, int64_t since_ms, find_each each,
                       void *data);
};

static const struct kind kinds[] = {
    {"claude_transcript", find_claude, NULL},
    {"codex_rollout", find_codex, find_codex_children},
    {"gemini_chat", find_gemini, NULL},
    {"opencode", NULL, NULL},
};

static void followed_free(struct followed *file) {
  if (file == NULL)
    return;
  decoder_free(file->decoder);
  mem_free(file->path);
  mem_free(file);
}

void record_close(struct record *record) {
  if (record == NULL)
    return;
  for (size_t i = 0; i < record->count; i++)
    followed_free(record->files[i]);
  mem_free(record->files);
  mem_free(record->root);
  mem_free(record->session);
  mem_free(record);
}

int record_open(struct record **out, const struct record_source *source, struct error *error) {
  *out = NULL;
  const struct kind *kind = NULL;
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (strcmp(kinds[i].name, source->kind) == 0)
      kind = &kinds[i];
  }
  if (kind == NULL)
    return error_set(error, PURSER_EINVAL, "no record of kind \"%s\"", source->kind);
  struct record *record = mem_zalloc(sizeof *record);
  if (record == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  record->kind = kind;
  record->since_ms = source->since_ms;
  record->root = mem_strdup(source->root);
  record->session = mem_strdup(source->session);
  if (record->root == NULL || record->session == NULL) {
    record_close(record);
    return error_set(error, PURSER_ENOMEM, "out of memory");
  }
  *out = record;
  return PURSER_OK;
}

/* Usage of earlier runs in the same file is theirs, not this one's. */
static void pass_on(void *data, const purser_event *event) {
  const struct followed *file = data;
  const struct record *record = file->record;
  purser_event copy = *event;
  copy.flags |= PURSER_FLAG_IMPORTED;
  if (file->sidechain)
    copy.flags |= PURSER_FLAG_SIDECHAIN;
  if (copy.at_ms != 0 && copy.at_ms < record->since_ms)
    return;
  record->sink(record->data, &copy);
}

static int add_file(void *data, const char *path, bool sidechain) {
  struct record *record = data;
  for (size_t i = 0; i < record->count; i++) {
    if (strcmp(record->files[i]->path, path) == 0)
      return PURSER_OK;
  }
  void *files = record->files;
  if (mem_grow(&files, &record->cap, record->count + 1, sizeof(struct followed *)) != PURSER_OK) {
    return PURSER_ENOMEM;
  }
  record->files = files;
  struct followed *file = mem_zalloc(sizeof *file);
  if (file == NULL)
    return PURSER_ENOMEM;
  file->record = record;
  file->sidechain = sidechain;
  file->path = mem_strdup(path);
  int status = file->path == NULL ? PURSER_ENOMEM : PURSER_OK;
  if (status == PURSER_OK) {
    status = decoder_open(&file->decoder, record->kind->name, pass_on, file, NULL);
  }
  if (status != PURSER_OK) {
    followed_free(file);
    return status;
  }
  record->files[record->count++] = file;
  return PURSER_OK;
}

/* Feeds what is new in a file. The decoder holds back an unfinished line itself. */
static int read_on(struct followed *file, struct error *error) {
  const int fd = open(file->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return error_set(error, PURSER_EIO, "%s: %s", file->path, strerror(errno));
  enum {
    CHUNK = 64 * 1024
  };
  int status = PURSER_OK;
  char *chunk = mem_alloc(CHUNK);
  if (chunk == NULL)
    status = error_set(error, PURSER_ENOMEM, "out of memory");
  while (status == PURSER_OK) {
    const ssize_t got = pread(fd, chunk, CHUNK, file->offset);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      status = error_set(error, PURSER_EIO, "%s: %s", file->path, strerror(errno));
    if (got <= 0)
      break;
    file->offset += got;
    status = decoder_feed(file->decoder, chunk, (size_t)got);
    if (status != PURSER_OK)
      status = error_set(error, status, "%s: out of memory", file->path);
  }
  mem_free(chunk);
  (void)close(fd);
  return status;
}

static int poll_files(struct record *record, bool search, bool end, int *files,
                      struct error *error) {
  int status = PURSER_OK;
  if (search)
    status = record->kind->find(record->root, record->session, add_file, record);
  if (status == PURSER_OK && end && record->kind->find_children != NULL) {
    status = record->kind->find_children(record->root, record->session, record->since_ms, add_file,
                                         record);
  }
  if (status != PURSER_OK)
    (void)error_set(error, status, "looking for the client's record");
  for (size_t i = 0; i < record->count; i++) {
    struct followed *file = record->files[i];
    if (file->ended)
      continue;
    int one = read_on(file, error);
    if (end) {
      const int ended = decoder_end(file->decoder);
      file->ended = true;
      if (one == PURSER_OK)
        one = ended;
    }
    if (status == PURSER_OK)
      status = one;
  }
  *files = (int)record->count;
  return status;
}

static int poll_any(struct record *record, decoder_sink sink, void *data, bool end, int *files,
                    struct error *error) {
  /* Listing a client's folders, or opening its database, costs far more than reading on in the few files that are
   * known. */
  const bool search = end || record->polls++ % POLLS_PER_SEARCH == 0;
  if (record->kind->find == NULL) {
    *files = 0;
    if (!search)
      return PURSER_OK;
    const struct record_source source = {record->kind->name, record->root, record->session,
                                         record->since_ms};
    return record_opencode_read(&source, sink, data, files, error);
  }
  record->sink = sink;
  record->data = data;
  const int status = poll_files(record, search, end, files, error);
  record->sink = NULL;
  record->data = NULL;
  return status;
}

int record_poll(struct record *record, decoder_sink sink, void *data, int *files,
                struct error *error) {
  return poll_any(record, sink, data, false, files, error);
}

int record_finish(struct record *record, decoder_sink sink, void *data, int *files,
                  struct error *error) {
  return poll_any(record, sink, data, true, files, error);
}

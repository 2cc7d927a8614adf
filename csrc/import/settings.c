/* settings.c - see settings.h. */
#include "import/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

static const char *const names[SETTINGS_SOURCES] = {"claude", "codex", "opencode", "gemini"};
static const char stored_key[] = "settings";

enum {
  FILE_MAX = 1024 * 1024
};

static const char *home_folder(void) {
  const char *home = getenv("HOME");
  return home != NULL && home[0] == '/' ? home : NULL;
}

/* The XDG specification wants relative paths ignored. */
void import_settings_path(struct buf *out) {
  const char *folder = getenv("XDG_CONFIG_HOME");
  if (folder != NULL && folder[0] == '/') {
    buf_adds(out, folder);
  } else if (home_folder() != NULL) {
    buf_adds(out, home_folder());
    buf_adds(out, "/.config");
  } else {
    return;
  }
  buf_adds(out, "/purser/config.json");
}

/* ---- the file ---- */

static int read_all(int fd, const char *path, struct buf *out, struct error *error) {
  for (;;) {
    char chunk[4096];
    const ssize_t got = read(fd, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return error_set(error, PURSER_EIO, "%s: %s", path, strerror(errno));
    if (got == 0)
      break;
    buf_add(out, chunk, (size_t)got);
    if (out->len > FILE_MAX)
      return error_set(error, PURSER_ERANGE, "%s: too large for a configuration", path);
  }
  return out->failed ? error_set(error, PURSER_ENOMEM, "out of memory") : PURSER_OK;
}

static int read_file(const char *path, struct buf *out, struct error *error) {
  /* Not blocking: a pipe of that name must not hold the worker. */
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
    return PURSER_OK;
  if (fd < 0)
    return error_set(error, PURSER_EIO, "%s: %s", path, strerror(errno));
  const int status = read_all(fd, path, out, error);
  (void)close(fd);
  return status;
}

/* ---- the fields ---- */

struct documents {
  struct json_doc file, stored;
  struct buf text;
};

/* The document that has the field: the file's counts first. */
static const struct json_doc *where(const struct documents *d, const char *key, json_id *id) {
  *id = d->file.count > 0 ? json_get(&d->file, 0, key) : JSON_NONE;
  if (*id != JSON_NONE)
    return &d->file;
  *id = d->stored.count > 0 ? json_get(&d->stored, 0, key) : JSON_NONE;
  return &d->stored;
}

static int add_folder(struct source_setting *source, const struct json_doc *doc, json_id id,
                      struct error *error) {
  struct buf path = BUF_INIT;
  struct buf text = BUF_INIT;
  json_add_text(doc, id, &text);
  const char *given = buf_text(&text);
  const bool tilde = given[0] == '~' && (given[1] == '/' || given[1] == '\0');
  if (tilde && home_folder() != NULL) {
    buf_adds(&path, home_folder());
    given++;
  }
  buf_adds(&path, given);
  while (path.len > 1 && path.data[path.len - 1] == '/')
    path.data[--path.len] = '\0';
  const bool absolute = buf_text(&path)[0] == '/';
  buf_fini(&text);
  if (!absolute && !path.failed) {
    buf_fini(&path);
    return error_set(error, PURSER_EINVAL, "sources.%s: expected whole paths of folders",
                     source->name);
  }
  char **folders =
      mem_realloc(source->folders, (source->folder_count + 1) * sizeof *source->folders);
  if (folders != NULL)
    source->folders = folders;
  char *folder = folders != NULL ? buf_detach(&path) : NULL;
  buf_fini(&path);
  if (folder == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  source->folders[source->folder_count++] = folder;
  return PURSER_OK;
}

static int read_source(struct source_setting *source, const struct json_doc *doc, json_id id,
                       struct error *error) {
  int status = PURSER_OK;
  switch (json_kind(doc, id)) {
  case JSON_FALSE: source->off = true; return PURSER_OK;
  case JSON_TRUE:
  case JSON_NULL: return PURSER_OK;
  case JSON_STRING: return add_folder(source, doc, id, error);
  case JSON_ARRAY:
    for (json_id v = json_first(doc, id); v != JSON_NONE && status == PURSER_OK;
         v = json_next(doc, id, v))
      status = add_folder(source, doc, v, error);
    return status;
  case JSON_MISSING:
  case JSON_NUMBER:
  case JSON_OBJECT: break;
  }
  return error_set(error, PURSER_EINVAL, "sources.%s: expected false or a list of folders",
                   source->name);
}

static int read_sources(struct import_settings *out, const struct json_doc *doc, json_id id,
                        struct error *error) {
  const enum json_kind kind = json_kind(doc, id);
  if (kind == JSON_FALSE)
    out->off = true;
  if (kind == JSON_MISSING || kind == JSON_NULL || kind == JSON_FALSE || kind == JSON_TRUE)
    return PURSER_OK;
  /* An empty table of Lua's comes as an empty list. */
  if (kind == JSON_ARRAY && json_first(doc, id) == JSON_NONE)
    return PURSER_OK;
  if (kind != JSON_OBJECT)
    return error_set(error, PURSER_EINVAL, "sources: expected false, or an object of clients");
  for (json_id v = json_first(doc, id); v != JSON_NONE; v = json_next(doc, id, v)) {
    const purser_str key = json_key(doc, v);
    struct source_setting *source = NULL;
    for (int i = 0; i < SETTINGS_SOURCES; i++) {
      if (strlen(names[i]) == key.len && memcmp(names[i], key.ptr, key.len) == 0)
        source = &out->sources[i];
    }
    if (source == NULL)
      return error_set(error, PURSER_EINVAL,
                       "sources.%.*s: expected one of claude, codex, opencode, gemini",
                       (int)key.len, key.ptr);
    const int status = read_source(source, doc, v, error);
    if (status != PURSER_OK)
      return status;
  }
  return PURSER_OK;
}

static int add_word(struct import_settings *out, const struct json_doc *doc, json_id id,
                    struct error *error) {
  struct buf text = BUF_INIT;
  if (json_kind(doc, id) != JSON_STRING)
    return error_set(error, PURSER_EINVAL, "notifications.command: expected a program's words");
  json_add_text(doc, id, &text);
  char **words = mem_realloc(out->notice_words, (out->notice_word_count + 1) * sizeof *words);
  if (words != NULL)
    out->notice_words = words;
  char *word = words != NULL ? buf_detach(&text) : NULL;
  buf_fini(&text);
  if (word == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  out->notice_words[out->notice_word_count++] = word;
  return PURSER_OK;
}

static int read_notices(struct import_settings *out, const struct json_doc *doc, json_id id,
                        struct error *error) {
  int status = PURSER_OK;
  const enum json_kind kind = json_kind(doc, id);
  if (kind == JSON_MISSING || kind == JSON_NULL || kind == JSON_TRUE)
    return PURSER_OK;
  out->notices_off = kind == JSON_FALSE;
  if (kind == JSON_FALSE || (kind == JSON_ARRAY && json_first(doc, id) == JSON_NONE))
    return PURSER_OK;
  if (kind != JSON_OBJECT)
    return error_set(error, PURSER_EINVAL, "notifications: expected false or an object");
  out->notices_off = json_kind(doc, json_get(doc, id, "thresholds")) == JSON_FALSE;
  out->desktop_off = json_kind(doc, json_get(doc, id, "desktop")) == JSON_FALSE;
  const json_id command = json_get(doc, id, "command");
  if (json_kind(doc, command) == JSON_STRING)
    return add_word(out, doc, command, error);
  for (json_id v = command != JSON_NONE ? json_first(doc, command) : JSON_NONE;
       v != JSON_NONE && status == PURSER_OK; v = json_next(doc, command, v))
    status = add_word(out, doc, v, error);
  return status;
}

static int read_fields(struct import_settings *out, const struct documents *d,
                       struct error *error) {
  json_id notices;
  json_id sources;
  json_id agents;
  json_id billing;
  const struct json_doc *doc = where(d, "sources", &sources);
  int status = read_sources(out, doc, sources, error);
  if (status == PURSER_OK) {
    doc = where(d, "notifications", &notices);
    status = read_notices(out, doc, notices, error);
  }
  if (status != PURSER_OK)
    return status;
  const struct json_doc *agents_doc = where(d, "agent_rules", &agents);
  const struct json_doc *billing_doc = where(d, "billing", &billing);
  return agent_rules_make(&out->rules, agents_doc, agents, billing_doc, billing, home_folder(),
                          error);
}

static int read_documents(struct documents *d, const char *stored, const char *path,
                          struct error *error) {
  if (stored != NULL && (json_parse(&d->stored, stored, strlen(stored)) != PURSER_OK ||
                         json_kind(&d->stored, 0) != JSON_OBJECT)) {
    return error_set(error, PURSER_EPARSE, "the settings in the ledger can't be read");
  }
  int status = read_file(path, &d->text, error);
  if (status != PURSER_OK || d->text.len == 0)
    return status;
  status = json_parse(&d->file, d->text.data, d->text.len);
  if (status == PURSER_OK && json_kind(&d->file, 0) != JSON_OBJECT)
    status = PURSER_EPARSE;
  if (status != PURSER_OK)
    return error_set(error, status, "%s: not a JSON object", path);
  return PURSER_OK;
}

int import_settings_load(struct import_settings **out, const char *stored, const char *path,
                         struct error *error) {
  *out = NULL;
  struct documents d = {.file = JSON_DOC_INIT, .stored = JSON_DOC_INIT, .text = BUF_INIT};
  struct buf usual = BUF_INIT;
  struct import_settings *settings = mem_zalloc(sizeof *settings);
  int status = PURSER_OK;
  if (path == NULL)
    import_settings_path(&usual);
  if (settings == NULL || usual.failed) {
    status = error_set(error, PURSER_ENOMEM, "out of memory");
    goto out;
  }
  for (int i = 0; i < SETTINGS_SOURCES; i++)
    settings->sources[i].name = names[i];
  status = read_documents(&d, stored, path != NULL ? path : buf_text(&usual), error);
  if (status == PURSER_OK)
    status = read_fields(settings, &d, error);
  if (status == PURSER_EINVAL && d.text.len > 0)
    status = error_wrap(error, "%s", path != NULL ? path : buf_text(&usual));
out:
  json_fini(&d.file);
  json_fini(&d.stored);
  buf_fini(&d.text);
  buf_fini(&usual);
  if (status != PURSER_OK) {
    import_settings_free(settings);
    settings = NULL;
  }
  *out = settings;
  return status;
}

void import_settings_free(struct import_settings *settings) {
  if (settings == NULL)
    return;
  for (int i = 0; i < SETTINGS_SOURCES; i++) {
    struct source_setting *source = &settings->sources[i];
    for (size_t k = 0; k < source->folder_count; k++)
      mem_free(source->folders[k]);
    mem_free(source->folders);
  }
  for (size_t i = 0; i < settings->notice_word_count; i++)
    mem_free(settings->notice_words[i]);
  mem_free(settings->notice_words);
  agent_rules_free(settings->rules);
  mem_free(settings);
}

/* ---- the ledger's copy ---- */

int import_settings_of(struct import_settings **out, struct ledger *ledger, struct error *error) {
  *out = NULL;
  char *stored = NULL;
  int status = ledger_meta_get(ledger, stored_key, &stored, error);
  if (status == PURSER_OK)
    status =
        import_settings_load(out, stored != NULL && stored[0] != '\0' ? stored : NULL, NULL, error);
  mem_free(stored);
  return status;
}

int import_settings_store(struct ledger *ledger, const char *stored, struct error *error) {
  char *before = NULL;
  int status = ledger_meta_get(ledger, stored_key, &before, error);
  const char *now = stored != NULL ? stored : "";
  if (status == PURSER_OK && strcmp(before != NULL ? before : "", now) != 0)
    status = ledger_meta_set(ledger, stored_key, now, error);
  mem_free(before);
  return status;
}

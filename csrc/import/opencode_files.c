/* opencode_files.c - opencode's older store: storage/message/SESSION/MESSAGE.json, storage/session/PROJECT/SESSION.json and
 * storage/part/MESSAGE/PART.json. Ids begin with the time, so names sort as their messages came. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "import/opencode_internal.h"
#include "import/opencode_tree.h"

enum {
  FILE_MOST = 16 * 1024 * 1024,
  DEPTH_MOST = 32
};

struct reader {
  const char *path;
  struct import_sink *sink;
  struct buf storage, session, message; /* out of the path */
  struct buf text, other_text;          /* of the message, and of whatever else is looked at */
  struct json_doc doc, other;
  struct buf model, root, cwd, prompt_id, prompt;
  int64_t session_ms; /* when the session began; 0 unknown */
  int64_t prompt_ms;
};

static purser_str str_of(const struct buf *text) {
  return (purser_str){buf_text(text), text->len};
}

/* ---- files ---- */

/* A whole file; false if it can't be had, and errno tells why (0: too large). */
static bool read_file(const char *path, struct buf *out) {
  struct stat st;
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  buf_clear(out);
  if (fd < 0)
    return false;
  ssize_t got = -1;
  errno = 0;
  if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < FILE_MOST &&
      buf_reserve(out, (size_t)st.st_size + 1) == PURSER_OK) {
    do {
      got = read(fd, out->data, (size_t)st.st_size);
    } while (got < 0 && errno == EINTR);
  }
  (void)close(fd);
  if (got < 0)
    return false;
  out->len = (size_t)got;
  out->data[out->len] = '\0';
  return true;
}

/* Another document of the store's; false if it is missing or broken. */
static bool read_other(struct reader *r, const char *path) {
  return read_file(path, &r->other_text) &&
         json_parse(&r->other, buf_text(&r->other_text), r->other_text.len) == PURSER_OK;
}

/* ".../storage/message/SESSION/MESSAGE.json" */
static bool take_apart(struct reader *r) {
  const char *at = r->path + strlen(r->path);
  const char *slashes[3] = {NULL};
  for (int i = 0; i < 3; i++) {
    while (at > r->path && *--at != '/') {}
    if (*at != '/')
      return false;
    slashes[i] = at;
  }
  const char *end = strrchr(slashes[0], '.');
  if (end == NULL)
    return false;
  buf_add(&r->storage, r->path, (size_t)(slashes[2] - r->path));
  buf_add(&r->session, slashes[1] + 1, (size_t)(slashes[0] - slashes[1] - 1));
  buf_add(&r->message, slashes[0] + 1, (size_t)(end - slashes[0] - 1));
  return true;
}

/* Calls `each` with the names in a folder below the store until it returns true. */
static bool each_name(struct reader *r, const char *folder,
                      bool (*each)(struct reader *r, const char *name, void *data), void *data) {
  DIR *dir = opendir(folder);
  if (dir == NULL)
    return false;
  bool done = false;
  const struct dirent *entry;
  while (!done && (entry = readdir(dir)) != NULL) {
    if (entry->d_name[0] != '.')
      done = each(r, entry->d_name, data);
  }
  (void)closedir(dir);
  return done;
}

/* ---- the session ---- */

static bool try_project(struct reader *r, const char *project, void *data) {
  const char *session = data;
  struct buf path = BUF_INIT;
  buf_addf(&path, "%s/session/%s/%s.json", buf_text(&r->storage), project, session);
  const bool found = !path.failed && read_other(r, path.data);
  buf_fini(&path);
  return found;
}

/* The session that nobody's agent has started, its folder, and when the message's own began. */
static void find_root(struct reader *r) {
  struct buf folder = BUF_INIT;
  buf_adds(&r->root, buf_text(&r->session));
  buf_addf(&folder, "%s/session", buf_text(&r->storage));
  for (int depth = 0; depth < DEPTH_MOST && !folder.failed; depth++) {
    char *session = mem_strdup(buf_text(&r->root));
    const bool found = session != NULL && each_name(r, folder.data, try_project, session);
    mem_free(session);
    if (!found)
      break;
    if (depth == 0)
      r->session_ms = json_i64_or(&r->other, json_path(&r->other, 0, "time.created"), 0);
    buf_clear(&r->cwd);
    json_add_text(&r->other, json_get(&r->other, 0, "directory"), &r->cwd);
    const json_id parent = json_get(&r->other, 0, "parentID");
    if (json_kind(&r->other, parent) != JSON_STRING)
      break;
    buf_clear(&r->root);
    json_add_text(&r->other, parent, &r->root);
  }
  buf_fini(&folder);
}

/* ---- the prompt ---- */

struct parts {
  const char *folder;
  bool any, typed;
};

static bool look_at_part(struct reader *r, const char *name, void *data) {
  struct parts *parts = data;
  struct buf path = BUF_INIT;
  buf_addf(&path, "%s/%s", parts->folder, name);
  if (!path.failed && read_other(r, path.data)) {
    parts->any = true;
    parts->typed = opencode_part_typed(&r->other, &r->prompt) || parts->typed;
  }
  buf_fini(&path);
  return false;
}

/* Whether a message is a prompt that the user typed; if so it is the reader's prompt. */
static bool is_prompt(struct reader *r, const char *id) {
  struct buf path = BUF_INIT;
  buf_addf(&path, "%s/message/%s/%s.json", buf_text(&r->storage), buf_text(&r->root), id);
  bool user = !path.failed && read_other(r, path.data) &&
              json_equals(&r->other, json_get(&r->other, 0, "role"), "user");
  const int64_t at_ms =
      user ? json_i64_or(&r->other, json_path(&r->other, 0, "time.created"), 0) : 0;
  buf_clear(&r->prompt);
  buf_clear(&path);
  buf_addf(&path, "%s/part/%s", buf_text(&r->storage), id);
  struct parts parts = {.folder = buf_text(&path)};
  if (user)
    (void)each_name(r, parts.folder, look_at_part, &parts);
  user = user && (parts.typed || !parts.any);
  if (user) {
    buf_clear(&r->prompt_id);
    buf_adds(&r->prompt_id, id);
    r->prompt_ms = at_ms;
  }
  buf_fini(&path);
  return user;
}

struct names {
  char **items;
  size_t count;
  size_t cap;
  const char *before; /* only those that sort before it */
};

static bool collect_name(struct reader *r, const char *name, void *data) {
  (void)r;
  struct names *names = data;
  const size_t len = strlen(name);
  if (len < 6 || strcmp(name + len - 5, ".json") != 0 || strcmp(name, names->before) >= 0)
    return false;
  void *items = names->items;
  if (mem_grow(&items, &names->cap, names->count + 1, sizeof *names->items) != PURSER_OK)
    return true;
  names->items = items;
  names->items[names->count] = mem_strndup(name, len - 5);
  if (names->items[names->count] == NULL)
    return true;
  names->count++;
  return false;
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The last typed prompt of the root session before the message. */
static bool find_prompt_before(struct reader *r) {
  struct names names = {.before = buf_text(&r->message)};
  struct buf folder = BUF_INIT;
  bool found = false;
  buf_addf(&folder, "%s/message/%s", buf_text(&r->storage), buf_text(&r->root));
  if (!folder.failed)
    (void)each_name(r, folder.data, collect_name, &names);
  if (names.count > 1)
    qsort(names.items, names.count, sizeof *names.items, by_name);
  for (size_t i = names.count; i > 0 && !found; i--)
    found = is_prompt(r, names.items[i - 1]);
  for (size_t i = 0; i < names.count; i++)
    mem_free(names.items[i]);
  mem_free(names.items);
  buf_fini(&folder);
  return found;
}

static void tell_prompt(struct reader *r) {
  struct buf parent = BUF_INIT;
  json_add_text(&r->doc, json_get(&r->doc, 0, "parentID"), &parent);
  const bool own = strcmp(buf_text(&r->root), buf_text(&r->session)) == 0 && parent.len > 0 &&
                   is_prompt(r, buf_text(&parent));
  buf_fini(&parent);
  if (own || find_prompt_before(r))
    opencode_tell_prompt(r->sink, str_of(&r->root), str_of(&r->cwd), str_of(&r->prompt_id),
                         r->prompt_ms, str_of(&r->prompt));
}

/* ---- copies ---- */

struct origin {
  char prefix[32]; /* of the origin's name: ids begin with the time in 36 bits */
  size_t len;
};

static bool is_origin(struct reader *r, const char *name, void *data) {
  (void)r;
  const struct origin *origin = data;
  return strncmp(name, origin->prefix, origin->len) == 0;
}

static bool has_origin(struct reader *r, const char *session, void *data) {
  if (strcmp(session, buf_text(&r->session)) == 0)
    return false;
  struct buf folder = BUF_INIT;
  buf_addf(&folder, "%s/message/%s", buf_text(&r->storage), session);
  const bool found = !folder.failed && each_name(r, folder.data, is_origin, data);
  buf_fini(&folder);
  return found;
}

/* A fork's messages are older than the fork: the origin tells of them (rule 6). */
static bool is_told_elsewhere(struct reader *r, int64_t at_ms) {
  if (at_ms >= r->session_ms)
    return false;
  struct origin origin;
  origin.len = (size_t)snprintf(origin.prefix, sizeof origin.prefix, "msg_%09" PRIx64,
                                (uint64_t)at_ms & UINT64_C(0xfffffffff));
  struct buf folder = BUF_INIT;
  buf_addf(&folder, "%s/message", buf_text(&r->storage));
  const bool found = !folder.failed && each_name(r, folder.data, has_origin, &origin);
  buf_fini(&folder);
  return found;
}

/* ---- one message ---- */

static void take(struct reader *r) {
  purser_event event;
  if (!opencode_usage(&r->doc, &r->model, &event))
    return;
  event.at_ms = json_i64_or(&r->doc, json_path(&r->doc, 0, "time.created"), 0);
  find_root(r);
  if (is_told_elsewhere(r, event.at_ms))
    return;
  tell_prompt(r);
  event.id = str_of(&r->message);
  event.session = str_of(&r->session);
  if (strcmp(buf_text(&r->session), buf_text(&r->root)) != 0) {
    event.flags |= PURSER_FLAG_SIDECHAIN;
    event.parent = str_of(&r->root);
  }
  import_sink_event(r->sink, &event);
}

static int read_message(struct reader *r, struct error *error) {
  if (!read_file(r->path, &r->text)) {
    return errno == ENOENT ? PURSER_OK /* deleted since it was found */
                           : error_set(error, PURSER_EIO, "%s: %s", r->path,
                                       errno != 0 ? strerror(errno) : "too large");
  }
  const int parsed = json_parse(&r->doc, buf_text(&r->text), r->text.len);
  if (parsed == PURSER_ENOMEM)
    return error_set(error, parsed, "out of memory");
  if (parsed != PURSER_OK) {
    /* Half written: it changes once more, and is read then. */
    import_sink_fault(r->sink, "malformed", 0, (purser_str){"", 0});
    return PURSER_OK;
  }
  take(r);
  return PURSER_OK;
}

int opencode_read_message(const char *path, purser_str state, int64_t since_ms,
                          struct import_sink *sink, struct error *error) {
  (void)since_ms;
  (void)state; /* one message, read again when it is written again */
  struct reader r = {.path = path, .sink = sink};
  int status = PURSER_OK;
  if (take_apart(&r))
    status = read_message(&r, error);
  if (status == PURSER_OK)
    import_sink_state(sink, "1", 1);
  struct buf *const texts[] = {&r.storage, &r.session, &r.message, &r.text,      &r.other_text,
                               &r.model,   &r.root,    &r.cwd,     &r.prompt_id, &r.prompt};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    buf_fini(texts[i]);
  json_fini(&r.doc);
  json_fini(&r.other);
  return status;
}

/* find.c - see find.h. Only names are looked at: which folder a client files a session under depends on where it was first
 * started, not on where it was resumed. */
#include "import/find.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

static bool is_file(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static bool starts_with(const char *text, const char *prefix) {
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool ends_with(const char *text, const char *suffix) {
  const size_t n = strlen(text);
  const size_t m = strlen(suffix);
  return n >= m && strcmp(text + n - m, suffix) == 0;
}

/* An id goes into a path: nothing that could leave the folder may be in it. */
static bool plain_id(const char *id) {
  return id[0] != '\0' && strchr(id, '/') == NULL && id[0] != '.';
}

/* Calls `visit` with each entry's path. */
struct walk {
  int (*visit)(struct walk *walk, const char *path, const char *name);
  const char *session;
  find_each each;
  void *data;
  int64_t since_ms;
};

static int walk_folder(struct walk *walk, const char *folder) {
  DIR *dir = opendir(folder);
  if (dir == NULL)
    return PURSER_OK;
  struct buf path = BUF_INIT;
  int status = PURSER_OK;
  const struct dirent *entry;
  while (status == PURSER_OK && (entry = readdir(dir)) != NULL) {
    if (entry->d_name[0] == '.')
      continue;
    buf_clear(&path);
    buf_addf(&path, "%s/%s", folder, entry->d_name);
    status = buf_status(&path);
    if (status == PURSER_OK)
      status = walk->visit(walk, buf_text(&path), entry->d_name);
  }
  buf_fini(&path);
  (void)closedir(dir);
  return status;
}

static int visit_subagent(struct walk *walk, const char *path, const char *name) {
  if (!starts_with(name, "agent-") || !ends_with(name, ".jsonl"))
    return PURSER_OK;
  return walk->each(walk->data, path, true);
}

static int visit_project(struct walk *walk, const char *path, const char *name) {
  (void)name;
  struct buf file = BUF_INIT;
  buf_addf(&file, "%s/%s.jsonl", path, walk->session);
  int status = buf_status(&file);
  if (status == PURSER_OK && is_file(buf_text(&file))) {
    status = walk->each(walk->data, buf_text(&file), false);
  }
  buf_clear(&file);
  buf_addf(&file, "%s/%s/subagents", path, walk->session);
  struct walk inner = {visit_subagent, walk->session, walk->each, walk->data, 0};
  if (status == PURSER_OK)
    status = buf_status(&file);
  if (status == PURSER_OK)
    status = walk_folder(&inner, buf_text(&file));
  buf_fini(&file);
  return status;
}

/* Opens `root/below` with a visitor. */
static int walk_below(struct walk *walk, const char *root, const char *below) {
  struct buf path = BUF_INIT;
  buf_addf(&path, "%s/%s", root, below);
  int status = buf_status(&path);
  if (status == PURSER_OK)
    status = walk_folder(walk, buf_text(&path));
  buf_fini(&path);
  return status;
}

int find_claude(const char *root, const char *session, find_each each, void *data) {
  if (!plain_id(session))
    return PURSER_EINVAL;
  struct walk walk = {visit_project, session, each, data, 0};
  return walk_below(&walk, root, "projects");
}

/* sessions/YYYY/MM/DD/rollout-<local time>-<thread id>.jsonl; archived ones lie flat in archived_sessions/. */
static int visit_rollout(struct walk *walk, const char *path, const char *name) {
  if (starts_with(name, "rollout-") && ends_with(name, ".jsonl")) {
    const size_t n = strlen(name) - strlen(".jsonl");
    const size_t m = strlen(walk->session);
    if (n > m && strncmp(name + n - m, walk->session, m) == 0) {
      return walk->each(walk->data, path, false);
    }
    return PURSER_OK;
  }
  /* Years, months and days are the only folders; their names are digits. */
  if (name[strspn(name, "0123456789")] != '\0')
    return PURSER_OK;
  return walk_folder(walk, path);
}

int find_codex(const char *root, const char *session, find_each each, void *data) {
  if (!plain_id(session))
    return PURSER_EINVAL;
  struct walk walk = {visit_rollout, session, each, data, 0};
  const int status = walk_below(&walk, root, "sessions");
  return status == PURSER_OK ? walk_below(&walk, root, "archived_sessions") : status;
}

/* Whether a rollout's first line, its session_meta, names this session as the one that it works for. */
static bool works_for(const char *path, const char *session) {
  enum {
    HEAD = 64 * 1024
  }; /* the line holds the client's instructions, but its ids come first */
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  char *head = fd >= 0 ? mem_alloc(HEAD + 1) : NULL;
  const ssize_t got = head != NULL ? read(fd, head, HEAD) : -1;
  bool found = false;
  if (got > 0) {
    head[got] = '\0';
    head[strcspn(head, "\n")] = '\0';
    static const char mark[] = "\"session_id\":";
    const char *at = strstr(head, mark);
    if (at != NULL) {
      at += sizeof mark - 1;
      at += strspn(at, " \"");
      const size_t n = strlen(session);
      found = strncmp(at, session, n) == 0 && at[n] == '"';
    }
  }
  mem_free(head);
  if (fd >= 0)
    (void)close(fd);
  return found;
}

static int visit_child(struct walk *walk, const char *path, const char *name) {
  if (!starts_with(name, "rollout-") || !ends_with(name, ".jsonl")) {
    return name[strspn(name, "0123456789")] == '\0' ? walk_folder(walk, path) : PURSER_OK;
  }
  if (strstr(name, walk->session) != NULL)
    return PURSER_OK; /* the session itself */
  struct stat st;
  if (stat(path, &st) != 0 || (int64_t)st.st_mtime * 1000 + 999 < walk->since_ms)
    return PURSER_OK;
  return works_for(path, walk->session) ? walk->each(walk->data, path, true) : PURSER_OK;
}

int find_codex_children(const char *root, const char *session, int64_t since_ms, find_each each,
                        void *data) {
  if (!plain_id(session))
    return PURSER_EINVAL;
  struct walk walk = {visit_child, session, each, data, since_ms};
  return walk_below(&walk, root, "sessions");
}

/* tmp/<project>/chats/session-<time>-<first eight of the id>.jsonl */
static int visit_chat(struct walk *walk, const char *path, const char *name) {
  enum {
    SHORT_ID = 8
  };
  const size_t m = strlen(walk->session) < SHORT_ID ? strlen(walk->session) : SHORT_ID;
  const size_t n = strlen(name) > strlen(".jsonl") ? strlen(name) - strlen(".jsonl") : 0;
  if (!starts_with(name, "session-") || !ends_with(name, ".jsonl"))
    return PURSER_OK;
  if (n < m || strncmp(name + n - m, walk->session, m) != 0)
    return PURSER_OK;
  return walk->each(walk->data, path, false);
}

/* tmp/<project>/chats/<session>/<id>.jsonl: a subagent's */
static int visit_side_chat(struct walk *walk, const char *path, const char *name) {
  return ends_with(name, ".jsonl") ? walk->each(walk->data, path, true) : PURSER_OK;
}

static int visit_gemini_project(struct walk *walk, const char *path, const char *name) {
  (void)name;
  struct walk inner = {visit_chat, walk->session, walk->each, walk->data, 0};
  struct walk side = {visit_side_chat, walk->session, walk->each, walk->data, 0};
  struct buf folder = BUF_INIT;
  int status = walk_below(&inner, path, "chats");
  buf_addf(&folder, "%s/chats", path);
  if (status == PURSER_OK)
    status = buf_status(&folder);
  if (status == PURSER_OK)
    status = walk_below(&side, folder.data, walk->session);
  buf_fini(&folder);
  return status;
}

int find_gemini(const char *root, const char *session, find_each each, void *data) {
  if (!plain_id(session))
    return PURSER_EINVAL;
  struct walk walk = {visit_gemini_project, session, each, data, 0};
  return walk_below(&walk, root, "tmp");
}

/* gemini.c - Gemini CLI as a source.
 *
 * In tmp/PROJECT/chats a session-*.jsonl grows at its end and may be written anew; files in a folder that is named after a session are its
 * subagents; session-*.json, one document each, are what older versions wrote. A message that was written again counts as it was
 * written last. Where the project lies is written beside it, or in projects.json. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "import/gemini_tree.h"
#include "usage/decoder.h"

enum {
  CHUNK = 64 * 1024,
  DOCUMENT_MOST = 256 * 1024 * 1024,
  TAIL = 256 /* bytes that are compared with what was read before */
};

/* Where reading goes on. What the last prompt began is read again: the ledger knows it, and what follows finds its run. */
struct place {
  uint64_t inode;
  int64_t end;    /* up to here everything is accounted for */
  int64_t prompt; /* the line of the last prompt begins here */
  uint64_t tail;  /* hash of the bytes before the end */
};

struct reader {
  const char *path;
  struct import_sink *sink;
  struct decoder *decoder;
  struct buf root, project, parent,
      cwd; /* out of the path; parent: the session whose subagent this is */
  struct place place;
  int64_t line_at; /* the line that is being decoded begins here */
  int64_t line;    /* its number; 0 unknown */
};

static purser_str str_of(const struct buf *text) {
  return (purser_str){buf_text(text), text->len};
}

/* ---- the path ---- */

/* ".../tmp/PROJECT/chats[/SESSION]/FILE" */
static bool take_apart(struct reader *r) {
  const char *chats = NULL;
  for (const char *at = r->path; (at = strstr(at, "/chats/")) != NULL; at++)
    chats = at;
  if (chats == NULL)
    return false;
  const char *project = chats;
  while (project > r->path && project[-1] != '/')
    project--;
  const char *rest = chats + strlen("/chats/");
  const char *slash = strchr(rest, '/');
  static const char tmp[] = "/tmp/";
  const size_t before = (size_t)(project - r->path);
  if (before < sizeof tmp - 1 || memcmp(project - (sizeof tmp - 1), tmp, sizeof tmp - 1) != 0)
    return false;
  buf_add(&r->root, r->path, before - (sizeof tmp - 1));
  buf_add(&r->project, project, (size_t)(chats - project));
  if (slash != NULL)
    buf_add(&r->parent, rest, (size_t)(slash - rest));
  return true;
}

static bool read_small(const char *path, struct buf *out) {
  struct stat st;
  buf_clear(out);
  const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return false;
  ssize_t got = -1;
  if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < DOCUMENT_MOST &&
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

/* {"projects": {"/home/me/proj": "proj"}} */
static void find_in_registry(struct reader *r, struct buf *text) {
  struct json_doc doc = JSON_DOC_INIT;
  struct buf path = BUF_INIT;
  buf_addf(&path, "%s/projects.json", buf_text(&r->root));
  if (!path.failed && read_small(path.data, text) &&
      json_parse(&doc, buf_text(text), text->len) == PURSER_OK) {
    const json_id projects = json_get(&doc, 0, "projects");
    for (json_id v = json_first(&doc, projects); v != JSON_NONE; v = json_next(&doc, projects, v)) {
      const purser_str key = json_key(&doc, v);
      /* A path with an escape in it is left to the other way of finding it. */
      if (json_equals(&doc, v, buf_text(&r->project)) && memchr(key.ptr, '\\', key.len) == NULL)
        buf_add(&r->cwd, key.ptr, key.len);
    }
  }
  json_fini(&doc);
  buf_fini(&path);
}

/* The project's folder; where nobody knows it any more, the folder of its chats stands for it. */
static void find_project(struct reader *r) {
  struct buf text = BUF_INIT;
  struct buf path = BUF_INIT;
  buf_addf(&path, "%s/tmp/%s", buf_text(&r->root), buf_text(&r->project));
  const size_t len = path.len;
  buf_adds(&path, "/.project_root");
  if (!path.failed && read_small(path.data, &text) && buf_text(&text)[0] == '/')
    buf_add(&r->cwd, text.data, strcspn(text.data, "\r\n"));
  if (r->cwd.len == 0)
    find_in_registry(r, &text);
  if (r->cwd.len == 0)
    buf_add(&r->cwd, buf_text(&path), path.failed ? 0 : len);
  buf_fini(&path);
  buf_fini(&text);
}

/* ---- events ---- */

static void pass_on(void *data, const purser_event *event) {
  struct reader *r = data;
  purser_event copy = *event;
  if (event->kind == PURSER_EVENT_ERROR) {
    import_sink_fault(r->sink, event->name.len == strlen("overflow") ? "overflow" : "malformed",
                      r->line, event->text);
    return;
  }
  if (event->kind == PURSER_EVENT_PROMPT)
    r->place.prompt = r->line_at;
  if (event->kind == PURSER_EVENT_SESSION)
    copy.cwd = str_of(&r->cwd);
  if (r->parent.len > 0) {
    copy.flags |= PURSER_FLAG_SIDECHAIN;
    copy.parent = str_of(&r->parent);
  }
  import_sink_event(r->sink, &copy);
}

/* ---- a file that grows ---- */

static int fail(const struct reader *r, struct error *error) {
  return error_set(error, PURSER_EIO, "%s: %s", r->path, strerror(errno));
}

static ssize_t read_at(int fd, char *out, size_t len, int64_t at) {
  ssize_t got;
  do {
    got = pread(fd, out, len, at);
  } while (got < 0 && errno == EINTR);
  return got;
}

/* FNV-1a of the bytes before the end; 0 when they can't be read. */
static uint64_t tail_of(int fd, int64_t end) {
  char bytes[TAIL];
  const size_t want = end < TAIL ? (size_t)end : TAIL;
  if (read_at(fd, bytes, want, end - (int64_t)want) != (ssize_t)want)
    return 0;
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < want; i++)
    hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
  return hash != 0 ? hash : 1;
}

/* Feeds the whole lines from an offset on, up to `until` (-1: all there are); the rest of a line is left for another time. */
static int feed_lines(struct reader *r, int fd, int64_t from, int64_t until, struct error *error) {
  char *chunk = mem_alloc(CHUNK);
  if (chunk == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  int status = PURSER_OK;
  int64_t at = from;
  r->line_at = from;
  while (status == PURSER_OK && !import_sink_stopped(r->sink) && (until < 0 || at < until)) {
    const ssize_t got = read_at(fd, chunk, CHUNK, at);
    if (got < 0)
      status = fail(r, error);
    if (got <= 0)
      break;
    size_t done = 0;
    while (done < (size_t)got && status == PURSER_OK) {
      const char *newline = memchr(chunk + done, '\n', (size_t)got - done);
      const size_t next = newline != NULL ? (size_t)(newline - chunk) + 1 : (size_t)got;
      status = decoder_feed(r->decoder, chunk + done, next - done);
      done = next;
      if (newline == NULL)
        break;
      r->line_at = at + (int64_t)done;
      if (r->line > 0)
        r->line++;
      if (until >= 0 && r->line_at >= until)
        break;
    }
    if (status != PURSER_OK)
      (void)error_set(error, status, "%s: out of memory", r->path);
    at += (int64_t)done;
  }
  mem_free(chunk);
  return status;
}

/* The header tells the session's id: whoever goes on in the middle reads it first. */
static int64_t header_end(int fd) {
  enum {
    HEADER_MOST = 8192
  };
  char bytes[HEADER_MOST];
  const ssize_t got = read_at(fd, bytes, sizeof bytes, 0);
  const char *newline = got > 0 ? memchr(bytes, '\n', (size_t)got) : NULL;
  return newline != NULL ? newline - bytes + 1 : 0;
}

static int read_lines(struct reader *r, int fd, const struct stat *st, struct error *error) {
  struct place *place = &r->place;
  const bool known = place->inode == (uint64_t)st->st_ino && place->end <= (int64_t)st->st_size &&
                     (place->end == 0 || tail_of(fd, place->end) == place->tail);
  if (!known)
    *place = (struct place){.inode = (uint64_t)st->st_ino};
  int status = PURSER_OK;
  const int64_t header = place->prompt > 0 ? header_end(fd) : 0;
  if (header > 0 && header <= place->prompt) {
    const int64_t prompt = place->prompt;
    status = feed_lines(r, fd, 0, header, error);
    place->prompt = prompt;
  } else {
    place->prompt = 0;
    r->line = 1;
  }
  if (status == PURSER_OK)
    status = feed_lines(r, fd, place->prompt, -1, error);
  place->end = r->line_at;
  place->tail = place->end > 0 ? tail_of(fd, place->end) : 0;
  return status;
}

/* ---- a document of the older kind ---- */

/* The decoder knows lines: {"sessionId": ...} and {"$set": {"messages": [...]}}. */
static int read_document(struct reader *r, struct error *error) {
  struct buf text = BUF_INIT;
  struct buf line = BUF_INIT;
  struct json_doc doc = JSON_DOC_INIT;
  int status = PURSER_OK;
  if (!read_small(r->path, &text)) {
    status = fail(r, error);
    goto out;
  }
  status = json_parse(&doc, buf_text(&text), text.len);
  if (status == PURSER_ENOMEM) {
    (void)error_set(error, status, "%s: out of memory", r->path);
    goto out;
  }
  if (status != PURSER_OK || json_kind(&doc, 0) != JSON_OBJECT) {
    status = PURSER_OK;
    import_sink_fault(r->sink, "malformed", 0, (purser_str){"", 0});
    goto out;
  }
  const purser_str session = json_raw(&doc, json_get(&doc, 0, "sessionId"));
  const purser_str start = json_raw(&doc, json_get(&doc, 0, "startTime"));
  const purser_str messages = json_raw(&doc, json_get(&doc, 0, "messages"));
  buf_addf(&line, "{\"sessionId\":\"%.*s\",\"startTime\":\"%.*s\"}", (int)session.len, session.ptr,
           (int)start.len, start.ptr);
  const size_t header = line.len;
  buf_adds(&line, "{\"$set\":{\"messages\":");
  buf_add(&line, messages.ptr, messages.len);
  buf_adds(&line, "}}");
  /* White space between values: a text has no newlines of its own. */
  for (size_t i = 0; i < line.len && !line.failed; i++) {
    if (line.data[i] == '\n' || line.data[i] == '\r')
      line.data[i] = ' ';
  }
  status = buf_status(&line);
  if (status == PURSER_OK)
    status = decoder_feed(r->decoder, line.data, header);
  if (status == PURSER_OK)
    status = decoder_feed(r->decoder, "\n", 1);
  if (status == PURSER_OK && messages.len > 0)
    status = decoder_feed(r->decoder, line.data + header, line.len - header);
  if (status == PURSER_OK)
    status = decoder_feed(r->decoder, "\n", 1);
  if (status != PURSER_OK)
    (void)error_set(error, status, "%s: out of memory", r->path);
out:
  json_fini(&doc);
  buf_fini(&text);
  buf_fini(&line);
  return status;
}

/* ---- the source ---- */

/* "[1,INODE,END,PROMPT,TAIL]" */
static void read_state(purser_str state, struct place *out) {
  int64_t values[5] = {0};
  int count = 0;
  struct json_doc doc = JSON_DOC_INIT;
  *out = (struct place){0};
  if (json_parse(&doc, state.ptr, state.len) == PURSER_OK) {
    for (json_id v = json_first(&doc, 0); v != JSON_NONE && count < 5; v = json_next(&doc, 0, v)) {
      if (json_i64(&doc, v, &values[count]) != PURSER_OK)
        break;
      count++;
    }
  }
  json_fini(&doc);
  if (count == 5 && values[0] == 1 && values[3] >= 0 && values[3] <= values[2])
    *out = (struct place){.inode = (uint64_t)values[1],
                          .end = values[2],
                          .prompt = values[3],
                          .tail = (uint64_t)values[4]};
}

static void put_state(struct import_sink *sink, const struct place *p) {
  char text[128];
  const int len = snprintf(text, sizeof text, "[1,%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 "]",
                           (int64_t)p->inode, p->end, p->prompt, (int64_t)p->tail);
  import_sink_state(sink, text, (size_t)len);
}

static int read_any(struct reader *r, struct error *error) {
  struct stat st;
  const size_t len = strlen(r->path);
  const bool lines = len > 6 && strcmp(r->path + len - 6, ".jsonl") == 0;
  const int fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return errno == ENOENT ? PURSER_OK : fail(r, error); /* gone since it was found: no matter */
  int status = PURSER_OK;
  if (fstat(fd, &st) != 0) {
    status = fail(r, error);
  } else if (S_ISREG(st.st_mode)) {
    status = lines ? read_lines(r, fd, &st, error) : read_document(r, error);
  }
  (void)close(fd);
  return status;
}

static int read_chat(const char *path, purser_str state, int64_t since_ms, struct import_sink *sink,
                     struct error *error) {
  (void)since_ms;
  struct reader r = {.path = path, .sink = sink};
  read_state(state, &r.place);
  int status = decoder_open(&r.decoder, "gemini_chat", pass_on, &r, error);
  if (status == PURSER_OK && take_apart(&r)) {
    find_project(&r);
    status = read_any(&r, error);
  }
  if (status == PURSER_OK && !import_sink_stopped(sink))
    put_state(sink, &r.place);
  decoder_free(r.decoder);
  buf_fini(&r.root);
  buf_fini(&r.project);
  buf_fini(&r.parent);
  buf_fini(&r.cwd);
  return status;
}

static int roots(struct buf *out) {
  const char *home = getenv("GEMINI_CLI_HOME");
  if (home == NULL || home[0] != '/')
    home = getenv("HOME");
  if (home == NULL || home[0] != '/')
    return PURSER_OK;
  buf_addf(out, "%s/.gemini", home);
  buf_add(out, "", 1);
  return buf_status(out);
}

static const struct import_pattern files[] = {
    {.glob = "tmp/*/chats/session-*.json"},
    {.glob = "tmp/*/chats/session-*.jsonl"},
    {.glob = "tmp/*/chats/*/*.jsonl", .sidechain = true},
    {.glob = NULL},
};

const struct import_source import_source_gemini = {
    .name = "gemini",
    .title = "Gemini CLI",
    .files = files,
    .roots = roots,
    .read = read_chat,
};

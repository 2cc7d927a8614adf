/* reader.c - see reader.h. */
#include "import/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/pack.h"
#include "import/claude_take.h"
#include "usage/dialect.h"
#include "usage/emit.h"

enum {
  CHUNK = 256 * 1024, /* fits into a core's own cache, with what is done to it */
  CAP_KEPT = 1024 * 1024,
  LONG = 1024 * 1024, /* a line that had better not be kept */
  HASHED = 256,       /* bytes at both ends of what was read */
  FULL_REQUESTS = 256,
  FULL_TEXT = 128 * 1024,
  FULL_BYTES = 16 * 1024 * 1024,
  STATE_VERSION = 1
};

void reader_init(struct reader *reader, const struct catalog *catalog,
                 const struct import_options *options) {
  *reader = (struct reader){.catalog = catalog, .options = options, .scan = scan_best()};
  sink_init(&reader->sink, NULL, catalog, options);
}

void reader_fini(struct reader *reader) {
  for (size_t i = 0; i < IMPORT_SOURCES_MAX; i++)
    decoder_free(reader->decoders[i]);
  sink_fini(&reader->sink);
  buf_fini(&reader->path);
  mem_free(reader->bytes);
}

/* ---- marks ---- */

/* FNV-1a; never leaves this machine's ledger, but lives as long as it. */
static int64_t hash_bytes(const char *bytes, size_t len) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < len; i++)
    hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
  return (int64_t)hash;
}

/* One reading of one file. */
struct reading {
  struct reader *reader;
  const struct import_source *source;
  struct decoder *decoder;
  int fd;
  struct file_mark mark; /* as of the last whole line */
  char head[HASHED];     /* the file's first bytes, as far as they are known */
  size_t head_len;
  int64_t at;         /* where the buffer's end lies in the file */
  size_t fill, start; /* of the buffer: bytes in it, and the beginning of the line */
  size_t usage;       /* of the present line */
  size_t scanned;
  /* A line that is not kept: too long to be read, or long and of no interest as long as no usage turns up in it. */
  enum {
    KEEPING = 0,
    DROPPING,
    SKIMMING
  } mode;
  int64_t skim_at; /* where the line began that is skimmed */
  bool whole;      /* usage turned up: the line is read again, whatever its length */
  bool claude;
};

static void mark_here(struct reading *r) {
  const char *bytes = r->reader->bytes;
  const int64_t offset = r->at - (int64_t)(r->fill - r->start);
  if (r->mode != KEEPING || offset == r->mark.offset)
    return;
  r->mark.offset = offset;
  const size_t tail = r->start < HASHED ? r->start : HASHED;
  r->mark.tail_len = (int64_t)tail;
  r->mark.tail_hash = hash_bytes(bytes + r->start - tail, tail);
  if (r->head_len == 0)
    return; /* it was begun another time */
  const size_t head = offset < (int64_t)r->head_len ? (size_t)offset : r->head_len;
  r->mark.head_len = (int64_t)head;
  r->mark.head_hash = hash_bytes(r->head, head);
}

/* Whether the bytes at an offset are those that were hashed. */
static bool has_bytes(int fd, int64_t offset, int64_t len, int64_t hash) {
  char bytes[HASHED];
  if (len < 0 || len > HASHED || offset < 0)
    return false;
  if (len == 0)
    return true;
  return pread(fd, bytes, (size_t)len, offset) == len && hash_bytes(bytes, (size_t)len) == hash;
}

static bool still_there(const struct reading *r, int64_t size) {
  const struct file_mark *m = &r->mark;
  return m->offset <= size && has_bytes(r->fd, 0, m->head_len, m->head_hash) &&
         has_bytes(r->fd, m->offset - m->tail_len, m->tail_len, m->tail_hash);
}

static void save_state(struct reading *r, struct buf *out) {
  const struct file_mark *m = &r->mark;
  buf_clear(out);
  pack_int(out, STATE_VERSION);
  pack_int(out, m->offset);
  pack_int(out, m->line);
  pack_int(out, m->head_len);
  pack_int(out, m->head_hash);
  pack_int(out, m->tail_len);
  pack_int(out, m->tail_hash);
  sink_save(&r->reader->sink, out);
  if (!r->claude)
    decoder_save(r->decoder, out);
}

static bool load_state(struct reading *r, const struct reader_state *state) {
  struct unpack in = unpack_begin(state->bytes, state->len);
  struct file_mark *m = &r->mark;
  if (unpack_int(&in) != STATE_VERSION)
    return false;
  m->offset = unpack_int(&in);
  m->line = unpack_int(&in);
  m->head_len = unpack_int(&in);
  m->head_hash = unpack_int(&in);
  m->tail_len = unpack_int(&in);
  m->tail_hash = unpack_int(&in);
  if (in.bad || m->offset < 0 || !sink_load(&r->reader->sink, &in))
    return false;
  return r->claude || decoder_load(r->decoder, in.at, (size_t)(in.end - in.at)) == PURSER_OK;
}

/* ---- pieces ---- */

static void close_piece(struct reading *r) {
  struct piece *piece = r->reader->sink.piece;
  mark_here(r);
  piece->mark = r->mark;
  save_state(r, &piece->state);
  piece->has_mark = !piece->state.failed;
  if (r->reader->sink.run.key.failed || r->reader->sink.run.prompt.failed)
    piece->failed = true;
}

static void deliver_if_full(struct reading *r) {
  struct import_sink *sink = &r->reader->sink;
  const struct piece *piece = sink->piece;
  if (piece->request_count < FULL_REQUESTS && piece->text.len < FULL_TEXT &&
      piece->bytes < FULL_BYTES)
    return;
  close_piece(r);
  if (!sink->deliver(sink))
    sink->stopped = true;
}

/* ---- lines ---- */

static void on_event(void *data, const purser_event *event) {
  struct reader *reader = data;
  import_sink_event(&reader->sink, event);
}

static void take_line(struct reading *r, const char *line, size_t len, bool whole) {
  struct reader *reader = r->reader;
  struct import_sink *sink = &reader->sink;
  size_t usage = r->usage;
  if (usage != SCAN_NONE)
    usage -= (size_t)(line - reader->bytes);
  sink->line = r->mark.line + 1;
  if (r->claude) {
    claude_take(sink, r->decoder, line, len, usage, whole);
    return;
  }
  r->decoder->malformed = 0; /* each is counted here */
  if (decoder_feed(r->decoder, line, whole ? len + 1 : len) != PURSER_OK)
    sink->piece->failed = true;
}

static void report_overflow(struct reading *r) {
  struct import_sink *sink = &r->reader->sink;
  import_sink_fault(sink, "overflow", r->mark.line + 1, STR("a line is too long to be read"));
}

/* The line that was skimmed has usage: back to its beginning. */
static void begin_again(struct reading *r) {
  r->at = r->skim_at;
  r->fill = r->start = r->scanned = 0;
  r->usage = SCAN_NONE;
  r->mode = KEEPING;
  r->whole = true;
}

static void end_line(struct reading *r, size_t end) {
  struct reader *reader = r->reader;
  if (r->mode == KEEPING)
    take_line(r, reader->bytes + r->start, end - r->start, true);
  r->mode = KEEPING;
  r->whole = false;
  r->mark.line++;
  reader->sink.piece->lines++;
  r->start = r->scanned = end + 1;
  r->usage = SCAN_NONE;
  deliver_if_full(r);
}

/* The lines that are whole in the buffer. */
static void take_lines(struct reading *r) {
  const struct reader *reader = r->reader;
  while (!reader->sink.stopped) {
    const size_t end = reader->scan(reader->bytes, r->scanned, r->fill, &r->usage);
    if (r->mode == SKIMMING && r->usage != SCAN_NONE) {
      begin_again(r);
      return;
    }
    if (end >= r->fill)
      break;
    end_line(r, end);
  }
  r->scanned = r->fill - r->start < SCAN_OVERLAP ? r->start : r->fill - SCAN_OVERLAP;
}

/* Most of what is long is a tool's output. */
static void stop_keeping(struct reading *r) {
  const struct reader *reader = r->reader;
  if (r->fill > DECODER_LINE_MAX) {
    report_overflow(r);
    r->mode = DROPPING;
  } else if (r->claude && !r->whole && r->fill >= LONG && r->usage == SCAN_NONE &&
             claude_is_idle(reader->bytes, r->fill)) {
    r->skim_at = r->at - (int64_t)r->fill;
    r->mode = SKIMMING;
  }
}

static void move_to_front(struct reading *r) {
  struct reader *reader = r->reader;
  mark_here(r);
  memmove(reader->bytes, reader->bytes + r->start, r->fill - r->start);
  if (r->usage != SCAN_NONE)
    r->usage -= r->start;
  r->scanned -= r->start;
  r->fill -= r->start;
  r->start = 0;
}

/* Room for another chunk behind the line that is not whole yet. */
static bool make_room(struct reading *r) {
  struct reader *reader = r->reader;
  if (reader->cap - r->fill < CHUNK && r->start > 0)
    move_to_front(r);
  if (r->start == 0 && r->mode == KEEPING)
    stop_keeping(r);
  if (r->mode != KEEPING) {
    /* What may be the beginning of a mark is kept. */
    const size_t kept = r->fill < SCAN_OVERLAP ? r->fill : SCAN_OVERLAP;
    memmove(reader->bytes, reader->bytes + r->fill - kept, kept);
    r->fill = kept;
    r->start = r->scanned = 0;
    r->usage = SCAN_NONE;
  }
  if (reader->cap - r->fill >= CHUNK)
    return true;
  /* In steps: a long line is rare, and twice its length would be the most that an import takes. */
  const size_t step = reader->cap / 4 > 2 * (size_t)CHUNK ? reader->cap / 4 : 2 * (size_t)CHUNK;
  const size_t cap = reader->cap + step;
  void *bytes = mem_realloc(reader->bytes, cap);
  if (bytes == NULL)
    return false;
  reader->bytes = bytes;
  reader->cap = cap;
  return true;
}

static void fail(struct reading *r, const char *kind, const char *reason) {
  struct import_sink *sink = &r->reader->sink;
  sink->piece->unread = true;
  import_sink_fault(sink, kind, 0, str_of(reason));
}

static void read_lines(struct reading *r) {
  struct reader *reader = r->reader;
  while (!reader->sink.stopped) {
    if (!make_room(r)) {
      fail(r, "memory", "out of memory");
      return;
    }
    const ssize_t got = pread(r->fd, reader->bytes + r->fill, CHUNK, r->at);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      fail(r, "unreadable", strerror(errno));
    if (got <= 0)
      return;
    if (r->at == 0) {
      r->head_len = (size_t)got < HASHED ? (size_t)got : HASHED;
      memcpy(r->head, reader->bytes + r->fill, r->head_len);
    }
    r->at += got;
    r->fill += (size_t)got;
    reader->sink.piece->bytes += got;
    take_lines(r);
  }
}

/* A last line without its newline may be whole. It is taken, and will be again: its key is known then. */
static void take_rest(struct reading *r) {
  struct reader *reader = r->reader;
  close_piece(r);
  if (r->mode != KEEPING || reader->sink.stopped || r->fill == r->start)
    return;
  const char *line = reader->bytes + r->start;
  const size_t len = r->fill - r->start;
  if (line[len - 1] != '}' && line[len - 1] != '\r')
    return;
  take_line(r, line, len, false);
  if (!r->claude && decoder_end(r->decoder) != PURSER_OK)
    reader->sink.piece->failed = true;
}

/* ---- a file ---- */

static struct decoder *decoder_of(struct reader *reader, size_t source) {
  struct decoder **slot = &reader->decoders[source];
  if (*slot == NULL)
    (void)decoder_open(slot, import_sources[source]->dialect, on_event, reader, NULL);
  else
    decoder_forget(*slot);
  return *slot;
}

static void begin(struct reading *r, const struct tree_file *file, struct piece *piece) {
  sink_begin(&r->reader->sink, piece, file->side, file->now_mtime_ns / 1000000);
  r->mark = (struct file_mark){0};
  if (r->decoder != NULL)
    decoder_forget(r->decoder);
}

static void read_grown(struct reading *r, const struct tree_file *file,
                       const struct reader_state *state, struct piece *piece) {
  begin(r, file, piece);
  if (state->len > 0 && (!load_state(r, state) || !still_there(r, file->now_size))) {
    begin(r, file, piece);
    piece->rewritten = true;
  }
  r->at = r->mark.offset;
  read_lines(r);
  take_rest(r);
}

static void read_other(struct reading *r, const struct tree_file *file,
                       const struct reader_state *state, struct piece *piece) {
  struct reader *reader = r->reader;
  struct error error = {0};
  begin(r, file, piece);
  piece->bytes += file->now_size;
  const int status = r->source->read(buf_text(&reader->path),
                                     (purser_str){state->len > 0 ? state->bytes : "", state->len},
                                     reader->options->since_ms, &reader->sink, &error);
  if (status != PURSER_OK && !reader->sink.stopped)
    fail(r, status == PURSER_EBUSY ? "busy" : "unreadable", error_text(&error));
}

static void open_and_read(struct reading *r, const struct tree_file *file,
                          const struct reader_state *state, struct piece *piece) {
  struct reader *reader = r->reader;
  /* Not blocking: a pipe by such a name must not hold the reader. */
  r->fd = open(buf_text(&reader->path), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat st;
  if (r->fd < 0 || fstat(r->fd, &st) != 0) {
    begin(r, file, piece);
    if (errno == ENOENT)
      piece->unread = true; /* gone in the meantime: what was read of it stays */
    else
      fail(r, "unreadable", strerror(errno));
  } else if (!S_ISREG(st.st_mode)) {
    begin(r, file, piece);
    fail(r, "unreadable", "not a file");
  } else {
    read_grown(r, file, state, piece);
  }
  if (r->fd >= 0)
    (void)close(r->fd);
}

void reader_read(struct reader *reader, const struct tree_file *file,
                 const struct reader_state *state, struct piece *piece) {
  struct reading r = {
      .reader = reader,
      .source = import_sources[file->folder->source],
      .fd = -1,
      .usage = SCAN_NONE,
  };
  reader->sink.source = r.source;
  reader->source = file->folder->source;
  buf_clear(&reader->path);
  tree_path(file, &reader->path);
  if (r.source->dialect != NULL) {
    r.claude = strcmp(r.source->dialect, "claude_transcript") == 0;
    r.decoder = decoder_of(reader, reader->source);
    if (r.decoder == NULL || reader->path.failed) {
      begin(&r, file, piece);
      fail(&r, "memory", "out of memory");
    } else {
      open_and_read(&r, file, state, piece);
    }
  } else {
    read_other(&r, file, state, piece);
  }
  reader->sink.piece->last = true;
  if (reader->cap > CAP_KEPT) {
    mem_free(reader->bytes);
    reader->bytes = NULL;
    reader->cap = 0;
  }
}

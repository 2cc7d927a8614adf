/* fuzz_import.c - any bytes as a client's file: the first byte says whose, the next two where it is cut in two.
 *
 * A file that is read in two parts holds what it holds when it is read at once; and what is picked from Claude Code's lines the quick way
 * is what the decoder makes of them. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "import/reader.h"
#include "usage/decoder.h"
#include "usage/tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is booked under one key and request, as the ledger would keep it. */
struct entry {
  char *key;
  purser_usage usage;
  bool partial;
};

struct entries {
  struct entry *items;
  size_t count, cap;
};

static void take(struct entries *entries, const char *key, const char *request_id,
                 const purser_usage *usage, bool partial) {
  struct buf name = BUF_INIT;
  buf_addf(&name, "%s %s", key, request_id);
  struct entry *entry = NULL;
  for (size_t i = 0; i < entries->count && entry == NULL; i++) {
    if (strcmp(entries->items[i].key, buf_text(&name)) == 0)
      entry = &entries->items[i];
  }
  if (entry == NULL) {
    void *items = entries->items;
    if (mem_grow(&items, &entries->cap, entries->count + 1, sizeof *entries->items) != PURSER_OK)
      abort();
    entries->items = items;
    entry = &entries->items[entries->count++];
    *entry = (struct entry){.key = buf_detach(&name), .usage = *usage, .partial = partial};
    return;
  }
  const bool better = partial != entry->partial
                          ? entry->partial
                          : tokens_total(usage) > tokens_total(&entry->usage) ||
                                (tokens_total(usage) == tokens_total(&entry->usage) &&
                                 usage->cache_write_1h > entry->usage.cache_write_1h);
  if (better) {
    entry->usage = *usage;
    entry->partial = partial;
  }
  buf_fini(&name);
}

static int compare(const void *a, const void *b) {
  return strcmp(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

static void expect_same(struct entries *a, struct entries *b) {
  if (a->count != b->count)
    abort();
  if (a->count > 0) {
    qsort(a->items, a->count, sizeof *a->items, compare);
    qsort(b->items, b->count, sizeof *b->items, compare);
  }
  for (size_t i = 0; i < a->count; i++) {
    if (strcmp(a->items[i].key, b->items[i].key) != 0 ||
        a->items[i].partial != b->items[i].partial ||
        tokens_total(&a->items[i].usage) != tokens_total(&b->items[i].usage))
      abort();
  }
}

static void entries_fini(struct entries *entries) {
  for (size_t i = 0; i < entries->count; i++)
    mem_free(entries->items[i].key);
  mem_free(entries->items);
}

/* ---- through the reader ---- */

static void collect(struct entries *entries, const struct piece *piece) {
  for (size_t i = 0; i < piece->request_count; i++) {
    const struct piece_request *r = &piece->requests[i];
    const purser_usage *u = &r->usage;
    if (u->input < 0 || u->cache_read < 0 || u->cache_write_5m < 0 || u->cache_write_1h < 0 ||
        u->output < 0 || u->reasoning > u->output || r->run < 0 ||
        (size_t)r->run >= piece->run_count || r->at_ms == 0)
      abort();
    take(entries, piece_text(piece, r->key), piece_text(piece, r->request_id), u,
         (r->flags & PURSER_FLAG_PARTIAL) != 0);
  }
}

static bool deliver(struct import_sink *sink) {
  struct piece *piece = sink->piece;
  collect(sink->data, piece);
  piece_clear(piece);
  sink_turn(sink, piece);
  return true;
}

struct bench {
  struct catalog *catalog;
  struct reader reader;
  struct import_options options;
  struct piece piece;
  struct tree_folder folder;
  struct tree_file file;
  char name[24];
  int fd;
};

static struct bench *bench_get(void) {
  static struct bench bench;
  if (bench.catalog != NULL)
    return &bench;
  bench.options.prompt_chars = 20;
  bench.fd = memfd_create("record", MFD_CLOEXEC);
  if (bench.fd < 0 || catalog_load(&bench.catalog, NULL, NULL, NULL) != PURSER_OK)
    abort();
  reader_init(&bench.reader, bench.catalog, &bench.options);
  bench.reader.sink.deliver = deliver;
  static char folder[] = "/proc/self/fd";
  bench.folder.path = folder;
  (void)snprintf(bench.name, sizeof bench.name, "%d", bench.fd);
  bench.file.name = bench.name;
  bench.file.folder = &bench.folder;
  bench.file.now_mtime_ns = INT64_C(1700000000000000000);
  return &bench;
}

/* Reads `len` bytes of a file, from where `state` left it; `state` becomes where it is left now. */
static void read_to(struct bench *b, size_t len, struct buf *state, struct entries *entries) {
  struct reader_state from = {buf_text(state), state->len};
  b->file.now_size = (int64_t)len;
  b->reader.sink.data = entries;
  piece_clear(&b->piece);
  reader_read(&b->reader, &b->file, &from, &b->piece);
  const struct piece *piece = b->reader.sink.piece;
  if (piece->failed || piece->unread || !piece->last || !piece->has_mark || piece->rewritten ||
      piece->mark.offset > (int64_t)len)
    abort();
  collect(entries, piece);
  buf_clear(state);
  buf_add(state, piece->state.data, piece->state.len);
}

static void set_file(const struct bench *b, const char *bytes, size_t len) {
  if (ftruncate(b->fd, 0) != 0 || pwrite(b->fd, bytes, len, 0) != (ssize_t)len)
    abort();
}

/* ---- through the decoder, line by line ---- */

struct heard {
  struct entries *entries;
  struct buf session;
  int64_t now_ms;
};

static void hear(void *data, const purser_event *event) {
  struct heard *heard = data;
  struct buf key = BUF_INIT;
  struct buf request_id = BUF_INIT;
  if (event->at_ms != 0)
    heard->now_ms = event->at_ms;
  if ((event->kind == PURSER_EVENT_SESSION || event->kind == PURSER_EVENT_PROMPT) &&
      event->session.len > 0 &&
      !(event->kind == PURSER_EVENT_PROMPT && (event->flags & PURSER_FLAG_SIDECHAIN) != 0)) {
    buf_clear(&heard->session);
    buf_add(&heard->session, event->session.ptr, event->session.len);
  }
  if (event->kind != PURSER_EVENT_USAGE || event->scope != PURSER_SCOPE_REQUEST)
    return;
  buf_adds(&key, "claude/");
  if (event->id.len > 0) {
    buf_add(&key, event->id.ptr, event->id.len);
  } else if (event->request_id.len > 0) {
    buf_add(&key, event->request_id.ptr, event->request_id.len);
  } else {
    buf_add(&key, buf_text(&heard->session), heard->session.len);
    buf_addf(&key, "@%lld+%lld", (long long)heard->now_ms, (long long)tokens_total(&event->usage));
  }
  buf_add(&request_id, event->request_id.ptr, event->request_id.len);
  take(heard->entries, buf_text(&key), buf_text(&request_id), &event->usage,
       (event->flags & PURSER_FLAG_PARTIAL) != 0);
  buf_fini(&key);
  buf_fini(&request_id);
}

static void decode_lines(const char *bytes, size_t len, struct entries *entries) {
  struct decoder *decoder = NULL;
  struct heard heard = {.entries = entries, .now_ms = INT64_C(1700000000000)};
  if (decoder_open(&decoder, "claude_transcript", hear, &heard, NULL) != PURSER_OK)
    abort();
  while (len > 0) {
    const char *newline = memchr(bytes, '\n', len);
    const size_t n = newline != NULL ? (size_t)(newline - bytes) + 1 : len;
    decoder_forget(decoder);
    (void)decoder_feed(decoder, bytes, n);
    const char last = bytes[n - 1];
    if (newline == NULL && (last == '}' || last == '\r'))
      (void)decoder_end(decoder);
    bytes += n;
    len -= n;
  }
  decoder_free(decoder);
  buf_fini(&heard.session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bench *b = bench_get();
  struct entries whole = {0};
  struct entries parts = {0};
  struct buf state = BUF_INIT;
  if (size < 4)
    return 0;
  const char *bytes = (const char *)data + 3;
  const size_t len = size - 3;
  size_t cut = ((size_t)data[1] << 8 | data[2]) % (len + 1);
  /* A last line that happens to be whole is taken as one; what is written behind it later is no client's doing. */
  while (cut > 0 && (bytes[cut - 1] == '}' || bytes[cut - 1] == '\r'))
    cut--;
  size_t source = 0;
  const char *const names[] = {"claude", "codex"};
  while (strcmp(import_sources[source]->name, names[data[0] % 2]) != 0)
    source++;
  b->folder.source = source;

  set_file(b, bytes, len);
  read_to(b, len, &state, &whole);
  buf_clear(&state);
  set_file(b, bytes, cut);
  read_to(b, cut, &state, &parts);
  set_file(b, bytes, len);
  read_to(b, len, &state, &parts);
  expect_same(&whole, &parts);
  if (data[0] % 2 == 0) {
    struct entries decoded = {0};
    decode_lines(bytes, len, &decoded);
    expect_same(&whole, &decoded);
    entries_fini(&decoded);
  }
  buf_fini(&state);
  entries_fini(&whole);
  entries_fini(&parts);
  return 0;
}

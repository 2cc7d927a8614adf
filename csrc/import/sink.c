/* sink.c - see sink.h. */
#include "import/sink.h"

#include <string.h>

#include "base/pack.h"
#include "ledger/hash.h"
#include "usage/emit.h"
#include "usage/tokens.h"

void sink_init(struct import_sink *sink, const struct import_source *source,
               const struct catalog *catalog, const struct import_options *options) {
  *sink = (struct import_sink){.source = source, .options = options};
  price_memo_init(&sink->memo, catalog);
}

static void run_clear(struct sink_run *run) {
  buf_clear(&run->key);
  buf_clear(&run->prompt);
  buf_clear(&run->session);
  buf_clear(&run->cwd);
  buf_clear(&run->branch);
  run->at_ms = 0;
  run->prompt_bytes = 0;
  run->begun = false;
  run->index = -1;
}

void sink_fini(struct import_sink *sink) {
  struct buf *const all[] = {
      &sink->run.key, &sink->run.prompt, &sink->run.session, &sink->run.cwd, &sink->run.branch,
      &sink->session, &sink->parent,     &sink->cwd,         &sink->branch,  &sink->model,
      &sink->effort,  &sink->scratch,    &sink->run_key};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    buf_fini(all[i]);
}

void sink_begin(struct import_sink *sink, struct piece *piece, bool side, int64_t at_ms) {
  struct buf *const all[] = {&sink->session, &sink->parent, &sink->cwd,
                             &sink->branch,  &sink->model,  &sink->effort};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    buf_clear(all[i]);
  run_clear(&sink->run);
  memset(sink->seen, 0, sizeof sink->seen);
  sink->side = side;
  sink->now_ms = at_ms;
  sink->line = 0;
  sink->stopped = false;
  sink_turn(sink, piece);
}

void sink_turn(struct import_sink *sink, struct piece *piece) {
  sink->piece = piece;
  sink->serial++;
  sink->run.index = -1;
}

static void set(struct buf *to, purser_str text) {
  buf_clear(to);
  buf_add(to, text.ptr, text.len);
}

static void learn(struct buf *to, purser_str text) {
  if (text.len > 0 && !(to->len == text.len && memcmp(to->data, text.ptr, text.len) == 0))
    set(to, text);
}

/* ---- runs ---- */

void sink_place(struct import_sink *sink, purser_str session, purser_str cwd, purser_str branch) {
  learn(&sink->session, session);
  learn(&sink->cwd, cwd);
  learn(&sink->branch, branch);
}

/* As many characters as may be kept, whole ones. */
static size_t kept_bytes(int64_t chars, purser_str text) {
  size_t at = 0;
  if (chars < 0)
    return text.len;
  for (; at < text.len; at++) {
    if (((unsigned char)text.ptr[at] & 0xC0) != 0x80 && chars-- == 0)
      break;
  }
  return at;
}

static void begin_run(struct import_sink *sink, purser_str key, int64_t at_ms) {
  struct sink_run *run = &sink->run;
  run_clear(run);
  set(&run->key, key);
  run->at_ms = at_ms;
  set(&run->session, str_of_buf(&sink->session));
  set(&run->cwd, str_of_buf(&sink->cwd));
  set(&run->branch, str_of_buf(&sink->branch));
}

static void on_prompt(struct import_sink *sink, const purser_event *event) {
  /* What a subagent is told is no prompt of the user's. */
  if (sink->side || (event->flags & PURSER_FLAG_SIDECHAIN) != 0)
    return;
  const int64_t at_ms = event->at_ms != 0 ? event->at_ms : sink->now_ms;
  struct buf *key = &sink->scratch;
  buf_clear(key);
  learn(&sink->session, event->session);
  if (event->id.len > 0) {
    buf_add(key, event->id.ptr, event->id.len);
  } else {
    buf_add(key, buf_text(&sink->session), sink->session.len);
    buf_addf(key, "@%lld", (long long)at_ms);
  }
  if (key->len == sink->run.key.len && memcmp(key->data, sink->run.key.data, key->len) == 0)
    return; /* restated */
  begin_run(sink, str_of_buf(key), at_ms);
  const size_t kept = kept_bytes(sink->options->prompt_chars, event->text);
  set(&sink->run.prompt, (purser_str){event->text.ptr, kept});
  sink->run.prompt_bytes = (int64_t)event->text.len;
  sink->run.begun = true;
}

/* Requests before any prompt: a run of the session's that nobody asked for, one for each folder that it worked in. */
static void begin_nameless(struct import_sink *sink, int64_t at_ms) {
  struct buf key = BUF_INIT;
  buf_add(&key, buf_text(&sink->session), sink->session.len);
  buf_adds(&key, sink->side ? "#side/" : "#");
  buf_add(&key, buf_text(&sink->cwd), sink->cwd.len);
  begin_run(sink, str_of_buf(&key), at_ms);
  if (key.failed)
    sink->piece->failed = true;
  buf_fini(&key);
}

static uint64_t run_hash(struct import_sink *sink) {
  struct buf *key = &sink->run_key;
  buf_clear(key);
  buf_adds(key, sink->source->name);
  buf_addc(key, '/');
  buf_add(key, buf_text(&sink->run.key), sink->run.key.len);
  if (key->failed)
    sink->piece->failed = true;
  return hash_text(buf_text(key));
}

static size_t put(struct piece *piece, const struct buf *text) {
  return piece_put(piece, buf_text(text), text->len);
}

/* The open run's index in the piece. */
static int32_t run_index(struct import_sink *sink, const struct sink_usage *usage, int64_t at_ms) {
  struct sink_run *run = &sink->run;
  struct piece *piece = sink->piece;
  if (run->key.len == 0)
    begin_nameless(sink, at_ms);
  if (run->index >= 0)
    return run->index;
  struct piece_run *to = piece_add_run(piece);
  if (to == NULL)
    return 0;
  run->index = (int32_t)(piece->run_count - 1);
  to->hash = run_hash(sink);
  to->at_ms = run->at_ms;
  /* A copy says where its responses were first written: there the run began, too. */
  to->session = usage->copied_from.len > 0
                    ? piece_put(piece, usage->copied_from.ptr, usage->copied_from.len)
                    : put(piece, &run->session);
  to->cwd = put(piece, run->cwd.len > 0 ? &run->cwd : &sink->cwd);
  to->branch = put(piece, run->branch.len > 0 ? &run->branch : &sink->branch);
  to->model = piece_put(piece, usage->model.ptr, usage->model.len);
  to->effort = piece_put(piece, usage->effort.ptr, usage->effort.len);
  to->prompt = put(piece, &run->prompt);
  to->parent = put(piece, &sink->parent);
  to->prompt_bytes = run->prompt_bytes;
  to->side = sink->side;
  return run->index;
}

/* ---- requests ---- */

/* A response without an id of its own: its request's has to do, else where and when it was and how much. */
static void write_key(struct import_sink *sink, const struct sink_usage *usage, int64_t at_ms) {
  struct buf *key = &sink->scratch;
  buf_clear(key);
  buf_adds(key, sink->source->name);
  buf_addc(key, '/');
  if (usage->id.len > 0) {
    buf_add(key, usage->id.ptr, usage->id.len);
  } else if (usage->request_id.len > 0) {
    buf_add(key, usage->request_id.ptr, usage->request_id.len);
  } else {
    buf_add(key, buf_text(&sink->session), sink->session.len);
    buf_addf(key, "@%lld+%lld", (long long)at_ms, (long long)tokens_total(&usage->usage));
  }
}

static void set_price(struct import_sink *sink, const struct sink_usage *usage, int64_t at_ms,
                      struct piece_request *to) {
  const struct piece *piece = sink->piece;
  const struct price_query query = {
      .model = piece_text(piece, piece->names[to->model]),
      .at_ms = at_ms,
      .tier = piece_text(piece, piece->names[to->tier]),
      .speed = piece_text(piece, piece->names[to->speed]),
      .reported_nanousd = usage->reported_nanousd,
      .usage = usage->usage,
  };
  price_memo_request(&sink->memo, &query, &to->price);
}

static void fill(struct import_sink *sink, const struct sink_usage *usage, int64_t at_ms,
                 struct piece_request *to) {
  struct piece *piece = sink->piece;
  const purser_str session = usage->copied_from.len > 0 ? usage->copied_from : usage->session;
  to->model = piece_name(piece, usage->model.ptr, usage->model.len);
  to->tier = piece_name(piece, usage->tier.ptr, usage->tier.len);
  to->speed = piece_name(piece, usage->speed.ptr, usage->speed.len);
  to->session = session.len > 0 ? piece_name(piece, session.ptr, session.len)
                                : piece_name(piece, buf_text(&sink->session), sink->session.len);
  to->flags = usage->flags;
  to->copied = usage->copied_from.len > 0;
  to->at_ms = at_ms;
  to->reported_nanousd = usage->reported_nanousd;
  to->usage = usage->usage;
  if (piece->failed)
    return;
  set_price(sink, usage, at_ms, to);
  const char *card = to->price.rate_card != NULL ? to->price.rate_card : "";
  to->card = piece_name(piece, card, strlen(card));
}

/* The same response again in the same piece: what the ledger would make of the two. The new one is the better (see seen.h). */
static bool improve(struct import_sink *sink, const struct sink_usage *usage, int64_t at_ms,
                    const struct sink_seen *seen) {
  struct piece *piece = sink->piece;
  if (seen->serial != sink->serial || (size_t)seen->index >= piece->request_count)
    return false;
  struct piece_request *to = &piece->requests[seen->index];
  const char *request_id = piece_text(piece, to->request_id);
  const uint32_t side = (to->flags ^ usage->flags) & PURSER_FLAG_SIDECHAIN;
  if (side != 0 || to->run != sink->run.index || strlen(request_id) != usage->request_id.len ||
      memcmp(request_id, usage->request_id.ptr, usage->request_id.len) != 0)
    return false;
  const int64_t first_ms = to->at_ms;
  const int64_t reported = to->reported_nanousd;
  fill(sink, usage, at_ms, to);
  if (first_ms < to->at_ms)
    to->at_ms = first_ms;
  if (to->reported_nanousd < 0)
    to->reported_nanousd = reported;
  return true;
}

/* Eight bytes at a time: for the window only, which knows nothing for good. */
static uint64_t quick_hash(uint64_t hash, const void *bytes, size_t len) {
  const char *at = bytes;
  for (; len >= 8; at += 8, len -= 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    hash ^= hash >> 29;
  }
  uint64_t rest = len;
  memcpy(&rest, at, len);
  hash = (hash ^ rest) * UINT64_C(0xd6e8feb86659fd93);
  return hash ^ hash >> 32;
}

/* What the window knows a response by. One id may stand for many, told apart by their requests' ids. */
static uint64_t response_hash(const struct import_sink *sink, const struct sink_usage *usage) {
  uint64_t hash = usage->id.len > 0 ? quick_hash(1, usage->id.ptr, usage->id.len)
                                    : quick_hash(2, buf_text(&sink->scratch), sink->scratch.len);
  hash = quick_hash(hash, usage->request_id.ptr, usage->request_id.len);
  return hash != 0 ? hash : 1;
}

static struct sink_seen seen_of(const struct import_sink *sink, const struct sink_usage *usage,
                                int64_t at_ms) {
  return (struct sink_seen){
      .hash = response_hash(sink, usage),
      .figures = quick_hash(3, &usage->usage, sizeof usage->usage),
      .total = tokens_total(&usage->usage),
      .at_ms = at_ms,
      .serial = sink->serial,
      .final = (usage->flags & PURSER_FLAG_PARTIAL) == 0,
      .side = (usage->flags & PURSER_FLAG_SIDECHAIN) != 0,
  };
}

/* Whether the ledger would make nothing of it, after the one that was seen. */
static bool says_nothing(const struct sink_seen *fresh, const struct sink_seen *seen) {
  if (fresh->at_ms < seen->at_ms || fresh->side != seen->side)
    return false;
  if (fresh->final != seen->final)
    return seen->final;
  return fresh->total < seen->total || fresh->figures == seen->figures;
}

static bool is_better(const struct sink_seen *fresh, const struct sink_seen *seen) {
  return fresh->final != seen->final ? fresh->final : fresh->total > seen->total;
}

static void append(struct import_sink *sink, const struct sink_usage *usage, int64_t at_ms,
                   struct sink_seen *fresh) {
  struct piece *piece = sink->piece;
  struct piece_request *to = piece_add_request(piece);
  if (to == NULL)
    return;
  if (usage->id.len > 0)
    write_key(sink, usage, at_ms);
  if (sink->scratch.failed) {
    piece->failed = true;
    return;
  }
  fresh->index = (int32_t)(piece->request_count - 1);
  to->key = piece_put(piece, sink->scratch.data, sink->scratch.len);
  to->hash = hash_stored(sink->scratch.data);
  to->request_id = piece_put(piece, usage->request_id.ptr, usage->request_id.len);
  to->run = run_index(sink, usage, at_ms);
  fill(sink, usage, at_ms, to);
}

void sink_add(struct import_sink *sink, const struct sink_usage *usage) {
  const int64_t at_ms = usage->at_ms != 0 ? usage->at_ms : sink->now_ms;
  sink->now_ms = at_ms;
  if (usage->id.len == 0)
    write_key(sink, usage, at_ms);
  struct sink_seen fresh = seen_of(sink, usage, at_ms);
  struct sink_seen *seen = &sink->seen[fresh.hash % SINK_WINDOW];
  if (seen->hash == fresh.hash) {
    if (says_nothing(&fresh, seen)) {
      sink->piece->duplicates++;
      return;
    }
    if (is_better(&fresh, seen) && improve(sink, usage, at_ms, seen)) {
      sink->piece->duplicates++;
      fresh.index = seen->index;
      fresh.at_ms = fresh.at_ms < seen->at_ms ? fresh.at_ms : seen->at_ms;
      *seen = fresh;
      return;
    }
  }
  append(sink, usage, at_ms, &fresh);
  if (seen->hash != fresh.hash || is_better(&fresh, seen))
    *seen = fresh;
}

/* ---- events ---- */

static void on_session(struct import_sink *sink, const purser_event *event) {
  sink_place(sink, event->session, event->cwd, event->branch);
  learn(&sink->model, event->model);
  learn(&sink->effort, event->effort);
  if ((event->flags & PURSER_FLAG_SIDECHAIN) != 0 && event->parent.len > 0) {
    learn(&sink->parent, event->parent);
    sink->side = true;
  }
}

static void on_usage(struct import_sink *sink, const purser_event *event) {
  if (event->scope != PURSER_SCOPE_REQUEST)
    return;
  const struct sink_usage usage = {
      .id = event->id,
      .request_id = event->request_id,
      .session = event->session,
      .copied_from = event->parent,
      .model = event->model.len > 0 ? event->model : str_of_buf(&sink->model),
      .tier = event->service_tier,
      .speed = event->speed,
      .effort = event->effort.len > 0 ? event->effort : str_of_buf(&sink->effort),
      .at_ms = event->at_ms,
      .reported_nanousd = event->cost_nanousd,
      .flags =
          event->flags | PURSER_FLAG_IMPORTED | (sink->side ? (uint32_t)PURSER_FLAG_SIDECHAIN : 0),
      .usage = event->usage,
  };
  sink_add(sink, &usage);
}

static bool is_fault(const purser_event *event) {
  return str_is(event->name, "malformed") || str_is(event->name, "overflow");
}

static void on_error(struct import_sink *sink, const purser_event *event) {
  char kind[24] = "";
  if (!is_fault(event))
    return;
  memcpy(kind, event->name.ptr, event->name.len < sizeof kind ? event->name.len : sizeof kind - 1);
  import_sink_fault(sink, kind, sink->line, event->text);
}

void import_sink_event(struct import_sink *sink, const purser_event *event) {
  if (event->at_ms != 0)
    sink->now_ms = event->at_ms;
  switch ((enum purser_event_kind)event->kind) {
  case PURSER_EVENT_SESSION: on_session(sink, event); break;
  case PURSER_EVENT_PROMPT: on_prompt(sink, event); break;
  case PURSER_EVENT_USAGE: on_usage(sink, event); break;
  case PURSER_EVENT_ERROR: on_error(sink, event); break;
  case PURSER_EVENT_TEXT:
  case PURSER_EVENT_THINKING:
  case PURSER_EVENT_TOOL_CALL:
  case PURSER_EVENT_TOOL_RESULT:
  case PURSER_EVENT_COMPACTION:
  case PURSER_EVENT_RETRY:
  case PURSER_EVENT_RATE_LIMIT:
  case PURSER_EVENT_RESULT: break;
  }
}

void import_sink_fault(struct import_sink *sink, const char *kind, int64_t line, purser_str text) {
  piece_add_fault(sink->piece, kind, line, text);
}

bool import_sink_stopped(const struct import_sink *sink) {
  return sink->stopped;
}

void import_sink_state(struct import_sink *sink, const void *bytes, size_t len) {
  enum {
    FULL = 512 /* requests */
  };
  struct piece *piece = sink->piece;
  buf_clear(&piece->state);
  buf_add(&piece->state, bytes, len);
  piece->has_mark = true;
  if (piece->request_count >= FULL && sink->deliver != NULL && !sink->deliver(sink))
    sink->stopped = true;
}

/* ---- between two readings ---- */

static void save_text(const struct buf *text, struct buf *out) {
  pack_text(out, buf_text(text), text->len);
}

void sink_save(const struct import_sink *sink, struct buf *out) {
  const struct sink_run *run = &sink->run;
  save_text(&sink->session, out);
  save_text(&sink->parent, out);
  save_text(&sink->cwd, out);
  save_text(&sink->branch, out);
  save_text(&sink->model, out);
  save_text(&sink->effort, out);
  pack_int(out, sink->side);
  pack_int(out, sink->now_ms);
  save_text(&run->key, out);
  save_text(&run->prompt, out);
  save_text(&run->session, out);
  save_text(&run->cwd, out);
  save_text(&run->branch, out);
  pack_int(out, run->at_ms);
  pack_int(out, run->prompt_bytes);
  pack_int(out, run->begun);
}

bool sink_load(struct import_sink *sink, struct unpack *in) {
  struct sink_run *run = &sink->run;
  struct buf *const place[] = {&sink->session, &sink->parent, &sink->cwd,
                               &sink->branch,  &sink->model,  &sink->effort};
  struct buf *const of_run[] = {&run->key, &run->prompt, &run->session, &run->cwd, &run->branch};
  for (size_t i = 0; i < sizeof place / sizeof place[0]; i++)
    set(place[i], unpack_text(in));
  sink->side = unpack_int(in) != 0;
  sink->now_ms = unpack_int(in);
  for (size_t i = 0; i < sizeof of_run / sizeof of_run[0]; i++)
    set(of_run[i], unpack_text(in));
  run->at_ms = unpack_int(in);
  run->prompt_bytes = unpack_int(in);
  run->begun = unpack_int(in) != 0;
  run->index = -1;
  return !in->bad;
}

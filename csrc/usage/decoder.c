/* decoder.c - the table of dialects, and the way of a byte from a chunk to a dialect. */
#include "usage/decoder.h"

#include <string.h>

#include "base/mem.h"
#include "usage/failure.h"

static const struct dialect *const dialects[] = {
    &dialect_claude,        &dialect_codex,       &dialect_gemini,
    &dialect_opencode,      &dialect_anthropic,   &dialect_openai_responses,
    &dialect_openai_chat,   &dialect_gemini_api,  &dialect_claude_transcript,
    &dialect_codex_rollout, &dialect_gemini_chat,
};

enum {
  DIALECTS = sizeof dialects / sizeof dialects[0]
};

/* The same order as above; a test compares them. */
static const char *const names[] = {
    "claude",           "codex",       "gemini",     "opencode",          "anthropic",
    "openai_responses", "openai_chat", "gemini_api", "claude_transcript", "codex_rollout",
    "gemini_chat",      NULL,
};

const char *const *decoder_dialects(void) {
  return names;
}

static const struct dialect *find_dialect(const char *name) {
  for (size_t i = 0; i < DIALECTS; i++) {
    if (strcmp(dialects[i]->name, name) == 0)
      return dialects[i];
  }
  return NULL;
}

static int unknown_dialect(const char *name, struct error *error) {
  struct buf list = BUF_INIT;
  for (size_t i = 0; names[i] != NULL; i++)
    buf_addf(&list, "%s%s", i > 0 ? ", " : "", names[i]);
  const int status =
      error_set(error, PURSER_EINVAL, "no dialect \"%s\"; there are %s", name, buf_text(&list));
  buf_fini(&list);
  return status;
}

int decoder_open(struct decoder **out, const char *dialect, decoder_sink sink, void *data,
                 struct error *error) {
  *out = NULL;
  const struct dialect *found = find_dialect(dialect);
  if (found == NULL)
    return unknown_dialect(dialect, error);
  struct decoder *decoder = mem_zalloc(sizeof *decoder);
  if (decoder == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  decoder->dialect = found;
  decoder->sink = sink;
  decoder->data = data;
  decoder->doc = JSON_DOC_INIT;
  lines_init(&decoder->lines, DECODER_LINE_MAX);
  http_init(&decoder->http);
  decoder->state = mem_zalloc(found->state_size);
  if (decoder->state == NULL) {
    decoder_free(decoder);
    return error_set(error, PURSER_ENOMEM, "out of memory");
  }
  *out = decoder;
  return PURSER_OK;
}

void decoder_free(struct decoder *decoder) {
  if (decoder == NULL)
    return;
  if (decoder->state != NULL && decoder->dialect->fini != NULL)
    decoder->dialect->fini(decoder->state);
  mem_free(decoder->state);
  for (size_t i = 0; i < DECODER_SLOTS; i++)
    buf_fini(&decoder->slots[i]);
  buf_fini(&decoder->failure_text);
  buf_fini(&decoder->iteration_id);
  buf_fini(&decoder->nested);
  json_fini(&decoder->doc);
  http_fini(&decoder->http);
  lines_fini(&decoder->lines);
  mem_free(decoder);
}

void decoder_forget(struct decoder *decoder) {
  if (decoder->dialect->forget != NULL) {
    decoder->dialect->forget(decoder->state);
  } else {
    if (decoder->dialect->fini != NULL)
      decoder->dialect->fini(decoder->state);
    memset(decoder->state, 0, decoder->dialect->state_size);
  }
  lines_forget(&decoder->lines);
  decoder->malformed = 0;
  decoder->saw_value = false;
  decoder->saw_result = false;
}

/* The version of what the dialects save: another one is not read. */
enum {
  SAVED_VERSION = 1
};

void decoder_save(const struct decoder *decoder, struct buf *out) {
  pack_int(out, SAVED_VERSION);
  if (decoder->dialect->save != NULL)
    decoder->dialect->save(decoder->state, out);
}

int decoder_load(struct decoder *decoder, const void *bytes, size_t len) {
  struct unpack in = unpack_begin(bytes, len);
  decoder_forget(decoder);
  decoder->status = PURSER_OK;
  bool ok = unpack_int(&in) == SAVED_VERSION;
  if (ok && decoder->dialect->load != NULL)
    ok = decoder->dialect->load(decoder, &in);
  if (ok && !in.bad && decoder->status == PURSER_OK)
    return PURSER_OK;
  const int status = decoder->status != PURSER_OK ? decoder->status : PURSER_EPARSE;
  decoder_forget(decoder);
  return status;
}

static void show(struct decoder *decoder) {
  decoder->saw_value = true;
  decoder->dialect->value(decoder);
  decoder->pinned = 0;
  emit_release(decoder, 0);
}

/* Each element on its own, as if it had come alone. */
static void take_array(struct decoder *decoder) {
  struct json_doc *doc = &decoder->doc;
  for (json_id id = json_first(doc, 0); id != JSON_NONE; id = json_next(doc, 0, id)) {
    if (json_kind(doc, id) != JSON_OBJECT)
      continue;
    decoder->root = id;
    show(decoder);
  }
}

bool decoder_parse(struct decoder *decoder, const char *text, size_t len) {
  const int status = json_parse(&decoder->doc, text, len);
  if (status == PURSER_ENOMEM)
    decoder->status = PURSER_ENOMEM;
  return status == PURSER_OK;
}

bool decoder_take(struct decoder *decoder, const char *text, size_t len) {
  if (!decoder_parse(decoder, text, len))
    return false;
  decoder->malformed = 0;
  decoder->root = 0;
  const enum json_kind kind = json_kind(&decoder->doc, 0);
  if (kind == JSON_OBJECT)
    show(decoder);
  if (kind == JSON_ARRAY && decoder->dialect->framing == FRAMING_HTTP)
    take_array(decoder);
  return true;
}

void decoder_malformed(struct decoder *decoder, const char *text, size_t len) {
  enum {
    IN_A_ROW = 3,
    EXCERPT = 200
  };
  if (decoder->malformed >= IN_A_ROW)
    return;
  decoder->malformed++;
  purser_event event = event_new(PURSER_EVENT_ERROR);
  event.name = STR("malformed");
  event.text = (purser_str){text, len < EXCERPT ? len : EXCERPT};
  emit(decoder, &event);
}

static void report_lost(struct decoder *decoder, const char *message) {
  purser_event event = event_new(PURSER_EVENT_ERROR);
  event.name = STR("overflow");
  event.text = str_of(message);
  emit(decoder, &event);
}

static bool is_blank(const char *line, size_t len) {
  for (size_t i = 0; i < len; i++) {
    if (line[i] != ' ' && line[i] != '\t')
      return false;
  }
  return true;
}

static void take_line(struct decoder *decoder, bool last, const char *line, size_t len) {
  if (len >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) {
    line += 3;
    len -= 3;
  }
  if (is_blank(line, len))
    return;
  if (decoder->dialect->skip != NULL && decoder->dialect->skip(line, len)) {
    decoder->malformed = 0;
    return;
  }
  /* A last line without its newline was being written when the stream ended: it counts if it is whole. */
  if (!decoder_take(decoder, line, len) && !last && decoder->status != PURSER_ENOMEM)
    decoder_malformed(decoder, line, len);
}

static void on_line(void *data, enum line_kind kind, const char *line, size_t len) {
  struct decoder *decoder = data;
  switch (kind) {
  case LINE_OVERFLOW: report_lost(decoder, "a line larger than the limit was dropped"); break;
  case LINE_LOST: report_lost(decoder, "out of memory: a line was dropped"); break;
  case LINE_WHOLE:
  case LINE_LAST:
    if (decoder->dialect->framing == FRAMING_HTTP) {
      http_line(decoder, line, len, kind == LINE_LAST);
    } else {
      take_line(decoder, kind == LINE_LAST, line, len);
    }
    break;
  }
}

int decoder_feed(struct decoder *decoder, const char *bytes, size_t len) {
  decoder->status = PURSER_OK;
  const int status = lines_feed(&decoder->lines, bytes, len, on_line, decoder);
  return status != PURSER_OK ? status : decoder->status;
}

/* A client that was stopped says nothing at its end. */
static void end_stream(struct decoder *decoder) {
  if (decoder->dialect->end != NULL)
    decoder->dialect->end(decoder);
  if (decoder->dialect->framing != FRAMING_STREAM || !decoder->saw_value || decoder->saw_result)
    return;
  struct failure failure = failure_none();
  failure.kind = "cut";
  failure.fatal = true;
  failure.message = STR("the client ended without a result");
  failure_emit(decoder, &failure);
  emit_result(decoder, "cut", true);
}

int decoder_end(struct decoder *decoder) {
  decoder->status = PURSER_OK;
  lines_end(&decoder->lines, on_line, decoder);
  if (decoder->dialect->framing == FRAMING_HTTP) {
    http_end(decoder);
  } else {
    end_stream(decoder);
  }
  return decoder->status;
}

/* claude_response.c - a response as the lines that are written of it, and what they come to. */
#include <string.h>

#include "claude.h"

/* ---- one line ---- */

static bool is_final(const struct voice *voice, const struct response *r, int k) {
  return !voice->session->old && (!r->growing || k == r->lines - 1);
}

static int64_t output_of(const struct response *r, int k) {
  if (!r->growing || k == r->lines - 1)
    return r->usage.output;
  return 1 + (r->usage.output - 1) * k / r->lines;
}

static size_t content_size(struct voice *voice, const struct response *r) {
  struct dice *dice = &voice->dice;
  if (r->shape == SHAPE_HUGE) {
    const int64_t most = voice->session->target / 8000;
    return (size_t)dice_between(dice, 20, most < 20 ? 20 : most > 4000 ? 4000 : most) * 1000;
  }
  if (dice_permille(dice, 100))
    return (size_t)dice_int(dice, 2000, 9000);
  return (size_t)dice_int(dice, 60, 1500);
}

static void add_content(struct voice *voice, const struct response *r, int k) {
  struct buf *line = &voice->line;
  const struct text *text = &voice->world->text;
  const size_t size = content_size(voice, r);
  buf_adds(line, "\"content\":[");
  if (r->shape == SHAPE_NULL_ID) {
    buf_adds(line, "{\"type\":\"tool_use\",\"id\":\"toolu_01\",\"name\":\"Query\",\"input\":{"
                   "\"id\":null,\"where\":{\"id\":null},\"text\":\"");
    text_add(text, &voice->dice, size, line);
    buf_adds(line, "\"}}]");
    return;
  }
  const bool thinks = k == 0 && r->lines > 1;
  buf_adds(line,
           thinks ? "{\"type\":\"thinking\",\"thinking\":\"" : "{\"type\":\"text\",\"text\":\"");
  if (r->shape == SHAPE_NUL && r->variant < 3)
    buf_add(line, "a\0b", 3);
  text_add(text, &voice->dice, size, line);
  buf_adds(line, thinks ? "\",\"signature\":\"c2lnbmVkIGJ5IG5vYm9keQ==\"}]" : "\"}]");
}

/* `\u002d` is a dash, `\u005f` a line at the bottom: nobody writes them so, and everybody may. */
static void add_escaped(struct buf *line, const char *text) {
  for (; *text != '\0'; text++) {
    if (*text == '-' || *text == '_') {
      buf_addf(line, "\\u%04x", (unsigned)(unsigned char)*text);
    } else {
      buf_addc(line, *text);
    }
  }
}

static void add_identity(struct buf *line, const struct response *r) {
  const bool escaped = r->shape == SHAPE_ESCAPED;
  buf_adds(line, "\"id\":\"");
  if (escaped) {
    add_escaped(line, r->id);
  } else {
    buf_adds(line, r->id);
  }
  buf_adds(line, "\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"");
  if (escaped) {
    add_escaped(line, r->model);
  } else {
    buf_adds(line, r->shape == SHAPE_SYNTHETIC ? "<synthetic>" : r->model);
  }
  buf_adds(line, "\"");
}

static void add_usage(struct buf *line, const struct response *r, int64_t output) {
  if (r->shape == SHAPE_DUPLICATE_KEYS && r->variant >= 3)
    buf_adds(line, "\"usage\":{\"input_tokens\":5,\"output_tokens\":99999},");
  buf_adds(line, "\"usage\":");
  usage_write(r, output, line);
}

static void add_message(struct voice *voice, const struct response *r, int k) {
  struct buf *line = &voice->line;
  const bool usage_first = r->shape == SHAPE_KEY_ORDER && r->variant < 3;
  buf_adds(line, "\"message\":{");
  if (usage_first) {
    add_usage(line, r, output_of(r, k));
    buf_addc(line, ',');
  }
  if (r->shape == SHAPE_NULL_ID) { /* the content before the message's own id */
    add_content(voice, r, k);
    buf_addc(line, ',');
    add_identity(line, r);
  } else {
    add_identity(line, r);
    buf_addc(line, ',');
    add_content(voice, r, k);
  }
  buf_addf(line, ",\"stop_reason\":%s,\"stop_sequence\":null",
           is_final(voice, r, k) ? "\"tool_use\"" : "null");
  if (!usage_first) {
    buf_addc(line, ',');
    add_usage(line, r, output_of(r, k));
  }
  buf_addc(line, '}');
}

/* White space where JSON allows it. */
static void spread(struct buf *line) {
  struct buf wide = BUF_INIT;
  for (size_t i = 0; i < line->len; i++) {
    buf_addc(&wide, line->data[i]);
    if (i > 0 && line->data[i] == ':' && line->data[i - 1] == '"')
      buf_addc(&wide, ' ');
  }
  buf_clear(line);
  buf_add(line, wide.data, wide.len);
  buf_fini(&wide);
}

static uint64_t identity_of(const struct response *r, int k) {
  uint64_t hash = (uint64_t)k + 1;
  for (const char *c = r->id; *c != '\0'; c++)
    hash = hash * 131 + (uint64_t)(unsigned char)*c;
  for (const char *c = r->request_id; *c != '\0'; c++)
    hash = hash * 131 + (uint64_t)(unsigned char)*c;
  return hash;
}

static void make_line(struct voice *voice, const struct response *r, int k,
                      const char *request_id) {
  struct buf *line = &voice->line;
  line_begin(voice);
  add_message(voice, r, k);
  if (!voice->session->old)
    buf_addf(line, ",\"apiBlockIndex\":%d", k);
  if (request_id[0] != '\0')
    buf_addf(line, ",\"requestId\":\"%s\"", request_id);
  if (!voice->session->old)
    buf_addf(line, ",\"requestedModel\":\"%s\",\"effort\":\"medium\"", r->model);
  if (r->shape == SHAPE_SYNTHETIC && r->variant < 3)
    buf_adds(line, ",\"isApiErrorMessage\":true");
  line_end(voice, "assistant", r->at_ms + k * r->gap_ms, identity_of(r, k));
  if (r->shape == SHAPE_KEY_ORDER && r->variant >= 3)
    spread(line);
}

/* ---- what it comes to ---- */

static void note(struct voice *voice, const struct response *r, int64_t at_ms,
                 const purser_usage *usage, int index) {
  struct truth *truth = voice->world->truth;
  const struct truth_request request = {
      .at_ms = at_ms,
      .usage = *usage,
      .tier = r->tier,
      .speed = r->speed,
      .model = truth_name(&truth->models, r->model),
      .workspace = voice_place(voice)->name,
      .session = voice->session->name,
      .source = TRUTH_CLAUDE,
      .sidechain = voice->sidechain,
  };
  truth_add(truth, &request, r->id, index);
}

static void note_iterations(struct voice *voice, const struct response *r) {
  int index = 0;
  if (r->variant < 3) {
    const purser_usage compaction = {.input = 90000 + r->variant, .output = 1200};
    note(voice, r, r->at_ms, &compaction, index++);
  }
  const purser_usage first = {.input = 1, .cache_read = r->usage.cache_read / 2, .output = 7};
  purser_usage second = r->usage;
  second.input -= first.input;
  second.cache_read -= first.cache_read;
  second.output -= first.output;
  note(voice, r, r->at_ms, &first, index++);
  note(voice, r, r->at_ms, &second, index);
}

/* The best of the lines that can be read, at the time of the first of them. */
static void note_lines(struct voice *voice, const struct response *r, int whole) {
  int first = -1;
  int best = -1;
  for (int k = 0; k < whole; k++) {
    if (k == r->torn)
      continue;
    if (first < 0)
      first = k;
    best = k;
  }
  if (first < 0)
    return;
  purser_usage usage = r->usage;
  usage.output = output_of(r, best);
  note(voice, r, r->at_ms + first * r->gap_ms, &usage, 0);
}

static enum trap trap_of(enum shape shape) {
  static const enum trap traps[] = {
      [SHAPE_PLAIN] = TRAP_STREAMED,
      [SHAPE_NO_REQUEST_ID] = TRAP_NO_REQUEST_ID,
      [SHAPE_NULL_ID] = TRAP_NULL_ID,
      [SHAPE_RESTATED] = TRAP_RESTATED,
      [SHAPE_SYNTHETIC] = TRAP_SYNTHETIC,
      [SHAPE_ITERATIONS] = TRAP_ITERATIONS,
      [SHAPE_TORN] = TRAP_TORN_LINE,
      [SHAPE_SPEED] = TRAP_SPEED,
      [SHAPE_HUGE] = TRAP_HUGE_LINE,
      [SHAPE_NUL] = TRAP_NUL_BYTES,
      [SHAPE_DUPLICATE_KEYS] = TRAP_DUPLICATE_KEYS,
      [SHAPE_NUMBERS] = TRAP_NUMBERS,
      [SHAPE_PAST] = TRAP_DATES,
      [SHAPE_FUTURE] = TRAP_DATES,
      [SHAPE_ESCAPED] = TRAP_ESCAPED_NAMES,
      [SHAPE_KEY_ORDER] = TRAP_KEY_ORDER,
      [SHAPE_REUSED_ID] = TRAP_REUSED_ID,
      [SHAPE_MIDNIGHT] = TRAP_MIDNIGHT,
  };
  return traps[shape];
}

static void note_response(struct voice *voice, const struct response *r, int whole) {
  struct world *world = voice->world;
  if (voice->copy)
    return;
  if (r->shape != SHAPE_PLAIN || r->lines > 1)
    world_planted(world, trap_of(r->shape));
  if (r->shape != SHAPE_PLAIN && r->lines > 1)
    world_planted(world, TRAP_STREAMED);
  if (r->cache == CACHE_NESTED_ZEROS) {
    world_planted(world, TRAP_CACHE_ZEROS);
  } else if (r->cache != (voice->session->old ? CACHE_FLAT : CACHE_BOTH)) {
    world_planted(world, TRAP_CACHE_SHAPES);
  }
  if (voice->session->long_lived && r->usage.cache_read > 200000)
    world_planted(world, TRAP_LONG_CONTEXT);
  if (r->shape == SHAPE_SYNTHETIC)
    return;
  if (r->shape == SHAPE_FUTURE) {
    world->truth->quarantined += whole > 0;
  } else if (r->shape == SHAPE_ITERATIONS && whole > 0) {
    note_iterations(voice, r);
  } else {
    note_lines(voice, r, whole);
  }
}

/* ---- writing ---- */

/* A line of nothing but NUL, as a file system leaves it after the power went. */
static void write_nothing(struct voice *voice) {
  static const char nothing[4096];
  buf_clear(&voice->line);
  buf_add(&voice->line, nothing, sizeof nothing);
  line_write(voice, false, voice->line.len);
}

static size_t some_of(struct voice *voice) {
  return (size_t)dice_between(&voice->dice, 1, (int64_t)voice->line.len - 2);
}

void response_write(struct voice *voice, const struct response *r) {
  for (int k = 0; k < r->lines; k++) {
    make_line(voice, r, k, r->request_id);
    line_write(voice, true, k == r->torn ? some_of(voice) : voice->line.len);
  }
  if (r->shape == SHAPE_NUL && r->variant >= 3)
    write_nothing(voice);
  note_response(voice, r, r->lines);
}

void response_restate(struct voice *voice, const struct response *r) {
  make_line(voice, r, 0, r->request_id);
  line_write(voice, true, voice->line.len);
}

void response_replay(struct voice *voice, const struct response *r) {
  char request_id[ID_SIZE];
  id_made(request_id, "req_011R", 20, &voice->dice);
  for (int k = 0; k < r->lines; k++) {
    make_line(voice, r, k, request_id);
    line_write(voice, true, voice->line.len);
  }
  world_planted(voice->world, TRAP_SIDECHAIN_REPLAY);
}

void response_cut(struct voice *voice, const struct response *r) {
  const int whole = dice_int(&voice->dice, 0, r->lines - 1);
  for (int k = 0; k < whole; k++) {
    make_line(voice, r, k, r->request_id);
    line_write(voice, true, voice->line.len);
  }
  make_line(voice, r, whole, r->request_id);
  buf_add(&voice->out->buf, voice->line.data, some_of(voice));
  note_response(voice, r, whole);
  world_planted(voice->world, TRAP_HALF_LINE);
}

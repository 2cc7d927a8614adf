/* dialect.h - what a dialect is to the decoder, and the decoder's insides that a dialect sees.
 *
 * A dialect is a row in decoder.c's table: a function that looks at one JSON value at a time and emits events. It keeps what
 * it must remember in a state of its own, whose size is bounded whatever the length of the stream. */
#ifndef USAGE_DIALECT_H
#define USAGE_DIALECT_H

#include "base/json.h"
#include "base/pack.h"
#include "usage/decoder.h"
#include "usage/http.h"
#include "usage/lines.h"

enum framing {
  FRAMING_STREAM, /* what a client prints: JSON lines */
  FRAMING_RECORD, /* what a client stores: JSON lines, of which the last may be half-written */
  FRAMING_HTTP /* an API's answer: server-sent events or one JSON body, after an optional HTTP head */
};

struct dialect {
  const char *name;
  enum framing framing;
  size_t state_size; /* zeroed memory is the empty state */
  /* True for a line that `value` is sure to make nothing of, told without parsing it: most of a record is tool output. NULL:
   * every line is parsed. */
  bool (*skip)(const char *line, size_t len);
  /* Looks at the object decoder->root in decoder->doc. */
  void (*value)(struct decoder *decoder);
  /* The stream has ended: emits what was held back. NULL: nothing ever is. */
  void (*end)(struct decoder *decoder);
  void (*fini)(void *state);
  /* Makes a used state an empty one; NULL: fini and zeros. */
  void (*forget)(void *state);
  /* What the state must keep for going on at a later line, and back. NULL: nothing; what is met twice is reported twice then.
   * `load` is given an empty state; false: it was not ours to read. */
  void (*save)(const void *state, struct buf *out);
  bool (*load)(struct decoder *decoder, struct unpack *in);
};

/* What a dialect does with each kind of object; the last row's type is NULL. */
struct dialect_row {
  const char *type;
  void (*take)(struct decoder *decoder);
};
/* Calls what fits `type`, a string of decoder->doc; false: there is no row for it. */
bool dialect_take(struct decoder *decoder, json_id type, const struct dialect_row *rows);

extern const struct dialect dialect_claude;
extern const struct dialect dialect_codex;
extern const struct dialect dialect_gemini;
extern const struct dialect dialect_opencode;
extern const struct dialect dialect_anthropic;
extern const struct dialect dialect_openai_responses;
extern const struct dialect dialect_openai_chat;
extern const struct dialect dialect_gemini_api;
extern const struct dialect dialect_claude_transcript;
extern const struct dialect dialect_codex_rollout;
extern const struct dialect dialect_gemini_chat;

enum {
  /* More strings than the events of one value share, and one event has beside them. */
  DECODER_SLOTS = 32
};

struct decoder {
  const struct dialect *dialect;
  void *state;
  decoder_sink sink;
  void *data;
  struct lines lines;
  struct http http; /* FRAMING_HTTP only */
  struct json_doc doc;
  json_id root;
  struct buf slots[DECODER_SLOTS]; /* unescaped strings of the event that is being put together */
  size_t slot;                     /* the next free one */
  size_t pinned;                   /* those before it outlive an event */
  int status;                      /* of the feed under way */
  struct buf failure_text;         /* the text of an ERROR event */
  struct buf iteration_id;         /* of a USAGE event */
  struct buf nested;               /* JSON that stood inside a string of this value */
  int32_t malformed;               /* lines in a row that made no sense */
  bool saw_value;                  /* something was understood */
  bool saw_result;
};

/* Takes one JSON text: parses it and shows an object (or each object of an array) to the dialect. False: no JSON. */
bool decoder_take(struct decoder *decoder, const char *text, size_t len);
/* Parses a JSON text into decoder->doc and shows it to nobody: what stood inside something else. */
bool decoder_parse(struct decoder *decoder, const char *text, size_t len);
/* Reports what was no JSON, a few times in a row at most. */
void decoder_malformed(struct decoder *decoder, const char *text, size_t len);

#endif

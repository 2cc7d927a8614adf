/* json.h - reading JSON without building a tree, and without losing a digit.
 *
 * A document is parsed into a flat array of tokens that point into the source; the array is reused from one line to the
 * next, so reading a stream allocates nothing once warm. Numbers stay text until they are asked for as an integer or as an
 * exact decimal: a double never touches money or tokens. Every getter takes JSON_NONE and answers with "not there", so
 * that a chain of look-ups needs one check at its end. Not a validator: it refuses what it can't read safely, at any
 * nesting depth, and tolerates small sins (control characters in strings, lone surrogates). Duplicate keys: the last one wins. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"
#include "base/public.h"

enum json_kind {
  JSON_MISSING = 0,
  JSON_NULL,
  JSON_FALSE,
  JSON_TRUE,
  JSON_NUMBER,
  JSON_STRING,
  JSON_ARRAY,
  JSON_OBJECT
};

typedef int32_t json_id;
#define JSON_NONE ((json_id)-1)

struct json_token {
  uint32_t start;  /* first byte; of a string's content, inside the quotes */
  uint32_t end;    /* one past the last */
  int32_t next;    /* id after this value's last descendant: the next sibling (or its key) */
  int32_t parent;  /* while parsing */
  uint8_t kind;    /* json_kind */
  uint8_t escaped; /* string: holds a backslash */
};

struct json_doc {
  const char *src;
  size_t len;
  struct json_token *tokens;
  size_t count;
  size_t cap;
};

#define JSON_DOC_INIT ((struct json_doc){0})

void json_fini(struct json_doc *doc);

/* Parses one value that fills `src` (white space around it is fine). The source must outlive the use of the tokens.
 * 0, PURSER_EPARSE, PURSER_ERANGE (over 4 GiB) or PURSER_ENOMEM. The root is id 0. */
int json_parse(struct json_doc *doc, const char *src, size_t len);

enum json_kind json_kind(const struct json_doc *doc, json_id id);
bool json_is_true(const struct json_doc *doc, json_id id);

/* A member of an object by key; JSON_NONE if it is missing or `id` is no object. */
json_id json_get(const struct json_doc *doc, json_id id, const char *key);
/* The same down a dotted path: "message.usage.input_tokens". */
json_id json_path(const struct json_doc *doc, json_id id, const char *path);

/* Iteration: the first element of an array or value of an object, and the next one after `child` in `container`.
 * json_key gives an object's value its key, raw. */
json_id json_first(const struct json_doc *doc, json_id container);
json_id json_next(const struct json_doc *doc, json_id container, json_id child);
purser_str json_key(const struct json_doc *doc, json_id child);

/* The raw source of a value (a string without its quotes, escapes as they are). Empty if missing. */
purser_str json_raw(const struct json_doc *doc, json_id id);
/* A string's text when it needs no unescaping, else it is unescaped into `scratch` (appended; the slice points into it and
 * is valid until it grows). Other kinds and missing: empty. */
purser_str json_str(const struct json_doc *doc, json_id id, struct buf *scratch);
/* A string's text, appended to `out`; nothing for other kinds. */
void json_add_text(const struct json_doc *doc, json_id id, struct buf *out);
bool json_equals(const struct json_doc *doc, json_id id, const char *text);

/* An integer that fits, from a number without fraction ("1e3" and "5.0" included) or a string that holds one. 0,
 * PURSER_ENOTFOUND (missing or null), PURSER_EPARSE (fraction, other kind) or PURSER_ERANGE. *out is set on success only. */
int json_i64(const struct json_doc *doc, json_id id, int64_t *out);
/* The same, with a default for everything that is not an integer. */
int64_t json_i64_or(const struct json_doc *doc, json_id id, int64_t otherwise);
/* A decimal x 10^scale, exact (see money_parse_decimal). */
int json_decimal(const struct json_doc *doc, json_id id, int scale, int64_t *out);

/* Writing: a string with quotes and escapes; invalid UTF-8 becomes U+FFFD. */
void json_write_str(struct buf *out, const char *text, size_t len);

/* Objects: json_open, members, json_close. Commas come by themselves; a value of one's own is written after json_put_key. Text is
 * zero-terminated; a member whose text is NULL is left out. Lists: "[" or json_put_list, each after json_put_item, "]". */
void json_open(struct buf *out);
void json_close(struct buf *out);
/* Takes back the brace that was closed last: more members follow, from somebody who knows more. */
void json_reopen(struct buf *out);
void json_put_key(struct buf *out, const char *key);
void json_put_text(struct buf *out, const char *key, const char *text);
void json_put_i64(struct buf *out, const char *key, int64_t value);
void json_put_bool(struct buf *out, const char *key, bool value);
void json_put_null(struct buf *out, const char *key);
void json_put_list(struct buf *out, const char *key);
void json_put_item(struct buf *out);

#endif

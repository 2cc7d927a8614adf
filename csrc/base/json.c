/* json.c - the reader; see json.h. The parser is iterative: depth costs tokens, not stack. */
#include "base/json.h"

#include <string.h>

#include "base/mem.h"
#include "base/money.h"

void json_fini(struct json_doc *doc) {
  mem_free(doc->tokens);
  *doc = JSON_DOC_INIT;
}

static bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static size_t skip_space(const char *src, size_t at, size_t len) {
  while (at < len && is_space(src[at]))
    at++;
  return at;
}

/* What may stand next inside the innermost container. */
enum expect {
  EXPECT_VALUE,
  EXPECT_KEY,
  EXPECT_FIRST_VALUE,
  EXPECT_FIRST_KEY,
  EXPECT_COLON,
  EXPECT_COMMA,
  EXPECT_END
};

struct parser {
  struct json_doc *doc;
  size_t at;
  int32_t open; /* the innermost container, JSON_NONE outside */
};

static int push(struct parser *p, enum json_kind kind, size_t start, size_t end, bool escaped) {
  struct json_doc *doc = p->doc;
  if (doc->count == doc->cap) {
    if (doc->count >= INT32_MAX / 2)
      return PURSER_ERANGE;
    void *tokens = doc->tokens;
    if (mem_grow(&tokens, &doc->cap, doc->count + 1, sizeof *doc->tokens) != PURSER_OK)
      return PURSER_ENOMEM;
    doc->tokens = tokens;
  }
  doc->tokens[doc->count++] = (struct json_token){
      .start = (uint32_t)start,
      .end = (uint32_t)end,
      .next = (int32_t)doc->count,
      .parent = p->open,
      .kind = (uint8_t)kind,
      .escaped = escaped,
  };
  return PURSER_OK;
}

static int scan_string(struct parser *p) {
  const char *src = p->doc->src;
  const size_t len = p->doc->len;
  const size_t start = p->at + 1;
  size_t at = start;
  bool escaped = false;
  const char *quote = NULL;
  for (;;) {
    /* memchr is the vectorised part of this loop: most strings hold no backslash. A quote that lies ahead stays the next one, so
     * that a long text with many escapes is looked through once. */
    if (quote == NULL || quote < src + at)
      quote = memchr(src + at, '"', len - at);
    if (quote == NULL)
      return PURSER_EPARSE;
    const size_t end = (size_t)(quote - src);
    const char *slash = memchr(src + at, '\\', end - at);
    if (slash == NULL) {
      p->at = end + 1;
      return push(p, JSON_STRING, start, end, escaped);
    }
    escaped = true;
    at = (size_t)(slash - src) + 2;
    if (at > len)
      return PURSER_EPARSE;
  }
}

static int scan_number(struct parser *p) {
  const char *src = p->doc->src;
  const size_t start = p->at;
  size_t at = start;
  while (at < p->doc->len) {
    const char c = src[at];
    if (!((c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'))
      break;
    at++;
  }
  p->at = at;
  return push(p, JSON_NUMBER, start, at, false);
}

static int scan_word(struct parser *p, const char *word, enum json_kind kind) {
  const size_t n = strlen(word);
  if (p->doc->len - p->at < n || memcmp(p->doc->src + p->at, word, n) != 0)
    return PURSER_EPARSE;
  const size_t start = p->at;
  p->at += n;
  return push(p, kind, start, p->at, false);
}

static int scan_scalar(struct parser *p) {
  switch (p->doc->src[p->at]) {
  case '"': return scan_string(p);
  case 't': return scan_word(p, "true", JSON_TRUE);
  case 'f': return scan_word(p, "false", JSON_FALSE);
  case 'n': return scan_word(p, "null", JSON_NULL);
  case '-':
  case '0':
  case '1':
  case '2':
  case '3':
  case '4':
  case '5':
  case '6':
  case '7':
  case '8':
  case '9': return scan_number(p);
  default: return PURSER_EPARSE;
  }
}

static int open_container(struct parser *p, enum json_kind kind) {
  const int32_t id = (int32_t)p->doc->count;
  const int status = push(p, kind, p->at, p->at, false);
  if (status != PURSER_OK)
    return status;
  p->open = id;
  p->at++;
  return PURSER_OK;
}

static void close_container(struct parser *p) {
  struct json_token *token = &p->doc->tokens[p->open];
  p->at++;
  token->end = (uint32_t)p->at;
  token->next = (int32_t)p->doc->count;
  p->open = token->parent;
}

static bool in_object(const struct parser *p) {
  return p->open != JSON_NONE && p->doc->tokens[p->open].kind == JSON_OBJECT;
}

static bool closes(const struct parser *p, char c, enum expect expect) {
  if (p->open == JSON_NONE)
    return false;
  if (c == '}')
    return in_object(p) && (expect == EXPECT_FIRST_KEY || expect == EXPECT_COMMA);
  if (c == ']')
    return !in_object(p) && (expect == EXPECT_FIRST_VALUE || expect == EXPECT_COMMA);
  return false;
}

/* One step: consumes what stands at p->at and says what may follow. */
static int step(struct parser *p, enum expect *expect) {
  const char c = p->doc->src[p->at];
  int status = PURSER_OK;
  if (closes(p, c, *expect)) {
    close_container(p);
    *expect = p->open == JSON_NONE ? EXPECT_END : EXPECT_COMMA;
    return PURSER_OK;
  }
  switch (*expect) {
  case EXPECT_COLON:
    if (c != ':')
      return PURSER_EPARSE;
    p->at++;
    *expect = EXPECT_VALUE;
    return PURSER_OK;
  case EXPECT_COMMA:
    if (c != ',')
      return PURSER_EPARSE;
    p->at++;
    *expect = in_object(p) ? EXPECT_KEY : EXPECT_VALUE;
    return PURSER_OK;
  case EXPECT_FIRST_KEY:
  case EXPECT_KEY:
    if (c != '"')
      return PURSER_EPARSE;
    status = scan_string(p);
    *expect = EXPECT_COLON;
    return status;
  case EXPECT_FIRST_VALUE:
  case EXPECT_VALUE:
    if (c == '{' || c == '[') {
      status = open_container(p, c == '{' ? JSON_OBJECT : JSON_ARRAY);
      *expect = c == '{' ? EXPECT_FIRST_KEY : EXPECT_FIRST_VALUE;
      return status;
    }
    status = scan_scalar(p);
    *expect = p->open == JSON_NONE ? EXPECT_END : EXPECT_COMMA;
    return status;
  case EXPECT_END: return PURSER_EPARSE;
  }
  return PURSER_EPARSE;
}

int json_parse(struct json_doc *doc, const char *src, size_t len) {
  doc->src = src;
  doc->len = len;
  doc->count = 0;
  if (len >= UINT32_MAX)
    return PURSER_ERANGE;
  struct parser p = {doc, skip_space(src, 0, len), JSON_NONE};
  enum expect expect = EXPECT_VALUE;
  while (p.at < len) {
    const int status = step(&p, &expect);
    if (status != PURSER_OK) {
      doc->count = 0;
      return status;
    }
    p.at = skip_space(src, p.at, len);
  }
  if (expect == EXPECT_END)
    return PURSER_OK;
  doc->count = 0;
  return PURSER_EPARSE;
}

static const struct json_token *token_at(const struct json_doc *doc, json_id id) {
  return id >= 0 && (size_t)id < doc->count ? &doc->tokens[id] : NULL;
}

enum json_kind json_kind(const struct json_doc *doc, json_id id) {
  const struct json_token *token = token_at(doc, id);
  return token != NULL ? (enum json_kind)token->kind : JSON_MISSING;
}

bool json_is_true(const struct json_doc *doc, json_id id) {
  return json_kind(doc, id) == JSON_TRUE;
}

static json_id get_n(const struct json_doc *doc, json_id id, const char *key, size_t len) {
  const struct json_token *object = token_at(doc, id);
  if (object == NULL || object->kind != JSON_OBJECT)
    return JSON_NONE;
  json_id found = JSON_NONE;
  for (json_id k = id + 1; k < object->next; k = doc->tokens[k + 1].next) {
    const struct json_token *name = &doc->tokens[k];
    if (name->end - name->start == len && memcmp(doc->src + name->start, key, len) == 0)
      found = k + 1;
  }
  return found;
}

json_id json_get(const struct json_doc *doc, json_id id, const char *key) {
  return get_n(doc, id, key, strlen(key));
}

json_id json_path(const struct json_doc *doc, json_id id, const char *path) {
  while (id != JSON_NONE) {
    const char *dot = strchr(path, '.');
    if (dot == NULL)
      return json_get(doc, id, path);
    id = get_n(doc, id, path, (size_t)(dot - path));
    path = dot + 1;
  }
  return JSON_NONE;
}

json_id json_first(const struct json_doc *doc, json_id container) {
  const struct json_token *token = token_at(doc, container);
  if (token == NULL || token->next == container + 1)
    return JSON_NONE;
  if (token->kind == JSON_ARRAY)
    return container + 1;
  return token->kind == JSON_OBJECT ? container + 2 : JSON_NONE;
}

json_id json_next(const struct json_doc *doc, json_id container, json_id child) {
  const struct json_token *token = token_at(doc, container);
  const struct json_token *last = token_at(doc, child);
  if (token == NULL || last == NULL || last->next >= token->next)
    return JSON_NONE;
  return token->kind == JSON_OBJECT ? last->next + 1 : last->next;
}

purser_str json_key(const struct json_doc *doc, json_id child) {
  if (child < 1 || token_at(doc, child) == NULL)
    return (purser_str){"", 0};
  return json_raw(doc, child - 1);
}

purser_str json_raw(const struct json_doc *doc, json_id id) {
  const struct json_token *token = token_at(doc, id);
  if (token == NULL)
    return (purser_str){"", 0};
  return (purser_str){doc->src + token->start, token->end - token->start};
}

static void add_utf8(struct buf *out, uint32_t c) {
  if (c < 0x80) {
    buf_addc(out, (char)c);
  } else if (c < 0x800) {
    buf_addc(out, (char)(0xC0 | (c >> 6)));
    buf_addc(out, (char)(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    buf_addc(out, (char)(0xE0 | (c >> 12)));
    buf_addc(out, (char)(0x80 | ((c >> 6) & 0x3F)));
    buf_addc(out, (char)(0x80 | (c & 0x3F)));
  } else {
    buf_addc(out, (char)(0xF0 | (c >> 18)));
    buf_addc(out, (char)(0x80 | ((c >> 12) & 0x3F)));
    buf_addc(out, (char)(0x80 | ((c >> 6) & 0x3F)));
    buf_addc(out, (char)(0x80 | (c & 0x3F)));
  }
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/* Four hex digits at `at`, or -1. */
static int32_t hex4(const char *src, size_t at, size_t end) {
  if (end - at < 4)
    return -1;
  int32_t value = 0;
  for (size_t i = 0; i < 4; i++) {
    const int digit = hex_digit(src[at + i]);
    if (digit < 0)
      return -1;
    value = value * 16 + digit;
  }
  return value;
}

enum {
  REPLACEMENT = 0xFFFD
};

/* The \u escape whose 'u' stands at `at`; returns where reading goes on. A lone surrogate becomes U+FFFD. */
static size_t add_unicode(struct buf *out, const char *src, size_t at, size_t end) {
  const int32_t first = hex4(src, at + 1, end);
  if (first < 0) {
    add_utf8(out, REPLACEMENT);
    return at + 1;
  }
  at += 5;
  if (first < 0xD800 || first > 0xDFFF) {
    add_utf8(out, (uint32_t)first);
    return at;
  }
  const bool pair = first < 0xDC00 && end - at >= 6 && src[at] == '\\' && src[at + 1] == 'u';
  const int32_t second = pair ? hex4(src, at + 2, end) : -1;
  if (second < 0xDC00 || second > 0xDFFF) {
    add_utf8(out, REPLACEMENT);
    return at;
  }
  add_utf8(out, 0x10000 + (((uint32_t)first - 0xD800) << 10) + ((uint32_t)second - 0xDC00));
  return at + 6;
}

static char simple_escape(char c) {
  switch (c) {
  case 'n': return '\n';
  case 't': return '\t';
  case 'r': return '\r';
  case 'b': return '\b';
  case 'f': return '\f';
  default: return c;
  }
}

void json_add_text(const struct json_doc *doc, json_id id, struct buf *out) {
  const struct json_token *token = token_at(doc, id);
  if (token == NULL || token->kind != JSON_STRING)
    return;
  const char *src = doc->src;
  size_t at = token->start;
  const size_t end = token->end;
  while (at < end) {
    const char *slash = token->escaped ? memchr(src + at, '\\', end - at) : NULL;
    const size_t plain = slash != NULL ? (size_t)(slash - src) : end;
    buf_add(out, src + at, plain - at);
    if (slash == NULL || plain + 1 >= end)
      return;
    at = plain + 1;
    if (src[at] == 'u') {
      at = add_unicode(out, src, at, end);
    } else {
      buf_addc(out, simple_escape(src[at++]));
    }
  }
}

purser_str json_str(const struct json_doc *doc, json_id id, struct buf *scratch) {
  const struct json_token *token = token_at(doc, id);
  if (token == NULL || token->kind != JSON_STRING)
    return (purser_str){"", 0};
  if (!token->escaped)
    return json_raw(doc, id);
  const size_t from = scratch->len;
  json_add_text(doc, id, scratch);
  return (purser_str){buf_text(scratch) + from, scratch->len - from};
}

bool json_equals(const struct json_doc *doc, json_id id, const char *text) {
  if (json_kind(doc, id) != JSON_STRING)
    return false;
  const purser_str raw = json_raw(doc, id);
  return raw.len == strlen(text) && memcmp(raw.ptr, text, raw.len) == 0;
}

/* Fast path for what nearly every number is: a few plain digits. */
static bool plain_integer(purser_str raw, int64_t *out) {
  if (raw.len == 0 || raw.len > 18)
    return false;
  int64_t value = 0;
  for (size_t i = 0; i < raw.len; i++) {
    if (raw.ptr[i] < '0' || raw.ptr[i] > '9')
      return false;
    value = value * 10 + (raw.ptr[i] - '0');
  }
  *out = value;
  return true;
}

int json_decimal(const struct json_doc *doc, json_id id, int scale, int64_t *out) {
  const enum json_kind kind = json_kind(doc, id);
  if (kind == JSON_MISSING || kind == JSON_NULL)
    return PURSER_ENOTFOUND;
  if (kind != JSON_NUMBER && kind != JSON_STRING)
    return PURSER_EPARSE;
  const purser_str raw = json_raw(doc, id);
  if (scale == 0 && plain_integer(raw, out))
    return PURSER_OK;
  return money_parse_decimal(raw.ptr, raw.len, scale, out);
}

int json_i64(const struct json_doc *doc, json_id id, int64_t *out) {
  const enum json_kind kind = json_kind(doc, id);
  if ((kind == JSON_NUMBER || kind == JSON_STRING) && plain_integer(json_raw(doc, id), out))
    return PURSER_OK;
  int64_t whole;
  const int status = json_decimal(doc, id, 0, &whole);
  if (status != PURSER_OK)
    return status;
  /* A fraction shows in the digits behind the point; where three more of them do not fit, the number is so large that its
   * text was checked for a fraction by its range alone. */
  int64_t fine;
  if (json_decimal(doc, id, 3, &fine) == PURSER_OK && fine != whole * 1000)
    return PURSER_EPARSE;
  *out = whole;
  return PURSER_OK;
}

int64_t json_i64_or(const struct json_doc *doc, json_id id, int64_t otherwise) {
  int64_t value;
  return json_i64(doc, id, &value) == PURSER_OK ? value : otherwise;
}

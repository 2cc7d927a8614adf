/* claude_line.c - see claude_line.h. */
#include "import/claude_line.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* ---- strings ---- */

size_t claude_line_quote_portable(const char *line, size_t at, size_t len, bool *escaped) {
  for (; at < len; at++) {
    if (line[at] == '"')
      return at;
    if (line[at] == '\\') {
      *escaped = true;
      at++;
    }
  }
  return len;
}

size_t claude_line_quote(const char *line, size_t at, size_t len, bool *escaped) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i slash = _mm_set1_epi8('\\');
  while (at < len && len - at >= 16) {
    const __m128i here = _mm_loadu_si128((const __m128i *)(const void *)(line + at));
    const uint32_t quotes = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(here, quote));
    const uint32_t slashes = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(here, slash));
    if ((quotes | slashes) == 0) {
      at += 16;
      continue;
    }
    const size_t first = (size_t)__builtin_ctz(quotes | slashes);
    if ((quotes >> first & 1) != 0)
      return at + first;
    *escaped = true;
    at += first + 2; /* what is escaped, a quote as well, is passed */
  }
#endif
  return claude_line_quote_portable(line, at, len, escaped);
}

/* ---- a cursor over one line ---- */

struct cursor {
  const char *line;
  size_t at;
  size_t len;
};

static bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static char peek(struct cursor *c) {
  while (c->at < c->len && is_space(c->line[c->at]))
    c->at++;
  return c->at < c->len ? c->line[c->at] : '\0';
}

static bool take(struct cursor *c, char expected) {
  if (peek(c) != expected || c->at >= c->len)
    return false;
  c->at++;
  return true;
}

/* A string with its quotes; *text is what stands between them. */
static bool take_string(struct cursor *c, purser_str *text, bool *escaped) {
  if (!take(c, '"'))
    return false;
  const size_t end = claude_line_quote(c->line, c->at, c->len, escaped);
  if (end >= c->len)
    return false;
  *text = (purser_str){c->line + c->at, end - c->at};
  c->at = end + 1;
  return true;
}

static bool is_number_char(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static bool take_word(struct cursor *c, const char *word, size_t n) {
  if (c->len - c->at < n || memcmp(c->line + c->at, word, n) != 0)
    return false;
  c->at += n;
  return true;
}

/* A value that is no container. */
static bool skip_scalar(struct cursor *c, char first) {
  purser_str text;
  bool escaped = false;
  switch (first) {
  case '"': return take_string(c, &text, &escaped);
  case 't': return take_word(c, "true", 4);
  case 'f': return take_word(c, "false", 5);
  case 'n': return take_word(c, "null", 4);
  default: break;
  }
  if (first != '-' && (first < '0' || first > '9'))
    return false;
  while (c->at < c->len && is_number_char(c->line[c->at]))
    c->at++;
  return true;
}

static bool skip_key(struct cursor *c) {
  purser_str key;
  bool escaped = false;
  return take_string(c, &key, &escaped) && take(c, ':');
}

/* A value of any kind. The containers it is in are a stack of bits: 1 an object. Deeper than that is for the long way. */
static bool skip_value(struct cursor *c) {
  enum {
    DEPTH_MAX = 64
  };
  uint64_t stack = 0;
  unsigned depth = 0;
  for (;;) {
    const char first = peek(c);
    if (first == '{' || first == '[') {
      if (depth == DEPTH_MAX)
        return false;
      depth++;
      stack = stack << 1 | (first == '{');
      c->at++;
      const char next = peek(c);
      if (next != (first == '{' ? '}' : ']')) {
        if (first == '{' && !skip_key(c))
          return false;
        continue;
      }
    } else if (!skip_scalar(c, first)) {
      return false;
    } else if (depth == 0) {
      return true;
    }
    /* After a value, or at the end of an empty container. */
    for (;;) {
      const bool object = (stack & 1) != 0;
      const char next = peek(c);
      if (next == ',') {
        c->at++;
        if (object && !skip_key(c))
          return false;
        break;
      }
      if (next != (object ? '}' : ']'))
        return false;
      c->at++;
      depth--;
      stack >>= 1;
      if (depth == 0)
        return true;
    }
  }
}

/* ---- members ---- */

/* A string that needs no unescaping. null and other kinds are for the long way. */
static bool take_text(struct cursor *c, purser_str *out) {
  bool escaped = false;
  return take_string(c, out, &escaped) && !escaped;
}

/* A plain count, no larger than any real one. */
static bool take_count(struct cursor *c, int64_t *out) {
  enum {
    DIGITS_MAX = 11
  };
  (void)peek(c);
  int64_t value = 0;
  const size_t start = c->at;
  while (c->at < c->len && c->line[c->at] >= '0' && c->line[c->at] <= '9') {
    if (c->at - start == DIGITS_MAX)
      return false;
    value = value * 10 + (c->line[c->at] - '0');
    c->at++;
  }
  if (c->at == start || (c->at < c->len && is_number_char(c->line[c->at])))
    return false;
  *out = value;
  return true;
}

static bool take_bool(struct cursor *c, bool *out) {
  const char first = peek(c);
  *out = first == 't';
  return first == 't' ? take_word(c, "true", 4) : take_word(c, "false", 5);
}

/* Walks an object; `member` takes the value of a key or skips it. */
struct walk {
  struct claude_line *out;
  uint32_t seen; /* one bit for each key that is known: none may come twice */
  bool assistant;
  bool has_usage;
  int64_t flat_write; /* -1: not there */
  int64_t short_write, long_write;
  bool has_nested_write;
};

typedef bool member_fn(struct cursor *c, struct walk *walk, purser_str key);

static bool walk_object(struct cursor *c, struct walk *walk, member_fn *member) {
  if (!take(c, '{'))
    return false;
  if (peek(c) == '}') {
    c->at++;
    return true;
  }
  for (;;) {
    purser_str key;
    bool escaped = false;
    if (!take_string(c, &key, &escaped) || escaped || !take(c, ':') || !member(c, walk, key))
      return false;
    const char next = peek(c);
    if (next != ',' && next != '}')
      return false;
    c->at++;
    if (next == '}')
      return true;
  }
}

static bool is_key(purser_str key, const char *name, size_t len) {
  return key.len == len && memcmp(key.ptr, name, len) == 0;
}

#define IS(name) is_key(key, name, sizeof(name) - 1)

enum seen_bit {
  SEEN_TYPE = 1 << 0,
  SEEN_SIDECHAIN = 1 << 1,
  SEEN_SESSION = 1 << 2,
  SEEN_CWD = 1 << 3,
  SEEN_BRANCH = 1 << 4,
  SEEN_VERSION = 1 << 5,
  SEEN_COPIED = 1 << 6,
  SEEN_TIMESTAMP = 1 << 7,
  SEEN_REQUEST = 1 << 8,
  SEEN_EFFORT = 1 << 9,
  SEEN_MESSAGE = 1 << 10,
  SEEN_ID = 1 << 11,
  SEEN_MODEL = 1 << 12,
  SEEN_STOP = 1 << 13,
  SEEN_USAGE = 1 << 14,
  SEEN_INPUT = 1 << 15,
  SEEN_READ = 1 << 16,
  SEEN_FLAT = 1 << 17,
  SEEN_NESTED = 1 << 18,
  SEEN_SHORT = 1 << 19,
  SEEN_LONG = 1 << 20,
  SEEN_OUTPUT = 1 << 21,
  SEEN_DETAILS = 1 << 22,
  SEEN_THINKING = 1 << 23,
  SEEN_TOOLS = 1 << 24,
  SEEN_SEARCHES = 1 << 25,
  SEEN_TIER = 1 << 26,
  SEEN_SPEED = 1 << 27,
  SEEN_ITERATIONS = 1 << 28
};

static bool once(struct walk *walk, enum seen_bit bit) {
  const bool fresh = (walk->seen & (uint32_t)bit) == 0;
  walk->seen |= (uint32_t)bit;
  return fresh;
}

static bool count_member(struct cursor *c, struct walk *walk, enum seen_bit bit, int64_t *out) {
  return once(walk, bit) && take_count(c, out);
}

static bool text_member(struct cursor *c, struct walk *walk, enum seen_bit bit, purser_str *out) {
  return once(walk, bit) && take_text(c, out);
}

static bool cache_member(struct cursor *c, struct walk *walk, purser_str key) {
  if (IS("ephemeral_5m_input_tokens"))
    return count_member(c, walk, SEEN_SHORT, &walk->short_write);
  if (IS("ephemeral_1h_input_tokens"))
    return count_member(c, walk, SEEN_LONG, &walk->long_write);
  return skip_value(c);
}

static bool details_member(struct cursor *c, struct walk *walk, purser_str key) {
  if (IS("thinking_tokens"))
    return count_member(c, walk, SEEN_THINKING, &walk->out->usage.reasoning);
  return skip_value(c);
}

static bool tools_member(struct cursor *c, struct walk *walk, purser_str key) {
  if (IS("web_search_requests"))
    return count_member(c, walk, SEEN_SEARCHES, &walk->out->usage.web_searches);
  return skip_value(c);
}

/* An empty list is no account of anything; what stands in one is for the long way. */
static bool take_empty_list(struct cursor *c, struct walk *walk) {
  return once(walk, SEEN_ITERATIONS) && take(c, '[') && take(c, ']');
}

static bool usage_member(struct cursor *c, struct walk *walk, purser_str key) {
  purser_usage *usage = &walk->out->usage;
  switch (key.len) {
  case sizeof "speed" - 1:
    if (IS("speed"))
      return text_member(c, walk, SEEN_SPEED, &walk->out->speed);
    break;
  case sizeof "iterations" - 1:
    if (IS("iterations"))
      return take_empty_list(c, walk);
    break;
  case sizeof "input_tokens" - 1: /* and service_tier */
    if (IS("input_tokens"))
      return count_member(c, walk, SEEN_INPUT, &usage->input);
    if (IS("service_tier"))
      return text_member(c, walk, SEEN_TIER, &walk->out->tier);
    break;
  case sizeof "output_tokens" - 1:
    if (IS("output_tokens"))
      return count_member(c, walk, SEEN_OUTPUT, &usage->output);
    break;
  case sizeof "cache_creation" - 1:
    if (IS("cache_creation")) {
      walk->has_nested_write = true;
      return once(walk, SEEN_NESTED) && walk_object(c, walk, cache_member);
    }
    break;
  case sizeof "server_tool_use" - 1:
    if (IS("server_tool_use"))
      return once(walk, SEEN_TOOLS) && walk_object(c, walk, tools_member);
    break;
  case sizeof "output_tokens_details" - 1:
    if (IS("output_tokens_details"))
      return once(walk, SEEN_DETAILS) && walk_object(c, walk, details_member);
    break;
  case sizeof "cache_read_input_tokens" - 1:
    if (IS("cache_read_input_tokens"))
      return count_member(c, walk, SEEN_READ, &usage->cache_read);
    break;
  case sizeof "cache_creation_input_tokens" - 1:
    if (IS("cache_creation_input_tokens"))
      return count_member(c, walk, SEEN_FLAT, &walk->flat_write);
    break;
  default: break;
  }
  return skip_value(c);
}

/* A response that has not stopped yet is restated. */
static bool take_stop(struct cursor *c, struct walk *walk) {
  if (!once(walk, SEEN_STOP))
    return false;
  walk->out->partial = peek(c) != '"';
  return skip_value(c);
}

static bool message_member(struct cursor *c, struct walk *walk, purser_str key) {
  switch (key.len) {
  case sizeof "id" - 1:
    if (IS("id"))
      return text_member(c, walk, SEEN_ID, &walk->out->id);
    break;
  case sizeof "model" - 1: /* and usage */
    if (IS("model"))
      return text_member(c, walk, SEEN_MODEL, &walk->out->model);
    if (IS("usage")) {
      walk->has_usage = true;
      return once(walk, SEEN_USAGE) && walk_object(c, walk, usage_member);
    }
    break;
  case sizeof "stop_reason" - 1:
    if (IS("stop_reason"))
      return take_stop(c, walk);
    break;
  default: break;
  }
  return skip_value(c);
}

static bool take_type(struct cursor *c, struct walk *walk) {
  purser_str type;
  if (!text_member(c, walk, SEEN_TYPE, &type))
    return false;
  walk->assistant = is_key(type, "assistant", sizeof "assistant" - 1);
  return walk->assistant;
}

static bool line_member(struct cursor *c, struct walk *walk, purser_str key) {
  struct claude_line *out = walk->out;
  switch (key.len) {
  case sizeof "cwd" - 1:
    if (IS("cwd"))
      return text_member(c, walk, SEEN_CWD, &out->cwd);
    break;
  case sizeof "type" - 1:
    if (IS("type"))
      return take_type(c, walk);
    break;
  case sizeof "effort" - 1:
    if (IS("effort"))
      return text_member(c, walk, SEEN_EFFORT, &out->effort);
    break;
  case sizeof "message" - 1: /* and version */
    if (IS("message"))
      return once(walk, SEEN_MESSAGE) && walk_object(c, walk, message_member);
    if (IS("version"))
      return text_member(c, walk, SEEN_VERSION, &out->version);
    break;
  case sizeof "requestId" - 1: /* and sessionId, gitBranch, timestamp */
    if (IS("requestId"))
      return text_member(c, walk, SEEN_REQUEST, &out->request_id);
    if (IS("sessionId"))
      return text_member(c, walk, SEEN_SESSION, &out->session);
    if (IS("gitBranch"))
      return text_member(c, walk, SEEN_BRANCH, &out->branch);
    if (IS("timestamp"))
      return text_member(c, walk, SEEN_TIMESTAMP, &out->timestamp);
    break;
  case sizeof "isSidechain" - 1:
    if (IS("isSidechain"))
      return once(walk, SEEN_SIDECHAIN) && take_bool(c, &out->sidechain);
    break;
  case sizeof "requestSessionId" - 1:
    if (IS("requestSessionId"))
      return text_member(c, walk, SEEN_COPIED, &out->copied_from);
    break;
  case sizeof "isApiErrorMessage" - 1:
    if (IS("isApiErrorMessage"))
      return false;
    break;
  default: break;
  }
  return skip_value(c);
}

/* ---- a line ---- */

/* The sum of the nested figures where they are, else the flat one as short-lived (rule 10). */
static bool settle_cache_writes(struct walk *walk) {
  purser_usage *usage = &walk->out->usage;
  if (walk->short_write + walk->long_write > 0 ||
      (walk->has_nested_write && walk->flat_write < 0)) {
    usage->cache_write_5m = walk->short_write;
    usage->cache_write_1h = walk->long_write;
  } else if (walk->flat_write >= 0) {
    usage->cache_write_5m = walk->flat_write;
  }
  if (usage->reasoning > usage->output)
    usage->reasoning = usage->output;
  return true;
}

bool claude_line_read(const char *line, size_t len, struct claude_line *out) {
  const purser_str none = {"", 0};
  *out = (struct claude_line){
      .session = none,
      .cwd = none,
      .branch = none,
      .version = none,
      .copied_from = none,
      .timestamp = none,
      .id = none,
      .request_id = none,
      .model = none,
      .tier = none,
      .speed = none,
      .effort = none,
      .partial = true,
  };
  struct walk walk = {.out = out, .flat_write = -1};
  struct cursor c = {line, 0, len};
  if (!walk_object(&c, &walk, line_member))
    return false;
  (void)peek(&c);
  if (c.at != len || !walk.assistant || !walk.has_usage)
    return false;
  return settle_cache_writes(&walk);
}

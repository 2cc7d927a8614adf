/* json_write.c - JSON on its way out: objects member by member; strings quoted, escaped, and valid UTF-8 whatever came in. */
#include <string.h>

#include "base/json.h"

/* The length of the well-formed UTF-8 sequence at `at`, 0 if there is none. Follows Unicode's table 3-7: no overlong forms,
 * no surrogates, nothing past U+10FFFF. */
static size_t utf8_length(const unsigned char *at, size_t left) {
  const unsigned char c = at[0];
  if (c < 0x80)
    return 1;
  size_t n;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (c >= 0xC2 && c <= 0xDF) {
    n = 2;
  } else if (c >= 0xE0 && c <= 0xEF) {
    n = 3;
    if (c == 0xE0)
      low = 0xA0;
    if (c == 0xED)
      high = 0x9F;
  } else if (c >= 0xF0 && c <= 0xF4) {
    n = 4;
    if (c == 0xF0)
      low = 0x90;
    if (c == 0xF4)
      high = 0x8F;
  } else {
    return 0;
  }
  if (left < n || at[1] < low || at[1] > high)
    return 0;
  for (size_t i = 2; i < n; i++) {
    if (at[i] < 0x80 || at[i] > 0xBF)
      return 0;
  }
  return n;
}

static void write_ascii(struct buf *out, unsigned char c) {
  static const char shorthand[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                   ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
  if (c < sizeof shorthand && shorthand[c] != 0) {
    buf_addc(out, '\\');
    buf_addc(out, shorthand[c]);
  } else if (c < 0x20 || c == 0x7F) {
    buf_addf(out, "\\u%04x", c);
  } else {
    buf_addc(out, (char)c);
  }
}

void json_write_str(struct buf *out, const char *text, size_t len) {
  const unsigned char *bytes = (const unsigned char *)text;
  buf_addc(out, '"');
  size_t i = 0;
  while (i < len) {
    size_t plain = i;
    while (plain < len && bytes[plain] >= 0x20 && bytes[plain] < 0x7F && bytes[plain] != '"' &&
           bytes[plain] != '\\')
      plain++;
    if (plain > i)
      buf_add(out, text + i, plain - i);
    i = plain;
    if (i == len)
      break;
    const size_t n = utf8_length(bytes + i, len - i);
    if (n == 1) {
      write_ascii(out, bytes[i]);
    } else if (n > 1) {
      buf_add(out, text + i, n);
    } else {
      buf_adds(out, "\xEF\xBF\xBD");
    }
    i += n != 0 ? n : 1;
  }
  buf_addc(out, '"');
}

/* ---- objects ---- */

void json_open(struct buf *out) {
  buf_addc(out, '{');
}

void json_close(struct buf *out) {
  buf_addc(out, '}');
}

void json_reopen(struct buf *out) {
  if (!out->failed && out->len > 0 && out->data[out->len - 1] == '}')
    out->data[--out->len] = '\0';
}

void json_put_key(struct buf *out, const char *key) {
  if (out->len > 0 && out->data[out->len - 1] != '{')
    buf_addc(out, ',');
  json_write_str(out, key, strlen(key));
  buf_addc(out, ':');
}

void json_put_text(struct buf *out, const char *key, const char *text) {
  if (text == NULL)
    return;
  json_put_key(out, key);
  json_write_str(out, text, strlen(text));
}

void json_put_i64(struct buf *out, const char *key, int64_t value) {
  char digits[24];
  size_t at = sizeof digits;
  uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do {
    digits[--at] = (char)('0' + left % 10);
    left /= 10;
  } while (left > 0);
  if (value < 0)
    digits[--at] = '-';
  json_put_key(out, key);
  buf_add(out, digits + at, sizeof digits - at);
}

void json_put_bool(struct buf *out, const char *key, bool value) {
  json_put_key(out, key);
  buf_adds(out, value ? "true" : "false");
}

void json_put_null(struct buf *out, const char *key) {
  json_put_key(out, key);
  buf_adds(out, "null");
}

void json_put_list(struct buf *out, const char *key) {
  json_put_key(out, key);
  buf_addc(out, '[');
}

void json_put_item(struct buf *out) {
  if (out->len > 0 && out->data[out->len - 1] != '[')
    buf_addc(out, ',');
}

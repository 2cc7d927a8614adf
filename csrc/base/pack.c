/* pack.c - see pack.h. A negative number is folded between the positive ones, so that small ones stay short. */
#include "base/pack.h"

enum {
  BITS = 7,
  MORE = 0x80,
  BITS_MAX = 63
};

void pack_int(struct buf *out, int64_t value) {
  uint64_t rest = (uint64_t)value << 1 ^ (value < 0 ? ~UINT64_C(0) : 0);
  char bytes[10];
  size_t count = 0;
  do {
    bytes[count++] = (char)((rest & (MORE - 1)) | (rest >= MORE ? MORE : 0));
    rest >>= BITS;
  } while (rest != 0);
  buf_add(out, bytes, count);
}

void pack_text(struct buf *out, const char *text, size_t len) {
  pack_int(out, (int64_t)len);
  buf_add(out, text, len);
}

struct unpack unpack_begin(const void *bytes, size_t len) {
  const char *at = bytes != NULL ? bytes : "";
  return (struct unpack){at, at + len, false};
}

int64_t unpack_int(struct unpack *in) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift <= BITS_MAX && in->at < in->end; shift += BITS) {
    const unsigned char byte = (unsigned char)*in->at++;
    value |= (uint64_t)(byte & (MORE - 1)) << shift;
    if ((byte & MORE) == 0) {
      const int64_t half = (int64_t)(value >> 1);
      return (value & 1) != 0 ? -half - 1 : half;
    }
  }
  in->bad = true;
  in->at = in->end;
  return 0;
}

purser_str unpack_text(struct unpack *in) {
  const int64_t len = unpack_int(in);
  if (in->bad || len < 0 || len > in->end - in->at) {
    in->bad = true;
    in->at = in->end;
    return (purser_str){"", 0};
  }
  const purser_str text = {in->at, (size_t)len};
  in->at += len;
  return text;
}

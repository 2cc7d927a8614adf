/* flag_names.c - see flag_names.h. In the order of the bits. */
#include "usage/flag_names.h"

#include <string.h>

#include "base/json.h"

static const char *const names[] = {
    "failed",    "partial",   "sidechain", "compaction", "clamped",
    "uncertain", "remainder", "estimated", "imported",   "blocked",
};

enum {
  FLAGS = sizeof names / sizeof names[0]
};

_Static_assert(PURSER_FLAG_FAILED == 1 && PURSER_FLAG_BLOCKED == 1 << (FLAGS - 1),
               "a word for each flag");

void flags_write(struct buf *out, uint32_t set) {
  buf_addc(out, '[');
  for (int i = 0; i < FLAGS; i++) {
    if ((set & (uint32_t)1 << i) == 0)
      continue;
    json_put_item(out);
    json_write_str(out, names[i], strlen(names[i]));
  }
  buf_addc(out, ']');
}

uint32_t flag_parse(purser_str word) {
  for (int i = 0; i < FLAGS; i++) {
    if (strlen(names[i]) == word.len && memcmp(names[i], word.ptr, word.len) == 0)
      return (uint32_t)1 << i;
  }
  return 0;
}

/* sums.c - see sums.h. One list of members serves JSON and CSV. */
#include "cli/sums.h"

#include <stddef.h>
#include <string.h>

#include "base/json.h"
#include "base/money.h"

/* Scripts read these: they are added to at the end, and never change. */
static const struct member {
  const char *name;
  size_t offset; /* in struct sums */
  bool cents;
} members[] = {
    {"runs", offsetof(struct sums, runs), false},
    {"requests", offsetof(struct sums, requests), false},
    {"input", offsetof(struct sums, input), false},
    {"cache_read", offsetof(struct sums, cache_read), false},
    {"cache_write_5m", offsetof(struct sums, cache_write_5m), false},
    {"cache_write_1h", offsetof(struct sums, cache_write_1h), false},
    {"output", offsetof(struct sums, output), false},
    {"cost_nanousd", offsetof(struct sums, cost_nanousd), false},
    {"cost_cents", offsetof(struct sums, cost_nanousd), true},
    {"unpriced_requests", offsetof(struct sums, unpriced_requests), false},
    {"cost_input_cents", offsetof(struct sums, cost_input_nanousd), true},
    {"cost_cache_read_cents", offsetof(struct sums, cost_cache_read_nanousd), true},
    {"cost_cache_write_cents", offsetof(struct sums, cost_cache_write_nanousd), true},
    {"cost_output_cents", offsetof(struct sums, cost_output_nanousd), true},
    {"cost_extra_cents", offsetof(struct sums, cost_extra_nanousd), true},
    {"cache_saved_cents", offsetof(struct sums, cache_saved_nanousd), true},
};

enum {
  MEMBERS = sizeof members / sizeof members[0]
};

static void write_value(struct buf *out, const struct sums *sums, const struct member *member) {
  int64_t value;
  memcpy(&value, (const char *)sums + member->offset, sizeof value);
  if (member->cents)
    money_write_cents(out, value);
  else
    buf_addf(out, "%lld", (long long)value);
}

void sums_write_json(struct buf *out, const struct sums *sums) {
  for (size_t i = 0; i < MEMBERS; i++) {
    json_put_key(out, members[i].name);
    write_value(out, sums, &members[i]);
  }
}

void sums_write_csv_head(struct buf *out) {
  for (size_t i = 0; i < MEMBERS; i++)
    buf_addf(out, "%s%s", i == 0 ? "" : ",", members[i].name);
}

void sums_write_csv(struct buf *out, const struct sums *sums) {
  for (size_t i = 0; i < MEMBERS; i++) {
    if (i > 0)
      buf_addc(out, ',');
    write_value(out, sums, &members[i]);
  }
}

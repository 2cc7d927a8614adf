/* sums.c - see sums.h. One list of members serves JSON and CSV. */
#include "cli/sums.h"

#include <string.h>

#include "base/money.h"

enum {
  MEMBERS = 10
};

static const char *const names[MEMBERS] = {
    "runs",           "requests", "input",        "cache_read", "cache_write_5m",
    "cache_write_1h", "output",   "cost_nanousd", "cost_cents", "unpriced_requests",
};

static void write_value(struct buf *out, const struct sums *s, int member) {
  const int64_t values[MEMBERS] = {
      s->runs,
      s->requests,
      s->input,
      s->cache_read,
      s->cache_write_5m,
      s->cache_write_1h,
      s->output,
      s->cost_nanousd,
      0,
      s->unpriced_requests,
  };
  if (strcmp(names[member], "cost_cents") == 0) {
    money_write_cents(out, s->cost_nanousd);
  } else {
    buf_addf(out, "%lld", (long long)values[member]);
  }
}

void sums_write_json(struct buf *out, const struct sums *sums) {
  for (int i = 0; i < MEMBERS; i++) {
    buf_addf(out, "%s\"%s\":", i == 0 ? "" : ",", names[i]);
    write_value(out, sums, i);
  }
}

void sums_write_csv_head(struct buf *out) {
  for (int i = 0; i < MEMBERS; i++)
    buf_addf(out, "%s%s", i == 0 ? "" : ",", names[i]);
}

void sums_write_csv(struct buf *out, const struct sums *sums) {
  for (int i = 0; i < MEMBERS; i++) {
    if (i > 0)
      buf_addc(out, ',');
    write_value(out, sums, i);
  }
}

void sums_write_cost(struct buf *out, const struct sums *sums) {
  if (sums->unpriced_requests > 0)
    buf_adds(out, "≥ ");
  money_write_human(out, sums->cost_nanousd);
}

void sums_write_count(struct buf *out, int64_t count) {
  static const struct {
    int64_t unit;
    const char *suffix;
  } units[] = {{INT64_C(1000000000), "G"}, {1000000, "M"}, {1000, "k"}};
  for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
    if (count < units[i].unit)
      continue;
    const int64_t tenths = count / (units[i].unit / 10);
    if (tenths >= 1000) {
      buf_addf(out, "%lld%s", (long long)(tenths / 10), units[i].suffix);
    } else {
      buf_addf(out, "%lld.%lld%s", (long long)(tenths / 10), (long long)(tenths % 10),
               units[i].suffix);
    }
    return;
  }
  buf_addf(out, "%lld", (long long)count);
}

static int characters(const char *text) {
  int count = 0;
  for (; *text != '\0'; text++) {
    if (((unsigned char)*text & 0xC0) != 0x80)
      count++;
  }
  return count;
}

void sums_write_cell(struct buf *out, const char *text, int width, bool right) {
  const int blanks = width - characters(text);
  if (!right)
    buf_adds(out, text);
  for (int i = 0; i < blanks; i++)
    buf_addc(out, ' ');
  if (right)
    buf_adds(out, text);
}

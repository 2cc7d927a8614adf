/* digest_text.c - see digest_text.h. */
#include "advice/digest_text.h"

#include <stdlib.h>
#include <string.h>

#include "advice/markdown.h"
#include "base/money.h"

const char *const digest_month_names[13] = {
    "",     "January", "February",  "March",   "April",    "May",     "June",
    "July", "August",  "September", "October", "November", "December"};

void digest_count(struct buf *out, int64_t count, const char *one) {
  struct buf digits = BUF_INIT;
  buf_addf(&digits, "%lld", (long long)count);
  for (size_t i = 0; i < digits.len; i++) {
    if (i > 0 && (digits.len - i) % 3 == 0)
      buf_addc(out, ',');
    buf_addc(out, digits.data[i]);
  }
  buf_addf(out, " %s%s", one, count == 1 ? "" : "s");
  out->failed = out->failed || digits.failed;
  buf_fini(&digits);
}

/* "950", "12.4k", "3.1M". */
void digest_tokens(struct buf *out, int64_t count) {
  static const struct {
    int64_t size;
    char unit;
  } units[] = {{1000, 'k'}, {1000000, 'M'}, {1000000000, 'G'}, {1000000000000, 'T'}};
  if (count < 1000) {
    buf_addf(out, "%lld", (long long)count);
    return;
  }
  for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
    const int64_t tenths = (count / (units[i].size / 100) + 5) / 10;
    if (tenths >= 9995 && units[i].unit != 'T')
      continue;
    if (tenths < 1000)
      buf_addf(out, "%lld.%lld%c", (long long)(tenths / 10), (long long)(tenths % 10),
               units[i].unit);
    else
      buf_addf(out, "%lld%c", (long long)((tenths + 5) / 10), units[i].unit);
    return;
  }
}

void digest_percent(struct buf *out, int64_t part, int64_t whole) {
  if (whole <= 0 || part <= 0) {
    buf_adds(out, "0 %");
    return;
  }
  const int64_t percent = (int64_t)((__extension__(__int128) part * 200 + whole) / whole / 2);
  if (percent == 0)
    buf_adds(out, "< 1 %");
  else
    buf_addf(out, "%lld %%", (long long)(part < whole && percent > 99 ? 99 : percent));
}

/* What has no price is not free. */
void digest_cost(struct buf *out, const struct sums *sums) {
  if (sums->requests == 0) {
    buf_adds(out, "–");
    return;
  }
  if (sums->unpriced_requests > 0 && sums->cost_nanousd == 0) {
    buf_adds(out, "no price");
    return;
  }
  buf_adds(out, sums->unpriced_requests > 0 ? "≥ " : "");
  money_write_human(out, sums->cost_nanousd);
}

int64_t digest_prompt_of(const struct sums *s) {
  return s->input + s->cache_read + s->cache_write_5m + s->cache_write_1h;
}

int64_t digest_tokens_of(const struct sums *s) {
  return digest_prompt_of(s) + s->output;
}

/* A path with the home folder as people write it. */
void digest_key(struct buf *out, const char *key) {
  const char *home = getenv("HOME");
  const size_t len = home != NULL ? strlen(home) : 0;
  if (len > 1 && strncmp(key, home, len) == 0 && (key[len] == '/' || key[len] == '\0')) {
    buf_addc(out, '~');
    key += len;
  }
  markdown_text(out, key[0] != '\0' ? key : "(none)");
}

/* "October", or "October by the 24th" as "1–24 October". */
void digest_before(struct buf *out, const struct digest_month *month) {
  if (month->running)
    buf_addf(out, "1–%d ", (int)month->before_last.day);
  buf_adds(out, digest_month_names[month->before_first.month]);
}

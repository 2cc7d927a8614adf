/* money.c - see money.h. */
#include "base/money.h"

#include <string.h>

__extension__ typedef __int128 i128;

enum {
  TOKENS_PER_RATE = 1000000,
  CENT_DECIMALS = 7,
  DOLLAR_DECIMALS = 9
};

/* Nearly all amounts fit into 64 bits, which are divided many times as fast. */
static i128 divide_rounded(i128 value, i128 by) {
  const i128 half = by / 2;
  if (value >= 0 && value < INT64_MAX / 2 && by > 0 && by < INT64_MAX / 2)
    return ((int64_t)value + (int64_t)half) / (int64_t)by;
  return value >= 0 ? (value + half) / by : -((-value + half) / by);
}

static int64_t saturate(i128 value) {
  if (value > INT64_MAX)
    return INT64_MAX;
  if (value < INT64_MIN)
    return INT64_MIN;
  return (int64_t)value;
}

void money_add_tokens(money_sum *sum, int64_t tokens, int64_t nanousd_per_mtok) {
  sum->micro += (i128)tokens * nanousd_per_mtok;
}

void money_add_tokens_scaled(money_sum *sum, int64_t tokens, int64_t nanousd_per_mtok,
                             int64_t numerator, int64_t denominator) {
  /* The rate is scaled first and rounded to whole nano-dollars per million tokens, as a price list would print it: the
   * triple product could leave 128 bits. */
  sum->micro += (i128)tokens * divide_rounded((i128)nanousd_per_mtok * numerator, denominator);
}

int64_t money_round(money_sum sum) {
  return saturate(divide_rounded(sum.micro, TOKENS_PER_RATE));
}

int64_t money_add(int64_t a, int64_t b) {
  return saturate((i128)a + b);
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Reads the exponent at `text`; saturates, so that 1e999999999 stays a range error instead of wrapping round. */
static int parse_exponent(const char *text, size_t len, int *exponent) {
  size_t i = 0;
  bool negative = false;
  if (i < len && (text[i] == '+' || text[i] == '-'))
    negative = text[i++] == '-';
  if (i == len)
    return PURSER_EPARSE;
  int value = 0;
  for (; i < len; i++) {
    if (!is_digit(text[i]))
      return PURSER_EPARSE;
    if (value < 100000)
      value = value * 10 + (text[i] - '0');
  }
  *exponent = negative ? -value : value;
  return PURSER_OK;
}

struct digits {
  i128 value;   /* the leading digits */
  int dropped;  /* digits that did not fit; they only matter for their number */
  int decimals; /* how many digits stood behind the point */
  bool any;
};

static void take_digit(struct digits *d, char c, bool behind_point) {
  d->any = true;
  if (d->value < (i128)1000000000000000000 * 1000000000000) {
    d->value = d->value * 10 + (c - '0');
  } else {
    d->dropped++;
  }
  if (behind_point)
    d->decimals++;
}

int money_parse_decimal(const char *text, size_t len, int scale, int64_t *out) {
  size_t i = 0;
  bool negative = false;
  if (i < len && (text[i] == '+' || text[i] == '-'))
    negative = text[i++] == '-';
  struct digits d = {0};
  for (; i < len && is_digit(text[i]); i++)
    take_digit(&d, text[i], false);
  if (i < len && text[i] == '.') {
    for (i++; i < len && is_digit(text[i]); i++)
      take_digit(&d, text[i], true);
  }
  if (!d.any)
    return PURSER_EPARSE;
  int exponent = 0;
  if (i < len) {
    if (text[i] != 'e' && text[i] != 'E')
      return PURSER_EPARSE;
    if (parse_exponent(text + i + 1, len - i - 1, &exponent) != PURSER_OK)
      return PURSER_EPARSE;
  }

  int shift = exponent + scale - d.decimals + d.dropped;
  i128 value = d.value;
  for (; shift > 0 && value != 0; shift--) {
    if (value > INT64_MAX)
      return PURSER_ERANGE;
    value *= 10;
  }
  if (shift < 0) {
    i128 by = 1;
    /* Past 10^36 nothing is left of a value that has at most 31 digits. */
    if (shift < -36) {
      value = 0;
    } else {
      for (; shift < 0; shift++)
        by *= 10;
      value = divide_rounded(value, by);
    }
  }
  if (value > INT64_MAX)
    return PURSER_ERANGE;
  *out = negative ? -(int64_t)value : (int64_t)value;
  return PURSER_OK;
}

static void write_decimal(struct buf *out, int64_t value, int decimals) {
  /* In unsigned arithmetic INT64_MIN has a positive twin. */
  uint64_t rest = value < 0 ? ~(uint64_t)value + 1 : (uint64_t)value;
  if (value < 0)
    buf_addc(out, '-');
  uint64_t unit = 1;
  for (int i = 0; i < decimals; i++)
    unit *= 10;
  buf_addf(out, "%llu", (unsigned long long)(rest / unit));
  rest %= unit;
  if (rest == 0)
    return;
  while (rest % 10 == 0) {
    rest /= 10;
    decimals--;
  }
  buf_addf(out, ".%0*llu", decimals, (unsigned long long)rest);
}

void money_write_cents(struct buf *out, int64_t nanousd) {
  write_decimal(out, nanousd, CENT_DECIMALS);
}

void money_write_dollars(struct buf *out, int64_t nanousd) {
  write_decimal(out, nanousd, DOLLAR_DECIMALS);
}

void money_write_human(struct buf *out, int64_t nanousd) {
  const bool negative = nanousd < 0;
  const i128 size = negative ? -(i128)nanousd : (i128)nanousd;
  if (negative)
    buf_addc(out, '-');
  const int64_t hundredths = saturate(divide_rounded(size, MONEY_PER_CENT / 100));
  if (hundredths >= 100 * 100) {
    const int64_t cents = saturate(divide_rounded(size, MONEY_PER_CENT));
    buf_addf(out, "$%lld.%02lld", (long long)(cents / 100), (long long)(cents % 100));
  } else {
    buf_addf(out, "%lld.%02lld ¢", (long long)(hundredths / 100), (long long)(hundredths % 100));
  }
}

/* money.h - int64 nano-dollars, and the only places where they meet text.
 *
 * Rates are nano-dollars per million tokens. A product uses a 128-bit intermediate; rounding happens once per request, half
 * away from zero. No floating point anywhere. */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include "base/buf.h"
#include "base/public.h"

#define MONEY_PER_CENT   INT64_C(10000000)
#define MONEY_PER_DOLLAR INT64_C(1000000000)

/* A sum of tokens x rate products, not yet divided by a million. */
typedef struct money_sum {
  __extension__ __int128 micro; /* nano-dollars x 10^6 */
} money_sum;

void money_add_tokens(money_sum *sum, int64_t tokens, int64_t nanousd_per_mtok);
/* tokens x rate x numerator / denominator: a multiplier such as 1.1 is 11/10. */
void money_add_tokens_scaled(money_sum *sum, int64_t tokens, int64_t nanousd_per_mtok,
                             int64_t numerator, int64_t denominator);
/* Rounds once; saturates at INT64_MAX. */
int64_t money_round(money_sum sum);

/* a + b, saturating. */
int64_t money_add(int64_t a, int64_t b);

/* Decimal text ("12.5", "1.5e-07", "-3") x 10^scale, exact, rounded half away from zero. 0, PURSER_EPARSE or
 * PURSER_ERANGE. */
int money_parse_decimal(const char *text, size_t len, int scale, int64_t *out);

/* "12.34" cents with as many decimals as needed (at most 7), without exponent: exact. */
void money_write_cents(struct buf *out, int64_t nanousd);
/* Dollars likewise (at most 9 decimals). */
void money_write_dollars(struct buf *out, int64_t nanousd);
/* For people: "$12.34", "3.42 ¢", "0.02 ¢", "-$1.00". */
void money_write_human(struct buf *out, int64_t nanousd);

#endif

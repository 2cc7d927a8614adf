/* order.c - see order.h. */
#include "base/order.h"

int order_int64(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a;
  const int64_t y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* order.h - how numbers are sorted. */
#ifndef BASE_ORDER_H
#define BASE_ORDER_H

#include "base/public.h"

/* For qsort: an int64_t, the smallest first. */
int order_int64(const void *a, const void *b);

#endif

/* decide.c - see decide.h. */
#include "budget/decide.h"

#include "base/money.h"

/* For a child there is what its parent has set aside as well (rule 29). */
static int64_t left_for(const struct limit *limit) {
  return money_add(limit_left(limit), limit->drawable);
}

static int64_t smaller(int64_t a, int64_t b) {
  return a < b ? a : b;
}

const struct limit *decide_tightest(const struct limits *limits) {
  const struct limit *tightest = NULL;
  for (size_t i = 0; i < limits->count; i++) {
    const struct limit *limit = &limits->items[i];
    if (limit->has_limit && (tightest == NULL || left_for(limit) < left_for(tightest)))
      tightest = limit;
  }
  return tightest;
}

const struct limit *decide_unpriced(const struct limits *limits) {
  const struct limit *found = NULL;
  for (size_t i = 0; i < limits->count; i++) {
    const struct limit *limit = &limits->items[i];
    if (!limit->has_limit || limit->at_limit == AT_LIMIT_WARN)
      continue;
    if (found == NULL || limit->at_limit < found->at_limit)
      found = limit;
  }
  return found;
}

/* Equality is allowed; but where nothing is left, nothing that costs may start, however small it is said to be. */
static bool fits(const struct limit *limit, int64_t estimate) {
  return left_for(limit) > 0 && estimate <= left_for(limit);
}

/* Why not: no budget of this size could ever hold it; or this period's rest can't; or others are in the way for the moment. */
static enum refusal reason(const struct limit *limit, const struct asking *asking) {
  const int64_t least = asking->minimum > 0 ? asking->minimum : 1;
  if (least > limit->total)
    return REFUSAL_NEVER;
  if (least > limit->total - limit->spent)
    return REFUSAL_EXHAUSTED;
  return REFUSAL_WAIT;
}

/* Of two refusals the one that is harder to get round: a block before an ask, a never before a wait. */
static bool is_harder(const struct limit *limit, enum refusal refusal,
                      const struct decision *than) {
  static const int rank[] = {[REFUSAL_NONE] = 0,
                             [REFUSAL_WAIT] = 1,
                             [REFUSAL_EXHAUSTED] = 2,
                             [REFUSAL_UNPRICED] = 3,
                             [REFUSAL_NEVER] = 4};
  if (than->refusal == REFUSAL_NONE)
    return true;
  if (limit->at_limit != than->limit->at_limit)
    return limit->at_limit == AT_LIMIT_BLOCK;
  return rank[refusal] > rank[than->refusal];
}

struct decision decide(const struct limits *limits, const struct asking *asking) {
  const int64_t minimum = smaller(asking->minimum, asking->estimate);
  const int64_t request =
      asking->request > 0 ? smaller(asking->request, asking->estimate) : asking->estimate;
  struct decision d = {.hold = asking->estimate, .limit = decide_tightest(limits)};
  for (size_t i = 0; i < limits->count; i++) {
    const struct limit *limit = &limits->items[i];
    const int64_t left = left_for(limit);
    if (!limit->has_limit || fits(limit, asking->estimate))
      continue;
    if (limit->at_limit == AT_LIMIT_WARN) {
      d.warned = true;
      continue;
    }
    /* Only the estimate is pessimistic: what is left is set aside instead, as long as that is worth a start (rule 26). One run at
     * a time may go without a whole request's cover: that is what bounds the overshoot. */
    if (left > 0 && minimum <= left && (request <= left || !limit->short_run)) {
      d.hold = smaller(d.hold, left);
      d.shrunk = true;
      continue;
    }
    const enum refusal refusal = reason(limit, asking);
    if (is_harder(limit, refusal, &d)) {
      d.refusal = refusal;
      d.limit = limit;
    }
  }
  d.admitted = d.refusal == REFUSAL_NONE;
  d.cover = smaller(request, d.hold);
  d.short_run = d.cover < request;
  return d;
}

/* decide.h - whether a run may start: a function over values (rules 24, 26, 28). */
#ifndef BUDGET_DECIDE_H
#define BUDGET_DECIDE_H

#include "budget/limit.h"

struct decision {
  bool admitted;
  bool warned;
  bool shrunk; /* the hold is less than the estimate */
  bool short_run;
  enum refusal refusal;
  int64_t hold;
  int64_t cover;
  const struct limit *limit; /* the refusing one, else the tightest; NULL if none applies */
};

/* The figures that are weighed, in nano-dollars; all of them known and not negative. */
struct asking {
  int64_t estimate;
  int64_t minimum;
  int64_t request; /* what one request costs at most; 0 unknown */
};

/* `limits` with their holds added up. */
struct decision decide(const struct limits *limits, const struct asking *asking);

/* The limit that a model without a price is refused by; NULL if none. */
const struct limit *decide_unpriced(const struct limits *limits);

/* The limit with the least left; NULL if none applies. */
const struct limit *decide_tightest(const struct limits *limits);

#endif

/* forecast.c - see forecast.h. */
#include "budget/forecast.h"

#include <stdlib.h>

#include "base/calendar.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/order.h"

__extension__ typedef __int128 wide;

enum {
  FUTURES = 960,
  WEEK = 7,
  /* A day of three weeks ago is chosen half as often as yesterday. */
  AGEING_PERMILLE = 968
};

/* The general level of what is to come, in thousandths of the past's: the middles of 32 equal parts of a log-normal distribution
 * of width 0.38. With it, four of five months end within the range (test_budget_forecast.c). */
static const int32_t levels[] = {441,  529,  583,  627,  664,  698,  729,  759,  788,  817,  844,
                                 872,  900,  928,  956,  985,  1015, 1046, 1078, 1111, 1147, 1184,
                                 1225, 1269, 1317, 1371, 1433, 1506, 1596, 1714, 1891, 2267};
enum {
  LEVELS = sizeof levels / sizeof levels[0]
};

const char *forecast_method_name(enum forecast_method method) {
  static const char *const names[] = {"none", "daily", "weekday"};
  return (unsigned)method < 3 ? names[method] : "none";
}

/* ---- chance ---- */

static uint64_t next_random(uint64_t *state) {
  /* splitmix64 */
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* Of the past alone: the range must not jump about with every request of today. */
static uint64_t seed_of(const int64_t *days, size_t count, int64_t today) {
  uint64_t seed = (uint64_t)today;
  for (size_t i = 0; i < count; i++) {
    seed ^= (uint64_t)days[i];
    (void)next_random(&seed);
  }
  return seed;
}

/* ---- the past ---- */

struct past {
  const int64_t *days;
  size_t count;
  int64_t first; /* days since 1970 */
  int32_t active;
  bool weekdays;
  /* Where a stretch may begin, for each day of the week: sums of weights, rising with the index. */
  int64_t sums[WEEK][FORECAST_DAYS];
};

/* The last weeks, from the first day of any spend on: what was before that is not rest, but nothing. */
static void look_back(const struct forecast_input *in, struct past *past) {
  size_t from = in->count > FORECAST_DAYS ? in->count - FORECAST_DAYS : 0;
  while (from < in->count && in->days[from] <= 0)
    from++;
  *past = (struct past){
      .days = in->days + from,
      .count = in->count - from,
      .first = in->today - (int64_t)(in->count - from),
      .weekdays = in->count - from >= FORECAST_WEEKDAYS,
  };
  for (size_t i = 0; i < past->count; i++)
    past->active += past->days[i] > 0;
}

static int weekday(int64_t day) {
  return calendar_weekday(day) - 1;
}

static void weigh(struct past *past) {
  int64_t weight = 1000000;
  int64_t weights[FORECAST_DAYS];
  for (size_t i = past->count; i-- > 0;) {
    weights[i] = weight;
    weight = weight * AGEING_PERMILLE / 1000;
  }
  for (int w = 0; w < WEEK; w++) {
    int64_t sum = 0;
    for (size_t i = 0; i < past->count; i++) {
      if (!past->weekdays || weekday(past->first + (int64_t)i) == w)
        sum += weights[i];
      past->sums[w][i] = sum;
    }
  }
}

/* The first day of a stretch that begins on that day of the week. */
static size_t choose(const struct past *past, int w, uint64_t *random) {
  const int64_t *sums = past->sums[w];
  const int64_t at = (int64_t)(next_random(random) % (uint64_t)sums[past->count - 1]);
  size_t i = 0;
  while (sums[i] <= at)
    i++;
  return i;
}

/* ---- the futures ---- */

/* One column a future, one row a day: what is spent until then, today's rest first. */
struct futures {
  int64_t *sums;
  size_t rows;
};

static int64_t scale(int64_t nanousd, int64_t permille) {
  const wide scaled = (wide)nanousd * permille / 1000;
  return scaled > INT64_MAX ? INT64_MAX : (int64_t)scaled;
}

/* Less is known of a short past. */
static int64_t level_of(const struct past *past, size_t future) {
  const int64_t level = levels[future % LEVELS];
  return past->weekdays ? level : 1000 + (level - 1000) * 5 / 4;
}

static void imagine(const struct forecast_input *in, const struct past *past, size_t future,
                    uint64_t *random, const struct futures *out) {
  const int64_t level = level_of(past, future);
  int64_t sum = in->spent_nanousd;
  size_t at = 0;
  size_t left = 0; /* of the stretch */
  for (size_t row = 0; row < out->rows; row++) {
    if (left == 0 || at == past->count) {
      at = choose(past, weekday(in->today + (int64_t)row), random);
      left = WEEK;
    }
    int64_t day = scale(past->days[at] > 0 ? past->days[at] : 0, level);
    if (row == 0)
      day = scale(day, in->today_left_permille);
    sum = money_add(sum, day);
    out->sums[row * FUTURES + future] = sum;
    at++;
    left--;
  }
}

static int64_t percentile(const int64_t *sorted, int percent) {
  return sorted[(FUTURES - 1) * percent / 100];
}

static int64_t middle(const struct futures *f, size_t row) {
  int64_t *sums = f->sums + row * FUTURES;
  qsort(sums, FUTURES, sizeof *sums, order_int64);
  return percentile(sums, 50);
}

/* The middles rise from day to day: the first that reaches the limit is found by halving. Rows lose their order, each within itself. */
static void exhaust(const struct forecast_input *in, const struct futures *f,
                    struct forecast *out) {
  size_t low = 0;
  size_t high = f->rows - 1;
  if (in->limit_nanousd < 0)
    return;
  if (in->spent_nanousd >= in->limit_nanousd) {
    out->exhausted_days = 0;
    return;
  }
  if (out->p50_nanousd < in->limit_nanousd)
    return;
  while (low < high) {
    const size_t mid = (low + high) / 2;
    if (middle(f, mid) >= in->limit_nanousd)
      high = mid;
    else
      low = mid + 1;
  }
  const int64_t before = low > 0 ? middle(f, low - 1) : in->spent_nanousd;
  const int64_t after = middle(f, low);
  out->exhausted_days = (int32_t)low;
  out->exhausted_permille = (int32_t)((wide)(in->limit_nanousd - before) * 1000 / (after - before));
}

int forecast_make(const struct forecast_input *in, struct forecast *out) {
  struct past past;
  *out = (struct forecast){.method = FORECAST_NONE, .exhausted_days = -1};
  look_back(in, &past);
  out->days_active = past.active;
  if (in->limit_nanousd >= 0 && in->spent_nanousd >= in->limit_nanousd)
    out->exhausted_days = 0;
  if (past.active < FORECAST_ACTIVE || in->days_left > FORECAST_AHEAD || in->days_left < 0)
    return PURSER_OK;
  struct futures futures = {.rows = (size_t)in->days_left + 1};
  futures.sums = mem_alloc(futures.rows * FUTURES * sizeof *futures.sums);
  if (futures.sums == NULL)
    return PURSER_ENOMEM;
  weigh(&past);
  uint64_t random = seed_of(past.days, past.count, in->today);
  for (size_t i = 0; i < FUTURES; i++)
    imagine(in, &past, i, &random, &futures);
  const int64_t *last = futures.sums + (futures.rows - 1) * FUTURES;
  out->p50_nanousd = middle(&futures, futures.rows - 1);
  out->p10_nanousd = percentile(last, 10);
  out->p90_nanousd = percentile(last, 90);
  out->method = past.weekdays ? FORECAST_WEEKDAYS_KNOWN : FORECAST_DAILY;
  exhaust(in, &futures, out);
  mem_free(futures.sums);
  return PURSER_OK;
}

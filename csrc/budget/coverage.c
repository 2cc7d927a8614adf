/* coverage.c - see coverage.h. From the daily totals, which are read once. */
#include "budget/coverage.h"

#include "base/calendar.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/zone.h"
#include "ledger/hash.h"

enum {
  LONGEST_MONTH = 31,
  DAYS = (COVERAGE_MONTHS + 1) * LONGEST_MONTH + FORECAST_DAYS
};

struct past_days {
  int64_t first; /* days since 1970 */
  int64_t nanousd[DAYS];
};

/* Uncertain spend is in no forecast (outlook.c). */
static int add_day(void *data, const char *key, const struct sums *sums) {
  struct past_days *days = data;
  int64_t day = 0;
  if (calendar_parse_date(key, &day) != PURSER_OK || day < days->first || day >= days->first + DAYS)
    return 0;
  int64_t *total = &days->nanousd[day - days->first];
  *total = money_add(*total, sums->cost_nanousd - sums->uncertain_nanousd);
  return 0;
}

static int64_t sum_of(const struct past_days *days, int64_t from, int64_t until) {
  int64_t sum = 0;
  for (int64_t day = from; day < until; day++)
    sum = money_add(sum, days->nanousd[day - days->first]);
  return sum;
}

static int look_at_month(const struct past_days *days, int64_t month, int32_t length,
                         struct coverage *out) {
  const int64_t today = month + COVERAGE_DAY - 1;
  const struct forecast_input input = {
      .days = &days->nanousd[today - FORECAST_DAYS - days->first],
      .count = FORECAST_DAYS,
      .today = today,
      .days_left = length - COVERAGE_DAY,
      .spent_nanousd = sum_of(days, month, today + 1),
      .limit_nanousd = -1,
  };
  struct forecast forecast;
  const int status = forecast_make(&input, &forecast);
  if (status != PURSER_OK || forecast.method == FORECAST_NONE)
    return status;
  const int64_t end = sum_of(days, month, month + length);
  out->months++;
  out->covered += forecast.p10_nanousd <= end && end <= forecast.p90_nanousd;
  return PURSER_OK;
}

static int look_at_months(const struct past_days *days, struct civil month, struct coverage *out) {
  int status = PURSER_OK;
  for (int i = 0; i < COVERAGE_MONTHS && status == PURSER_OK; i++) {
    month.year -= month.month == 1;
    month.month = month.month == 1 ? 12 : month.month - 1;
    status = look_at_month(days, calendar_days(month),
                           calendar_days_in_month(month.year, month.month), out);
  }
  return status;
}

int coverage_of_months(struct ledger *ledger, const struct report_query *filters,
                       struct coverage *out, struct error *error) {
  const int64_t today = zone_day(ledger_zone(ledger), clock_now_ms(ledger_clock(ledger)));
  struct civil month = calendar_civil(today);
  struct report_query query = *filters;
  month.day = 1;
  *out = (struct coverage){0};
  struct past_days *days = mem_zalloc(sizeof *days);
  if (days == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  days->first = calendar_days((struct civil){month.year - 1, month.month, 1}) - FORECAST_DAYS;
  query.by = REPORT_BY_DAY;
  query.since_day = days->first;
  query.until_day = calendar_days(month);
  int status = ledger_report(ledger, &query, add_day, days, NULL, error);
  if (status == PURSER_OK) {
    status = look_at_months(days, month, out);
    if (status != PURSER_OK)
      (void)error_set(error, status, "out of memory");
  }
  mem_free(days);
  return status;
}

static uint64_t key_of(const struct report_query *q, bool *failed) {
  const char *const texts[] = {q->agent,  q->workspace, q->source, q->model,
                               q->effort, q->branch,    q->billing};
  struct buf all = BUF_INIT;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    buf_addc(&all, texts[i] != NULL ? '=' : '-');
    buf_adds(&all, texts[i] != NULL ? texts[i] : "");
    buf_addc(&all, '\n');
  }
  const uint64_t hash = hash_text(buf_text(&all));
  *failed = all.failed;
  buf_fini(&all);
  return hash != 0 ? hash : 1;
}

int coverage_recall(struct coverage_memo *memo, struct ledger *ledger,
                    const struct report_query *filters, struct coverage *out, struct error *error) {
  const int64_t today = zone_day(ledger_zone(ledger), clock_now_ms(ledger_clock(ledger)));
  bool failed = false;
  const uint64_t key = key_of(filters, &failed);
  for (size_t i = 0; !failed && i < COVERAGE_ENTRIES; i++) {
    if (memo->entries[i].filters == key && memo->entries[i].day == today) {
      *out = memo->entries[i].found;
      return PURSER_OK;
    }
  }
  const int status = coverage_of_months(ledger, filters, out, error);
  if (status != PURSER_OK || failed)
    return status;
  memo->entries[memo->next].filters = key;
  memo->entries[memo->next].day = today;
  memo->entries[memo->next].found = *out;
  memo->next = (memo->next + 1) % COVERAGE_ENTRIES;
  return PURSER_OK;
}

/* outlook.c - see outlook.h. Days are the ledger's own: they come from its rollups, whatever zone a budget counts in. */
#include "budget/outlook.h"

#include "base/calendar.h"
#include "base/money.h"
#include "base/zone.h"
#include "ledger/internal.h"

/* What is asked of the ledger: these days, and what happened in them. */
struct days {
  int64_t first; /* days since 1970 */
  int64_t today;
  int64_t month_first; /* from here on it is of the period that is asked about */
  int64_t nanousd[FORECAST_DAYS];
  int64_t month_nanousd; /* of the period, today included */
};

/* Uncertain spend is in no budget. */
static int add_day(void *data, const char *key, const struct sums *sums) {
  struct days *days = data;
  const int64_t nanousd = sums->cost_nanousd - sums->uncertain_nanousd;
  int64_t day = 0;
  if (calendar_parse_date(key, &day) != PURSER_OK || day > days->today)
    return 0;
  if (day >= days->month_first)
    days->month_nanousd = money_add(days->month_nanousd, nanousd);
  if (day >= days->first && day < days->today)
    days->nanousd[day - days->first] = money_add(days->nanousd[day - days->first], nanousd);
  return 0;
}

static int read_days(struct ledger *ledger, const struct report_query *like, struct days *days,
                     struct error *error) {
  struct report_query query = *like;
  query.by = REPORT_BY_DAY;
  query.since_day = days->first < days->month_first ? days->first : days->month_first;
  query.until_day = days->today + 1;
  return ledger_report(ledger, &query, add_day, days, NULL, error);
}

static struct days days_before(int64_t today) {
  return (struct days){.first = today - FORECAST_DAYS, .today = today, .month_first = INT64_MAX};
}

/* The rest of today that lies in the period, in thousandths of the day. */
static int32_t left_of_today(const struct zone *zone, int64_t today, int64_t now_ms,
                             int64_t end_ms) {
  const int64_t start = zone_day_start_ms(zone, today);
  const int64_t end = zone_day_start_ms(zone, today + 1);
  const int64_t until = end_ms < end ? end_ms : end;
  if (until <= now_ms || end <= start)
    return 0;
  return (int32_t)((until - now_ms) * 1000 / (end - start));
}

static int64_t exhausted_at(const struct zone *zone, const struct forecast *f, int64_t today,
                            int64_t now_ms, int64_t end_ms) {
  if (f->exhausted_days < 0)
    return 0;
  const int64_t day = today + f->exhausted_days;
  const int64_t start = f->exhausted_days > 0 ? zone_day_start_ms(zone, day) : now_ms;
  const int64_t length = zone_day_start_ms(zone, day + 1) - start;
  const int64_t at = start + length * f->exhausted_permille / 1000;
  return at < end_ms ? at : end_ms - 1;
}

static int forecast(struct ledger *ledger, const struct days *days, int64_t now_ms,
                    int64_t limit_nanousd, struct outlook *out, struct error *error) {
  const struct zone *zone = ledger_zone(ledger);
  const struct forecast_input input = {
      .days = days->nanousd,
      .count = FORECAST_DAYS,
      .today = days->today,
      .today_left_permille = left_of_today(zone, days->today, now_ms, out->period.end_ms),
      .days_left = (int32_t)(zone_day(zone, out->period.end_ms - 1) - days->today),
      .spent_nanousd = out->spent_nanousd,
      .limit_nanousd = limit_nanousd,
  };
  if (forecast_make(&input, &out->forecast) != PURSER_OK)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  out->exhausted_ms = exhausted_at(zone, &out->forecast, days->today, now_ms, out->period.end_ms);
  return PURSER_OK;
}

int outlook_of_budget(struct ledger *ledger, const struct policy_state *state, struct outlook *out,
                      struct error *error) {
  const struct policy *p = &state->policy;
  const int64_t now_ms = ledger_now(ledger);
  struct days days = days_before(zone_day(ledger_zone(ledger), now_ms));
  struct report_query query = {
      .agent = p->scope == SCOPE_AGENT ? p->scope_key : NULL,
      .workspace = p->scope == SCOPE_WORKSPACE ? p->scope_key : NULL,
      .billing = billing_name(BILLING_METERED),
  };
  *out = (struct outlook){.period = state->period, .spent_nanousd = state->spent_nanousd};
  int status = read_days(ledger, &query, &days, error);
  if (status == PURSER_OK && ledger->enforce_subscription) {
    query.billing = billing_name(BILLING_SUBSCRIPTION);
    status = read_days(ledger, &query, &days, error);
  }
  return status == PURSER_OK
             ? forecast(ledger, &days, now_ms, p->has_limit ? state->limit_nanousd : -1, out, error)
             : status;
}

int outlook_of_month(struct ledger *ledger, const struct report_query *filters, int64_t as_of_ms,
                     struct outlook *out, struct error *error) {
  const struct zone *zone = ledger_zone(ledger);
  int64_t now_ms = ledger_now(ledger);
  if (as_of_ms != 0)
    now_ms = zone_day_start_ms(zone, zone_day(zone, as_of_ms) + 1) - 1;
  struct days days = days_before(zone_day(zone, now_ms));
  *out = (struct outlook){.period = period_at(PERIOD_MONTH, 1, zone, now_ms)};
  days.month_first = zone_day(zone, out->period.start_ms);
  const int status = read_days(ledger, filters, &days, error);
  if (status != PURSER_OK)
    return status;
  out->spent_nanousd = days.month_nanousd;
  return forecast(ledger, &days, now_ms, -1, out, error);
}

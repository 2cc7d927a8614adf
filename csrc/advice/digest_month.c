/* digest_month.c - see digest_month.h. */
#include "advice/digest_month.h"

#include <string.h>

#include "base/mem.h"

/* ---- which days ---- */

static int parse_month(const char *text, struct civil *out, struct error *error) {
  char date[16];
  int64_t days = 0;
  if (strlen(text) != 7)
    return error_set(error, PURSER_EINVAL, "month: expected one like 2026-11, got \"%s\"", text);
  memcpy(date, text, 7);
  memcpy(date + 7, "-01", 4);
  if (calendar_parse_date(date, &days) != PURSER_OK)
    return error_set(error, PURSER_EINVAL, "month: expected one like 2026-11, got \"%s\"", text);
  *out = calendar_civil(days);
  return PURSER_OK;
}

static struct civil month_before(struct civil first) {
  return first.month > 1 ? (struct civil){first.year, first.month - 1, 1}
                         : (struct civil){first.year - 1, 12, 1};
}

static int set_days(struct ledger *ledger, const char *month, struct digest_month *out,
                    struct error *error) {
  const int64_t now_ms = clock_now_ms(ledger_clock(ledger));
  const struct civil today = calendar_civil(zone_day(ledger_zone(ledger), now_ms));
  out->first = (struct civil){today.year, today.month, 1};
  if (month != NULL) {
    const int status = parse_month(month, &out->first, error);
    if (status != PURSER_OK)
      return status;
    if (calendar_days(out->first) > calendar_days(today))
      return error_set(error, PURSER_EINVAL, "month: %s has not begun", month);
  }
  out->running = out->first.year == today.year && out->first.month == today.month;
  out->last = out->first;
  out->last.day =
      out->running ? today.day : calendar_days_in_month(out->first.year, out->first.month);
  out->before_first = month_before(out->first);
  out->before_last = out->before_first;
  const int32_t length = calendar_days_in_month(out->before_first.year, out->before_first.month);
  out->before_last.day = out->running && today.day < length ? today.day : length;
  return PURSER_OK;
}

/* ---- the figures ---- */

struct filling {
  struct digest_cut *cut;
  bool before;
};

static struct digest_row *row_of(struct digest_cut *cut, const char *key) {
  for (size_t i = 0; i < cut->count; i++) {
    if (strcmp(cut->rows[i].key, key) == 0)
      return &cut->rows[i];
  }
  void *rows = cut->rows;
  if (mem_grow(&rows, &cut->cap, cut->count + 1, sizeof *cut->rows) != PURSER_OK)
    return NULL;
  cut->rows = rows;
  struct digest_row *row = &cut->rows[cut->count];
  *row = (struct digest_row){.key = mem_strdup(key)};
  if (row->key == NULL)
    return NULL;
  cut->count++;
  return row;
}

static int take(void *data, const char *key, const struct sums *sums) {
  const struct filling *f = data;
  struct digest_row *row = row_of(f->cut, key);
  if (row == NULL)
    return PURSER_ENOMEM;
  *(f->before ? &row->before : &row->now) = *sums;
  return 0;
}

static int read_cut(struct ledger *ledger, const struct digest_month *month, enum report_by by,
                    struct digest_cut *cut, struct error *error) {
  struct report_query query = {
      .by = by,
      .billing = billing_name(month->billing),
      .since_day = calendar_days(month->first),
      .until_day = calendar_days(month->last) + 1,
  };
  struct filling filling = {cut, false};
  const int status = ledger_report(ledger, &query, take, &filling, &cut->now, error);
  if (status != PURSER_OK)
    return status;
  query.since_day = calendar_days(month->before_first);
  query.until_day = calendar_days(month->before_last) + 1;
  filling.before = true;
  return ledger_report(ledger, &query, take, &filling, &cut->before, error);
}

static int take_billing(void *data, const char *key, const struct sums *sums) {
  struct digest_month *month = data;
  const int kind = billing_parse(key);
  if (kind >= 0)
    month->others[kind] = *sums;
  return 0;
}

/* The metered, else the first that there is anything of. */
static int read_billing(struct ledger *ledger, struct digest_month *month, struct error *error) {
  const struct report_query query = {
      .by = REPORT_BY_BILLING,
      .since_day = calendar_days(month->first),
      .until_day = calendar_days(month->last) + 1,
  };
  const int status = ledger_report(ledger, &query, take_billing, month, NULL, error);
  for (int kind = BILLING_METERED; kind <= BILLING_LOCAL; kind++) {
    if (month->others[kind].requests > 0) {
      month->billing = (enum billing)kind;
      break;
    }
  }
  return status;
}

int digest_month_read(struct ledger *ledger, const char *month, struct digest_month *out,
                      struct error *error) {
  static const enum report_by by[DIGEST_CUTS] = {
      [DIGEST_AGENTS] = REPORT_BY_AGENT,
      [DIGEST_WORKSPACES] = REPORT_BY_WORKSPACE,
      [DIGEST_MODELS] = REPORT_BY_MODEL,
  };
  *out = (struct digest_month){.running = false};
  int status = set_days(ledger, month, out, error);
  if (status == PURSER_OK)
    status = read_billing(ledger, out, error);
  for (size_t i = 0; i < DIGEST_CUTS && status == PURSER_OK; i++)
    status = read_cut(ledger, out, by[i], &out->cuts[i], error);
  return status;
}

void digest_month_fini(struct digest_month *month) {
  for (size_t i = 0; i < DIGEST_CUTS; i++) {
    for (size_t j = 0; j < month->cuts[i].count; j++)
      mem_free(month->cuts[i].rows[j].key);
    mem_free(month->cuts[i].rows);
    month->cuts[i] = (struct digest_cut){.count = 0};
  }
}

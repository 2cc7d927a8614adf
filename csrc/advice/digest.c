/* digest.c - see digest.h. */
#include "advice/digest.h"

#include "advice/digest_parts.h"
#include "advice/digest_text.h"
#include "base/money.h"
#include "budget/outlook.h"

static const char *billing_word(enum billing billing) {
  static const char *const words[] = {"", " API-equivalent", " local"};
  return words[billing];
}

static void write_compared(struct buf *out, const struct digest_month *month) {
  const int64_t now = month->cuts[0].now.cost_nanousd;
  const int64_t before = month->cuts[0].before.cost_nanousd;
  if (before <= 0)
    return;
  buf_adds(out, now == before ? ", the same as in " : ", ");
  if (now != before) {
    digest_percent(out, now > before ? now - before : before - now, before);
    buf_addf(out, " %s than in ", now > before ? "more" : "less");
  }
  digest_before(out, month);
  buf_adds(out, " (");
  money_write_human(out, before);
  buf_addc(out, ')');
}

static int write_forecast(struct ledger *ledger, const struct digest_month *month, struct buf *out,
                          struct error *error) {
  const struct report_query filters = {.billing = billing_name(month->billing)};
  struct outlook outlook;
  if (!month->running)
    return PURSER_OK;
  const int status = outlook_of_month(ledger, &filters, 0, &outlook, error);
  const struct forecast *f = &outlook.forecast;
  if (status != PURSER_OK || f->method == FORECAST_NONE)
    return status;
  buf_adds(out, "By the month's end it will be about ");
  money_write_human(out, f->p50_nanousd);
  buf_adds(out, "; in eight of ten cases ");
  money_write_human(out, f->p10_nanousd);
  buf_adds(out, " to ");
  money_write_human(out, f->p90_nanousd);
  buf_adds(out, ".\n\n");
  return PURSER_OK;
}

static void write_doubts(struct buf *out, const struct sums *total) {
  const size_t len = out->len;
  if (total->unpriced_requests > 0) {
    buf_adds(out, "- ");
    digest_count(out, total->unpriced_requests, "request");
    buf_addf(out, " %s no price, and %s not in it.\n",
             total->unpriced_requests == 1 ? "has" : "have",
             total->unpriced_requests == 1 ? "is" : "are");
  }
  if (total->estimated_nanousd > 0) {
    buf_adds(out, "- ");
    money_write_human(out, total->estimated_nanousd);
    buf_adds(out, " of it are estimated.\n");
  }
  if (total->uncertain_nanousd > 0) {
    buf_adds(out, "- ");
    money_write_human(out, total->uncertain_nanousd);
    buf_adds(out, " of it are uncertain, and count against no budget.\n");
  }
  buf_adds(out, out->len > len ? "\n" : "");
}

/* What is billed in another way is never added up with it. */
static void write_others(struct buf *out, const struct digest_month *month) {
  const char *before = "Kept apart: ";
  for (int kind = (int)month->billing + 1; kind <= BILLING_LOCAL; kind++) {
    const struct sums *sums = &month->others[kind];
    if (sums->requests == 0)
      continue;
    buf_adds(out, before);
    before = "; ";
    if (kind == BILLING_LOCAL) {
      digest_tokens(out, digest_tokens_of(sums));
      buf_adds(out, " tokens on local models");
    } else {
      digest_cost(out, sums);
      buf_adds(out, " API-equivalent that subscriptions cover");
    }
  }
  buf_adds(out, before[0] == ';' ? ".\n\n" : "");
}

static int write_head(struct ledger *ledger, const struct digest_month *month, struct buf *out,
                      struct error *error) {
  const struct sums *total = &month->cuts[0].now;
  buf_addf(out, "# What the agents cost in %s %d\n\n", digest_month_names[month->first.month],
           (int)month->first.year);
  if (total->requests == 0) {
    buf_adds(out, month->running ? "Nothing was booked yet.\n\n" : "Nothing was booked.\n\n");
    return PURSER_OK;
  }
  buf_adds(out, "**");
  digest_cost(out, total);
  buf_addf(out, "%s** ", billing_word(month->billing));
  if (month->running)
    buf_addf(out, "by the end of %d %s, ", (int)month->last.day,
             digest_month_names[month->last.month]);
  buf_adds(out, "in ");
  digest_count(out, total->runs, "run");
  buf_adds(out, " and ");
  digest_count(out, total->requests, "request");
  buf_adds(out, " with ");
  digest_tokens(out, digest_tokens_of(total));
  buf_adds(out, " tokens");
  write_compared(out, month);
  buf_adds(out, ".\n\n");
  write_doubts(out, total);
  const int status = write_forecast(ledger, month, out, error);
  write_others(out, month);
  return status;
}

int digest_write(struct ledger *ledger, const struct catalog *catalog, const char *month,
                 struct buf *out, struct error *error) {
  struct digest_month figures;
  int status = digest_month_read(ledger, month, &figures, error);
  if (status == PURSER_OK)
    status = write_head(ledger, &figures, out, error);
  if (status == PURSER_OK && figures.cuts[0].now.requests + figures.cuts[0].before.requests > 0) {
    if (figures.cuts[0].now.requests > 0)
      digest_spent_on(out, &figures);
    digest_changes(out, &figures);
    status = digest_suggestions(ledger, catalog, &figures, out, error);
  }
  digest_month_fini(&figures);
  return status == PURSER_OK ? buf_status(out) : status;
}

/* after.c - see after.h. */
#include "advice/after.h"

enum {
  ACTIVE_DAYS = 3,
  RUNS = 3,
  BEFORE_DAYS = 30,
  DIFFERENCE_PERCENT = 10
};

const char *after_verdict_name(enum after_verdict verdict) {
  static const char *const names[] = {"too_early", "saved", "no_difference", "worse"};
  return names[verdict];
}

enum after_verdict after_compare(const struct run_means *before, const struct run_means *since,
                                 int64_t *per_run_nanousd) {
  *per_run_nanousd = 0;
  if (since->active_days < ACTIVE_DAYS || before->runs < RUNS || since->runs < RUNS)
    return AFTER_TOO_EARLY;
  const int64_t was = before->cost_nanousd / before->runs;
  const int64_t now = since->cost_nanousd / since->runs;
  *per_run_nanousd = was - now;
  const int64_t tenth = was / 100 * DIFFERENCE_PERCENT;
  if (was - now > tenth)
    return AFTER_SAVED;
  return now - was > tenth ? AFTER_WORSE : AFTER_NO_DIFFERENCE;
}

int after_measure(struct ledger *ledger, const struct accepted *accepted, struct after *out,
                  struct error *error) {
  static const int64_t day_ms = 86400000;
  *out = (struct after){.verdict = AFTER_TOO_EARLY};
  int status = advice_means(ledger, accepted->agent, accepted->at_ms - BEFORE_DAYS * day_ms,
                            accepted->at_ms, &out->before, error);
  if (status == PURSER_OK)
    status = advice_means(ledger, accepted->agent, accepted->at_ms, INT64_MAX, &out->since, error);
  if (status == PURSER_OK) {
    out->verdict = after_compare(&out->before, &out->since, &out->per_run_nanousd);
    out->saved_nanousd = out->per_run_nanousd * out->since.runs;
  }
  return status;
}

/* digest_month.h - the figures of a digest: a month beside the one before, cut in three ways. */
#ifndef ADVICE_DIGEST_MONTH_H
#define ADVICE_DIGEST_MONTH_H

#include "base/calendar.h"
#include "ledger/ledger.h"

struct digest_row {
  char *key;
  struct sums now, before;
};

struct digest_cut {
  struct digest_row *rows; /* dearest first; those of the month before alone come last */
  size_t count, cap;
  struct sums now, before; /* all rows */
};

enum {
  DIGEST_AGENTS,
  DIGEST_WORKSPACES,
  DIGEST_MODELS,
  DIGEST_CUTS
};

struct digest_month {
  struct civil first, last; /* of what is told; last is today in the running month */
  struct civil before_first, before_last;
  bool running;
  enum billing billing;
  struct sums others[BILLING_LOCAL + 1]; /* by kind of billing */
  struct digest_cut cuts[DIGEST_CUTS];
};

/* digest_month_fini() in any case. */
int digest_month_read(struct ledger *ledger, const char *month, struct digest_month *out,
                      struct error *error);
void digest_month_fini(struct digest_month *month);

#endif

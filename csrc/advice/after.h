/* after.h - what became of a suggestion that was taken up: measured again once it has been in use. */
#ifndef ADVICE_AFTER_H
#define ADVICE_AFTER_H

#include "ledger/advice_log.h"

enum after_verdict {
  AFTER_TOO_EARLY = 0, /* fewer than three active days since, or nothing to compare with */
  AFTER_SAVED = 1,
  AFTER_NO_DIFFERENCE = 2,
  AFTER_WORSE = 3
};
const char *after_verdict_name(enum after_verdict verdict);

struct after {
  enum after_verdict verdict;
  struct run_means before; /* the thirty days before it */
  struct run_means since;
  int64_t per_run_nanousd; /* less per run than before; negative: more */
  int64_t saved_nanousd;   /* over the runs since */
};

/* Pure: a tenth more or less a run is a difference. */
enum after_verdict after_compare(const struct run_means *before, const struct run_means *since,
                                 int64_t *per_run_nanousd);

int after_measure(struct ledger *ledger, const struct accepted *accepted, struct after *out,
                  struct error *error);

#endif

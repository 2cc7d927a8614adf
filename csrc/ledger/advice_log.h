/* advice_log.h - what became of advice: findings that were waved aside, and suggestions that were taken up. */
#ifndef LEDGER_ADVICE_LOG_H
#define LEDGER_ADVICE_LOG_H

#include "ledger/ledger.h"

/* A finding of the review is not shown again. Doing it twice is fine. */
int advice_dismiss(struct ledger *ledger, int64_t run_id, const char *finding, struct error *error);
int advice_restore(struct ledger *ledger, int64_t run_id, const char *finding, struct error *error);
/* *out: whether it was. */
int advice_is_dismissed(struct ledger *ledger, int64_t run_id, const char *finding, bool *out,
                        struct error *error);

/* A suggestion that the user took up: what is changed from there on, and where. */
struct accepted {
  int64_t id, at_ms;
  const char *agent;
  const char *what; /* "model", "effort", "compaction", "budget" */
  const char *from, *to;
  int64_t promised_nanousd; /* a month, as the suggestion said; 0 nothing */
};
int advice_accept(struct ledger *ledger, const struct accepted *accepted, int64_t *id,
                  struct error *error);
/* Newest first. Strings are valid until the callback returns. */
int advice_accepted_each(struct ledger *ledger,
                         int (*each)(void *data, const struct accepted *accepted), void *data,
                         struct error *error);

/* How an agent's runs were in a stretch of time: for comparing before and after. */
struct run_means {
  int64_t runs, active_days, cost_nanousd, tokens, duration_ms, completed;
};
int advice_means(struct ledger *ledger, const char *agent, int64_t since_ms, int64_t until_ms,
                 struct run_means *out, struct error *error);

#endif

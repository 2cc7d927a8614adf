/* codex_totals.h - Codex's cumulative counters turned into requests (rule 5). Pure arithmetic, without JSON.
 *
 * The counters grow per thread, are written again after a resume or a compaction, and are replayed by forks. */
#ifndef USAGE_CODEX_TOTALS_H
#define USAGE_CODEX_TOTALS_H

#include "base/public.h"

struct codex_totals {
  purser_usage mark; /* what was counted up to now */
  bool known;        /* there is a mark; without one the next figure is a seam */
};

enum codex_step {
  CODEX_REPEATED = 0, /* nothing new */
  CODEX_REQUEST = 1,  /* *out is a request's usage */
  CODEX_UNSURE = 2    /* *out is, but it may hold requests of another thread */
};

/* The next total and, where it is written along, the last request's own figures. At a seam (a file's beginning, the end of a
 * fork's replay) the latter are trusted, since the total holds what went before. */
enum codex_step codex_totals_next(struct codex_totals *totals, const purser_usage *total,
                                  const purser_usage *last, purser_usage *out, bool *clamped);

/* A request was accounted for by its own record: the total that stands with it is counted. */
void codex_totals_counted(struct codex_totals *totals, const purser_usage *total);

/* The time inside a UUID of version 7, in UTC ms; 0 for any other id. */
int64_t codex_id_ms(purser_str id);

#endif

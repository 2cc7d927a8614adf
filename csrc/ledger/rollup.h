/* rollup.h - the sums by day, agent, workspace, model, source, effort, branch and billing, kept in the same transaction as what they
 * sum.
 *
 * The rollups have several grains in one table. The finest is by day and by everything: any report can be made from it. The
 * coarser ones leave names out, and some are by month: they make the common reports short. A request touches the finest grain only;
 * the coarser ones take in a day when it is over, in the first transaction of the next (a day is *settled* then), and what is
 * booked for a settled day later goes into all of them. So a report is: coarse rows up to the first day that is not settled,
 * fine ones from there. The grains that tell names apart day by day are kept from a certain size on: in a small ledger they would be
 * nearly as many rows as the finest, which is read as fast.
 *
 * Within a transaction the changes are gathered in memory and written once, at its end or when somebody wants to read them. */
#ifndef LEDGER_ROLLUP_H
#define LEDGER_ROLLUP_H

#include "ledger/sums.h"

/* What a cell is of: name ids, and the instant whose day in the ledger's zone it is. */
struct cell {
  int64_t at_ms;
  int64_t agent, workspace, model, source, effort, branch;
  int64_t billing;
};

/* Names that a grain tells apart. Billing is told apart by all. */
enum rollup_names {
  ROLLUP_AGENT = 1,
  ROLLUP_WORKSPACE = 2,
  ROLLUP_MODEL = 4,
  ROLLUP_SOURCE = 8,
  ROLLUP_EFFORT = 16,
  ROLLUP_BRANCH = 32,
  ROLLUP_ALL_NAMES = 63
};
struct rollup_grain {
  unsigned names;
  bool by_month; /* else by day */
};
/* A grain's number in the table is its place here; the first is the finest. */
enum {
  ROLLUP_GRAINS = 12
};
extern const struct rollup_grain rollup_grains[ROLLUP_GRAINS];

/* Months count from year 0: the span of the rows of a grain by month. */
int64_t rollup_month(int64_t day);
int64_t rollup_month_start(int64_t month); /* its first day */

/* One changed row of a grain. */
struct rollup_row {
  int64_t grain, span;
  int64_t agent, workspace, model, source, effort, branch, billing;
  struct sums sums;
};

/* Part of a handle. */
struct rollups {
  struct rollup_row *rows; /* open addressing; not written yet */
  unsigned char *used;
  size_t cap, count;
  int64_t settled;     /* days before it are in the coarser grains, too */
  bool by_day;         /* the grains by day and names are kept */
  bool settled_loaded; /* both are those of the snapshot */
  int64_t many;        /* from so many fine rows on; 0: ROLLUP_MANY */
};

enum {
  ROLLUP_MANY = 40000
};

/* Adds `delta` (fields may be negative) to a cell; a cell that comes to nothing is removed. Inside a transaction. */
int rollup_add(struct ledger *ledger, const struct cell *cell, const struct sums *delta,
               struct error *error);
/* Writes what was added, and settles the days that are over. Before a commit, and before the table is read. */
int rollup_flush(struct ledger *ledger, struct error *error);
/* Settles the days that are over. Inside a transaction. */
int rollup_settle(struct ledger *ledger, struct error *error);
/* The first day that is not settled; INT64_MIN before anything was booked. */
int rollup_settled(struct ledger *ledger, int64_t *day, struct error *error);

/* Whether the rows of a grain are there, for settled days; after rollup_settled(). */
bool rollup_is_kept(const struct rollups *rollups, int64_t grain);

/* What others have written may have settled days. */
void rollup_changed(struct rollups *rollups);
/* The transaction was rolled back. */
void rollup_forget(struct rollups *rollups);
void rollup_fini(struct rollups *rollups);

/* Whether two cells are the same row, in the ledger's zone. */
bool rollup_same(const struct ledger *ledger, const struct cell *a, const struct cell *b);

/* Computes all rollups anew from the log, with days of `zone`, those before `settled` settled (INT64_MIN: those that are over). Inside
 * a transaction. */
int rollup_rebuild(struct ledger *ledger, const struct zone *zone, int64_t settled,
                   struct error *error);

/* Makes the SQL functions purser_day(ms), the day in ledger->day_zone, which each query sets before it begins, and purser_month(day). */
int rollup_make_functions(struct ledger *ledger, struct error *error);

#endif

/* internal.h - the inside of a ledger, for ledger/ and budget/. */
#ifndef LEDGER_INTERNAL_H
#define LEDGER_INTERNAL_H

#include "ledger/counter.h"
#include "ledger/db.h"
#include "ledger/ledger.h"
#include "ledger/names.h"
#include "ledger/rollup.h"

struct ledger {
  struct db *db;
  struct clock clock;
  struct zone *zone;
  const struct zone *day_zone; /* whose days the SQL function purser_day() tells */
  struct names names;
  struct counters counters;
  struct rollups rollups;
  struct unusual *unusual; /* NULL until runs are judged */
  struct bulk *bulk;       /* NULL: everything is written at once (bulk.h) */
  struct zone *zones[8];   /* of policies, as they were met */
  size_t zone_count;
  uint32_t change_counter; /* of the file when the caches were filled */
  int failed;              /* what spoiled the open transaction: it can only be rolled back */
  bool enforce_subscription;
};

int64_t ledger_now(const struct ledger *ledger);

/* A zone by name ("" the system's), loaded once per handle and kept until it is closed. */
int ledger_named_zone(struct ledger *ledger, const char *name, const struct zone **out,
                      struct error *error);

/* Refuses to write outside a transaction; `what` is for the message. */
int ledger_need_transaction(struct ledger *ledger, const char *what, struct error *error);
/* Marks the transaction as spoiled when `status` is a failure, wraps the message; returns the status. */
int ledger_spoil(struct ledger *ledger, int status, const char *what, struct error *error);

/* One snapshot for several reads; no-ops inside a transaction. The zone and the policies are those of the snapshot. */
int ledger_read_begin(struct ledger *ledger, bool *mine, struct error *error);
void ledger_read_end(struct ledger *ledger, bool mine);

/* Whether what is kept in memory is that of the snapshot that a running statement reads: then a question that needs one statement
 * only needs no transaction around it. */
bool ledger_is_current(struct ledger *ledger);

/* Runs `body` in a transaction of its own. */
int ledger_transact(struct ledger *ledger,
                    int (*body)(struct ledger *ledger, void *data, struct error *error), void *data,
                    struct error *error);

/* NULL is "". */
const char *ledger_text(const char *text);

#endif

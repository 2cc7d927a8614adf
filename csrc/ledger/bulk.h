/* bulk.h - booking many requests through the one door with less work for each.
 *
 * Between ledger_bulk_begin and ledger_bulk_end, whatever is booked comes out as it would without: the same functions decide. What is saved is
 * asking and writing the same things again: the facts of a run are kept, what is added to runs and counters is gathered and
 * written once for a transaction, and keys that were never met are not looked for. */
#ifndef LEDGER_BULK_H
#define LEDGER_BULK_H

#include "ledger/run_facts.h"

/* Outside of a transaction. `expected`: about how many requests will come, 0 a few: whether it pays to know all keys. */
int ledger_bulk_begin(struct ledger *ledger, int64_t expected, struct error *error);
void ledger_bulk_end(struct ledger *ledger);

/* Writes what was gathered: before a commit (which does it by itself), and before anybody reads runs or policies. */
int ledger_bulk_flush(struct ledger *ledger, struct error *error);

/* Whether somebody else has been waiting to write for some milliseconds: time to commit. */
bool ledger_is_awaited(const struct ledger *ledger);

/* Inside a transaction: an imported run had something at that time. Its end is not before it. */
int ledger_bulk_extend(struct ledger *ledger, int64_t run_id, int64_t at_ms, struct error *error);

/* ---- for the other files of this folder; all of them do without bulk being on ---- */

/* The transaction began, and whether others have written since the last one of ours; or it was rolled back. */
int bulk_began(struct ledger *ledger, bool others_wrote, struct error *error);
void bulk_rolled_back(struct ledger *ledger);

/* run_facts_get, from memory where it can be. */
int bulk_facts(struct ledger *ledger, int64_t run_id, struct run_facts *out, struct error *error);
/* Makes a run that has ended; it is written with what it will have come to by then. `ids`: the names of its spec, see run_log.c.
 * PURSER_ENOTFOUND (without a message): bulk is off. */
int bulk_make(struct ledger *ledger, const struct run_spec *spec, enum run_status status,
              const int64_t *ids, struct run_facts *facts, struct error *error);

/* What book.c adds to a run (see there). False: bulk is off, or memory short. */
struct stored_request;
bool bulk_add_to_run(struct ledger *ledger, const struct run_facts *run,
                     const struct stored_request *r, const struct sums *delta);

/* Whether no request with that hash is stored, for certain. */
bool bulk_is_unknown(const struct ledger *ledger, int64_t hash);
void bulk_stored(struct ledger *ledger, int64_t hash);

#endif

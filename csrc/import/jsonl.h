/* jsonl.h - requests as JSON lines: how one ledger's bookings reach another (a backup, another machine, generated samples).
 *
 * A line holds one request and the run it belongs to; lines of one run stand together:
 *
 *   {"run": {"uid", "agent", "workspace", "branch", "source", "model", "effort", "session", "conversation", "prompt", "started_ms",
 *            "ended_ms", "status", "billing"},
 *    "request": {"key", "request_id", "at_ms", "model", "tier", "speed", "flags": [...], "usage": {...},
 *                "cost_nanousd", "cost_status", "rate_card", "reported_nanousd"}}
 *
 * `cost_nanousd` with `cost_status` is taken as booked elsewhere; without it the request is priced here, at its own time. Importing
 * twice counts once: the requests' keys are known, and their run is found through them. */
#ifndef IMPORT_JSONL_H
#define IMPORT_JSONL_H

#include "ledger/ledger.h"

struct jsonl_result {
  int64_t lines;
  int64_t runs;           /* created */
  int64_t booked;         /* requests that were new or better */
  int64_t duplicates;     /* requests that were known */
  int64_t rejected;       /* lines that could not be read */
  int64_t first_rejected; /* number of the first of them, from 1 */
  char reason[160];       /* why that one */
};

/* Reads `path` ("-": standard input) into the ledger, a transaction a run. Stops at the first failure of the ledger; what was
 * committed stays, and the import may be repeated. */
int jsonl_import(struct ledger *ledger, const struct catalog *catalog, const char *path,
                 struct jsonl_result *out, struct error *error);

#endif

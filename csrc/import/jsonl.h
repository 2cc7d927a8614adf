/* jsonl.h - requests as JSON lines: how one ledger's bookings reach another (a backup, another machine, generated samples).
 *
 * A line holds one request and the run it belongs to; lines of one run stand together, and what the first of them says of the run holds for
 * all. A run that never made a request is a line without "request".
 *
 *   {"run": {"uid", "agent", "workspace", "source", "session", "parent", "twin", "branch", "model", "effort", "conversation", "prompt",
 *            "prompt_bytes", "cwd", "record_root", "started_ms", "ended_ms", "duration_ms", "status", "billing", "exit_code", "signal",
 *            "reason", "message", "tool_calls", "retries", "compactions", "imported"},
 *    "request": {"key", "request_id", "at_ms", "period_ms", "model", "tier", "speed", "region", "session", "flags": [...], "usage": {...},
 *                "cost_status", "cost_nanousd", "cost_input_nanousd", "cost_cache_read_nanousd", "cost_cache_write_nanousd",
 *                "cost_output_nanousd", "extra_nanousd", "cache_saved_nanousd", "rate_card", "reported_nanousd"}}
 *
 * Needed are uid, agent, workspace and source, and of a request key, at_ms and model; what is 0 or "" may be left out. `uid` ties
 * the lines of a run together, `parent` is the uid of another run in the file, `twin` counts runs without requests that are alike (dump.h).
 * With "imported" the line comes from an export and is booked as it is; without it, it is marked as imported. `cost_nanousd` with
 * `cost_status` is taken as booked elsewhere; without it the request is priced here, at its own time. Importing twice counts once: the
 * requests' keys are known, and their run is found through them. */
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

/* request_scan.h - all requests of a stretch of time, as pricing wants them: for pricing them in another way. */
#ifndef LEDGER_REQUEST_SCAN_H
#define LEDGER_REQUEST_SCAN_H

#include "ledger/ledger.h"

struct request_scan {
  const char *agent, *workspace; /* NULL any */
  const char *billing;        /* a word of billing_name(); NULL any, another one matches nothing */
  int64_t since_ms, until_ms; /* since included, until excluded */
};

/* Strings are valid until the scan returns. Requests that only stand for a difference of totals come, too (flags). */
struct scanned_request {
  int64_t run_id, at_ms;
  const char *model, *tier, *speed, *region, *source;
  const char *agent, *effort, *run_model; /* of its run; the model that the run is counted under */
  uint32_t flags;
  enum cost_status status;
  purser_usage usage;
  int64_t cost_nanousd;
};

/* Calls `each` until it returns non-zero, which is returned. In the order of time. */
int ledger_request_scan(struct ledger *ledger, const struct request_scan *scan,
                        int (*each)(void *data, const struct scanned_request *request), void *data,
                        struct error *error);

#endif

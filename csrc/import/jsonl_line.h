/* jsonl_line.h - one line of bookings, taken apart; the format is in jsonl.h. */
#ifndef IMPORT_JSONL_LINE_H
#define IMPORT_JSONL_LINE_H

#include "base/json.h"
#include "ledger/ledger.h"

/* The strings of the parts below lie in `texts`. */
struct jsonl_run {
  struct buf texts;
  struct run_spec spec;
  struct run_end end;
  struct run_counts counts;
  const char *uid;
  const char *parent; /* uid, "" none */
  int64_t twin;
  bool exact; /* written by an export: what it says is what was booked */
};

struct jsonl_request {
  struct buf texts;
  struct request request; /* price and run_id are still to be filled in */
  bool priced;            /* the price was given */
};

/* Why a parsed line can't be booked; NULL: it can. */
const char *jsonl_fault(const struct json_doc *doc);

/* 0 or PURSER_ENOMEM. */
int jsonl_run_read(struct jsonl_run *out, const struct json_doc *doc);
void jsonl_run_fini(struct jsonl_run *run);

/* False when the line has no request. */
bool jsonl_has_request(const struct json_doc *doc);
int jsonl_request_read(struct jsonl_request *out, const struct json_doc *doc,
                       const struct jsonl_run *run);
void jsonl_request_fini(struct jsonl_request *request);

#endif

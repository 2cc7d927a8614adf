/* dump.h - the whole log, run by run, for taking it elsewhere. */
#ifndef LEDGER_DUMP_H
#define LEDGER_DUMP_H

#include "base/buf.h"
#include "ledger/ledger.h"

/* Requests with since_ms <= at_ms < until_ms and their runs; a run without any is dated by its beginning. */
struct dump_range {
  int64_t since_ms;
  int64_t until_ms;
};

/* Strings are valid until the callback returns. */
struct dump_run {
  const struct run_row *row;
  bool imported;
  /* The same in every ledger that holds the run: made of what was recorded, and not of a number of this ledger's. */
  const char *uid;
  const char *parent; /* the parent's; "" none */
  int64_t
      twin; /* of a run without requests: how many before it have the same agent, workspace, source, session and beginning */
};

struct dump_request {
  struct request_row row;
  const char *region;
  int64_t reported_nanousd; /* -1 unknown */
  int64_t period_ms;        /* when it counts for budgets; 0: at its own time */
};

struct dump_sink {
  int (*run)(void *data, const struct dump_run *run); /* before its requests */
  int (*request)(void *data, const struct dump_request *request);
  void *data;
};

/* Everything of one snapshot: runs as they began, the requests of each as they were booked. Non-zero from the sink ends it and is
 * returned. */
int ledger_dump(struct ledger *ledger, const struct dump_range *range, const struct dump_sink *sink,
                struct error *error);

/* The run that has the spec's agent, workspace, source, session and beginning, and `twin` others like it before it. PURSER_ENOTFOUND
 * (without a message) if there is none. */
int ledger_find_twin(struct ledger *ledger, const struct run_spec *spec, int64_t twin, int64_t *out,
                     struct error *error);

#endif

/* importer.h - the thread that reads what the clients record: when the ledger is opened, whenever a client writes, and when it is asked to.
 *
 * It has a ledger handle and a loop of its own, so the worker never waits for it: admissions, bookings and questions go on. It writes in
 * short transactions and stands back while the worker has something to do. Messages go straight into the editor's queue; the worker is told that
 * the spend has changed. */
#ifndef API_IMPORTER_H
#define API_IMPORTER_H

#include <cjson/cJSON.h>
#include <stdatomic.h>
#include <uv.h>

#include "api/queue.h"
#include "base/error.h"
#include "import/import.h"

struct importer;

struct importer_options {
  struct queue *messages;
  const struct catalog *catalog; /* immutable while the importer lives */
  const char *ledger;            /* path; copied */
  int64_t prompt_chars;
  bool automatic;              /* reads by itself, and watches; else only when asked */
  atomic_int *busy;            /* the worker's: above 0 while it has something to do */
  void (*changed)(void *data); /* the spend has changed; from the importer's thread */
  void *data;
};

/* What somebody asks to be read. */
struct import_ask {
  struct import_ask *next;
  struct message *reply; /* for the answer */
  int64_t ticket;
  char **sources; /* names, NULL-terminated; NULL all */
  int64_t since_ms;
  bool again, dry_run;
};
void import_ask_free(struct import_ask *ask);

int importer_start(struct importer **out, const struct importer_options *options,
                   struct error *error);
/* Cancels what is under way and waits for the thread. NULL is fine. */
void importer_stop(struct importer *importer);

/* Takes the ask over; it is answered with a PURSER_MESSAGE_REPLY, after PURSER_MESSAGE_IMPORT ones that tell how far it is. */
void importer_submit(struct importer *importer, struct import_ask *ask);

/* What it does and did last, into an object. False: out of memory. */
bool importer_describe(struct importer *importer, cJSON *out);

#endif

/* books.h - a ledger in a folder of its own with a clock that stands still, a few ways to write in it, and an audit that
 * recomputes every sum from the log. */
#ifndef SUPPORT_BOOKS_H
#define SUPPORT_BOOKS_H

#include "ledger/ledger.h"
#include "support/fake_clock.h"
#include "support/support.h"
#include "support/temp.h"

#define CENT INT64_C(10000000)

/* Fails the test with the error's message unless the status is 0. */
#define assert_ok(status, error)                             \
  do {                                                       \
    const int status_ = (status);                            \
    if (status_ != 0)                                        \
      fail_msg("status %d: %s", status_, error_text(error)); \
  } while (0)

struct books {
  struct temp temp;
  struct fake_clock clock;
  struct ledger *ledger;
  struct error error;
};

/* A new ledger at an instant; its zone is UTC unless TZ is set by the test before. */
void books_open(struct books *books, const char *instant);
/* Closes the handle and opens the same file again. */
void books_reopen(struct books *books);
/* Audits, closes and removes. */
void books_close(struct books *books);

/* A run that goes on, in a transaction of its own. */
int64_t books_run(struct books *books, const char *agent, const char *workspace);
int64_t books_run_of(struct books *books, const struct run_spec *spec, enum run_status status);
void books_end(struct books *books, int64_t run_id, enum run_status status);

/* A request of the run with a known price at the clock's time; fields can be changed before it is booked. */
struct request books_request(const struct books *books, int64_t run_id, const char *key,
                             int64_t nanousd);
/* Books in a transaction of its own. */
struct booked books_book(struct books *books, const struct request *request);

/* The sums of a report without a cut. */
struct sums books_total(struct ledger *ledger);

/* Fails the test where anything does not add up: the file itself, each run against its requests, the rollups against the log, every cut
 * against the total, every policy's counter against what its period holds. */
void books_audit(struct ledger *ledger);

#endif

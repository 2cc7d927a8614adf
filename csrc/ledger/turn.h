/* turn.h - whose turn it is to write, among processes that want to at once.
 *
 * SQLite's lock goes to whoever happens to ask when it is free, so that with many writers somebody is always unlucky for long. Here
 * who has waited for some milliseconds takes a number, and as long as numbers are out the lowest goes first. A number is a
 * locked byte of a file beside the ledger, at the moment its owner began to wait; so it dies with its owner. Turns are only a courtesy:
 * what may be written is decided by SQLite's lock alone, and where the file can't be made there are no turns. */
#ifndef LEDGER_TURN_H
#define LEDGER_TURN_H

#include "base/public.h"

struct turn {
  int fd;         /* -1: no turns here */
  int64_t number; /* mine, 0 none */
  int64_t passed; /* one whose owner sleeps: it is not waited for again */
};

/* The ledger's path. */
void turn_open(struct turn *turn, const char *path);
void turn_close(struct turn *turn);

/* Takes a number. `since_ns` is a monotonic time, the same for all processes. */
void turn_take(struct turn *turn, int64_t since_ns);
void turn_give_back(struct turn *turn);

/* The number of somebody who waits for longer than since `since_ns`; 0 if there is none. */
int64_t turn_before(const struct turn *turn, int64_t since_ns);
/* From now on that one is overlooked: its owner is stopped, or has been without a processor for too long. */
void turn_pass(struct turn *turn, int64_t number);

#endif

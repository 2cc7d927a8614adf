/* import_lock.h - one process at a time reads the clients' records into a ledger.
 *
 * Two that do it count nothing twice, but do the same work and get in each other's way. The lock is a file beside the ledger, and goes with
 * the process that holds it, however that ends. */
#ifndef IMPORT_IMPORT_LOCK_H
#define IMPORT_IMPORT_LOCK_H

#include "base/public.h"

struct import_lock {
  int fd; /* -1 not held, or there can be none */
};
#define IMPORT_LOCK_INIT ((struct import_lock){-1})

/* False when another process (or another lock of this one) has it. Where no such file can be made the answer is true: work goes
 * before tidiness. */
bool import_lock_try(struct import_lock *lock, const char *ledger_path);
/* Again is fine. */
void import_lock_release(struct import_lock *lock);

#endif

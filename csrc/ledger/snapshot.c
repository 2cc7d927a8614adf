/* snapshot.c - one moment of the ledger for several questions. */
#include "ledger/internal.h"

int ledger_snapshot_begin(struct ledger *ledger, struct error *error) {
  bool mine = false;
  if (db_in_transaction(ledger->db))
    return error_set(error, PURSER_EINVAL, "a transaction of the ledger is open already");
  return ledger_read_begin(ledger, &mine, error);
}

void ledger_snapshot_end(struct ledger *ledger) {
  ledger_read_end(ledger, db_in_transaction(ledger->db));
}

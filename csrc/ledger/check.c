/* check.c - how the ledger is. */
#include <string.h>

#include "base/mem.h"
#include "ledger/internal.h"

int ledger_check(struct ledger *ledger, struct error *error) {
  char *answer = NULL;
  int status = db_get_text(ledger->db, "PRAGMA quick_check(1)", NULL, 0, &answer, error);
  if (status == PURSER_OK && strcmp(answer, "ok") != 0)
    status = db_fail_status(db_path(ledger->db), PURSER_ECORRUPT, answer, error);
  mem_free(answer);
  return status;
}

int ledger_quarantined(struct ledger *ledger, int64_t *count, struct error *error) {
  return db_get_int(ledger->db,
                    "SELECT count(*) FROM quarantine q WHERE NOT EXISTS"
                    " (SELECT 1 FROM request r WHERE r.run_id = q.run_id AND r.key = q.key)",
                    NULL, 0, count, error);
}

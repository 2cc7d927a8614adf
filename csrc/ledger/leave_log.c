/* leave_log.c - see leave_log.h. */
#include "ledger/leave_log.h"

#include <sys/stat.h>

#include "base/buf.h"
#include "ledger/internal.h"

void ledger_leave_log(struct ledger *ledger) {
  (void)sqlite3_db_config(db_handle(ledger->db), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
}

bool ledger_log_is_long(const char *path) {
  struct buf log = BUF_INIT;
  struct stat info;
  buf_addf(&log, "%s-wal", path);
  const bool is_long = !log.failed && stat(log.data, &info) == 0 && info.st_size > LEAVE_LOG_BYTES;
  buf_fini(&log);
  return is_long;
}

/* status.c - the texts of the status codes. */
#include <stddef.h>

#include "base/public.h"

static const char *const texts[] = {
    "ok",
    "failed",
    "out of memory",
    "invalid argument",
    "input/output error",
    "not found",
    "exists already",
    "malformed input",
    "number out of range",
    "the ledger is busy",
    "the ledger can't be written",
    "the disk is full",
    "the ledger is damaged",
    "the file is not a purser ledger",
    "the ledger was written by a newer purser",
    "refused by a budget",
    "closing",
};

const char *purser_strerror(int32_t status) {
  const int32_t count = (int32_t)(sizeof texts / sizeof texts[0]);
  if (status > 0 || status <= -count)
    return "unknown status";
  return texts[-status];
}

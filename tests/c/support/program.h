/* program.h - the program `purser`, as a shell sees it. */
#ifndef SUPPORT_PROGRAM_H
#define SUPPORT_PROGRAM_H

#include "base/buf.h"

/* Runs `purser ARGUMENTS` in a shell; its output goes to `out` and its errors to `err` (NULL: not wanted), cleared first. Returns
 * its exit code. `program` is PURSER_PROGRAM. */
int program_run(const char *program, const char *arguments, struct buf *out, struct buf *err);

#endif

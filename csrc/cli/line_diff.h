/* line_diff.h - what changes between two texts, line by line, for people. */
#ifndef CLI_LINE_DIFF_H
#define CLI_LINE_DIFF_H

#include "base/buf.h"

/* Appends the lines that differ, "-" and "+" before them, with three lines around each change, as `diff -u` does without its
 * heads. With `color`, in a terminal's red and green. Nothing when both are the same. */
void line_diff(struct buf *out, const char *before, const char *after, bool color);

#endif

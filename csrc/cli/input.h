/* input.h - standard input of verbs that other programs call: all of it, but never waiting for what does not come. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "base/buf.h"

/* Reads to the end, or until nothing has come for `patience_ms`. A terminal, or what is not open at all, says nothing.
 * False when memory was short or there was more than `most` bytes; `out` holds what came before that. */
bool input_read(struct buf *out, int fd, int patience_ms, size_t most);

#endif

/* shell.h - words of command lines. */
#ifndef CLI_SHELL_H
#define CLI_SHELL_H

#include "base/buf.h"

/* Appends a text as one word for a shell, quoted where it has to be. */
void shell_quote(struct buf *out, const char *text);

#endif

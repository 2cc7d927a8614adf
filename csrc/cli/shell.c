/* shell.c - see shell.h. */
#include "cli/shell.h"

#include <string.h>

void shell_quote(struct buf *out, const char *text) {
  static const char plain[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
  if (text[0] != '\0' && text[strspn(text, plain)] == '\0') {
    buf_adds(out, text);
    return;
  }
  buf_addc(out, '\'');
  for (; *text != '\0'; text++) {
    if (*text == '\'')
      buf_adds(out, "'\\''");
    else
      buf_addc(out, *text);
  }
  buf_addc(out, '\'');
}

/* error.h - a status and a message that is wrapped on its way up.
 *
 * The innermost function sets it, every caller that can add something wraps it, and the user reads
 * "open ledger: read schema version: disk I/O error". A NULL error is fine everywhere: the status alone travels. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/public.h"

enum {
  ERROR_MESSAGE_SIZE = 512
};

struct error {
  int status;
  char message[ERROR_MESSAGE_SIZE];
};

/* Sets status and message; returns the status, so that `return error_set(...)` reads well. */
int error_set(struct error *e, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "prefix: " before the message. Returns the status. */
int error_wrap(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The message, or the status's own text where there is none. Never NULL. */
const char *error_text(const struct error *e);

#endif

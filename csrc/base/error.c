/* error.c - messages that grow a prefix at every storey. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *e, int status, const char *format, ...) {
  if (e == NULL)
    return status;
  e->status = status;
  va_list args;
  va_start(args, format);
  (void)vsnprintf(e->message, sizeof e->message, format, args);
  va_end(args);
  return status;
}

int error_wrap(struct error *e, const char *format, ...) {
  if (e == NULL)
    return PURSER_ERROR;
  char prefix[ERROR_MESSAGE_SIZE];
  va_list args;
  va_start(args, format);
  (void)vsnprintf(prefix, sizeof prefix, format, args);
  va_end(args);

  char inner[ERROR_MESSAGE_SIZE];
  (void)snprintf(inner, sizeof inner, "%s", error_text(e));
  /* A message that outgrows its room loses its end, never its beginning: the outer words say where one is. */
  const size_t room = sizeof e->message;
  const size_t at = (size_t)snprintf(e->message, room, "%s: ", prefix);
  if (at + 1 < room) {
    const size_t fits = strlen(inner) < room - at - 1 ? strlen(inner) : room - at - 1;
    memcpy(e->message + at, inner, fits);
    e->message[at + fits] = '\0';
  }
  return e->status;
}

const char *error_text(const struct error *e) {
  if (e == NULL)
    return purser_strerror(PURSER_ERROR);
  return e->message[0] != '\0' ? e->message : purser_strerror(e->status);
}

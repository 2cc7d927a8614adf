/* failure.h - what went wrong, in one small vocabulary for all providers and clients.
 *
 * An ERROR event's name is one of the kinds that decoder.h lists, its id the provider's own code, its text the provider's message
 * followed by what the user can do about it. */
#ifndef USAGE_FAILURE_H
#define USAGE_FAILURE_H

#include "usage/emit.h"

struct failure {
  const char *kind; /* NULL: told from status, code and message */
  int64_t status;   /* HTTP, 0 unknown */
  int64_t retry_ms; /* -1 unknown */
  purser_str code;  /* the provider's own */
  purser_str message;
  bool fatal; /* the run ends because of it: PURSER_FLAG_FAILED */
  int64_t at_ms;
};

struct failure failure_none(void);

/* Fills in what an error object of Anthropic, OpenAI, Gemini or one of those compatible with them says: an object, a text,
 * or an envelope {"error": ...} around either. False: it says nothing. */
bool failure_read(struct decoder *decoder, json_id id, struct failure *failure);

/* An HTTP status that a client put into a sentence ("unexpected status 401 Unauthorized", "(429)"); 0 if there is none. */
int64_t failure_status_in(purser_str text);

/* The kind, as told from what is known. */
const char *failure_kind(const struct failure *failure);

void failure_emit(struct decoder *decoder, const struct failure *failure);

#endif

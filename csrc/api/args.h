/* args.h - the arguments of a verb: a parsed document, and texts that live as long as it does. */
#ifndef API_ARGS_H
#define API_ARGS_H

#include "base/json.h"

enum {
  ARGS_TEXTS = 24
};

struct args {
  struct json_doc doc;
  char *texts[ARGS_TEXTS];
  int count;
  bool failed; /* memory ran short: the verb answers so */
};

/* A text, NULL if missing or empty. */
const char *args_text(struct args *args, const char *key);
/* The same, where "" says something, too. */
const char *args_text_or_empty(struct args *args, const char *key);
int64_t args_int(struct args *args, const char *key, int64_t otherwise);
bool args_true(struct args *args, const char *key);

#endif

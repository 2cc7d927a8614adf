/* scope.c - what a policy applies to, and the words of its enumerations. */
#include <string.h>

#include "budget/budget.h"

int scope_parse(const char *text, enum scope_kind *kind, char *key, size_t key_size,
                struct error *error) {
  static const struct {
    const char *prefix;
    enum scope_kind kind;
  } kinds[] = {{"agent:", SCOPE_AGENT}, {"workspace:", SCOPE_WORKSPACE}};
  if (strcmp(text, "global") == 0) {
    *kind = SCOPE_GLOBAL;
    key[0] = '\0';
    return PURSER_OK;
  }
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    const size_t len = strlen(kinds[i].prefix);
    if (strncmp(text, kinds[i].prefix, len) != 0 || text[len] == '\0')
      continue;
    if (strlen(text + len) >= key_size)
      return error_set(error, PURSER_ERANGE, "the scope is too long (at most %zu bytes)",
                       key_size - 1);
    *kind = kinds[i].kind;
    memcpy(key, text + len, strlen(text + len) + 1);
    return PURSER_OK;
  }
  return error_set(error, PURSER_EPARSE,
                   "\"%s\" is no scope: give agent:NAME, workspace:PATH or global", text);
}

void scope_write(struct buf *out, enum scope_kind kind, const char *key) {
  switch (kind) {
  case SCOPE_AGENT: buf_addf(out, "agent:%s", key); break;
  case SCOPE_WORKSPACE: buf_addf(out, "workspace:%s", key); break;
  case SCOPE_GLOBAL: buf_adds(out, "global"); break;
  }
}

static const char *const at_limits[] = {"block", "ask", "warn"};

const char *budget_at_limit_name(enum at_limit at_limit) {
  return (unsigned)at_limit < 3 ? at_limits[at_limit] : "unknown";
}

int budget_at_limit_parse(const char *name) {
  for (int i = 0; name != NULL && i < 3; i++) {
    if (strcmp(at_limits[i], name) == 0)
      return i;
  }
  return -1;
}

const char *budget_origin_name(enum policy_origin origin) {
  return origin == ORIGIN_CONFIG ? "config" : "saved";
}

void budget_policy_init(struct policy *policy) {
  *policy = (struct policy){
      .reset_day = 1,
      .thresholds = {50, 80, 100},
      .threshold_count = 3,
      .origin = ORIGIN_SAVED,
  };
}

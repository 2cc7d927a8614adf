/* sse.c - see sse.h. Follows the HTML standard's event stream, less `id` and `retry`, which mean reconnecting. */
#include "usage/sse.h"

#include <string.h>

void sse_init(struct sse *sse, size_t max) {
  *sse = (struct sse){.name = BUF_INIT, .data = BUF_INIT, .max = max};
}

void sse_fini(struct sse *sse) {
  buf_fini(&sse->name);
  buf_fini(&sse->data);
}

void sse_next(struct sse *sse) {
  buf_clear(&sse->name);
  buf_clear(&sse->data);
  sse->has_data = false;
  sse->overflow = false;
}

/* The value of a field: what follows the colon, less one space. NULL if the line is another field. */
static const char *field(const char *line, size_t len, const char *name, size_t *value_len) {
  const size_t n = strlen(name);
  if (len < n || memcmp(line, name, n) != 0)
    return NULL;
  if (len == n) {
    *value_len = 0;
    return line + n;
  }
  if (line[n] != ':')
    return NULL;
  const size_t skip = len > n + 1 && line[n + 1] == ' ' ? n + 2 : n + 1;
  *value_len = len - skip;
  return line + skip;
}

static void add_data(struct sse *sse, const char *value, size_t len) {
  if (sse->overflow || len > sse->max - sse->data.len || sse->data.len == sse->max) {
    buf_clear(&sse->data);
    sse->overflow = true;
    return;
  }
  if (sse->has_data)
    buf_addc(&sse->data, '\n');
  buf_add(&sse->data, value, len);
  if (sse->data.failed)
    sse->overflow = true;
}

enum sse_status sse_end(const struct sse *sse) {
  if (!sse->has_data)
    return SSE_MORE;
  return sse->overflow ? SSE_OVERFLOW : SSE_EVENT;
}

enum sse_status sse_line(struct sse *sse, const char *line, size_t len) {
  size_t n = 0;
  if (len == 0) {
    const enum sse_status status = sse_end(sse);
    if (status == SSE_MORE)
      buf_clear(&sse->name);
    return status;
  }
  const char *value = field(line, len, "data", &n);
  if (value != NULL) {
    add_data(sse, value, n);
    sse->has_data = true;
    return SSE_MORE;
  }
  value = field(line, len, "event", &n);
  if (value != NULL) {
    buf_clear(&sse->name);
    buf_add(&sse->name, value, n);
    return SSE_MORE;
  }
  if (line[0] == ':' || field(line, len, "id", &n) != NULL || field(line, len, "retry", &n) != NULL)
    return SSE_MORE;
  return SSE_IGNORED;
}

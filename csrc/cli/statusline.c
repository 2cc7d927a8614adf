/* statusline.c - see statusline.h. */
#include "cli/statusline.h"

#include <string.h>

#include "base/money.h"

void spend_line_fini(struct spend_line *line) {
  buf_fini(&line->scope);
  buf_fini(&line->resets);
  buf_fini(&line->model);
  buf_fini(&line->workspace);
}

const char *spend_level_color(enum spend_level level) {
  static const char *const colors[] = {"", "\033[32m", "\033[33m", "\033[31m"};
  return colors[level];
}

/* ---- the placeholders: each writes nothing when there is nothing to say ---- */

static void write_today(struct buf *out, const struct spend_line *line) {
  if (line->unpriced)
    buf_adds(out, "≥ ");
  money_write_human(out, line->today_nanousd);
}

static void write_month(struct buf *out, const struct spend_line *line) {
  money_write_human(out, line->month_nanousd);
}

/* Rounded down: 100 % is said when all of it is spent, and not before. */
static void write_percent(struct buf *out, const struct spend_line *line) {
  __extension__ typedef __int128 i128;
  if (line->has_budget && line->limit_nanousd > 0)
    buf_addf(out, "%lld %%",
             (long long)((i128)line->spent_nanousd * 100 / (i128)line->limit_nanousd));
}

static void write_spent(struct buf *out, const struct spend_line *line) {
  if (line->has_budget)
    money_write_human(out, line->spent_nanousd);
}

static void write_limit(struct buf *out, const struct spend_line *line) {
  if (line->has_budget)
    money_write_human(out, line->limit_nanousd);
}

static void write_left(struct buf *out, const struct spend_line *line) {
  if (line->has_budget)
    money_write_human(out, line->limit_nanousd - line->spent_nanousd - line->held_nanousd);
}

static void write_held(struct buf *out, const struct spend_line *line) {
  if (line->has_budget && line->held_nanousd > 0)
    money_write_human(out, line->held_nanousd);
}

static void write_session(struct buf *out, const struct spend_line *line) {
  if (line->session_nanousd >= 0)
    money_write_human(out, line->session_nanousd);
}

static void add_buf(struct buf *out, const struct buf *text) {
  buf_add(out, buf_text(text), text->len);
}

static void write_scope(struct buf *out, const struct spend_line *line) {
  add_buf(out, &line->scope);
}

static void write_resets(struct buf *out, const struct spend_line *line) {
  add_buf(out, &line->resets);
}

static void write_model(struct buf *out, const struct spend_line *line) {
  add_buf(out, &line->model);
}

static void write_workspace(struct buf *out, const struct spend_line *line) {
  add_buf(out, &line->workspace);
}

static const struct {
  const char *name;
  void (*write)(struct buf *out, const struct spend_line *line);
} placeholders[] = {
    {"today", write_today}, {"month", write_month},     {"percent", write_percent},
    {"spent", write_spent}, {"limit", write_limit},     {"left", write_left},
    {"held", write_held},   {"scope", write_scope},     {"resets", write_resets},
    {"model", write_model}, {"session", write_session}, {"workspace", write_workspace},
};

/* ---- the format ---- */

static bool write_placeholder(struct buf *out, const struct spend_line *line, const char *name,
                              size_t len) {
  for (size_t i = 0; i < sizeof placeholders / sizeof placeholders[0]; i++) {
    if (strlen(placeholders[i].name) == len && memcmp(placeholders[i].name, name, len) == 0) {
      placeholders[i].write(out, line);
      return true;
    }
  }
  return false;
}

static void cut(struct buf *out, size_t len) {
  out->len = len;
  if (out->data != NULL)
    out->data[len] = '\0';
}

/* A part in brackets begins at `start` of the text; SIZE_MAX outside of one. */
struct part {
  size_t start;
  bool empty; /* a placeholder in it had nothing to say */
};

int spend_line_format(struct buf *out, const struct spend_line *line, const char *format,
                      struct buf *unknown) {
  static const char usual[] = "{today} today[ · {percent} of {limit}]";
  struct part part = {.start = SIZE_MAX};
  for (const char *at = format != NULL ? format : usual; *at != '\0'; at++) {
    if ((*at == '{' || *at == '[') && at[1] == *at) {
      buf_addc(out, *at++);
    } else if (*at == '[' && part.start == SIZE_MAX) {
      part = (struct part){.start = out->len};
    } else if (*at == ']' && part.start != SIZE_MAX) {
      if (part.empty)
        cut(out, part.start);
      part.start = SIZE_MAX;
    } else if (*at == '{') {
      const size_t len = strcspn(at + 1, "}");
      const size_t before = out->len;
      if (!write_placeholder(out, line, at + 1, len)) {
        buf_add(unknown, at + 1, len);
        return PURSER_EINVAL;
      }
      part.empty = part.empty || out->len == before;
      at += at[len + 1] != '\0' ? len + 1 : len;
    } else {
      buf_addc(out, *at);
    }
  }
  return buf_status(out);
}

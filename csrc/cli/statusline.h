/* statusline.h - the one line of `purser statusline`: what is known, and the format that turns it into text. Pure. */
#ifndef CLI_STATUSLINE_H
#define CLI_STATUSLINE_H

#include "base/buf.h"

enum spend_level {
  SPEND_NONE = 0, /* no budget */
  SPEND_OK,
  SPEND_WARN, /* the first threshold of the tightest budget is reached, and more than half of it spent */
  SPEND_OVER /* all of it is spent */
};

struct spend_line {
  int64_t today_nanousd;
  int64_t month_nanousd;
  bool unpriced; /* of today: the sum is a lower bound (rule 17) */
  bool has_budget;
  int64_t spent_nanousd;
  int64_t held_nanousd;
  int64_t limit_nanousd;
  enum spend_level level;
  struct buf scope;        /* of the budget: "agent:reviewer" */
  struct buf resets;       /* its day, "2026-12-01" */
  int64_t session_nanousd; /* what the client says of its session; -1 nothing */
  struct buf model;
  struct buf workspace; /* the last part of its path */
};
void spend_line_fini(struct spend_line *line);

/* NULL: the usual line. Placeholders: {today} {month} {percent} {spent} {limit} {left} {held} {scope} {resets} {session} {model} {workspace};
 * "{{" is "{". What stands between "[" and "]" is left out when a placeholder in it has nothing to say; "[[" is "[". PURSER_EINVAL with
 * the unknown word in `unknown` (an empty buffer of the caller's). */
int spend_line_format(struct buf *out, const struct spend_line *line, const char *format,
                      struct buf *unknown);

/* The escape that begins the colour of a level, "" none; the end is "\033[0m". */
const char *spend_level_color(enum spend_level level);

#endif

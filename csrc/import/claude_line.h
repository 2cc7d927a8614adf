/* claude_line.h - the fields of a Claude Code line that carries usage, picked without building anything.
 *
 * Made for the shape that nearly all such lines have. A line is checked as strictly as base/json.h would; where it is in any way out of the
 * ordinary (escapes in a name, a key twice, a count that is no plain number, server-side iterations), the answer is no, and the line goes
 * the long way, through the decoder "claude_transcript". What is picked is what that decoder reads. Pure; any thread. */
#ifndef IMPORT_CLAUDE_LINE_H
#define IMPORT_CLAUDE_LINE_H

#include "base/public.h"

/* The texts point into the line. */
struct claude_line {
  purser_str session, cwd, branch, version;
  purser_str copied_from; /* the session that the response was first written in */
  purser_str timestamp;
  purser_str id, request_id;
  purser_str model, tier, speed, effort;
  purser_usage usage;
  bool sidechain;
  bool partial;
};

/* Whether the line is an assistant's whole line with usage and nothing unusual. */
bool claude_line_read(const char *line, size_t len, struct claude_line *out);

/* The index of the first quote at or after `at` that no backslash escapes, `len` if there is none; *escaped becomes true if a
 * backslash was passed. The vector form and its portable twin. */
size_t claude_line_quote(const char *line, size_t at, size_t len, bool *escaped);
size_t claude_line_quote_portable(const char *line, size_t at, size_t len, bool *escaped);

#endif

/* opencode_tree.h - the two stores that opencode has had: a database, and before it a file for every message. */
#ifndef IMPORT_OPENCODE_TREE_H
#define IMPORT_OPENCODE_TREE_H

#include "base/json.h"
#include "import/import.h"

extern const struct import_source import_source_opencode;

/* As import_source.read of either store. */
int opencode_read_database(const char *path, purser_str state, int64_t since_ms,
                           struct import_sink *sink, struct error *error);
int opencode_read_message(const char *path, purser_str state, int64_t since_ms,
                          struct import_sink *sink, struct error *error);

/* SESSION and PROMPT, in front of what belongs to the prompt. `cwd` and `text` may be empty. */
void opencode_tell_prompt(struct import_sink *sink, purser_str session, purser_str cwd,
                          purser_str id, int64_t at_ms, purser_str text);

/* Whether a part of a message in the user's name was put there by the user; its text is appended to `text`. */
bool opencode_part_typed(const struct json_doc *part, struct buf *text);

#endif

/* claude_take.h - one line of a Claude Code transcript: passed over, picked apart, or given to the decoder. */
#ifndef IMPORT_CLAUDE_TAKE_H
#define IMPORT_CLAUDE_TAKE_H

#include "import/sink.h"

struct decoder;

/* `usage`: the index of the mark in the line, SCAN_NONE without (see scan.h). `decoder` is a "claude_transcript" whose events go to the sink; its
 * state is not used from one line to the next. `whole`: its newline lies at line[len]. */
void claude_take(struct import_sink *sink, struct decoder *decoder, const char *line, size_t len,
                 size_t usage, bool whole);

/* Whether a line without usage is passed over, told by its beginning. */
bool claude_is_idle(const char *line, size_t len);

#endif

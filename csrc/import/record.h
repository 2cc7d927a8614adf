/* record.h - the client's own record of one session, followed while the run goes on and read to its end at the settling.
 *
 * A client's stdout is not the whole bill: subagents, retries and compaction are only in what it writes down for itself, and
 * codex prints neither usage per request nor a model. The record goes through the same door as the stream. Read-only; never
 * blocks for long; one thread (the worker, or a program of its own). */
#ifndef IMPORT_RECORD_H
#define IMPORT_RECORD_H

#include "base/error.h"
#include "usage/decoder.h"

struct record;

struct record_source {
  const char *kind; /* "claude_transcript", "codex_rollout", "gemini_chat", "opencode" */
  const char
      *root; /* the client's folder: ~/.claude, ~/.codex, ~/.gemini, ~/.local/share/opencode */
  const char *session; /* the client's id of the session */
  int64_t since_ms;    /* usage before this instant belongs to earlier runs and is left out */
};

/* Nothing is read yet, and the files need not exist yet. PURSER_EINVAL for an unknown kind. */
int record_open(struct record **out, const struct record_source *source, struct error *error);

/* Finds the session's files, reads what is new in them up to the last whole line, and hands the events on, flagged
 * PURSER_FLAG_IMPORTED (and PURSER_FLAG_SIDECHAIN for a subagent's file). *files says how many files are known so far.
 * New files, and opencode's database, are looked for at the first poll and at every tenth. A file that can't be read is
 * skipped; its message is in `error` and the status negative, the others are read all the same. */
int record_poll(struct record *record, decoder_sink sink, void *data, int *files,
                struct error *error);

/* The same to the very end: an unfinished last line is taken if it is a whole value. */
int record_finish(struct record *record, decoder_sink sink, void *data, int *files,
                  struct error *error);

void record_close(struct record *record);

#endif

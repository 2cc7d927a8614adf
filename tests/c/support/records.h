/* records.h - records of clients written by hand, a ledger to import them into, and what came of it.
 *
 * Lines are written with ' for ". */
#ifndef SUPPORT_RECORDS_H
#define SUPPORT_RECORDS_H

#include "import/import.h"
#include "support/books.h"

struct records {
  struct books books;
  struct catalog *catalog;
  struct import_result result; /* of the last import */
  struct import_settings *settings;
};

void records_open(struct records *records);
/* Audits, closes, removes. */
void records_close(struct records *records);

/* Below the ledger's folder: "claude/projects/p/s.jsonl"; folders are made. Adds to the file's end, or writes it anew. */
void records_add(const struct records *records, const char *path, const char *quoted);
void records_write(const struct records *records, const char *path, const char *bytes, size_t len);
const char *records_path(const struct records *records, const char *path);

/* Lines of Claude Code's: a prompt, an answer. `id` names message and request; minutes after 2026-11-20T10:00Z. */
const char *claude_prompt(const char *session, const char *uuid, int minute);
const char *claude_answer(const char *session, const char *id, int minute, int output);

/* Imports what lies below "claude", "codex", ..., with these options (NULL: none), whose roots are set here. */
void records_import_with(struct records *records, const struct import_options *options);
void records_import(struct records *records);

/* What is booked: "KEY SESSION INPUT/OUTPUT RUN" a request, in the order of the keys; and the runs as
 * "RUN PROMPT REQUESTS WORKSPACE". */
void records_expect_requests(struct records *records, const char *expected);
void records_expect_runs(struct records *records, const char *expected);

#endif

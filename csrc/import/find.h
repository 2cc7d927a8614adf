/* find.h - where the clients keep the files of one session. */
#ifndef IMPORT_FIND_H
#define IMPORT_FIND_H

#include "base/error.h"

/* Called for each file; `sidechain` says that it holds a subagent's requests. Non-zero ends the search. */
typedef int (*find_each)(void *data, const char *path, bool sidechain);

/* Calls `each` for every file of the session that exists now. 0, what `each` returned, or a negative status. A folder that
 * is missing or can't be read holds no files: the client may create it later. */
int find_claude(const char *root, const char *session, find_each each, void *data);
int find_codex(const char *root, const char *session, find_each each, void *data);
/* The rollouts of threads that this session's agent has started: each is a file of its own that names the session it works
 * for. Only files written since `since_ms` are looked into. */
int find_codex_children(const char *root, const char *session, int64_t since_ms, find_each each,
                        void *data);
int find_gemini(const char *root, const char *session, find_each each, void *data);

#endif

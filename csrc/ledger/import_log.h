/* import_log.h - what the ledger remembers of the clients' files: which there are, how far each was read, and which prompt became
 * which run. Written in the same transactions as the requests that it accounts for. */
#ifndef LEDGER_IMPORT_LOG_H
#define LEDGER_IMPORT_LOG_H

#include "base/buf.h"
#include "ledger/ledger.h"

struct import_folder_row {
  int64_t id; /* 0: not stored yet */
  const char *path;
  const char *source;
  int64_t mtime_ns; /* 0: its names must be read again */
};

struct import_file_row {
  int64_t folder;
  const char *name;
  int64_t size, mtime_ns, inode; /* when it was last read to its end; 0 not yet */
};

/* All of them: folders before those that lie in them; files folder by folder. Non-zero from `each` ends it and is returned. */
int import_log_folders(struct ledger *ledger,
                       int (*each)(void *data, const struct import_folder_row *row), void *data,
                       struct error *error);
int import_log_files(struct ledger *ledger,
                     int (*each)(void *data, const struct import_file_row *row), void *data,
                     struct error *error);
/* One of each by its name; PURSER_ENOTFOUND (without a message) if it is not known. */
int import_log_folder(struct ledger *ledger, const char *path, struct import_folder_row *out,
                      struct error *error);
int import_log_file(struct ledger *ledger, int64_t folder, const char *name,
                    struct import_file_row *out, struct error *error);

/* What a reader needs to go on with a file; nothing for an unknown one. */
int import_log_state(struct ledger *ledger, int64_t folder, const char *name, struct buf *out,
                     struct error *error);

/* Inside a transaction. A folder without an id is given one. `state` NULL leaves what is stored. */
int import_log_put_folder(struct ledger *ledger, struct import_folder_row *row,
                          struct error *error);
int import_log_put_file(struct ledger *ledger, const struct import_file_row *row,
                        const struct buf *state, struct error *error);

/* The run that a prompt became, by the hash of the prompt's key. `told_ms`: when the file was last written that told of it; of several copies
 * the one that was left alone first is the original. PURSER_ENOTFOUND (without a message) if it became none. */
struct import_prompt_row {
  uint64_t hash;
  int64_t run_id;
  int64_t told_ms;
};
int import_log_prompt(struct ledger *ledger, uint64_t hash, struct import_prompt_row *out,
                      struct error *error);
int import_log_put_prompt(struct ledger *ledger, const struct import_prompt_row *row,
                          struct error *error);

/* The run that a known record of the same response counts for (see ledger_book). PURSER_ENOTFOUND (without a message) if there is none. */
struct import_run_row;
int import_log_owner(struct ledger *ledger, const struct request *request,
                     struct import_run_row *out, struct error *error);

/* The runs of a session, in the order of their beginning. */
struct import_run_row {
  int64_t id, started_ms, ended_ms; /* ended_ms 0: it goes on */
  uint64_t workspace;               /* hash_text() of its path */
  bool imported;
};
int import_log_session(struct ledger *ledger, const char *session,
                       int (*each)(void *data, const struct import_run_row *row), void *data,
                       struct error *error);

/* The sessions of runs that somebody has in hand: their files are read by them. */
int import_log_held(struct ledger *ledger, int (*each)(void *data, const char *session), void *data,
                    struct error *error);

#endif

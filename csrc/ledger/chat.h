/* chat.h - what was said in conversations, and what compaction did to it.
 *
 * A chat is the content of a conversation: the user's words, the answers, tool calls and their results, in order. The run log
 * says what it cost; the chat is kept so that it can be read again, continued where nobody else keeps it, forked, compacted and put back.
 * Compaction never deletes: an item that was masked or summarised remembers by which compaction, and undoing that brings it back.
 *
 * Texts in rows are valid until the callback returns. Writing functions make a transaction of their own. */
#ifndef LEDGER_CHAT_H
#define LEDGER_CHAT_H

#include "ledger/ledger.h"

/* The order of enum item_kind in compaction/plan.h. */
enum chat_kind {
  CHAT_SYSTEM = 0,
  CHAT_USER = 1,
  CHAT_ANSWER = 2,
  CHAT_CALL = 3,
  CHAT_RESULT = 4,
  CHAT_SUMMARY = 5
};
const char *chat_kind_name(enum chat_kind kind); /* "system", "user", ... */
int chat_kind_parse(const char *name);           /* -1 for anything else */

struct chat_item {
  int64_t id;     /* when read */
  int64_t run_id; /* that it came of */
  enum chat_kind kind;
  const char *call; /* calls and results: what ties them; "" otherwise */
  const char *name; /* calls: the tool */
  const char *text;
  int64_t tokens; /* estimated */
  bool failed;    /* results */
  bool masked;    /* when read: a placeholder stands in its place */
};

struct chat_row {
  const char *conversation, *title, *agent, *workspace, *source, *model, *effort, *session;
  int64_t created_ms, used_ms;
  int64_t runs, requests, cost_nanousd; /* of the conversation, from the run log */
  int64_t unpriced_requests;
  int64_t tokens;      /* of the items as they stand now; estimated */
  int64_t compactions; /* that hold */
  int64_t failures;    /* of compaction in a row */
};

/* Adds to the conversation of a run, which begins with its first items; agent, workspace, client and model are the run's. Nothing happens
 * where items of this run are there already. */
int chat_append(struct ledger *ledger, int64_t run_id, const struct chat_item *items, size_t count,
                struct error *error);

/* PURSER_ENOTFOUND, with a message, where nothing is kept under that name. */
int chat_get(struct ledger *ledger, const char *conversation,
             int (*each)(void *data, const struct chat_row *row), void *data, struct error *error);
/* The last used first; `text` (may be NULL) is part of a title or of what the user said. 0 limit: all. */
int chat_each(struct ledger *ledger, const char *workspace, const char *text, int32_t limit,
              int (*each)(void *data, const struct chat_row *row), void *data, struct error *error);

/* The items as they stand now, or all that were ever said. */
int chat_items(struct ledger *ledger, const char *conversation, bool all,
               int (*each)(void *data, const struct chat_item *item), void *data,
               struct error *error);

int chat_rename(struct ledger *ledger, const char *conversation, const char *title,
                struct error *error);
/* Forgets what was said. What it cost stays in the run log. */
int chat_delete(struct ledger *ledger, const char *conversation, struct error *error);
/* A copy as it stands now, under a new name; the client's session is not copied. */
int chat_fork(struct ledger *ledger, const char *conversation, const char *copy,
              struct error *error);
/* The client goes on under another session (a compaction, a fork). */
int chat_set_session(struct ledger *ledger, const char *conversation, const char *session,
                     struct error *error);

/* ---- what the run log knows of it ---- */

/* The last request of the main line: what the context was, and whether the provider's cache may be warm. */
struct chat_request {
  int64_t at_ms;
  char model[160];
  purser_usage usage;
};
/* PURSER_ENOTFOUND, without a message, where none was made yet. */
int chat_last_request(struct ledger *ledger, const char *conversation, struct chat_request *out,
                      struct error *error);
/* Every request of the main line after an instant, oldest first. */
int chat_requests_after(struct ledger *ledger, const char *conversation, int64_t after_ms,
                        int (*each)(void *data, const struct chat_request *request), void *data,
                        struct error *error);
/* How many requests the agent's last conversations took, this one left out; at most `cap` are written. */
int chat_lengths(struct ledger *ledger, const char *agent, const char *conversation,
                 int64_t *lengths, size_t cap, size_t *count, struct error *error);

/* ---- compactions ---- */

struct chat_compaction {
  int64_t id;
  const char *conversation;
  const char *kind; /* "mask", "summary", "client" */
  int64_t run_id;   /* that wrote the summary; 0 none */
  int64_t at_ms;
  int64_t before_tokens, after_tokens;
  const char *session_before; /* the client's, to go back to; "" none */
  const char
      *session; /* where there was one: what the client goes on with; "" afresh. Not read back */
  int64_t undone_ms; /* 0 it holds */
};

struct chat_change {
  int64_t item;
  bool masked; /* else it went into the summary */
};

/* Carries out a compaction; `summary` stands where the first summarised item stood. Resets the failures. */
int chat_compact(struct ledger *ledger, const struct chat_compaction *what,
                 const struct chat_change *changes, size_t count, const char *summary,
                 int64_t summary_tokens, int64_t *id, struct error *error);
/* Takes the last one that holds back. PURSER_ENOTFOUND where there is none. *session is the caller's (mem_free): what the client should go on
 * with, "" as before. */
int chat_undo(struct ledger *ledger, const char *conversation, int64_t *id, char **session,
              struct error *error);
/* One more failure in a row; how many there are now. */
int chat_compaction_failed(struct ledger *ledger, const char *conversation, int64_t *failures,
                           struct error *error);
/* Newest first; NULL: of all conversations. */
int chat_compaction_each(struct ledger *ledger, const char *conversation,
                         int (*each)(void *data, const struct chat_compaction *row), void *data,
                         struct error *error);

#endif

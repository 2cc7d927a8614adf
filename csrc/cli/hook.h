/* hook.h - the gate for clients that were started in a terminal: they ask `purser hook CLIENT` at the moments that their
 * hooks offer, and are answered in their own protocol.
 *
 * Nothing is held for them. A hook's process is gone before the request is made, so a hold would die with it at once (rule 25), and
 * nobody tells when a request ends that a hold could be given back at. So what such a session can overshoot by is what it sends between
 * two questions: one request for a client that asks before each tool. */
#ifndef CLI_HOOK_H
#define CLI_HOOK_H

#include "base/buf.h"
#include "cli/cli.h"
#include "ledger/ledger.h"

enum hook_moment {
  HOOK_OTHER = 0, /* nothing is judged here */
  HOOK_START,     /* a session begins; no client can be refused here, only told */
  HOOK_PROMPT,    /* the user has sent something; nothing was spent on it */
  HOOK_COMPACT,   /* the conversation is about to be compacted */
  HOOK_REQUEST,   /* in the middle of a run, a request is about to be made */
  HOOK_TOOL, /* in the middle of a run, a tool is about to be used, and a request will follow */
  HOOK_END   /* the turn is over */
};

/* What the client said. Texts are never NULL; all belong to the call: hook_call_fini. */
struct hook_call {
  enum hook_moment moment;
  struct buf event; /* the client's own name for the moment */
  struct buf session;
  struct buf transcript; /* path of the record that the client keeps of the session, "" none */
  struct buf cwd;
  struct buf model; /* "" not said */
  struct buf
      tool_call; /* id of the call of the main line that is about to be carried out; "" none */
};

struct hook_client {
  const char *name;
  const struct hook_event {
    const char *name;
    enum hook_moment moment;
  } * events; /* ends with a NULL name */
  /* Writes the refusal to stdout's or stderr's text, and returns the exit code that goes with it. */
  int (*refuse)(const struct hook_call *call, const char *reason, struct buf *out, struct buf *err);
};

/* NULL for one that has no hooks that we know. */
const struct hook_client *hook_client_find(const char *name);

/* Reads the client's JSON. PURSER_EPARSE when it is none, with a message. */
int hook_call_read(struct hook_call *call, const struct hook_client *client, const char *json,
                   size_t len, struct error *error);
void hook_call_fini(struct hook_call *call);

/* {"systemMessage": "..."}: what every client shows to its user. */
void hook_write_message(struct buf *out, const char *text);

/* For whom the session counts. */
struct hook_account {
  const char *agent;
  const char *workspace;
  enum billing billing;
  int64_t parent_run; /* the run of ours that the session was started in, 0 none */
};

struct hook_verdict {
  bool refused;
  struct buf reason;  /* why, and what the user can do */
  struct buf warning; /* thresholds that were crossed and not told in any terminal yet; "" none */
};
void hook_verdict_fini(struct hook_verdict *verdict);

/* Asks the budgets. In the middle of a run, what others hold beside it is no reason to stop. Thresholds are marked as told
 * where the ledger can be written. */
int hook_judge(struct ledger *ledger, const struct hook_account *account, enum hook_moment moment,
               struct hook_verdict *out, struct error *error);

struct import_settings;

/* Books what the session's record says that is not booked yet. */
int hook_follow(struct ledger *ledger, const struct import_settings *settings,
                const struct hook_client *client, const struct hook_call *call,
                struct error *error);

#endif

/* conversation.h - a conversation of the ledger as the trigger and the plan want it. */
#ifndef COMPACTION_CONVERSATION_H
#define COMPACTION_CONVERSATION_H

#include "compaction/plan.h"
#include "compaction/summary.h"
#include "compaction/trigger.h"
#include "ledger/chat.h"

struct conversation {
  struct compaction_item
      *items;   /* the first stands for what the client sends along unseen: system prompt, tools */
  int64_t *ids; /* of the chat's items; 0 for that first one */
  char **texts; /* NULL for it */
  enum chat_kind *kinds;
  size_t count, cap;
  char *model;
  int64_t used_ms;  /* when the cache was last used; 0 never */
  int64_t requests; /* so far */
  int64_t failures;
  struct compaction_context context; /* without what the caller decides: summary_rates, idle_ms */
};

/* What a caller may decide. */
struct conversation_options {
  const char *summary_model; /* NULL: the conversation's own */
  const char *provider;      /* hint for pricing */
  int64_t now_ms;
};

/* 0, PURSER_ENOTFOUND where nothing is kept of it, or another failure, with a message. */
int conversation_load(struct conversation *out, struct ledger *ledger,
                      const struct catalog *catalog, const char *name,
                      const struct conversation_options *options, struct error *error);
void conversation_fini(struct conversation *conversation);

/* The plans of both kinds and the judgement on them. `fates` of the better one are the caller's (mem_free), one for each item; NULL
 * with COMPACTION_NONE. */
struct conversation_advice {
  struct compaction_verdict verdict;
  enum plan_kind kind;
  struct plan plan;
  enum item_fate *fates;
};
int conversation_judge(const struct conversation *conversation,
                       const struct compaction_policy *policy, const struct plan_limits *limits,
                       struct conversation_advice *out, struct error *error);

/* The plan of one kind; `fates` as above. */
int conversation_plan(const struct conversation *conversation, enum plan_kind kind,
                      const struct plan_limits *limits, struct plan *out, enum item_fate **fates,
                      struct error *error);

/* The user wants an item kept after all: it, and what it can't be separated from. The plan's sizes are figured anew. */
void conversation_keep(const struct conversation *conversation, int64_t id,
                       const struct plan_limits *limits, enum item_fate *fates, struct plan *plan);

/* The files that the summarised calls touched. */
int conversation_files(const struct conversation *conversation, const enum item_fate *fates,
                       struct file_list *out, struct error *error);

/* After three failures in a row nothing is tried until the user does it by hand. */
enum {
  CONVERSATION_FAILURES_MAX = 3
};

#endif

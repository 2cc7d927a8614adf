/* chat_internal.h - between chat.c and chat_compaction.c. */
#ifndef LEDGER_CHAT_INTERNAL_H
#define LEDGER_CHAT_INTERNAL_H

#include "ledger/chat.h"
#include "ledger/internal.h"

/* The name id of a conversation that has a chat; PURSER_ENOTFOUND with a message otherwise. */
int chat_key(struct ledger *ledger, const char *conversation, int64_t *key, struct error *error);

#endif

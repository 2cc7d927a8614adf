/* saved.h - what a compaction has saved so far, as measured: not what was promised when it was done. */
#ifndef COMPACTION_SAVED_H
#define COMPACTION_SAVED_H

#include "ledger/chat.h"

struct compaction_saved {
  int64_t requests;     /* that were sent since, while it held */
  int64_t tokens;       /* that they did not carry */
  int64_t cost_nanousd; /* of the run that wrote the summary */
  int64_t nanousd;      /* what those tokens would have cost, less that; may be negative */
};

/* Each later request of the conversation is priced again with the tokens that compaction took out put back into it: as read from the cache
 * where it read from the cache, as new input otherwise. */
int compaction_saved(struct ledger *ledger, const struct catalog *catalog,
                     const struct chat_compaction *compaction, struct compaction_saved *out,
                     struct error *error);

#endif

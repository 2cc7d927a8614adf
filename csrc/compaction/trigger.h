/* trigger.h - when compacting a conversation pays. Pure: figures in, a judgement out.
 *
 * Every request of a conversation sends its whole context again: read from the provider's cache while that is warm, written anew once it
 * has gone cold. Compacting costs a summary and a rewrite of what is left; each later request then sends less. It pays when the
 * requests still to come outweigh that - and right before a send into a cold cache, where the rewrite is due anyhow. */
#ifndef COMPACTION_TRIGGER_H
#define COMPACTION_TRIGGER_H

#include "base/public.h"

/* Nano-dollars per million tokens. A provider without a cache has the input's rate in all three. */
struct compaction_rates {
  int64_t input, cache_read, cache_write, output;
};

/* A conversation before its next request. */
struct compaction_context {
  int64_t context_tokens;         /* as the provider counted the last request: prompt and answer */
  int64_t window;                 /* of the model; 0 unknown */
  int64_t output_reserve;         /* what an answer may need of the window */
  int64_t idle_ms;                /* since the cache was last used; -1 never */
  int64_t ttl_ms;                 /* how long it lives; 0 there is none */
  int64_t further_requests_milli; /* expected, in thousandths: compaction_further_requests() */
  struct compaction_rates rates;
  struct compaction_rates summary_rates; /* of the model that would write the summary */
  bool summary_reads_cache; /* it is the same model, and reads the context from the warm cache */
};

/* One way to make the context smaller. */
struct compaction_option {
  int64_t prefix_tokens;  /* of the beginning, up to the first change: stays in the cache */
  int64_t size_tokens;    /* of the whole afterwards, the summary included */
  int64_t summary_tokens; /* that a model must write; 0: nothing is summarised */
};

struct compaction_policy {
  int64_t due_permille; /* of the usable window: beyond it compacting can't wait; default 920 */
  int64_t
      margin_permille; /* by how much the saving must exceed what is risked; default 1,000: as much again */
  int64_t minimum_nanousd; /* a smaller saving is not worth a word; default half a cent */
};
extern const struct compaction_policy compaction_policy_default;

enum compaction_level {
  COMPACTION_NONE = 0,
  COMPACTION_ADVISED = 1,
  COMPACTION_DUE = 2
};
enum compaction_reason {
  COMPACTION_NOTHING_GAINED = 0, /* it would cost more than it saves */
  COMPACTION_PAYS_BACK = 1,      /* within the requests that are expected */
  COMPACTION_CACHE_COLD = 2,     /* the next request rewrites the context anyhow */
  COMPACTION_WINDOW_FULL = 3     /* the next answer may not fit */
};
const char *compaction_level_name(enum compaction_level level);
const char *compaction_reason_name(enum compaction_reason reason);

/* What one option means in money. Saturates; may be negative. */
struct compaction_outlook {
  int64_t send_nanousd;    /* the next request's prompt as the context stands */
  int64_t compact_nanousd; /* the summary, and the next request's prompt after it */
  int64_t later_nanousd;   /* saved by each request after that */
  int64_t saving_nanousd;  /* over the requests that are expected */
  int64_t pays_after;      /* requests until it has paid for itself; 0 at once, -1 never */
  bool cold;
};
void compaction_look_ahead(const struct compaction_context *context,
                           const struct compaction_option *option, struct compaction_outlook *out);

struct compaction_verdict {
  enum compaction_level level;
  enum compaction_reason reason;
  size_t option; /* the best one; meaningless with COMPACTION_NONE */
  struct compaction_outlook outlook;
};
/* Options that don't make the context at least a tenth smaller are passed over; where none is left, the answer is
 * COMPACTION_NONE even when the window is full. */
void compaction_judge(const struct compaction_context *context,
                      const struct compaction_option *options, size_t count,
                      const struct compaction_policy *policy, struct compaction_verdict *out);

/* How many more requests a conversation that has made `so_far` will make, in thousandths: the mean of what remained of this agent's
 * conversations at that length (`lengths`, in requests); where fewer than five went that far, conversations are taken to be about half
 * over. */
int64_t compaction_further_requests(const int64_t *lengths, size_t count, int64_t so_far);

#endif

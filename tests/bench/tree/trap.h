/* trap.h - the traps that a tree can hold, by name. Each is one of those that readers of transcripts have fallen into. */
#ifndef TREE_TRAP_H
#define TREE_TRAP_H

#include <stdint.h>

enum trap {
  /* Claude Code */
  TRAP_STREAMED,      /* a response in several lines, the output growing (rule 1) */
  TRAP_NO_REQUEST_ID, /* ... without a request id */
  TRAP_NULL_ID,       /* "id":null inside of a tool's input, before the message's own */
  TRAP_RESTATED,      /* a poorer line of a response after its last one */
  TRAP_RESUME_COPY, /* a new file begins with the old one's lines under a new session id (rule 3) */
  TRAP_FORK_COPY,   /* the same, naming the session that the lines are from */
  TRAP_SIDECHAIN,   /* subagents with files of their own */
  TRAP_SIDECHAIN_REPLAY, /* ... that begin with a message of the parent's under a new request id (rule 4) */
  TRAP_SYNTHETIC,      /* "<synthetic>" models, and errors as messages */
  TRAP_CACHE_SHAPES,   /* cache writes flat, nested, both (rule 10) */
  TRAP_CACHE_ZEROS,    /* flat, beside a nested object of zeros */
  TRAP_ITERATIONS,     /* usage.iterations, and what is billed beside (rule 11) */
  TRAP_HALF_LINE,      /* a file ends in the middle of a line (rule 13) */
  TRAP_TORN_LINE,      /* half a line, and the next one follows */
  TRAP_LONG_CONTEXT,   /* prompts beyond the dearer tier's threshold (rule 15) */
  TRAP_SPEED,          /* fast answers and batch tiers (rule 19) */
  TRAP_HUGE_LINE,      /* lines of megabytes */
  TRAP_NUL_BYTES,      /* NUL inside of texts, and lines of nothing else */
  TRAP_DECOY,          /* usage in tool output, in a subagent's summary, in progress lines */
  TRAP_DUPLICATE_KEYS, /* the last one counts */
  TRAP_NUMBERS,        /* negative, fractional, huge, text */
  TRAP_DATES,          /* 1970, and the far future (rule 23) */
  TRAP_ESCAPED_NAMES,  /* folders, models and ids that need unescaping */
  TRAP_KEY_ORDER,      /* keys in another order, white space between them */
  TRAP_REUSED_ID,      /* one message id, many request ids: different responses */
  TRAP_MIDNIGHT,       /* a response that is written over midnight */
  TRAP_MOVED,          /* a session that changes its folder between two prompts */
  TRAP_CRLF,           /* lines that end with CR LF */
  TRAP_STRAY_FILES, /* empty files, other files, folders with a transcript's name, loops of links */
  TRAP_COST_STATE,  /* the session's totals in a line of their own */
  /* Codex */
  TRAP_CODEX_REEMITTED,   /* counters written again (rule 5) */
  TRAP_CODEX_REPLAY,      /* a fork's file begins with its parent's turns */
  TRAP_CODEX_PAGINATED,   /* a fork's totals begin at its parent's */
  TRAP_CODEX_NO_LINEAGE,  /* a fork whose turns have no ids: uncertain */
  TRAP_CODEX_EQUAL_TURNS, /* two turns with the same counts, both real */
  TRAP_CODEX_RESET,       /* a counter that begins anew */
  TRAP_CODEX_ARCHIVED,    /* the same thread in both folders, or in the archive alone */
  TRAP_CODEX_SUBAGENT,    /* threads that a thread started */
  /* Gemini, opencode */
  TRAP_GEMINI_RESTATED, /* a message again with its tool calls */
  TRAP_OPENCODE_FORK,   /* messages copied under new ids (rule 6) */
  TRAP_COUNT
};

#define TRAP_BIT(trap) (UINT64_C(1) << (trap))
#define TRAPS_ALL      (TRAP_BIT(TRAP_COUNT) - 1)

/* What real transcripts hold every day. Left out is what is a matter of taste (numbers and dates that are none, doubled keys, a
 * response over midnight) and what is rare: a comparison with another program must not live on those. */
extern const uint64_t traps_everyday;

/* "half_line", ...; NULL beyond the last. */
const char *trap_name(int trap);

/* "all", "none", "everyday", names with commas between them, each with "-" before it to leave it out: "all,-dates". Sets *out, or
 * returns -1 for a name that is unknown. */
int traps_parse(const char *text, uint64_t *out);

#endif

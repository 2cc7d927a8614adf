/* runaway.h - a run that goes round in circles, or burns many times what its agent's runs usually do. Pure: calls and sums in, alarms out.
 *
 * Going round: the same tool with the same input n times, or a round of up to four different calls gone through n times. Between the same
 * calls there may be one in five that was made before, too, but nothing new: who edits and tests again makes a new call each time.
 * Calls that only ask how something under way is getting on are left out.
 * Burning: the cost is a multiple of the agent's median run with this model, is beyond what one run in twenty reaches, and is an
 * amount that matters. Below eight runs nothing is usual.
 *
 * Each cause is raised once a run. A plain value: copying it keeps its state, which is how a transaction that fails is undone. */
#ifndef RUN_RUNAWAY_H
#define RUN_RUNAWAY_H

#include "base/public.h"

enum {
  RUNAWAY_CALLS = 80, /* that are remembered */
  RUNAWAY_ROUND = 4,  /* the longest round that is looked for */
  RUNAWAY_MOST_REPEATS = RUNAWAY_CALLS / RUNAWAY_ROUND,
  RUNAWAY_FEWEST_RUNS = 8,
  RUNAWAY_TOOL_NAME = 64
};

struct runaway_limits {
  int32_t repeats;       /* 0: not looked for; below 2 is 2, above RUNAWAY_MOST_REPEATS is that */
  int32_t times_usual;   /* 0: not looked for */
  int64_t least_nanousd; /* below it no cost is an alarm */
};

enum runaway_cause {
  RUNAWAY_NOTHING = 0,
  RUNAWAY_REPEATS = 1,
  RUNAWAY_COST = 2
};
const char *runaway_cause_name(enum runaway_cause cause); /* "repeats", "cost"; "" nothing */

struct runaway {
  uint64_t calls[RUNAWAY_CALLS]; /* hashes of who called what with which input; a ring */
  uint64_t ids[RUNAWAY_CALLS];   /* hashes of the calls' own ids, 0 none */
  int64_t count;                 /* calls seen */
  bool raised[3];                /* by cause */
};

struct runaway_repeat {
  int32_t times;                /* how often it was called, or the round gone through */
  int32_t of;                   /* among how many calls */
  int32_t round;                /* different calls in a round; 1: the same call */
  char tool[RUNAWAY_TOOL_NAME]; /* of the call that made it clear; cut at a character's boundary */
};

/* One more call. `who` is the subagent's own id, empty the main line: several that work side by side may well begin alike. True: raised, and
 * *out says what repeats. A call that is told twice under the same id counts once. */
bool runaway_call(struct runaway *runaway, const struct runaway_limits *limits, purser_str who,
                  purser_str id, purser_str tool, purser_str input, struct runaway_repeat *out);

/* What the agent's runs with this model usually cost. */
struct runaway_usual {
  int64_t runs;
  int64_t median_nanousd;
  int64_t high_nanousd; /* one in twenty costs more */
};

/* True: raised. */
bool runaway_cost(struct runaway *runaway, const struct runaway_limits *limits,
                  int64_t spent_nanousd, const struct runaway_usual *usual);

#endif

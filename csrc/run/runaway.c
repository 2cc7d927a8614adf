/* runaway.c - see runaway.h. */
#include "run/runaway.h"

#include <string.h>

const char *runaway_cause_name(enum runaway_cause cause) {
  static const char *const names[] = {"", "repeats", "cost"};
  return names[cause];
}

/* FNV-1a over parts, each with its length, so that ("ab", "c") is not ("a", "bc"). */
static uint64_t mix(uint64_t hash, purser_str part) {
  const uint64_t prime = UINT64_C(0x100000001b3);
  for (size_t i = 0; i < part.len; i++)
    hash = (hash ^ (unsigned char)part.ptr[i]) * prime;
  for (size_t len = part.len, i = 0; i < sizeof len; i++, len >>= 8)
    hash = (hash ^ (len & 0xff)) * prime;
  return hash;
}

static const uint64_t basis = UINT64_C(0xcbf29ce484222325);

/* The call that was made `back` calls ago; 0 is the last. */
static uint64_t call_at(const struct runaway *runaway, int64_t back) {
  return runaway->calls[(runaway->count - 1 - back) % RUNAWAY_CALLS];
}

static int64_t remembered(const struct runaway *runaway) {
  return runaway->count < RUNAWAY_CALLS ? runaway->count : RUNAWAY_CALLS;
}

static bool is_known_id(const struct runaway *runaway, uint64_t id, uint64_t call) {
  if (id == 0)
    return false;
  for (int64_t back = 0; back < remembered(runaway); back++) {
    const int64_t at = (runaway->count - 1 - back) % RUNAWAY_CALLS;
    if (runaway->ids[at] == id && runaway->calls[at] == call)
      return true;
  }
  return false;
}

/* Was the call that was made `back` calls ago new then? */
static bool was_new(const struct runaway *runaway, int64_t back) {
  for (int64_t at = back + 1; at < remembered(runaway); at++) {
    if (call_at(runaway, at) == call_at(runaway, back))
      return false;
  }
  return true;
}

/* How often the last call was made among the last `window`, since something new was tried, and how many of those it took. */
static int32_t count_of_last(const struct runaway *runaway, int64_t window, int32_t *of) {
  int32_t times = 0;
  if (window > remembered(runaway))
    window = remembered(runaway);
  for (int64_t back = 0; back < window; back++) {
    if (call_at(runaway, back) == call_at(runaway, 0)) {
      times++;
      *of = (int32_t)back + 1;
    } else if (was_new(runaway, back)) {
      break;
    }
  }
  return times;
}

/* Are the last calls a round of so many, gone through so many times? */
static bool goes_round(const struct runaway *runaway, int64_t round, int64_t times) {
  if (round * times > remembered(runaway))
    return false;
  for (int64_t back = 0; back < round * (times - 1); back++) {
    if (call_at(runaway, back) != call_at(runaway, back + round))
      return false;
  }
  return true;
}

static bool repeats(const struct runaway *runaway, int32_t n, struct runaway_repeat *out) {
  int32_t of = 0;
  const int32_t times = count_of_last(runaway, n + n / 4, &of);
  if (times >= n) {
    *out = (struct runaway_repeat){.times = times, .of = of, .round = 1};
    return true;
  }
  for (int32_t round = 2; round <= RUNAWAY_ROUND; round++) {
    if (goes_round(runaway, round, n)) {
      *out = (struct runaway_repeat){.times = n, .of = n * round, .round = round};
      return true;
    }
  }
  return false;
}

/* Cut before a character that does not fit whole. */
static void write_name(purser_str tool, char out[RUNAWAY_TOOL_NAME]) {
  size_t len = tool.len;
  if (len >= RUNAWAY_TOOL_NAME) {
    len = RUNAWAY_TOOL_NAME - 1;
    while (len > 0 && ((unsigned char)tool.ptr[len] & 0xc0) == 0x80)
      len--;
  }
  if (len > 0)
    memcpy(out, tool.ptr, len);
  out[len] = '\0';
}

static int32_t within(int32_t value, int32_t least, int32_t most) {
  return value < least ? least : value > most ? most : value;
}

/* Tools that look after something under way are called again by their nature; what that costs is still watched. */
static bool waits(purser_str tool) {
  static const char *const names[] = {"BashOutput", "TaskOutput", "AgentOutputTool", "write_stdin",
                                      "wait"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (tool.len == strlen(names[i]) && memcmp(tool.ptr, names[i], tool.len) == 0)
      return true;
  }
  return false;
}

bool runaway_call(struct runaway *runaway, const struct runaway_limits *limits, purser_str who,
                  purser_str id, purser_str tool, purser_str input, struct runaway_repeat *out) {
  if (limits->repeats <= 0 || waits(tool))
    return false;
  const uint64_t call = mix(mix(mix(basis, who), tool), input);
  const uint64_t own = id.len > 0 ? mix(basis, id) : 0;
  if (is_known_id(runaway, own, call))
    return false;
  const int64_t at = runaway->count % RUNAWAY_CALLS;
  runaway->calls[at] = call;
  runaway->ids[at] = own;
  runaway->count++;
  if (runaway->raised[RUNAWAY_REPEATS] ||
      !repeats(runaway, within(limits->repeats, 2, RUNAWAY_MOST_REPEATS), out))
    return false;
  runaway->raised[RUNAWAY_REPEATS] = true;
  write_name(tool, out->tool);
  return true;
}

bool runaway_cost(struct runaway *runaway, const struct runaway_limits *limits,
                  int64_t spent_nanousd, const struct runaway_usual *usual) {
  if (limits->times_usual <= 0 || runaway->raised[RUNAWAY_COST] ||
      spent_nanousd < limits->least_nanousd || usual->runs < RUNAWAY_FEWEST_RUNS ||
      usual->median_nanousd <= 0)
    return false;
  /* Divided, so that nothing overflows: at least so many times the median, and twice what is high for this agent. */
  if (spent_nanousd / limits->times_usual < usual->median_nanousd ||
      spent_nanousd / 2 < usual->high_nanousd)
    return false;
  runaway->raised[RUNAWAY_COST] = true;
  return true;
}

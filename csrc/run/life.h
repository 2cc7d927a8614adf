/* life.h - the inside of struct run, shared by the files of this folder. */
#ifndef RUN_LIFE_H
#define RUN_LIFE_H

#include "run/event_list.h"
#include "run/run.h"
#include "run/totals.h"

/* What was counted so far; copied before a transaction and put back when it fails, so that trying again counts once. */
struct tally {
  struct run_counts counts;
  int64_t requests;
  int64_t output_tokens;
  int64_t context_tokens;
  int64_t
      last_cost_nanousd; /* of the last request of the main line: what the next one is expected to cost */
  int64_t first_prompt; /* tokens of the first request of the main line, 0 none yet */
  int64_t spent_nanousd;
  struct runaway runaway;
  struct run_alarm alarms[2]; /* not taken yet: one a cause at most */
  int alarm_count;
  bool usage_seen;
  bool answered; /* anything at all came from the agent */
  bool result_seen;
  bool result_failed;
};

struct run {
  struct ledger *ledger;
  const struct run_config *config;
  struct record *record;
  int64_t id;
  int64_t started_ms;
  int64_t prompt_tokens; /* of the first request, as estimated */
  int64_t plain_tokens;  /* of the prompt alone, before scaling */
  int64_t max_requests;
  int64_t max_output_tokens;
  int64_t max_nanousd; /* 0 none */
  struct runaway_limits runaway;
  struct runaway_usual usual; /* of the agent's runs with this model, once they were looked up */
  bool usual_known;
  int64_t next_nanousd; /* what one more request is expected to cost, before any was seen */
  char *source;
  char *model; /* as asked for, then as the client names it */
  char *provider;
  char *session;
  char *asked_session; /* the one that was resumed, "" a fresh one */
  char *record_kind;
  char *record_root;
  char *end_name;    /* the client's word for the end */
  char *end_message; /* the last error's text */
  struct totals totals;
  struct tally tally;
  bool changed;
  bool free;
  bool compaction;
  bool begins; /* a fresh conversation: nothing was said before */
};

/* Replaces an owned string; keeps the old one when memory is short. */
int life_set(char **field, const char *text, size_t len);

/* Books one request of the run through the one door and tops its hold up. Inside a transaction. `key` is the provider's id,
 * without the source; "" is given one of the run's own. */
struct life_request {
  purser_str key;
  purser_str request_id;
  purser_str model;
  purser_str tier;
  purser_str speed;
  purser_str session;
  int64_t at_ms;
  int64_t reported_nanousd;
  uint32_t flags;
  purser_usage usage;
};
struct life_booked {
  enum verdict verdict;
  struct policy_state policy;
  struct booked booked;
  int64_t cost_nanousd;
};
int life_book(struct run *run, const struct life_request *request, struct life_booked *out,
              struct error *error);

/* Books what the client's totals know and nobody saw (reconcile.c), and keeps running totals as the next run's baseline. Inside a
 * transaction. */
int life_reconcile(struct run *run, struct error *error);

/* Keeps what the prompt came to beside what was estimated, for the next estimates. Inside a transaction. */
int life_calibrate(struct run *run, struct error *error);

/* alarm.c: one more call of a tool, and what was spent until now. */
void life_watch_call(struct run *run, const purser_event *event);
void life_watch_cost(struct run *run);

/* Reads the client's record to its end and books what it holds. */
int life_read_record(struct run *run, struct error *error);

/* The kind of record a source keeps, for runs that are settled after their owner's death; NULL none. */
const char *life_record_kind(const char *source);

#endif

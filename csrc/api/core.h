/* core.h - the inside of the handle: what both threads share, and what the worker alone owns.
 *
 * The main loop hands jobs to the worker; the worker answers with messages (queue.h). The ledger, the catalogue and
 * every struct run belong to the worker's thread; decoders and events belong to the main loop. */
#ifndef API_CORE_H
#define API_CORE_H

#include <stdatomic.h>
#include <uv.h>

#include "api/importer.h"
#include "api/options.h"
#include "api/queue.h"
#include "budget/coverage.h"
#include "import/settings.h"
#include "run/event_list.h"
#include "run/run.h"

struct purser;

/* A run's two halves. The main loop's half is freed by purser_run_free(), the worker's when the run is settled. */
struct purser_run {
  struct purser *core;
  struct decoder *decoder;   /* main loop */
  struct event_list waiting; /* main loop: for purser_run_next() */
  size_t next;
  struct event_list booking; /* main loop: collected during one feed */
  struct job *last_job;      /* main loop: made with the run, so that it can always be let go */
  atomic_int stop;           /* worker -> main loop: the run_verdict that ends the run, 0 none */
  bool finished;
  /* Worker only. */
  struct run *life;           /* NULL before admission and after the settling */
  struct event_list unbooked; /* what could not be booked yet: tried again at every tick */
  char *agent;
  char *workspace;
  char *end_json;          /* set once the run has ended: it is to be settled */
  struct message *settled; /* made at the end, for the last message */
  int64_t ticket;
  bool changed; /* booked since BOOKED was last sent */
  bool asked;   /* STOP with "ask" was sent */
  bool warned;  /* of a ledger that can't be written */
  struct purser_run *next_live;
};

enum job_kind {
  JOB_ASK,
  JOB_ADMIT,
  JOB_EVENTS,
  JOB_STARTED,
  JOB_FINISH,
  JOB_FREE
};

struct job {
  struct job *next;
  enum job_kind kind;
  int64_t ticket;
  struct purser_run *run;
  char *verb;
  char *json;
  struct event_list events;
  struct message *reply; /* made with the job: an answer is never lost for want of memory */
};

void job_free(struct job *job);
/* Queues a job made with mem_zalloc; takes it over. */
void core_submit(struct purser *core, struct job *job);

/* What the statusline is about. */
struct watch {
  char *agent;
  char *workspace;
};

struct purser {
  struct options options;
  struct queue messages;
  struct message *taken; /* main loop: what purser_next() gave out last */
  uv_thread_t thread;
  uv_loop_t loop;
  uv_async_t wake;
  uv_timer_t tick;
  uv_mutex_t lock;
  struct job *first_job;
  struct job *last_job;
  bool closing;
  atomic_llong last_ticket;
  atomic_int busy;      /* the worker has something to do: the importer stands back */
  atomic_bool imported; /* the importer has booked something since the spend was last told */
  /* Worker only. */
  struct ledger *ledger;
  struct catalog *catalog;
  struct run_config config;
  struct importer *importer;        /* NULL until it is needed */
  struct import_settings *settings; /* NULL when they can't be read */
  struct purser_run *live;
  struct watch watch;
  int64_t last_crossing;
  int64_t spend_day; /* the ledger's day that SPEND was last sent for */
  bool spend_changed;
  bool pace_due;   /* something was spent since the budgets' forecasts were looked at */
  int64_t pace_ns; /* when that was */
  struct coverage_memo coverage;
  int64_t data_version; /* of the ledger when SPEND was last figured */
};

/* Worker's thread from here on. */
void worker_main(void *data);
/* Sends a message; `json` is taken over, NULL is "{}". `reply` is taken over, NULL for what nobody waits for. */
void core_send(struct purser *core, struct message *reply, const purser_message *head, char *json);
/* A document {"message": text}. */
char *core_message_json(const char *text);
/* The ledger and the catalogue, opened when first needed and again after a failure. */
int core_need_ledger(struct purser *core, struct error *error);
/* The importer, started when it is first needed. `automatic`: it reads by itself. */
int core_need_importer(struct purser *core, bool automatic, struct error *error);
/* How a run that begins now is billed, when nobody has said so for it. */
enum billing core_billing(const struct purser *core, const char *source, const char *agent);
/* The policy with a limit that is nearest to it, of those that apply to an agent and workspace. *found is false if there is none. */
int core_tightest(struct purser *core, const char *agent, const char *workspace,
                  struct policy_state *out, bool *found, struct error *error);

/* work.c: the jobs of runs. */
void work_admit(struct purser *core, struct job *job);
void work_events(struct purser *core, struct job *job);
void work_finish(struct purser *core, struct job *job);
void work_free(struct purser *core, struct purser_run *run);
/* Acts on a verdict: STOP is sent, once. */
void work_heed(struct purser *core, struct purser_run *run, enum run_verdict verdict,
               const struct policy_state *policy);
/* runaway.c: RUNAWAY for what was noticed since the last call. */
void work_tell_alarms(struct purser *core, struct purser_run *run);
/* SETTLED for a run that is closed in the ledger; ticket 0: one whose owner died. */
void work_tell_settled(struct purser *core, struct message *reply, int64_t ticket, int64_t id);
/* Reads on in the records of live runs, tries again what failed, reports progress. */
void work_tick(struct purser *core);

/* announce.c: new crossings and the statusline's figures. */
void announce_start(struct purser *core);
void announce(struct purser *core);

/* verbs.c: answers a question; *out is printed JSON, the caller's. */
int verb_answer(struct purser *core, const char *verb, const char *arguments, char **out,
                struct error *error);

/* verbs_import.c: hands the question on to the importer, which answers it. A failure was not answered. */
int verb_import(struct purser *core, struct job *job, struct error *error);

#endif

/* run.c - admission, and what happens while a run goes on; see run.h. Settling is settle.c. */
#include "run/run.h"

#include <string.h>

#include "base/mem.h"
#include "run/life.h"

static const char *or_empty(const char *text) {
  return text != NULL ? text : "";
}

int life_set(char **field, const char *text, size_t len) {
  char *copy = mem_strndup(text != NULL ? text : "", len);
  if (copy == NULL)
    return PURSER_ENOMEM;
  mem_free(*field);
  *field = copy;
  return PURSER_OK;
}

static int set_text(char **field, const char *text) {
  return life_set(field, or_empty(text), strlen(or_empty(text)));
}

void run_free(struct run *run) {
  if (run == NULL)
    return;
  record_close(run->record);
  totals_fini(&run->totals);
  mem_free(run->source);
  mem_free(run->model);
  mem_free(run->provider);
  mem_free(run->session);
  mem_free(run->asked_session);
  mem_free(run->record_kind);
  mem_free(run->record_root);
  mem_free(run->end_name);
  mem_free(run->end_message);
  mem_free(run);
}

int64_t run_id(const struct run *run) {
  return run->id;
}

static struct run *run_new(struct ledger *ledger, const struct run_config *config,
                           const struct run_request *request) {
  struct run *run = mem_zalloc(sizeof *run);
  if (run == NULL)
    return NULL;
  run->ledger = ledger;
  run->config = config;
  run->max_requests = request->max_requests;
  run->max_output_tokens = request->max_output_tokens;
  run->runaway = request->runaway;
  run->free = request->free;
  run->compaction = request->compaction;
  int status = set_text(&run->source, request->source);
  if (status == PURSER_OK)
    status = set_text(&run->model, request->model);
  if (status == PURSER_OK)
    status = set_text(&run->provider, request->provider);
  if (status == PURSER_OK)
    status = set_text(&run->session, request->session);
  if (status == PURSER_OK)
    status = set_text(&run->asked_session, request->session);
  if (status == PURSER_OK)
    status = set_text(&run->record_kind, request->record_kind);
  if (status == PURSER_OK)
    status = set_text(&run->record_root, request->record_root);
  if (status == PURSER_OK)
    status = set_text(&run->end_name, "");
  if (status == PURSER_OK)
    status = set_text(&run->end_message, "");
  if (status != PURSER_OK) {
    run_free(run);
    return NULL;
  }
  return run;
}

/* Asks the budgets, and writes the run with its hold where they agree. */
static int ask_budgets(struct ledger *ledger, const struct run_config *config,
                       const struct run_request *request, struct run_answer *answer,
                       struct error *error) {
  const char *prompt = or_empty(request->prompt);
  const size_t prompt_len = strlen(prompt);
  char *kept = mem_strndup(prompt, keep_prompt_bytes(config->keep_prompt, prompt, prompt_len));
  if (kept == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  const struct run_spec spec = {
      .agent = or_empty(request->agent),
      .workspace = or_empty(request->workspace),
      .branch = request->branch,
      .source = or_empty(request->source),
      .model = request->model,
      .effort = request->effort,
      .conversation = request->conversation,
      .session = request->session,
      .prompt = kept,
      .prompt_bytes = (int64_t)prompt_len,
      .parent_run = request->parent_run,
      .record_root = request->record_root,
      .cwd = request->cwd,
      .billing = request->billing,
  };
  const bool unpriced = answer->estimate.status == COST_UNKNOWN;
  const struct admission_request asked = {
      .spec = &spec,
      .estimate_nanousd = unpriced ? -1 : answer->estimate.high_nanousd,
      .minimum_nanousd = answer->estimate.minimum_nanousd,
      .request_nanousd = answer->estimate.low_nanousd,
      .known_free = request->free || request->billing == BILLING_LOCAL,
      .override_once = request->override_once,
      .who = request->who,
      .fallback_nanousd = -1, /* the estimate has it in already */
      .enforce_subscription = config->enforce_subscription,
      .dry = request->dry,
  };
  const int status = budget_admit(ledger, &asked, &answer->admission, error);
  mem_free(kept);
  return status;
}

int run_admit(struct run **out, struct ledger *ledger, const struct run_config *config,
              const struct run_request *request, struct run_answer *answer, struct error *error) {
  *out = NULL;
  *answer = (struct run_answer){0};
  struct run *run = run_new(ledger, config, request);
  if (run == NULL)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  int status = run_estimate(ledger, config, request, &answer->estimate, error);
  if (status == PURSER_OK)
    status = ask_budgets(ledger, config, request, answer, error);
  if (status != PURSER_OK || !answer->admission.admitted || request->dry) {
    run_free(run);
    return status;
  }
  run->id = answer->admission.run_id;
  run->started_ms = clock_now_ms(ledger_clock(ledger));
  run->prompt_tokens = answer->estimate.prompt_tokens;
  run->plain_tokens =
      estimate_text_tokens(or_empty(request->prompt), strlen(or_empty(request->prompt)));
  run->begins = request->context_tokens == 0 && or_empty(request->session)[0] == '\0';
  run->next_nanousd = answer->estimate.low_nanousd;
  *out = run;
  return PURSER_OK;
}

static int open_record(struct run *run, struct error *error) {
  if (run->record != NULL || run->record_kind[0] == '\0' || run->session[0] == '\0') {
    return PURSER_OK;
  }
  const struct record_source source = {
      .kind = run->record_kind,
      .root = run->record_root,
      .session = run->session,
      .since_ms = run->started_ms,
  };
  return record_open(&run->record, &source, error);
}

static int take_session(struct run *run, const purser_event *event, struct error *error) {
  if (event->model.len != 0 && event->parent.len == 0 &&
      life_set(&run->model, event->model.ptr, event->model.len) != PURSER_OK) {
    return error_set(error, PURSER_ENOMEM, "out of memory");
  }
  const bool sidechain = (event->flags & PURSER_FLAG_SIDECHAIN) != 0;
  const bool same = strlen(run->session) == event->session.len &&
                    memcmp(run->session, event->session.ptr, event->session.len) == 0;
  if (event->session.len != 0 && !sidechain && !same) {
    if (life_set(&run->session, event->session.ptr, event->session.len) != PURSER_OK) {
      return error_set(error, PURSER_ENOMEM, "out of memory");
    }
    /* A fork goes on under an id of its own: the record is another file. */
    record_close(run->record);
    run->record = NULL;
    return ledger_run_set_session(run->ledger, run->id, run->session, error);
  }
  return PURSER_OK;
}

/* What goes round while events are taken. */
struct taking {
  enum run_verdict verdict;
  struct policy_state *policy;
};

static void worse(struct taking *taking, enum verdict verdict, const struct policy_state *policy) {
  const enum run_verdict mine = verdict == VERDICT_STOP  ? RUN_STOP_BUDGET
                                : verdict == VERDICT_ASK ? RUN_ASK_BUDGET
                                                         : RUN_GO_ON;
  if (mine == RUN_GO_ON || taking->verdict == RUN_STOP_BUDGET)
    return;
  taking->verdict = mine;
  if (taking->policy != NULL)
    *taking->policy = *policy;
}

static int take_usage(struct run *run, const purser_event *event, struct taking *taking,
                      struct error *error) {
  if (event->scope != PURSER_SCOPE_REQUEST) {
    if (totals_set(&run->totals, event) == PURSER_OK)
      return PURSER_OK;
    return error_set(error, PURSER_ENOMEM, "out of memory");
  }
  const struct life_request request = {
      .key = event->id,
      .request_id = event->request_id,
      .model = event->model,
      .tier = event->service_tier,
      .speed = event->speed,
      .session = event->session,
      .at_ms = event->at_ms,
      .reported_nanousd = event->cost_nanousd,
      .flags = event->flags,
      .usage = event->usage,
  };
  struct life_booked booked;
  const int status = life_book(run, &request, &booked, error);
  if (status != PURSER_OK)
    return status;
  worse(taking, booked.verdict, &booked.policy);

  struct tally *tally = &run->tally;
  tally->usage_seen = true;
  if (booked.booked.run_id == run->id)
    tally->spent_nanousd += booked.booked.delta_nanousd;
  if (booked.booked.outcome == BOOK_NEW) {
    tally->requests++;
    tally->output_tokens += event->usage.output;
  }
  if ((event->flags & (PURSER_FLAG_SIDECHAIN | PURSER_FLAG_COMPACTION)) == 0) {
    tally->context_tokens = usage_prompt(&event->usage) + event->usage.output;
    if (tally->first_prompt == 0)
      tally->first_prompt = usage_prompt(&event->usage);
    tally->last_cost_nanousd = booked.cost_nanousd;
  }
  run->changed = true;
  return PURSER_OK;
}

static int take_end(struct run *run, const purser_event *event, struct error *error) {
  char **field = event->kind == PURSER_EVENT_RESULT ? &run->end_name : &run->end_message;
  const purser_str text = event->kind == PURSER_EVENT_RESULT ? event->name : event->text;
  if (event->kind == PURSER_EVENT_RESULT) {
    run->tally.result_seen = true;
    run->tally.result_failed = (event->flags & (PURSER_FLAG_FAILED | PURSER_FLAG_BLOCKED)) != 0;
  }
  if (text.len == 0)
    return PURSER_OK;
  if (life_set(field, text.ptr, text.len) == PURSER_OK)
    return PURSER_OK;
  return error_set(error, PURSER_ENOMEM, "out of memory");
}

static int take(struct run *run, const purser_event *event, struct taking *taking,
                struct error *error) {
  struct run_counts *counts = &run->tally.counts;
  run->tally.answered = true;
  /* The record repeats what the stream has told: only its usage and its session count. */
  const bool imported = (event->flags & PURSER_FLAG_IMPORTED) != 0;
  switch ((enum purser_event_kind)event->kind) {
  case PURSER_EVENT_USAGE: return take_usage(run, event, taking, error);
  case PURSER_EVENT_SESSION: return take_session(run, event, error);
  case PURSER_EVENT_TOOL_CALL:
    counts->tool_calls += imported ? 0 : 1;
    if (!imported)
      life_watch_call(run, event);
    return PURSER_OK;
  case PURSER_EVENT_RETRY: counts->retries += imported ? 0 : 1; return PURSER_OK;
  case PURSER_EVENT_COMPACTION: counts->compactions += imported ? 0 : 1; return PURSER_OK;
  case PURSER_EVENT_RESULT:
  case PURSER_EVENT_ERROR: return imported ? PURSER_OK : take_end(run, event, error);
  case PURSER_EVENT_TEXT:
  case PURSER_EVENT_THINKING:
  case PURSER_EVENT_TOOL_RESULT:
  case PURSER_EVENT_RATE_LIMIT:
  case PURSER_EVENT_PROMPT: return PURSER_OK;
  }
  return PURSER_OK;
}

static bool over_limit(const struct run *run) {
  const struct tally *tally = &run->tally;
  return (run->max_requests > 0 && tally->requests >= run->max_requests) ||
         (run->max_output_tokens > 0 && tally->output_tokens >= run->max_output_tokens) ||
         run_budget_spent(run);
}

int run_observe(struct run *run, const purser_event *events, size_t count,
                enum run_verdict *verdict, struct policy_state *policy, struct error *error) {
  *verdict = RUN_GO_ON;
  if (count == 0)
    return PURSER_OK;
  const struct tally before = run->tally;
  struct taking taking = {RUN_GO_ON, policy};
  int status = ledger_begin(run->ledger, error);
  if (status != PURSER_OK)
    return status;
  for (size_t i = 0; i < count && status == PURSER_OK; i++) {
    status = take(run, &events[i], &taking, error);
  }
  if (status == PURSER_OK)
    status = budget_check_thresholds(run->ledger, run->id, error);
  if (status == PURSER_OK)
    life_watch_cost(run);
  if (status == PURSER_OK)
    status = ledger_commit(run->ledger, error);
  if (status != PURSER_OK) {
    ledger_rollback(run->ledger);
    run->tally = before;
    return status;
  }
  *verdict = taking.verdict;
  if (*verdict != RUN_STOP_BUDGET && over_limit(run))
    *verdict = RUN_STOP_LIMIT;
  return PURSER_OK;
}

static void collect(void *data, const purser_event *event) {
  struct event_list *list = data;
  if (event_counts(event))
    (void)event_list_add(list, event);
}

static int follow(struct run *run, bool end, enum run_verdict *verdict, struct policy_state *policy,
                  struct error *error) {
  *verdict = RUN_GO_ON;
  int status = open_record(run, error);
  if (status != PURSER_OK || run->record == NULL)
    return status;
  struct event_list list = EVENT_LIST_INIT;
  int files = 0;
  /* Read first, then write: the ledger's lock is not held while a long transcript is decoded. */
  const int read = end ? record_finish(run->record, collect, &list, &files, error)
                       : record_poll(run->record, collect, &list, &files, error);
  status = run_observe(run, list.events, list.count, verdict, policy, error);
  if (status == PURSER_OK && list.failed) {
    status = error_set(error, PURSER_ENOMEM, "out of memory while reading the client's record");
  }
  event_list_fini(&list);
  return status != PURSER_OK ? status : read;
}

int run_follow(struct run *run, enum run_verdict *verdict, struct policy_state *policy,
               struct error *error) {
  return follow(run, false, verdict, policy, error);
}

int life_read_record(struct run *run, struct error *error) {
  enum run_verdict ignored;
  return follow(run, true, &ignored, NULL, error);
}

void run_progress(struct run *run, struct run_progress *out) {
  struct model_info info;
  const int64_t now_ms = clock_now_ms(ledger_clock(run->ledger));
  const bool found =
      catalog_find(run->config->catalog, run->provider, run->model, now_ms, &info) == 0;
  *out = (struct run_progress){
      .context_tokens = run->tally.context_tokens,
      .context_window = found ? info.context_window : 0,
      .changed = run->changed,
  };
  run->changed = false;
}

/* settle.c - the end of a run: its record is read to the end, its totals are reconciled, its hold goes back. */
#include <string.h>

#include "base/mem.h"
#include "run/life.h"

const char *life_record_kind(const char *source) {
  static const struct {
    const char *source, *kind;
  } kinds[] = {
      {"claude", "claude_transcript"},
      {"codex", "codex_rollout"},
      {"gemini", "gemini_chat"},
      {"opencode", "opencode"},
  };
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    if (strcmp(kinds[i].source, source) == 0)
      return kinds[i].kind;
  }
  return NULL;
}

static bool is(const char *text, const char *word) {
  return strcmp(text, word) == 0;
}

/* How the run ended, from our own reason for ending it, else from the client's word, else from the exit. */
static enum run_status status_of(const struct run *run, const struct run_finish *finish) {
  static const struct {
    const char *reason;
    enum run_status status;
  } ours[] = {
      {"cancelled", RUN_CANCELLED}, {"budget", RUN_STOPPED_BUDGET}, {"limit", RUN_STOPPED_LIMIT},
      {"spawn", RUN_FAILED},        {"abandoned", RUN_ABANDONED},
  };
  for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) {
    if (is(finish->reason, ours[i].reason))
      return ours[i].status;
  }
  const struct tally *tally = &run->tally;
  if (is(run->end_name, "budget"))
    return RUN_STOPPED_BUDGET;
  if (is(run->end_name, "max_turns"))
    return RUN_STOPPED_LIMIT;
  if (finish->exit_code != 0 || finish->signal != 0 || tally->result_failed)
    return RUN_FAILED;
  /* Exit 0 and nothing said, or only an error: not what was asked for. */
  if (!tally->answered || (!tally->result_seen && run->end_message[0] != '\0'))
    return RUN_FAILED;
  return RUN_COMPLETED;
}

/* One line for people: the client's error, else the end of its stderr, else what the exit tells. */
static void write_message(const struct run *run, const struct run_finish *finish,
                          enum run_status status, struct buf *out) {
  if (status == RUN_COMPLETED || status == RUN_CANCELLED)
    return;
  if (run->end_message[0] != '\0') {
    buf_adds(out, run->end_message);
  } else if (finish->output != NULL && finish->output[0] != '\0') {
    buf_adds(out, finish->output);
  } else if (status == RUN_ABANDONED) {
    buf_adds(out, "the editor ended before the run did");
  } else if (status == RUN_STOPPED_LIMIT) {
    buf_adds(out, "stopped at a cap of the run");
  } else if (finish->signal != 0) {
    buf_addf(out, "ended by signal %d", (int)finish->signal);
  } else if (finish->exit_code != 0) {
    buf_addf(out, "ended with exit code %d and said nothing", (int)finish->exit_code);
  } else if (status == RUN_FAILED) {
    buf_adds(out, "ended without an answer");
  }
}

/* Rule 27: a run that was cut off in mid-flight has had its input read, though no figure of it came. Not one that could not
 * start or was refused: there nothing was sent, or nothing was charged. */
static int book_cut_off(struct run *run, enum run_status status, struct error *error) {
  const bool cut = status == RUN_CANCELLED || status == RUN_STOPPED_LIMIT ||
                   status == RUN_STOPPED_BUDGET || status == RUN_ABANDONED;
  if (!cut || run->tally.usage_seen || run->end_message[0] != '\0')
    return PURSER_OK;
  if (run->prompt_tokens <= 0 || run->tally.result_seen)
    return PURSER_OK;
  /* Without a key it gets one of the run's own: it stands for no response of the provider's. */
  const struct life_request request = {
      .reported_nanousd = -1,
      .flags = PURSER_FLAG_ESTIMATED,
      .usage = {.input = run->prompt_tokens},
  };
  struct life_booked booked;
  return life_book(run, &request, &booked, error);
}

static int close_run(struct run *run, const struct run_finish *finish, struct error *error) {
  const enum run_status end_status = status_of(run, finish);
  struct buf message = BUF_INIT;
  write_message(run, finish, end_status, &message);
  int status = buf_status(&message);
  if (status != PURSER_OK)
    (void)error_set(error, status, "out of memory");
  const struct run_end end = {
      .status = end_status,
      .exit_code = finish->exit_code,
      .signal = finish->signal,
      .duration_ms = finish->duration_ms,
      .reason = run->end_name[0] != '\0' ? run->end_name : finish->reason,
      .message = buf_text(&message),
  };
  if (status == PURSER_OK)
    status = life_reconcile(run, error);
  if (status == PURSER_OK)
    status = book_cut_off(run, end_status, error);
  if (status == PURSER_OK)
    status = life_calibrate(run, error);
  struct run_counts counts = run->tally.counts;
  if (finish->retries > 0 && finish->retries < INT32_MAX - counts.retries)
    counts.retries += finish->retries;
  if (status == PURSER_OK)
    status = ledger_run_end(run->ledger, run->id, &end, &counts, error);
  if (status == PURSER_OK)
    status = budget_release(run->ledger, run->id, error);
  if (status == PURSER_OK)
    status = budget_check_thresholds(run->ledger, run->id, error);
  buf_fini(&message);
  return status;
}

int run_settle(struct run *run, const struct run_finish *finish, struct error *error) {
  /* An unreadable record must not keep the hold: the run is closed with what is known, and the message tells. */
  struct error record_error = {0};
  const int read = life_read_record(run, &record_error);
  int status = ledger_begin(run->ledger, error);
  if (status == PURSER_OK) {
    status = close_run(run, finish, error);
    if (status == PURSER_OK)
      status = ledger_commit(run->ledger, error);
    if (status != PURSER_OK)
      ledger_rollback(run->ledger);
  }
  if (status == PURSER_OK && read != PURSER_OK && error != NULL)
    *error = record_error;
  return status;
}

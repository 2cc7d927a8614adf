/* session_runs.c - see session_runs.h. */
#include "import/session_runs.h"

#include <string.h>

#include "base/mem.h"
#include "ledger/hash.h"

enum {
  FIRST_SLOTS = 256,
  /* A prompt is written down a moment after its run was admitted, and the end may be noted a moment late. */
  SLACK_MS = 5000
};

static void session_free(struct session_runs *known) {
  if (known == NULL)
    return;
  mem_free(known->session);
  mem_free(known->runs);
  mem_free(known);
}

void sessions_fini(struct sessions *sessions) {
  for (size_t i = 0; i < sessions->slot_count; i++)
    session_free(sessions->slots[i]);
  mem_free(sessions->slots);
  *sessions = (struct sessions){0};
}

static struct session_runs **slot_of(const struct sessions *s, const char *session, uint64_t hash) {
  size_t at = (size_t)hash & (s->slot_count - 1);
  while (s->slots[at] != NULL &&
         (s->slots[at]->hash != hash || strcmp(s->slots[at]->session, session) != 0))
    at = (at + 1) & (s->slot_count - 1);
  return &s->slots[at];
}

static bool grow(struct sessions *s) {
  if (s->slot_count > 2 * s->count)
    return true;
  struct sessions more = {.slot_count = s->slot_count == 0 ? FIRST_SLOTS : 2 * s->slot_count};
  more.slots = mem_zalloc(more.slot_count * sizeof(struct session_runs *));
  if (more.slots == NULL)
    return false;
  for (size_t i = 0; i < s->slot_count; i++) {
    if (s->slots[i] != NULL)
      *slot_of(&more, s->slots[i]->session, s->slots[i]->hash) = s->slots[i];
  }
  mem_free(s->slots);
  s->slots = more.slots;
  s->slot_count = more.slot_count;
  return true;
}

static int load_run(void *data, const struct import_run_row *row) {
  session_runs_add(data, row);
  return 0;
}

struct session_runs *sessions_find(struct sessions *sessions, struct ledger *ledger,
                                   const char *session, struct error *error) {
  const uint64_t hash = hash_text(session);
  if (!grow(sessions)) {
    (void)error_set(error, PURSER_ENOMEM, "out of memory");
    return NULL;
  }
  struct session_runs **slot = slot_of(sessions, session, hash);
  if (*slot != NULL)
    return *slot;
  struct session_runs *known = mem_zalloc(sizeof *known);
  if (known == NULL || (known->session = mem_strdup(session)) == NULL) {
    session_free(known);
    (void)error_set(error, PURSER_ENOMEM, "out of memory");
    return NULL;
  }
  known->hash = hash;
  if (session[0] != '\0' &&
      import_log_session(ledger, session, load_run, known, error) != PURSER_OK) {
    session_free(known);
    return NULL;
  }
  *slot = known;
  sessions->count++;
  return known;
}

void session_runs_add(struct session_runs *known, const struct import_run_row *run) {
  void *runs = known->runs;
  if (mem_grow(&runs, &known->cap, known->count + 1, sizeof *known->runs) != PURSER_OK)
    return;
  known->runs = runs;
  size_t at = known->count++;
  for (; at > 0 && known->runs[at - 1].started_ms > run->started_ms; at--)
    known->runs[at] = known->runs[at - 1];
  known->runs[at] = *run;
}

const struct import_run_row *session_runs_at(const struct session_runs *known, int64_t at_ms) {
  size_t low = 0;
  size_t high = known->count;
  while (low < high) {
    const size_t mid = low + (high - low) / 2;
    if (known->runs[mid].started_ms <= at_ms)
      low = mid + 1;
    else
      high = mid;
  }
  if (known->count == 0)
    return NULL;
  return &known->runs[low > 0 ? low - 1 : 0];
}

const struct import_run_row *session_runs_live(const struct session_runs *known, int64_t at_ms) {
  for (size_t i = known->count; i > 0; i--) {
    const struct import_run_row *run = &known->runs[i - 1];
    if (!run->imported && run->started_ms - SLACK_MS <= at_ms &&
        (run->ended_ms == 0 || at_ms <= run->ended_ms + SLACK_MS))
      return run;
  }
  return NULL;
}

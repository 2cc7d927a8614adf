/* recover.c - runs whose owner died: found at the next start, settled with what was booked and what their client recorded. */
#include <string.h>

#include "base/mem.h"
#include "run/life.h"

struct dead {
  int64_t *ids;
  size_t count;
  size_t cap;
};

static int remember(void *data, int64_t id) {
  struct dead *dead = data;
  void *ids = dead->ids;
  if (mem_grow(&ids, &dead->cap, dead->count + 1, sizeof *dead->ids) != PURSER_OK) {
    return PURSER_ENOMEM;
  }
  dead->ids = ids;
  dead->ids[dead->count++] = id;
  return PURSER_OK;
}

/* A run as its row remembers it. */
static struct run *revive(struct ledger *ledger, const struct run_config *config,
                          const struct run_row *row) {
  struct run *run = mem_zalloc(sizeof *run);
  if (run == NULL)
    return NULL;
  run->ledger = ledger;
  run->config = config;
  run->id = row->id;
  run->started_ms = row->started_ms;
  run->tally.counts = row->counts;
  run->tally.usage_seen = row->sums.requests > 0;
  const char *kind = row->record_root[0] != '\0' ? life_record_kind(row->source) : NULL;
  const struct {
    char **field;
    const char *text;
  } texts[] = {
      {&run->source, row->source},
      {&run->model, row->model},
      {&run->provider, ""},
      {&run->session, row->session},
      /* A session whose beginning nobody saw: without a stored baseline its running totals say nothing. */
      {&run->asked_session, row->session},
      {&run->record_kind, kind != NULL ? kind : ""},
      {&run->record_root, row->record_root},
      {&run->end_name, ""},
      {&run->end_message, ""},
  };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    if (life_set(texts[i].field, texts[i].text, strlen(texts[i].text)) != PURSER_OK) {
      run_free(run);
      return NULL;
    }
  }
  return run;
}

static int settle_one(struct ledger *ledger, const struct run_config *config, int64_t id,
                      struct error *error) {
  struct run_row row = {0};
  int status = ledger_run_get(ledger, id, &row, error);
  if (status != PURSER_OK)
    return status;
  struct run *run = revive(ledger, config, &row);
  if (run == NULL) {
    status = error_set(error, PURSER_ENOMEM, "out of memory");
  } else {
    /* Nobody measured how long it lasted: the wall clock has to do. */
    const struct run_finish finish = {.duration_ms = -1, .reason = "abandoned", .output = ""};
    status = run_settle(run, &finish, error);
  }
  run_free(run);
  run_row_fini(&row);
  return status;
}

int run_recover(struct ledger *ledger, const struct run_config *config,
                int (*each)(void *data, int64_t run_id), void *data, struct error *error) {
  struct dead dead = {0};
  int status = budget_reclaim(ledger, remember, &dead, error);
  for (size_t i = 0; i < dead.count && status == PURSER_OK; i++) {
    status = settle_one(ledger, config, dead.ids[i], error);
    if (status == PURSER_OK && each != NULL)
      status = each(data, dead.ids[i]);
  }
  mem_free(dead.ids);
  return status;
}

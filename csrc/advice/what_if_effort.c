/* what_if_effort.c - see what_if_effort.h. */
#include "advice/what_if_effort.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/money.h"
#include "ledger/recent.h"
#include "ledger/spread.h"

__extension__ typedef __int128 wide;

enum {
  KEYS = 3 /* agent, model, effort */
};

/* Runs of an agent with a model and an effort. */
struct effort_group {
  const char *places[KEYS];
  char *names[KEYS];
  int64_t cost_nanousd; /* of the time that is asked about */
  int64_t *recent;      /* what its last runs cost */
  size_t recent_count, recent_cap;
  int64_t median;
};

void efforts_fini(struct efforts *efforts) {
  for (size_t i = 0; i < efforts->count; i++) {
    struct effort_group *group = &efforts->groups[i];
    for (size_t k = 0; k < KEYS; k++)
      mem_free(group->names[k]);
    mem_free(group->recent);
  }
  mem_free(efforts->groups);
  *efforts = (struct efforts)EFFORTS_INIT;
}

/* ---- the scope's requests ---- */

static struct effort_group *add_group(struct efforts *efforts, const char *const keys[KEYS]) {
  void *groups = efforts->groups;
  if (mem_grow(&groups, &efforts->cap, efforts->count + 1, sizeof *efforts->groups) != PURSER_OK)
    return NULL;
  efforts->groups = groups;
  struct effort_group *group = &efforts->groups[efforts->count++];
  *group = (struct effort_group){.cost_nanousd = 0};
  bool done = true;
  for (size_t k = 0; k < KEYS; k++) {
    group->places[k] = keys[k];
    group->names[k] = mem_strdup(keys[k]);
    done = done && group->names[k] != NULL;
  }
  return done ? group : NULL;
}

/* What is found moves towards the front: a run's requests come together, and few agents do most of the work. */
static struct effort_group *find_place(struct efforts *efforts, const char *const keys[KEYS]) {
  for (size_t i = 0; i < efforts->count; i++) {
    struct effort_group *group = &efforts->groups[i];
    if (memcmp(group->places, keys, sizeof group->places) != 0)
      continue;
    const struct effort_group found = *group;
    efforts->groups[i] = efforts->groups[i / 2];
    efforts->groups[i / 2] = found;
    return &efforts->groups[i / 2];
  }
  return NULL;
}

int efforts_add(struct efforts *efforts, const char *agent, const char *model, const char *effort,
                int64_t nanousd) {
  const char *const keys[KEYS] = {agent, model, effort};
  struct effort_group *group = find_place(efforts, keys);
  if (group == NULL)
    group = add_group(efforts, keys);
  if (group == NULL)
    return PURSER_ENOMEM;
  group->cost_nanousd = money_add(group->cost_nanousd, nanousd);
  return PURSER_OK;
}

/* ---- the last runs ---- */

static bool has_names(const struct effort_group *group, const char *const keys[KEYS]) {
  bool same = true;
  for (size_t k = 0; k < KEYS && same; k++)
    same = strcmp(group->names[k], keys[k]) == 0;
  return same;
}

static int take_recent(void *data, const struct recent_run *run) {
  struct efforts *efforts = data;
  const char *const keys[KEYS] = {run->agent, run->model, run->effort};
  struct effort_group *group = NULL;
  if (run->unpriced > 0)
    return 0;
  for (size_t i = 0; i < efforts->count && group == NULL; i++) {
    if (has_names(&efforts->groups[i], keys))
      group = &efforts->groups[i];
  }
  if (group == NULL)
    group = add_group(efforts, keys);
  if (group == NULL)
    return PURSER_ENOMEM;
  void *recent = group->recent;
  const int status =
      mem_grow(&recent, &group->recent_cap, group->recent_count + 1, sizeof *group->recent);
  group->recent = recent;
  if (status == PURSER_OK)
    group->recent[group->recent_count++] = run->cost_nanousd;
  return status;
}

/* ---- rows ---- */

static const char *agent_of(const struct effort_group *group) {
  return group->names[0];
}

static const char *model_of(const struct effort_group *group) {
  return group->names[1];
}

static const char *effort_of(const struct effort_group *group) {
  return group->names[2];
}

static const struct effort_group *with_effort(const struct efforts *efforts,
                                              const struct effort_group *like, const char *effort) {
  for (size_t i = 0; i < efforts->count; i++) {
    const struct effort_group *group = &efforts->groups[i];
    if (strcmp(agent_of(group), agent_of(like)) == 0 &&
        strcmp(model_of(group), model_of(like)) == 0 && strcmp(effort_of(group), effort) == 0)
      return group;
  }
  return NULL;
}

static bool is_known(const struct effort_group *group) {
  return group != NULL && group->recent_count >= WHAT_IF_FEWEST && group->median > 0;
}

/* Runs of that model which had another effort, as if they had had this one. */
static void change_group(const struct efforts *efforts, const struct effort_group *group,
                         struct what_if_row *row) {
  const struct effort_group *other = with_effort(efforts, group, row->effort);
  if (!is_known(group) || !is_known(other)) {
    row->kept_nanousd = money_add(row->kept_nanousd, group->cost_nanousd);
    return;
  }
  const wide cost = (wide)group->cost_nanousd * other->median / group->median;
  const int64_t fewest = (int64_t)(group->recent_count < other->recent_count ? group->recent_count
                                                                             : other->recent_count);
  const int64_t becomes = cost < INT64_MAX ? (int64_t)cost : INT64_MAX;
  row->cost_nanousd = money_add(row->cost_nanousd, becomes - group->cost_nanousd);
  if (row->from_runs == 0 || fewest < row->from_runs)
    row->from_runs = fewest;
}

/* Whether something would change: nobody asks for what was done anyhow. */
static bool fill_row(const struct efforts *efforts, struct what_if_row *row) {
  bool others = false;
  for (size_t i = 0; i < efforts->count; i++) {
    const struct effort_group *group = &efforts->groups[i];
    if (group->cost_nanousd == 0 || strcmp(model_of(group), row->model) != 0 ||
        strcmp(effort_of(group), row->effort) == 0)
      continue;
    others = true;
    change_group(efforts, group, row);
  }
  return others;
}

static bool has_row(const struct what_if *out, const char *model, const char *effort) {
  for (size_t i = 0; i < out->count; i++) {
    if (strcmp(out->rows[i].model, model) == 0 && strcmp(out->rows[i].effort, effort) == 0)
      return true;
  }
  return false;
}

/* By effort, so that the same log gives the same rows; models as they come. */
static int dearest_first(const void *a, const void *b) {
  const struct effort_group *x = a;
  const struct effort_group *y = b;
  if (x->cost_nanousd != y->cost_nanousd)
    return x->cost_nanousd > y->cost_nanousd ? -1 : 1;
  for (size_t k = 0; k < KEYS; k++) {
    const int order = strcmp(x->names[k], y->names[k]);
    if (order != 0)
      return order;
  }
  return 0;
}

int efforts_rows(struct efforts *efforts, struct ledger *ledger, const struct request_scan *scan,
                 struct what_if *out, struct error *error) {
  size_t rows = 0;
  const int status = ledger_recent_each(ledger, scan, WHAT_IF_RECENT, take_recent, efforts, error);
  if (status != PURSER_OK || efforts->count == 0)
    return status;
  for (size_t i = 0; i < efforts->count; i++) {
    struct effort_group *group = &efforts->groups[i];
    group->median = spread_median(group->recent, group->recent_count);
  }
  qsort(efforts->groups, efforts->count, sizeof *efforts->groups, dearest_first);
  for (size_t i = 0; i < efforts->count && rows < WHAT_IF_EFFORTS; i++) {
    const struct effort_group *group = &efforts->groups[i];
    /* The client's own is none that could be asked for. */
    if (effort_of(group)[0] == '\0' || has_row(out, model_of(group), effort_of(group)))
      continue;
    struct what_if_row row = {.cost_nanousd = out->cost_nanousd,
                              .priced = out->requests - out->unpriced};
    (void)snprintf(row.model, sizeof row.model, "%s", model_of(group));
    (void)snprintf(row.effort, sizeof row.effort, "%s", effort_of(group));
    if (!fill_row(efforts, &row))
      continue;
    out->rows[out->count++] = row;
    rows++;
  }
  return PURSER_OK;
}

/* compare.c - see compare.h. */
#include "advice/compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/recent.h"
#include "ledger/spread.h"

struct figures {
  int64_t *values;
  size_t count, cap;
};

struct group {
  char *model, *effort;
  int64_t runs, completed, failed, stopped;
  struct figures nanousd, tokens, duration_ms;
};

struct comparing {
  const struct compare_query *query;
  struct group *groups;
  size_t count, cap;
  int64_t looked_at;
};

static void comparing_fini(struct comparing *c) {
  for (size_t i = 0; i < c->count; i++) {
    struct group *group = &c->groups[i];
    mem_free(group->model);
    mem_free(group->effort);
    mem_free(group->nanousd.values);
    mem_free(group->tokens.values);
    mem_free(group->duration_ms.values);
  }
  mem_free(c->groups);
}

static int add(struct figures *figures, int64_t value) {
  void *values = figures->values;
  const int status = mem_grow(&values, &figures->cap, figures->count + 1, sizeof *figures->values);
  figures->values = values;
  if (status == PURSER_OK)
    figures->values[figures->count++] = value;
  return status;
}

static struct group *group_of(struct comparing *c, const struct recent_run *run) {
  for (size_t i = 0; i < c->count; i++) {
    if (strcmp(c->groups[i].model, run->model) == 0 &&
        strcmp(c->groups[i].effort, run->effort) == 0)
      return &c->groups[i];
  }
  void *groups = c->groups;
  if (mem_grow(&groups, &c->cap, c->count + 1, sizeof *c->groups) != PURSER_OK)
    return NULL;
  c->groups = groups;
  struct group *group = &c->groups[c->count++];
  *group = (struct group){.model = mem_strdup(run->model), .effort = mem_strdup(run->effort)};
  return group->model != NULL && group->effort != NULL ? group : NULL;
}

static void count_end(struct group *group, enum run_status status) {
  group->runs++;
  if (status == RUN_COMPLETED)
    group->completed++;
  else if (status == RUN_FAILED || status == RUN_ABANDONED)
    group->failed++;
  else
    group->stopped++;
}

static bool is_wanted(const struct compare_query *query, const char *prompt) {
  struct task_kind kind;
  if (query->kind == NULL)
    return true;
  task_kind_of(prompt, strlen(prompt), query->rules, query->rule_count, query->builtin, &kind);
  return strcmp(kind.kind, query->kind) == 0;
}

static int take(void *data, const struct recent_run *run) {
  struct comparing *c = data;
  c->looked_at++;
  if (!is_wanted(c->query, run->prompt))
    return 0;
  struct group *group = group_of(c, run);
  if (group == NULL)
    return PURSER_ENOMEM;
  count_end(group, run->status);
  int status = add(&group->tokens, run->tokens);
  if (status == PURSER_OK && run->unpriced == 0)
    status = add(&group->nanousd, run->cost_nanousd);
  if (status == PURSER_OK && run->duration_ms >= 0)
    status = add(&group->duration_ms, run->duration_ms);
  return status;
}

static int most_runs_first(const void *a, const void *b) {
  const struct group *x = a;
  const struct group *y = b;
  if (x->runs != y->runs)
    return x->runs > y->runs ? -1 : 1;
  const int order = strcmp(x->model, y->model);
  return order != 0 ? order : strcmp(x->effort, y->effort);
}

static int64_t median_of(const struct figures *figures) {
  return figures->count > 0 ? spread_median(figures->values, figures->count) : 0;
}

int compare_runs(struct ledger *ledger, const struct compare_query *query, int64_t *looked_at,
                 int (*each)(void *data, const struct compared *compared), void *data,
                 struct error *error) {
  struct comparing c = {.query = query};
  int status = ledger_recent_each(ledger, &query->scan, COMPARE_RUNS, take, &c, error);
  *looked_at = c.looked_at;
  if (c.count > 0)
    qsort(c.groups, c.count, sizeof *c.groups, most_runs_first);
  for (size_t i = 0; i < c.count && status == PURSER_OK; i++) {
    const struct group *group = &c.groups[i];
    const struct compared compared = {
        .model = group->model,
        .effort = group->effort,
        .runs = group->runs,
        .priced = (int64_t)group->nanousd.count,
        .nanousd = median_of(&group->nanousd),
        .tokens = median_of(&group->tokens),
        .duration_ms = median_of(&group->duration_ms),
        .completed = group->completed,
        .failed = group->failed,
        .stopped = group->stopped,
    };
    status = each(data, &compared);
  }
  comparing_fini(&c);
  return status;
}

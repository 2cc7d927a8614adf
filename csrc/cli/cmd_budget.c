/* cmd_budget.c - `purser budget`: list, set, raise, off, remove. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "api/shapes.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/money.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/sums.h"

#define CENTS_MAX INT64_C(900000000) /* nine million dollars */

struct job {
  struct cli *cli;
  struct ledger *ledger;
  const char *positional[3];
  int count;
  bool json;
  bool has_cents;
  int64_t cents;
  int64_t raise;
  int64_t reset_day;
  const char *period;
  const char *zone;
  const char *thresholds;
  const char *at_limit;
};

/* ---- list ---- */

struct listing {
  struct buf out;
  bool json;
  int rows;
};

static void add_cost_cell(struct buf *out, int64_t nanousd, int width) {
  struct buf cell = BUF_INIT;
  money_write_human(&cell, nanousd);
  sums_write_cell(out, buf_text(&cell), width, true);
  buf_fini(&cell);
}

static int add_budget(void *data, const struct policy_state *state) {
  struct listing *l = data;
  enum {
    SCOPE = 36,
    COST = 12
  };
  if (l->json) {
    char *text = shape_print(shape_budget(state));
    if (text == NULL)
      return PURSER_ENOMEM;
    buf_addf(&l->out, "%s%s", l->rows++ == 0 ? "" : ",", text);
    mem_free(text);
    return buf_status(&l->out);
  }
  struct buf scope = BUF_INIT;
  scope_write(&scope, state->policy.scope, state->policy.scope_key);
  sums_write_cell(&l->out, buf_text(&scope), SCOPE, false);
  sums_write_cell(&l->out, period_kind_name(state->policy.period), 6, false);
  add_cost_cell(&l->out, state->spent_nanousd, COST);
  buf_adds(&l->out, " of ");
  if (state->policy.has_limit) {
    add_cost_cell(&l->out, state->limit_nanousd, COST);
  } else {
    sums_write_cell(&l->out, "no limit", COST, true);
  }
  buf_addf(&l->out, "  %s", budget_at_limit_name(state->policy.at_limit));
  if (state->held_nanousd > 0) {
    buf_adds(&l->out, ", held ");
    money_write_human(&l->out, state->held_nanousd);
  }
  if (state->policy.origin == ORIGIN_CONFIG)
    buf_adds(&l->out, " (setup)");
  buf_addc(&l->out, '\n');
  buf_fini(&scope);
  l->rows++;
  return buf_status(&l->out);
}

static int list(struct job *job, struct error *error) {
  struct listing l = {.json = job->json};
  if (l.json)
    buf_adds(&l.out, "{\"budgets\":[");
  const int status = budget_policy_each(job->ledger, add_budget, &l, error);
  int code = CLI_ERROR;
  if (status != PURSER_OK) {
    code = cli_fail(job->cli, error);
  } else {
    if (l.json)
      buf_adds(&l.out, "]}\n");
    if (!l.json && l.rows == 0)
      buf_adds(&l.out, "no budgets: `purser budget set global --monthly-cents 10000` makes one\n");
    code = cli_print(job->cli, &l.out);
  }
  buf_fini(&l.out);
  return code;
}

/* ---- finding ---- */

static int read_scope(struct job *job, struct policy *policy) {
  struct error error = {0};
  const char *text = job->count > 1 ? job->positional[1] : "";
  if (scope_parse(text, &policy->scope, policy->scope_key, sizeof policy->scope_key, &error) !=
      PURSER_OK) {
    return cli_usage(job->cli, "budget", "%s", error_text(&error));
  }
  char path[PATH_MAX];
  if (policy->scope == SCOPE_WORKSPACE && realpath(policy->scope_key, path) != NULL) {
    const size_t n = strlen(path);
    if (n < sizeof policy->scope_key)
      memcpy(policy->scope_key, path, n + 1);
  }
  const int period = period_parse_kind(job->period != NULL ? job->period : "month");
  if (period < 0) {
    return cli_usage(job->cli, "budget", "--period wants month, week or day, not \"%s\"",
                     job->period);
  }
  policy->period = (enum period_kind)period;
  return CLI_OK;
}

struct search {
  const struct policy *wanted;
  struct policy_state found;
  bool any;
};

static int match(void *data, const struct policy_state *state) {
  struct search *s = data;
  if (state->policy.scope == s->wanted->scope && state->policy.period == s->wanted->period &&
      strcmp(state->policy.scope_key, s->wanted->scope_key) == 0) {
    s->found = *state;
    s->any = true;
  }
  return 0;
}

static int find(struct job *job, const struct policy *wanted, struct search *out,
                struct error *error) {
  *out = (struct search){.wanted = wanted};
  return budget_policy_each(job->ledger, match, out, error);
}

/* ---- set ---- */

static int read_thresholds(struct job *job, struct policy *policy) {
  if (job->thresholds == NULL)
    return CLI_OK;
  policy->threshold_count = 0;
  const char *at = job->thresholds;
  int32_t last = 0;
  for (;;) {
    char *end = NULL;
    const long value = strtol(at, &end, 10);
    if (end == at || value <= last || value > 1000 ||
        policy->threshold_count == POLICY_THRESHOLDS_MAX || (*end != ',' && *end != '\0')) {
      return cli_usage(job->cli, "budget",
                       "--thresholds wants up to %d ascending percents like 50,80,100, not \"%s\"",
                       POLICY_THRESHOLDS_MAX, job->thresholds);
    }
    last = (int32_t)value;
    policy->thresholds[policy->threshold_count++] = last;
    if (*end == '\0')
      return CLI_OK;
    at = end + 1;
  }
}

static int read_fields(struct job *job, struct policy *policy) {
  const int last_day = policy->period == PERIOD_WEEK ? 7 : 31;
  if (job->reset_day != 0) {
    if (job->reset_day > last_day) {
      return cli_usage(job->cli, "budget", "--reset-day wants 1 to %d", last_day);
    }
    policy->reset_day = (int32_t)job->reset_day;
  }
  if (job->zone != NULL) {
    struct error error = {0};
    struct zone *zone = NULL;
    if (zone_load(&zone, job->zone, &error) != PURSER_OK ||
        strlen(job->zone) >= sizeof policy->zone) {
      zone_free(zone);
      return cli_usage(job->cli, "budget", "--zone: %s", error_text(&error));
    }
    zone_free(zone);
    memcpy(policy->zone, job->zone, strlen(job->zone) + 1);
  }
  if (job->at_limit != NULL) {
    const int at_limit = budget_at_limit_parse(job->at_limit);
    if (at_limit < 0) {
      return cli_usage(job->cli, "budget", "--at-limit wants block, ask or warn, not \"%s\"",
                       job->at_limit);
    }
    policy->at_limit = (enum at_limit)at_limit;
  }
  return read_thresholds(job, policy);
}

static int save(struct job *job, struct policy *policy, struct error *error) {
  int64_t id;
  policy->origin = ORIGIN_SAVED;
  if (budget_policy_set(job->ledger, policy, &id, error) != PURSER_OK) {
    return cli_fail(job->cli, error);
  }
  return CLI_OK;
}

/* What is not named stays as it is in the policy in force. */
static int set(struct job *job, bool off, struct error *error) {
  struct policy policy;
  budget_policy_init(&policy);
  int code = read_scope(job, &policy);
  if (code != CLI_OK)
    return code;
  struct search search;
  if (find(job, &policy, &search, error) != PURSER_OK)
    return cli_fail(job->cli, error);
  if (search.any)
    policy = search.found.policy;
  code = read_fields(job, &policy);
  if (code != CLI_OK)
    return code;
  if (off) {
    policy.has_limit = false;
    policy.limit_nanousd = 0;
  } else if (job->has_cents) {
    if (job->cents > CENTS_MAX) {
      return cli_usage(job->cli, "budget", "at most %lld cents", (long long)CENTS_MAX);
    }
    policy.has_limit = true;
    policy.limit_nanousd = job->cents * MONEY_PER_CENT;
  } else if (!search.any) {
    return cli_usage(job->cli, "budget", "how much? --monthly-cents N, or off");
  }
  return save(job, &policy, error);
}

static int raise_limit(struct job *job, int64_t cents, struct error *error) {
  struct policy policy;
  budget_policy_init(&policy);
  const int code = read_scope(job, &policy);
  if (code != CLI_OK)
    return code;
  if (cents <= 0 || cents > CENTS_MAX) {
    return cli_usage(job->cli, "budget", "a raise is 1 to %lld cents", (long long)CENTS_MAX);
  }
  struct search search;
  if (find(job, &policy, &search, error) != PURSER_OK)
    return cli_fail(job->cli, error);
  if (!search.any) {
    (void)error_set(error, PURSER_ENOTFOUND, "there is no budget for %s: set one first",
                    job->positional[1]);
    return cli_fail(job->cli, error);
  }
  if (budget_policy_raise(job->ledger, search.found.policy.id, cents * MONEY_PER_CENT, "cli",
                          error) != PURSER_OK) {
    return cli_fail(job->cli, error);
  }
  return CLI_OK;
}

static int remove_saved(struct job *job, struct error *error) {
  struct policy policy;
  budget_policy_init(&policy);
  const int code = read_scope(job, &policy);
  if (code != CLI_OK)
    return code;
  struct search search;
  if (find(job, &policy, &search, error) != PURSER_OK)
    return cli_fail(job->cli, error);
  if (!search.any || search.found.policy.origin == ORIGIN_CONFIG) {
    (void)error_set(error, PURSER_ENOTFOUND, "nothing was saved for %s", job->positional[1]);
    return cli_fail(job->cli, error);
  }
  if (budget_policy_remove(job->ledger, search.found.policy.id, error) != PURSER_OK) {
    return cli_fail(job->cli, error);
  }
  return CLI_OK;
}

static int set_or_raise(struct job *job, struct error *error) {
  const bool off = job->count > 2 && strcmp(job->positional[2], "off") == 0;
  if (job->count > 2 && !off) {
    return cli_usage(job->cli, "budget", "\"%s\": say --monthly-cents N, or off",
                     job->positional[2]);
  }
  if (job->raise != 0)
    return raise_limit(job, job->raise, error);
  return set(job, off, error);
}

static int raise_by_word(struct job *job, struct error *error) {
  int64_t cents = 0;
  if (job->count < 3 || options_parse_count(job->positional[2], &cents) != PURSER_OK) {
    return cli_usage(job->cli, "budget", "raise SCOPE by how many whole cents?");
  }
  return raise_limit(job, cents, error);
}

static int turn_off(struct job *job, struct error *error) {
  return set(job, true, error);
}

int cmd_budget(struct cli *cli, int argc, char **argv) {
  static const struct {
    const char *name;
    int (*run)(struct job *job, struct error *error);
    bool scoped;
  } actions[] = {
      {"list", list, false},   {"set", set_or_raise, true},    {"raise", raise_by_word, true},
      {"off", turn_off, true}, {"remove", remove_saved, true},
  };
  struct job job = {.cli = cli, .cents = -1};
  int64_t monthly = -1;
  const struct option_spec specs[] = {
      {.name = "json", .flag = &job.json},
      {.name = "monthly-cents", .count = &monthly},
      {.name = "cents", .count = &job.cents},
      {.name = "raise", .count = &job.raise},
      {.name = "reset-day", .count = &job.reset_day},
      {.name = "period", .text = &job.period},
      {.name = "zone", .text = &job.zone},
      {.name = "thresholds", .text = &job.thresholds},
      {.name = "at-limit", .text = &job.at_limit},
      {0},
  };
  job.count = options_parse(cli, specs, argc, argv, job.positional, 3);
  if (job.count < 0)
    return CLI_USAGE;
  if (monthly >= 0) {
    if (job.period != NULL && strcmp(job.period, "month") != 0) {
      return cli_usage(cli, argv[0], "--monthly-cents is for months: say --cents N --period %s",
                       job.period);
    }
    job.cents = monthly;
  }
  job.has_cents = job.cents >= 0;
  const char *action = job.count > 0 ? job.positional[0] : "list";
  for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
    if (strcmp(actions[i].name, action) != 0)
      continue;
    if (actions[i].scoped && job.count < 2) {
      return cli_usage(cli, argv[0], "which budget? agent:NAME, workspace:PATH or global");
    }
    struct error error = {0};
    int code = cli_ledger_open(cli, &job.ledger, false);
    if (code == CLI_OK)
      code = actions[i].run(&job, &error);
    ledger_close(job.ledger);
    return code;
  }
  return cli_usage(cli, argv[0], "there is no \"%s\": list, set, raise, off or remove", action);
}

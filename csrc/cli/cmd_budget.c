/* cmd_budget.c - `purser budget`: list, set, raise, off, remove; and SCOPE AMOUNT, as the editor's command says it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "cli/budgets.h"
#include "cli/options.h"

/* What the command line says, before it is known whether it makes sense. */
struct order {
  const char *verb; /* "set", "raise", "off", "remove" */
  const char *scope;
  const char *amount; /* cents, as written */
  const char *raise;
  const char *period;
  const char *zone;
  const char *thresholds;
  const char *at_limit;
  int64_t reset_day; /* -1 not said */
  bool off;
  bool json;
};

/* ---- reading an order ---- */

/* Whole cents from 0 to a billion dollars; said once and plainly, whatever is wrong with it. */
static bool parse_amount(struct cli *cli, const char *text, int64_t *nanousd) {
  int64_t cents = 0;
  if (options_parse_count(text, &cents) == PURSER_OK && cents <= INT64_C(100000000000)) {
    *nanousd = cents * MONEY_PER_CENT;
    return true;
  }
  (void)cli_usage(cli, "budget",
                  "a budget is a whole number of cents from 0 to 100000000000, not \"%s\"", text);
  return false;
}

static bool parse_thresholds(struct cli *cli, const char *text, struct policy *p) {
  int32_t before = 0;
  p->threshold_count = 0;
  p->forecast = false;
  for (const char *at = text; *at != '\0';) {
    char *rest;
    if (strcmp(at, "forecast") == 0) {
      p->forecast = true;
      return true;
    }
    const long percent = strtol(at, &rest, 10);
    if (rest == at || percent <= before || percent > 1000 || (*rest != '\0' && *rest != ',') ||
        p->threshold_count == POLICY_THRESHOLDS_MAX) {
      (void)cli_usage(cli, "budget",
                      "--thresholds wants up to %d ascending whole percents such as 50,80,100, "
                      "and \"forecast\" at their end, not \"%s\"",
                      POLICY_THRESHOLDS_MAX, text);
      return false;
    }
    before = (int32_t)percent;
    p->thresholds[p->threshold_count++] = before;
    at = *rest == ',' ? rest + 1 : rest;
  }
  return true;
}

static bool parse_period(struct cli *cli, const char *text, int *out) {
  *out = text != NULL ? period_parse_kind(text) : -1;
  if (text == NULL || *out >= 0)
    return true;
  (void)cli_usage(cli, "budget", "--period wants month, week or day, not \"%s\"", text);
  return false;
}

/* The scope with its workspace made absolute. */
static bool parse_scope(struct cli *cli, const char *text, struct policy *p) {
  struct error error = {0};
  struct buf path = BUF_INIT;
  if (text == NULL) {
    (void)cli_usage(cli, "budget", "for whom? Give agent:NAME, workspace:PATH or global");
    return false;
  }
  int status = scope_parse(text, &p->scope, p->scope_key, sizeof p->scope_key, &error);
  if (status == PURSER_OK && p->scope == SCOPE_WORKSPACE) {
    cli_workspace(&path, p->scope_key);
    if (path.failed || path.len >= sizeof p->scope_key)
      status = error_set(&error, PURSER_ERANGE, "the workspace's path is too long");
    else
      memcpy(p->scope_key, path.data, path.len + 1);
  }
  buf_fini(&path);
  if (status == PURSER_OK)
    return true;
  (void)cli_usage(cli, "budget", "%s", error_text(&error));
  return false;
}

/* What is said changes; what is not stays as it is. */
static bool fill(struct cli *cli, const struct order *o, struct policy *p) {
  if (o->amount != NULL) {
    if (!parse_amount(cli, o->amount, &p->limit_nanousd))
      return false;
    p->has_limit = true;
  }
  if (o->off)
    p->has_limit = false;
  if (o->thresholds != NULL && !parse_thresholds(cli, o->thresholds, p))
    return false;
  if (o->at_limit != NULL) {
    const int at_limit = budget_at_limit_parse(o->at_limit);
    if (at_limit < 0) {
      (void)cli_usage(cli, "budget", "--at-limit wants block, ask or warn, not \"%s\"",
                      o->at_limit);
      return false;
    }
    p->at_limit = (enum at_limit)at_limit;
  }
  if (o->reset_day >= 0) {
    const int64_t last = p->period == PERIOD_WEEK ? 7 : 31;
    if (o->reset_day < 1 || o->reset_day > last) {
      (void)cli_usage(cli, "budget", "--reset-day wants 1 to %d here", (int)last);
      return false;
    }
    p->reset_day = (int32_t)o->reset_day;
  }
  if (o->zone != NULL) {
    struct error error = {0};
    struct zone *zone = NULL;
    if (zone_load(&zone, o->zone, &error) != PURSER_OK || strlen(o->zone) >= sizeof p->zone) {
      zone_free(zone);
      (void)cli_usage(cli, "budget", "%s", error_text(&error));
      return false;
    }
    zone_free(zone);
    (void)snprintf(p->zone, sizeof p->zone, "%s", o->zone);
  }
  return true;
}

/* ---- doing ---- */

static int set(struct cli *cli, struct ledger *ledger, const struct order *o, struct policy *p,
               const struct search *found, struct error *error) {
  if (found->matches > 0) {
    const struct policy asked = *p;
    *p = found->state.policy;
    p->period = asked.period;
  } else if (o->amount == NULL && !o->off) {
    return cli_usage(cli, "budget", "how much? (--monthly-cents N)");
  }
  p->origin = ORIGIN_SAVED;
  if (!fill(cli, o, p))
    return CLI_USAGE;
  if (budget_policy_set_by(ledger, p, "cli", NULL, error) != PURSER_OK)
    return cli_fail(cli, error);
  return budgets_print(cli, ledger, p, o->json, error);
}

static int raise_it(struct cli *cli, struct ledger *ledger, const struct order *o,
                    const struct search *found, struct error *error) {
  int64_t nanousd = 0;
  const char *text = o->raise != NULL ? o->raise : o->amount;
  if (text == NULL)
    return cli_usage(cli, "budget", "raise it by how many cents?");
  if (text[0] == '+')
    text++;
  if (!parse_amount(cli, text, &nanousd))
    return CLI_USAGE;
  if (nanousd == 0)
    return cli_usage(cli, "budget", "a budget is raised by more than nothing");
  if (budget_policy_raise(ledger, found->state.policy.id, nanousd, "cli", error) != PURSER_OK)
    return cli_fail(cli, error);
  return budgets_print(cli, ledger, &found->state.policy, o->json, error);
}

static int remove_it(struct cli *cli, struct ledger *ledger, const struct search *found,
                     struct error *error) {
  if (found->state.policy.origin == ORIGIN_CONFIG) {
    (void)error_set(error, PURSER_EINVAL,
                    "this budget is declared in setup() and not saved: change it there, or set "
                    "another one over it");
    return cli_fail(cli, error);
  }
  return budget_policy_remove_by(ledger, found->state.policy.id, "cli", error) == PURSER_OK
             ? CLI_OK
             : cli_fail(cli, error);
}

static int carry_out(struct cli *cli, struct ledger *ledger, const struct order *o,
                     struct policy *p, int period, struct error *error) {
  struct search found = {.scope = p->scope, .key = p->scope_key, .period = period};
  if (budgets_find(ledger, &found, error) != PURSER_OK)
    return cli_fail(cli, error);
  p->period = period >= 0         ? (enum period_kind)period
              : found.matches > 0 ? found.state.policy.period
                                  : PERIOD_MONTH;
  const bool raises = strcmp(o->verb, "raise") == 0 || o->raise != NULL;
  if (strcmp(o->verb, "set") == 0 && !raises)
    return set(cli, ledger, o, p, &found, error);
  if (strcmp(o->verb, "off") == 0)
    return set(cli, ledger, o, p, &found, error);
  if (found.matches == 0) {
    struct buf scope = BUF_INIT;
    scope_write(&scope, p->scope, p->scope_key);
    (void)error_set(error, PURSER_ENOTFOUND, "%s has no budget of that period", buf_text(&scope));
    buf_fini(&scope);
    return cli_fail(cli, error);
  }
  return raises ? raise_it(cli, ledger, o, &found, error) : remove_it(cli, ledger, &found, error);
}

static int order(struct cli *cli, struct order *o) {
  struct policy p;
  struct error error = {0};
  struct ledger *ledger = NULL;
  int period = -1;
  budget_policy_init(&p);
  if (!parse_scope(cli, o->scope, &p) || !parse_period(cli, o->period, &period))
    return CLI_USAGE;
  /* Everything is looked at before the ledger is: a mistyped number is not worth a transaction. */
  struct policy trial = p;
  trial.period = period >= 0 ? (enum period_kind)period : PERIOD_MONTH;
  if (strcmp(o->verb, "raise") != 0 && !fill(cli, o, &trial))
    return CLI_USAGE;
  int code = cli_ledger_open(cli, &ledger, false);
  if (code == CLI_OK)
    code = carry_out(cli, ledger, o, &p, period, &error);
  ledger_close(ledger);
  return code;
}

static int list(struct cli *cli, bool json) {
  struct ledger *ledger = NULL;
  struct error error = {0};
  int code = cli_ledger_look(cli, &ledger);
  if (code == CLI_OK)
    code = budgets_list(cli, ledger, json, &error);
  ledger_close(ledger);
  return code;
}

/* ---- as the editor's command says it: SCOPE AMOUNT [PERIOD] [AT_LIMIT] ---- */

enum {
  MOST_WORDS = 5
};

static bool is_scope(const char *word) {
  return strcmp(word, "global") == 0 || strncmp(word, "agent:", 6) == 0 ||
         strncmp(word, "workspace:", 10) == 0;
}

/* "agent:reviewer 500 day ask" becomes "set agent:reviewer 500" with its options; "+200" raises, and off and remove are verbs. A word too
 * many is left at the end, where it is found. */
static void lead_with_verb(const char **words, struct order *o) {
  const char *what = words[1];
  const bool verb = what != NULL && (strcmp(what, "off") == 0 || strcmp(what, "remove") == 0);
  const char *rest[3] = {words[2], words[3], NULL};
  const char **next = rest;
  if (*next != NULL && period_parse_kind(*next) >= 0 && o->period == NULL)
    o->period = *next++;
  if (*next != NULL && budget_at_limit_parse(*next) >= 0 && o->at_limit == NULL)
    o->at_limit = *next++;
  words[1] = words[0];
  words[0] = verb ? what : what != NULL && what[0] == '+' ? "raise" : "set";
  words[2] = verb ? *next : what;
  words[3] = verb ? NULL : *next;
}

int cmd_budget(struct cli *cli, int argc, char **argv) {
  struct order o = {.reset_day = -1};
  const char *monthly = NULL;
  const char *cents = NULL;
  const char *words[MOST_WORDS] = {NULL};
  const struct option_spec options[] = {
      {.name = "monthly-cents", .text = &monthly}, {.name = "cents", .text = &cents},
      {.name = "period", .text = &o.period},       {.name = "reset-day", .count = &o.reset_day},
      {.name = "zone", .text = &o.zone},           {.name = "thresholds", .text = &o.thresholds},
      {.name = "at-limit", .text = &o.at_limit},   {.name = "raise", .text = &o.raise},
      {.name = "json", .flag = &o.json},           {.name = NULL},
  };
  const int count = options_parse(cli, options, argc, argv, words, MOST_WORDS - 1);
  if (count < 0)
    return CLI_USAGE;
  if (count > 0 && is_scope(words[0]))
    lead_with_verb(words, &o);
  if (words[3] != NULL)
    return cli_usage(cli, argv[0], "too many arguments: \"%s\"", words[3]);
  o.verb = words[0];
  o.scope = words[1];
  if (o.verb == NULL || strcmp(o.verb, "list") == 0)
    return count > 1 ? cli_usage(cli, argv[0], "too many arguments: \"%s\"", words[1])
                     : list(cli, o.json);
  const bool sets = strcmp(o.verb, "set") == 0;
  const bool raises = strcmp(o.verb, "raise") == 0;
  o.off = strcmp(o.verb, "off") == 0;
  if (!sets && !raises && !o.off && strcmp(o.verb, "remove") != 0)
    return cli_usage(cli, argv[0], "there is no \"budget %s\": list, set, raise, off or remove",
                     o.verb);
  if (monthly != NULL && o.period != NULL && strcmp(o.period, "month") != 0)
    return cli_usage(cli, argv[0], "--monthly-cents is for months; --cents goes with --period");
  if (monthly != NULL)
    o.period = "month";
  o.amount = monthly != NULL ? monthly : cents;
  if (words[2] != NULL && sets && strcmp(words[2], "off") == 0)
    o.off = true;
  else if (words[2] != NULL && (sets || raises) && o.amount == NULL)
    o.amount = words[2];
  else if (words[2] != NULL)
    return cli_usage(cli, argv[0], "too many arguments: \"%s\"", words[2]);
  if (o.off && (o.amount != NULL || o.raise != NULL))
    return cli_usage(cli, argv[0], "off and an amount exclude each other");
  return order(cli, &o);
}

/* budgets.c - see budgets.h. */
#include "cli/budgets.h"

#include <string.h>

#include "api/shapes.h"
#include "base/calendar.h"
#include "base/json.h"
#include "base/money.h"
#include "budget/outlook.h"
#include "cli/table.h"

/* ---- showing ---- */

struct list {
  struct cli *cli;
  struct ledger *ledger;
  struct buf out;
  struct table table;
  struct error *error;
};

static void add_money(struct table *t, int64_t nanousd) {
  money_write_human(table_cell(t), nanousd);
  table_end_cell(t);
}

/* "$6.10", "$6.10 (used up 2026-11-28)" */
static void add_forecast(struct table *t, const struct outlook *o, const struct zone *zone) {
  if (o->forecast.method != FORECAST_NONE)
    money_write_human(table_cell(t), o->forecast.p50_nanousd);
  if (o->exhausted_ms != 0) {
    buf_adds(table_cell(t), o->forecast.method != FORECAST_NONE ? " (used up " : "(used up ");
    calendar_write_date(table_cell(t), zone_day(zone, o->exhausted_ms));
    buf_addc(table_cell(t), ')');
  }
  table_end_cell(t);
}

static int add_line(void *data, const struct policy_state *s) {
  struct list *list = data;
  struct table *t = &list->table;
  const struct policy *p = &s->policy;
  struct zone *zone = NULL;
  struct outlook outlook;
  int status = zone_load(&zone, p->zone, list->error);
  if (status == PURSER_OK)
    status = outlook_of_budget(list->ledger, s, &outlook, list->error);
  if (status != PURSER_OK)
    goto out;
  scope_write(table_cell(t), p->scope, p->scope_key);
  table_end_cell(t);
  table_add(t, period_kind_name(p->period));
  if (p->has_limit)
    money_write_human(table_cell(t), s->limit_nanousd);
  else
    buf_adds(table_cell(t), "no limit");
  if (s->raise_nanousd > 0) {
    buf_adds(table_cell(t), " (+");
    money_write_human(table_cell(t), s->raise_nanousd);
    buf_adds(table_cell(t), ")");
  }
  table_end_cell(t);
  add_money(t, s->spent_nanousd);
  add_money(t, s->held_nanousd);
  if (p->has_limit)
    add_money(t, s->limit_nanousd - s->spent_nanousd - s->held_nanousd);
  else
    table_add(t, "");
  add_forecast(t, &outlook, zone);
  table_add(t, budget_at_limit_name(p->at_limit));
  calendar_write_date(table_cell(t), zone_day(zone, s->period.end_ms));
  table_end_cell(t);
  table_add(t, budget_origin_name(p->origin));
out:
  zone_free(zone);
  return status;
}

static int add_json(void *data, const struct policy_state *s) {
  struct list *list = data;
  struct outlook outlook;
  const int status = outlook_of_budget(list->ledger, s, &outlook, list->error);
  if (status != PURSER_OK)
    return status;
  json_put_item(&list->out);
  shape_listed_budget(&list->out, s, &outlook);
  return PURSER_OK;
}

static int list_json(struct cli *cli, struct ledger *ledger, struct error *error) {
  struct list list = {.cli = cli, .ledger = ledger, .error = error};
  buf_adds(&list.out, "{\"budgets\":[");
  const int status = budget_policy_each(ledger, add_json, &list, error);
  buf_adds(&list.out, "]}\n");
  const int code = status == PURSER_OK ? cli_print(cli, &list.out) : cli_fail(cli, error);
  buf_fini(&list.out);
  return code;
}

static int list_table(struct cli *cli, struct ledger *ledger, struct error *error) {
  static const char *const titles[] = {"scope", "period",   "limit",    "spent",  "held",
                                       "left",  "forecast", "at limit", "resets", "from"};
  struct list list = {.cli = cli, .ledger = ledger, .table = TABLE_INIT(10, 0x7c), .error = error};
  struct buf out = BUF_INIT;
  for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
    table_add(&list.table, titles[i]);
  const int status = budget_policy_each(ledger, add_line, &list, error);
  if (list.table.cells == 10)
    buf_adds(&out, "no budgets are set (purser help budget)\n");
  else
    table_write(&out, &list.table);
  const int code = status == PURSER_OK ? cli_print(cli, &out) : cli_fail(cli, error);
  table_fini(&list.table);
  buf_fini(&out);
  return code;
}

/* ---- finding ---- */

static int match(void *data, const struct policy_state *s) {
  struct search *search = data;
  const struct policy *p = &s->policy;
  if (p->scope != search->scope || strcmp(p->scope_key, search->key) != 0)
    return PURSER_OK;
  const int wanted = search->period >= 0 ? search->period : PERIOD_MONTH;
  if ((int)p->period == wanted) {
    search->exact = true;
    search->state = *s;
  } else if (search->period < 0 && !search->exact) {
    search->state = *s;
  }
  search->matches++;
  return PURSER_OK;
}

int budgets_find(struct ledger *ledger, struct search *search, struct error *error) {
  const int status = budget_policy_each(ledger, match, search, error);
  if (search->period >= 0 && !search->exact)
    search->matches = 0;
  if (search->period < 0 && !search->exact && search->matches > 1)
    search->matches = 0;
  return status;
}

int budgets_print(struct cli *cli, struct ledger *ledger, const struct policy *p, bool json,
                  struct error *error) {
  struct search search = {.scope = p->scope, .key = p->scope_key, .period = (int)p->period};
  struct buf out = BUF_INIT;
  if (budgets_find(ledger, &search, error) != PURSER_OK)
    return cli_fail(cli, error);
  const struct policy_state *s = &search.state;
  if (json) {
    buf_adds(&out, "{\"budget\":");
    shape_budget(&out, s);
    buf_adds(&out, "}\n");
    const int printed = cli_print(cli, &out);
    buf_fini(&out);
    return printed;
  }
  scope_write(&out, p->scope, p->scope_key);
  if (s->policy.has_limit) {
    buf_adds(&out, ": ");
    money_write_human(&out, s->limit_nanousd);
    buf_addf(&out, " a %s, ", period_kind_name(s->policy.period));
    money_write_human(&out, s->spent_nanousd);
    buf_addf(&out, " spent; at the limit: %s\n", budget_at_limit_name(s->policy.at_limit));
  } else {
    buf_addf(&out, ": no limit by the %s\n", period_kind_name(s->policy.period));
  }
  const int code = cli_print(cli, &out);
  buf_fini(&out);
  return code;
}

int budgets_list(struct cli *cli, struct ledger *ledger, bool json, struct error *error) {
  return json ? list_json(cli, ledger, error) : list_table(cli, ledger, error);
}

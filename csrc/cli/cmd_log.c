/* cmd_log.c - `purser log`: the runs, newest first or by what they came to. */
#include <string.h>

#include "api/shapes.h"
#include "base/calendar.h"
#include "base/json.h"
#include "base/money.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/table.h"

enum {
  JUDGED_AT_ONCE = 20000 /* a fifth of a second */
};

/* ---- JSON ---- */

struct json_log {
  struct ledger *ledger;
  struct error *error;
  struct buf out;
};

static int add_request(void *data, const struct request_row *row) {
  struct buf *out = data;
  json_put_item(out);
  shape_request(out, row);
  return PURSER_OK;
}

static int add_run(void *data, const struct run_row *row) {
  struct json_log *log = data;
  json_put_item(&log->out);
  shape_run(&log->out, row);
  json_reopen(&log->out);
  json_put_list(&log->out, "requests");
  const int status = ledger_request_each(log->ledger, row->id, add_request, &log->out, log->error);
  buf_addc(&log->out, ']');
  json_close(&log->out);
  return status;
}

static int print_json(struct cli *cli, struct ledger *ledger, const struct run_filter *filter,
                      struct error *error) {
  struct json_log log = {.ledger = ledger, .error = error};
  buf_adds(&log.out, "{\"runs\":[");
  const int status = ledger_run_each(ledger, filter, add_run, &log, error);
  buf_adds(&log.out, "]}\n");
  const int code = status == PURSER_OK ? cli_print(cli, &log.out) : cli_fail(cli, error);
  buf_fini(&log.out);
  return code;
}

/* ---- a table ---- */

struct table_log {
  struct table table;
  const struct zone *zone;
};

static void add_time(struct table *table, const struct zone *zone, int64_t utc_ms) {
  struct buf *cell = table_cell(table);
  const int64_t day = zone_day(zone, utc_ms);
  const int64_t minute = (utc_ms + zone_offset_s(zone, utc_ms) * INT64_C(1000)) / 60000;
  calendar_write_date(cell, day);
  buf_addf(cell, " %02d:%02d", (int)(minute / 60 % 24), (int)(minute % 60));
  table_end_cell(table);
}

/* The last part of a path says enough in a row. */
static const char *name_of(const char *workspace) {
  const char *slash = strrchr(workspace, '/');
  return slash != NULL && slash[1] != '\0' ? slash + 1 : workspace;
}

static int add_line(void *data, const struct run_row *row) {
  struct table_log *log = data;
  struct table *t = &log->table;
  const struct sums *s = &row->sums;
  buf_addf(table_cell(t), "%lld", (long long)row->id);
  table_end_cell(t);
  add_time(t, log->zone, row->started_ms);
  table_add(t, row->agent);
  table_add(t, name_of(row->workspace));
  table_add(t, row->model);
  table_add(t, run_status_name(row->status));
  cli_write_count(table_cell(t), s->requests);
  table_end_cell(t);
  cli_write_count(table_cell(t),
                  s->input + s->cache_read + s->cache_write_5m + s->cache_write_1h + s->output);
  table_end_cell(t);
  if (s->unpriced_requests > 0)
    buf_adds(table_cell(t), "≥ ");
  money_write_human(table_cell(t), s->cost_nanousd);
  if (row->unusual != 0)
    buf_adds(table_cell(t), " !");
  table_end_cell(t);
  return PURSER_OK;
}

static int print_table(struct cli *cli, struct ledger *ledger, const struct run_filter *filter,
                       struct error *error) {
  static const char *const titles[] = {"run",    "started",  "agent",  "workspace", "model",
                                       "status", "requests", "tokens", "cost"};
  struct table_log log = {.table = TABLE_INIT(9, 0x1c1), .zone = ledger_zone(ledger)};
  for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
    table_add(&log.table, titles[i]);
  const int status = ledger_run_each(ledger, filter, add_line, &log, error);
  struct buf out = BUF_INIT;
  table_write(&out, &log.table);
  const int code = status == PURSER_OK ? cli_print(cli, &out) : cli_fail(cli, error);
  buf_fini(&out);
  table_fini(&log.table);
  return code;
}

/* The words of the options, before they are understood. */
struct asked {
  const char *workspace, *status, *sort;
  int64_t limit;
  int64_t offset;
  bool json;
};

static int understand(struct cli *cli, const char *verb, const struct asked *asked,
                      struct run_filter *filter) {
  if (asked->limit > INT32_MAX)
    return cli_usage(cli, verb, "--limit is too large");
  if (asked->status != NULL && run_status_parse(asked->status) < 0)
    return cli_usage(cli, verb, "\"%s\" is no status of a run", asked->status);
  if (asked->sort != NULL && run_sort_parse(asked->sort) < 0)
    return cli_usage(cli, verb, "--sort wants started, cost, tokens or duration, not \"%s\"",
                     asked->sort);
  if (filter->billing != NULL && billing_parse(filter->billing) < 0)
    return cli_usage(cli, verb, "--billing wants metered, subscription or local, not \"%s\"",
                     filter->billing);
  filter->limit = (int32_t)asked->limit;
  filter->offset = asked->offset;
  if (asked->status != NULL)
    filter->status = run_status_parse(asked->status);
  if (asked->sort != NULL)
    filter->sort = (enum run_sort)run_sort_parse(asked->sort);
  return CLI_OK;
}

int cmd_log(struct cli *cli, int argc, char **argv) {
  struct run_filter filter = {.status = -1};
  struct asked asked = {.limit = 20};
  const struct option_spec options[] = {
      {.name = "limit", .count = &asked.limit},
      {.name = "offset", .count = &asked.offset},
      {.name = "sort", .text = &asked.sort},
      {.name = "ascending", .flag = &filter.ascending},
      {.name = "agent", .text = &filter.agent},
      {.name = "workspace", .text = &asked.workspace},
      {.name = "source", .text = &filter.source},
      {.name = "model", .text = &filter.model},
      {.name = "effort", .text = &filter.effort},
      {.name = "branch", .text = &filter.branch},
      {.name = "billing", .text = &filter.billing},
      {.name = "status", .text = &asked.status},
      {.name = "text", .text = &filter.text},
      {.name = "min", .nanousd = &filter.min_nanousd},
      {.name = "unusual", .flag = &filter.unusual},
      {.name = "json", .flag = &asked.json},
      {.name = NULL},
  };
  if (options_parse(cli, options, argc, argv, NULL, 0) < 0)
    return CLI_USAGE;
  int code = understand(cli, argv[0], &asked, &filter);
  if (code != CLI_OK)
    return code;
  struct buf path = BUF_INIT;
  struct error error = {0};
  struct ledger *ledger = NULL;
  if (asked.workspace != NULL) {
    cli_workspace(&path, asked.workspace);
    filter.workspace = buf_text(&path);
  }
  code = cli_ledger_look(cli, &ledger);
  if (code == CLI_OK) {
    /* No editor may have been there to do it. Where the ledger can't be written, what is marked is what was. */
    (void)ledger_judge_runs(ledger, JUDGED_AT_ONCE, NULL, NULL);
    code = asked.json ? print_json(cli, ledger, &filter, &error)
                      : print_table(cli, ledger, &filter, &error);
  }
  ledger_close(ledger);
  buf_fini(&path);
  return code;
}

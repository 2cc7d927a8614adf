/* cmd_log.c - `purser log`: the runs, newest first. */
#include <string.h>

#include "api/shapes.h"
#include "base/calendar.h"
#include "base/mem.h"
#include "base/money.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/table.h"

/* ---- JSON ---- */

struct json_log {
  struct ledger *ledger;
  struct error *error;
  cJSON *runs;
};

static int out_of_memory(struct error *error) {
  return error_set(error, PURSER_ENOMEM, "out of memory");
}

static int add_request(void *data, const struct request_row *row) {
  cJSON *requests = data;
  cJSON *request = shape_request(row);
  if (request != NULL && shape_add_text(request, "request_id", row->request_id) &&
      cJSON_AddItemToArray(requests, request))
    return PURSER_OK;
  cJSON_Delete(request);
  return PURSER_ENOMEM;
}

static int add_run(void *data, const struct run_row *row) {
  struct json_log *log = data;
  cJSON *run = shape_run(row);
  cJSON *requests = run != NULL ? cJSON_AddArrayToObject(run, "requests") : NULL;
  int status = requests != NULL ? PURSER_OK : PURSER_ENOMEM;
  if (status == PURSER_OK)
    status = ledger_request_each(log->ledger, row->id, add_request, requests, log->error);
  if (status == PURSER_OK && !cJSON_AddItemToArray(log->runs, run))
    status = PURSER_ENOMEM;
  if (status != PURSER_OK)
    cJSON_Delete(run);
  return status == PURSER_ENOMEM ? out_of_memory(log->error) : status;
}

static int print_json(struct cli *cli, struct ledger *ledger, const struct run_filter *filter,
                      struct error *error) {
  cJSON *root = cJSON_CreateObject();
  struct json_log log = {.ledger = ledger, .error = error};
  log.runs = root != NULL ? cJSON_AddArrayToObject(root, "runs") : NULL;
  int status = log.runs != NULL ? ledger_run_each(ledger, filter, add_run, &log, error)
                                : out_of_memory(error);
  if (status != PURSER_OK) {
    cJSON_Delete(root);
    return cli_fail(cli, error);
  }
  char *text = shape_print(root);
  struct buf out = BUF_INIT;
  if (text == NULL)
    out.failed = true;
  else
    buf_addf(&out, "%s\n", text);
  mem_free(text);
  const int code = cli_print(cli, &out);
  buf_fini(&out);
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

int cmd_log(struct cli *cli, int argc, char **argv) {
  struct run_filter filter = {.status = -1};
  const char *workspace = NULL;
  const char *status = NULL;
  int64_t limit = 20;
  bool json = false;
  const struct option_spec options[] = {
      {.name = "limit", .count = &limit},        {.name = "agent", .text = &filter.agent},
      {.name = "workspace", .text = &workspace}, {.name = "source", .text = &filter.source},
      {.name = "model", .text = &filter.model},  {.name = "status", .text = &status},
      {.name = "json", .flag = &json},           {.name = NULL},
  };
  if (options_parse(cli, options, argc, argv, NULL, 0) < 0)
    return CLI_USAGE;
  if (limit > INT32_MAX)
    return cli_usage(cli, argv[0], "--limit is too large");
  if (status != NULL && run_status_parse(status) < 0)
    return cli_usage(cli, argv[0], "\"%s\" is no status of a run", status);
  struct buf path = BUF_INIT;
  struct error error = {0};
  struct ledger *ledger = NULL;
  filter.limit = (int32_t)limit;
  if (status != NULL)
    filter.status = run_status_parse(status);
  if (workspace != NULL) {
    cli_workspace(&path, workspace);
    filter.workspace = buf_text(&path);
  }
  int code = cli_ledger_look(cli, &ledger);
  if (code == CLI_OK)
    code =
        json ? print_json(cli, ledger, &filter, &error) : print_table(cli, ledger, &filter, &error);
  ledger_close(ledger);
  buf_fini(&path);
  return code;
}

/* cmd_log.c - `purser log`: the runs, newest first. */
#include <string.h>

#include "api/shapes.h"
#include "base/buf.h"
#include "base/calendar.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/sums.h"

struct lister {
  struct ledger *ledger;
  struct buf out;
  struct error *error;
  bool json;
  int rows;
};

static int add_request(void *data, const struct request_row *row) {
  cJSON *list = data;
  cJSON *request = shape_request(row);
  if (request == NULL || !cJSON_AddItemToArray(list, request)) {
    cJSON_Delete(request);
    return PURSER_ENOMEM;
  }
  return 0;
}

static int write_json(struct lister *l, const struct run_row *row) {
  cJSON *run = shape_run(row);
  cJSON *requests = run != NULL ? cJSON_AddArrayToObject(run, "requests") : NULL;
  if (requests == NULL) {
    cJSON_Delete(run);
    return error_set(l->error, PURSER_ENOMEM, "out of memory");
  }
  const int status = ledger_request_each(l->ledger, row->id, add_request, requests, l->error);
  if (status != PURSER_OK) {
    cJSON_Delete(run);
    return status;
  }
  char *text = shape_print(run);
  if (text == NULL)
    return error_set(l->error, PURSER_ENOMEM, "out of memory");
  if (l->rows > 0)
    buf_addc(&l->out, ',');
  buf_adds(&l->out, text);
  mem_free(text);
  return PURSER_OK;
}

/* "2026-11-24 20:15", in the ledger's zone. */
static void write_time(struct buf *out, const struct zone *zone, int64_t utc_ms) {
  struct buf text = BUF_INIT;
  calendar_write_instant(&text, utc_ms + (int64_t)zone_offset_s(zone, utc_ms) * 1000);
  const char *instant = buf_text(&text);
  if (text.len >= 16) {
    buf_add(out, instant, 10);
    buf_addc(out, ' ');
    buf_add(out, instant + 11, 5);
  }
  buf_fini(&text);
}

static int write_line(struct lister *l, const struct run_row *row) {
  enum {
    ID = 7,
    STATUS = 11,
    AGENT = 18,
    COST = 12
  };
  struct buf cell = BUF_INIT;
  buf_addf(&cell, "%lld  ", (long long)row->id);
  sums_write_cell(&l->out, buf_text(&cell), ID, true);
  write_time(&l->out, ledger_zone(l->ledger), row->started_ms);
  buf_adds(&l->out, "  ");
  sums_write_cell(&l->out, run_status_name(row->status), STATUS, false);
  sums_write_cell(&l->out, row->agent, AGENT, false);
  buf_clear(&cell);
  sums_write_cost(&cell, &row->sums);
  sums_write_cell(&l->out, buf_text(&cell), COST, true);
  buf_adds(&l->out, "  ");
  /* The first line of the prompt is enough to know the run again. */
  buf_add(&l->out, row->prompt, strcspn(row->prompt, "\r\n"));
  buf_addc(&l->out, '\n');
  buf_fini(&cell);
  return buf_status(&l->out);
}

static int each_run(void *data, const struct run_row *row) {
  struct lister *l = data;
  const int status = l->json ? write_json(l, row) : write_line(l, row);
  l->rows++;
  return status;
}

int cmd_log(struct cli *cli, int argc, char **argv) {
  bool json = false;
  int64_t limit = 20;
  struct run_filter filter = {.status = -1, .since_ms = INT64_MIN, .until_ms = INT64_MAX};
  const struct option_spec specs[] = {
      {.name = "limit", .count = &limit},
      {.name = "agent", .text = &filter.agent},
      {.name = "workspace", .text = &filter.workspace},
      {.name = "source", .text = &filter.source},
      {.name = "model", .text = &filter.model},
      {.name = "json", .flag = &json},
      {0},
  };
  if (options_parse(cli, specs, argc, argv, NULL, 0) < 0)
    return CLI_USAGE;
  if (limit > INT32_MAX)
    return cli_usage(cli, argv[0], "--limit wants at most %d", INT32_MAX);
  filter.limit = (int32_t)limit;

  struct error error = {0};
  struct lister l = {.json = json, .error = &error};
  int code = cli_ledger_open(cli, &l.ledger, false);
  if (code != CLI_OK)
    return code;
  if (json)
    buf_adds(&l.out, "{\"runs\":[");
  if (ledger_run_each(l.ledger, &filter, each_run, &l, &error) != PURSER_OK) {
    code = cli_fail(cli, &error);
  } else {
    if (json)
      buf_adds(&l.out, "]}\n");
    code = cli_print(cli, &l.out);
  }
  buf_fini(&l.out);
  ledger_close(l.ledger);
  return code;
}

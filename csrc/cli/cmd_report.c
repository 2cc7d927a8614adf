/* cmd_report.c - `purser report`: what was spent, as a table, JSON or CSV. */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/money.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/sums.h"
#include "cli/table.h"
#include "ledger/ledger.h"

enum format {
  FORMAT_TABLE,
  FORMAT_JSON,
  FORMAT_CSV
};

/* Where rows go as they come. */
struct report {
  enum format format;
  struct buf out;
  struct table table;
};

/* ---- figures ---- */

static void write_csv_field(struct buf *out, const char *text) {
  if (strpbrk(text, ",\"\r\n") == NULL) {
    buf_adds(out, text);
    return;
  }
  buf_addc(out, '"');
  for (; *text != '\0'; text++) {
    if (*text == '"')
      buf_addc(out, '"');
    buf_addc(out, *text);
  }
  buf_addc(out, '"');
}

static void add_count(struct table *table, int64_t count) {
  cli_write_count(table_cell(table), count);
  table_end_cell(table);
}

/* Unknown is not free: what could not be priced makes the sum a lower bound. */
static void add_cost(struct table *table, const struct sums *sums) {
  struct buf *cell = table_cell(table);
  if (sums->unpriced_requests > 0)
    buf_adds(cell, "≥ ");
  money_write_human(cell, sums->cost_nanousd);
  table_end_cell(table);
}

static void add_row(struct table *table, const char *key, const struct sums *sums) {
  table_add(table, key[0] != '\0' ? key : "(none)");
  add_count(table, sums->runs);
  add_count(table, sums->requests);
  add_count(table, sums->input);
  add_count(table, sums->cache_read);
  add_count(table, sums->cache_write_5m + sums->cache_write_1h);
  add_count(table, sums->output);
  add_cost(table, sums);
}

/* ---- beginning, rows, end ---- */

static void begin(struct report *r, const char *by) {
  static const char *const titles[] = {"runs",        "requests", "input", "cache read",
                                       "cache write", "output",   "cost"};
  if (r->format == FORMAT_JSON) {
    buf_adds(&r->out, "{\"rows\":[");
  } else if (r->format == FORMAT_CSV) {
    buf_adds(&r->out, "key,");
    sums_write_csv_head(&r->out);
    buf_addc(&r->out, '\n');
  } else {
    r->table = TABLE_INIT(8, 0xfe);
    table_add(&r->table, by);
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
      table_add(&r->table, titles[i]);
  }
}

static int add(void *data, const char *key, const struct sums *sums) {
  struct report *r = data;
  if (r->format == FORMAT_JSON) {
    json_put_item(&r->out);
    json_open(&r->out);
    json_put_text(&r->out, "key", key);
    sums_write_json(&r->out, sums);
    json_close(&r->out);
  } else if (r->format == FORMAT_CSV) {
    write_csv_field(&r->out, key);
    buf_addc(&r->out, ',');
    sums_write_csv(&r->out, sums);
    buf_addc(&r->out, '\n');
  } else {
    add_row(&r->table, key, sums);
  }
  return PURSER_OK;
}

/* What a reader should know about the total. */
static void write_notes(struct buf *out, const struct sums *total) {
  if (total->unpriced_requests > 0)
    buf_addf(out, "%lld %s unpriced: the cost is at least what is shown (purser help price)\n",
             (long long)total->unpriced_requests,
             total->unpriced_requests == 1 ? "request is" : "requests are");
  if (total->estimated_nanousd > 0) {
    money_write_human(out, total->estimated_nanousd);
    buf_adds(out, " of it are estimated\n");
  }
  if (total->uncertain_nanousd > 0) {
    money_write_human(out, total->uncertain_nanousd);
    buf_adds(out, " of it are uncertain and count against no budget\n");
  }
}

static void end(struct report *r, const struct sums *total) {
  if (r->format == FORMAT_JSON) {
    buf_adds(&r->out, "],\"total\":{");
    sums_write_json(&r->out, total);
    buf_adds(&r->out, "}}\n");
  } else if (r->format == FORMAT_TABLE) {
    add_row(&r->table, "total", total);
    table_write(&r->out, &r->table);
    write_notes(&r->out, total);
  }
}

int cmd_report(struct cli *cli, int argc, char **argv) {
  const char *by = "month";
  const char *tz = NULL;
  const char *workspace = NULL;
  bool json = false;
  bool csv = false;
  bool digest = false;
  const char *month = NULL;
  struct report_query query = {.since_day = INT64_MIN, .until_day = INT64_MAX};
  const struct option_spec options[] = {
      {.name = "by", .text = &by},
      {.name = "agent", .text = &query.agent},
      {.name = "workspace", .text = &workspace},
      {.name = "source", .text = &query.source},
      {.name = "model", .text = &query.model},
      {.name = "effort", .text = &query.effort},
      {.name = "branch", .text = &query.branch},
      {.name = "billing", .text = &query.billing},
      {.name = "since", .days = &query.since_day},
      {.name = "until", .days = &query.until_day},
      {.name = "tz", .text = &tz},
      {.name = "json", .flag = &json},
      {.name = "csv", .flag = &csv},
      {.name = "digest", .flag = &digest},
      {.name = "month", .text = &month},
      {.name = NULL},
  };
  struct error error = {0};
  struct zone *zone = NULL;
  struct ledger *ledger = NULL;
  struct buf path = BUF_INIT;
  struct report report = {.out = BUF_INIT};
  struct sums total = {0};
  int code = CLI_USAGE;

  if (options_parse(cli, options, argc, argv, NULL, 0) < 0)
    return CLI_USAGE;
  if (month != NULL && !digest)
    return cli_usage(cli, argv[0], "--month goes with --digest");
  if (digest)
    return cli_digest(cli, month);
  const int cut = report_by_parse(by);
  if (cut < 0)
    return cli_usage(cli, argv[0],
                     "--by wants day, month, agent, workspace, model, source, effort, branch or "
                     "billing, not \"%s\"",
                     by);
  if (query.billing != NULL && billing_parse(query.billing) < 0)
    return cli_usage(cli, argv[0], "--billing wants metered, subscription or local, not \"%s\"",
                     query.billing);
  if (json && csv)
    return cli_usage(cli, argv[0], "--json and --csv exclude each other");
  if (query.since_day > query.until_day)
    return cli_usage(cli, argv[0], "--since lies after --until");
  if (tz != NULL && zone_load(&zone, tz, &error) != PURSER_OK)
    return cli_usage(cli, argv[0], "%s", error_text(&error));
  if (query.until_day != INT64_MAX)
    query.until_day++; /* the last day is included */
  report.format = json ? FORMAT_JSON : csv ? FORMAT_CSV : FORMAT_TABLE;
  query.by = (enum report_by)cut;
  query.zone = zone;
  if (workspace != NULL) {
    cli_workspace(&path, workspace);
    query.workspace = buf_text(&path);
  }

  code = cli_ledger_look(cli, &ledger);
  if (code != CLI_OK)
    goto out;
  begin(&report, by);
  if (ledger_report(ledger, &query, add, &report, &total, &error) != PURSER_OK) {
    code = cli_fail(cli, &error);
    goto out;
  }
  end(&report, &total);
  code = cli_print(cli, &report.out);

out:
  ledger_close(ledger);
  zone_free(zone);
  table_fini(&report.table);
  buf_fini(&report.out);
  buf_fini(&path);
  return code;
}

/* cmd_report.c - `purser report`: what was spent, cut one way. */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/sums.h"

enum format {
  FORMAT_TABLE,
  FORMAT_JSON,
  FORMAT_CSV
};

struct writer {
  struct buf out;
  enum format format;
  int rows;
};

enum {
  KEY_WIDTH = 40,
  COUNT_WIDTH = 9,
  COST_WIDTH = 14
};

static void write_line(struct buf *out, const char *key, const struct sums *s) {
  const int64_t figures[] = {s->runs, s->requests,
                             s->input + s->cache_read + s->cache_write_5m + s->cache_write_1h,
                             s->output};
  struct buf cell = BUF_INIT;
  sums_write_cell(out, key, KEY_WIDTH, false);
  for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
    buf_clear(&cell);
    sums_write_count(&cell, figures[i]);
    sums_write_cell(out, buf_text(&cell), COUNT_WIDTH, true);
  }
  buf_clear(&cell);
  sums_write_cost(&cell, s);
  sums_write_cell(out, buf_text(&cell), COST_WIDTH, true);
  buf_addc(out, '\n');
  buf_fini(&cell);
}

static void write_head(struct writer *w) {
  static const char *const heads[] = {"runs", "requests", "in", "out"};
  if (w->format == FORMAT_JSON) {
    buf_adds(&w->out, "{\"rows\":[");
  } else if (w->format == FORMAT_CSV) {
    buf_adds(&w->out, "key,");
    sums_write_csv_head(&w->out);
    buf_addc(&w->out, '\n');
  } else {
    sums_write_cell(&w->out, "", KEY_WIDTH, false);
    for (size_t i = 0; i < 4; i++)
      sums_write_cell(&w->out, heads[i], COUNT_WIDTH, true);
    sums_write_cell(&w->out, "cost", COST_WIDTH, true);
    buf_addc(&w->out, '\n');
  }
}

/* A key may hold anything: quotes are doubled, as RFC 4180 has it. */
static void write_csv_text(struct buf *out, const char *text) {
  buf_addc(out, '"');
  for (; *text != '\0'; text++) {
    if (*text == '"')
      buf_addc(out, '"');
    buf_addc(out, *text);
  }
  buf_addc(out, '"');
}

static int write_row(void *data, const char *key, const struct sums *sums) {
  struct writer *w = data;
  if (w->format == FORMAT_JSON) {
    buf_addf(&w->out, "%s{\"key\":", w->rows == 0 ? "" : ",");
    json_write_str(&w->out, key, strlen(key));
    buf_addc(&w->out, ',');
    sums_write_json(&w->out, sums);
    buf_addc(&w->out, '}');
  } else if (w->format == FORMAT_CSV) {
    write_csv_text(&w->out, key);
    buf_addc(&w->out, ',');
    sums_write_csv(&w->out, sums);
    buf_addc(&w->out, '\n');
  } else {
    write_line(&w->out, key[0] != '\0' ? key : "(none)", sums);
  }
  w->rows++;
  return buf_status(&w->out);
}

static void write_total(struct writer *w, const struct sums *total) {
  if (w->format == FORMAT_JSON) {
    buf_adds(&w->out, "],\"total\":{");
    sums_write_json(&w->out, total);
    buf_adds(&w->out, "}}\n");
  } else if (w->format == FORMAT_TABLE) {
    write_line(&w->out, "total", total);
    if (total->unpriced_requests > 0) {
      buf_addf(&w->out, "%lld requests have no price: `purser prices` lists what is known\n",
               (long long)total->unpriced_requests);
    }
  }
}

static int parse_by(const char *text) {
  static const char *const names[] = {"", "day", "month", "agent", "workspace", "model", "source"};
  if (text == NULL)
    return REPORT_BY_DAY;
  for (int i = 1; i < (int)(sizeof names / sizeof names[0]); i++) {
    if (strcmp(names[i], text) == 0)
      return i;
  }
  return -1;
}

static int run_report(struct cli *cli, struct report_query *query, const char *zone_name,
                      struct writer *w) {
  struct error error = {0};
  struct zone *zone = NULL;
  struct ledger *ledger = NULL;
  struct sums total = {0};
  if (zone_name != NULL && zone_load(&zone, zone_name, &error) != PURSER_OK) {
    return cli_usage(cli, "report", "--tz: %s", error_text(&error));
  }
  query->zone = zone;
  int code = cli_ledger_open(cli, &ledger, false);
  if (code == CLI_OK) {
    write_head(w);
    if (ledger_report(ledger, query, write_row, w, &total, &error) != PURSER_OK) {
      code = cli_fail(cli, &error);
    }
  }
  if (code == CLI_OK) {
    write_total(w, &total);
    code = cli_print(cli, &w->out);
  }
  ledger_close(ledger);
  zone_free(zone);
  return code;
}

int cmd_report(struct cli *cli, int argc, char **argv) {
  bool json = false;
  bool csv = false;
  const char *by = NULL;
  const char *zone = NULL;
  struct report_query query = {.since_day = INT64_MIN, .until_day = INT64_MAX};
  const struct option_spec specs[] = {
      {.name = "by", .text = &by},
      {.name = "agent", .text = &query.agent},
      {.name = "workspace", .text = &query.workspace},
      {.name = "source", .text = &query.source},
      {.name = "model", .text = &query.model},
      {.name = "since", .days = &query.since_day},
      {.name = "until", .days = &query.until_day},
      {.name = "tz", .text = &zone},
      {.name = "json", .flag = &json},
      {.name = "csv", .flag = &csv},
      {0},
  };
  if (options_parse(cli, specs, argc, argv, NULL, 0) < 0)
    return CLI_USAGE;
  if (json && csv)
    return cli_usage(cli, argv[0], "--json or --csv, not both");
  const int cut = parse_by(by);
  if (cut < 0) {
    return cli_usage(cli, argv[0],
                     "--by wants day, month, agent, workspace, model or source, not \"%s\"", by);
  }
  query.by = (enum report_by)cut;
  if (query.until_day != INT64_MAX)
    query.until_day++; /* the last day counts */
  struct writer w = {.format = json ? FORMAT_JSON : csv ? FORMAT_CSV : FORMAT_TABLE};
  const int code = run_report(cli, &query, zone, &w);
  buf_fini(&w.out);
  return code;
}

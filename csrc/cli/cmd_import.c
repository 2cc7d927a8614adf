/* cmd_import.c - `purser import FILE`: bookings of another ledger, as JSON lines. */
#include "base/buf.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/prices.h"
#include "import/jsonl.h"

static void write_result(struct buf *out, const struct jsonl_result *r, bool json) {
  if (json) {
    buf_addf(
        out,
        "{\"lines\":%lld,\"runs\":%lld,\"booked\":%lld,\"duplicates\":%lld,\"rejected\":%lld}\n",
        (long long)r->lines, (long long)r->runs, (long long)r->booked, (long long)r->duplicates,
        (long long)r->rejected);
    return;
  }
  buf_addf(out, "%lld requests booked in %lld new runs, %lld known already\n", (long long)r->booked,
           (long long)r->runs, (long long)r->duplicates);
}

int cmd_import(struct cli *cli, int argc, char **argv) {
  bool json = false;
  const struct option_spec specs[] = {{.name = "json", .flag = &json}, {.name = NULL}};
  const char *path = NULL;
  const int count = options_parse(cli, specs, argc, argv, &path, 1);
  if (count < 0)
    return CLI_USAGE;
  if (count == 0)
    return cli_usage(cli, argv[0], "which file? (\"-\" is standard input)");

  struct error error = {0};
  struct ledger *ledger = NULL;
  struct catalog *catalog = NULL;
  struct jsonl_result result;
  struct buf text = BUF_INIT;
  int code = cli_ledger_open(cli, &ledger, false);
  if (code != CLI_OK)
    return code;
  code = cli_catalog_load(cli, &catalog);
  if (code != CLI_OK) {
    ledger_close(ledger);
    return code;
  }
  const int status = jsonl_import(ledger, catalog, path, &result, &error);
  if (status == PURSER_OK) {
    write_result(&text, &result, json);
    code = cli_print(cli, &text);
    if (result.rejected > 0) {
      (void)fprintf(cli->err, "%s: %s: %lld lines were not read; line %lld: %s\n", cli->program,
                    path, (long long)result.rejected, (long long)result.first_rejected,
                    result.reason);
      code = CLI_ERROR;
    }
  } else {
    code = cli_fail(cli, &error);
  }
  buf_fini(&text);
  catalog_free(catalog);
  ledger_close(ledger);
  return code;
}

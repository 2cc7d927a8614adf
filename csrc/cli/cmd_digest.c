/* cmd_digest.c - `purser report --digest`: a month in Markdown. */
#include "advice/digest.h"
#include "cli/cli.h"
#include "cli/prices.h"

int cli_digest(struct cli *cli, const char *month) {
  struct error error = {0};
  struct ledger *ledger = NULL;
  struct catalog *catalog = NULL;
  struct buf text = BUF_INIT;
  int code = cli_ledger_look(cli, &ledger);
  if (code == CLI_OK)
    code = cli_catalog_load(cli, &catalog);
  if (code == CLI_OK) {
    const int status = digest_write(ledger, catalog, month, &text, &error);
    if (status == PURSER_EINVAL)
      code = cli_usage(cli, "report", "--%s", error_text(&error));
    else
      code = status == PURSER_OK ? cli_print(cli, &text) : cli_fail(cli, &error);
  }
  ledger_close(ledger);
  catalog_free(catalog);
  buf_fini(&text);
  return code;
}

/* cli.c - see cli.h. */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "ledger/ledger.h"

int cli_fail(struct cli *cli, const struct error *error) {
  (void)fprintf(cli->err, "purser: %s\n", error_text(error));
  return CLI_ERROR;
}

int cli_usage(struct cli *cli, const char *verb, const char *format, ...) {
  va_list args;
  (void)fprintf(cli->err, "purser %s: ", verb);
  va_start(args, format);
  (void)vfprintf(cli->err, format, args);
  va_end(args);
  (void)fprintf(cli->err, "\n(purser help %s shows how it is called)\n", verb);
  return CLI_USAGE;
}

int cli_print(struct cli *cli, const struct buf *text) {
  if (text->failed) {
    (void)fprintf(cli->err, "purser: out of memory\n");
    return CLI_ERROR;
  }
  if ((text->len > 0 && fwrite(text->data, 1, text->len, cli->out) != text->len) ||
      fflush(cli->out) != 0) {
    (void)fprintf(cli->err, "purser: can't write the answer: %s\n", strerror(errno));
    return CLI_ERROR;
  }
  return CLI_OK;
}

int cli_ledger_open(struct cli *cli, struct ledger **out, bool read_only) {
  struct error error = {0};
  struct ledger_options options = {.clock = clock_from_environment(), .read_only = read_only};
  *out = NULL;
  int status = mem_install();
  if (status != PURSER_OK)
    return cli_fail(cli, &(struct error){.status = status});
  status = ledger_open(out, &options, &error);
  return status == PURSER_OK ? CLI_OK : cli_fail(cli, &error);
}

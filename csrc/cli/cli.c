/* cli.c - see cli.h. */
#include "cli/cli.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static int open_ledger(struct ledger **out, bool read_only, struct error *error) {
  const struct ledger_options options = {.clock = clock_from_environment(), .read_only = read_only};
  *out = NULL;
  const int status = mem_install();
  return status == PURSER_OK ? ledger_open(out, &options, error)
                             : error_set(error, status, "the allocator was refused");
}

int cli_ledger_open(struct cli *cli, struct ledger **out, bool read_only) {
  struct error error = {0};
  const int status = open_ledger(out, read_only, &error);
  return status == PURSER_OK ? CLI_OK : cli_fail(cli, &error);
}

int cli_ledger_look(struct cli *cli, struct ledger **out) {
  struct error error = {0};
  int status = open_ledger(out, false, &error);
  if (status == PURSER_EREADONLY || status == PURSER_EFULL) {
    struct error second = {0};
    if (open_ledger(out, true, &second) == PURSER_OK)
      return CLI_OK;
  }
  return status == PURSER_OK ? CLI_OK : cli_fail(cli, &error);
}

void cli_workspace(struct buf *out, const char *path) {
  char real[PATH_MAX];
  if (path[0] != '/' && realpath(path, real) != NULL) {
    path = real;
  } else if (path[0] != '/' && getcwd(real, sizeof real) != NULL) {
    buf_addf(out, "%s/", real);
  }
  size_t len = strlen(path);
  while (len > 1 && path[len - 1] == '/')
    len--;
  buf_add(out, path, len);
}

void cli_write_count(struct buf *out, int64_t count) {
  char digits[24];
  const int len = snprintf(digits, sizeof digits, "%lld", (long long)(count < 0 ? -count : count));
  if (count < 0)
    buf_addc(out, '-');
  for (int i = 0; i < len; i++) {
    if (i > 0 && (len - i) % 3 == 0)
      buf_addc(out, ',');
    buf_addc(out, digits[i]);
  }
}

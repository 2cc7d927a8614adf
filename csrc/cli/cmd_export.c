/* cmd_export.c - `purser export`: every booking as JSON lines, for another machine or a backup. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "import/jsonl_write.h"

struct target {
  FILE *file;
  const char *path; /* for messages */
  struct error *error;
};

static int put(void *data, const char *bytes, size_t len) {
  const struct target *target = data;
  if (fwrite(bytes, 1, len, target->file) == len)
    return PURSER_OK;
  return error_set(target->error, errno == ENOSPC ? PURSER_EFULL : PURSER_EIO, "%s: %s",
                   target->path, strerror(errno));
}

static void write_summary(struct cli *cli, const struct jsonl_written *written) {
  struct buf text = BUF_INIT;
  cli_write_count(&text, written->requests);
  buf_adds(&text, " requests of ");
  cli_write_count(&text, written->runs);
  buf_adds(&text, " runs written\n");
  (void)fprintf(cli->err, "%s", buf_text(&text));
  buf_fini(&text);
}

/* Under another name until it is whole: a file by that name is a good one. What people wrote to agents is in it: 0600. */
static int to_file(struct cli *cli, struct ledger *ledger, const struct dump_range *range,
                   const char *path) {
  struct error error = {0};
  struct jsonl_written written;
  struct buf part = BUF_INIT;
  struct stat info;
  /* A pipe or a device is written to as it is. */
  const bool special = stat(path, &info) == 0 && !S_ISREG(info.st_mode);
  buf_addf(&part, "%s%s", path, special ? "" : ".part");
  const int fd = part.failed ? -1 : open(part.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
  int status =
      file != NULL ? PURSER_OK : error_set(&error, PURSER_EIO, "%s: %s", path, strerror(errno));
  struct target target = {file, path, &error};
  if (status == PURSER_OK)
    status = jsonl_export(ledger, range, put, &target, &written, &error);
  if (file != NULL && fclose(file) != 0 && status == PURSER_OK)
    status = error_set(&error, errno == ENOSPC ? PURSER_EFULL : PURSER_EIO, "%s: %s", path,
                       strerror(errno));
  if (status == PURSER_OK && !special && rename(part.data, path) != 0)
    status = error_set(&error, PURSER_EIO, "%s: %s", path, strerror(errno));
  if (status != PURSER_OK && fd >= 0 && !special)
    (void)unlink(part.data);
  buf_fini(&part);
  if (status != PURSER_OK)
    return cli_fail(cli, &error);
  write_summary(cli, &written);
  return CLI_OK;
}

static int to_output(struct cli *cli, struct ledger *ledger, const struct dump_range *range) {
  struct error error = {0};
  struct jsonl_written written;
  struct target target = {cli->out, "standard output", &error};
  int status = jsonl_export(ledger, range, put, &target, &written, &error);
  if (status == PURSER_OK && fflush(cli->out) != 0)
    status = error_set(&error, PURSER_EIO, "standard output: %s", strerror(errno));
  return status == PURSER_OK ? CLI_OK : cli_fail(cli, &error);
}

int cmd_export(struct cli *cli, int argc, char **argv) {
  int64_t since = INT64_MIN;
  int64_t until = INT64_MAX;
  const char *path = NULL;
  const struct option_spec options[] = {
      {.name = "since", .days = &since},
      {.name = "until", .days = &until},
      {.name = "output", .text = &path},
      {.name = NULL},
  };
  /* -o is what everybody calls it. */
  for (int i = 1; i < argc; i++) {
    static char output[] = "--output";
    if (strcmp(argv[i], "-o") == 0)
      argv[i] = output;
  }
  if (options_parse(cli, options, argc, argv, NULL, 0) < 0)
    return CLI_USAGE;
  if (since != INT64_MIN && until != INT64_MAX && since > until)
    return cli_usage(cli, argv[0], "--since lies after --until");
  struct ledger *ledger = NULL;
  const int code = cli_ledger_look(cli, &ledger);
  if (code != CLI_OK)
    return code;
  const struct zone *zone = ledger_zone(ledger);
  const struct dump_range range = {
      .since_ms = since != INT64_MIN ? zone_day_start_ms(zone, since) : INT64_MIN,
      .until_ms = until != INT64_MAX ? zone_day_start_ms(zone, until + 1) : INT64_MAX,
  };
  const int done = path != NULL && strcmp(path, "-") != 0 ? to_file(cli, ledger, &range, path)
                                                          : to_output(cli, ledger, &range);
  ledger_close(ledger);
  return done;
}

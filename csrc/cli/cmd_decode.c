/* cmd_decode.c - `purser decode DIALECT [FILE]`: what the core makes of an agent's output or record, one JSON event a line. */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "usage/decoder.h"

enum {
  CHUNK = 64 * 1024
};

struct printer {
  FILE *out;
  struct buf line;
  int status;
};

static void print_event(void *data, const purser_event *event) {
  struct printer *printer = data;
  struct buf *line = &printer->line;
  buf_clear(line);
  event_write_json(line, event);
  buf_addc(line, '\n');
  if (line->failed)
    printer->status = PURSER_ENOMEM;
  else if (fwrite(line->data, 1, line->len, printer->out) != line->len)
    printer->status = PURSER_EIO;
}

/* Chunk by chunk, so that a record of gigabytes needs no more memory than its longest line. */
static int decode_stream(struct decoder *decoder, FILE *in, const char *name,
                         struct printer *printer, struct error *error) {
  static char chunk[CHUNK];
  int status = PURSER_OK;
  while (status == PURSER_OK && printer->status == PURSER_OK) {
    const size_t got = fread(chunk, 1, sizeof chunk, in);
    if (got == 0)
      break;
    status = decoder_feed(decoder, chunk, got);
  }
  if (ferror(in))
    return error_set(error, PURSER_EIO, "%s: %s", name, strerror(errno));
  if (status == PURSER_OK)
    status = decoder_end(decoder);
  if (status == PURSER_OK)
    status = printer->status;
  if (status == PURSER_EIO || fflush(printer->out) != 0)
    return error_set(error, PURSER_EIO, "writing the events: %s", strerror(errno));
  return status != PURSER_OK ? error_set(error, status, "decoding %s: out of memory", name)
                             : PURSER_OK;
}

static int decode(struct decoder *decoder, const char *path, struct printer *printer,
                  struct error *error) {
  if (path == NULL || strcmp(path, "-") == 0)
    return decode_stream(decoder, stdin, "standard input", printer, error);
  FILE *in = fopen(path, "rb");
  if (in == NULL)
    return error_set(error, PURSER_EIO, "%s: %s", path, strerror(errno));
  const int status = decode_stream(decoder, in, path, printer, error);
  (void)fclose(in);
  return status;
}

int cmd_decode(struct cli *cli, int argc, char **argv) {
  static const struct option_spec none[] = {{.name = NULL}};
  const char *arguments[2] = {NULL, NULL};
  const int count = options_parse(cli, none, argc, argv, arguments, 2);
  if (count < 0)
    return CLI_USAGE;
  if (count == 0)
    return cli_usage(cli, argv[0], "which dialect?");

  struct printer printer = {.out = cli->out, .line = BUF_INIT};
  struct error error = {0};
  struct decoder *decoder = NULL;
  int status = decoder_open(&decoder, arguments[0], print_event, &printer, &error);
  if (status == PURSER_EINVAL)
    return cli_usage(cli, argv[0], "%s", error_text(&error));
  if (status == PURSER_OK)
    status = decode(decoder, arguments[1], &printer, &error);
  decoder_free(decoder);
  buf_fini(&printer.line);
  return status == PURSER_OK ? CLI_OK : cli_fail(cli, &error);
}

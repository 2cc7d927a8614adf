/* cmd_help.c - `purser help [VERB]`. */
#include <string.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "cli/options.h"

static void write_overview(struct buf *out) {
  buf_adds(out, "purser keeps the books of your AI agents.\n\nusage: purser VERB [...]\n\n");
  for (const struct cli_verb *verb = cli_verbs; verb->name != NULL; verb++)
    buf_addf(out, "  %-10s %s\n", verb->name, verb->summary);
  buf_adds(out,
           "\n"
           "purser help VERB shows how a verb is called, purser --version what this is.\n"
           "\n"
           "The ledger is the file that PURSER_DB names, else purser/purser.db under\n"
           "$XDG_DATA_HOME (~/.local/share).\n"
           "Exit codes: 0 done, 1 it could not be done, 2 a budget refused, 64 wrong usage.\n");
}

static void write_verb(struct buf *out, const struct cli_verb *verb) {
  buf_addf(out, "purser %s: %s\n\n", verb->name, verb->summary);
  /* A line of the synopsis that is not indented begins another form of the call. */
  const char *line = verb->synopsis;
  const char *lead = "usage: ";
  while (*line != '\0') {
    const size_t len = strcspn(line, "\n");
    if (*line == ' ')
      buf_adds(out, "       ");
    else
      buf_addf(out, "%spurser %s ", lead, verb->name);
    buf_add(out, line, len);
    buf_addc(out, '\n');
    lead = "       ";
    line += len + (line[len] == '\n');
  }
  if (verb->details[0] != '\0')
    buf_addf(out, "\n%s\n", verb->details);
}

int cmd_help(struct cli *cli, int argc, char **argv) {
  static const struct option_spec none[] = {{.name = NULL}};
  const char *name = NULL;
  const int count = options_parse(cli, none, argc, argv, &name, 1);
  if (count < 0)
    return CLI_USAGE;
  struct buf text = BUF_INIT;
  if (count == 0) {
    write_overview(&text);
  } else {
    const struct cli_verb *verb = cli_verb_find(name);
    if (verb == NULL)
      return cli_usage(cli, argv[0], "there is no verb \"%s\"", name);
    write_verb(&text, verb);
  }
  const int code = cli_print(cli, &text);
  buf_fini(&text);
  return code;
}

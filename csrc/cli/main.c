/* main.c - the program `purser`: finds the verb and runs it. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/mem.h"
#include "cli/cli.h"

static int print_version(struct cli *cli) {
  (void)fprintf(cli->out, "purser %s\n", purser_version());
  return fflush(cli->out) == 0 ? CLI_OK : CLI_ERROR;
}

/* `purser VERB ... --help` is `purser help VERB`. */
static bool asks_for_help(int argc, char **argv) {
  for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
      return true;
  }
  return false;
}

/* A mistyped PURSER_NOW would quietly be the present. */
static bool clock_is_sane(struct cli *cli) {
  const char *now = getenv("PURSER_NOW");
  int64_t ms;
  if (now == NULL || calendar_parse_instant(now, strlen(now), &ms) == PURSER_OK)
    return true;
  (void)fprintf(
      cli->err,
      "purser: PURSER_NOW wants a date or an instant (2026-11-24 or 2026-11-24T10:00:00Z), "
      "not \"%s\"\n",
      now);
  return false;
}

int main(int argc, char **argv) {
  struct cli cli = {.program = argc > 0 ? argv[0] : "purser", .out = stdout, .err = stderr};
  /* A reader that closes the pipe early (head) is no reason to die without a word: writing fails and is reported. */
  (void)signal(SIGPIPE, SIG_IGN);
  /* Before anything of SQLite's, libuv's or cJSON's is touched. */
  if (mem_install() != PURSER_OK) {
    (void)fprintf(cli.err, "purser: can't start: the allocator was refused\n");
    return CLI_ERROR;
  }
  char *help[] = {(char[]){"help"}, argc > 1 ? argv[1] : NULL, NULL};
  if (argc < 2) {
    cli.out = stderr;
    (void)cmd_help(&cli, 1, help);
    return CLI_USAGE;
  }
  const char *name = argv[1];
  if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
    return print_version(&cli);
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
    return cmd_help(&cli, 1, help);
  const struct cli_verb *verb = cli_verb_find(name);
  if (verb == NULL) {
    (void)fprintf(cli.err, "purser: there is no verb \"%s\" (purser help lists them)\n", name);
    return CLI_USAGE;
  }
  if (asks_for_help(argc - 1, argv + 1))
    return cmd_help(&cli, 2, help);
  if (verb->run == NULL) {
    (void)fprintf(cli.err, "purser: this build has no \"%s\"\n", name);
    return CLI_ERROR;
  }
  if (!clock_is_sane(&cli))
    return CLI_USAGE;
  return verb->run(&cli, argc - 1, argv + 1);
}

/* cli.h - what the verbs of the program `purser` share.
 *
 * A verb is a function cmd_<verb>(cli, argc, argv) whose argv[0] is the verb itself. It writes to cli->out and cli->err, never
 * calls exit(), and returns one of the codes below. Results go to `out`, everything else to `err`. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdio.h>

#include "base/error.h"
#include "base/public.h"

struct cli {
  const char *program; /* as it was called, for messages */
  FILE *out;
  FILE *err;
};

enum {
  CLI_OK = 0,
  CLI_ERROR = 1,   /* it could not be done */
  CLI_REFUSED = 2, /* a budget refused */
  CLI_USAGE = 64   /* the command line is wrong (EX_USAGE) */
};

/* "purser: MESSAGE" on err. Returns CLI_ERROR. */
int cli_fail(struct cli *cli, const struct error *error);
/* "purser VERB: MESSAGE" and where help is, on err. Returns CLI_USAGE. */
int cli_usage(struct cli *cli, const char *verb, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct buf;
/* Writes the buffer to out. CLI_OK, or CLI_ERROR with a message when memory or the disk was short. */
int cli_print(struct cli *cli, const struct buf *text);

/* The ledger that PURSER_DB names, with the clock that PURSER_NOW sets; read-only handles never create it. CLI_OK or
 * CLI_ERROR, the message written. The caller closes it with ledger_close(). */
struct ledger;
int cli_ledger_open(struct cli *cli, struct ledger **out, bool read_only);
/* For verbs that only look: opens it to be written (so that it is made or migrated where need be), and where that can't be, to be
 * read. */
int cli_ledger_look(struct cli *cli, struct ledger **out);

/* A workspace as it is stored: absolute, without a slash at its end. Appended to `out`. */
void cli_workspace(struct buf *out, const char *path);

/* 1234567 as "1,234,567". */
void cli_write_count(struct buf *out, int64_t count);

/* `report --digest`; NULL: the running month. */
int cli_digest(struct cli *cli, const char *month);

int cmd_help(struct cli *cli, int argc, char **argv);
int cmd_report(struct cli *cli, int argc, char **argv);
int cmd_log(struct cli *cli, int argc, char **argv);
int cmd_budget(struct cli *cli, int argc, char **argv);
int cmd_gate(struct cli *cli, int argc, char **argv);
int cmd_price(struct cli *cli, int argc, char **argv);
int cmd_prices(struct cli *cli, int argc, char **argv);
int cmd_decode(struct cli *cli, int argc, char **argv);
int cmd_import(struct cli *cli, int argc, char **argv);
int cmd_export(struct cli *cli, int argc, char **argv);
int cmd_doctor(struct cli *cli, int argc, char **argv);
int cmd_hook(struct cli *cli, int argc, char **argv);
int cmd_setup(struct cli *cli, int argc, char **argv);
int cmd_statusline(struct cli *cli, int argc, char **argv);

/* The verbs, in the order of the help; ends with a NULL name. */
struct cli_verb {
  const char *name;
  int (*run)(struct cli *cli, int argc, char **argv); /* NULL where this build lacks it */
  const char *summary;                                /* one line */
  const char *synopsis; /* arguments; lines after the first are further forms */
  const char *details;  /* sentences and options, "" none */
};
extern const struct cli_verb cli_verbs[];
const struct cli_verb *cli_verb_find(const char *name);

#endif

/* prices.h - what the verbs about prices share. */
#ifndef CLI_PRICES_H
#define CLI_PRICES_H

#include "cli/cli.h"
#include "pricing/catalog.h"

/* The built-in cards under the user's files, from their usual places. CLI_OK, or CLI_ERROR with the message written. */
int cli_catalog_load(struct cli *cli, struct catalog **out);

/* Forms of `purser prices`; argv[0] is "prices", the arguments are those after the form's own word. */
int prices_update(struct cli *cli, int argc, char **argv);
int prices_generate(struct cli *cli, int argc, char **argv);
/* One model with all its cards. */
int prices_show(struct cli *cli, const struct catalog *catalog, const char *provider,
                const char *model, int64_t at_ms, bool json);

#endif

/* options.h - a verb's options as a table. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/cli.h"

/* One option "--name". Exactly one of the pointers is set; it says what the option takes, and is left alone when the option
 * is not given. A table ends with a spec without a name. */
struct option_spec {
  const char *name;  /* without the dashes */
  bool *flag;        /* nothing: sets true */
  const char **text; /* any text; borrowed from argv */
  int64_t *count;    /* a whole number >= 0, digits alone */
  int64_t *nanousd;  /* cents >= 0, decimals allowed; stored in nano-dollars */
  int64_t *days;     /* YYYY-MM-DD; stored as days since 1970 */
};

/* Reads `--name value`, `--name=value` and positional arguments, in any order; "--" ends the options. argv[0] is the verb.
 * Returns how many positional arguments were stored (at most `max`; one more is an error), or -1 when the command
 * line is wrong: the message is written, and the verb returns CLI_USAGE. */
int options_parse(struct cli *cli, const struct option_spec *specs, int argc, char **argv,
                  const char **positional, int max);

/* A number of cents as text, decimals allowed, in nano-dollars; 0 or PURSER_EPARSE / PURSER_ERANGE. Never negative. */
int options_parse_cents(const char *text, int64_t *nanousd);
/* Digits alone; 0 or PURSER_EPARSE / PURSER_ERANGE. */
int options_parse_count(const char *text, int64_t *out);

#endif

/* options.c - see options.h. */
#include "cli/options.h"

#include <string.h>

#include "base/calendar.h"
#include "base/money.h"

int options_parse_count(const char *text, int64_t *out) {
  int64_t value = 0;
  if (text[0] == '\0')
    return PURSER_EPARSE;
  for (const char *at = text; *at != '\0'; at++) {
    if (*at < '0' || *at > '9')
      return PURSER_EPARSE;
    if (value > (INT64_MAX - (*at - '0')) / 10)
      return PURSER_ERANGE;
    value = value * 10 + (*at - '0');
  }
  *out = value;
  return PURSER_OK;
}

int options_parse_cents(const char *text, int64_t *nanousd) {
  int64_t value = 0;
  const int status = money_parse_decimal(text, strlen(text), 7, &value);
  if (status != PURSER_OK)
    return status;
  if (value < 0)
    return PURSER_ERANGE;
  *nanousd = value;
  return PURSER_OK;
}

/* Stores a value; returns what was wrong with it, NULL if nothing. */
static const char *store(const struct option_spec *spec, const char *value) {
  int status = PURSER_OK;
  const char *wants = NULL;
  if (spec->text != NULL) {
    *spec->text = value;
  } else if (spec->count != NULL) {
    status = options_parse_count(value, spec->count);
    wants = "a whole number";
  } else if (spec->nanousd != NULL) {
    status = options_parse_cents(value, spec->nanousd);
    wants = "a number of cents, not negative";
  } else {
    status = calendar_parse_date(value, spec->days);
    wants = "a date as YYYY-MM-DD";
  }
  return status == PURSER_OK ? NULL : wants;
}

static const struct option_spec *find(const struct option_spec *specs, const char *name,
                                      size_t len) {
  for (; specs->name != NULL; specs++) {
    if (strlen(specs->name) == len && memcmp(specs->name, name, len) == 0)
      return specs;
  }
  return NULL;
}

int options_parse(struct cli *cli, const struct option_spec *specs, int argc, char **argv,
                  const char **positional, int max) {
  const char *verb = argv[0];
  int found = 0;
  bool options = true;
  for (int i = 1; i < argc; i++) {
    const char *arg = argv[i];
    if (options && strcmp(arg, "--") == 0) {
      options = false;
      continue;
    }
    /* "-" alone is a name: standard input. */
    if (!options || arg[0] != '-' || arg[1] == '\0') {
      if (found == max) {
        (void)cli_usage(cli, verb, "too many arguments: \"%s\"", arg);
        return -1;
      }
      positional[found++] = arg;
      continue;
    }
    const char *name = arg[1] == '-' ? arg + 2 : arg;
    const size_t len = strcspn(name, "=");
    const char *value = name[len] == '=' ? name + len + 1 : NULL;
    const struct option_spec *spec = find(specs, name, len);
    if (spec == NULL) {
      (void)cli_usage(cli, verb, "unknown option \"%s\"", arg);
      return -1;
    }
    if (spec->flag != NULL) {
      if (value != NULL) {
        (void)cli_usage(cli, verb, "--%s takes no value", spec->name);
        return -1;
      }
      *spec->flag = true;
      continue;
    }
    if (value == NULL && i + 1 == argc) {
      (void)cli_usage(cli, verb, "--%s needs a value", spec->name);
      return -1;
    }
    if (value == NULL)
      value = argv[++i];
    const char *wants = store(spec, value);
    if (wants != NULL) {
      (void)cli_usage(cli, verb, "--%s wants %s, not \"%s\"", spec->name, wants, value);
      return -1;
    }
  }
  return found;
}

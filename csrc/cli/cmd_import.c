/* cmd_import.c - `purser import [SOURCE...]`: what the clients have recorded; `purser import FILE`: bookings of another ledger. */
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "cli/cli.h"
#include "cli/import_print.h"
#include "cli/notify.h"
#include "cli/options.h"
#include "cli/prices.h"
#include "import/import.h"
#include "import/jsonl.h"
#include "import/settings.h"
#include "ledger/ledger.h"

enum {
  ARGUMENTS_MAX = 8,
  PROMPT_CHARS = 200 /* as the editor keeps, unless it is told otherwise */
};

/* What was crossed is said here, and on the desktop, unless somebody else did. */
static void tell_crossings(struct cli *cli, struct ledger *ledger) {
  struct import_settings *settings = NULL;
  struct notices notices = {0};
  if (import_settings_of(&settings, ledger, NULL) != PURSER_OK)
    return; /* which was an error of the import already */
  if (notices_take(ledger, settings, &notices, NULL) == PURSER_OK) {
    for (size_t at = 0; at < notices.texts.len; at += strlen(notices.texts.data + at) + 1)
      (void)fprintf(cli->err, "%s: %s\n", cli->program, notices.texts.data + at);
    (void)fflush(cli->err);
    notices_send(&notices, isatty(STDERR_FILENO) == 1 ? STDERR_FILENO : -1);
  }
  notices_fini(&notices);
  import_settings_free(settings);
}

/* ---- bookings as JSON lines ---- */

static void write_bookings(struct buf *out, const struct jsonl_result *r, bool json) {
  if (json) {
    buf_addf(
        out,
        "{\"lines\":%lld,\"runs\":%lld,\"booked\":%lld,\"duplicates\":%lld,\"rejected\":%lld}\n",
        (long long)r->lines, (long long)r->runs, (long long)r->booked, (long long)r->duplicates,
        (long long)r->rejected);
    return;
  }
  buf_addf(out, "%lld requests booked in %lld new runs, %lld known already\n", (long long)r->booked,
           (long long)r->runs, (long long)r->duplicates);
}

static int import_file(struct cli *cli, struct ledger *ledger, const struct catalog *catalog,
                       const char *path, bool json) {
  struct error error = {0};
  struct jsonl_result result;
  struct buf text = BUF_INIT;
  const int status = jsonl_import(ledger, catalog, path, &result, &error);
  if (status != PURSER_OK)
    return cli_fail(cli, &error);
  write_bookings(&text, &result, json);
  int code = cli_print(cli, &text);
  if (result.rejected > 0) {
    (void)fprintf(cli->err, "%s: %s: %lld lines were not read; line %lld: %s\n", cli->program, path,
                  (long long)result.rejected, (long long)result.first_rejected, result.reason);
    code = CLI_ERROR;
  }
  buf_fini(&text);
  return code;
}

/* ---- the clients' records ---- */

struct asked {
  const char *arguments[ARGUMENTS_MAX + 1];
  int64_t since_day;
  bool json, dry_run, again;
};

static int import_records(struct cli *cli, struct ledger *ledger, const struct catalog *catalog,
                          const struct asked *asked, int count) {
  struct error error = {0};
  struct import_settings *settings = NULL;
  struct import_result result = {0};
  struct import_bar bar = {.cli = cli};
  int status = import_settings_of(&settings, ledger, &error);
  const struct import_options options = {
      .sources = count > 0 ? asked->arguments : NULL,
      .settings = settings,
      .since_ms = asked->since_day != INT64_MIN
                      ? zone_day_start_ms(ledger_zone(ledger), asked->since_day)
                      : 0,
      .prompt_chars = PROMPT_CHARS,
      .dry_run = asked->dry_run,
      .again = asked->again,
      .progress = import_bar_step,
      .data = &bar,
  };
  import_bar_begin(&bar, !asked->json);
  if (status == PURSER_OK)
    status = import_sync(ledger, catalog, &options, &result, &error);
  import_bar_end(&bar);
  int code = status == PURSER_OK ? CLI_OK : cli_fail(cli, &error);
  if (status == PURSER_OK || result.total.files > 0) {
    struct buf text = BUF_INIT;
    if (asked->json)
      import_write_json(&text, &result, asked->dry_run);
    else
      import_write_text(&text, &result, asked->dry_run);
    const int printed = cli_print(cli, &text);
    code = code == CLI_OK ? printed : code;
    buf_fini(&text);
  }
  if (!asked->json)
    import_print_faults(cli, &result);
  import_result_fini(&result);
  import_settings_free(settings);
  return code;
}

/* The one argument that is no source is a file. */
static bool is_file(const struct asked *asked, int count) {
  return count == 1 && import_source_find(asked->arguments[0]) == NULL;
}

/* Sources are told from files by their names, so a wrong one is worth a word. */
static int check_names(struct cli *cli, const char *verb, const struct asked *asked, int count) {
  for (int i = 0; i < count; i++) {
    if (import_source_find(asked->arguments[i]) == NULL)
      return cli_usage(cli, verb, "there is no source \"%s\" (a file is imported alone)",
                       asked->arguments[i]);
  }
  return CLI_OK;
}

int cmd_import(struct cli *cli, int argc, char **argv) {
  struct asked asked = {.since_day = INT64_MIN};
  const struct option_spec specs[] = {
      {.name = "json", .flag = &asked.json},
      {.name = "dry-run", .flag = &asked.dry_run},
      {.name = "again", .flag = &asked.again},
      {.name = "since", .days = &asked.since_day},
      {.name = NULL},
  };
  const int count = options_parse(cli, specs, argc, argv, asked.arguments, ARGUMENTS_MAX);
  if (count < 0)
    return CLI_USAGE;
  const bool file = is_file(&asked, count);
  if (!file && check_names(cli, argv[0], &asked, count) != CLI_OK)
    return CLI_USAGE;
  if (file && (asked.dry_run || asked.again || asked.since_day != INT64_MIN))
    return cli_usage(cli, argv[0],
                     "--dry-run, --again and --since are for sources, not for a file");

  struct ledger *ledger = NULL;
  struct catalog *catalog = NULL;
  int code = cli_ledger_open(cli, &ledger, false);
  if (code == CLI_OK)
    code = cli_catalog_load(cli, &catalog);
  if (code == CLI_OK)
    code = file ? import_file(cli, ledger, catalog, asked.arguments[0], asked.json)
                : import_records(cli, ledger, catalog, &asked, count);
  if (ledger != NULL && !asked.dry_run)
    tell_crossings(cli, ledger);
  catalog_free(catalog);
  ledger_close(ledger);
  return code;
}

/* prices_update.c - `purser prices update FILE`: takes newer prices from a price list that others publish. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/calendar.h"
#include "base/clock.h"
#include "base/money.h"
#include "cli/options.h"
#include "cli/prices.h"
#include "pricing/price_paths.h"
#include "pricing/update.h"

static void add_pair(struct buf *out, const char *what, int64_t before, int64_t after) {
  if (before == after)
    return;
  buf_addf(out, "  %s ", what);
  money_write_dollars(out, before);
  buf_adds(out, " -> ");
  money_write_dollars(out, after);
}

static void add_change(struct buf *out, const struct price_change *change) {
  static const char *const words[] = {"added", "changed", "gone"};
  buf_addf(out, "%-8s %s/%s", words[change->kind], change->provider, change->name);
  if (change->kind == PRICE_ADDED) {
    buf_adds(out, "  input ");
    money_write_dollars(out, change->after.input);
    buf_adds(out, "  output ");
    money_write_dollars(out, change->after.output);
  } else if (change->kind == PRICE_CHANGED) {
    add_pair(out, "input", change->before.input, change->after.input);
    add_pair(out, "cache read", change->before.cache_read, change->after.cache_read);
    add_pair(out, "output", change->before.output, change->after.output);
    if (change->other)
      buf_adds(out, "  other tiers");
    buf_adds(out, "  from ");
    calendar_write_date(out, change->valid_from);
  } else {
    buf_adds(out, "  (kept for old requests)");
  }
  buf_addc(out, '\n');
}

static int make_folders(char *path, struct error *error) {
  for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    const bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
    const int cause = errno;
    if (!made)
      error_set(error, PURSER_EIO, "can't make the folder %s: %s", path, strerror(cause));
    *slash = '/';
    if (!made)
      return PURSER_EIO;
  }
  return PURSER_OK;
}

/* All or nothing: a temporary file beside it takes its place. */
static int replace_file(const char *path, const struct buf *text, struct error *error) {
  struct buf temporary = BUF_INIT;
  buf_addf(&temporary, "%s.%ld.tmp", path, (long)getpid());
  int status = temporary.failed || text->failed ? error_set(error, PURSER_ENOMEM, "out of memory")
                                                : make_folders(temporary.data, error);
  if (status != PURSER_OK)
    goto out;
  FILE *file = fopen(buf_text(&temporary), "wbe");
  bool sound = file != NULL;
  if (sound) {
    sound = fwrite(buf_text(text), 1, text->len, file) == text->len && fflush(file) == 0 &&
            fsync(fileno(file)) == 0;
    sound = fclose(file) == 0 && sound;
  }
  sound = sound && rename(buf_text(&temporary), path) == 0;
  if (!sound) {
    status = error_set(error, PURSER_EIO, "can't write %s: %s", path, strerror(errno));
    (void)unlink(buf_text(&temporary));
  }

out:
  buf_fini(&temporary);
  return status;
}

static int write_update(const struct price_update *plan, const char *source, struct buf *report,
                        struct error *error) {
  struct buf path = BUF_INIT;
  struct buf text = BUF_INIT;
  price_path_update(&path);
  price_file_write(&text, &plan->drafts, source);
  int status = path.len == 0
                   ? error_set(error, PURSER_EIO, "where to? Neither XDG_DATA_HOME nor HOME is set")
                   : replace_file(buf_text(&path), &text, error);
  if (status == PURSER_OK)
    buf_addf(report, "written to %s (delete it to go back to the built-in prices)\n",
             buf_text(&path));
  buf_fini(&path);
  buf_fini(&text);
  return status;
}

static int update(const struct catalog *catalog, const char *file, bool dry_run, struct buf *report,
                  struct error *error) {
  struct source source = SOURCE_INIT;
  struct price_update plan = PRICE_UPDATE_INIT;
  const int64_t today = clock_now_ms(clock_from_environment()) / CALENDAR_DAY_MS;
  int status = source_read(&source, file, error);
  if (status != PURSER_OK)
    goto out;
  status = price_update_plan(&plan, catalog, &source, (int32_t)today, error);
  if (status == PURSER_EREFUSED)
    error_wrap(error, "%s", file);
  if (status != PURSER_OK)
    goto out;
  for (size_t i = 0; i < plan.change_count; i++)
    add_change(report, &plan.changes[i]);
  buf_addf(report, "%s: %zu added, %zu changed, %zu gone, %zu as before\n",
           price_source_name(source.kind), plan.added, plan.changed, plan.gone, plan.same);
  if (dry_run) {
    buf_adds(report, "nothing written\n");
  } else if (plan.added == 0 && plan.changed == 0) {
    buf_adds(report, "nothing to write\n");
  } else {
    status = write_update(&plan, price_source_name(source.kind), report, error);
  }

out:
  price_update_fini(&plan);
  source_fini(&source);
  return status;
}

int prices_update(struct cli *cli, int argc, char **argv) {
  bool dry_run = false;
  const char *file = NULL;
  const struct option_spec specs[] = {{.name = "dry-run", .flag = &dry_run}, {0}};
  const int count = options_parse(cli, specs, argc, argv, &file, 1);
  if (count < 0)
    return CLI_USAGE;
  if (count == 0)
    return cli_usage(cli, argv[0], "update wants the file of a price list");
  struct catalog *catalog = NULL;
  int code = cli_catalog_load(cli, &catalog);
  if (code != CLI_OK)
    return code;
  struct error error = {0};
  struct buf report = BUF_INIT;
  const int status = update(catalog, file, dry_run, &report, &error);
  code = cli_print(cli, &report);
  if (status != PURSER_OK)
    code = cli_fail(cli, &error);
  buf_fini(&report);
  catalog_free(catalog);
  return code;
}

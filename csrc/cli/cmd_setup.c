/* cmd_setup.c - `purser setup CLIENT`: shows what would change in the client's settings, asks, keeps a copy, and writes. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/line_diff.h"
#include "cli/options.h"
#include "cli/setup.h"
#include "cli/shell.h"

struct setup {
  struct cli *cli;
  const struct setup_client *client;
  bool undo, yes, dry_run, statusline;
  const char *fails;
  bool exists;
  struct buf path;
  struct buf backup; /* path of the copy */
  struct buf before;
  struct buf after;
  struct buf hook;
  struct buf line;
};

/* ---- what is to be called ---- */

/* The name that this program was called by, in full: the client's PATH may be another one. A link on PATH is kept as it is, so
 * that an update of what it points to is followed. */
static void add_program(struct buf *out, const char *called) {
  char path[PATH_MAX];
  if (strchr(called, '/') != NULL) {
    if (realpath(called, path) != NULL)
      shell_quote(out, path);
    else
      shell_quote(out, called);
    return;
  }
  const char *folders = getenv("PATH");
  while (folders != NULL && *folders != '\0') {
    const size_t len = strcspn(folders, ":");
    struct buf file = BUF_INIT;
    buf_add(&file, folders, len);
    buf_addf(&file, "/%s", called);
    const bool found = folders[0] == '/' && access(buf_text(&file), X_OK) == 0;
    if (found)
      shell_quote(out, buf_text(&file));
    buf_fini(&file);
    if (found)
      return;
    folders += len + (folders[len] == ':');
  }
  const ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
  path[len > 0 ? len : 0] = '\0';
  shell_quote(out, len > 0 ? path : called);
}

/* ---- asking ---- */

static bool is_terminal(void) {
  return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
}

static bool agreed(struct setup *setup, const char *question) {
  char answer[16];
  (void)fprintf(setup->cli->out, "%s [y/N] ", question);
  (void)fflush(setup->cli->out);
  if (fgets(answer, sizeof answer, stdin) == NULL)
    return false;
  return answer[0] == 'y' || answer[0] == 'Y';
}

/* ---- the change ---- */

static int apply(struct setup *setup, bool statusline, bool *free_line, struct error *error) {
  const struct setup_plan plan = {
      .client = setup->client,
      .hook = buf_text(&setup->hook),
      .statusline = statusline ? buf_text(&setup->line) : NULL,
  };
  return setup_apply(&setup->after, buf_text(&setup->before), setup->before.len, &plan, free_line,
                     error);
}

static bool is_blank(const struct buf *text) {
  return strspn(buf_text(text), " \t\r\n") == text->len;
}

/* If the file is what this setup makes of the copy, nothing was edited since, and the copy is what was there before, byte for byte. */
static bool copy_fits(struct setup *setup, struct buf *copy) {
  bool exists = false;
  if (setup_read(copy, buf_text(&setup->backup), &exists, NULL) != PURSER_OK || !exists)
    return false;
  struct buf undone = BUF_INIT;
  const bool fits =
      setup_undo(&undone, buf_text(copy), copy->len, setup->client, NULL) == PURSER_OK;
  /* The copy must be free of purser, and the two differ in purser's entries alone. */
  struct buf again = BUF_INIT;
  const struct setup_plan plans[] = {
      {.client = setup->client, .hook = buf_text(&setup->hook)},
      {.client = setup->client,
       .hook = buf_text(&setup->hook),
       .statusline = buf_text(&setup->line)},
  };
  bool same = false;
  for (size_t i = 0; i < 2 && fits && !same; i++) {
    same = setup_apply(&again, buf_text(copy), copy->len, &plans[i], NULL, NULL) == PURSER_OK &&
           again.len == setup->before.len && memcmp(again.data, setup->before.data, again.len) == 0;
  }
  const bool clean = undone.len == copy->len || is_blank(copy);
  buf_fini(&undone);
  buf_fini(&again);
  return same && clean;
}

static int make_change(struct setup *setup, struct error *error) {
  if (!setup->undo) {
    bool free_line = false;
    int status = apply(setup, setup->statusline, &free_line, error);
    if (status == PURSER_OK && free_line && !setup->statusline && !setup->yes && !setup->dry_run &&
        is_terminal() && agreed(setup, "It has no statusline: show the spend there, too?"))
      status = apply(setup, true, NULL, error);
    return status;
  }
  struct buf copy = BUF_INIT;
  int status = PURSER_OK;
  if (copy_fits(setup, &copy)) {
    buf_clear(&setup->after);
    buf_add(&setup->after, buf_text(&copy), copy.len);
    status = buf_status(&setup->after);
  } else {
    status = setup_undo(&setup->after, buf_text(&setup->before), setup->before.len, setup->client,
                        error);
  }
  buf_fini(&copy);
  return status;
}

static bool nothing_to_do(const struct setup *setup) {
  if (setup->undo && !setup->exists)
    return true;
  return setup->after.len == setup->before.len &&
         memcmp(buf_text(&setup->after), buf_text(&setup->before), setup->after.len) == 0;
}

/* A file that purser has made, and that holds nothing without it. */
static bool is_left_over(const struct setup *setup) {
  const char *text = buf_text(&setup->after);
  const size_t at = strspn(text, " \t\r\n");
  return setup->undo && access(buf_text(&setup->backup), F_OK) != 0 && text[at] == '{' &&
         text[at + 1 + strspn(text + at + 1, " \t\r\n")] == '}';
}

static int write_change(struct setup *setup, struct error *error) {
  if (is_left_over(setup))
    return unlink(buf_text(&setup->path)) == 0
               ? PURSER_OK
               : error_set(error, PURSER_EIO, "%s can't be removed", buf_text(&setup->path));
  if (!setup->undo && setup->exists) {
    const int status = setup_write(buf_text(&setup->backup), &setup->before, error);
    if (status != PURSER_OK)
      return error_wrap(error, "keep a copy of the settings");
  }
  const int status = setup_write(buf_text(&setup->path), &setup->after, error);
  /* The copy has served where it is what the file is now. */
  struct buf copy = BUF_INIT;
  bool exists = false;
  if (status == PURSER_OK && setup->undo &&
      setup_read(&copy, buf_text(&setup->backup), &exists, NULL) == PURSER_OK && exists &&
      copy.len == setup->after.len && memcmp(buf_text(&copy), setup->after.data, copy.len) == 0)
    (void)unlink(buf_text(&setup->backup));
  buf_fini(&copy);
  return status;
}

/* ---- talking ---- */

static void show(struct setup *setup) {
  struct buf text = BUF_INIT;
  buf_addf(&text, "%s%s\n", buf_text(&setup->path), setup->exists ? "" : " (a new file)");
  line_diff(&text, buf_text(&setup->before), buf_text(&setup->after),
            isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == NULL);
  (void)cli_print(setup->cli, &text);
  buf_fini(&text);
}

static void tell_done(struct setup *setup) {
  FILE *out = setup->cli->out;
  const bool gone = access(buf_text(&setup->path), F_OK) != 0;
  (void)fprintf(out, "%s: %s\n", gone ? "removed" : "written", buf_text(&setup->path));
  if (setup->undo)
    return;
  if (setup->exists)
    (void)fprintf(out, "as it was: %s\n", buf_text(&setup->backup));
  (void)fprintf(out, "%s\npurser setup %s --undo takes it out again.\n", setup->client->afterwards,
                setup->client->name);
}

static int carry_out(struct setup *setup) {
  struct error error = {0};
  int status = make_change(setup, &error);
  if (status != PURSER_OK) {
    if (status == PURSER_EPARSE)
      (void)error_wrap(&error, "%s", buf_text(&setup->path));
    return cli_fail(setup->cli, &error);
  }
  if (nothing_to_do(setup)) {
    (void)fprintf(setup->cli->out, "%s: nothing to do, purser's hooks are %s\n",
                  buf_text(&setup->path), setup->undo ? "not in it" : "in it already");
    return CLI_OK;
  }
  show(setup);
  if (setup->dry_run)
    return CLI_OK;
  if (!setup->yes && !is_terminal()) {
    (void)fprintf(setup->cli->err,
                  "purser: nothing was written: this is no terminal to ask on; --yes answers\n");
    return CLI_ERROR;
  }
  if (!setup->yes && !agreed(setup, "Write this?")) {
    (void)fprintf(setup->cli->out, "nothing was written\n");
    return CLI_OK;
  }
  if (write_change(setup, &error) != PURSER_OK)
    return cli_fail(setup->cli, &error);
  tell_done(setup);
  return CLI_OK;
}

static int prepare(struct setup *setup, struct error *error) {
  int status = setup_path(&setup->path, setup->client, error);
  if (status == PURSER_OK)
    status = setup_read(&setup->before, buf_text(&setup->path), &setup->exists, error);
  if (status != PURSER_OK)
    return status;
  buf_addf(&setup->backup, "%s.before-purser", buf_text(&setup->path));
  add_program(&setup->hook, setup->cli->program);
  add_program(&setup->line, setup->cli->program);
  buf_addf(&setup->hook, " hook %s", setup->client->name);
  if (strcmp(setup->fails, "closed") == 0)
    buf_adds(&setup->hook, " --fail closed");
  buf_adds(&setup->line, " statusline");
  if (setup->backup.failed || setup->hook.failed || setup->line.failed)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  return PURSER_OK;
}

int cmd_setup(struct cli *cli, int argc, char **argv) {
  const char *name = NULL;
  struct setup setup = {.cli = cli, .fails = "open"};
  const struct option_spec options[] = {
      {.name = "undo", .flag = &setup.undo},
      {.name = "yes", .flag = &setup.yes},
      {.name = "dry-run", .flag = &setup.dry_run},
      {.name = "statusline", .flag = &setup.statusline},
      {.name = "fail", .text = &setup.fails},
      {.name = NULL},
  };
  const int count = options_parse(cli, options, argc, argv, &name, 1);
  if (count < 0)
    return CLI_USAGE;
  if (count == 0)
    return cli_usage(cli, argv[0], "which client? (claude, codex or gemini)");
  if (strcmp(setup.fails, "open") != 0 && strcmp(setup.fails, "closed") != 0)
    return cli_usage(cli, argv[0], "--fail wants open or closed, not \"%s\"", setup.fails);
  if (strcmp(name, "opencode") == 0) {
    (void)fprintf(
        cli->err,
        "purser: opencode has no hooks that a program could answer, so nothing can stop it at a\n"
        "budget there. What it spends is imported all the same; runs that Neovim\n"
        "dispatches to it (:AgentRun) are held to their budgets.\n");
    return CLI_ERROR;
  }
  setup.client = setup_client_find(name);
  if (setup.client == NULL)
    return cli_usage(cli, argv[0], "there is no client \"%s\": claude, codex or gemini", name);
  struct error error = {0};
  const int code = prepare(&setup, &error) == PURSER_OK ? carry_out(&setup) : cli_fail(cli, &error);
  buf_fini(&setup.path);
  buf_fini(&setup.backup);
  buf_fini(&setup.before);
  buf_fini(&setup.after);
  buf_fini(&setup.hook);
  buf_fini(&setup.line);
  return code;
}

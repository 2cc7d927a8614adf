/* cmd_hook.c - `purser hook CLIENT`: a client's hook asks whether it may go on.
 *
 * It runs before every prompt and every tool, so it does as little as it can: one look at the ledger, the session's new lines, the
 * budgets. When the ledger can't be asked, the client goes on with a warning (--fail open) or is stopped (--fail closed). */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/hook.h"
#include "cli/input.h"
#include "cli/notify.h"
#include "cli/options.h"
#include "cli/quick_start.h"
#include "import/place.h"
#include "import/settings.h"
#include "ledger/checkpoint.h"
#include "ledger/import_log.h"
#include "ledger/leave_log.h"

enum {
  PATIENCE_MS = 3000,             /* for the client's words */
  MOST_BYTES = 256 * 1024 * 1024, /* a tool's input may hold a file, a request its whole context */
  BUSY_MS = 250                   /* for other writers; the user waits */
};

struct hook {
  struct cli *cli;
  const struct hook_client *client;
  struct hook_call call;
  bool fail_closed;
  struct ledger *ledger;
  struct import_settings *settings;
  struct buf workspace;
  struct run_row run; /* the latest of the session, where its model matters; id 0 none */
  struct hook_account account;
  struct hook_verdict verdict;
  struct buf out; /* for stdout */
  struct buf err; /* for stderr */
};

/* ---- who asks ---- */

/* The run of ours in whose environment the client was started; 0 none. */
static int64_t run_around(void) {
  const char *text = getenv("PURSER_RUN");
  int64_t id = 0;
  return text != NULL && options_parse_count(text, &id) == PURSER_OK ? id : 0;
}

/* Whether the session is that of a run of ours: it was admitted, is followed, and is stopped by whoever dispatched it. A client that an
 * agent of ours starts inside its run is somebody else: it draws on the run's hold (rule 29). */
static bool is_ours(struct hook *hook, int64_t run_id) {
  struct run_row row = {0};
  if (ledger_run_get(hook->ledger, run_id, &row, NULL) != PURSER_OK)
    return false;
  const bool ours =
      strcmp(row.source, hook->client->name) == 0 &&
      (row.session[0] == '\0' || strcmp(row.session, buf_text(&hook->call.session)) == 0);
  run_row_fini(&row);
  return ours;
}

static int find_place(struct hook *hook, struct error *error) {
  int status = import_settings_of(&hook->settings, hook->ledger, error);
  if (status != PURSER_OK)
    return status;
  place_find(buf_text(&hook->call.cwd), &hook->workspace);
  if (hook->workspace.failed)
    return error_set(error, PURSER_ENOMEM, "out of memory");
  hook->account.workspace = buf_text(&hook->workspace);
  return PURSER_OK;
}

static int take_later(void *data, const struct import_run_row *row) {
  int64_t *latest = data;
  if (row->imported && row->id > *latest)
    *latest = row->id;
  return PURSER_OK;
}

/* The model that the session's last run was with decides, where rules tell models apart: the client does not say. */
static int find_agent(struct hook *hook, struct error *error) {
  int64_t latest = 0;
  const struct agent_rules *rules = hook->settings->rules;
  const char *source = hook->client->name;
  int status = PURSER_OK;
  if (hook->call.session.len > 0 && hook->call.model.len == 0 && agent_rules_tell_models(rules))
    status =
        import_log_session(hook->ledger, buf_text(&hook->call.session), take_later, &latest, error);
  if (status == PURSER_OK && latest != 0)
    status = ledger_run_get(hook->ledger, latest, &hook->run, error);
  if (status != PURSER_OK)
    return status;
  const char *model = latest == 0 ? buf_text(&hook->call.model) : hook->run.model;
  hook->account.agent = agent_rules_agent(rules, source, hook->account.workspace, model);
  hook->account.billing = agent_rules_billing(rules, source, hook->account.agent,
                                              clock_now_ms(ledger_clock(hook->ledger)),
                                              ledger_zone(hook->ledger), NULL);
  return PURSER_OK;
}

/* ---- the ledger ---- */

static int open_ledger(struct hook *hook, struct error *error) {
  struct ledger_options options = {.clock = clock_from_environment(), .busy_ms = BUSY_MS};
  int status = ledger_open(&hook->ledger, &options, error);
  if (status == PURSER_EREADONLY || status == PURSER_EFULL || status == PURSER_EBUSY) {
    /* What is known can still be asked. */
    struct error second = {0};
    options.read_only = true;
    if (ledger_open(&hook->ledger, &options, &second) == PURSER_OK)
      status = PURSER_OK;
  }
  if (status == PURSER_OK)
    ledger_leave_log(hook->ledger);
  return status;
}

/* Checks the log in while the client has its answer already: a process of its own, in a session of its own, so that the client
 * neither waits for it nor ends it. */
static void check_in_later(const char *path) {
  if (fork() != 0)
    return;
  const int nowhere = open("/dev/null", O_RDWR);
  (void)setsid();
  for (int fd = 0; fd <= STDERR_FILENO && nowhere >= 0; fd++)
    (void)dup2(nowhere, fd);
  checkpoint_cut(path);
  _exit(0);
}

static void close_ledger(struct hook *hook) {
  struct buf path = BUF_INIT;
  struct notices notices = {0};
  if (hook->ledger == NULL)
    return;
  if (hook->settings != NULL)
    (void)notices_take(hook->ledger, hook->settings, &notices, NULL);
  buf_adds(&path, ledger_path(hook->ledger));
  ledger_close(hook->ledger);
  notices_send(&notices, -1);
  notices_fini(&notices);
  if (!path.failed && ledger_log_is_long(path.data))
    check_in_later(path.data);
  buf_fini(&path);
}

static int judge(struct hook *hook, struct error *error) {
  int status = open_ledger(hook, error);
  if (status != PURSER_OK)
    return status;
  const int64_t run_id = run_around();
  if (run_id > 0 && is_ours(hook, run_id))
    return PURSER_OK;
  hook->account.parent_run = run_id;
  status = find_place(hook, error);
  if (status != PURSER_OK)
    return status;
  /* A record that can't be read is no reason to let nothing through: what is booked is judged. */
  struct error unread = {0};
  if (hook_follow(hook->ledger, hook->settings, hook->client, &hook->call, &unread) != PURSER_OK)
    buf_addf(&hook->err, "purser: %s\n", error_text(&unread));
  status = find_agent(hook, error);
  if (status != PURSER_OK)
    return status;
  return hook_judge(hook->ledger, &hook->account, hook->call.moment, &hook->verdict, error);
}

/* ---- the answer ---- */

static bool can_refuse(enum hook_moment moment) {
  return moment != HOOK_OTHER && moment != HOOK_START && moment != HOOK_END;
}

static void say(struct hook *hook, const char *text) {
  if (text[0] != '\0')
    hook_write_message(&hook->out, text);
}

static int answer(struct hook *hook) {
  const struct hook_verdict *v = &hook->verdict;
  if (v->refused && can_refuse(hook->call.moment))
    return hook->client->refuse(&hook->call, buf_text(&v->reason), &hook->out, &hook->err);
  say(hook, buf_text(v->refused ? &v->reason : &v->warning));
  return CLI_OK;
}

/* The ledger could not be asked. */
static int fail(struct hook *hook, const struct error *error) {
  struct buf text = BUF_INIT;
  int code = CLI_OK;
  buf_addf(&text, "purser: the budgets can't be asked: %s", error_text(error));
  if (hook->fail_closed && can_refuse(hook->call.moment)) {
    code = hook->client->refuse(&hook->call, buf_text(&text), &hook->out, &hook->err);
  } else if (hook->call.moment == HOOK_PROMPT || hook->call.moment == HOOK_START) {
    /* Once a prompt is enough. */
    if (can_refuse(hook->call.moment))
      buf_adds(&text, "; this prompt goes on unchecked");
    say(hook, buf_text(&text));
  }
  buf_fini(&text);
  return code;
}

static int print(struct hook *hook, int code) {
  if (hook->err.len > 0)
    (void)fwrite(hook->err.data, 1, hook->err.len, hook->cli->err);
  const int printed = cli_print(hook->cli, &hook->out);
  return printed == CLI_OK ? code : printed;
}

static void hook_fini(struct hook *hook) {
  hook_call_fini(&hook->call);
  hook_verdict_fini(&hook->verdict);
  run_row_fini(&hook->run);
  close_ledger(hook);
  import_settings_free(hook->settings);
  buf_fini(&hook->workspace);
  buf_fini(&hook->out);
  buf_fini(&hook->err);
}

static int ask(struct hook *hook, const struct buf *said) {
  struct error error = {0};
  int status = hook_call_read(&hook->call, hook->client, buf_text(said), said->len, &error);
  if (status != PURSER_OK) {
    (void)fprintf(hook->cli->err, "purser: %s\n", error_text(&error));
    return hook->fail_closed ? CLI_REFUSED : CLI_ERROR;
  }
  if (hook->call.moment == HOOK_OTHER)
    return CLI_OK;
  status = judge(hook, &error);
  return print(hook, status == PURSER_OK ? answer(hook) : fail(hook, &error));
}

int cmd_hook(struct cli *cli, int argc, char **argv) {
  quick_start();
  const char *name = NULL;
  const char *fails = "open";
  const struct option_spec options[] = {{.name = "fail", .text = &fails}, {.name = NULL}};
  const int count = options_parse(cli, options, argc, argv, &name, 1);
  if (count < 0)
    return CLI_USAGE;
  if (count == 0)
    return cli_usage(cli, argv[0], "which client? (claude, codex or gemini)");
  if (strcmp(fails, "open") != 0 && strcmp(fails, "closed") != 0)
    return cli_usage(cli, argv[0], "--fail wants open or closed, not \"%s\"", fails);
  if (strcmp(name, "opencode") == 0)
    return cli_usage(cli, argv[0], "opencode has no hooks that a program could answer");
  struct hook hook = {.cli = cli, .client = hook_client_find(name)};
  if (hook.client == NULL)
    return cli_usage(cli, argv[0], "there is no client \"%s\": claude, codex or gemini", name);
  hook.fail_closed = strcmp(fails, "closed") == 0;
  if (isatty(STDIN_FILENO) == 1)
    return cli_usage(cli, argv[0], "it is called by %s's hooks, with their JSON on standard input",
                     name);
  struct buf said = BUF_INIT;
  (void)input_read(&said, STDIN_FILENO, PATIENCE_MS, MOST_BYTES);
  const int code = ask(&hook, &said);
  buf_fini(&said);
  hook_fini(&hook);
  return code;
}

/* cmd_statusline.c - `purser statusline`: the spend in one line, for Claude Code's statusline, tmux and shell prompts.
 *
 * It is called again and again by things that wait for it, so it only reads what is kept ready in the ledger, never a transcript
 * (rule 33); and since its line is looked at and not its exit code, what is wrong is said in the line, and the code is 0. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/json.h"
#include "base/money.h"
#include "budget/budget.h"
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/quick_start.h"
#include "cli/statusline.h"
#include "import/place.h"
#include "import/settings.h"

enum {
  PATIENCE_MS = 200, /* for words on an open standard input; a client sends its own at once */
  MOST_BYTES = 4 * 1024 * 1024,
  BUSY_MS = 20,
  DOLLARS = 9 /* decimals of one in nano-dollars */
};

struct view {
  const char *agent;
  struct buf workspace;
  struct buf cwd;
  struct buf model_id;
  struct spend_line line;
};

/* ---- what the client says ---- */

static void read_client(struct view *view, const struct buf *said, bool *is_client) {
  struct json_doc doc = JSON_DOC_INIT;
  *is_client = said->len > 0 && json_parse(&doc, said->data, said->len) == PURSER_OK &&
               json_kind(&doc, 0) == JSON_OBJECT;
  if (*is_client) {
    json_add_text(&doc, json_path(&doc, 0, "workspace.current_dir"), &view->cwd);
    if (view->cwd.len == 0)
      json_add_text(&doc, json_get(&doc, 0, "cwd"), &view->cwd);
    json_add_text(&doc, json_path(&doc, 0, "model.id"), &view->model_id);
    json_add_text(&doc, json_path(&doc, 0, "model.display_name"), &view->line.model);
    (void)json_decimal(&doc, json_path(&doc, 0, "cost.total_cost_usd"), DOLLARS,
                       &view->line.session_nanousd);
  }
  json_fini(&doc);
}

static void find_workspace(struct view *view) {
  struct buf folder = BUF_INIT;
  cli_workspace(&folder, view->cwd.len > 0 ? buf_text(&view->cwd) : ".");
  place_find(buf_text(&folder), &view->workspace);
  buf_fini(&folder);
  const char *path = buf_text(&view->workspace);
  const char *slash = strrchr(path, '/');
  buf_adds(&view->line.workspace, slash != NULL && slash[1] != '\0' ? slash + 1 : path);
}

/* ---- what the ledger says ---- */

static int add_sums(struct ledger *ledger, struct spend_line *line, bool month_too,
                    struct error *error) {
  const int64_t now_ms = clock_now_ms(ledger_clock(ledger));
  const struct zone *zone = ledger_zone(ledger);
  const struct period month = period_at(PERIOD_MONTH, 1, zone, now_ms);
  struct report_query query = {.since_day = zone_day(zone, now_ms), .until_day = INT64_MAX};
  struct sums sums = {0};
  int status = ledger_report(ledger, &query, NULL, NULL, &sums, error);
  line->today_nanousd = sums.cost_nanousd;
  line->unpriced = sums.unpriced_requests > 0;
  query.since_day = zone_day(zone, month.start_ms);
  if (status == PURSER_OK && month_too)
    status = ledger_report(ledger, &query, NULL, NULL, &sums, error);
  line->month_nanousd = month_too ? sums.cost_nanousd : 0;
  return status;
}

/* The budget that is nearest to its limit, of those that apply here. */
struct tightest {
  const struct view *view;
  struct policy_state state;
  bool found;
};

static bool applies(const struct policy *policy, const struct view *view) {
  switch (policy->scope) {
  case SCOPE_GLOBAL: return true;
  case SCOPE_AGENT: return view->agent != NULL && strcmp(policy->scope_key, view->agent) == 0;
  case SCOPE_WORKSPACE: return strcmp(policy->scope_key, buf_text(&view->workspace)) == 0;
  }
  return false;
}

static int look_at(void *data, const struct policy_state *state) {
  __extension__ typedef __int128 i128;
  struct tightest *t = data;
  if (!state->policy.has_limit || !applies(&state->policy, t->view))
    return PURSER_OK;
  if (t->found && (i128)state->spent_nanousd * t->state.limit_nanousd <=
                      (i128)t->state.spent_nanousd * state->limit_nanousd)
    return PURSER_OK;
  t->state = *state;
  t->found = true;
  return PURSER_OK;
}

static enum spend_level level_of(const struct policy_state *state) {
  __extension__ typedef __int128 i128;
  const i128 spent = (i128)state->spent_nanousd * 100;
  if (state->spent_nanousd >= state->limit_nanousd)
    return SPEND_OVER;
  for (int32_t i = 0; i < state->policy.threshold_count; i++) {
    const int32_t percent = state->policy.thresholds[i];
    if (percent > 50 && spent >= (i128)state->limit_nanousd * percent)
      return SPEND_WARN;
  }
  return SPEND_OK;
}

static int add_budget(struct ledger *ledger, struct view *view, struct error *error) {
  struct tightest t = {.view = view};
  struct spend_line *line = &view->line;
  struct zone *zone = NULL;
  int status = budget_policy_each(ledger, look_at, &t, error);
  if (status != PURSER_OK || !t.found)
    return status;
  line->has_budget = true;
  line->spent_nanousd = t.state.spent_nanousd;
  line->held_nanousd = t.state.held_nanousd;
  line->limit_nanousd = t.state.limit_nanousd;
  line->level = level_of(&t.state);
  scope_write(&line->scope, t.state.policy.scope, t.state.policy.scope_key);
  status = zone_load(&zone, t.state.policy.zone, error);
  if (status == PURSER_OK)
    calendar_write_date(&line->resets, zone_day(zone, t.state.period.end_ms));
  zone_free(zone);
  return status;
}

static int open_ledger(struct ledger **out, struct error *error) {
  struct ledger_options options = {
      .clock = clock_from_environment(), .read_only = true, .busy_ms = BUSY_MS};
  int status = ledger_open(out, &options, error);
  /* One of an earlier purser: the first to come migrates it. */
  if (status == PURSER_EREADONLY) {
    options.read_only = false;
    status = ledger_open(out, &options, error);
  }
  return status;
}

/* `agent` NULL: that of the client whose statusline this is. */
static int look(struct view *view, const char *agent, bool is_client, bool month_too,
                struct error *error) {
  struct ledger *ledger = NULL;
  struct import_settings *settings = NULL;
  int status = open_ledger(&ledger, error);
  if (status == PURSER_ENOTFOUND)
    return PURSER_OK; /* nothing was ever spent */
  view->agent = agent;
  if (status == PURSER_OK && agent == NULL && is_client) {
    status = import_settings_of(&settings, ledger, error);
    if (status == PURSER_OK)
      view->agent = agent_rules_agent(settings->rules, "claude", buf_text(&view->workspace),
                                      buf_text(&view->model_id));
  }
  if (status == PURSER_OK)
    status = add_sums(ledger, &view->line, month_too, error);
  if (status == PURSER_OK)
    status = add_budget(ledger, view, error);
  import_settings_free(settings);
  ledger_close(ledger);
  return status;
}

/* ---- the line ---- */

static void paint(struct buf *out, const struct buf *text, enum spend_level level, bool color) {
  const char *start = color ? spend_level_color(level) : "";
  buf_addf(out, "%s%s%s\n", start, buf_text(text), start[0] != '\0' ? "\033[0m" : "");
}

int cmd_statusline(struct cli *cli, int argc, char **argv) {
  quick_start();
  const char *format = NULL;
  const char *agent = NULL;
  const char *workspace = NULL;
  bool plain = false;
  bool color = false;
  const struct option_spec options[] = {
      {.name = "format", .text = &format},       {.name = "agent", .text = &agent},
      {.name = "workspace", .text = &workspace}, {.name = "plain", .flag = &plain},
      {.name = "color", .flag = &color},         {.name = NULL},
  };
  if (options_parse(cli, options, argc, argv, NULL, 0) < 0)
    return CLI_USAGE;
  if (plain && color)
    return cli_usage(cli, argv[0], "--plain and --color exclude each other");
  struct error error = {0};
  struct buf said = BUF_INIT;
  struct buf text = BUF_INIT;
  struct buf unknown = BUF_INIT;
  struct buf out = BUF_INIT;
  struct view view = {.line = {.session_nanousd = -1}};
  bool is_client = false;
  (void)input_read(&said, STDIN_FILENO, PATIENCE_MS, MOST_BYTES);
  read_client(&view, &said, &is_client);
  if (workspace != NULL) {
    buf_clear(&view.cwd);
    buf_adds(&view.cwd, workspace);
  }
  find_workspace(&view);
  const bool month_too = format != NULL && strstr(format, "{month}") != NULL;
  if (look(&view, agent, is_client, month_too, &error) != PURSER_OK) {
    /* The reason is for `purser doctor`: a statusline has no room for it. */
    buf_adds(&text, "purser: no ledger");
    view.line.level = SPEND_NONE;
  } else if (spend_line_format(&text, &view.line, format, &unknown) == PURSER_EINVAL) {
    buf_clear(&text);
    buf_addf(&text, "purser: no {%s}", buf_text(&unknown));
    view.line.level = SPEND_NONE;
  }
  /* Claude Code shows colours, and is no terminal. */
  const bool dye =
      color || (!plain && getenv("NO_COLOR") == NULL && (is_client || isatty(STDOUT_FILENO) == 1));
  paint(&out, &text, view.line.level == SPEND_OK ? SPEND_NONE : view.line.level, dye);
  const int code = cli_print(cli, &out);
  buf_fini(&said);
  buf_fini(&text);
  buf_fini(&unknown);
  buf_fini(&out);
  buf_fini(&view.workspace);
  buf_fini(&view.cwd);
  buf_fini(&view.model_id);
  spend_line_fini(&view.line);
  return code;
}

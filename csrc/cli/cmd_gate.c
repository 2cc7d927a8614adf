/* cmd_gate.c - `purser gate`: would a run be let through? For hooks, scripts and CI; it holds nothing. */
#include "api/shapes.h"
#include "base/json.h"
#include "base/money.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/quick_start.h"

static int print_json(struct cli *cli, const struct run_answer *answer) {
  const struct admission *a = &answer->admission;
  struct buf out = BUF_INIT;
  if (a->admitted) {
    json_open(&out);
    json_put_bool(&out, "admitted", true);
    json_put_bool(&out, "warned", a->warned);
    json_put_i64(&out, "hold_nanousd", a->hold_nanousd);
    json_put_i64(&out, "estimate_nanousd", answer->estimate.high_nanousd);
    json_put_text(&out, "message", a->message);
    if (a->has_policy) {
      json_put_key(&out, "budget");
      shape_budget(&out, &a->policy);
    }
  } else {
    shape_refusal(&out, answer);
    json_reopen(&out);
    json_put_bool(&out, "admitted", false);
  }
  json_close(&out);
  buf_addc(&out, '\n');
  const int code = cli_print(cli, &out);
  buf_fini(&out);
  return code;
}

static int print_text(struct cli *cli, const struct admission *a) {
  struct buf out = BUF_INIT;
  if (!a->admitted) {
    buf_addf(&out, "refused: %s\n", a->message);
  } else {
    buf_adds(&out, "admitted");
    if (a->has_policy) {
      buf_adds(&out, "; ");
      money_write_human(&out,
                        money_add(a->policy.limit_nanousd,
                                  -money_add(a->policy.spent_nanousd, a->policy.held_nanousd)));
      buf_adds(&out, " are left of ");
      scope_write(&out, a->policy.policy.scope, a->policy.policy.scope_key);
      buf_addf(&out, "'s %s", period_kind_name(a->policy.policy.period));
    }
    if (a->warned)
      buf_addf(&out, "\n%s", a->message);
    buf_addc(&out, '\n');
  }
  const int code = cli_print(cli, &out);
  buf_fini(&out);
  return code;
}

int cmd_gate(struct cli *cli, int argc, char **argv) {
  quick_start();
  const char *agent = NULL;
  const char *workspace = NULL;
  int64_t estimate = 0;
  bool json = false;
  const struct option_spec options[] = {
      {.name = "agent", .text = &agent},
      {.name = "workspace", .text = &workspace},
      {.name = "estimate-cents", .nanousd = &estimate},
      {.name = "json", .flag = &json},
      {.name = NULL},
  };
  if (options_parse(cli, options, argc, argv, NULL, 0) < 0)
    return CLI_USAGE;
  if (agent == NULL || agent[0] == '\0')
    return cli_usage(cli, argv[0], "which agent? (--agent NAME)");
  struct buf path = BUF_INIT;
  struct error error = {0};
  struct ledger *ledger = NULL;
  struct run_answer answer = {
      .estimate = {.low_nanousd = estimate, .high_nanousd = estimate, .minimum_nanousd = estimate}};
  if (workspace != NULL)
    cli_workspace(&path, workspace);
  const struct run_spec spec = {.agent = agent, .workspace = buf_text(&path)};
  /* What the caller says is taken for what it will cost: a hold that is smaller would be an answer to another question. */
  const struct admission_request request = {
      .spec = &spec,
      .estimate_nanousd = estimate,
      .minimum_nanousd = estimate,
      .fallback_nanousd = -1,
      .who = "cli",
      .dry = true,
  };
  int code = cli_ledger_look(cli, &ledger);
  if (code == CLI_OK && budget_admit(ledger, &request, &answer.admission, &error) != PURSER_OK)
    code = cli_fail(cli, &error);
  if (code == CLI_OK)
    code = json ? print_json(cli, &answer) : print_text(cli, &answer.admission);
  if (code == CLI_OK && !answer.admission.admitted)
    code = CLI_REFUSED;
  ledger_close(ledger);
  buf_fini(&path);
  return code;
}

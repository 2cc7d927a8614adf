/* cmd_gate.c - `purser gate`: asks the budgets, and holds nothing. */
#include <limits.h>
#include <stdlib.h>

#include "api/shapes.h"
#include "base/buf.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/options.h"

static int write_answer(struct cli *cli, const struct run_answer *answer, bool json) {
  const struct admission *a = &answer->admission;
  struct buf text = BUF_INIT;
  if (json) {
    cJSON *tree = cJSON_CreateObject();
    bool done = tree != NULL && cJSON_AddBoolToObject(tree, "admitted", a->admitted) != NULL;
    if (done && !a->admitted) {
      done = shape_add(tree, "refusal", shape_refusal(answer));
    } else if (done && a->has_policy) {
      done = shape_add(tree, "budget", shape_budget(&a->policy));
    }
    char *printed = done ? shape_print(tree) : NULL;
    if (!done)
      cJSON_Delete(tree);
    if (printed == NULL)
      text.failed = true;
    if (printed != NULL)
      buf_addf(&text, "%s\n", printed);
    mem_free(printed);
  } else if (a->admitted) {
    buf_adds(&text, a->warned ? a->message : "the run may start");
    buf_addc(&text, '\n');
  } else {
    buf_addf(&text, "%s\n", a->message);
  }
  const int code = cli_print(cli, &text);
  buf_fini(&text);
  return code;
}

int cmd_gate(struct cli *cli, int argc, char **argv) {
  bool json = false;
  int64_t estimate = 0;
  struct run_spec spec = {.source = "gate", .workspace = ""};
  const struct option_spec specs[] = {
      {.name = "agent", .text = &spec.agent},
      {.name = "workspace", .text = &spec.workspace},
      {.name = "estimate-cents", .nanousd = &estimate},
      {.name = "json", .flag = &json},
      {0},
  };
  if (options_parse(cli, specs, argc, argv, NULL, 0) < 0)
    return CLI_USAGE;
  if (spec.agent == NULL)
    return cli_usage(cli, argv[0], "--agent: which one?");
  char path[PATH_MAX];
  if (spec.workspace[0] != '\0' && realpath(spec.workspace, path) != NULL)
    spec.workspace = path;

  struct error error = {0};
  struct ledger *ledger = NULL;
  int code = cli_ledger_open(cli, &ledger, false);
  if (code != CLI_OK)
    return code;
  struct run_answer answer = {0};
  answer.estimate.high_nanousd = answer.estimate.low_nanousd = estimate;
  const struct admission_request request = {
      .spec = &spec,
      .estimate_nanousd = estimate,
      .minimum_nanousd = estimate,
      .fallback_nanousd = -1,
      .who = "cli",
      .dry = true,
  };
  if (budget_admit(ledger, &request, &answer.admission, &error) != PURSER_OK) {
    code = cli_fail(cli, &error);
  } else {
    code = write_answer(cli, &answer, json);
    if (code == CLI_OK && !answer.admission.admitted)
      code = CLI_REFUSED;
  }
  ledger_close(ledger);
  return code;
}

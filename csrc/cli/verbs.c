/* verbs.c - what the program can be asked to do: one row per verb, which is its dispatch and its help. */
#include <string.h>

#include "cli/cli.h"

const struct cli_verb cli_verbs[] = {
    {"report", cmd_report, "what was spent, cut by day, month, agent, workspace, model ...",
     "[--by day|month|agent|workspace|model|source|effort|branch|billing]\n"
     "       [--agent A] [--workspace W] [--source S] [--model M] [--effort E] [--branch B]\n"
     "       [--billing metered|subscription|local] [--since D] [--until D] [--tz ZONE] [--json|--csv]\n"
     "--digest [--month YYYY-MM]",
     "Dates are YYYY-MM-DD, in the ledger's own zone or in the one that --tz names; both ends are\n"
     "included. Every cut of the same question has the same total. The cents of each kind of token\n"
     "that --json and --csv tell add up to the cost. --digest writes a month as Markdown: what was spent\n"
     "on what, what changed against the month before, and what to do about it."},
    {"log", cmd_log, "the runs, newest first, or sorted by cost, tokens or duration",
     "[--limit N] [--offset N] [--sort started|cost|tokens|duration] [--ascending]\n"
     "       [--agent A] [--workspace W] [--source S] [--model M] [--effort E] [--branch B]\n"
     "       [--billing B] [--status S] [--text PART] [--min CENTS] [--unusual] [--json]",
     "Twenty runs unless --limit says otherwise; 0 is all. --text looks for a part of the prompt, --min\n"
     "leaves out what cost less. A ! marks what is far above the agent's last runs with the model,\n"
     "and --unusual shows only those. --json adds the requests of each run."},
    {"budget", cmd_budget, "list, set, raise and remove budgets",
     "list [--json]\n"
     "set SCOPE (--monthly-cents N | --cents N | off) [--period month|week|day]\n"
     "       [--reset-day N] [--zone ZONE] [--thresholds 50,80,100[,forecast]]\n"
     "       [--at-limit block|ask|warn]\n"
     "set SCOPE --raise N [--period P]\n"
     "raise SCOPE N [--period P]\n"
     "off SCOPE [--period P]\n"
     "remove SCOPE [--period P]\n"
     "SCOPE N|+N|off|remove [month|week|day] [block|ask|warn]",
     "SCOPE is agent:NAME, workspace:PATH or global. Amounts are whole cents. A raise holds for the\n"
     "open period only. `off` is no limit, which is not a limit of 0; `remove` forgets what was\n"
     "saved, so that what setup() declares holds again."},
    {"gate", cmd_gate, "ask the budgets whether a run may start; holds nothing",
     "--agent A [--workspace W] [--estimate-cents X] [--json]",
     "Ends with 0 when it may start and with 2 when a budget refuses."},
    {"price", cmd_price, "what a request costs",
     "MODEL [--input N] [--cache-read N] [--cache-write-5m N] [--cache-write-1h N]\n"
     "       [--output N] [--web-searches N] [--at YYYY-MM-DD] [--tier T] [--region R]\n"
     "       [--provider P] [--json]",
     "The counts are the tokens of one request, each in one bucket only. T is standard, batch, flex,\n"
     "priority or fast; P decides between providers that sell the same model."},
    {"prices", cmd_prices, "list the rate cards, or refresh them from a file",
     "[MODEL] [--provider P] [--at YYYY-MM-DD] [--json]\n"
     "update FILE [--dry-run]\n"
     "generate --genai F --litellm F --models-dev F --hand-kept F --as-of D --out F",
     "update takes a newer list of any of the three formats and shows what changes; a list that lost\n"
     "more than 30 % of its models is refused. generate makes the cards that ship."},
    {"decode", cmd_decode, "an agent's output or record as events, one JSON object a line",
     "DIALECT [FILE]", ""},
    {"import", cmd_import, "read what the clients have recorded, or another ledger's bookings",
     "[claude] [codex] [gemini] [opencode] [--since D] [--dry-run] [--again] [--json]\n"
     "FILE [--json]",
     "Without a name all clients are read. Only what is new is read, and nothing is counted twice, however\n"
     "often it is met; --again reads everything from the start all the same. --since leaves files alone\n"
     "that were last written before a day; --dry-run counts and writes nothing. Lines that can't be read\n"
     "are counted, and --json lists them. FILE holds bookings as JSON lines (purser export); - is\n"
     "standard input, and the exit code is 1 when lines of it could not be read."},
    {"export", cmd_export, "write every booking as JSON lines: for a backup, for another machine",
     "[--since D] [--until D] [-o FILE]",
     "Dates are YYYY-MM-DD in the ledger's own zone, both included. purser import FILE takes the lines\n"
     "back, and nothing twice."},
    {"hook", cmd_hook, "answer a client's hook: may it go on within its budgets?",
     "claude|codex|gemini [--fail open|closed]",
     "It is called by the client, with the hook's JSON on standard input; purser setup CLIENT writes the\n"
     "settings for that. A prompt is refused and a run stopped when a budget is exhausted; thresholds\n"
     "are told once. When the ledger can't be read the client goes on with a warning, with\n"
     "--fail closed it is stopped. A run that purser dispatched itself is not asked for twice."},
    {"setup", cmd_setup, "put purser's hooks into a client's settings, or take them out",
     "claude|codex|gemini [--undo] [--yes] [--dry-run] [--statusline] [--fail open|closed]",
     "It shows the change, asks, keeps a copy of the settings beside them, and leaves everything else\n"
     "in them as it is. --statusline adds Claude Code's statusline where there is none. --fail closed\n"
     "stops the client when the ledger can't be read; else it goes on with a warning."},
    {"statusline", cmd_statusline, "the spend in one line, for Claude Code, tmux and shell prompts",
     "[--format F] [--agent A] [--workspace W] [--plain|--color]",
     "Shown are today's spend and the budget that is nearest to its limit, of those that apply. In F\n"
     "stand {today} {month} {percent} {spent} {limit} {left} {held} {scope} {resets} {model}\n"
     "{session} {workspace}; what is between [ and ] is left out when it has nothing to say. On\n"
     "standard input it takes the JSON that Claude Code gives its statusline. It always ends with 0."},
    {"doctor", cmd_doctor, "look for what is wrong: ledger, prices, budgets, records, hooks",
     "[--json]",
     "Ends with 1 when something wants to be done; each such line is followed by what that is."},
    {"help", cmd_help, "what there is, or how a verb is called", "[VERB]", ""},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct cli_verb *cli_verb_find(const char *name) {
  for (const struct cli_verb *verb = cli_verbs; verb->name != NULL; verb++) {
    if (strcmp(verb->name, name) == 0)
      return verb;
  }
  return NULL;
}

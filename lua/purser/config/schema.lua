--- Every option: its type, default and meaning. Defaults, validation and the option list of `:help purser` all come from here.

---@class (exact) purser.Field
---@field name? string in a table
---@field type "string"|"boolean"|"integer"|"number"|"enum"|"cents"|"rate"|"argv"|"path"|"zone"|"scope"|"function"|"table"|"list"|"map"
---@field default? any nil: unset
---@field shown? string how the default reads in the help, where the value itself says too little
---@field doc? string
---@field choices? string[] enum
---@field min? integer
---@field max? integer
---@field fields? purser.Field[] table
---@field of? purser.Field list and map: the elements
---@field key? string map: what the keys are, for the help
---@field alternative? "boolean" table: also accepted, for all of its switches at once
---@field check? fun(valid: table, given: table): string?, string? table: a field and what is wrong with it beside the others

local policy = require('purser.config.policy')

local routing = require('purser.config.routing')

local M = {}

local EFFORTS = { 'low', 'medium', 'high' }
local BILLING = { 'metered', 'subscription', 'local' }
local AT_LIMIT = policy.AT_LIMIT
local COMPACTION = { 'auto', 'ask', 'off' }

--- When a run may have run away. In an agent's options the defaults are the general ones.
---@param defaults boolean
---@return purser.Field[]
local function runaway(defaults)
  return {
    {
      name = 'action',
      type = 'enum',
      choices = { 'ask', 'stop', 'off' },
      default = defaults and 'ask' or nil,
      doc = '"ask": you are asked, while the run goes on. "stop": it is stopped. "off": nothing is looked for.',
    },
    {
      name = 'repeats',
      type = 'integer',
      min = 0,
      max = 20,
      default = defaults and 5 or nil,
      doc = 'How often the same tool is called with the same input, and nothing new is tried between. 0: any.',
    },
    {
      name = 'times_usual',
      type = 'integer',
      min = 0,
      max = 1000,
      default = defaults and 5 or nil,
      doc = "How many times what the agent's runs with the model usually cost. 0: any.",
    },
    {
      name = 'least',
      type = 'cents',
      default = defaults and 50 or nil,
      doc = 'In cents: what costs less is never too much.',
    },
  }
end

---@type purser.Field[]
local AGENT = {
  {
    name = 'adapter',
    type = 'enum',
    choices = require('purser.adapters').names,
    doc = "How the agent is reached: one of |purser-adapters|. Default: the agent's own name, if an adapter has it.",
  },
  {
    name = 'model',
    type = 'string',
    doc = "The model, as the client or API calls it. Default: the client's own choice.",
  },
  { name = 'effort', type = 'enum', choices = EFFORTS, doc = 'Sent the way each client or API wants it.' },
  { name = 'system', type = 'string', doc = "A system prompt, added to the client's own." },
  { name = 'args', type = 'list', of = { type = 'string' }, doc = "More arguments for the client's command line." },
  {
    name = 'env',
    type = 'map',
    key = 'NAME',
    of = { type = 'string' },
    doc = 'More environment variables for the client. Not the place for a key: see key_env.',
  },
  { name = 'cwd', type = 'path', doc = 'The folder the client works in. Default: the current directory.' },
  {
    name = 'monthly_budget',
    type = 'cents',
    doc = 'What the agent may spend in a month, in cents. Unset: no limit. 0: no paid work at all. '
      .. 'A budget that was saved with |:Purser-budget| wins over this one.',
  },
  {
    name = 'at_limit',
    type = 'enum',
    choices = AT_LIMIT,
    doc = 'What happens when monthly_budget is reached. Default: "block".',
  },
  { name = 'free', type = 'boolean', doc = 'The agent is known to cost nothing, so no budget stops it.' },
  {
    name = 'billing',
    type = 'enum',
    choices = BILLING,
    doc = 'Who sends the bill. What a subscription covers is shown as "API-equivalent". Default: "metered".',
  },
  {
    name = 'compaction',
    type = 'enum',
    choices = COMPACTION,
    doc = 'Whether its conversations are compacted when that pays; see compaction.policy, which is the default.',
  },
  {
    name = 'summary_model',
    type = 'string',
    doc = 'The model that writes summaries of its conversations. Default: compaction.summary_model.',
  },
  {
    name = 'runaway',
    type = 'table',
    doc = 'When a run of this agent may have run away; see runaway, which has the defaults.',
    fields = runaway(false),
  },
  { name = 'max_output', type = 'integer', min = 1, doc = 'The most tokens of one answer; HTTP adapters only.' },
  { name = 'url', type = 'string', doc = "HTTP adapters: the URL to post to, instead of the provider's own." },
  {
    name = 'key_env',
    type = 'string',
    doc = "HTTP adapters: the environment variable that holds the key, instead of the provider's usual one.",
  },
  {
    name = 'key_cmd',
    type = 'argv',
    doc = 'HTTP adapters: a command that prints the key, such as { "pass", "show", "openai" }. '
      .. 'It is run for each dispatch; the key is never stored, logged or put on a command line.',
  },
  {
    name = 'provider',
    type = 'string',
    doc = 'A hint for the price of a model that several providers sell, such as "openrouter".',
  },
  {
    name = 'command',
    type = 'argv',
    doc = "The program to run, with leading arguments, instead of the adapter's own.",
  },
  {
    name = 'dialect',
    type = 'string',
    doc = 'The adapter "script" only: what its command prints, such as "claude" or "openai_chat".',
  },
}

---@type purser.Field[]
local POLICY = {
  { name = 'scope', type = 'scope', doc = '"global", "agent:NAME" or "workspace:PATH".' },
  { name = 'period', type = 'enum', choices = policy.PERIODS, doc = 'Default: "month".' },
  {
    name = 'reset_day',
    type = 'integer',
    min = 1,
    max = 31,
    doc = 'The day of the month (or of the week, 1 is Monday) on which a period begins. Default: 1.',
  },
  {
    name = 'zone',
    type = 'zone',
    doc = 'The IANA time zone of the period, such as "Europe/Paris". Default: the system\'s.',
  },
  { name = 'limit_cents', type = 'cents', doc = 'The limit, in cents. Unset: no limit. 0: no paid work at all.' },
  {
    name = 'thresholds',
    type = 'list',
    of = { type = 'integer', min = 1, max = 1000 },
    doc = 'Percents of the limit, ascending, at which |BudgetThresholdCrossed| is fired. Default: { 50, 80, 100 }.',
  },
  {
    name = 'forecast',
    type = 'boolean',
    doc = 'Also when at this pace the limit is reached before the period is over: once a period. Default: false.',
  },
  { name = 'at_limit', type = 'enum', choices = AT_LIMIT, doc = 'What happens at the limit. Default: "block".' },
}

--- The clients whose own records are read.
local CLIENTS = { 'claude', 'codex', 'opencode', 'gemini' }

---@type purser.Field[]
local AGENT_RULE = {
  { name = 'agent', type = 'string', doc = 'The agent that the run counts for, and whose budget it draws on.' },
  { name = 'source', type = 'enum', choices = CLIENTS, doc = 'The client. Unset: any.' },
  {
    name = 'workspace',
    type = 'string',
    doc = 'The folder, with all that is in it, such as "~/work/*". '
      .. '"*" and "?" stop at a slash, "**" does not. Unset: any.',
  },
  { name = 'model', type = 'string', doc = 'The model, such as "*haiku*". Unset: any.' },
}

---@type purser.Field[]
local BILLING_RULE = {
  { name = 'billing', type = 'enum', choices = BILLING, doc = 'Who sends the bill.' },
  {
    name = 'source',
    type = 'enum',
    choices = require('purser.adapters').names,
    doc = 'The client or API. Unset: any.',
  },
  { name = 'agent', type = 'string', doc = 'The agent. Unset: any.' },
  { name = 'since', type = 'string', doc = 'The first day on which it is so, as "2026-10-01". Unset: from ever.' },
}

---@type purser.Field[]
M.fields = {
  {
    name = 'agents',
    type = 'map',
    key = 'NAME',
    default = {},
    of = { type = 'table', fields = AGENT },
    doc = 'Your agents, by name. The clients found on PATH and the APIs whose key is set are agents unasked; '
      .. 'naming one of them changes what is given and keeps the rest.',
  },
  {
    name = 'default_agent',
    type = 'string',
    doc = 'The agent of |:AgentRun| when none is named. Default: the first of your own by name, else the first found.',
  },
  {
    name = 'budgets',
    type = 'list',
    default = {},
    of = { type = 'table', fields = POLICY, check = policy.contradiction },
    doc = 'Budget policies. Any number may apply to a run; all of them must allow it.',
  },
  { name = 'effort', type = 'enum', choices = EFFORTS, doc = 'The effort of agents that have none of their own.' },
  {
    name = 'limits',
    type = 'table',
    doc = 'Caps of a single run, whatever the budgets say. 0 means none.',
    fields = {
      { name = 'wall_clock', type = 'integer', min = 0, default = 3600, doc = 'Seconds.' },
      { name = 'requests', type = 'integer', min = 0, default = 500, doc = 'Model calls: ends a loop.' },
      { name = 'output_tokens', type = 'integer', min = 0, default = 0, doc = 'Tokens generated.' },
      {
        name = 'output_bytes',
        type = 'integer',
        min = 0,
        default = 256 * 1024 * 1024,
        doc = 'Bytes printed by the client.',
      },
      {
        name = 'grace',
        type = 'integer',
        min = 1,
        default = 3000,
        doc = 'Milliseconds between SIGINT, SIGTERM and SIGKILL when a run is ended.',
      },
    },
  },
  {
    name = 'conversations',
    type = 'table',
    doc = 'What was said; see |purser-conversations|.',
    fields = {
      {
        name = 'keep',
        type = 'boolean',
        default = true,
        doc = 'Keep it in the ledger. Else a conversation with an API ends with its window, and none can be compacted.',
      },
    },
  },
  {
    name = 'compaction',
    type = 'table',
    doc = 'Making long conversations smaller when that pays; see |purser-compaction|.',
    fields = {
      {
        name = 'policy',
        type = 'enum',
        choices = COMPACTION,
        default = 'ask',
        doc = '"auto": it is done when the core advises it. "ask": you are told, and decide. "off": nothing is said.',
      },
      {
        name = 'due_percent',
        type = 'integer',
        min = 10,
        max = 100,
        default = 92,
        doc = "How much of the model's window may be full before compacting can't wait.",
      },
      {
        name = 'summary_model',
        type = 'string',
        doc = 'A cheaper model that writes the summaries. Default: that of the conversation, whose cache is warm.',
      },
    },
  },
  {
    name = 'runaway',
    type = 'table',
    doc = 'Runs that go round in circles, or cost many times the usual; see |purser-runaway|.',
    fields = runaway(true),
  },
  {
    name = 'routing',
    type = 'table',
    alternative = 'boolean',
    check = routing.whole,
    doc = 'Models and efforts that would do for a prompt, as the input window suggests them; see |purser-routing|. '
      .. '`false`: none.',
    fields = {
      { name = 'enabled', type = 'boolean', default = true, doc = 'Suggest something at all.' },
      {
        name = 'builtin',
        type = 'boolean',
        default = true,
        doc = 'Tell the kind of a task by the words that come with the plugin, where none of your rules fits.',
      },
      {
        name = 'rules',
        type = 'list',
        default = {},
        of = {
          type = 'table',
          check = routing.rule,
          fields = {
            {
              name = 'match',
              type = 'string',
              doc = 'Words of a prompt, one after the other, in any case; "*" at the end of one stands for any ending.',
            },
            { name = 'kind', type = 'string', doc = 'The kind of task that it is then.' },
          },
        },
        doc = 'Your own rules. The first that fits decides.',
      },
      {
        name = 'kinds',
        type = 'map',
        key = 'KIND',
        default = {},
        of = {
          type = 'table',
          fields = {
            {
              name = 'effort',
              type = 'enum',
              choices = { 'low', 'medium', 'high', 'keep' },
              doc = '"keep": as chosen.',
            },
            {
              name = 'tier',
              type = 'enum',
              choices = { 'small', 'medium', 'large', 'keep' },
              doc = 'Which of its maker\'s models. "keep": as chosen.',
            },
          },
        },
        doc = 'What a kind of task is served with: changes to "formatting", "fix", "feature" and "architecture", '
          .. 'and kinds of your own.',
      },
    },
  },
  {
    name = 'retry',
    type = 'table',
    doc = 'HTTP adapters: what is done when a provider is overloaded or asks to wait (429, 500, 502, 503, 504, 529).',
    fields = {
      { name = 'tries', type = 'integer', min = 1, default = 4, doc = 'How often a request is sent, at most.' },
      {
        name = 'longest',
        type = 'integer',
        min = 1,
        default = 60000,
        doc = 'Milliseconds to wait at most, even when told longer.',
      },
    },
  },
  {
    name = 'fallback_rate',
    type = 'table',
    doc = 'What a model without a price is taken to cost when a budget applies, in dollars per million tokens. '
      .. 'Unset: such a run is refused.',
    fields = {
      { name = 'input', type = 'rate', doc = 'A number, or a decimal string.' },
      { name = 'output', type = 'rate', doc = 'A number, or a decimal string.' },
    },
  },
  {
    name = 'enforce_subscription',
    type = 'boolean',
    default = false,
    doc = 'Count what a subscription covers against budgets, too.',
  },
  {
    name = 'db',
    type = 'path',
    doc = 'The ledger. Default: $PURSER_DB, else ~/.local/share/purser/purser.db (with XDG_DATA_HOME if set). '
      .. 'Shared by all Neovim instances and the program `purser`.',
  },
  {
    name = 'zone',
    type = 'zone',
    doc = "The IANA time zone in which the ledger's days are days. Default: the system's.",
  },
  {
    name = 'keep_prompt',
    type = 'enum',
    choices = { 'none', 'excerpt', 'all' },
    default = 'excerpt',
    doc = 'What is kept of a prompt: nothing, the first 200 characters, or all of it. Answers are never kept.',
  },
  {
    name = 'prices',
    type = 'path',
    doc = 'A file of your own rate cards. Default: purser/prices.json in XDG_CONFIG_HOME.',
  },
  {
    name = 'adapters',
    type = 'map',
    key = 'ADAPTER',
    default = {},
    of = {
      type = 'table',
      fields = {
        {
          name = 'command',
          type = 'argv',
          doc = "The client's program, with leading arguments, or the curl of an HTTP adapter.",
        },
        {
          name = 'record_root',
          type = 'path',
          doc = 'Where the client keeps its own records, if not in the usual place.',
        },
      },
    },
    doc = 'Where the clients are, when they are not on PATH under their usual name.',
  },
  {
    name = 'sources',
    type = 'table',
    alternative = 'boolean',
    doc = 'Whose own records are read into the ledger, when Neovim starts and as they grow: |purser-import|. '
      .. "`false`: nobody's; |:Purser-import| still reads them when told to.",
    fields = {
      { name = 'claude', type = 'boolean', default = true, doc = 'Claude Code.' },
      { name = 'codex', type = 'boolean', default = true, doc = 'Codex.' },
      { name = 'opencode', type = 'boolean', default = true, doc = 'opencode.' },
      { name = 'gemini', type = 'boolean', default = true, doc = 'Gemini CLI.' },
      {
        name = 'folders',
        type = 'map',
        key = 'CLIENT',
        default = {},
        of = { type = 'list', of = { type = 'path' } },
        doc = 'More homes of a client, such as that of another machine: { claude = { "/mnt/laptop/.claude" } }.',
      },
    },
  },
  {
    name = 'agent_rules',
    type = 'list',
    default = {},
    of = { type = 'table', fields = AGENT_RULE, check = policy.agent_rule },
    doc = 'For which agent a run counts that a client made by itself. The first rule that fits wins; '
      .. 'without one the agent is called like the client.',
  },
  {
    name = 'billing',
    type = 'list',
    default = {},
    of = { type = 'table', fields = BILLING_RULE, check = policy.billing_rule },
    doc = 'How runs are billed, from a day on. What names an agent counts before what names only a source; '
      .. 'among equals, what began last. The `billing` of an agent counts among these.',
  },
  {
    name = 'notifications',
    type = 'table',
    alternative = 'boolean',
    doc = 'What you are told. `false`: none of it.',
    fields = {
      { name = 'thresholds', type = 'boolean', default = true, doc = "When a budget's threshold is crossed." },
      { name = 'desktop', type = 'boolean', default = true, doc = 'Also on the desktop, once over all instances.' },
      {
        name = 'command',
        type = 'argv',
        doc = 'A program that gets title and text as its last two arguments. Default: notify-send or osascript.',
      },
      {
        name = 'finished',
        type = 'boolean',
        default = true,
        doc = 'When a run ends that has no window on the screen.',
      },
    },
  },
  {
    name = 'ui',
    type = 'table',
    doc = 'The windows.',
    fields = {
      {
        name = 'border',
        type = 'string',
        doc = 'The border of floating windows. Default: \'winborder\' where Neovim has it, else "rounded".',
      },
      {
        name = 'icons',
        type = 'enum',
        choices = { 'unicode', 'ascii' },
        default = 'unicode',
        doc = 'What bars and marks are drawn with.',
      },
      {
        name = 'run',
        type = 'enum',
        choices = { 'split', 'vsplit', 'float', 'tab' },
        default = 'vsplit',
        doc = 'Where the window of a run is opened.',
      },
      {
        name = 'report',
        type = 'enum',
        choices = { 'float', 'split', 'vsplit', 'tab' },
        default = 'float',
        doc = 'Where |:CostReport| is opened.',
      },
    },
  },
  {
    name = 'statusline',
    type = 'table',
    doc = 'What require("purser").statusline() returns.',
    fields = {
      { name = 'enabled', type = 'boolean', default = true, doc = 'Off: the empty string.' },
      {
        name = 'warn',
        type = 'integer',
        min = 1,
        max = 1000,
        default = 80,
        doc = 'Percent of a budget from which it warns.',
      },
      {
        name = 'error',
        type = 'integer',
        min = 1,
        max = 1000,
        default = 100,
        doc = 'Percent of a budget from which it is an error.',
      },
      { name = 'format', type = 'function', doc = 'A function from purser.Spend to the text.' },
    },
  },
  {
    name = 'currency',
    type = 'table',
    doc = 'How money is written. The ledger is in US dollars.',
    fields = {
      { name = 'symbol', type = 'string', default = '$', doc = 'Before the figure.' },
      { name = 'decimal', type = 'string', default = '.', doc = 'The decimal mark.' },
      { name = 'thousands', type = 'string', default = ',', doc = 'Between groups of three digits.' },
      { name = 'cents', type = 'boolean', default = true, doc = 'Write sums below a dollar in cents.' },
      {
        name = 'rate',
        type = 'number',
        min = 0,
        default = 1,
        doc = 'What a dollar is in your currency; for display only.',
      },
    },
  },
  {
    name = 'log_level',
    type = 'enum',
    choices = { 'debug', 'info', 'warn', 'error', 'off' },
    default = 'info',
    doc = 'What goes into the log file, which |:checkhealth| names. Prompts, answers and keys never do.',
  },
}

return M

--- The options in force. Valid ones are used, invalid ones are named and left out; where a mistake could mean money, what
--- depends on it refuses to run until it is mended.

local M = {}

---@class purser.Config
---@field agents table<string, purser.AgentOptions>
---@field default_agent? string
---@field budgets table[]
---@field effort? string
---@field limits { wall_clock: integer, requests: integer, output_tokens: integer, output_bytes: integer, grace: integer }
---@field runaway purser.RunawayOptions
---@field routing purser.RoutingOptions
---@field retry { tries: integer, longest: integer }
---@field fallback_rate { input?: number|string, output?: number|string }
---@field enforce_subscription boolean
---@field db? string
---@field zone? string
---@field keep_prompt string
---@field prices? string
---@field adapters table<string, { command?: string|string[], record_root?: string }>
---@field sources { claude: boolean, codex: boolean, opencode: boolean, gemini: boolean, folders: table<string, string[]> }
---@field agent_rules { agent: string, source?: string, workspace?: string, model?: string }[]
---@field billing { billing: string, source?: string, agent?: string, since?: string }[]
---@field notifications { thresholds: boolean, desktop: boolean, command?: string|string[], finished: boolean }
---@field ui { border?: string, icons: string, run: string, report: string }
---@field statusline { enabled: boolean, warn: integer, error: integer, format?: fun(spend: purser.Spend): string }
---@field currency purser.CurrencyFormat
---@field log_level string

---@class (exact) purser.RoutingOptions
---@field enabled boolean
---@field builtin boolean
---@field rules { match: string, kind: string }[]
---@field kinds table<string, { effort?: string, tier?: string }>

---@class (exact) purser.RunawayOptions
---@field action? "ask"|"stop"|"off"
---@field repeats? integer
---@field times_usual? integer
---@field least? integer cents

---@class purser.AgentOptions
---@field adapter? string
---@field model? string
---@field effort? string
---@field system? string
---@field args? string[]
---@field env? table<string, string>
---@field cwd? string
---@field monthly_budget? integer cents
---@field at_limit? string
---@field free? boolean
---@field billing? string
---@field runaway? purser.RunawayOptions
---@field max_output? integer
---@field url? string
---@field key_env? string
---@field key_cmd? string|string[]
---@field provider? string
---@field command? string|string[]
---@field dialect? string

local resolved ---@type purser.Config?
local problems = {} ---@type purser.Problem[]
local given ---@type any what setup() was called with, by the user

--- What of it was right, by the user and by the file of a workspace.
local own = { valid = {}, problems = {} }
local theirs = { valid = {}, problems = {} }

---@param fields purser.Field[]
---@return table
local function defaults(fields)
  local out = {}
  for _, field in ipairs(fields) do
    if field.type == 'table' then
      out[field.name] = defaults(field.fields)
    elseif type(field.default) == 'table' then
      out[field.name] = vim.deepcopy(field.default)
    else
      out[field.name] = field.default
    end
  end
  return out
end

--- Called through require('purser').setup(). What a workspace's file says goes over what the user said, as far as it may.
---@param options? table
---@return purser.Problem[] problems
function M.setup(options)
  local schema, workspace = require('purser.config.schema'), require('purser.config.workspace')
  local valid, found = require('purser.config.validate').validate(options or {}, schema.fields)
  local file = workspace.file()
  if file then
    theirs = { valid = valid, problems = found }
    for _, message in ipairs(workspace.refused(own.valid, valid, file)) do
      require('purser.notify').warn(message)
    end
  else
    given = options
    own = { valid = valid, problems = found }
  end
  problems = vim.list_extend(vim.list_slice(own.problems), theirs.problems)
  resolved = vim.tbl_deep_extend('force', defaults(schema.fields), workspace.lower(own.valid, theirs.valid))
  return file and theirs.problems or own.problems
end

---@return purser.Config
function M.get()
  if not resolved then
    M.setup()
  end
  return resolved --[[@as purser.Config]]
end

---@return purser.Problem[]
function M.problems()
  return problems
end

--- Options that decide about money or about where it is booked.
local GUARDED =
  { 'budgets', 'limits', 'fallback_rate', 'enforce_subscription', 'db', 'zone', 'prices', 'agent_rules', 'billing' }

--- Why an agent may not run with this configuration: a budget that could not be understood must not become no budget.
---@param agent string
---@return string? problem
function M.blocked(agent)
  for _, problem in ipairs(problems) do
    local top = problem.path:match('^[^.%[]+')
    local about_it = problem.path == 'setup'
      or problem.path == 'agents'
      or vim.startswith(problem.path .. '.', ('agents.%s.'):format(agent))
    if about_it or vim.list_contains(GUARDED, top) then
      return ('the configuration must be mended first: %s'):format(problem.message)
    end
  end
end

---@param path string
---@return string
local function absolute(path)
  return vim.fn.fnamemodify(vim.fs.normalize(path), ':p'):gsub('(.)/$', '%1')
end

---@param rate number|string
---@return string
local function decimal(rate)
  if type(rate) == 'string' then
    return rate
  end
  return (('%.9f'):format(rate):gsub('%.?0+$', ''))
end

--- Of several for the same scope and period the one with the lowest limit: all that apply must allow a run.
---@param policies table[]
---@return table[]
local function one_each(policies)
  local out, at = {}, {}
  for _, policy in ipairs(policies) do
    local key = policy.period .. ' ' .. policy.scope
    local known = at[key]
    if not known then
      out[#out + 1] = policy
      at[key] = #out
    elseif (policy.limit_cents or math.huge) < (out[known].limit_cents or math.huge) then
      out[known] = policy
    end
  end
  return out
end

--- The policies declared in setup(), as csrc/api/README.md has them.
---@return table[]
function M.policies()
  local config = M.get()
  local out = {}
  local names = vim.tbl_keys(config.agents)
  table.sort(names)
  for _, name in ipairs(names) do
    local agent = config.agents[name]
    if agent.monthly_budget then
      out[#out + 1] = {
        scope = 'agent:' .. name,
        period = 'month',
        limit_cents = agent.monthly_budget,
        at_limit = agent.at_limit or 'block',
      }
    end
  end
  for _, budget in ipairs(config.budgets) do
    local policy = vim.deepcopy(budget)
    local path = policy.scope and policy.scope:match('^workspace:(.*)')
    if path then
      policy.scope = 'workspace:' .. absolute(path)
    end
    policy.period = policy.period or 'month'
    if policy.scope then
      out[#out + 1] = policy
    end
  end
  return one_each(out)
end

local CLIENTS = { 'claude', 'codex', 'opencode', 'gemini' }

---@param config purser.Config
---@return table|false|nil
local function sources_of(config)
  local out, on = {}, false
  for _, client in ipairs(CLIENTS) do
    local folders = vim.list_slice(config.sources.folders[client] or {})
    folders[#folders + 1] = (config.adapters[client] or {}).record_root
    if not config.sources[client] then
      out[client] = false
    elseif #folders > 0 then
      out[client] = vim.tbl_map(absolute, folders)
    end
    on = on or config.sources[client]
  end
  if not on then
    return false
  end
  return next(out) and out or nil
end

---@param config purser.Config
---@return table[]
local function billing_of(config)
  local out = vim.deepcopy(config.billing)
  local names = vim.tbl_keys(config.agents)
  table.sort(names)
  for _, name in ipairs(names) do
    if config.agents[name].billing then
      out[#out + 1] = { agent = name, billing = config.agents[name].billing }
    end
  end
  return out
end

--- What the program is told of notifications, where it is not the usual.
---@param config purser.Config
---@return { thresholds: boolean, desktop: boolean, command?: string|string[] }?
local function notifications_of(config)
  local wanted = config.notifications
  if not (wanted.thresholds and wanted.desktop) or wanted.command then
    return { thresholds = wanted.thresholds, desktop = wanted.desktop, command = wanted.command }
  end
end

--- What the import is told. With a mistake in it, nothing is read at all: what is booked for the wrong agent stays so. The core is
--- given what was written, finds the same mistake, and refuses; so does the program.
---@param config purser.Config
---@return { sources?: table|false, agent_rules?: table[], billing?: table[], notifications?: table }
local function import_options(config)
  for _, problem in ipairs(problems) do
    local top = problem.path:match('^[^.%[]+')
    if vim.list_contains({ 'setup', 'sources', 'agent_rules', 'billing' }, top) then
      local raw = type(given) == 'table'
          and { sources = given.sources, agent_rules = given.agent_rules, billing = given.billing }
        or {}
      return next(raw) and pcall(vim.json.encode, raw) and raw or { sources = false }
    end
  end
  local rules = vim.deepcopy(config.agent_rules)
  for _, rule in ipairs(rules) do
    rule.workspace = rule.workspace and vim.fs.normalize(rule.workspace)
  end
  local billing = billing_of(config)
  return {
    sources = sources_of(config),
    agent_rules = #rules > 0 and rules or nil,
    billing = #billing > 0 and billing or nil,
    notifications = notifications_of(config),
  }
end

--- The options of purser_open().
---@return table
function M.core_options()
  local config = M.get()
  local fallback
  if config.fallback_rate.input and config.fallback_rate.output then
    fallback = { input = decimal(config.fallback_rate.input), output = decimal(config.fallback_rate.output) }
  end
  local policies = M.policies()
  return vim.tbl_extend('force', import_options(config), {
    db = config.db and absolute(config.db) or nil,
    prices_override = config.prices and absolute(config.prices) or nil,
    zone = config.zone,
    keep_prompt = config.keep_prompt,
    policies = #policies > 0 and policies or nil,
    fallback = fallback,
    enforce_subscription = config.enforce_subscription,
  })
end

return M

--- Options from a workspace's own file ('exrc': .nvim.lua, .nvimrc, .exrc). Whoever wrote that file does not pay the bill: what it says
--- about money can lower what the user allows, never raise it. Everything else it may set as it likes.

local policies = require('purser.config.policy')

local M = {}

local NAMES = { ['.nvim.lua'] = true, ['.nvimrc'] = true, ['.exrc'] = true }

--- The workspace's file that is being read, if setup() was called from one.
---@return string?
function M.file()
  local level = 2
  while true do
    local info = debug.getinfo(level, 'S')
    if not info then
      break
    end
    local path = info.source:match('^@(.*)$')
    if path and NAMES[vim.fs.basename(path)] then
      return path
    elseif info.source == '<nvim>' and vim.o.exrc and vim.v.vim_did_enter == 0 and vim.uv.fs_stat('.nvim.lua') then
      return vim.fs.joinpath(vim.fn.getcwd(), '.nvim.lua') -- Neovim 0.10 reads it without saying what it is
    end
    level = level + 1
  end
  -- Lua within Vim script has no file of its own.
  local ok, script = pcall(vim.fn.expand, '<sfile>:p')
  return ok and NAMES[vim.fs.basename(script)] and script or nil
end

local STRICTNESS = { warn = 1, ask = 2, block = 3 }

--- The lower of two caps, of which 0 or nil is none.
---@param a? integer
---@param b? integer
---@return integer?
local function lower_cap(a, b)
  if not a or a == 0 then
    return b
  elseif not b or b == 0 then
    return a
  end
  return math.min(a, b)
end

--- What decides about an agent's money, beside its budget: a workspace has no say in it.
local AGENT_MONEY = { 'free', 'billing', 'provider', 'runaway' }

---@param own table the user's options of an agent
---@param theirs table
---@return table
local function lower_agent(own, theirs)
  local out = vim.tbl_deep_extend('force', own, theirs)
  for _, field in ipairs(AGENT_MONEY) do
    out[field] = own[field]
  end
  out.monthly_budget = theirs.monthly_budget
      and own.monthly_budget
      and math.min(own.monthly_budget, theirs.monthly_budget)
    or own.monthly_budget
    or theirs.monthly_budget
  local a, b = own.at_limit or own.monthly_budget and 'block', theirs.at_limit
  out.at_limit = a and b and (STRICTNESS[b] > STRICTNESS[a] and b or a) or a or b
  return out
end

--- Top-level options about money, or about where it is booked: the user's.
local MONEY = {
  'fallback_rate',
  'db',
  'zone',
  'prices',
  'enforce_subscription',
  'sources',
  'agent_rules',
  'billing',
  'runaway',
}

---@param own table the user's options
---@param theirs table the workspace's, valid ones
---@return table options
function M.lower(own, theirs)
  local out = vim.tbl_deep_extend('force', own, theirs)
  for _, field in ipairs(MONEY) do
    out[field] = own[field]
  end
  out.enforce_subscription = own.enforce_subscription or theirs.enforce_subscription or nil
  out.agents = vim.deepcopy(own.agents or {})
  for name, agent in pairs(theirs.agents or {}) do
    out.agents[name] = lower_agent(out.agents[name] or {}, agent)
  end
  -- Of several policies for the same scope and period the lowest limit counts, so that more of them never raise one.
  out.budgets = vim.list_extend(vim.deepcopy(own.budgets or {}), vim.deepcopy(theirs.budgets or {}))
  if theirs.limits then
    out.limits = vim.deepcopy(own.limits or {})
    for name, cap in pairs(theirs.limits) do
      out.limits[name] = lower_cap(out.limits[name], cap)
    end
  end
  return out
end

---@param budgets table[]
---@param scope string
---@param period string
---@return integer?
local function limit_of(budgets, scope, period)
  local lowest
  for _, budget in ipairs(budgets) do
    if budget.scope == scope and (budget.period or 'month') == period and budget.limit_cents then
      lowest = math.min(lowest or budget.limit_cents, budget.limit_cents)
    end
  end
  return lowest
end

--- What the file wanted and does not get, a sentence each.
---@param own table
---@param theirs table
---@param file string
---@return string[]
function M.refused(own, theirs, file)
  local out = {}
  local short = vim.fn.fnamemodify(file, ':~')
  local function say(field)
    out[#out + 1] = ("%s: %s is yours to decide, not the workspace's"):format(short, field)
  end
  for _, field in ipairs(MONEY) do
    local eased = field ~= 'enforce_subscription' or theirs[field] == false
    if theirs[field] ~= nil and eased and not vim.deep_equal(theirs[field], own[field]) then
      say(field)
    end
  end
  for name, agent in pairs(theirs.agents or {}) do
    local mine = (own.agents or {})[name] or {}
    for _, field in ipairs(AGENT_MONEY) do
      if agent[field] ~= nil and not vim.deep_equal(agent[field], mine[field]) then
        say(('agents.%s.%s'):format(name, field))
      end
    end
    if agent.monthly_budget and mine.monthly_budget and agent.monthly_budget > mine.monthly_budget then
      out[#out + 1] = ("%s: agents.%s.monthly_budget stays at %d: a workspace's file can't raise a budget"):format(
        short,
        name,
        mine.monthly_budget
      )
    end
  end
  for _, budget in ipairs(theirs.budgets or {}) do
    local period = budget.period or policies.PERIODS[1]
    local mine = limit_of(own.budgets or {}, budget.scope, period)
    if mine and (budget.limit_cents or math.huge) > mine then
      out[#out + 1] = ("%s: the budget of %s stays at %d: a workspace's file can't raise a budget"):format(
        short,
        budget.scope,
        mine
      )
    end
  end
  table.sort(out)
  return out
end

return M

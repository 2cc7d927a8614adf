--- `:Purser budget`

local M = {}

---@param scope string
---@return string
local function scope_text(scope)
  local kind, name = scope:match('^(%a+):(.*)$')
  if kind == 'agent' then
    return 'agent ' .. name
  elseif kind == 'workspace' then
    return 'workspace ' .. vim.fn.fnamemodify(name, ':~')
  end
  return 'everything'
end

--- "budget of agent reviewer: $5.00 a month, $2.12 spent, resets on 2026-12-01"
---@param budget purser.Budget
---@return string
function M.text(budget)
  local format = require('purser.format')
  if not budget.limit_nanousd then
    return ('budget of %s: no limit'):format(scope_text(budget.scope))
  end
  local raised = (budget.raise_nanousd or 0) ~= 0
      and (', %s of it for this period only'):format(format.money(budget.raise_nanousd))
    or ''
  return ('budget of %s: %s a %s%s, %s spent, resets on %s'):format(
    scope_text(budget.scope),
    format.money(budget.limit_nanousd),
    budget.period or 'month',
    raised,
    format.money(budget.spent_nanousd or 0),
    format.time(budget.resets_at_ms, '%Y-%m-%d')
  )
end

--- The scope as the ledger knows it: an agent that exists, a workspace's root.
---@param scope string
---@param cb fun(problem: string?, scope: string?)
local function resolve(scope, cb)
  local agent = scope:match('^agent:(.+)')
  if agent then
    local _, problem = require('purser.agents').get(agent)
    return cb(problem, scope)
  end
  local path = scope:match('^workspace:(.+)')
  if path then
    path = vim.fs.normalize(vim.fn.fnamemodify(vim.fn.expand(path), ':p'))
    if not vim.uv.fs_stat(path) then
      return cb(('there is no folder %s'):format(path))
    end
    return require('purser.workspace').root(path, function(root)
      cb(nil, 'workspace:' .. root)
    end)
  end
  cb(nil, scope)
end

--- The policy of a scope as it is now, or nil.
---@param scope string
---@param period? string
---@param cb fun(err: purser.Error?, budget: purser.Budget?)
local function current(scope, period, cb)
  require('purser.core').ask('budget.list', nil, function(err, body)
    for _, budget in ipairs(body and body.budgets or {}) do
      if budget.scope == scope and (not period or budget.period == period) then
        return cb(nil, budget)
      end
    end
    cb(err, nil)
  end)
end

---@param line purser.BudgetLine
---@param scope string
---@param now? purser.Budget
---@param done fun(err: purser.Error?, body: table?)
local function apply(line, scope, now, done)
  local core = require('purser.core')
  local period = line.period or (now and now.period) or 'month'
  if line.action == 'raise' then
    local who = vim.env.USER or 'user'
    return core.ask('budget.raise', { scope = scope, period = period, cents = line.cents, who = who }, done)
  elseif line.action == 'remove' then
    return core.ask('budget.remove', { scope = scope, period = period }, done)
  end
  -- What is not typed stays as it is.
  local policy = { scope = scope, period = period, limit_cents = line.cents, at_limit = line.at_limit }
  for _, name in ipairs({ 'reset_day', 'zone', 'thresholds', 'at_limit' }) do
    policy[name] = policy[name] or (now and now[name])
  end
  core.ask('budget.set', policy, done)
end

---@param words string[]
---@param cb? fun(problem: string?, text: string?)
function M.run(words, cb)
  local say = require('purser.commands.say')
  cb = cb
    or function(problem, text)
      if problem then
        say.fail(problem)
      else
        say.out(text --[[@as string]])
      end
    end
  local line = require('purser.commands.parse').budget(words)
  if line.problem then
    return cb(line.problem)
  end
  resolve(line.scope, function(problem, scope)
    if problem then
      return cb(problem)
    end
    ---@cast scope string
    current(scope, line.period, function(err, now)
      if err then
        return cb(err.message)
      elseif line.action == 'raise' and not (now and now.limit_nanousd) then
        return cb(('%s has no limit that could be raised'):format(scope_text(scope)))
      end
      apply(line, scope, now, function(failed, body)
        if failed then
          return cb(failed.message)
        elseif line.action == 'remove' then
          return cb(nil, ('budget of %s: as setup() has it'):format(scope_text(scope)))
        end
        local budget = body and body.budget or { scope = scope, period = line.period }
        cb(nil, M.text(budget))
      end)
    end)
  end)
end

---@param lead string
---@param words string[] whole words before the lead
---@return string[]
function M.candidates(lead, words)
  local parse = require('purser.commands.parse')
  if #words == 0 then
    local path = lead:match('^workspace:(.*)')
    if path then
      return vim.tbl_map(function(folder)
        return 'workspace:' .. folder
      end, vim.fn.getcompletion(path, 'dir'))
    end
    local out = { 'global', 'workspace:.' }
    for _, name in ipairs(require('purser.agents').names()) do
      out[#out + 1] = 'agent:' .. name
    end
    return out
  end
  local out = #words == 1 and { 'off', 'remove' } or {}
  vim.list_extend(out, parse.PERIODS)
  return vim.list_extend(out, parse.AT_LIMIT)
end

return M

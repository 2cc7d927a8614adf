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

local AT_LIMIT = { ask = ', asks at the limit', warn = ', only warns at the limit' }

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
  local limit = budget.limit_nanousd == 0 and 'no paid work at all'
    or ('%s a %s'):format(format.money(budget.limit_nanousd), budget.period or 'month')
  return ('budget of %s: %s%s, %s spent, resets on %s%s'):format(
    scope_text(budget.scope),
    limit,
    raised,
    format.money(budget.spent_nanousd or 0),
    format.time(budget.resets_at_ms, '%Y-%m-%d'),
    AT_LIMIT[budget.at_limit] or ''
  )
end

--- The scope as the ledger knows it: an agent that exists or has a budget, a workspace's root.
---@param scope string
---@param cb fun(problem: string?, scope: string?, unknown: string?) unknown: why only what is there can be changed
local function resolve(scope, cb)
  local agent = scope:match('^agent:(.+)')
  if agent then
    local _, problem = require('purser.agents').get(agent)
    return cb(nil, scope, problem)
  end
  local path = scope:match('^workspace:(.+)')
  if path then
    local whole = vim.fs.normalize(vim.fn.fnamemodify(vim.fn.expand(path), ':p'))
    local stat = vim.uv.fs_stat(whole)
    if not stat then
      -- The folder may be gone, and its budget still there.
      return cb(nil, 'workspace:' .. (whole:gsub('(.)/$', '%1')), ('there is no folder %s'):format(whole))
    elseif stat.type ~= 'directory' then
      return cb(('%s is no folder'):format(whole))
    end
    return require('purser.workspace').root(whole, function(root)
      cb(nil, 'workspace:' .. root)
    end)
  end
  cb(nil, scope)
end

--- The policies of a scope as they are now: the one that is meant, and all of them.
---@param scope string
---@param period? string nil: by the month, if there is such a one
---@param cb fun(err: purser.Error?, budget: purser.Budget?, all: purser.Budget[])
local function current(scope, period, cb)
  require('purser.core').ask('budget.list', nil, function(err, body)
    local all = vim.tbl_filter(function(budget)
      return budget.scope == scope and (not period or budget.period == period)
    end, body and body.budgets or {})
    local meant = all[1]
    for _, budget in ipairs(all) do
      if budget.period == 'month' then
        meant = budget
      end
    end
    cb(err, meant, all)
  end)
end

local KEPT = { 'reset_day', 'zone', 'thresholds', 'forecast', 'at_limit' }

---@param line purser.BudgetLine
---@param scope string
---@param now? purser.Budget
---@param done fun(err: purser.Error?, body: table?)
local function apply(line, scope, now, done)
  local core = require('purser.core')
  local period = line.period or (now and now.period) or 'month'
  local who = require('purser.runner.gate').who()
  if line.action == 'raise' then
    return core.ask('budget.raise', { scope = scope, period = period, cents = line.cents, who = who }, done)
  elseif line.action == 'remove' then
    return core.ask('budget.remove', { scope = scope, period = period, who = who }, done)
  end
  -- What is not typed stays as it is.
  local policy = { scope = scope, period = period, limit_cents = line.cents, who = who }
  if not line.cents and line.action == 'set' then
    policy.limit_cents = now and now.limit_cents
  end
  for _, name in ipairs(KEPT) do
    policy[name] = line[name] or (now and now[name])
  end
  core.ask('budget.set', policy, done)
end

--- Why what was typed can't be done to what is there; one sentence.
---@param line purser.BudgetLine
---@param scope string
---@param now? purser.Budget
---@param unknown? string
---@return string?
local function objection(line, scope, now, unknown)
  local who = scope_text(scope)
  if not now and unknown then
    return unknown
  elseif line.action == 'raise' and not (now and now.limit_nanousd) then
    return ('%s has no limit that could be raised: set one with :Purser budget %s %d'):format(
      who,
      line.scope,
      line.cents
    )
  elseif line.action == 'remove' and not now then
    return ('%s has no budget that could be removed'):format(who)
  elseif line.action == 'set' and not line.cents and not now then
    return ('%s has no budget yet: how much? :Purser budget %s 500 …'):format(who, line.scope)
  elseif line.action == 'set' and unknown then
    return unknown
  end
end

---@param scope string
---@param line purser.BudgetLine
---@param body? table
---@return string
local function outcome(scope, line, body)
  if line.action == 'remove' then
    return ('budget of %s: as setup() has it'):format(scope_text(scope))
  end
  return M.text(body and body.budget or { scope = scope, period = line.period })
end

--- Longer than any lock of the ledger is waited for.
local PATIENCE_MS = 60000

--- Does what was typed, and calls back with what came of it.
---@param words string[]
---@param cb fun(problem: string?, text: string?)
local function carry_out(words, cb)
  local line = require('purser.commands.parse').budget(words, require('purser.agents').names())
  if line.problem then
    return cb(line.problem)
  end
  resolve(line.scope, function(problem, scope, unknown)
    if problem then
      return cb(problem)
    end
    ---@cast scope string
    current(scope, line.period, function(err, now, all)
      if err then
        return cb(err.message)
      elseif line.action == 'show' and (now or not unknown) then
        return cb(nil, table.concat(vim.tbl_map(M.text, now and all or { { scope = scope } }), '\n'))
      end
      local against = objection(line, scope, now, unknown)
      if against then
        return cb(against)
      end
      apply(line, scope, now, function(failed, body)
        if failed then
          return cb(failed.message)
        end
        cb(nil, outcome(scope, line, body))
      end)
    end)
  end)
end

--- Without a screen it is waited for: a script may end right after it.
---@param words string[]
function M.run(words)
  local say = require('purser.commands.say')
  local done = false
  carry_out(words, function(problem, text)
    done = true
    if problem then
      say.fail(problem)
    else
      say.out(text --[[@as string]])
    end
  end)
  if say.headless() then
    vim.wait(PATIENCE_MS, function()
      return done
    end, 5)
  end
end

---@param lead string
---@return string[]
local function scopes(lead)
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

---@param option string
---@param line purser.BudgetLine
---@return string[]
local function values(option, line)
  local policy = require('purser.config.policy')
  if option == 'period' then
    return policy.PERIODS
  elseif option == 'at-limit' then
    return policy.AT_LIMIT
  elseif option == 'zone' then
    return vim.list_extend({ 'system' }, require('purser.config.zones').names())
  elseif option == 'thresholds' then
    return { '50,80,100', '80,100', '90,100' }
  end
  local out = {}
  for day = 1, policy.last_day(line.period) do
    out[day] = tostring(day)
  end
  return out
end

--- What may come next: an amount, then what has not been said yet.
---@param lead string
---@param words string[] whole words before the lead
---@return string[]
function M.candidates(lead, words)
  local parse, policy = require('purser.commands.parse'), require('purser.config.policy')
  if #words == 0 then
    return scopes(lead)
  end
  local line = parse.budget(words)
  if line.problem then
    return {}
  end
  local option = lead:match('^%-%-([%a-]+)=')
  if option then
    return vim.tbl_map(function(value)
      return ('--%s=%s'):format(option, value)
    end, vim.list_contains(parse.BUDGET_OPTIONS, option) and values(option, line) or {})
  elseif lead:sub(1, 1) == '+' then
    return line.cents and {} or { '+100', '+200', '+500', '+1000' }
  end
  local amount = line.cents ~= nil or line.action == 'off' or line.action == 'remove'
  local out = amount and {} or { 'off', 'remove' }
  if not line.period then
    vim.list_extend(out, policy.PERIODS)
  end
  if line.action == 'raise' or line.action == 'remove' then
    return out
  end
  if not line.at_limit then
    vim.list_extend(out, policy.AT_LIMIT)
  end
  for _, name in ipairs({ 'zone', 'reset-day', 'thresholds' }) do
    if not line[name:gsub('-', '_')] then
      out[#out + 1] = ('--%s='):format(name)
    end
  end
  return out
end

return M

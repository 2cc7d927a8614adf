--- Changing a budget by hand: asks for one figure, says at once what is wrong with it, and saves it in the ledger.

local format = require('purser.ui.format')
local policies = require('purser.config.policy')

local M = {}

--- A limit as it is typed: whole cents, "off" for no limit.
---@param text string
---@return integer? cents nil with no problem: no limit
---@return string? problem
function M.parse_limit(text)
  text = vim.trim(text)
  if text == 'off' or text == 'none' then
    return nil
  end
  local cents, problem = policies.cents(text)
  if not cents then
    return nil, problem
  end
  return cents
end

--- Asks until the answer can be understood, or there is none.
---@param prompt string ends in ": "
---@param default string
---@param parse fun(text: string): any, string?
---@param cb fun(value: any)
---@param cancelled? fun()
---@param problem? string with what was typed before
function M.ask(prompt, default, parse, cb, cancelled, problem)
  local shown = problem and ('%s. %s'):format(problem, prompt) or prompt
  vim.ui.input({ prompt = shown, default = default }, function(text)
    -- The prompt leaves its line behind where the command line has one row.
    vim.api.nvim_echo({ { '' } }, false, {})
    if text == nil then
      return cancelled and cancelled()
    end
    local value, why = parse(text)
    if why then
      return vim.schedule(function()
        M.ask(prompt, text, parse, cb, cancelled, why)
      end)
    end
    cb(value)
  end)
end

---@param verb string
---@param args table
---@param done fun()
local function send(verb, args, done)
  require('purser.core').ask(verb, args, function(err)
    if err then
      require('purser.notify').error(err.message)
    end
    done()
  end)
end

--- The policy as it is saved, with what was changed.
---@param budget purser.Budget
---@param change table
---@return table
function M.policy(budget, change)
  return vim.tbl_extend('force', {
    scope = budget.scope,
    period = budget.period,
    reset_day = budget.reset_day,
    zone = budget.zone,
    limit_cents = budget.limit_cents,
    thresholds = budget.thresholds,
    at_limit = budget.at_limit,
  }, change)
end

local EACH = { month = 'Monthly', week = 'Weekly', day = 'Daily' }

---@param budget purser.Budget
---@param done fun()
function M.limit(budget, done)
  local now = budget.limit_cents and ('%d'):format(budget.limit_cents) or ''
  local prompt = ('%s budget for %s (in cents): '):format(EACH[budget.period] or 'Monthly', format.scope(budget.scope))
  M.ask(prompt, now, function(text)
    local cents, problem = M.parse_limit(text)
    return { cents = cents }, problem
  end, function(value)
    local policy = M.policy(budget, {})
    policy.limit_cents = value.cents
    send('budget.set', policy, done)
  end)
end

---@param budget purser.Budget
---@param done fun()
function M.raise(budget, done)
  local prompt = ('Raise %s for %s by (in cents): '):format(format.scope(budget.scope), format.period(budget.period))
  M.ask(prompt, '500', policies.raise, function(cents)
    local args = { scope = budget.scope, period = budget.period, cents = cents, who = vim.env.USER or 'user' }
    send('budget.raise', args, done)
  end)
end

local AT_LIMIT = { block = 'Stop runs until it resets', ask = 'Ask before each run', warn = 'Only warn' }

---@param budget purser.Budget
---@param done fun()
function M.at_limit(budget, done)
  vim.ui.select({ 'block', 'ask', 'warn' }, {
    prompt = 'At the limit',
    kind = 'purser.at_limit',
    format_item = function(item)
      return AT_LIMIT[item]
    end,
  }, function(choice)
    if choice then
      send('budget.set', M.policy(budget, { at_limit = choice }), done)
    end
  end)
end

---@param budget purser.Budget
---@param done fun()
function M.remove(budget, done)
  if budget.origin == 'config' then
    return require('purser.notify').info(
      'this budget comes from setup(): take it out there, or save another limit over it'
    )
  end
  local question = ('Remove the budget for %s?'):format(format.scope(budget.scope))
  if vim.fn.confirm(question, '&Remove\n&Keep', 2) == 1 then
    send('budget.remove', { scope = budget.scope, period = budget.period }, done)
  end
end

---@param here string the workspace
---@param done fun()
function M.add(here, done)
  local scopes = { 'global', 'workspace:' .. here }
  for _, name in ipairs(require('purser.agents').names()) do
    scopes[#scopes + 1] = 'agent:' .. name
  end
  vim.ui.select(scopes, {
    prompt = 'A monthly budget for',
    kind = 'purser.scope',
    format_item = function(scope)
      local kind = scope:match('^(%a+):')
      return kind and ('%s %s'):format(kind, format.scope(scope)) or 'everything'
    end,
  }, function(scope)
    if scope then
      M.limit({ scope = scope, period = 'month' }, done)
    end
  end)
end

return M

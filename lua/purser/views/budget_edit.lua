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
  local shown = problem and ('%s%s %s'):format(problem, problem:match('[.?]$') and '' or '.', prompt) or prompt
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

--- Asks the ledger for a change; who asked is logged with it.
---@param verb string
---@param args table
---@param done fun(problem?: string)
function M.send(verb, args, done)
  args.who = require('purser.runner.gate').who()
  require('purser.core').ask(verb, args, function(err)
    done(err and err.message or nil)
  end)
end

---@param policy table
---@param done fun(problem?: string)
function M.save(policy, done)
  M.send('budget.set', policy, done)
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
    forecast = budget.forecast,
    at_limit = budget.at_limit,
  }, change)
end

---@param budget purser.Budget
---@param done fun(problem?: string)
function M.remove(budget, done)
  if budget.origin == 'config' then
    return require('purser.notify').info(
      'this budget comes from setup(): take it out there, or save another limit over it'
    )
  elseif not budget.origin then
    return require('purser.notify').info('there is no budget to remove')
  end
  local question = ('Remove the budget for %s?'):format(format.scope(budget.scope))
  if vim.fn.confirm(question, '&Remove\n&Keep', 2) == 1 then
    M.send('budget.remove', { scope = budget.scope, period = budget.period }, done)
  end
end

--- Whom a new budget holds to.
---@param here string the workspace
---@param done fun(scope: string)
function M.choose_scope(here, done)
  local scopes = { 'global', 'workspace:' .. here }
  for _, name in ipairs(require('purser.agents').names()) do
    scopes[#scopes + 1] = 'agent:' .. name
  end
  vim.ui.select(scopes, {
    prompt = 'A budget for',
    kind = 'purser.scope',
    format_item = function(scope)
      local kind = scope:match('^(%a+):')
      return kind and ('%s %s'):format(kind, format.scope(scope)) or 'everything'
    end,
  }, function(scope)
    if scope then
      done(scope)
    end
  end)
end

---@param done fun(period: string)
function M.choose_period(done)
  vim.ui.select(policies.PERIODS, {
    prompt = 'Each',
    kind = 'purser.period',
  }, function(period)
    if period then
      done(period)
    end
  end)
end

return M

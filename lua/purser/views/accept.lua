--- Taking up a suggestion: the agent's model is saved, and what became of it is measured. Never without being asked.

local format = require('purser.ui.format')

local M = {}

--- A word of the models of a maker, by the adapters that reach nobody else's.
local MAKERS = {
  claude = 'claude',
  anthropic = 'claude',
  codex = 'gpt',
  openai = 'gpt',
  gemini = 'gemini',
  gemini_api = 'gemini',
}

--- Why the agent can't run with a model, one sentence.
---@param agent purser.Agent
---@param model string
---@return string?
function M.unfit(agent, model)
  local anybody = agent.adapter.kind == 'http' and agent.url_is_own
  local maker = not anybody and MAKERS[agent.adapter.name]
  if maker and not model:find(maker, 1, true) then
    return ('%s is reached by %s, which has no %s'):format(agent.name, agent.adapter.label, model)
  end
end

--- What is saved in a month, as far as the stretch that is shown can tell. Whole numbers, as all money.
---@param ctx purser.ViewContext
---@param saving integer
---@return integer
local function of_a_month(ctx, saving)
  local months = ({ ['90d'] = 3, year = 12 })[ctx.range] or 1
  return math.floor(saving / months)
end

---@class (exact) purser.AdviceChange
---@field what "model"|"effort"
---@field to string

--- Saves all of it, or nothing.
---@param agent purser.Agent
---@param changes purser.AdviceChange[]
---@return string? problem
local function save(agent, changes)
  local saved = require('purser.config.saved')
  for _, change in ipairs(changes) do
    local problem = saved.check(change.what, change.to)
    if problem then
      return ('%s: %s'):format(change.what, problem)
    end
  end
  for _, change in ipairs(changes) do
    local problem = saved.set(agent.name, change.what, change.to)
    if problem then
      return problem
    end
  end
end

--- Saves what was agreed to, and has it measured from here on.
---@param browser purser.Browser
---@param agent purser.Agent
---@param changes purser.AdviceChange[]
---@param saving integer
local function take(browser, agent, changes, saving)
  local notify = require('purser.notify')
  local from, to = {}, {}
  for i, change in ipairs(changes) do
    from[#from + 1], to[i] = agent[change.what], change.to
  end
  local problem = save(agent, changes)
  if problem then
    return notify.error(problem)
  end
  require('purser.core').ask('advice.accept', {
    agent = agent.name,
    what = changes[1].what,
    from = table.concat(from, ', '),
    to = table.concat(to, ', '),
    promised_nanousd = of_a_month(browser.ctx, saving),
  }, function(err)
    if err then
      return notify.error(('it is saved; it will not be measured: %s'):format(err.message))
    end
    notify.info(('%s runs with %s from now on (A: what it saves)'):format(agent.name, table.concat(to, ', ')))
    browser:refresh()
  end)
end

---@param browser purser.Browser
---@param agent purser.Agent
---@param changes purser.AdviceChange[]
---@param saving integer
local function ask(browser, agent, changes, saving)
  local words = table.concat(
    vim.tbl_map(function(change)
      return change.what == 'effort' and change.to .. ' effort' or change.to
    end, changes),
    ', '
  )
  local by = ('%s %s'):format(format.money(math.abs(saving)), saving >= 0 and 'less' or 'more')
  local when = require('purser.views.span').words(browser.ctx)
  vim.ui.select({ 'No', ('Yes: save %s'):format(words) }, {
    prompt = ('Run %s with %s from now on? It would have cost %s %s.'):format(agent.name, words, by, when),
    kind = 'purser.advice',
  }, function(_, choice)
    if choice == 2 then
      take(browser, agent, changes, saving)
    end
  end)
end

--- Asks whether an agent shall run with another model, or effort.
---@param browser purser.Browser
---@param row purser.WhatIfRow
function M.model(browser, row)
  local notify = require('purser.notify')
  local args, answer = browser.place.args, browser.ctx.data.what_if
  if args.scope ~= 'agent' then
    return notify.info('models are those of an agent: <CR> on one below tries them')
  end
  local saving = require('purser.views.what_if').saving(answer, row)
  local agent = require('purser.agents').get(args.name)
  local problem = not agent and ('%s is not dispatched from here: its model is changed where it runs'):format(args.name)
    or agent and M.unfit(agent, row.model)
  if not saving then
    return notify.info(('%s has no price: nothing is known of what it would save'):format(row.model))
  elseif not agent or problem then
    return notify.info(problem or '')
  end
  local changes = {} ---@type purser.AdviceChange[]
  if agent.model ~= row.model then
    changes[1] = { what = 'model', to = row.model }
  end
  if (row.effort or '') ~= '' and agent.effort ~= row.effort then
    changes[#changes + 1] = { what = 'effort', to = row.effort }
  end
  if #changes == 0 then
    return notify.info(('%s runs with that already'):format(agent.name))
  end
  ask(browser, agent, changes, saving)
end

return M

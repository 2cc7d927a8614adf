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
  local maker = not agent.url_is_own and MAKERS[agent.adapter.name]
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

---@param browser purser.Browser
---@param agent purser.Agent
---@param row purser.WhatIfRow
---@param saving integer
local function take(browser, agent, row, saving)
  local notify = require('purser.notify')
  local problem = require('purser.config.saved').set(agent.name, 'model', row.model)
  if problem then
    return notify.error(problem)
  end
  require('purser.core').ask('advice.accept', {
    agent = agent.name,
    what = 'model',
    from = agent.model or '',
    to = row.model,
    promised_nanousd = of_a_month(browser.ctx, saving),
  }, function(err)
    if err then
      return notify.error(('the model is saved; it will not be measured: %s'):format(err.message))
    end
    notify.info(
      ('%s runs with %s from now on; after three days of use A says what became of it'):format(agent.name, row.model)
    )
    browser:refresh()
  end)
end

--- Asks whether an agent shall run with another model.
---@param browser purser.Browser
---@param row purser.WhatIfRow
function M.model(browser, row)
  local notify = require('purser.notify')
  local args, answer = browser.place.args, browser.ctx.data.what_if
  if args.scope ~= 'agent' then
    return notify.info('models are those of an agent: <CR> on one below tries them')
  end
  local saving = require('purser.views.what_if').saving(answer, row)
  local agent, problem = require('purser.agents').get(args.name)
  problem = not agent and ('%s, so its model is changed where it is run'):format(problem)
    or agent and M.unfit(agent, row.model)
    or nil
  if not saving then
    return notify.info(('%s has no price: nothing is known of what it would save'):format(row.model))
  elseif not agent or problem then
    return notify.info(problem --[[@as string]])
  elseif agent.model == row.model then
    return notify.info(('%s runs with %s already'):format(agent.name, row.model))
  end
  local by = ('%s %s'):format(format.money(math.abs(saving)), saving >= 0 and 'less' or 'more')
  vim.ui.select({ 'No', ('Yes: save %s as its model'):format(row.model) }, {
    prompt = ('Run %s with %s from now on? %s'):format(
      agent.name,
      row.model,
      ('The same tokens cost %s %s.'):format(by, require('purser.views.span').words(browser.ctx))
    ),
    kind = 'purser.advice',
  }, function(_, choice)
    if choice == 2 then
      take(browser, agent, row, saving)
    end
  end)
end

return M

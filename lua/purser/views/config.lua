--- One agent's configuration, with its monthly budget to be changed in place.

local Text = require('purser.ui.text')
local bar = require('purser.ui.bar')
local edit = require('purser.views.budget_edit')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local parts = require('purser.views.parts')
local width = require('purser.ui.width')

---@type purser.View
local M = { name = 'config', tab = 'agents' }

---@param ctx purser.ViewContext
---@return purser.ui.Chunk[]
function M.title(ctx)
  return { { (' %s: configuration '):format(ctx.args.name), 'PurserTitle' } }
end

---@return table<string, purser.Question>
function M.questions()
  return { budgets = { 'budget.list' } }
end

---@param ctx purser.ViewContext
function M.prepare(ctx)
  ctx.data.agent, ctx.data.problem = require('purser.agents').get(ctx.args.name)
end

---@param ctx purser.ViewContext
---@return purser.Budget
local function budget_of(ctx)
  local budgets = ctx.data.budgets and ctx.data.budgets.budgets
  return parts.budget(budgets, 'agent:' .. ctx.args.name)
    or { scope = 'agent:' .. ctx.args.name, period = 'month', at_limit = 'block' }
end

local AT_LIMIT = { block = 'stop runs until it resets', ask = 'ask before each run', warn = 'only warn' }
local FROM = { config = 'from setup()', saved = 'saved here' }

---@param agent purser.Agent
---@return { [1]: string, [2]: string, [3]?: string }[]
local function settings(agent)
  local function list(value)
    return value and #value > 0 and table.concat(value, ' ') or nil
  end
  local key
  if agent.adapter.kind == 'http' then
    local name = require('purser.agents').key_variable(agent)
    key = agent.key_cmd and 'from the command ' .. agent.key_cmd[1] or name and '$' .. name or 'none'
  end
  return {
    { 'Reached by', agent.adapter.label },
    { 'Model', agent.model or "the client's own choice" },
    { 'Effort', agent.effort or "the client's own" },
    { 'System prompt', agent.system and width.clean(agent.system) or nil },
    { 'Command', list(agent.command) },
    { 'Arguments', list(agent.args) },
    { 'URL', agent.url },
    { 'Key', key },
    { 'Folder', agent.cwd },
    { 'Billing', agent.billing or (agent.free and 'free') or 'metered' },
    { 'Defined', agent.origin == 'config' and 'in setup()' or 'found on this machine' },
  }
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  local out = Text.new()
  local agent = ctx.data.agent
  if ctx.data.problem then
    return out:add(ctx.data.problem, 'PurserError'):nl()
  elseif not agent then
    return out:add(glyphs.get().ellipsis, 'PurserMuted'):nl()
  end
  local column = 26
  local function field(name, value, group, item)
    if value and value ~= '' then
      out:item(item)
      out:add(width.pad(name, column), item and 'PurserField' or 'PurserMuted')
      out:add(width.cut(value, ctx.width - column), group):to(ctx.width)
      out:item(nil):nl()
    end
  end
  local budget = budget_of(ctx)
  local limit = budget.limit_cents and ('%d'):format(budget.limit_cents) or 'no limit'
  if budget.limit_cents and budget.limit_cents >= 100 then
    limit = ('%s  (%s)'):format(limit, format.money(budget.limit_cents * 10000000))
  elseif budget.limit_cents == 0 then
    limit = '0  (no paid work at all)'
  end
  field('Monthly budget (in cents)', limit, 'PurserTotal', { edit = 'limit' })
  field('At the limit', AT_LIMIT[budget.at_limit or 'block'], nil, { edit = 'at_limit' })
  if budget.limit_nanousd then
    local share = parts.share_spent(budget) or 0
    out:add(width.pad('Spent this month', column), 'PurserMuted')
    out:add(format.money(budget.spent_nanousd) .. '  ')
    if budget.limit_nanousd > 0 then
      bar.thin(
        out,
        share,
        math.max(6, math.min(24, ctx.width - column - 18)),
        { group = bar.group(share), track = true }
      )
      out:add('  ' .. format.percent(share), share >= 0.8 and bar.group(share) or nil)
    end
    out:nl()
    if (budget.raise_nanousd or 0) > 0 then
      field('Raised', ('by %s, this month only'):format(format.money(budget.raise_nanousd)))
    end
    field('This budget is', FROM[budget.origin or 'saved'])
  end
  for _, other in ipairs(ctx.data.budgets and ctx.data.budgets.budgets or {}) do
    if other.scope == budget.scope and other.period ~= 'month' and other.limit_nanousd then
      local each = other.period == 'day' and 'day' or 'week'
      local text = ('%s a %s, %s spent (6 has all budgets)'):format(
        format.money(other.limit_nanousd),
        each,
        format.money(other.spent_nanousd)
      )
      field('Also limited to', text)
    end
  end
  out:nl()
  for _, setting in ipairs(settings(agent)) do
    field(setting[1], setting[2], setting[3])
  end
  if agent.missing then
    out:nl()
    for _, line in ipairs(width.wrap("It can't run: " .. agent.missing, ctx.width)) do
      out:add(line, 'PurserWarn'):nl()
    end
  end
  out:nl()
  local note = 'What is saved here wins over setup(). Everything else is changed in setup(): see :help purser-agents.'
  for _, line in ipairs(width.wrap(note, ctx.width)) do
    out:add(line, 'PurserMuted'):nl()
  end
  return out
end

---@param browser purser.Browser
---@return purser.ui.Key[]
function M.keys(browser)
  local function refresh()
    browser:refresh()
  end
  return {
    {
      lhs = { '<CR>', 'i' },
      desc = 'Change the setting under the cursor',
      hint = 'change',
      rank = 2,
      group = 'Agent',
      run = function()
        local item = browser:item()
        if type(item) == 'table' and item.edit then
          edit[item.edit](budget_of(browser.ctx), refresh)
        end
      end,
    },
    {
      lhs = '+',
      desc = 'Raise the budget for this month only',
      hint = 'raise',
      rank = 4,
      group = 'Agent',
      run = function()
        local budget = budget_of(browser.ctx)
        if budget.limit_nanousd then
          edit.raise(budget, refresh)
        end
      end,
    },
    {
      lhs = 'x',
      desc = 'Forget what was saved: the budget of setup(), or none',
      group = 'Agent',
      run = function()
        local budget = budget_of(browser.ctx)
        if budget.origin == 'saved' then
          edit.remove(budget, refresh)
        end
      end,
    },
    {
      lhs = 'o',
      desc = 'What the agent has spent',
      hint = 'spend',
      rank = 4,
      group = 'Agent',
      run = function()
        browser:push('agent', { name = browser.place.args.name })
      end,
    },
  }
end

return M

--- The agents there are, how they are reached, and what they may spend.

local Text = require('purser.ui.text')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local parts = require('purser.views.parts')
local tables = require('purser.ui.table')
local width = require('purser.ui.width')

---@type purser.View
local M = { name = 'configs', tab = 'agents' }

---@return purser.ui.Chunk[]
function M.title()
  return { { ' Agents: configuration ', 'PurserTitle' } }
end

---@return table<string, purser.Question>
function M.questions()
  return { budgets = { 'budget.list' } }
end

---@param ctx purser.ViewContext
function M.prepare(ctx)
  ctx.data.agents = require('purser.agents').list()
end

--- The tightest budget of an agent, whatever its period.
---@param budgets? purser.Budget[]
---@param name string
---@return purser.Budget?
local function tightest(budgets, name)
  local found
  for _, period in ipairs({ 'month', 'week', 'day' }) do
    local budget = parts.budget(budgets, 'agent:' .. name, period)
    if budget and budget.limit_nanousd then
      found = found and (parts.share_spent(found) or 0) >= (parts.share_spent(budget) or 0) and found or budget
    end
  end
  return found
end

--- No limit, a limit of 0, and an agent that is free anyway are three things.
---@param ctx purser.ViewContext
---@param budgets? purser.Budget[]
---@return purser.ui.Column
local function budget_column(ctx, budgets)
  local column = parts.budget_column(ctx.width, function(agent)
    return tightest(budgets, agent.name)
  end)
  local draw = column.draw
  column.draw = function(out, agent, cells)
    if agent.free then
      out:add('free', 'PurserGood')
    else
      draw(out, agent, cells)
    end
  end
  return column
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  local out = Text.new()
  local agents = ctx.data.agents
  if not agents then
    return out:add(glyphs.get().ellipsis, 'PurserMuted'):nl()
  elseif #agents == 0 then
    local text =
      'No agent was found: install claude, codex, gemini or opencode, set an API key, or name agents in setup().'
    for _, line in ipairs(width.wrap(text, ctx.width)) do
      out:add(line):nl()
    end
    return out
  end
  local budgets = ctx.data.budgets and ctx.data.budgets.budgets
  ---@type purser.ui.Column[]
  local columns = {
    {
      name = 'name',
      title = 'Agent',
      max = 20,
      text = function(agent)
        return agent.name
      end,
      group = function(agent)
        return agent.missing and 'PurserMuted' or 'PurserName'
      end,
    },
    {
      name = 'adapter',
      title = 'Reached by',
      keep = 5,
      text = function(agent)
        return agent.adapter.label
      end,
      group = 'PurserMuted',
    },
    {
      name = 'model',
      title = 'Model',
      keep = 4,
      max = 24,
      text = function(agent)
        return agent.model or 'its own choice'
      end,
      group = function(agent)
        return not agent.model and 'PurserMuted' or nil
      end,
    },
    {
      name = 'effort',
      title = 'Effort',
      keep = 3,
      text = function(agent)
        return agent.effort or ''
      end,
    },
    budget_column(ctx, budgets),
  }
  out:append(tables.draw(columns, agents, {
    width = ctx.width,
    item = function(agent)
      return { kind = 'config', name = agent.name }
    end,
  }))
  for _, agent in ipairs(agents) do
    if agent.missing then
      out:nl():add(agent.name, 'PurserName'):add(" can't run: ", 'PurserWarn')
      local room = ctx.width - out:column()
      for i, line in ipairs(width.wrap(agent.missing, room)) do
        if i > 1 then
          out:nl():to(ctx.width - room)
        end
        out:add(line)
      end
      out:nl()
    end
  end
  if not budgets and ctx.errors.budgets then
    out:nl():add(format.path(ctx.errors.budgets), 'PurserError'):nl()
  end
  return out
end

return M

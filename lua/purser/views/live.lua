--- The runs of this Neovim, newest first: those under way, and those whose window can be opened again.

local Text = require('purser.ui.text')
local format = require('purser.ui.format')
local run_status = require('purser.ui.run_status')
local tables = require('purser.ui.table')
local width = require('purser.ui.width')

---@type purser.View
local M = { name = 'live', tab = 'log', live = true }

---@return purser.ui.Chunk[]
function M.title()
  return { { ' Runs of this Neovim ', 'PurserTitle' } }
end

---@return table<string, purser.Question>
function M.questions()
  return {}
end

---@param ctx purser.ViewContext
function M.prepare(ctx)
  local list = require('purser.runs').list()
  local out = {}
  for i = #list, 1, -1 do
    out[#out + 1] = list[i]
  end
  ctx.data.runs = out
end

---@param ctx purser.ViewContext
---@return purser.ui.Column[]
local function columns(ctx)
  ---@type purser.ui.Column[]
  return {
    {
      name = 'state',
      title = 'State',
      max = 24,
      text = function(run)
        local mark, word = run_status.state(run.status)
        return ('%s %s'):format(mark, word)
      end,
      group = function(run)
        return select(3, run_status.state(run.status))
      end,
    },
    {
      name = 'agent',
      title = 'Agent',
      text = function(run)
        return run.agent
      end,
      group = 'PurserName',
    },
    {
      name = 'cost',
      title = 'Cost',
      right = true,
      text = function(run)
        return run.sums and (run.sums.requests or 0) > 0 and format.cost(run.sums) or ''
      end,
    },
    {
      name = 'tokens',
      title = 'Tokens',
      keep = 3,
      text = function(run)
        return run_status.tokens(run.sums) or ''
      end,
      group = 'PurserMuted',
    },
    {
      name = 'started',
      title = 'Started',
      keep = 4,
      text = function(run)
        return format.moment(run.started_ms, ctx.now_ms)
      end,
      group = 'PurserMuted',
    },
    {
      name = 'prompt',
      title = 'Prompt',
      grow = true,
      min = 10,
      keep = 6,
      text = function(run)
        return width.clean(run.prompt)
      end,
    },
  }
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  local out = Text.new()
  local list = ctx.data.runs or {}
  if #list == 0 then
    return out:add('No run yet: :AgentRun starts one.', 'PurserMuted'):nl()
  end
  return out:append(tables.draw(columns(ctx), list, {
    width = ctx.width,
    item = function(run)
      return { the_run = run }
    end,
  }))
end

---@param browser purser.Browser
---@return purser.ui.Key[]
function M.keys(browser)
  ---@return purser.Run?
  local function here()
    local item = browser:item()
    return type(item) == 'table' and item.the_run or nil
  end
  return {
    {
      lhs = '<CR>',
      desc = 'Open the window of the run',
      hint = 'open',
      rank = 2,
      group = 'Run',
      run = function()
        local run = here()
        if run then
          browser.window:close()
          require('purser.ui.run_window').open(run)
        end
      end,
    },
    {
      lhs = 'o',
      desc = 'What it cost, request by request',
      hint = 'cost',
      rank = 4,
      group = 'Run',
      run = function()
        local run = here()
        if run and run.id then
          browser:push('run', { name = run.id })
        end
      end,
    },
    {
      lhs = 'x',
      desc = 'Stop the run',
      hint = 'stop',
      rank = 3,
      group = 'Run',
      run = function()
        local run = here()
        if run and run:is_active() then
          run:stop()
        end
      end,
    },
  }
end

return M

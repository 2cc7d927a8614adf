--- The conversation that a run belongs to: how its context grew, and its runs.

local Text = require('purser.ui.text')
local format = require('purser.ui.format')
local parts = require('purser.views.parts')
local runs = require('purser.views.runs')
local spark = require('purser.ui.spark')
local tables = require('purser.ui.table')
local width = require('purser.ui.width')

local M = {}

local RUNS = 10

--- The runs around this one, when there are many.
---@param list purser.RunRow[]
---@param id integer
---@return purser.RunRow[]
local function near(list, id)
  if #list <= RUNS then
    return list
  end
  local at = #list
  for i, row in ipairs(list) do
    at = row.id == id and i or at
  end
  local first = math.max(1, math.min(at - math.floor(RUNS / 2), #list - RUNS + 1))
  return vim.list_slice(list, first, first + RUNS - 1)
end

--- "Context ▁▂▃▅▇ 12k to 140k": a compaction is where it falls.
---@param out purser.ui.Text
---@param points { run: integer, context_tokens: integer }[]
---@param run purser.RunRow
---@param cells integer
local function context(out, points, run, cells)
  local values, mine_first, mine_last = {}, nil, nil
  for i, point in ipairs(points) do
    values[i] = point.context_tokens
    if point.run == run.id then
      mine_first, mine_last = mine_first or point, point
    end
  end
  local room = math.min(60, cells - 34)
  local note = ('%s to %s'):format(format.tokens(values[1]), format.tokens(values[#values]))
  if mine_first and mine_last and #points > 1 and points[1].run ~= points[#points].run then
    note = ('%s, here %s'):format(note, format.tokens(mine_last.context_tokens))
  end
  out:add('Context ', 'PurserMuted'):add(spark.line(spark.thin(values, room)), 'PurserBar')
  out:add(' ' .. note):nl()
end

---@param ctx purser.ViewContext
---@param answer { runs: purser.RunRow[], points: table[] }
---@param run purser.RunRow
---@return purser.ui.Text
function M.draw(ctx, answer, run)
  local out = Text.new()
  local points = answer.points or {}
  if #points == 0 then
    return out
  end
  local list = answer.runs or {}
  local cost = 0
  for _, point in ipairs(points) do
    cost = cost + (point.cost_nanousd or 0)
  end
  local note = ('%s, %s, %s'):format(
    format.count(math.max(1, #list), 'run'),
    format.count(#points, 'request'),
    format.money(cost)
  )
  parts.heading(out, 'Conversation', width.cut(note, ctx.width - 14))
  context(out, points, run, ctx.width)
  if #list < 2 then
    return out
  end
  local shown = near(list, run.id)
  return out:append(tables.draw(runs.columns(ctx, shown, { without = { agent = true, workspace = true } }), shown, {
    width = ctx.width,
    item = function(row)
      return row.id ~= run.id and { kind = 'run', name = row.id } or nil
    end,
  }))
end

return M

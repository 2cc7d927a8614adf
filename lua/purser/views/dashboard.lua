--- The first window: what this month has cost, against its budget, and where it went.

local Text = require('purser.ui.text')
local chart_height = require('purser.views.room').chart_height
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local heatmap = require('purser.ui.heatmap')
local parts = require('purser.views.parts')
local rows_of = require('purser.views.rows')
local runs = require('purser.views.runs')
local span = require('purser.views.span')
local tables = require('purser.ui.table')
local trend = require('purser.views.trend')

---@type purser.View
local M = { name = 'dashboard', live = true, ranged = true }

---@return purser.ui.Chunk[]
function M.title()
  return { { ' Cost report ', 'PurserTitle' } }
end

---@param ctx purser.ViewContext
---@return table<string, purser.Question>
function M.questions(ctx)
  local since, last = span.of(ctx)
  local function report(by)
    return { 'report', { by = by, since = since, ['until'] = last } }
  end
  local out = {
    days = report('day'),
    agents = report('agent'),
    workspaces = report('workspace'),
    models = report('model'),
    budgets = { 'budget.list' },
    log = { 'log', { limit = 12 } },
    before = { 'report', { by = 'month', since = span.before(ctx), ['until'] = select(2, span.before(ctx)) } },
  }
  if ctx.range == 'year' then
    out.months = report('month')
  end
  return out
end

---@param ctx purser.ViewContext
---@return string[]
local function notes(ctx)
  local data, out = ctx.data, {}
  local total = data.days and data.days.total
  local budget = span.is_current(ctx)
    and ctx.range == 'month'
    and parts.budget(data.budgets and data.budgets.budgets, 'global')
  if budget and budget.resets_at_ms then
    out[#out + 1] = 'resets ' .. format.until_then(budget.resets_at_ms, ctx.now_ms)
  end
  if budget and (budget.held_nanousd or 0) > 0 then
    out[#out + 1] = format.money(budget.held_nanousd) .. ' held'
  end
  local forecast = total and span.forecast(ctx, total.cost_nanousd)
  if forecast then
    out[#out + 1] = 'at this pace ' .. format.money(forecast)
  end
  if total and data.before then
    out[#out + 1] = span.compared(ctx, total.cost_nanousd, data.before.total.cost_nanousd)
  end
  if span.is_current(ctx) and ctx.range == 'month' and data.budgets and not (budget and budget.limit_nanousd) then
    out[#out + 1] = ctx.printed and 'no budget for everything' or 'no budget for everything (6 sets one)'
  end
  return out
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
local function total(ctx)
  local data = ctx.data
  local sums = data.days and data.days.total
  local right
  if span.is_current(ctx) and data.days then
    local today = 0
    for _, row in ipairs(data.days.rows) do
      if row.key == ctx.today then
        today = row.cost_nanousd
      end
    end
    right = { { 'today ', 'PurserMuted' }, { format.money(today), 'PurserToday' } }
  end
  return parts.total(ctx, {
    total = sums,
    budget = span.is_current(ctx) and ctx.range == 'month' and parts.budget(
      data.budgets and data.budgets.budgets,
      'global'
    ) or nil,
    when = span.words(ctx),
    right = right,
    notes = notes(ctx),
  })
end

---@param ctx purser.ViewContext
---@param what "agents"|"workspaces"|"models"
---@param title string
---@param room integer
---@param limit integer
---@return purser.ui.Text
local function top(ctx, what, title, room, limit)
  local report = ctx.data[what] or { rows = {} }
  local kind = what:sub(1, -2)
  local workspace = what == 'workspaces'
  local columns = parts.columns(title, report.rows, report.total, {
    left = workspace,
    name = workspace and function(row)
      return format.path(row.key)
    end or nil,
  })
  if what ~= 'models' and span.is_current(ctx) and ctx.range == 'month' then
    local budgets = ctx.data.budgets and ctx.data.budgets.budgets
    columns[#columns + 1] = parts.budget_column(room, function(row)
      return parts.budget(budgets, kind .. ':' .. row.key)
    end)
  end
  local out = parts.table_or(title, columns, report.rows, {
    width = room,
    limit = limit,
    item = function(row)
      return { kind = kind, name = row.key }
    end,
  }, ctx.data[what] and 'Nothing yet.' or '')
  if #report.rows > limit then
    out:add(('%s and %d more'):format(glyphs.get().more, #report.rows - limit), 'PurserMuted'):nl()
  end
  return out
end

--- A month's columns take this much; what is left beside them has room for figures.
local MONTH_CELLS, SIDE_CELLS = 68, 17

---@param ctx purser.ViewContext
---@param room? integer
---@return purser.ui.Text
local function over_time(ctx, room)
  local narrow = setmetatable({ width = room or ctx.width }, { __index = ctx })
  local out = Text.new()
  local days, months = ctx.data.days and ctx.data.days.rows, ctx.data.months and ctx.data.months.rows
  local beside = ctx.range == 'month' and narrow.width >= MONTH_CELLS + SIDE_CELLS + 3
  local note = not beside and trend.note(ctx, ctx.range == 'year' and months or days) or nil
  parts.heading(out, ctx.range == 'year' and 'Per month' or 'Per day', note)
  if beside then
    local left = narrow.width - SIDE_CELLS - 3
    narrow.width = left
    out:append(Text.beside({
      { text = trend.columns(narrow, days, nil, chart_height(ctx)), width = left },
      { text = trend.figures(ctx, days, SIDE_CELLS), width = SIDE_CELLS },
    }, 3))
  else
    out:append(trend.columns(narrow, days, months, chart_height(ctx)))
  end
  if ctx.range == 'year' then
    local year = ctx.month:sub(1, 4)
    local _, by_day = trend.days(ctx.data.days and ctx.data.days.rows, year .. '-01-01', year .. '-12-31')
    out:nl():append(heatmap.draw(by_day, {
      first = year .. '-01-01',
      last = year .. '-12-31',
      today = ctx.today,
      width = narrow.width,
      coloured = ctx.coloured,
    }))
  end
  return out
end

---@param ctx purser.ViewContext
---@param room integer
---@return purser.ui.Text
local function split(ctx, room)
  local sums = ctx.data.days and ctx.data.days.total
  local out = Text.new()
  local note
  if sums then
    note = ('%s in, %s out'):format(format.tokens(parts.tokens_in(sums)), format.tokens(sums.output or 0))
  end
  parts.heading(out, 'Tokens', note)
  return out:append(parts.split(ctx, sums, room))
end

---@param ctx purser.ViewContext
---@param room integer
---@param limit integer
---@return purser.ui.Text
local function last_runs(ctx, room, limit)
  local rows = ctx.data.log and ctx.data.log.runs or {}
  local out = Text.new()
  parts.heading(out, 'Last runs')
  if #rows == 0 then
    return out:add(ctx.data.log and 'None yet: :AgentRun starts one.' or '', 'PurserMuted'):nl()
  end
  return out:append(tables.draw(runs.columns(ctx, rows), rows, {
    width = room,
    limit = limit,
    bare = true,
    item = function(row)
      return { kind = 'run', name = row.id }
    end,
  }))
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  local out = Text.new()
  out:append(total(ctx))
  out:append(parts.doubts(ctx, ctx.data.days and ctx.data.days.total))
  out:nl()
  if ctx.width >= 130 then
    local gap = 4
    local half = math.floor((ctx.width - gap) / 2)
    local function pair(left, right)
      out:append(Text.beside({ { text = left, width = half }, { text = right, width = half } }, gap)):nl()
    end
    if ctx.range == 'year' then
      out:append(over_time(ctx)):nl()
      pair(top(ctx, 'agents', 'Agent', half, 8), top(ctx, 'workspaces', 'Workspace', half, 8))
      pair(top(ctx, 'models', 'Model', half, 8), split(ctx, half))
    else
      pair(over_time(ctx, half), top(ctx, 'agents', 'Agent', half, chart_height(ctx) + 2))
      pair(top(ctx, 'models', 'Model', half, 8), top(ctx, 'workspaces', 'Workspace', half, 8))
      pair(split(ctx, half), last_runs(ctx, half, 10))
      return out
    end
    out:append(last_runs(ctx, ctx.width, 12))
    return out
  end
  out:append(over_time(ctx)):nl()
  out:append(top(ctx, 'agents', 'Agent', ctx.width, 5)):nl()
  out:append(top(ctx, 'workspaces', 'Workspace', ctx.width, 5)):nl()
  out:append(top(ctx, 'models', 'Model', ctx.width, 5)):nl()
  out:append(split(ctx, ctx.width)):nl()
  out:append(last_runs(ctx, ctx.width, 8))
  return out
end

---@param ctx purser.ViewContext
---@return purser.Export
function M.export(ctx)
  return rows_of.days(ctx, 'spend', ctx.data.days, ctx.data.months)
end

return M

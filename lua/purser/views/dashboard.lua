--- The first window: what this month has cost, against its budget, and where it went.

local Text = require('purser.ui.text')
local asks = require('purser.views.asks')
local chart_height = require('purser.views.room').chart_height
local headline = require('purser.views.headline')
local parts = require('purser.views.parts')
local review = require('purser.views.review')
local rows_of = require('purser.views.rows')
local runs = require('purser.views.runs')
local shares = require('purser.views.shares')
local span = require('purser.views.span')
local tables = require('purser.ui.table')
local tokens = require('purser.views.tokens')
local trend = require('purser.views.trend')
local ways = require('purser.views.ways')
local width = require('purser.ui.width')

---@type purser.View
local M = { name = 'dashboard', live = true, ranged = true, billed = true }

---@return purser.ui.Chunk[]
function M.title()
  return { { ' Cost report ', 'PurserTitle' } }
end

---@param ctx purser.ViewContext
---@return table<string, purser.Question>
function M.questions(ctx)
  local since_ms, until_ms = span.ms(ctx)
  return vim.tbl_extend('force', asks.headline(ctx), {
    days = asks.report(ctx, 'day'),
    agents = asks.report(ctx, 'agent'),
    workspaces = asks.report(ctx, 'workspace'),
    models = asks.report(ctx, 'model'),
    review = review.briefly(ctx),
    log = { 'log', { limit = 12, billing = ctx.billing, since_ms = since_ms, until_ms = until_ms } },
  })
end

---@param ctx purser.ViewContext
---@return string?
local function hint(ctx)
  local budgets = ctx.data.budgets and ctx.data.budgets.budgets
  local budget = parts.budget(budgets, 'global')
  if not budgets or not span.is_this_month(ctx) or ctx.billing ~= 'metered' or (budget and budget.limit_nanousd) then
    return nil
  end
  return ctx.printed and 'no budget for everything' or 'no budget for everything (6 sets one)'
end

local TITLES = { agent = 'Agent', workspace = 'Workspace', model = 'Model' }

---@param ctx purser.ViewContext
---@param by "agent"|"workspace"|"model"
---@param room integer
---@param limit integer
---@return purser.ui.Text
local function top(ctx, by, room, limit)
  local tab = by .. 's'
  local with_budgets = by ~= 'model' and span.is_this_month(ctx) and ctx.billing == 'metered'
  return shares.draw(ctx, ctx.data[tab], {
    by = by,
    title = TITLES[by],
    room = room,
    limit = limit,
    tab = tab,
    budgets = with_budgets and ctx.data.budgets and ctx.data.budgets.budgets or nil,
  })
end

---@param ctx purser.ViewContext
---@param cells integer
---@return purser.ui.Text
local function over_time(ctx, cells)
  local days = ctx.data.days and ctx.data.days.rows
  local out = trend.section(ctx, days, cells)
  if ctx.range == 'year' and ctx.grain ~= 'day' then
    out:nl():append(trend.calendar(ctx, days, cells))
  end
  return out
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
    local none = span.is_current(ctx) and 'None yet: :AgentRun starts one.' or 'None.'
    return out:add(ctx.data.log and none or '', 'PurserMuted'):nl()
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

--- Instead of empty tables: what there is to do.
---@param ctx purser.ViewContext
---@return purser.ui.Text
local function nothing(ctx)
  local out = Text.new():add(('Nothing was booked %s.'):format(span.words(ctx))):nl():nl()
  local hints = {
    { ':AgentRun', 'starts a run; it is priced and logged as it goes' },
    { ':Purser import', 'reads what your clients have spent before' },
    { ':checkhealth purser', 'says what was found and what is missing' },
  }
  if not ctx.printed then
    table.insert(hints, 1, { '[', 'shows the month before' })
    hints[#hints + 1] = { '?', 'lists the keys' }
  end
  for _, way in ipairs(hints) do
    out:add(way[1], 'PurserKey'):to(22):add(width.cut(way[2], ctx.width - 22), 'PurserMuted'):nl()
  end
  return out
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  local total = ctx.data.days and ctx.data.days.total
  local out = headline.draw(ctx, { total = total, scope = 'global', notes = { hint(ctx) } }):nl()
  if total and total.runs == 0 and total.requests == 0 then
    return out:append(nothing(ctx))
  end
  if ctx.width < 130 then
    out:append(over_time(ctx, ctx.width)):nl()
    out:append(top(ctx, 'agent', ctx.width, 5)):nl()
    out:append(top(ctx, 'workspace', ctx.width, 5)):nl()
    out:append(top(ctx, 'model', ctx.width, 5)):nl()
    out:append(tokens.section(total, ctx.width)):nl()
    local found = review.section(ctx, ctx.data.review, ctx.width)
    if found:height() > 0 then
      out:append(found):nl()
    end
    return out:append(last_runs(ctx, ctx.width, 8))
  end
  local gap = 4
  local half = math.floor((ctx.width - gap) / 2)
  local function pair(left, right)
    out:append(Text.beside({ { text = left, width = half }, { text = right, width = half } }, gap)):nl()
  end
  local found = review.section(ctx, ctx.data.review, half)
  if ctx.range == 'year' then
    out:append(over_time(ctx, ctx.width)):nl()
    pair(top(ctx, 'agent', half, 8), top(ctx, 'workspace', half, 8))
    pair(top(ctx, 'model', half, 8), tokens.section(total, half))
    if found:height() > 0 then
      out:append(review.section(ctx, ctx.data.review, ctx.width)):nl()
    end
    return out:append(last_runs(ctx, ctx.width, 12))
  end
  pair(over_time(ctx, half), top(ctx, 'agent', half, chart_height(ctx) + 2))
  pair(top(ctx, 'model', half, 8), top(ctx, 'workspace', half, 8))
  local went = tokens.section(total, half)
  if found:height() > 0 then
    went:append(Text.new():nl()):append(found)
  end
  pair(went, last_runs(ctx, half, 10))
  return out
end

---@param ctx purser.ViewContext
---@return purser.Export
function M.export(ctx)
  return rows_of.days(ctx, 'spend', 'Spend', ctx.data.days)
end

---@param browser purser.Browser
---@return purser.ui.Key[]
function M.keys(browser)
  return ways.keys(browser, 'dashboard')
end

return M

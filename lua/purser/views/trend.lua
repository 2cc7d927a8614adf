--- Spend over time as several views show it: columns with a scale, the figures beside them, a sparkline.

local Text = require('purser.ui.text')
local chart = require('purser.ui.chart')
local dates = require('purser.ui.dates')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local spark = require('purser.ui.spark')

local M = {}

--- Values for each day of a span, noughts included.
---@param rows? purser.ReportRow[]
---@param first string
---@param last string
---@return number[] values
---@return table<string, number> by_day
function M.days(rows, first, last)
  local by_day = {}
  for _, row in ipairs(rows or {}) do
    by_day[row.key] = row.cost_nanousd
  end
  local values = {}
  local start = dates.day_number(first)
  for number = start, dates.day_number(last) do
    values[number - start + 1] = by_day[dates.from_number(number)] or 0
  end
  return values, by_day
end

--- Spend per day of the month that is shown, or per month of the year.
---@param ctx purser.ViewContext
---@param rows? purser.ReportRow[] by day
---@param months? purser.ReportRow[] by month, for a year
---@param height integer
---@return purser.ui.Text
function M.columns(ctx, rows, months, height)
  local out = Text.new()
  if ctx.range == 'year' then
    local year = ctx.month:sub(1, 4)
    local values, labels, by_month = {}, {}, {}
    for _, row in ipairs(months or {}) do
      by_month[row.key] = row.cost_nanousd
    end
    for m = 1, 12 do
      local month = ('%s-%02d'):format(year, m)
      values[m] = by_month[month] or 0
      labels[m] = dates.month_word(month):sub(1, 3)
    end
    local current = year == ctx.today:sub(1, 4) and tonumber(ctx.today:sub(6, 7)) or nil
    out:append(chart.draw(values, {
      width = math.min(ctx.width, 90),
      height = height,
      labels = labels,
      highlight = current,
      upto = current,
    }))
    return out
  end
  local first, last = dates.month_span(ctx.month)
  local values = M.days(rows, first, last)
  local current = ctx.month == ctx.today:sub(1, 7) and tonumber(ctx.today:sub(9, 10)) or nil
  local labels = {}
  for _, day in ipairs({ 1, 7, 14, 21, 28 }) do
    labels[day] = tostring(day)
  end
  if current then
    -- Today's number takes the place of one that would touch it.
    for day in pairs(labels) do
      if math.abs(day - current) <= 2 then
        labels[day] = nil
      end
    end
    labels[current] = tostring(current)
  end
  out:append(chart.draw(values, {
    width = ctx.width,
    height = height,
    labels = labels,
    highlight = current,
    upto = current or (ctx.month < ctx.today:sub(1, 7) and #values or 0),
  }))
  return out
end

--- "busiest 18 Nov $4.10 · $1.72 a day": the numbers beside the columns.
---@param ctx purser.ViewContext
---@param rows? purser.ReportRow[]
---@return string?
function M.note(ctx, rows)
  local most
  for _, row in ipairs(rows or {}) do
    if row.cost_nanousd > (most and most.cost_nanousd or 0) then
      most = row
    end
  end
  if not most then
    return nil
  end
  local name = #most.key == 7 and dates.month_word(most.key) or dates.short(most.key)
  local set = glyphs.get()
  local note = ('most on %s: %s'):format(name, format.money(most.cost_nanousd))
  if #most.key == 7 then
    note = ('most in %s: %s'):format(name, format.money(most.cost_nanousd))
  end
  local today
  for _, row in ipairs(rows or {}) do
    if row.key == ctx.today then
      today = row
    end
  end
  if today and today ~= most then
    note = ('%s %s today: %s'):format(note, set.separator, format.money(today.cost_nanousd))
  end
  return note
end

--- The figures that stand beside the columns of a month.
---@param ctx purser.ViewContext
---@param rows? purser.ReportRow[]
---@param cells integer
---@return purser.ui.Text
function M.figures(ctx, rows, cells)
  local out = Text.new()
  if not rows then
    return out
  end
  local first, last = dates.month_span(ctx.month)
  local values, by_day = M.days(rows, first, last)
  local current = ctx.month == ctx.today:sub(1, 7)
  local upto = current and tonumber(ctx.today:sub(9, 10)) or #values
  local function figure(label, nanousd)
    out:add(label, 'PurserMuted'):right(cells, { { format.money(nanousd) } }):nl()
  end
  if current then
    figure('today', by_day[ctx.today] or 0)
    figure('yesterday', by_day[dates.shift_day(ctx.today, -1)] or 0)
  end
  local sum, most, at = 0, 0, nil
  for i = 1, upto do
    sum = sum + values[i]
    if values[i] > most then
      most, at = values[i], i
    end
  end
  figure('a day', math.floor(sum / upto + 0.5))
  if at then
    figure('on ' .. dates.short(('%s-%02d'):format(ctx.month, at)), most)
  end
  return out
end

--- Sums of days as a sparkline of `cells`.
---@param rows? purser.ReportRow[]
---@param first string
---@param last string
---@param cells integer
---@return string
function M.sparkline(rows, first, last, cells)
  return spark.line((M.days(rows, first, last)), cells)
end

return M

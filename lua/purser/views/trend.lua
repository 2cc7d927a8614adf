--- Spend over time as several views show it: columns with a scale, the figures beside them, a sparkline.

local Text = require('purser.ui.text')
local buckets = require('purser.views.buckets')
local chart = require('purser.ui.chart')
local dates = require('purser.ui.dates')
local format = require('purser.ui.format')
local heatmap = require('purser.ui.heatmap')
local parts = require('purser.views.parts')
local room = require('purser.views.room')
local span = require('purser.views.span')
local spark = require('purser.ui.spark')

local M = {}

--- Cells that the scale beside the columns takes, at most.
local GUTTER = 9
--- Columns of a month take this much; what is left beside them has room for figures.
local MONTH_CELLS, SIDE_CELLS = 68, 17

local COARSER = { day = 'week', week = 'month' }

--- The grain that there is room for.
---@param ctx purser.ViewContext
---@param rows? purser.ReportRow[]
---@param cells integer
---@return purser.Bucket[]
---@return purser.Grain
local function fitting(ctx, rows, cells)
  local grain = buckets.grain(ctx)
  local list = buckets.of(ctx, rows, grain)
  while #list > cells - GUTTER and COARSER[grain] do
    grain = COARSER[grain]
    list = buckets.of(ctx, rows, grain)
  end
  return list, grain
end

---@param list purser.Bucket[]
---@param cells integer
---@param height integer
---@return purser.ui.Text
local function columns(list, cells, height)
  local labels, now, upto = {}, nil, 0
  for i, bucket in ipairs(list) do
    labels[i] = bucket.label
    now = bucket.now and i or now
    upto = bucket.ahead and upto or i
  end
  -- The running day is named too, in the place of what would touch it.
  if now and not labels[now] and list[now].key:match('%-%d%d%-%d%d$') then
    local word = #list > 31 and dates.short(list[now].key) or tostring(tonumber(list[now].key:sub(9, 10)))
    for i in pairs(labels) do
      if math.abs(i - now) <= #word then
        labels[i] = nil
      end
    end
    labels[now] = word
  end
  return chart.draw(buckets.values(list), {
    width = #list <= 14 and math.min(cells, 90) or cells,
    height = height,
    labels = labels,
    highlight = now,
    upto = upto,
  })
end

--- "most on 9 Nov: $6.65": the number to the highest column.
---@param list purser.Bucket[]
---@return string?
local function note(list)
  local most
  for _, bucket in ipairs(list) do
    if bucket.value > (most and most.value or 0) then
      most = bucket
    end
  end
  if not most then
    return nil
  end
  local where = most.title:match('^%d') and 'on ' or most.title:match('^week') and 'in the ' or 'in '
  return ('most %s: %s'):format(where .. most.title, format.money(most.value))
end

--- The figures that stand beside the columns of days.
---@param list purser.Bucket[]
---@param cells integer
---@return purser.ui.Text
local function figures(list, cells)
  local out = Text.new()
  local function figure(label, nanousd)
    out:add(label, 'PurserMuted'):right(cells, { { format.money(nanousd) } }):nl()
  end
  local sum, most, gone = 0, nil, 0
  for i, bucket in ipairs(list) do
    if bucket.now then
      figure('today', bucket.value)
      figure('yesterday', i > 1 and list[i - 1].value or 0)
    end
    if not bucket.ahead then
      sum, gone = sum + bucket.value, gone + 1
    end
    if bucket.value > (most and most.value or 0) then
      most = bucket
    end
  end
  if gone > 0 then
    figure('a day', math.floor(sum / gone + 0.5))
  end
  if most then
    figure('on ' .. most.title, most.value)
  end
  return out
end

local TITLES = { day = 'Per day', week = 'Per week', month = 'Per month' }

--- The days of the year as a calendar.
---@param ctx purser.ViewContext
---@param rows? purser.ReportRow[]
---@param cells integer
---@return purser.ui.Text
function M.calendar(ctx, rows, cells)
  local by_day = {}
  for _, row in ipairs(rows or {}) do
    by_day[row.key] = row.cost_nanousd
  end
  local first, last = span.of(ctx)
  return heatmap.draw(by_day, {
    first = first,
    last = last,
    today = ctx.today,
    width = cells,
    coloured = ctx.coloured,
  })
end

--- The trend with its heading: columns, and the figures that belong to them.
---@param ctx purser.ViewContext
---@param rows? purser.ReportRow[] by day
---@param cells integer
---@return purser.ui.Text
function M.section(ctx, rows, cells)
  local out = Text.new()
  if ctx.range == 'year' and buckets.grain(ctx) == 'day' then
    parts.heading(out, TITLES.day)
    return out:append(M.calendar(ctx, rows, cells))
  end
  local list, grain = fitting(ctx, rows, cells)
  local height = room.chart_height(ctx)
  local beside = grain == 'day' and #list <= 31 and cells >= MONTH_CELLS + SIDE_CELLS + 3
  local words = note(list)
  if beside or not words or #words + #TITLES[grain] + 2 > cells then
    words = nil
  end
  parts.heading(out, TITLES[grain], words)
  if not beside then
    return out:append(columns(list, cells, height))
  end
  local left = cells - SIDE_CELLS - 3
  return out:append(Text.beside({
    { text = columns(list, left, height), width = left },
    { text = rows and figures(list, SIDE_CELLS) or Text.new(), width = SIDE_CELLS },
  }, 3))
end

--- Numbers as one line: what they are, the sparkline, their sum.
---@param label string
---@param values number[]
---@param total purser.Sums
---@param cells integer
---@return purser.ui.Text
local function line(label, values, total, cells)
  local out = Text.new():add(label .. ' ', 'PurserMuted')
  out:add(spark.line(values, math.min(90, cells - #label - 14)), 'PurserBar')
  return out:add(' ' .. format.cost(total)):nl()
end

--- The days of a stretch as one line.
---@param label string
---@param report { rows: purser.ReportRow[], total: purser.Sums }
---@param first string
---@param last string
---@param cells integer
---@return purser.ui.Text
function M.line(label, report, first, last, cells)
  local by_day, values = {}, {}
  for _, row in ipairs(report.rows) do
    by_day[row.key] = row.cost_nanousd
  end
  local start = dates.day_number(first)
  for number = start, dates.day_number(last) do
    values[number - start + 1] = by_day[dates.from_number(number)] or 0
  end
  return line(label, values, report.total, cells)
end

--- The stretch that is shown as one line, finer than its columns: the days of 90, the weeks of a year.
---@param ctx purser.ViewContext
---@param report { rows: purser.ReportRow[], total: purser.Sums }
---@param cells integer
---@return purser.ui.Text
function M.fine_line(ctx, report, cells)
  local grain = ctx.range == 'year' and 'week' or 'day'
  return line(grain .. 's', buckets.values(buckets.of(ctx, report.rows, grain)), report.total, cells)
end

return M

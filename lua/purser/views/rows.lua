--- Reports as rows of plain values, for a file.

local dates = require('purser.ui.dates')
local trend = require('purser.views.trend')

local M = {}

--- A report as rows of plain values, for a file.
---@param name string
---@param report? { rows: purser.ReportRow[] }
---@return purser.Export
function M.report(name, report)
  local columns = {
    'key',
    'runs',
    'requests',
    'input',
    'cache_read',
    'cache_write_5m',
    'cache_write_1h',
    'output',
    'cost_nanousd',
    'unpriced_requests',
  }
  local rows = {}
  for i, row in ipairs(report and report.rows or {}) do
    local values = {}
    for j, column in ipairs(columns) do
      values[j] = row[column] or 0
    end
    rows[i] = values
  end
  return { name = name, columns = columns, rows = rows }
end

--- The same with the trend, for a picture.
---@param ctx purser.ViewContext
---@param name string
---@param days? { rows: purser.ReportRow[] }
---@param months? { rows: purser.ReportRow[] }
---@return purser.Export
function M.days(ctx, name, days, months)
  local out = M.report(name, days)
  out.trend = {}
  if ctx.range == 'year' then
    for _, row in ipairs(months and months.rows or {}) do
      table.insert(out.trend, { key = row.key, value = row.cost_nanousd })
    end
    return out
  end
  local first, last = dates.month_span(ctx.month)
  for i, value in ipairs((trend.days(days and days.rows, first, last))) do
    out.trend[i] = { key = dates.shift_day(first, i - 1), value = value }
  end
  return out
end

return M

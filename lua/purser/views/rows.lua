--- Reports as rows of plain values, for a file.

local billing = require('purser.views.billing')
local buckets = require('purser.views.buckets')
local format = require('purser.ui.format')
local span = require('purser.views.span')

local M = {}

local COLUMNS = {
  'key',
  'runs',
  'requests',
  'input',
  'cache_read',
  'cache_write_5m',
  'cache_write_1h',
  'output',
  'cost_nanousd',
  'cost_input_nanousd',
  'cost_cache_read_nanousd',
  'cost_cache_write_nanousd',
  'cost_output_nanousd',
  'cost_extra_nanousd',
  'cache_saved_nanousd',
  'unpriced_requests',
  'estimated_nanousd',
  'uncertain_nanousd',
}

--- A report as rows of plain values, for a file.
---@param name string
---@param report? { rows: purser.ReportRow[] }
---@return purser.Export
function M.report(name, report)
  local rows = {}
  for i, row in ipairs(report and report.rows or {}) do
    local values = {}
    for j, column in ipairs(COLUMNS) do
      values[j] = row[column] or 0
    end
    rows[i] = values
  end
  return { name = name, columns = vim.list_slice(COLUMNS), rows = rows }
end

--- The same with the trend, for a picture.
---@param ctx purser.ViewContext
---@param name string
---@param title string whose spend it is
---@param days? { rows: purser.ReportRow[], total: purser.Sums }
---@return purser.Export
function M.days(ctx, name, title, days)
  local out = M.report(name, days)
  local grain = buckets.grain(ctx)
  local word = billing.word(ctx.billing)
  out.trend = {
    title = ('%s per %s, %s'):format(title, grain, span.name(ctx)),
    total = format.cost(days and days.total) .. (word == '' and '' or ' ' .. word),
    points = {},
  }
  for i, bucket in ipairs(buckets.of(ctx, days and days.rows, grain)) do
    out.trend.points[i] = { title = bucket.title, label = bucket.label, value = bucket.value }
  end
  return out
end

return M

--- A report cut by one thing as a table: the largest rows, and what all the others add up to, so that what is shown is the whole.

local Text = require('purser.ui.text')
local filter = require('purser.views.filter')
local format = require('purser.ui.format')
local parts = require('purser.views.parts')
local tables = require('purser.ui.table')
local width = require('purser.ui.width')

local M = {}

--- What opens the row of a cut: agents and workspaces have a window of their own, the others lead to their runs.
---@param ctx purser.ViewContext
---@param by string
---@param key string
---@param within? table<string, string> what else the cut is limited to
---@return purser.Item.Target?
function M.target(ctx, by, key, within)
  if by == 'agent' or by == 'workspace' then
    return { kind = by, name = key }
  elseif key == '' then
    return nil
  end
  local asked = vim.tbl_extend('force', within or {}, { [by] = key })
  if ctx.billing and ctx.billing ~= 'metered' then
    asked.billing = ctx.billing
  end
  return { kind = 'log', name = filter.exactly(asked) }
end

--- The rows with the largest cost, and one more for the rest.
---@param rows purser.ReportRow[] largest first
---@param limit integer
---@return purser.ReportRow[]
function M.top(rows, limit)
  if #rows <= limit then
    return rows
  end
  local out = vim.list_slice(rows, 1, limit - 1)
  local rest = { key = ('%d more'):format(#rows - limit + 1), rest = true }
  for i = limit, #rows do
    for name, value in pairs(rows[i]) do
      if type(value) == 'number' then
        rest[name] = (rest[name] or 0) + value
      end
    end
  end
  out[limit] = rest
  return out
end

---@class (exact) purser.SharesOptions
---@field by string
---@field title string
---@field room integer
---@field limit integer
---@field budgets? purser.Budget[] shown as a column
---@field within? table<string, string>
---@field tab? string where all rows are

---@param ctx purser.ViewContext
---@param report? { rows: purser.ReportRow[], total: purser.Sums }
---@param options purser.SharesOptions
---@return purser.ui.Text
function M.draw(ctx, report, options)
  local out = Text.new()
  if not report or #report.rows == 0 then
    out:add(options.title, 'PurserHeading'):nl()
    for _, line in ipairs(report and width.wrap('Nothing was spent.', options.room) or {}) do
      out:add(line, 'PurserMuted'):nl()
    end
    return out
  end
  local path = options.by == 'workspace'
  local columns = parts.columns(options.title, report.rows, report.total, {
    left = path,
    name = path and function(row)
      return row.rest and row.key or format.path(row.key)
    end or nil,
  })
  if options.budgets then
    columns[#columns + 1] = parts.budget_column(options.room, function(row)
      return not row.rest and parts.budget(options.budgets, options.by .. ':' .. row.key) or nil
    end)
  end
  return out:append(tables.draw(columns, M.top(report.rows, options.limit), {
    width = options.room,
    item = function(row)
      if row.rest then
        return options.tab and { kind = 'tab', name = options.tab } or nil
      end
      return M.target(ctx, options.by, row.key, options.within)
    end,
  }))
end

return M

--- What several views show: budgets by scope, shares, columns of a table of sums.

local bar = require('purser.ui.bar')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local width = require('purser.ui.width')

local M = {}

--- A row of a report: a key and its sums.
---@class purser.ReportRow: purser.Sums
---@field key string
---@field rest? boolean several rows added up

--- The budget of a scope and period, if there is one.
---@param budgets? purser.Budget[]
---@param scope string
---@param period? string default "month"
---@return purser.Budget?
function M.budget(budgets, scope, period)
  for _, budget in ipairs(budgets or {}) do
    if budget.scope == scope and budget.period == (period or 'month') then
      return budget
    end
  end
end

--- How much of a budget's limit is spent; nil without a limit. A limit of 0 is full from the start.
---@param budget? purser.Budget
---@return number?
function M.share_spent(budget)
  if not budget or not budget.limit_nanousd then
    return nil
  end
  if budget.limit_nanousd <= 0 then
    return 1
  end
  return (budget.spent_nanousd or 0) / budget.limit_nanousd
end

---@param part? number
---@param whole? number
---@return number
function M.share(part, whole)
  if not whole or whole <= 0 then
    return 0
  end
  return (part or 0) / whole
end

---@param sums? purser.Sums
---@return integer
function M.tokens_of(sums)
  if not sums then
    return 0
  end
  return (sums.input or 0)
    + (sums.cache_read or 0)
    + (sums.cache_write_5m or 0)
    + (sums.cache_write_1h or 0)
    + (sums.output or 0)
end

--- Everything that was sent, cached or not.
---@param sums? purser.Usage
---@return integer
function M.tokens_in(sums)
  if not sums then
    return 0
  end
  return (sums.input or 0) + (sums.cache_read or 0) + (sums.cache_write_5m or 0) + (sums.cache_write_1h or 0)
end

---@param out purser.ui.Text
---@param title string
---@param note? string
---@return purser.ui.Text
function M.heading(out, title, note)
  if not out:at_start() then
    out:nl()
  end
  out:add(title, 'PurserHeading')
  if note then
    out:add('  ' .. note, 'PurserMuted')
  end
  return out:nl()
end

--- The columns of a table of sums: name, runs, tokens, cost, share.
---@param title string of the first column
---@param rows purser.ReportRow[]
---@param total? purser.Sums
---@param options? { name?: fun(row: purser.ReportRow): string, left?: boolean }
---@return purser.ui.Column[]
function M.columns(title, rows, total, options)
  options = options or {}
  local most = 0
  for _, row in ipairs(rows) do
    most = math.max(most, row.cost_nanousd or 0)
  end
  local money = format.money_column(most)
  local set = glyphs.get()
  ---@type purser.ui.Column[]
  return {
    {
      name = 'name',
      title = title,
      text = options.name or function(row)
        return row.key == '' and '(none)' or row.key
      end,
      group = function(row)
        return row.rest and 'PurserMuted' or 'PurserName'
      end,
      left = options.left,
      grow = true,
      min = 14,
      max = 40,
      ascending = true,
    },
    {
      name = 'cost',
      title = 'Cost',
      right = true,
      text = function(row)
        if (row.unpriced_requests or 0) == 0 then
          return money(row.cost_nanousd)
        end
        return row.cost_nanousd == 0 and 'no price' or ('%s %s'):format(set.at_least, money(row.cost_nanousd))
      end,
      value = function(row)
        return row.cost_nanousd or 0
      end,
    },
    {
      name = 'share',
      title = 'Share',
      min = 14,
      max = 26,
      grow = true,
      keep = 8,
      draw = function(out, row, cells)
        local share = M.share(row.cost_nanousd, total and total.cost_nanousd)
        out:add(width.pad(format.percent(share), 5, true) .. ' ')
        bar.thin(out, share, cells - 6)
      end,
    },
    {
      name = 'runs',
      title = 'Runs',
      right = true,
      keep = 5,
      text = function(row)
        return format.number(row.runs or 0)
      end,
      value = function(row)
        return row.runs or 0
      end,
      group = 'PurserMuted',
    },
    {
      name = 'tokens',
      title = 'Tokens',
      right = true,
      keep = 4,
      text = function(row)
        return format.tokens(M.tokens_of(row))
      end,
      value = function(row)
        return M.tokens_of(row)
      end,
      group = 'PurserMuted',
    },
  }
end

--- A column with a budget: its bar, the percent and the limit.
---@param room integer of the whole table: a narrow one has no bar
---@param budget_of fun(row: any): purser.Budget?
---@return purser.ui.Column
function M.budget_column(room, budget_of)
  return {
    name = 'budget',
    title = 'Budget',
    min = room >= 80 and 24 or 14,
    max = 30,
    grow = true,
    keep = 7,
    value = function(row)
      return M.share_spent(budget_of(row)) or -1
    end,
    draw = function(out, row, cells)
      local budget = budget_of(row)
      local share = M.share_spent(budget)
      if not budget or not share then
        if not row.rest then
          out:add('none', 'PurserFaint')
        end
        return
      elseif budget.limit_nanousd <= 0 then
        out:add('no paid work', 'PurserMuted')
        return
      end
      local limit = 'of ' .. format.scale(budget.limit_nanousd)
      local group = bar.group(share)
      out:add(width.pad(format.percent(share), 5, true) .. ' ', share >= 0.8 and group or nil)
      local bar_cells = cells - 7 - math.max(8, width.of(limit))
      if bar_cells >= 4 then
        local held = M.share(budget.held_nanousd, budget.limit_nanousd)
        bar.thin(out, share, bar_cells, { group = group, track = true, held = held })
        out:add(' ')
      end
      out:add(width.cut(limit, cells - 6), 'PurserMuted')
    end,
  }
end

return M

--- What several views show: the total against its budget, columns of a table of sums, the split of the tokens.

local Text = require('purser.ui.text')
local bar = require('purser.ui.bar')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local tables = require('purser.ui.table')
local width = require('purser.ui.width')

local M = {}

--- A row of a report: a key and its sums.
---@class purser.ReportRow: purser.Sums
---@field key string

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

--- "$41.27 of $100.00 this month", the bar with its percent, and a line of what else there is to say.
---@param ctx purser.ViewContext
---@param options { total?: purser.Sums, budget?: purser.Budget, when: string, right?: purser.ui.Chunk[], notes: string[] }
---@return purser.ui.Text
function M.total(ctx, options)
  local set = glyphs.get()
  local out = Text.new()
  local budget = options.budget
  local share = M.share_spent(budget)
  out:add(options.total and format.cost(options.total) or set.ellipsis, 'PurserTotal')
  if budget and budget.limit_nanousd then
    out:add((' of %s %s'):format(format.money(budget.limit_nanousd), options.when), 'PurserMuted')
  else
    out:add(' ' .. options.when, 'PurserMuted')
  end
  if options.right then
    out:right(ctx.width, options.right)
  end
  out:nl()
  if share and budget then
    local percent = format.percent(share)
    local cells = ctx.width - 7
    bar.add(out, share, cells, {
      group = bar.group(share),
      track = true,
      held = M.share(budget.held_nanousd, budget.limit_nanousd),
    })
    out:add(width.pad(percent, 7, true), share >= 1 and 'PurserBarOver' or share >= 0.8 and 'PurserBarWarn' or nil):nl()
  end
  local sep = (' %s '):format(set.separator)
  local line = ''
  for _, note in ipairs(options.notes) do
    if line ~= '' and width.of(line) + width.of(sep) + width.of(note) > ctx.width then
      out:add(line, 'PurserMuted'):nl()
      line = ''
    end
    line = line == '' and note or line .. sep .. note
  end
  if line ~= '' then
    out:add(width.cut(line, ctx.width), 'PurserMuted'):nl()
  end
  return out
end

--- What is not sure about a total: always said, never folded away.
---@param ctx purser.ViewContext
---@param total? purser.Sums
---@return purser.ui.Text
function M.doubts(ctx, total)
  local out = Text.new()
  if not total then
    return out
  end
  local parts = {}
  if (total.unpriced_requests or 0) > 0 then
    local verb = total.unpriced_requests == 1 and 'has' or 'have'
    parts[#parts + 1] = ('%s %s no price'):format(format.count(total.unpriced_requests, 'request'), verb)
  end
  if (total.estimated_nanousd or 0) > 0 then
    parts[#parts + 1] = ('%s of it estimated'):format(format.money(total.estimated_nanousd))
  end
  if (total.uncertain_nanousd or 0) > 0 then
    parts[#parts + 1] = ('%s uncertain, not counted against budgets'):format(format.money(total.uncertain_nanousd))
  end
  for i, part in ipairs(parts) do
    for j, line in ipairs(width.wrap(part, ctx.width - 2)) do
      local mark = i == 1 and j == 1 and glyphs.get().warn or ' '
      out:add(mark, 'PurserWarn'):to(2):add(line, 'PurserWarn'):nl()
    end
  end
  return out
end

--- The columns of a table of sums: name, runs, tokens, cost, share.
---@param title string of the first column
---@param rows purser.ReportRow[]
---@param total? purser.Sums
---@param options? { name?: fun(row: purser.ReportRow): string, left?: boolean, group?: string }
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
      group = options.group or 'PurserName',
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
      value = function(row)
        return row.cost_nanousd or 0
      end,
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
        out:add('none', 'PurserFaint')
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

--- The tokens by kind, each with its share, and the cache's hit rate.
---@param ctx purser.ViewContext
---@param total? purser.Sums
---@param room? integer
---@return purser.ui.Text
function M.split(ctx, total, room)
  room = room or ctx.width
  local out = Text.new()
  total = total or {} --[[@as purser.Sums]]
  local all = M.tokens_of(total)
  local kinds = {
    { 'Input', total.input or 0 },
    { 'Cache write', (total.cache_write_5m or 0) + (total.cache_write_1h or 0) },
    { 'Cache read', total.cache_read or 0 },
    { 'Output', total.output or 0 },
  }
  local cells = math.max(4, math.min(30, room - 26))
  for _, kind in ipairs(kinds) do
    local share = M.share(kind[2], all)
    out:add(width.pad(kind[1], 12), 'PurserMuted')
    out:add(width.pad(format.tokens(kind[2]), 6, true)):add(width.pad(format.percent(share), 7, true) .. ' ')
    bar.thin(out, share, cells):nl()
  end
  local sent = M.tokens_in(total)
  if (total.cache_read or 0) > 0 and sent > 0 then
    local rate = format.percent(total.cache_read / sent)
    out:add(width.cut(('%s of what was sent came from the cache'):format(rate), room), 'PurserMuted'):nl()
  end
  return out
end

--- A table with a title, or a line that says there is nothing.
---@param title string
---@param columns purser.ui.Column[]
---@param rows purser.ReportRow[]
---@param options purser.ui.TableOptions
---@param nothing string
---@return purser.ui.Text
function M.table_or(title, columns, rows, options, nothing)
  local out = Text.new()
  if #rows == 0 then
    out:add(title, 'PurserHeading'):nl()
    for _, line in ipairs(width.wrap(nothing, options.width)) do
      out:add(line, 'PurserMuted'):nl()
    end
    return out
  end
  return out:append(tables.draw(columns, rows, options))
end

return M

--- The tabs that cut one total by one thing: agents, workspaces, models. They differ in a word.

local Text = require('purser.ui.text')
local asks = require('purser.views.asks')
local format = require('purser.ui.format')
local headline = require('purser.views.headline')
local parts = require('purser.views.parts')
local rows_of = require('purser.views.rows')
local shares = require('purser.views.shares')
local span = require('purser.views.span')
local tables = require('purser.ui.table')

local M = {}

---@class (exact) purser.CutOptions
---@field name string the view's
---@field by string
---@field title string heading of the first column
---@field many string
---@field path? boolean the keys are paths
---@field budgets? boolean they can have a budget

---@param row purser.ReportRow
---@param filter? string
---@return boolean
local function matches(row, filter)
  return not filter or row.key:lower():find(filter:lower(), 1, true) ~= nil
end

---@return purser.ui.Column
local function requests_column()
  return {
    name = 'requests',
    title = 'Requests',
    right = true,
    keep = 2,
    text = function(row)
      return format.number(row.requests or 0)
    end,
    value = function(row)
      return row.requests or 0
    end,
    group = 'PurserMuted',
  }
end

---@return purser.ui.Column
local function each_column()
  return {
    name = 'each',
    title = 'A run',
    right = true,
    keep = 3,
    text = function(row)
      if (row.runs or 0) == 0 or row.cost_nanousd == 0 and row.unpriced_requests > 0 then
        return ''
      end
      return format.money(math.floor(row.cost_nanousd / row.runs + 0.5))
    end,
    value = function(row)
      return (row.runs or 0) > 0 and row.cost_nanousd / row.runs or 0
    end,
    group = 'PurserMuted',
  }
end

---@param options purser.CutOptions
---@return purser.View
function M.view(options)
  ---@type purser.View
  local view = {
    name = options.name,
    live = true,
    ranged = true,
    billed = true,
    filtered = true,
    sorted = { name = 'cost' },
  }

  function view.title()
    return { { (' %s '):format(options.many), 'PurserTitle' } }
  end

  function view.questions(ctx)
    local out = asks.headline(ctx)
    out.forecast, out.before = nil, nil
    out.cut = asks.report(ctx, options.by)
    return out
  end

  function view.sortable(ctx)
    local report = ctx.data.cut or { rows = {} }
    local columns = parts.columns(options.title, report.rows, report.total, {
      left = options.path,
      name = options.path and function(row)
        return format.path(row.key)
      end or nil,
    })
    table.insert(columns, 5, requests_column())
    columns[#columns + 1] = each_column()
    if options.budgets and span.is_this_month(ctx) and (ctx.billing or 'metered') == 'metered' then
      local budgets = ctx.data.budgets and ctx.data.budgets.budgets
      columns[#columns + 1] = parts.budget_column(ctx.width, function(row)
        return parts.budget(budgets, options.by .. ':' .. row.key)
      end)
    end
    return columns
  end

  ---@param ctx purser.ViewContext
  ---@return purser.ui.Text
  local function head(ctx)
    local report = ctx.data.cut
    local out = headline.sum(ctx, report and report.total)
    out:add(' ' .. span.words(ctx), 'PurserMuted')
    if report then
      local sums = report.total
      local text = ('%s, %s tokens'):format(format.count(sums.runs, 'run'), format.tokens(parts.tokens_of(sums)))
      out:right(ctx.width, { { text, 'PurserMuted' } })
    end
    out:nl():append(headline.doubts(ctx, report and report.total))
    return out:append(headline.others(ctx))
  end

  function view.draw(ctx)
    local out = Text.new():append(head(ctx)):nl()
    local report = ctx.data.cut
    local rows = vim.tbl_filter(function(row)
      return matches(row, ctx.filter)
    end, report and report.rows or {})
    if report and #rows == 0 then
      return out:add(ctx.filter and 'Nothing matches the filter.' or 'Nothing was spent.', 'PurserMuted'):nl()
    end
    local columns = view.sortable(ctx)
    return out:append(tables.draw(columns, tables.sort(rows, columns, ctx.sort), {
      width = ctx.width,
      sort = ctx.sort,
      item = function(row)
        return shares.target(ctx, options.by, row.key)
      end,
    }))
  end

  if options.name == 'agents' then
    function view.keys(browser)
      return {
        {
          lhs = 'c',
          desc = 'All agents and their configuration',
          hint = 'configure',
          rank = 5,
          group = 'Agents',
          run = function()
            browser:push('configs')
          end,
        },
      }
    end
  end

  function view.export(ctx)
    return rows_of.report(options.name, ctx.data.cut)
  end

  return view
end

return M

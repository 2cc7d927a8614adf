--- One agent's or one workspace's money: total and budget, the trend, what it went on, and its runs.

local Text = require('purser.ui.text')
local chart_height = require('purser.views.room').chart_height
local dates = require('purser.ui.dates')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local parts = require('purser.views.parts')
local rows_of = require('purser.views.rows')
local runs = require('purser.views.runs')
local span = require('purser.views.span')
local tables = require('purser.ui.table')
local trend = require('purser.views.trend')

local PAGE = 100

local M = {}

---@class (exact) purser.ScopedOptions
---@field name "agent"|"workspace"
---@field tab string
---@field cuts { by: string, title: string }[]

---@param options purser.ScopedOptions
---@return purser.View
function M.view(options)
  local scope = options.name
  ---@type purser.View
  local view = { name = options.name, tab = options.tab, live = true, ranged = true, sorted = { name = 'when' } }

  function view.title(ctx)
    local name = scope == 'workspace' and format.path(ctx.args.name) or ctx.args.name
    return { { (' %s '):format(name), 'PurserTitle' } }
  end

  function view.questions(ctx)
    local since, last = span.of(ctx)
    local since_before, last_before = span.before(ctx)
    local function report(by, from, upto)
      return { 'report', { by = by, [scope] = ctx.args.name, since = from or since, ['until'] = upto or last } }
    end
    local out = {
      days = report('day'),
      before = report('month', since_before, last_before),
      budgets = { 'budget.list' },
      log = { 'log', { [scope] = ctx.args.name, limit = PAGE } },
    }
    if ctx.range == 'year' then
      out.months = report('month')
    else
      local today = dates.day_number(ctx.today)
      out.quarter = report('day', dates.from_number(today - 89), ctx.today)
    end
    for _, cut in ipairs(options.cuts) do
      out['by_' .. cut.by] = report(cut.by)
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
      and parts.budget(data.budgets and data.budgets.budgets, ('%s:%s'):format(scope, ctx.args.name))
    if budget and budget.resets_at_ms then
      out[#out + 1] = 'resets ' .. format.until_then(budget.resets_at_ms, ctx.now_ms)
    end
    local forecast = total and span.forecast(ctx, total.cost_nanousd)
    if forecast then
      out[#out + 1] = 'at this pace ' .. format.money(forecast)
    end
    if total then
      out[#out + 1] = format.count(total.runs, 'run')
      out[#out + 1] = data.before and span.compared(ctx, total.cost_nanousd, data.before.total.cost_nanousd)
    end
    return out
  end

  ---@param ctx purser.ViewContext
  ---@return purser.ui.Text
  local function over_time(ctx)
    local out = Text.new()
    local rows = ctx.range == 'year' and ctx.data.months or ctx.data.days
    local title = ctx.range == 'year' and 'Per month' or 'Per day'
    parts.heading(out, title, trend.note(ctx, rows and rows.rows))
    out:append(
      trend.columns(
        ctx,
        ctx.data.days and ctx.data.days.rows,
        ctx.data.months and ctx.data.months.rows,
        chart_height(ctx)
      )
    )
    local quarter = ctx.data.quarter
    if quarter and span.is_current(ctx) then
      local label = 'last 90 days '
      local cells = math.min(45, ctx.width - #label - 12)
      local first = dates.shift_day(ctx.today, -89)
      out:add(label, 'PurserMuted')
      out:add(trend.sparkline(quarter.rows, first, ctx.today, cells), 'PurserBar')
      out:add(' ' .. format.cost(quarter.total)):nl()
    end
    return out
  end

  ---@param ctx purser.ViewContext
  ---@param cut { by: string, title: string }
  ---@param room integer
  ---@return purser.ui.Text
  local function table_of(ctx, cut, room)
    local report = ctx.data['by_' .. cut.by] or { rows = {} }
    local path = cut.by == 'workspace'
    local columns = parts.columns(cut.title, report.rows, report.total, {
      left = path,
      name = path and function(row)
        return format.path(row.key)
      end or nil,
    })
    return parts.table_or(cut.title, columns, report.rows, {
      width = room,
      limit = 6,
      item = function(row)
        return { kind = cut.by, name = row.key }
      end,
    }, ctx.data['by_' .. cut.by] and 'Nothing was spent.' or '')
  end

  function view.sortable(ctx)
    return runs.columns(ctx, ctx.data.log and ctx.data.log.runs or {}, { without = { [scope] = true } })
  end

  function view.draw(ctx)
    local out = Text.new()
    local data = ctx.data
    local sums = data.days and data.days.total
    local budget = span.is_current(ctx)
        and ctx.range == 'month'
        and parts.budget(data.budgets and data.budgets.budgets, ('%s:%s'):format(scope, ctx.args.name))
      or nil
    out:append(parts.total(ctx, { total = sums, budget = budget, when = span.words(ctx), notes = notes(ctx) }))
    out:append(parts.doubts(ctx, sums)):nl()
    out:append(over_time(ctx)):nl()
    if ctx.width >= 130 then
      local half = math.floor((ctx.width - 4) / 2)
      local columns = {}
      for i, cut in ipairs(options.cuts) do
        columns[i] = { text = table_of(ctx, cut, half), width = half }
      end
      out:append(Text.beside(columns, 4)):nl()
    else
      for _, cut in ipairs(options.cuts) do
        out:append(table_of(ctx, cut, ctx.width)):nl()
      end
    end
    local note = sums
      and ('%s in, %s out'):format(format.tokens(parts.tokens_in(sums)), format.tokens(sums.output or 0))
    parts.heading(out, 'Tokens', note or nil)
    out:append(parts.split(ctx, sums)):nl()

    local rows = data.log and data.log.runs or {}
    if #rows > 0 then
      local columns = view.sortable(ctx)
      parts.heading(out, 'Runs', #rows == PAGE and ('the last %d, the log has all'):format(PAGE) or nil)
      out:append(tables.draw(columns, tables.sort(rows, columns, ctx.sort), {
        width = ctx.width,
        sort = ctx.sort,
        item = function(row)
          return { kind = 'run', name = row.id }
        end,
      }))
    elseif not data.log then
      out:add(glyphs.get().ellipsis, 'PurserMuted'):nl()
    end
    return out
  end

  function view.export(ctx)
    local name = ('%s-%s'):format(scope, vim.fs.basename(tostring(ctx.args.name)))
    return rows_of.days(ctx, name, ctx.data.days, ctx.data.months)
  end

  if scope == 'agent' then
    function view.keys(browser)
      return {
        {
          lhs = 'c',
          desc = 'Configure the agent',
          hint = 'configure',
          rank = 4,
          group = 'Agent',
          run = function()
            browser:push('config', { name = browser.place.args.name })
          end,
        },
      }
    end
  end

  return view
end

return M

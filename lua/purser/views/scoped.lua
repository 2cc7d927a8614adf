--- One agent's or one workspace's money: total and budget, the trend, what it went on, and its runs.

local Text = require('purser.ui.text')
local asks = require('purser.views.asks')
local dates = require('purser.ui.dates')
local filter = require('purser.views.filter')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local headline = require('purser.views.headline')
local pages = require('purser.views.pages')
local parts = require('purser.views.parts')
local rows_of = require('purser.views.rows')
local runs = require('purser.views.runs')
local shares = require('purser.views.shares')
local span = require('purser.views.span')
local tables = require('purser.ui.table')
local tokens = require('purser.views.tokens')
local trend = require('purser.views.trend')
local ways = require('purser.views.ways')

local PAGE = 50

local M = {}

---@class (exact) purser.ScopedOptions
---@field name "agent"|"workspace"
---@field tab string
---@field cuts { by: string, title: string }[]

---@param ctx purser.ViewContext
---@return boolean a line of 90 days says more than the columns
local function wants_quarter(ctx)
  return span.is_current(ctx) and (ctx.range == 'month' or ctx.range == '30d')
end

---@param options purser.ScopedOptions
---@return purser.View
function M.view(options)
  local scope = options.name
  ---@type purser.View
  local view = {
    name = options.name,
    tab = options.tab,
    live = true,
    ranged = true,
    billed = true,
    sorted = { name = 'when' },
    sorted_by_core = true,
  }

  function view.title(ctx)
    local name = scope == 'workspace' and format.path(ctx.args.name) or ctx.args.name
    return { { (' %s '):format(name), 'PurserTitle' } }
  end

  function view.questions(ctx)
    local within = { [scope] = ctx.args.name }
    local since_ms, until_ms = span.ms(ctx)
    local out = asks.headline(ctx, within)
    out.days = asks.report(ctx, 'day', within)
    out.log = pages.question(ctx, PAGE, {
      [scope] = ctx.args.name,
      billing = ctx.billing,
      since_ms = since_ms,
      until_ms = until_ms,
    })
    if wants_quarter(ctx) then
      local first = dates.shift_day(ctx.today, -89)
      local stretch = { since = first, ['until'] = ctx.today }
      out.quarter = asks.report(ctx, 'day', vim.tbl_extend('force', within, stretch))
    end
    for _, cut in ipairs(options.cuts) do
      out['by_' .. cut.by] = asks.report(ctx, cut.by, within)
    end
    return out
  end

  ---@param ctx purser.ViewContext
  ---@return purser.ui.Text
  local function over_time(ctx)
    local data = ctx.data
    local out = trend.section(ctx, data.days and data.days.rows, ctx.width)
    if data.quarter and wants_quarter(ctx) then
      out:append(trend.line('last 90 days', data.quarter, dates.shift_day(ctx.today, -89), ctx.today, ctx.width))
    elseif data.days and (ctx.range == '90d' or ctx.range == 'year') then
      out:append(trend.fine_line(ctx, data.days, ctx.width))
    end
    return out
  end

  ---@param ctx purser.ViewContext
  ---@return purser.ui.Text
  local function cuts(ctx)
    local out = Text.new()
    local across = ctx.width >= 150 and #options.cuts or ctx.width >= 130 and 2 or 1
    local room = math.floor((ctx.width - 4 * (across - 1)) / across)
    local drawn = {}
    for i, cut in ipairs(options.cuts) do
      drawn[i] = {
        width = room,
        text = shares.draw(ctx, ctx.data['by_' .. cut.by], {
          by = cut.by,
          title = cut.title,
          room = room,
          limit = 6,
          within = { [scope] = ctx.args.name },
        }),
      }
    end
    for first = 1, #drawn, across do
      out:append(Text.beside(vim.list_slice(drawn, first, math.min(#drawn, first + across - 1)), 4)):nl()
    end
    return out
  end

  function view.sortable(ctx)
    return runs.columns(ctx, ctx.data.log and ctx.data.log.runs or {}, { without = { [scope] = true, billing = true } })
  end

  ---@param ctx purser.ViewContext
  ---@return purser.ui.Text
  local function history(ctx)
    local out = Text.new()
    local answer = ctx.data.log
    if not answer then
      return out:add(glyphs.get().ellipsis, 'PurserMuted'):nl()
    elseif #answer.runs == 0 then
      return out
    end
    local note = pages.note(ctx, PAGE, answer)
    parts.heading(out, 'History', #note + 9 <= ctx.width and note or nil)
    out:mark('runs')
    return out:append(tables.draw(view.sortable(ctx), answer.runs, {
      width = ctx.width,
      sort = ctx.sort,
      item = function(row)
        return { kind = 'run', name = row.id }
      end,
    }))
  end

  function view.draw(ctx)
    local total = ctx.data.days and ctx.data.days.total
    local out = headline.draw(ctx, {
      total = total,
      scope = ('%s:%s'):format(scope, ctx.args.name),
      notes = { total and format.count(total.runs, 'run') or nil },
    })
    out:nl():append(over_time(ctx)):nl()
    out:append(cuts(ctx))
    out:append(tokens.section(total, ctx.width)):nl()
    return out:append(history(ctx))
  end

  function view.export(ctx)
    local name = ('%s-%s'):format(scope, vim.fs.basename(tostring(ctx.args.name)))
    return rows_of.days(ctx, name, 'Spend of ' .. vim.fs.basename(tostring(ctx.args.name)), ctx.data.days)
  end

  function view.keys(browser)
    local out = pages.keys(browser, 'log')
    out[#out + 1] = {
      lhs = 'l',
      desc = ('All runs of the %s, in the log'):format(scope),
      group = 'Table',
      run = function()
        browser:push('log', {}, filter.exactly({ [scope] = browser.place.args.name }))
      end,
    }
    if scope == 'agent' then
      out[#out + 1] = {
        lhs = 'c',
        desc = 'Configure the agent',
        hint = 'configure',
        rank = 4,
        group = 'Agent',
        run = function()
          browser:push('config', { name = browser.place.args.name })
        end,
      }
    end
    local name = browser.place.args.name
    return vim.list_extend(out, ways.keys(browser, view.name, { scope = scope, name = name }))
  end

  return view
end

return M

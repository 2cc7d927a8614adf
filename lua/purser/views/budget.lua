--- The budget policies: what is spent and held of each, what it will come to, when it starts afresh, and where it came from.

local Text = require('purser.ui.text')
local bar = require('purser.ui.bar')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local parts = require('purser.views.parts')
local tables = require('purser.ui.table')
local width = require('purser.ui.width')
local words = require('purser.views.budget_words')

---@type purser.View
local M = { name = 'budget', live = true, sorted = { name = 'share' } }

---@return purser.ui.Chunk[]
function M.title()
  return { { ' Budgets ', 'PurserTitle' } }
end

---@return table<string, purser.Question>
function M.questions()
  return { budgets = { 'budget.list' } }
end

local AT_LIMIT = { block = 'stops runs', ask = 'asks first', warn = 'only warns' }
local ORIGIN = { config = 'setup()', saved = 'saved' }

--- From this width on everything has a column of its own; below it, what has none stands under each row.
local WIDE = 120

---@param ctx purser.ViewContext
---@return purser.ui.Column[]
function M.sortable(ctx)
  ---@type purser.ui.Column[]
  local columns = {
    {
      name = 'scope',
      title = 'Budget for',
      left = true,
      grow = true,
      min = 10,
      max = 34,
      text = words.scope,
      group = 'PurserName',
      ascending = true,
    },
    {
      name = 'period',
      title = 'Each',
      keep = 8,
      text = function(budget)
        return budget.period
      end,
      group = 'PurserMuted',
      ascending = true,
    },
    {
      name = 'spent',
      title = 'Spent',
      right = true,
      text = function(budget)
        return format.money(budget.spent_nanousd)
      end,
      value = function(budget)
        return budget.spent_nanousd or 0
      end,
    },
    {
      name = 'share',
      title = '',
      min = 14,
      max = 28,
      grow = true,
      keep = 9,
      value = function(budget)
        return parts.share_spent(budget) or -1
      end,
      draw = function(out, budget, cells)
        local share = parts.share_spent(budget)
        if not share then
          return
        elseif budget.limit_nanousd <= 0 then
          out:add('no paid work', 'PurserMuted')
          return
        end
        local group = bar.group(share)
        local held = parts.share(budget.held_nanousd, budget.limit_nanousd)
        bar.thin(out, share, cells - 6, { group = group, track = true, held = held })
        out:add(width.pad(format.percent(share), 6, true), share >= 0.8 and group or nil)
      end,
    },
    {
      name = 'limit',
      title = 'Limit',
      right = true,
      text = function(budget)
        if not budget.limit_nanousd then
          return 'none'
        end
        return format.money(budget.limit_nanousd)
      end,
      value = function(budget)
        return budget.limit_nanousd
      end,
    },
  }
  if ctx.width < WIDE then
    return columns
  end
  return vim.list_extend(columns, {
    {
      name = 'held',
      title = 'Held',
      right = true,
      text = function(budget)
        return (budget.held_nanousd or 0) > 0 and format.money(budget.held_nanousd) or ''
      end,
      value = function(budget)
        return budget.held_nanousd or 0
      end,
      group = 'PurserMuted',
    },
    {
      name = 'forecast',
      title = 'At this pace',
      right = true,
      keep = 4,
      text = function(budget)
        return budget.forecast_nanousd and format.money(budget.forecast_nanousd) or ''
      end,
      value = function(budget)
        return budget.forecast_nanousd
      end,
      group = function(budget)
        local forecast, limit = budget.forecast_nanousd, budget.limit_nanousd
        return forecast and limit and forecast > limit and 'PurserWarn' or 'PurserMuted'
      end,
    },
    {
      name = 'resets',
      title = 'Resets',
      keep = 6,
      text = function(budget)
        return budget.resets_at_ms and format.until_then(budget.resets_at_ms, ctx.now_ms) or ''
      end,
      value = function(budget)
        return budget.resets_at_ms
      end,
      group = 'PurserMuted',
      ascending = true,
    },
    {
      name = 'at_limit',
      title = 'At the limit',
      keep = 3,
      text = function(budget)
        return AT_LIMIT[budget.at_limit or 'block'] or ''
      end,
      group = 'PurserMuted',
      ascending = true,
    },
    {
      name = 'origin',
      title = 'From',
      keep = 2,
      text = function(budget)
        return ORIGIN[budget.origin or 'saved'] or ''
      end,
      group = 'PurserMuted',
      ascending = true,
    },
  })
end

--- What stands under a budget's row: what is to be known before it is too late, and what has no column.
---@param budget purser.Budget
---@param ctx purser.ViewContext
---@return purser.ui.Chunk[]
function M.under(budget, ctx)
  local out = {}
  local function add(text, group)
    if text then
      out[#out + 1] = { text, group or 'PurserMuted' }
    end
  end
  local wide = ctx.width >= WIDE
  local reached = words.reached(budget, ctx.now_ms)
  local pace, group = words.pace(budget, ctx.now_ms)
  if budget.limit_nanousd ~= 0 then
    add(reached, 'PurserBarOver')
  end
  if not wide or budget.exhausted_ms then
    add(pace, group)
  end
  if (budget.raise_nanousd or 0) > 0 then
    add(('raised by %s for %s only'):format(format.money(budget.raise_nanousd), format.period(budget.period)))
  end
  if wide then
    return out
  end
  if (budget.held_nanousd or 0) > 0 then
    add(format.money(budget.held_nanousd) .. ' held')
  end
  if budget.resets_at_ms and not reached then
    add('resets ' .. format.until_then(budget.resets_at_ms, ctx.now_ms))
  end
  if not reached and budget.at_limit ~= 'block' then
    add(AT_LIMIT[budget.at_limit])
  end
  add(words.FROM[budget.origin or 'saved'])
  return out
end

--- Puts them under a row, in as many lines as they need.
---@param out purser.ui.Text
---@param chunks purser.ui.Chunk[]
---@param cells integer
local function under(out, chunks, cells)
  local sep = (' %s '):format(glyphs.get().separator)
  for i, chunk in ipairs(chunks) do
    if i == 1 then
      out:add('  ')
    elseif out:column() + width.of(sep) + width.of(chunk[1]) > cells then
      out:nl():add('  ')
    else
      out:add(sep, 'PurserMuted')
    end
    out:add(width.cut(chunk[1], cells - 2), chunk[2])
  end
  if #chunks > 0 then
    out:nl()
  end
end

--- The table, with each row's second line under it.
---@param budgets purser.Budget[]
---@param ctx purser.ViewContext
---@return purser.ui.Text
local function list(budgets, ctx)
  local columns = M.sortable(ctx)
  local sorted = tables.sort(budgets, columns, ctx.sort)
  local items = {}
  for i, budget in ipairs(sorted) do
    items[budget] = { kind = 'policy', budget = budget, nr = i }
  end
  local drawn = tables.draw(columns, sorted, {
    width = ctx.width,
    sort = ctx.sort,
    item = function(budget)
      return items[budget]
    end,
  })
  local out = Text.new()
  for row = 1, drawn:height() do
    vim.list_extend(out.rows[#out.rows], drawn.rows[row])
    out:nl()
    local budget = sorted[row - 1]
    if budget then
      out:item(items[budget])
      under(out, M.under(budget, ctx), ctx.width)
      out:item(nil)
    end
  end
  return out
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  local out = Text.new()
  local budgets = ctx.data.budgets and ctx.data.budgets.budgets
  if not budgets then
    return out:add(glyphs.get().ellipsis, 'PurserMuted'):nl()
  end
  if #budgets == 0 then
    out:add('No budget is set: every run may start.', 'PurserTotal'):nl():nl()
    for _, line in ipairs({
      ctx.printed and 'The command line sets one:' or 'a sets one here. So does the command line:',
      '  :Purser budget global 10000            $100 a month for everything',
      '  :Purser budget agent:reviewer 2500     $25 a month for one agent',
      '  :Purser budget workspace:. 1500        $15 a month for this project',
    }) do
      out:add(width.cut(line, ctx.width), 'PurserMuted'):nl()
    end
    return out
  end
  local over, near = 0, 0
  for _, budget in ipairs(budgets) do
    local share = parts.share_spent(budget)
    if share and budget.limit_nanousd > 0 then
      over = over + (share >= 1 and 1 or 0)
      near = near + (share >= 0.8 and share < 1 and 1 or 0)
    end
  end
  if over > 0 then
    out:add(('%s spent'):format(format.count(over, 'budget')), 'PurserBarOver')
  elseif near > 0 then
    out:add(('%s nearly spent'):format(format.count(near, 'budget')), 'PurserBarWarn')
  else
    out:add('All within budget', 'PurserTotal')
  end
  out:nl():nl()
  out:append(list(budgets, ctx))
  return out
end

---@param browser purser.Browser
---@return purser.Budget?
local function under_cursor(browser)
  local item = browser:item()
  return type(item) == 'table' and item.budget or nil
end

---@param browser purser.Browser
---@return purser.ui.Key[]
function M.keys(browser)
  local edit = require('purser.views.budget_edit')
  ---@param start? string the setting to change at once
  local function open(start)
    return function()
      local budget = under_cursor(browser)
      if budget then
        browser:push('policy', { scope = budget.scope, period = budget.period, edit = start })
      end
    end
  end
  return {
    {
      lhs = '<CR>',
      desc = 'Open the budget: all of its settings',
      hint = 'open',
      rank = 2,
      group = 'Budget',
      run = open(),
    },
    {
      lhs = { 'i', 'c' },
      desc = 'Change the limit, in cents',
      hint = 'change',
      rank = 2,
      group = 'Budget',
      run = open('limit'),
    },
    {
      lhs = '+',
      desc = 'Raise it for this period only',
      hint = 'raise',
      rank = 3,
      group = 'Budget',
      run = function()
        local budget = under_cursor(browser)
        if budget and not budget.limit_nanousd then
          return require('purser.notify').info('there is no limit that could be raised')
        end
        open('raise')()
      end,
    },
    {
      lhs = 'a',
      desc = 'Add a budget',
      hint = 'add',
      rank = 3,
      group = 'Budget',
      run = function()
        edit.choose_scope(browser.here, function(scope)
          edit.choose_period(function(period)
            browser:push('policy', { scope = scope, period = period, edit = 'limit' })
          end)
        end)
      end,
    },
    {
      lhs = 'x',
      desc = 'Remove a saved budget; one from setup() comes back into force',
      hint = 'remove',
      rank = 5,
      group = 'Budget',
      run = function()
        local budget = under_cursor(browser)
        if budget then
          edit.remove(budget, function(problem)
            if problem then
              require('purser.notify').error(problem)
            end
            browser:refresh()
          end)
        end
      end,
    },
  }
end

---@param ctx purser.ViewContext
---@return purser.Export
function M.export(ctx)
  local columns = {
    'scope',
    'period',
    'limit_nanousd',
    'spent_nanousd',
    'held_nanousd',
    'raise_nanousd',
    'forecast_nanousd',
    'resets_at_ms',
    'at_limit',
    'origin',
  }
  local rows = {}
  for i, budget in ipairs(ctx.data.budgets and ctx.data.budgets.budgets or {}) do
    rows[i] = {}
    for j, column in ipairs(columns) do
      rows[i][j] = budget[column] or ''
    end
  end
  return { name = 'budgets', columns = columns, rows = rows }
end

return M

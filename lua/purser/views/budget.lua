--- The budget policies: what is spent and held of each, what it will come to, when it starts afresh, and where it came from.

local Text = require('purser.ui.text')
local bar = require('purser.ui.bar')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local parts = require('purser.views.parts')
local tables = require('purser.ui.table')
local width = require('purser.ui.width')

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

local WORDS = { block = 'stops runs', ask = 'asks first', warn = 'only warns' }
local ORIGIN = { config = 'setup()', saved = 'saved' }

--- Spend at the end of the period if it goes on as it went; nil when too little of it is over.
---@param budget purser.Budget
---@param now_ms integer
---@return integer?
function M.forecast(budget, now_ms)
  local start, stop = budget.start_ms, budget.resets_at_ms
  if not start or not stop or stop <= start or (budget.spent_nanousd or 0) <= 0 then
    return nil
  end
  local gone = (now_ms - start) / (stop - start)
  if gone < 0.03 or gone >= 1 then
    return nil
  end
  return math.floor(budget.spent_nanousd / gone + 0.5)
end

--- Whom a budget holds to.
---@param budget purser.Budget
---@return string
local function scope(budget)
  local kind, key = budget.scope:match('^(%a+):(.*)$')
  if kind == 'workspace' then
    return format.path(key)
  elseif kind == 'agent' then
    return key
  end
  return 'everything'
end

---@param ctx purser.ViewContext
---@return purser.ui.Column[]
function M.sortable(ctx)
  local set = glyphs.get()
  ---@type purser.ui.Column[]
  return {
    {
      name = 'scope',
      title = 'Budget for',
      left = true,
      grow = true,
      min = 10,
      max = 34,
      text = scope,
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
        local raised = (budget.raise_nanousd or 0) > 0 and '+' or ' '
        return format.money(budget.limit_nanousd) .. raised
      end,
      value = function(budget)
        return budget.limit_nanousd
      end,
    },
    {
      name = 'held',
      title = 'Held',
      right = true,
      keep = 5,
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
        local forecast = M.forecast(budget, ctx.now_ms)
        return forecast and format.money(forecast) or ''
      end,
      value = function(budget)
        return M.forecast(budget, ctx.now_ms) or 0
      end,
      group = function(budget)
        local forecast = M.forecast(budget, ctx.now_ms)
        return forecast and budget.limit_nanousd and forecast > budget.limit_nanousd and 'PurserWarn' or 'PurserMuted'
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
        return WORDS[budget.at_limit or 'block'] or set.ellipsis
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
  }
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
  local columns = M.sortable(ctx)
  out:append(tables.draw(columns, tables.sort(budgets, columns, ctx.sort), {
    width = ctx.width,
    sort = ctx.sort,
    item = function(budget)
      return { budget = budget, run = function() end }
    end,
  }))
  local raised = vim.tbl_filter(function(budget)
    return (budget.raise_nanousd or 0) > 0
  end, budgets)
  for _, budget in ipairs(raised) do
    local text = ('+ %s was raised by %s, for %s only'):format(
      scope(budget),
      format.money(budget.raise_nanousd),
      format.period(budget.period)
    )
    out:nl():add(width.cut(text, ctx.width), 'PurserMuted'):nl()
  end
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
  ---@param fn fun(budget: purser.Budget, done: fun())
  local function on_budget(fn)
    return function()
      local budget = under_cursor(browser)
      if budget then
        fn(budget, function()
          browser:refresh()
        end)
      end
    end
  end
  return {
    {
      lhs = { '<CR>', 'i' },
      desc = 'Change the limit, in cents',
      hint = 'change',
      rank = 2,
      group = 'Budget',
      run = on_budget(edit.limit),
    },
    {
      lhs = '+',
      desc = 'Raise it for this period only',
      hint = 'raise',
      rank = 3,
      group = 'Budget',
      run = on_budget(edit.raise),
    },
    {
      lhs = 'l',
      desc = 'What happens at the limit',
      group = 'Budget',
      run = on_budget(edit.at_limit),
    },
    {
      lhs = 'a',
      desc = 'Add a budget',
      hint = 'add',
      rank = 3,
      group = 'Budget',
      run = function()
        edit.add(browser.here, function()
          browser:refresh()
        end)
      end,
    },
    {
      lhs = 'x',
      desc = 'Remove a saved budget; one from setup() comes back into force',
      hint = 'remove',
      rank = 5,
      group = 'Budget',
      run = on_budget(edit.remove),
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

--- What became of suggestions that were accepted: what a run cost before, and what it has cost since.

local Text = require('purser.ui.text')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local tables = require('purser.ui.table')
local ways = require('purser.views.ways')
local width = require('purser.ui.width')

local HOW = 'Measured after three days of use: what a run cost in the thirty days before, and what it has cost since. '
  .. 'A tenth more or less is a difference; the tasks may have been others.'

--- From that width on what was changed has room in the table, in so many cells.
local WIDE, CHANGE_CELLS = 150, 44

--- Days of use before there is a verdict.
local DAYS = 3

---@type purser.View
local M = { name = 'advice', tab = 'dashboard', live = true }

---@class purser.AcceptedAdvice
---@field id integer
---@field at_ms integer
---@field agent string
---@field what string
---@field from string
---@field to string
---@field verdict "too_early"|"saved"|"no_difference"|"worse"
---@field promised_nanousd integer a month
---@field runs_before integer
---@field runs_since integer
---@field days_since integer with runs
---@field per_run_before_nanousd integer
---@field per_run_since_nanousd integer
---@field per_run_nanousd integer less than before
---@field saved_nanousd integer over the runs since

---@return purser.ui.Chunk[]
function M.title()
  return { { ' Advice: what became of it ', 'PurserTitle' } }
end

---@return table<string, purser.Question>
function M.questions()
  return { after = { 'advice.after' } }
end

---@type table<string, fun(one: purser.AcceptedAdvice): string, string>
local VERDICTS = {
  saved = function()
    return 'saved', 'PurserGood'
  end,
  worse = function()
    return 'worse', 'PurserWarn'
  end,
  no_difference = function()
    return 'no difference', 'PurserMuted'
  end,
  too_early = function(one)
    if one.days_since < DAYS then
      return ('day %d of %d'):format(one.days_since, DAYS), 'PurserInfo'
    end
    return 'too few runs', 'PurserInfo'
  end,
}

---@param one purser.AcceptedAdvice
---@return string word
---@return string group
local function verdict(one)
  local says = VERDICTS[one.verdict]
  if says then
    return says(one)
  end
  return one.verdict, 'PurserMuted'
end

---@param one purser.AcceptedAdvice
---@return string
local function change(one)
  if one.from == '' then
    return ('%s: %s'):format(one.what, one.to)
  end
  return ('%s instead of %s'):format(one.to, one.from)
end

--- What it has saved; less than nothing where it got worse. Before there is a verdict nothing is said.
---@param one purser.AcceptedAdvice
---@return string
local function saved(one)
  if one.verdict ~= 'saved' and one.verdict ~= 'worse' then
    return ''
  end
  local amount = one.saved_nanousd
  return (amount < 0 and glyphs.get().minus or '') .. format.money(math.abs(amount))
end

---@param runs integer
---@param nanousd integer
---@return string
local function mean(runs, nanousd)
  return runs > 0 and format.money(nanousd) or glyphs.get().dash
end

---@param ctx purser.ViewContext
---@return purser.ui.Column[]
local function columns(ctx)
  ---@type purser.ui.Column[]
  return {
    {
      name = 'agent',
      title = 'Agent',
      max = 16,
      text = function(one)
        return one.agent
      end,
      group = 'PurserName',
    },
    {
      name = 'verdict',
      title = 'Result',
      text = function(one)
        return (verdict(one))
      end,
      group = function(one)
        return select(2, verdict(one))
      end,
    },
    {
      name = 'saved',
      title = 'Saved',
      right = true,
      text = saved,
      group = function(one)
        return select(2, verdict(one))
      end,
    },
    {
      name = 'before',
      title = 'Before',
      right = true,
      keep = 7,
      text = function(one)
        return mean(one.runs_before, one.per_run_before_nanousd)
      end,
      group = 'PurserMuted',
    },
    {
      name = 'since',
      title = 'Since',
      right = true,
      keep = 7,
      text = function(one)
        return mean(one.runs_since, one.per_run_since_nanousd)
      end,
    },
    {
      name = 'runs',
      title = 'Runs',
      right = true,
      keep = 3,
      text = function(one)
        return format.number(one.runs_since)
      end,
      group = 'PurserMuted',
    },
    {
      name = 'promised',
      title = 'Promised a month',
      right = true,
      keep = 2,
      text = function(one)
        return one.promised_nanousd > 0 and format.money(one.promised_nanousd) or ''
      end,
      group = 'PurserMuted',
    },
    {
      name = 'when',
      title = 'Accepted',
      keep = 4,
      text = function(one)
        return format.moment(one.at_ms, ctx.now_ms)
      end,
      group = 'PurserMuted',
    },
    {
      name = 'change',
      title = 'What was changed',
      keep = 1,
      grow = true,
      min = CHANGE_CELLS,
      text = change,
    },
  }
end

--- What all of them that made a difference have saved.
---@param list purser.AcceptedAdvice[]
---@return integer sum
---@return integer count of those that there is a verdict on
local function sum_of(list)
  local sum, count = 0, 0
  for _, one in ipairs(list) do
    count = count + (one.verdict == 'too_early' and 0 or 1)
    sum = sum + ((one.verdict == 'saved' or one.verdict == 'worse') and one.saved_nanousd or 0)
  end
  return sum, count
end

---@param ctx purser.ViewContext
---@param out purser.ui.Text
---@param text string
local function wrapped(ctx, out, text)
  for _, line in ipairs(width.wrap(text, math.min(ctx.width, 110))) do
    out:add(line, 'PurserMuted'):nl()
  end
end

---@param ctx purser.ViewContext
---@return purser.ui.Text
function M.draw(ctx)
  local out = Text.new()
  local list = ctx.data.after and ctx.data.after.accepted
  if not list then
    return out:add(glyphs.get().ellipsis, 'PurserMuted'):nl()
  elseif #list == 0 then
    out:add('No suggestion was accepted yet.'):nl():nl()
    wrapped(ctx, out, "An agent's what if (w) shows what other models would have cost, and a accepts one of them.")
    return out
  end
  local sum, count = sum_of(list)
  if count == 0 then
    out:add('It is too early to tell what they have saved.', 'PurserMuted'):nl():nl()
  else
    out:add(format.money(math.abs(sum)), 'PurserTotal')
    local verb = sum < 0 and ' more was spent than before' or ' saved so far'
    out:add(verb .. (' with %s'):format(format.count(count, 'suggestion')), 'PurserMuted'):nl():nl()
  end
  local cells = columns(ctx)
  out:append(tables.draw(cells, list, {
    width = ctx.width,
    item = function(one)
      return { kind = 'agent', name = one.agent }
    end,
  }))
  -- Where there is no room beside the figures, what was changed is told below.
  if ctx.width < WIDE then
    out:nl()
    local most = 0
    for _, one in ipairs(list) do
      most = math.max(most, math.min(16, width.of(one.agent)))
    end
    for _, one in ipairs(list) do
      out:add(width.pad(one.agent, most), 'PurserName'):add('  ')
      out:add(width.cut(change(one), ctx.width - out:column()), 'PurserMuted'):nl()
    end
  end
  out:nl()
  wrapped(ctx, out, HOW)
  return out
end

---@param ctx purser.ViewContext
---@return purser.Export
function M.export(ctx)
  local names = {
    'at_ms',
    'agent',
    'what',
    'from',
    'to',
    'verdict',
    'promised_nanousd',
    'runs_before',
    'per_run_before_nanousd',
    'runs_since',
    'days_since',
    'per_run_since_nanousd',
    'saved_nanousd',
  }
  local rows = {}
  for i, one in ipairs(ctx.data.after and ctx.data.after.accepted or {}) do
    rows[i] = vim.tbl_map(function(name)
      return one[name]
    end, names)
  end
  return { name = 'advice', columns = names, rows = rows }
end

---@param browser purser.Browser
---@return purser.ui.Key[]
function M.keys(browser)
  return ways.keys(browser, 'advice')
end

return M

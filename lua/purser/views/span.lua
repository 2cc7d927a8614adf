--- The stretch of time that a view shows: a month or a year, and the one before it.

local dates = require('purser.ui.dates')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')

local M = {}

--- First and last day, both included.
---@param ctx purser.ViewContext
---@return string since
---@return string last
function M.of(ctx)
  if ctx.range == 'year' then
    local year = ctx.month:sub(1, 4)
    return year .. '-01-01', year .. '-12-31'
  end
  return dates.month_span(ctx.month)
end

---@param ctx purser.ViewContext
---@return boolean
function M.is_current(ctx)
  local cells = ctx.range == 'year' and 4 or 7
  return ctx.month:sub(1, cells) == ctx.today:sub(1, cells)
end

--- The stretch before, up to the same day when this one is not over: half a month is not compared with a whole one.
---@param ctx purser.ViewContext
---@return string since
---@return string last
function M.before(ctx)
  if ctx.range == 'year' then
    local year = tonumber(ctx.month:sub(1, 4)) - 1
    local last = M.is_current(ctx) and ('%04d%s'):format(year, ctx.today:sub(5)) or ('%04d-12-31'):format(year)
    return ('%04d-01-01'):format(year), (last:gsub('02%-29$', '02-28'))
  end
  local month = dates.shift_month(ctx.month, -1)
  local first, last = dates.month_span(month)
  if M.is_current(ctx) then
    local day = math.min(tonumber(ctx.today:sub(9, 10)), dates.days_in(month))
    last = ('%s-%02d'):format(month, day)
  end
  return first, last
end

--- "this month", "in October", "in October 2025", "in 2026".
---@param ctx purser.ViewContext
---@return string
function M.words(ctx)
  if ctx.range == 'year' then
    return M.is_current(ctx) and 'this year' or 'in ' .. ctx.month:sub(1, 4)
  elseif M.is_current(ctx) then
    return 'this month'
  elseif ctx.month:sub(1, 4) == ctx.today:sub(1, 4) then
    return 'in ' .. dates.month_word(ctx.month)
  end
  return 'in ' .. dates.month_name(ctx.month)
end

--- "November 2026", "2026": for the window's title.
---@param ctx purser.ViewContext
---@return string
function M.name(ctx)
  return ctx.range == 'year' and ctx.month:sub(1, 4) or dates.month_name(ctx.month)
end

--- What the month will have cost if it goes on as it went; nil on its first day, when nothing can be said.
---@param ctx purser.ViewContext
---@param spent integer
---@return integer?
function M.forecast(ctx, spent)
  if ctx.range ~= 'month' or not M.is_current(ctx) or spent <= 0 then
    return nil
  end
  local day = tonumber(ctx.today:sub(9, 10)) --[[@as integer]]
  local clock = os.date('*t', math.floor(ctx.now_ms / 1000)) --[[@as osdate]]
  local gone = day - 1 + (clock.hour + clock.min / 60) / 24
  local days = dates.days_in(ctx.month)
  if gone < 1 or gone >= days then
    return nil
  end
  return math.floor(spent / gone * days + 0.5)
end

--- "12 % less than October by now"
---@param ctx purser.ViewContext
---@param now integer
---@param before integer
---@return string?
function M.compared(ctx, now, before)
  if before <= 0 then
    return nil
  end
  local name = ctx.range == 'year' and M.before(ctx):sub(1, 4) or dates.month_word(dates.shift_month(ctx.month, -1))
  local when = M.is_current(ctx) and name .. ' by now' or name
  local change = now / before - 1
  if math.abs(change) < 0.005 then
    return 'the same as ' .. when
  elseif change > 4 then
    return ('%.0f times %s'):format(now / before, when)
  end
  return ('%s %s than %s'):format(format.percent(math.abs(change)), change < 0 and 'less' or 'more', when)
end

--- The same as an arrow, for a narrow place.
---@param now integer
---@param before integer
---@return string?
function M.arrow(now, before)
  if before <= 0 then
    return nil
  end
  local change = now / before - 1
  local set = glyphs.get()
  return ('%s %s'):format(change < 0 and set.down or set.up, format.percent(math.abs(change)))
end

return M

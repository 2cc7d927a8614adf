--- The stretch of time that a view shows: a month, a year, or the last 30 or 90 days; and the one before it.

local dates = require('purser.ui.dates')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')

local M = {}

--- In the order in which a key goes through them.
---@type purser.Range[]
M.RANGES = { 'month', '30d', '90d', 'year' }

local DAYS = { ['30d'] = 30, ['90d'] = 90 }

--- Days of a stretch that is counted back from today; nil for those of the calendar.
---@param ctx purser.ViewContext
---@return integer?
local function rolling(ctx)
  return DAYS[ctx.range]
end

--- First and last day, both included.
---@param ctx purser.ViewContext
---@return string since
---@return string last
function M.of(ctx)
  local days = rolling(ctx)
  if days then
    local last = dates.shift_day(ctx.today, -days * (ctx.back or 0))
    return dates.shift_day(last, 1 - days), last
  elseif ctx.range == 'year' then
    local year = ctx.month:sub(1, 4)
    return year .. '-01-01', year .. '-12-31'
  end
  return dates.month_span(ctx.month)
end

--- Whether today is in it.
---@param ctx purser.ViewContext
---@return boolean
function M.is_current(ctx)
  if rolling(ctx) then
    return (ctx.back or 0) == 0
  end
  local cells = ctx.range == 'year' and 4 or 7
  return ctx.month:sub(1, cells) == ctx.today:sub(1, cells)
end

--- Whether it is the running month: budgets and forecasts are about that.
---@param ctx purser.ViewContext
---@return boolean
function M.is_this_month(ctx)
  return ctx.range == 'month' and M.is_current(ctx)
end

--- The stretch before, up to the same day when this one is not over: half a month is not compared with a whole one.
---@param ctx purser.ViewContext
---@return string since
---@return string last
function M.before(ctx)
  local days = rolling(ctx)
  if days then
    local first = M.of(ctx)
    return dates.shift_day(first, -days), dates.shift_day(first, -1)
  elseif ctx.range == 'year' then
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

--- As milliseconds, for the log: from midnight to midnight.
---@param ctx purser.ViewContext
---@return integer since_ms
---@return integer until_ms excluded
function M.ms(ctx)
  local first, last = M.of(ctx)
  return dates.midnight(first), dates.midnight(dates.shift_day(last, 1))
end

--- "this month", "in October", "in October 2025", "in 2026", "in the last 30 days".
---@param ctx purser.ViewContext
---@return string
function M.words(ctx)
  local days = rolling(ctx)
  if days and M.is_current(ctx) then
    return ('in the last %d days'):format(days)
  elseif days then
    return ('in %d days to %s'):format(days, dates.short(select(2, M.of(ctx))))
  elseif ctx.range == 'year' then
    return M.is_current(ctx) and 'this year' or 'in ' .. ctx.month:sub(1, 4)
  elseif M.is_current(ctx) then
    return 'this month'
  elseif ctx.month:sub(1, 4) == ctx.today:sub(1, 4) then
    return 'in ' .. dates.month_word(ctx.month)
  end
  return 'in ' .. dates.month_name(ctx.month)
end

--- "November 2026", "2026", "26 Oct – 24 Nov 2026": for the window's title.
---@param ctx purser.ViewContext
---@return string
function M.name(ctx)
  if rolling(ctx) then
    local first, last = M.of(ctx)
    return ('%s %s %s %s'):format(dates.short(first), glyphs.get().dash, dates.short(last), last:sub(1, 4))
  end
  return ctx.range == 'year' and ctx.month:sub(1, 4) or dates.month_name(ctx.month)
end

--- The same for the name of a file.
---@param ctx purser.ViewContext
---@return string
function M.file_name(ctx)
  if rolling(ctx) then
    local first, last = M.of(ctx)
    return first .. '-to-' .. last
  end
  return ctx.range == 'year' and ctx.month:sub(1, 4) or ctx.month
end

--- What it is called when another is compared with it.
---@param ctx purser.ViewContext
---@return string
local function name_of_before(ctx)
  if rolling(ctx) then
    return ('the %d days before'):format(rolling(ctx))
  elseif ctx.range == 'year' then
    return (M.before(ctx)):sub(1, 4)
  end
  return dates.month_word(dates.shift_month(ctx.month, -1))
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
  local when = name_of_before(ctx)
  if M.is_current(ctx) and not rolling(ctx) then
    when = when .. ' by now'
  end
  local change = now / before - 1
  if math.abs(change) < 0.005 then
    return 'the same as ' .. when
  elseif change > 4 then
    return ('%.0f times %s'):format(now / before, when)
  end
  return ('%s %s than %s'):format(format.percent(math.abs(change)), change < 0 and 'less' or 'more', when)
end

return M

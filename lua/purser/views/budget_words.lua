--- What is said of a budget: what it comes to at this pace, what happens at its limit, where it comes from. Pure.

local format = require('purser.ui.format')
local parts = require('purser.views.parts')

local M = {}

M.EACH = { month = 'Monthly', week = 'Weekly', day = 'Daily' }
M.AT_LIMIT = { block = 'stop runs until it resets', ask = 'ask before each run', warn = 'only warn' }
M.FROM = { config = 'from setup()', saved = 'saved' }

local WEEKDAYS = { 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday' }

---@param budget purser.Budget
---@return string
function M.scope(budget)
  local kind, key = budget.scope:match('^(%a+):(.*)$')
  if kind == 'workspace' then
    return format.path(key)
  elseif kind == 'agent' then
    return key
  end
  return 'everything'
end

--- "2500  ($25.00)": no limit, and a limit of 0, are two things.
---@param budget purser.Budget
---@return string
function M.limit(budget)
  local cents = budget.limit_cents
  if not cents then
    return 'no limit'
  elseif cents == 0 then
    return '0  (no paid work at all)'
  elseif cents < 100 then
    return ('%d'):format(cents)
  end
  return ('%d  (%s)'):format(cents, format.money(cents * 10000000))
end

--- When it starts afresh: "day 15 of each month", "each Monday".
---@param budget purser.Budget
---@return string
function M.begins(budget)
  local day = budget.reset_day or 1
  if budget.period == 'day' then
    return 'each midnight'
  elseif budget.period == 'week' then
    return 'each ' .. (WEEKDAYS[day] or WEEKDAYS[1])
  end
  return day > 28 and ('day %d of each month, or its last'):format(day) or ('day %d of each month'):format(day)
end

--- "28 November", or the time when that is today.
---@param ms integer
---@param now_ms integer
---@return string
local function day_or_time(ms, now_ms)
  local dates = require('purser.ui.dates')
  if dates.of(ms) == dates.of(now_ms) then
    return 'at ' .. os.date('%H:%M', math.floor(ms / 1000))
  end
  local day = dates.of(ms)
  return ('on %d %s'):format(tonumber(day:sub(9, 10)), dates.month_word(day))
end

--- What it will come to, as the ledger reckons; nil where it can't tell, and where the limit is reached already.
---@param budget purser.Budget
---@param now_ms integer
---@return string? text
---@return string? group
function M.pace(budget, now_ms)
  local share = parts.share_spent(budget)
  if share and share >= 1 then
    return nil
  elseif budget.exhausted_ms and budget.exhausted_ms > 0 then
    return ('at this pace the limit is reached %s'):format(day_or_time(budget.exhausted_ms, now_ms)), 'PurserWarn'
  elseif (budget.forecast_nanousd or 0) > 0 then
    local over = budget.limit_nanousd and budget.forecast_nanousd > budget.limit_nanousd
    return ('%s at this pace'):format(format.money(budget.forecast_nanousd)), over and 'PurserWarn' or nil
  end
end

--- What a budget that is used up does, until when; nil for one that is not.
---@param budget purser.Budget
---@param now_ms integer
---@return string?
function M.reached(budget, now_ms)
  local share = parts.share_spent(budget)
  if not share or share < 1 then
    return nil
  elseif budget.limit_nanousd == 0 then
    return 'no paid work at all'
  end
  local when = budget.resets_at_ms and ' until ' .. day_or_time(budget.resets_at_ms, now_ms):gsub('^%a+ ', '') or ''
  if budget.at_limit == 'ask' then
    return 'asks before each run' .. when
  elseif budget.at_limit == 'warn' then
    return 'only warns' .. when
  end
  return 'no run starts' .. when
end

return M

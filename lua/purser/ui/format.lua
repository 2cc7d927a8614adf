--- Figures as the windows show them, on top of purser.format: one unit in a column, days that are near, figures in the set of
--- characters in use.

local base = require('purser.format')
local dates = require('purser.ui.dates')
local glyphs = require('purser.ui.glyphs')
local width = require('purser.ui.width')

local M = {}

local NANO_PER_CENT = 10000000
local NANO_PER_DOLLAR = 100 * NANO_PER_CENT

---@param nanousd? integer
---@return string
function M.money(nanousd)
  return glyphs.plain(base.money(nanousd))
end

--- With "≥" before it when a part has no price; "no price" when nothing has one.
---@param sums? purser.Sums
---@return string
function M.cost(sums)
  sums = sums or {} --[[@as purser.Sums]]
  if (sums.unpriced_requests or 0) > 0 and (sums.cost_nanousd or 0) == 0 then
    return 'no price'
  end
  return glyphs.plain(base.cost(sums))
end

--- The marks between digits that the user has chosen for money hold for other figures too.
---@return string decimal
---@return string thousands
local function marks()
  local config = package.loaded['purser.config']
  local currency = config and config.get().currency or {}
  return currency.decimal or '.', currency.thousands or ','
end

--- "950", "12.4k", "3.1M".
---@param count? integer
---@return string
function M.tokens(count)
  return (base.tokens(count):gsub('%.', (marks())))
end

---@param ms? integer
---@return string
function M.duration(ms)
  if not ms or ms < 0 then
    return '?'
  elseif ms >= 10000 and ms < 59500 then
    return ('%.0f s'):format(ms / 1000)
  elseif ms >= 59500 and ms < 3570000 then
    local seconds = math.floor(ms / 1000 + 0.5)
    return ('%d:%02d min'):format(math.floor(seconds / 60), seconds % 60)
  end
  return (base.duration(ms):gsub('%.', (marks())))
end

--- A formatter for a column of costs, which shows them all in one unit: cents beside dollars would look larger than they are.
---@param most? integer the largest of them, in nano-dollars
---@return fun(nanousd?: integer): string
function M.money_column(most)
  if (most or 0) < NANO_PER_DOLLAR then
    return M.money
  end
  local config = package.loaded['purser.config']
  local format = vim.deepcopy(config and config.get().currency or {})
  format.cents = false
  local symbol = format.symbol or '$'
  return function(nanousd)
    if not nanousd then
      return '?'
    elseif nanousd == 0 then
      return '0'
    elseif nanousd > 0 and nanousd < NANO_PER_CENT then
      return ('<%s0%s01'):format(symbol, format.decimal or '.')
    elseif nanousd < NANO_PER_DOLLAR then
      local text = ('%s%.2f'):format(symbol, nanousd / NANO_PER_DOLLAR * (format.rate or 1))
      return (text:gsub('%.', format.decimal or '.'))
    end
    return (glyphs.plain(base.money(nanousd, format)))
  end
end

--- "$4", "$0.50", "20 ¢": for a scale, without needless places.
---@param nanousd integer
---@return string
function M.scale(nanousd)
  local text = M.money(nanousd)
  return (text:gsub('[.,]00(%D*)$', '%1'))
end

--- A figure that is a guess, with no more places than a guess deserves: "42 ¢", "3.1 ¢", "0.04 ¢", "$1.80".
---@param nanousd integer
---@return string
function M.rough(nanousd)
  local text = M.money(nanousd)
  local digits, rest = text:match('^(%d+%D%d%d)( .*)$')
  if not digits then
    return text
  end
  local cents = nanousd / NANO_PER_CENT
  if cents >= 10 then
    digits = digits:sub(1, -4)
  elseif cents >= 1 then
    digits = digits:sub(1, -2)
  end
  return digits .. rest
end

--- "3.1–4.0 ¢": the unit is said once.
---@param low integer
---@param high integer
---@return string
function M.range(low, high)
  local set = glyphs.get()
  local a, b = M.rough(low), M.rough(high)
  if a == b then
    return a
  end
  local unit = ' ' .. set.cents
  if vim.endswith(a, unit) and vim.endswith(b, unit) then
    a = a:sub(1, -#unit - 1)
  end
  return a .. set.dash .. b
end

--- "41 %", "< 1 %".
---@param share? number
---@return string
function M.percent(share)
  if not share or share ~= share then
    return '?'
  end
  local percent = share * 100
  if percent > 0 and percent < 1 then
    return '< 1 %'
  end
  -- Only what is full is called 100 %.
  if share < 1 and percent > 99 then
    return '99 %'
  end
  return ('%d %%'):format(math.floor(percent + (share < 1 and 0.5 or 0)))
end

---@param count integer
---@param one string
---@param many? string default: one .. "s"
---@return string
function M.count(count, one, many)
  return ('%s %s'):format(M.number(count), count == 1 and one or many or one .. 's')
end

--- "1,204"
---@param number integer
---@return string
function M.number(number)
  local digits = ('%d'):format(number)
  local grouped = digits:reverse():gsub('(%d%d%d)', '%1,'):reverse():gsub('^(%-?),', '%1')
  return (grouped:gsub(',', (select(2, marks()))))
end

local WEEKDAYS = { 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun' }

--- A moment, as short as it can be told: "14:05", "Mon 14:05" within a week, "12 Nov 14:05", "2025-11-21".
---@param ms? integer
---@param now_ms integer
---@return string
function M.moment(ms, now_ms)
  if not ms or ms <= 0 then
    return '?'
  end
  local day, today = dates.of(ms), dates.of(now_ms)
  local clock = os.date('%H:%M', math.floor(ms / 1000)) --[[@as string]]
  if day == today then
    return clock
  elseif ms < now_ms and dates.day_number(today) - dates.day_number(day) < 7 then
    return ('%s %s'):format(WEEKDAYS[dates.weekday(day)], clock)
  elseif day:sub(1, 4) == today:sub(1, 4) then
    return ('%s %s'):format(dates.short(day), clock)
  end
  return day
end

--- "in 7 days", "in 3 h", "tomorrow": until something that comes.
---@param ms integer
---@param now_ms integer
---@return string
function M.until_then(ms, now_ms)
  local left = ms - now_ms
  if left <= 0 then
    return 'now'
  elseif left < 3600000 then
    return ('in %d min'):format(math.max(1, math.ceil(left / 60000)))
  elseif left < 24 * 3600000 then
    return ('in %d h'):format(math.floor(left / 3600000 + 0.5))
  end
  local days = dates.day_number(dates.of(ms)) - dates.day_number(dates.of(now_ms))
  return days == 1 and 'tomorrow' or ('in %d days'):format(days)
end

--- "1 December", the day on which something comes; with the time when it isn't midnight.
---@param ms integer
---@return string
function M.day_of(ms)
  local day = dates.of(ms)
  local text = ('%d %s'):format(tonumber(day:sub(9, 10)), dates.month_word(day))
  local clock = os.date('%H:%M', math.floor(ms / 1000))
  return clock == '00:00' and text or ('%s %s'):format(text, clock)
end

--- A path for a narrow place: home as "~", the end kept.
---@param path string
---@param cells? integer
---@return string
function M.path(path, cells)
  local short = vim.fn.fnamemodify(path, ':~')
  if cells and width.of(short) > cells then
    return width.cut_left(short, cells)
  end
  return short
end

--- The scope of a budget in words: "reviewer", "workspace shop", "everything".
---@param scope string
---@return string
function M.scope(scope)
  local kind, key = scope:match('^(%a+):(.*)$')
  if kind == 'workspace' then
    return vim.fs.basename(key)
  elseif kind == 'agent' then
    return key
  end
  return 'everything'
end

local PERIOD = { month = 'this month', week = 'this week', day = 'today' }

---@param period? string
---@return string
function M.period(period)
  return PERIOD[period or 'month'] or 'this period'
end

return M

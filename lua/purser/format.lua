--- Figures as people read them. Pure functions; money is only formatted here, never computed.

local M = {}

local NANO_PER_CENT = 10000000

---@class purser.CurrencyFormat
---@field symbol? string
---@field decimal? string
---@field thousands? string
---@field cents? boolean below a dollar in cents
---@field rate? number what one dollar is in this currency, for display only

---@type purser.CurrencyFormat
local DEFAULT = { symbol = '$', decimal = '.', thousands = ',', cents = true, rate = 1 }

---@param digits string
---@param separator string
---@return string
local function group(digits, separator)
  local out = digits:reverse():gsub('(%d%d%d)', '%1\0'):reverse():gsub('^%z', '')
  return (out:gsub('%z', (separator:gsub('%%', '%%%%'))))
end

---@return purser.CurrencyFormat
local function currency()
  local config = package.loaded['purser.config']
  return config and config.get().currency or DEFAULT
end

--- "3.42 ¢", "$12.07". Below a hundredth of a cent: "< 0.01 ¢", because something was spent.
---@param nanousd? integer nil: not known, "?"
---@param format? purser.CurrencyFormat
---@return string
function M.money(nanousd, format)
  if nanousd == nil or nanousd == vim.NIL then
    return '?'
  end
  format = format or currency()
  local decimal = format.decimal or DEFAULT.decimal
  local sign = nanousd < 0 and '-' or ''
  local cents = math.abs(nanousd) / NANO_PER_CENT * (format.rate or 1)
  if cents == 0 then
    return format.cents == false and ('%s0%s00'):format(format.symbol or DEFAULT.symbol, decimal) or '0 ¢'
  end
  if format.cents ~= false and cents < 99.995 then
    if cents < 0.01 then
      return sign == '' and ('< 0%s01 ¢'):format(decimal) or ('> -0%s01 ¢'):format(decimal)
    end
    return sign .. ('%.2f ¢'):format(cents):gsub('%.', decimal)
  end
  local places = (format.cents == false and cents < 100) and 4 or 2
  local whole, fraction = ('%.' .. places .. 'f'):format(cents / 100):match('^(%d+)%.(%d+)$')
  return sign
    .. (format.symbol or DEFAULT.symbol)
    .. group(whole, format.thousands or DEFAULT.thousands)
    .. decimal
    .. fraction
end

--- The cost of sums: "≥ $1.20" when a part of it has no price.
---@param sums purser.Sums
---@param format? purser.CurrencyFormat
---@return string
function M.cost(sums, format)
  local text = M.money(sums.cost_nanousd or 0, format)
  if (sums.unpriced_requests or 0) > 0 then
    return '≥ ' .. text
  end
  return text
end

--- "950", "12.4k", "3.1M".
---@param count? integer
---@return string
function M.tokens(count)
  if not count then
    return '?'
  end
  if count < 1000 then
    return tostring(math.floor(count))
  end
  for _, unit in ipairs({ { 1e3, 'k' }, { 1e6, 'M' }, { 1e9, 'G' } }) do
    local value = count / unit[1]
    -- 999.95k would be rounded to "1000.0k": the next unit takes it.
    if value < 99.95 then
      return ('%.1f%s'):format(value, unit[2])
    elseif value < 999.5 then
      return ('%.0f%s'):format(value, unit[2])
    end
  end
  return ('%.1fT'):format(count / 1e12)
end

--- "820 ms", "4.2 s", "3 min 05 s", "2 h 10 min".
---@param ms? integer
---@return string
function M.duration(ms)
  if not ms or ms < 0 then
    return '?'
  end
  if ms < 1000 then
    return ('%d ms'):format(ms)
  elseif ms < 59950 then
    return ('%.1f s'):format(ms / 1000)
  end
  local seconds = math.floor(ms / 1000 + 0.5)
  if seconds < 3600 then
    return ('%d min %02d s'):format(math.floor(seconds / 60), seconds % 60)
  end
  return ('%d h %02d min'):format(math.floor(seconds / 3600), math.floor(seconds % 3600 / 60))
end

--- "2026-11-23 14:05" in the local zone.
---@param ms? integer
---@param pattern? string as for os.date
---@return string
function M.time(ms, pattern)
  if not ms or ms <= 0 then
    return '?'
  end
  return os.date(pattern or '%Y-%m-%d %H:%M', math.floor(ms / 1000)) --[[@as string]]
end

--- "79 %": how much of a budget is spent; nil without a limit.
---@param budget? purser.Budget
---@return integer?
function M.percent(budget)
  if not budget or not budget.limit_nanousd then
    return nil
  end
  if budget.limit_nanousd <= 0 then
    return 100
  end
  return math.floor((budget.spent_nanousd or 0) * 100 / budget.limit_nanousd)
end

return M

--- Days and months as text ("2026-11-24", "2026-11"): the calendar that windows page through.
---
--- Which request belongs to which day is the core's to say. Here is only arithmetic on names of days, and the present moment in the
--- local zone.

local M = {}

local MONTHS = {
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
}

--- Days since 1970-01-01.
---@param year integer
---@param month integer
---@param day integer
---@return integer
function M.number(year, month, day)
  -- Counted from the first of March, so that the leap day is a year's last.
  local y = month <= 2 and year - 1 or year
  local era = math.floor(y / 400)
  local of_era = y - era * 400
  local of_year = math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  local days = of_era * 365 + math.floor(of_era / 4) - math.floor(of_era / 100) + of_year
  return era * 146097 + days - 719468
end

---@param number integer days since 1970
---@return string day
function M.from_number(number)
  local z = number + 719468
  local era = math.floor(z / 146097)
  local doe = z - era * 146097
  local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  local mp = math.floor((5 * doy + 2) / 153)
  local day = doy - math.floor((153 * mp + 2) / 5) + 1
  local month = mp < 10 and mp + 3 or mp - 9
  return ('%04d-%02d-%02d'):format(yoe + era * 400 + (month <= 2 and 1 or 0), month, day)
end

---@param day string
---@return integer
function M.day_number(day)
  local y, m, d = day:match('^(%d+)-(%d+)-(%d+)$')
  return M.number(tonumber(y), tonumber(m), tonumber(d))
end

--- 1 Monday … 7 Sunday.
---@param day string
---@return integer
function M.weekday(day)
  return (M.day_number(day) + 3) % 7 + 1
end

---@param day string
---@param by integer
---@return string
function M.shift_day(day, by)
  return M.from_number(M.day_number(day) + by)
end

---@param month string "2026-11"
---@return integer year
---@return integer month
function M.parts(month)
  local y, m = month:match('^(%d+)-(%d+)')
  return tonumber(y), --[[@as integer]]
    tonumber(m) --[[@as integer]]
end

---@param month string
---@param by integer
---@return string
function M.shift_month(month, by)
  local y, m = M.parts(month)
  local n = y * 12 + m - 1 + by
  return ('%04d-%02d'):format(math.floor(n / 12), n % 12 + 1)
end

---@param month string
---@return integer
function M.days_in(month)
  local y, m = M.parts(month)
  local ny, nm = M.parts(M.shift_month(month, 1))
  return M.number(ny, nm, 1) - M.number(y, m, 1)
end

---@param month string
---@return string first
---@return string last
function M.month_span(month)
  return month .. '-01', ('%s-%02d'):format(month, M.days_in(month))
end

--- "November"
---@param month string
---@return string
function M.month_word(month)
  local _, m = M.parts(month)
  return MONTHS[m]
end

--- "November 2026"
---@param month string
---@return string
function M.month_name(month)
  local y = M.parts(month)
  return ('%s %d'):format(M.month_word(month), y)
end

--- "18 Nov"
---@param day string
---@return string
function M.short(day)
  return ('%d %s'):format(tonumber(day:sub(9, 10)), MONTHS[tonumber(day:sub(6, 7))]:sub(1, 3))
end

--- The day of a moment, in the local zone.
---@param ms integer
---@return string
function M.of(ms)
  return os.date('%Y-%m-%d', math.floor(ms / 1000)) --[[@as string]]
end

--- The local midnight at which a day begins.
---@param day string
---@return integer ms
function M.midnight(day)
  local y, m, d = day:match('^(%d+)-(%d+)-(%d+)$')
  return os.time({ year = tonumber(y), month = tonumber(m), day = tonumber(d), hour = 0 }) * 1000
end

---@return integer
function M.now_ms()
  local seconds, micro = vim.uv.gettimeofday()
  return seconds * 1000 + math.floor(micro / 1000)
end

return M

--- The days of a stretch put into columns: a day, a week or a month to each. Every day is in exactly one, so that their sum is the
--- total of the stretch.

local dates = require('purser.ui.dates')
local span = require('purser.views.span')

local M = {}

---@alias purser.Grain "day"|"week"|"month"

---@class (exact) purser.Bucket
---@field key string the first day; of a month "2026-11"
---@field value integer nano-dollars
---@field title string "9 Nov", "week of 9 Nov", "November"
---@field label? string below its column
---@field now? boolean today is in it
---@field ahead? boolean still to come

--- What the columns of a stretch may be; the first is what they are at first.
---@type table<purser.Range, purser.Grain[]>
M.GRAINS = {
  month = { 'day', 'week' },
  ['30d'] = { 'day', 'week' },
  ['90d'] = { 'day', 'week', 'month' },
  year = { 'month', 'week', 'day' },
}

--- The grain that is wanted, if the stretch has it.
---@param ctx purser.ViewContext
---@return purser.Grain
function M.grain(ctx)
  local all = M.GRAINS[ctx.range]
  return vim.list_contains(all, ctx.grain) and ctx.grain or all[1]
end

---@param number integer of a day
---@param grain purser.Grain
---@return string key
local function key_of(number, grain)
  local day = dates.from_number(number)
  if grain == 'month' then
    return day:sub(1, 7)
  elseif grain == 'week' then
    return dates.from_number(number - (dates.weekday(day) - 1))
  end
  return day
end

--- Below which columns something is written: enough to find one's way, not more than there is room for.
---@param ctx purser.ViewContext
---@param bucket purser.Bucket
---@param grain purser.Grain
---@param day string the first day in it
---@return string?
local function label_of(ctx, bucket, grain, day)
  if grain == 'month' then
    return dates.month_word(bucket.key):sub(1, 3)
  elseif grain == 'week' and ctx.range == 'year' then
    local month = dates.month_word(day):sub(1, 3)
    return tonumber(day:sub(9, 10)) <= 7 and month or nil
  elseif grain == 'week' then
    return dates.short(day)
  elseif ctx.range == 'month' then
    local number = tonumber(day:sub(9, 10)) --[[@as integer]]
    return (number == 1 or number % 7 == 0) and tostring(number) or nil
  end
  return dates.weekday(day) == 1 and dates.short(day) or nil
end

---@param bucket purser.Bucket
---@param grain purser.Grain
---@param day string
---@return string
local function title_of(bucket, grain, day)
  if grain == 'month' then
    return dates.month_word(bucket.key)
  elseif grain == 'week' then
    return 'week of ' .. dates.short(day)
  end
  return dates.short(day)
end

--- The columns of the stretch that is shown, those without spend included.
---@param ctx purser.ViewContext
---@param rows? purser.ReportRow[] by day
---@param grain purser.Grain
---@return purser.Bucket[]
function M.of(ctx, rows, grain)
  local by_day = {}
  for _, row in ipairs(rows or {}) do
    by_day[row.key] = row.cost_nanousd
  end
  local first, last = span.of(ctx)
  local today = dates.day_number(ctx.today)
  local out = {} ---@type purser.Bucket[]
  local now ---@type purser.Bucket?
  for number = dates.day_number(first), dates.day_number(last) do
    local day = dates.from_number(number)
    local key = grain == 'day' and day or key_of(number, grain)
    if not now or now.key ~= key then
      now = { key = key, value = 0, title = '', ahead = number > today }
      now.title = title_of(now, grain, day)
      now.label = label_of(ctx, now, grain, day)
      out[#out + 1] = now
    end
    now.value = now.value + (by_day[day] or 0)
    now.now = now.now or number == today or nil
  end
  return out
end

---@param buckets purser.Bucket[]
---@return number[]
function M.values(buckets)
  local out = {}
  for i, bucket in ipairs(buckets) do
    out[i] = bucket.value
  end
  return out
end

return M

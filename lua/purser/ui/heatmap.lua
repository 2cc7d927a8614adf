--- A year of days, a week to a column: when the money went.

local Text = require('purser.ui.text')
local dates = require('purser.ui.dates')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local width = require('purser.ui.width')

local M = {}

local DAYS = { 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun' }

--- Bounds between four shades, so that each holds about a quarter of the days with spend. One dear day leaves the rest readable.
---@param values number[]
---@return number[] bounds three, ascending
function M.bounds(values)
  local sorted = {}
  for _, value in pairs(values) do
    if value > 0 then
      sorted[#sorted + 1] = value
    end
  end
  table.sort(sorted)
  local out = {}
  for i = 1, 3 do
    out[i] = sorted[math.max(1, math.ceil(#sorted * i / 4))] or 0
  end
  return out
end

---@param value number
---@param bounds number[]
---@return integer shade 0 nothing, else 1 to 4
local function shade(value, bounds)
  if value <= 0 then
    return 0
  end
  for i = 1, 3 do
    if value <= bounds[i] then
      return i
    end
  end
  return 4
end

---@class (exact) purser.ui.HeatmapOptions
---@field first string the first day
---@field last string the last day
---@field today? string later days are left blank
---@field width integer
---@field coloured? boolean the strength is a colour; else it is a shade

---@param by_day table<string, number> nano-dollars
---@param options purser.ui.HeatmapOptions
---@return purser.ui.Text
function M.draw(by_day, options)
  local set = glyphs.get()
  local marks = set.shades
  if options.coloured and not set.ascii then
    marks = { set.square, set.square, set.square, set.square }
  end
  local bounds = M.bounds(by_day)
  local first, last = dates.day_number(options.first), dates.day_number(options.last)
  local monday = first - (dates.weekday(options.first) - 1)
  local weeks = math.floor((last - monday) / 7) + 1
  local gutter = 4
  local cells = gutter + weeks * 2 <= options.width and 2 or 1
  -- A narrow window shows the weeks that are nearest.
  local skip = math.max(0, weeks - math.floor((options.width - gutter) / cells))
  local out = Text.new()

  out:to(gutter)
  local before
  for week = skip, weeks - 1 do
    local day = dates.from_number(math.max(first, monday + week * 7))
    local month = day:sub(1, 7)
    if month ~= before then
      local at = gutter + (week - skip) * cells
      local word = dates.month_word(month):sub(1, 3)
      if at >= out:column() and at + #word <= gutter + (weeks - skip) * cells then
        out:to(at):add(word, 'PurserMuted'):add(' ')
      end
      before = month
    end
  end
  out:nl()

  local until_day = options.today and math.min(last, dates.day_number(options.today)) or last
  for weekday = 1, 7 do
    out:add(weekday % 2 == 1 and DAYS[weekday] or '', 'PurserMuted'):to(gutter)
    for week = skip, weeks - 1 do
      local number = monday + week * 7 + weekday - 1
      if number < first or number > until_day then
        out:add((' '):rep(cells))
      else
        local level = shade(by_day[dates.from_number(number)] or 0, bounds)
        if level == 0 then
          out:add(set.empty .. (' '):rep(cells - 1), 'PurserFaint')
        else
          out:add(marks[level] .. (' '):rep(cells - 1), 'PurserHeat' .. level)
        end
      end
    end
    out:nl()
  end

  out:to(gutter):add(set.empty .. ' none', 'PurserMuted')
  local gap = options.width >= 70 and '   ' or '  '
  for level = 1, 4 do
    local word = ' ' .. (level < 4 and 'to ' or 'over ') .. format.rough(bounds[math.min(level, 3)])
    if out:column() + #gap + 1 + width.of(word) <= options.width then
      out:add(gap):add(marks[level], 'PurserHeat' .. level):add(word, 'PurserMuted')
    end
  end
  return out:nl()
end

return M

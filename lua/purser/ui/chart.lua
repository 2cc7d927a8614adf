--- Spend per day as columns, with a scale on the left and the days below.

local Text = require('purser.ui.text')
local format = require('purser.ui.format')
local glyphs = require('purser.ui.glyphs')
local width = require('purser.ui.width')

local M = {}

---@class (exact) purser.ui.ChartOptions
---@field width integer
---@field height integer rows of the columns
---@field labels table<integer, string> below the column of that index
---@field highlight? integer a column drawn in another colour (today)
---@field upto? integer columns after this one are still to come

--- A round number not below `value`: 1, 2 or 5 times a power of ten.
---@param value number
---@return number
function M.nice(value)
  if value <= 0 then
    return 1
  end
  local power = 10 ^ math.floor(math.log10(value) + 1e-9)
  for _, step in ipairs({ 1, 2, 3, 4, 5, 6, 8, 10 }) do
    if step * power >= value * (1 - 1e-9) then
      return step * power
    end
  end
  return 10 * power
end

--- How wide a column and the gap after it can be.
---@param room integer
---@param count integer
---@return integer cells
---@return integer gap
local function fit(room, count)
  local each = math.floor((room + 1) / count)
  if each >= 6 then
    return 5, 1
  elseif each >= 2 then
    return each - 1, 1
  end
  return 1, 0
end

---@param value number
---@param top number
---@param row integer from 1, the lowest
---@param height integer
---@return string? glyph nil: nothing
local function cell(value, top, row, height)
  local set = glyphs.get()
  local filled = value / top * height * 8
  if value > 0 then
    filled = math.max(filled, 1)
  end
  local here = math.floor(filled + 0.5) - (row - 1) * 8
  if here <= 0 then
    return nil
  end
  return set.levels[math.min(8, here)]
end

--- Columns that don't fit one cell each are added up in neighbours by the caller.
---@param values number[] nano-dollars
---@param options purser.ui.ChartOptions
---@return purser.ui.Text
function M.draw(values, options)
  local set = glyphs.get()
  local most = 0
  for _, value in ipairs(values) do
    most = math.max(most, value)
  end
  local top = M.nice(most > 0 and most or 1e9)
  local scale = { [options.height] = format.scale(top) }
  if options.height >= 4 and options.height % 2 == 0 then
    scale[options.height / 2] = format.scale(top / 2)
  end
  local gutter = 0
  for _, label in pairs(scale) do
    gutter = math.max(gutter, width.of(label))
  end
  local cells, gap = fit(options.width - gutter - 2, #values)
  local out = Text.new()
  for row = options.height, 1, -1 do
    local label = scale[row] or ''
    out:add(width.pad(label, gutter, true) .. ' ', 'PurserMuted')
    out:add(scale[row] and set.tick or set.axis, 'PurserAxis')
    -- Neighbours that look alike are one piece of text.
    local piece, group = '', nil
    for i, value in ipairs(values) do
      local glyph = cell(value, top, row, options.height)
      local own = glyph and (i == options.highlight and 'PurserBarToday' or 'PurserBar') or nil
      if own ~= group and piece ~= '' then
        out:add(piece, group)
        piece = ''
      end
      group = own
      piece = piece .. (glyph or ' '):rep(cells)
      if gap > 0 then
        if own then
          out:add(piece, own)
          piece, group = '', nil
        end
        piece = piece .. ' '
      end
    end
    out:add(piece, group):nl()
  end
  -- The ground: what is past is a line, what is to come is dotted.
  out:add((' '):rep(gutter + 1)):add(set.corner, 'PurserAxis')
  local past = math.min(options.upto or #values, #values)
  local function ground(count, mark, group)
    if count > 0 then
      out:add(mark:rep(count * (cells + gap)), group)
    end
  end
  ground(past, set.ground, 'PurserAxis')
  ground(#values - past, set.empty, 'PurserFaint')
  out:nl()
  out:add((' '):rep(gutter + 2))
  local start = gutter + 2
  local indexes = vim.tbl_keys(options.labels)
  table.sort(indexes)
  for _, i in ipairs(indexes) do
    local label = options.labels[i]
    local at = start + (i - 1) * (cells + gap)
    if at >= out:column() and at + width.of(label) <= options.width then
      out:to(at):add(label, i == options.highlight and 'PurserToday' or 'PurserMuted')
      out:add(' ')
    end
  end
  return out:nl()
end

return M

--- A row of numbers as a row of little columns.

local glyphs = require('purser.ui.glyphs')

local M = {}

--- Makes `cells` numbers of a longer list by adding up neighbours, so that nothing is left out.
---@param values number[]
---@param cells integer
---@return number[]
function M.squeeze(values, cells)
  if #values <= cells or cells <= 0 then
    return values
  end
  local out = {}
  for i = 1, cells do
    local first = math.floor((i - 1) * #values / cells) + 1
    local last = math.floor(i * #values / cells)
    local sum = 0
    for j = first, last do
      sum = sum + values[j]
    end
    out[i] = sum
  end
  return out
end

--- Picks `cells` numbers of a longer list, the first and the last among them: for levels, which are not to be added up.
---@param values number[]
---@param cells integer
---@return number[]
function M.thin(values, cells)
  if #values <= cells or cells <= 1 then
    return values
  end
  local out = {}
  for i = 1, cells do
    out[i] = values[math.floor((i - 1) * (#values - 1) / (cells - 1) + 0.5) + 1]
  end
  return out
end

--- One character for each number; a nought is a dot on the ground, so that nothing and little differ.
---@param values number[]
---@param cells? integer at most so many characters
---@return string
function M.line(values, cells)
  local set = glyphs.get()
  values = M.squeeze(values, cells or #values)
  local most = 0
  for _, value in ipairs(values) do
    most = math.max(most, value)
  end
  local out = {}
  for i, value in ipairs(values) do
    if value <= 0 or most <= 0 then
      out[i] = set.ascii and '_' or ' '
    else
      out[i] = set.levels[math.max(1, math.min(8, math.floor(value / most * 8 + 0.5)))]
    end
  end
  return table.concat(out)
end

return M

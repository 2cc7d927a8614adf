--- The row of tabs at the top of a window.

local width = require('purser.ui.width')

local M = {}

---@class (exact) purser.ui.Tab
---@field name string
---@field title string
---@field short string when room is short

---@param tabs purser.ui.Tab[]
---@param field "title"|"short"
---@return integer
local function need(tabs, field)
  local sum = 0
  for _, tab in ipairs(tabs) do
    sum = sum + width.of(tab[field]) + 4
  end
  return sum
end

--- Adds the tabs, each with the number that is its key.
---@param out purser.ui.Text
---@param tabs purser.ui.Tab[]
---@param active? string
---@param room integer
---@return purser.ui.Text
function M.add(out, tabs, active, room)
  local field = need(tabs, 'title') + 1 <= room and 'title' or 'short'
  local bare = need(tabs, field) + 1 > room
  for i, tab in ipairs(tabs) do
    local on = tab.name == active
    local group = on and 'PurserTabActive' or 'PurserTab'
    -- The number stands out where it is a key to press, not where one is already.
    out:add(' ', on and group or nil):add(tostring(i), on and group or 'PurserKey')
    if on or not bare then
      out:add(' ' .. tab[field] .. ' ', group)
    else
      out:add(' ')
    end
  end
  return out
end

return M

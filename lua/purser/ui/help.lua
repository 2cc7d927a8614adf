--- The help float of a window, made from its key table.

local buffer = require('purser.ui.buffer')
local keys = require('purser.ui.keys')
local window = require('purser.ui.window')

local M = {}

---@param title string
---@param list purser.ui.Key[]
---@param notes? string[] sentences below the keys
---@return purser.ui.Window
function M.open(title, list, notes)
  local text = keys.help(list)
  for i, note in ipairs(notes or {}) do
    if i == 1 then
      text:nl()
    end
    text:add('  '):add(note, 'PurserMuted'):nl()
  end
  local most = 0
  for row = 1, text:height() do
    most = math.max(most, text:row_width(row))
  end
  local buf = buffer.new('purser-help', 'purser://help')
  buffer.draw(buf, text)
  local self
  self = window.open({
    buf = buf,
    title = { { (' %s: keys '):format(title), 'PurserTitle' } },
    keys = {
      {
        lhs = { 'q', '<Esc>', '?', 'g?' },
        desc = 'Close the help',
        hint = 'close',
        rank = 1,
        run = function()
          self:close()
        end,
      },
    },
    size = function()
      return math.max(most + 2, 30), text:height()
    end,
    zindex = 60,
  })
  return self
end

return M

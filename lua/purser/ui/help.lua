--- The help float of a window, made from its key table.

local Text = require('purser.ui.text')
local buffer = require('purser.ui.buffer')
local keys = require('purser.ui.keys')
local width = require('purser.ui.width')
local window = require('purser.ui.window')

local M = {}

--- A list below the keys: what can be typed, and what it means.
---@class (exact) purser.ui.HelpNotes
---@field title string
---@field rows? { [1]: string, [2]: string }[]

---@param notes? purser.ui.HelpNotes
---@param room integer
---@return purser.ui.Text
local function below(notes, room)
  local out = Text.new()
  if not notes or not notes.rows then
    return out
  end
  local most = 0
  for _, row in ipairs(notes.rows) do
    most = math.max(most, width.of(row[1]))
  end
  out:add(' '):add(notes.title, 'PurserHeading'):nl()
  for _, row in ipairs(notes.rows) do
    for i, line in ipairs(width.wrap(row[2], room - most - 5)) do
      out:add('  '):add(i == 1 and row[1] or '', 'PurserKey'):to(most + 5):add(line):nl()
    end
  end
  return out
end

--- All of it, in two columns where one is too high and there is room for two.
---@param list purser.ui.Key[]
---@param notes? purser.ui.HelpNotes
---@return purser.ui.Text
local function layout(list, notes)
  local columns, lines = vim.o.columns - 6, vim.o.lines - vim.o.cmdheight - 2
  local one = keys.help(list, columns)
  local more = below(notes, columns)
  local whole = Text.new():append(one)
  if more:height() > 0 then
    whole:nl():append(more)
  end
  if whole:height() <= lines or columns < 90 then
    return whole
  end
  local half = math.floor((columns - 2) / 2)
  local left, right = keys.help_halves(list, half, below(notes, half):height())
  if more:height() > 0 then
    right:nl():append(below(notes, half))
  end
  return Text.beside({ { text = left, width = left:width() }, { text = right, width = half } }, 2)
end

---@param title string
---@param list purser.ui.Key[]
---@param notes? purser.ui.HelpNotes
---@return purser.ui.Window
function M.open(title, list, notes)
  local text = layout(list, notes)
  local buf = buffer.new('purser-help', 'purser://help')
  buffer.draw(buf, text)
  local self
  local own = {
    {
      lhs = { 'q', '<Esc>', '?', 'g?' },
      desc = 'Close the help',
      hint = 'close',
      rank = 1,
      run = function()
        self:close()
      end,
    },
  }
  if text:height() > vim.o.lines - vim.o.cmdheight - 2 then
    table.insert(own, 1, { lhs = 'j', show = 'j k', desc = 'More', hint = 'more', rank = 1 })
  end
  self = window.open({
    buf = buf,
    title = { { (' %s: keys '):format(title), 'PurserTitle' } },
    keys = own,
    size = function()
      return math.max(text:width() + 2, 30), text:height()
    end,
    zindex = 60,
  })
  return self
end

return M

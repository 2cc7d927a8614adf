--- How the browser puts a view into its window: the tabs, what failed, the view, and the mark of what the keys act on.

local Text = require('purser.ui.text')
local buffer = require('purser.ui.buffer')
local interpreted = require('purser.ui.interpreted')
local span = require('purser.views.span')
local tabs = require('purser.ui.tabs')
local width = require('purser.ui.width')

local pointer = vim.api.nvim_create_namespace('purser.pointer')

local M = {}

---@type purser.ui.Tab[]
M.tabs = {
  { name = 'dashboard', title = 'Dashboard', short = 'Dash' },
  { name = 'agents', title = 'Agents', short = 'Agents' },
  { name = 'workspaces', title = 'Workspaces', short = 'Work' },
  { name = 'models', title = 'Models', short = 'Models' },
  { name = 'log', title = 'Log', short = 'Log' },
  { name = 'budget', title = 'Budgets', short = 'Budgets' },
}

--- Cells left free at each side.
---@param total integer
---@return integer
function M.margin(total)
  return total >= 80 and 2 or 1
end

--- The methods of purser.Browser that draw.
---@class purser.Browser
local methods = {}
M.methods = methods

---@return purser.ui.Chunk[]
function methods:title()
  local title = self.view.title(self.ctx)
  if self.view.ranged then
    title[#title + 1] = { span.name(self.ctx) .. ' ', 'PurserSubtitle' }
  end
  if self.place.filter and self.place.filter ~= '' then
    title[#title + 1] = { (' filter: %s '):format(self.place.filter), 'PurserSorted' }
  end
  return title
end

--- Draws what is known.
function methods:draw()
  if self.window:is_open() then
    interpreted.call(self.draw_now, self)
  end
end

---@private
function methods:draw_now()
  self:put(self:compose())
end

--- The whole content of the window.
---@private
---@return purser.ui.Text
function methods:compose()
  local data, errors = self.ctx.data, self.ctx.errors
  self.ctx = self:context(data)
  self.ctx.errors = errors
  local columns = self.window:size()
  local edge = M.margin(columns)
  local out = Text.new()
  out:add((' '):rep(edge - 1))
  tabs.add(out, M.tabs, self.view.tab or self.view.name, columns - edge + 1)
  out:nl():nl()
  local seen = {}
  for _, message in pairs(errors) do
    if not seen[message] then
      seen[message] = true
      for _, line in ipairs(width.wrap(message, self.ctx.width)) do
        out:add((' '):rep(edge)):add(line, 'PurserError'):nl()
      end
    end
  end
  if next(data) or not next(errors) then
    out:append(self.view.draw(self.ctx), edge)
  end
  return out
end

--- Puts it into the window. The cursor stays where it is, unless it is the place's first content.
---@private
---@param out purser.ui.Text
---@param ready? purser.ui.Ready
function methods:put(out, ready)
  self.text = out
  local same = self.place.cursor ~= nil
  local win = self.window.win
  local saved = vim.api.nvim_win_call(win, vim.fn.winsaveview)
  local anew = buffer.draw(self.window.buf, out, ready)
  if same and anew then
    vim.api.nvim_win_call(win, function()
      vim.fn.winrestview(saved)
    end)
  elseif not same then
    self:home(next(self.ctx.data) ~= nil)
  end
  self:point()
end

--- Title and keys, around it.
---@private
function methods:frame()
  self.window:decorate(self:title(), self.keys)
end

--- Puts the cursor on the first row that opens something, if that is in sight.
---@param settle boolean remember it
function methods:home(settle)
  local _, lines = self.window:size()
  local first = self.text:items()[1]
  local marked = settle and self.goto_mark and self.text.marks[self.goto_mark]
  if settle then
    self.goto_mark = nil
  end
  if marked then
    -- Below the head of the table.
    local row = math.min(marked + 1, self.text:height())
    vim.api.nvim_win_set_cursor(self.window.win, { row, 0 })
    vim.api.nvim_win_call(self.window.win, function()
      vim.fn.winrestview({ topline = math.max(1, row - 3), leftcol = 0 })
    end)
    self.place.cursor = { row, 0 }
    return
  end
  local target = first and first.row <= lines and { first.row, first.byte } or { 1, 0 }
  vim.api.nvim_win_set_cursor(self.window.win, target)
  vim.api.nvim_win_call(self.window.win, function()
    vim.fn.winrestview({ topline = 1, leftcol = 0 })
  end)
  if settle then
    self.place.cursor = target
  end
end

--- Shows which item the keys act on: in two columns a whole line would say too much.
function methods:point()
  local buf = self.window.buf
  if not self.text or not self.window:is_open() then
    return
  end
  vim.api.nvim_buf_clear_namespace(buf, pointer, 0, -1)
  local cursor = vim.api.nvim_win_get_cursor(self.window.win)
  local item = self.text:item_at(cursor[1], cursor[2])
  local first, last = self.text:extent(cursor[1], item)
  if item and first then
    local line = vim.api.nvim_buf_get_lines(buf, cursor[1] - 1, cursor[1], false)[1]
    vim.api.nvim_buf_set_extmark(buf, pointer, cursor[1] - 1, first, {
      end_col = math.min(last --[[@as integer]], #line),
      hl_group = 'PurserCurrent',
      priority = 50,
    })
  end
end

return M

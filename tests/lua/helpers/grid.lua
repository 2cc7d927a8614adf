-- The screen of a child Neovim, built from the events of the UI protocol (:help ui-linegrid).

---@class helpers.Cell
---@field [1] string the character; empty in the right half of a wide one
---@field [2] integer highlight id

---@class helpers.Grid
---@field rows integer
---@field cols integer
---@field cursor integer[] row and column, from 1
---@field mode string "normal", "insert", "cmdline_normal", …
---@field frames integer how often the screen was complete
---@field whole boolean nothing of the next frame has come yet
local Grid = {}
Grid.__index = Grid

local BLANK = { ' ', 0 }

---@return helpers.Grid
function Grid.new(rows, cols)
  local self = setmetatable({ cursor = { 1, 1 }, mode = 'normal', frames = 0, whole = false }, Grid)
  self.attributes = { [0] = { groups = {} } }
  self:resize(rows, cols)
  return self
end

---@private
function Grid:resize(rows, cols)
  local old = self.cells or {}
  self.rows, self.cols, self.cells = rows, cols, {}
  for r = 1, rows do
    self.cells[r] = {}
    for c = 1, cols do
      self.cells[r][c] = old[r] and old[r][c] or BLANK
    end
  end
end

local on = {}

function on.grid_resize(self, _, cols, rows)
  self:resize(rows, cols)
end

function on.grid_clear(self)
  self.cells = nil
  self:resize(self.rows, self.cols)
end

function on.grid_cursor_goto(self, _, row, col)
  self.cursor = { row + 1, col + 1 }
end

-- One part of a row. A cell is { text, highlight?, repeat? }; the highlight stays until another is named.
function on.grid_line(self, _, row, col, cells)
  local line = self.cells[row + 1]
  local highlight = 0
  for _, cell in ipairs(cells) do
    highlight = cell[2] or highlight
    local drawn = { cell[1], highlight }
    for _ = 1, cell[3] or 1 do
      col = col + 1
      line[col] = drawn
    end
  end
end

-- Rows move up within a region (down, when the count is negative). What they leave behind is drawn afterwards.
function on.grid_scroll(self, _, top, bottom, left, right, count)
  local first, last, step = top + 1, bottom - count, 1
  if count < 0 then
    first, last, step = bottom, top + 1 - count, -1
  end
  for r = first, last, step do
    for c = left + 1, right do
      self.cells[r][c] = self.cells[r + count][c]
    end
  end
end

function on.hl_attr_define(self, id, rgb, _, info)
  rgb.groups = {}
  for _, part in ipairs(info) do
    table.insert(rgb.groups, part.hi_name ~= '' and part.hi_name or part.ui_name)
  end
  self.attributes[id] = rgb
end

function on.default_colors_set(self, foreground, background)
  self.foreground, self.background = foreground, background
end

function on.mode_change(self, mode)
  self.mode = mode
end

function on.flush(self)
  self.frames = self.frames + 1
  self.whole = true
end

--- Takes the argument of one "redraw" notification: batches of { event, arguments, arguments, … }.
---@param batches any[]
function Grid:apply(batches)
  self.whole = false
  for _, batch in ipairs(batches) do
    local handler = on[batch[1]]
    if handler then
      for i = 2, #batch do
        handler(self, unpack(batch[i]))
      end
    end
  end
end

---@return string[] rows without their trailing blanks
function Grid:text()
  local rows = {}
  for r, cells in ipairs(self.cells) do
    local line = {}
    for c, cell in ipairs(cells) do
      line[c] = cell[1]
    end
    rows[r] = (table.concat(line):gsub('%s+$', ''))
  end
  return rows
end

---@param text string
---@param row? integer
---@return integer? row the first that holds the text
function Grid:find(text, row)
  for r, line in ipairs(self:text()) do
    if (not row or r == row) and line:find(text, 1, true) then
      return r
    end
  end
end

---@param row integer
---@param col integer
---@return table
function Grid:attr(row, col)
  return self.attributes[self.cells[row][col][2]]
end

return Grid

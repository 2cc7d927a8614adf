--- A builder of lines with highlights.
---
--- A text is rows of chunks; a chunk has its characters, a highlight group, and perhaps an item: what a key pressed on it acts on.
--- Nothing here touches a buffer (see buffer.lua), so a whole window is a value that can be compared. Where a text is written in
--- slices, the end of a row is where others get their turn.

local slices = require('purser.ui.slices')
local width = require('purser.ui.width')

---@class (exact) purser.ui.Chunk
---@field [1] string
---@field [2]? string highlight group
---@field item? any

---@class (exact) purser.ui.Span
---@field row integer from 0
---@field first integer byte, from 0
---@field last integer byte, excluded
---@field group string

---@class purser.ui.Text
---@field rows purser.ui.Chunk[][]
---@field current any the item that chunks get as they are added
---@field marks table<string, integer> named rows, from 1
---@field private cells integer of the last row
local Text = {}
Text.__index = Text

---@return purser.ui.Text
function Text.new()
  return setmetatable({ rows = { {} }, marks = {}, cells = 0 }, Text)
end

--- Adds to the last row.
---@param text string|number
---@param group? string
---@return purser.ui.Text
function Text:add(text, group)
  text = tostring(text)
  if text ~= '' then
    local row = self.rows[#self.rows]
    row[#row + 1] = { text, group, item = self.current }
    self.cells = self.cells + width.of(text)
  end
  return self
end

--- Ends the row.
---@param count? integer so many rows
---@return purser.ui.Text
function Text:nl(count)
  for _ = 1, count or 1 do
    self.rows[#self.rows + 1] = {}
  end
  self.cells = 0
  slices.pause()
  return self
end

--- A row by itself.
---@param chunks (purser.ui.Chunk|string)[]
---@return purser.ui.Text
function Text:line(chunks)
  for _, chunk in ipairs(chunks) do
    if type(chunk) == 'string' then
      self:add(chunk)
    else
      self:add(chunk[1], chunk[2])
    end
  end
  return self:nl()
end

--- What is added from here on belongs to `item`; nil ends it.
---@param item any
---@return purser.ui.Text
function Text:item(item)
  self.current = item
  return self
end

--- Names the row that is being written, for jumping to it.
---@param name string
---@return purser.ui.Text
function Text:mark(name)
  self.marks[name] = #self.rows
  return self
end

--- Cells of the row that is being written.
---@return integer
function Text:column()
  return self.cells
end

---@param row integer
---@return integer
function Text:row_width(row)
  local cells = 0
  for _, chunk in ipairs(self.rows[row]) do
    cells = cells + width.of(chunk[1])
  end
  return cells
end

--- Cells of the widest row.
---@return integer
function Text:width()
  local most = 0
  for row = 1, self:height() do
    most = math.max(most, self:row_width(row))
  end
  return most
end

--- Spaces up to a column.
---@param column integer from 0
---@return purser.ui.Text
function Text:to(column)
  return self:add((' '):rep(column - self:column()))
end

--- Text whose end is at `column`, in the same row; what would run into the text before it is left out.
---@param column integer
---@param chunks purser.ui.Chunk[]
---@return purser.ui.Text
function Text:right(column, chunks)
  local cells = 0
  for _, chunk in ipairs(chunks) do
    cells = cells + width.of(chunk[1])
  end
  local at = column - cells
  if self:column() > 0 and self:column() + 1 > at then
    return self
  end
  self:to(at)
  for _, chunk in ipairs(chunks) do
    self:add(chunk[1], chunk[2])
  end
  return self
end

--- Whether nothing was added since the last row's start.
---@return boolean
function Text:at_start()
  return #self.rows[#self.rows] == 0
end

--- Rows that hold something; the empty one after the last nl() does not count.
---@return integer
function Text:height()
  local n = #self.rows
  return #self.rows[n] == 0 and n - 1 or n
end

--- Puts another text below.
---@param other purser.ui.Text
---@param indent? integer
---@return purser.ui.Text
function Text:append(other, indent)
  if not self:at_start() then
    self:nl()
  end
  local base = #self.rows - 1
  for name, row in pairs(other.marks) do
    self.marks[name] = base + row
  end
  for row = 1, other:height() do
    if indent and indent > 0 and #other.rows[row] > 0 then
      self:add((' '):rep(indent))
    end
    local mine = self.rows[#self.rows]
    for _, chunk in ipairs(other.rows[row]) do
      mine[#mine + 1] = chunk
    end
    self:nl()
  end
  return self
end

--- Puts texts side by side.
---@param columns { text: purser.ui.Text, width: integer }[]
---@param gap integer
---@return purser.ui.Text
function Text.beside(columns, gap)
  local out, rows = Text.new(), 0
  for _, column in ipairs(columns) do
    rows = math.max(rows, column.text:height())
  end
  for row = 1, rows do
    local at = 0
    for _, column in ipairs(columns) do
      local chunks = row <= column.text:height() and column.text.rows[row] or {}
      if #chunks > 0 then
        out:to(at)
        local mine = out.rows[#out.rows]
        for _, chunk in ipairs(chunks) do
          mine[#mine + 1] = chunk
        end
        out.cells = out.cells + column.text:row_width(row)
      end
      at = at + column.width + gap
    end
    out:nl()
  end
  local at_row = 0
  for _, column in ipairs(columns) do
    for name, row in pairs(column.text.marks) do
      out.marks[name] = at_row + row
    end
  end
  return out
end

--- The lines and their highlights, as a buffer takes them.
---@return string[] lines
---@return purser.ui.Span[] spans
function Text:render()
  local lines, spans = {}, {}
  for row = 1, math.max(self:height(), 1) do
    slices.pause()
    local parts, at = {}, 0
    for i, chunk in ipairs(self.rows[row]) do
      parts[i] = chunk[1]
      local last = at + #chunk[1]
      if chunk[2] then
        local before = spans[#spans]
        if before and before.row == row - 1 and before.last == at and before.group == chunk[2] then
          before.last = last
        else
          spans[#spans + 1] = { row = row - 1, first = at, last = last, group = chunk[2] }
        end
      end
      at = last
    end
    -- Spaces at the end are kept where they are drawn on (the track of a bar), dropped where they are padding.
    local text = table.concat(parts)
    local span = spans[#spans]
    local drawn = span and span.row == row - 1 and span.last or 0
    lines[row] = text:sub(1, drawn) .. text:sub(drawn + 1):gsub('%s+$', '')
  end
  return lines, spans
end

--- The text without its highlights, for a terminal or a register.
---@return string
function Text:plain()
  local lines = self:render()
  for i, line in ipairs(lines) do
    lines[i] = line:gsub('%s+$', '')
  end
  return table.concat(lines, '\n')
end

--- The item at a place: under the cursor, else the first of that row.
---@param row integer from 1
---@param byte? integer from 0
---@return any
function Text:item_at(row, byte)
  local at, first = 0, nil
  for _, chunk in ipairs(self.rows[row] or {}) do
    local last = at + #chunk[1]
    if chunk.item ~= nil then
      first = first == nil and chunk.item or first
      if byte and byte >= at and byte < last then
        return chunk.item
      end
    end
    at = last
  end
  return first
end

--- Where an item's cells are in a row.
---@param row integer from 1
---@param item any
---@return integer? first byte, from 0
---@return integer? last byte, excluded
function Text:extent(row, item)
  local at, first, last = 0, nil, nil
  for _, chunk in ipairs(self.rows[row] or {}) do
    local stop = at + #chunk[1]
    if item ~= nil and chunk.item == item then
      first, last = first or at, stop
    end
    at = stop
  end
  return first, last
end

--- The rows that have an item, in order, with the byte where it starts.
---@return { row: integer, byte: integer, item: any }[]
function Text:items()
  local out = {}
  for row, chunks in ipairs(self.rows) do
    local at, before = 0, nil
    for _, chunk in ipairs(chunks) do
      if chunk.item ~= nil and chunk.item ~= before then
        out[#out + 1] = { row = row, byte = at, item = chunk.item }
      end
      before = chunk.item
      at = at + #chunk[1]
    end
  end
  return out
end

return Text

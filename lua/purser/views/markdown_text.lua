--- The Markdown that the core writes, drawn as the other views are: headings, tables in the columns that there is room for, lists,
--- paragraphs, **strong** words. It knows what is written there, and no more of Markdown.

local Text = require('purser.ui.text')
local glyphs = require('purser.ui.glyphs')
local tables = require('purser.ui.table')
local width = require('purser.ui.width')

local M = {}

--- Which columns of a table go first when room is short, by their place; the others stay.
local KEEP = { [3] = 4, [4] = 1, [5] = 2, [6] = 3 }

--- Tables below each other have their figures below each other.
local MIN = { [1] = 12, [2] = 9, [6] = 8 }

--- The words of a line, each with its group: what is between ** is strong, and a backslash takes the meaning of what follows.
---@param line string
---@return { [1]: string, [2]?: string }[]
local function words_of(line)
  local out, word, strong = {}, '', false
  local function flush()
    if word ~= '' then
      out[#out + 1] = { word, strong and 'PurserHeading' or nil }
    end
    word = ''
  end
  local at = 1
  while at <= #line do
    local two = line:sub(at, at + 1)
    if two == '**' then
      -- What stands right beside a strong word belongs to it: "**fixer**:".
      if word ~= '' and strong then
        out[#out + 1] = { word, 'PurserHeading', glued = line:sub(at + 2, at + 2):match('%S') ~= nil }
        word = ''
      end
      strong = not strong
      at = at + 2
    elseif two:sub(1, 1) == '\\' and two:sub(2):match('%p') then
      word = word .. two:sub(2)
      at = at + 2
    elseif two:sub(1, 1) == ' ' then
      flush()
      at = at + 1
    else
      word = word .. two:sub(1, 1)
      at = at + 1
    end
  end
  flush()
  return out
end

---@param text string
---@return string
local function plain(text)
  return (text:gsub('%*%*', ''):gsub('\\(%p)', '%1'))
end

--- A paragraph or an item of a list, broken into lines.
---@param out purser.ui.Text
---@param line string
---@param room integer
---@param indent integer
---@param group? string
local function flow(out, line, room, indent, group)
  local glued = false
  for _, word in ipairs(words_of(line)) do
    local text = glyphs.plain(word[1])
    if width.of(text) > room - indent then
      text = width.cut(text, room - indent)
    end
    if not glued and out:column() > indent then
      if out:column() + 1 + width.of(text) > room then
        out:nl():to(indent)
      else
        out:add(' ')
      end
    elseif glued and out:column() + width.of(text) > room then
      out:nl():to(indent)
    end
    out:add(text, word[2] or group)
    glued = word.glued or false
  end
  out:nl()
end

---@param line string
---@return string[]
local function cells_of(line)
  local out, cell = {}, ''
  local at = 2
  while at <= #line do
    local char = line:sub(at, at)
    if char == '\\' then
      cell = cell .. line:sub(at, at + 1)
      at = at + 1
    elseif char == '|' then
      out[#out + 1] = vim.trim(cell)
      cell = ''
    else
      cell = cell .. char
    end
    at = at + 1
  end
  return out
end

--- The lines of a table, its head and its rule first.
---@param lines string[]
---@param room integer
---@return purser.ui.Text
local function draw_table(lines, room)
  local head, rule = cells_of(lines[1]), cells_of(lines[2])
  ---@type purser.ui.Column[]
  local columns = {}
  for i, title in ipairs(head) do
    columns[i] = {
      name = tostring(i),
      title = glyphs.plain(title),
      right = vim.endswith(rule[i] or '', ':'),
      keep = #head > 4 and KEEP[i] or nil,
      grow = i == 1,
      min = MIN[i],
      max = i == 1 and 40 or nil,
      left = i == 1 and title == 'Workspace',
      text = function(row)
        return glyphs.plain(plain(row[i] or ''))
      end,
      group = function(row)
        local whole = vim.startswith(row[1] or '', '**')
        return whole and 'PurserHeading' or i == 1 and 'PurserName' or i > 2 and 'PurserMuted' or nil
      end,
    }
  end
  local rows = {}
  for i = 3, #lines do
    rows[#rows + 1] = cells_of(lines[i])
  end
  return tables.draw(columns, rows, { width = math.min(room, 110) })
end

---@param markdown string
---@param room integer
---@return purser.ui.Text
function M.draw(markdown, room)
  local out = Text.new()
  local lines = vim.split(markdown, '\n', { plain = true })
  local reading = math.min(room, 100)
  local i = 1
  while i <= #lines do
    local line = lines[i]
    local hashes, title = line:match('^(#+) (.*)$')
    local mark, item = line:match('^(%d+%.) (.*)$')
    if not mark then
      mark, item = line:match('^(%-) (.*)$')
    end
    if hashes == '#' then
      out:add(width.cut(glyphs.plain(plain(title)), room), 'PurserTotal'):nl()
    elseif hashes == '##' then
      out:add(plain(title), 'PurserHeading'):nl()
    elseif hashes then
      -- The table below it has the word in its head.
      i = lines[i + 1] == '' and i + 1 or i
    elseif vim.startswith(line, '|') then
      local last = i
      while vim.startswith(lines[last + 1] or '', '|') do
        last = last + 1
      end
      out:append(draw_table(vim.list_slice(lines, i, last), room))
      i = last
    elseif mark then
      out:add(mark == '-' and glyphs.get().bullet or mark, 'PurserKey'):add(' ')
      flow(out, item, reading, out:column())
    elseif line == '' then
      if i < #lines then
        out:nl()
      end
    else
      flow(out, line, reading, 0, i > 3 and 'PurserMuted' or nil)
    end
    i = i + 1
  end
  return out
end

return M

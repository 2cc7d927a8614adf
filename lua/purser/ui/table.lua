--- Rows in columns: measured, dropped when there is no room, sorted, and each row an item.

local Text = require('purser.ui.text')
local glyphs = require('purser.ui.glyphs')
local width = require('purser.ui.width')

local M = {}

---@class (exact) purser.ui.Column
---@field name string what it is sorted by
---@field title string
---@field text? fun(row: any): string what stands in the cell
---@field group? string|fun(row: any): string?
---@field draw? fun(out: purser.ui.Text, row: any, cells: integer) draws the cell itself; needs `min`
---@field value? fun(row: any): any what it is sorted by; default: the text
---@field right? boolean
---@field left? boolean cut a long text on its left
---@field min? integer least width
---@field max? integer greatest width
---@field grow? boolean takes the room that is left, and gives it first
---@field keep? integer dropped before columns with a higher number; none: stays
---@field ascending? boolean sorted so at first
---@field sparse? boolean left out when all its cells are empty
---@field unsorted? boolean can't be sorted by

---@class (exact) purser.ui.TableOptions
---@field width integer
---@field sort? { name: string, reverse?: boolean }
---@field item? fun(row: any): any
---@field gap? integer default 2
---@field limit? integer
---@field bare? boolean no header

---@param column purser.ui.Column
---@param row any
---@return any
local function sort_value(column, row)
  local value
  if column.value then
    value = column.value(row)
  elseif column.text then
    value = column.text(row)
  end
  return value
end

--- The rows in the order of a column: the largest first, unless the column says otherwise. Equal ones stay as they were.
---@generic T
---@param rows T[]
---@param columns purser.ui.Column[]
---@param sort? { name: string, reverse?: boolean }
---@return T[]
function M.sort(rows, columns, sort)
  local column
  for _, one in ipairs(columns) do
    if sort and one.name == sort.name then
      column = one
    end
  end
  if not column then
    return rows
  end
  local keyed = {}
  for i, row in ipairs(rows) do
    keyed[i] = { row = row, at = i, value = sort_value(column, row) }
  end
  local up = (column.ascending or false) ~= (
      sort --[[@as table]].reverse or false
    )
  table.sort(keyed, function(a, b)
    if a.value == nil or b.value == nil or a.value == b.value then
      if (a.value == nil) ~= (b.value == nil) then
        return b.value == nil -- what is not known comes last
      end
      return a.at < b.at
    end
    if up then
      return a.value < b.value
    end
    return a.value > b.value
  end)
  local out = {}
  for i, one in ipairs(keyed) do
    out[i] = one.row
  end
  return out
end

--- The title of a column, with a mark where the rows are sorted by it.
---@param column purser.ui.Column
---@param sort? { name: string, reverse?: boolean }
---@return string
local function title_of(column, sort)
  if not sort or sort.name ~= column.name then
    return column.title
  end
  local set = glyphs.get()
  local up = (column.ascending or false) ~= (sort.reverse or false)
  return ('%s %s'):format(column.title, up and set.up or set.down)
end

---@param columns purser.ui.Column[]
---@param rows any[]
---@param sort? { name: string, reverse?: boolean }
---@return table<string, integer> natural
---@return table<string, string[]> cells
local function measure(columns, rows, sort)
  local natural, cells = {}, {}
  for _, column in ipairs(columns) do
    local most = math.max(width.of(title_of(column, sort)), column.min or 0)
    if column.text then
      local texts = {}
      for i, row in ipairs(rows) do
        texts[i] = width.clean(column.text(row) or '')
        most = math.max(most, width.of(texts[i]))
      end
      cells[column.name] = texts
    end
    natural[column.name] = math.min(most, column.max or most)
  end
  return natural, cells
end

--- Which columns stay, and how wide they are.
---@param columns purser.ui.Column[]
---@param natural table<string, integer>
---@param room integer
---@param gap integer
---@return purser.ui.Column[] kept
---@return table<string, integer> widths
local function layout(columns, natural, room, gap)
  local kept = vim.list_slice(columns)
  local widths = vim.tbl_extend('force', natural, {})
  local function least(column)
    return column.grow and math.min(widths[column.name], column.min or 8) or widths[column.name]
  end
  local function need()
    local sum = gap * (#kept - 1)
    for _, column in ipairs(kept) do
      sum = sum + least(column)
    end
    return sum
  end
  while need() > room do
    local drop
    for i, column in ipairs(kept) do
      if column.keep and (not drop or column.keep <= kept[drop].keep) then
        drop = i
      end
    end
    if not drop then
      break
    end
    table.remove(kept, drop)
  end
  -- What is left over goes to the columns that can grow; what is missing comes from them.
  local sum, growing = gap * (#kept - 1), {}
  for _, column in ipairs(kept) do
    sum = sum + widths[column.name]
    if column.grow then
      growing[#growing + 1] = column
    end
  end
  local spare = room - sum
  while spare < 0 do
    local widest, slack = nil, 0
    for _, column in ipairs(growing) do
      local own = widths[column.name] - least(column)
      if own > slack then
        widest, slack = column, own
      end
    end
    if not widest then
      break
    end
    widths[widest.name] = widths[widest.name] - 1
    spare = spare + 1
  end
  for i, column in ipairs(growing) do
    local share = math.floor(spare / (#growing - i + 1))
    local now = widths[column.name]
    local wanted = now + math.max(0, share)
    wanted = math.max(now, math.min(wanted, column.max or wanted))
    widths[column.name] = wanted
    spare = spare - (wanted - now)
  end
  return kept, widths
end

--- Draws a table. Rows are taken in the order given: see sort().
---@param columns purser.ui.Column[]
---@param rows any[]
---@param options purser.ui.TableOptions
---@return purser.ui.Text
function M.draw(columns, rows, options)
  local gap = options.gap or 2
  if options.limit and #rows > options.limit then
    rows = vim.list_slice(rows, 1, options.limit)
  end
  local natural, cells = measure(columns, rows, options.sort)
  local shown = vim.tbl_filter(function(column)
    if not column.sparse then
      return true
    end
    for _, text in ipairs(cells[column.name]) do
      if text ~= '' then
        return true
      end
    end
    return false
  end, columns)
  local kept, widths = layout(shown, natural, options.width, gap)
  local out = Text.new()
  if not options.bare then
    for i, column in ipairs(kept) do
      if i > 1 then
        out:add((' '):rep(gap))
      end
      local sorted = options.sort and options.sort.name == column.name
      local group = sorted and 'PurserSorted' or i == 1 and 'PurserHeading' or 'PurserColumn'
      local title = width.cut(title_of(column, options.sort), widths[column.name])
      local space = (' '):rep(widths[column.name] - width.of(title))
      if column.right then
        out:add(space):add(title, group)
      else
        out:add(title, group):add(space)
      end
    end
    out:nl()
  end
  for i, row in ipairs(rows) do
    out:item(options.item and options.item(row))
    for j, column in ipairs(kept) do
      if j > 1 then
        out:add((' '):rep(gap))
      end
      local cell_width = widths[column.name]
      if column.draw then
        local at = out:column()
        column.draw(out, row, cell_width)
        out:to(at + cell_width)
      else
        local text = cells[column.name][i]
        local group = column.group
        if type(group) == 'function' then
          group = group(row)
        end
        text = column.left and width.cut_left(text, cell_width) or width.cut(text, cell_width)
        local space = (' '):rep(cell_width - width.of(text))
        if column.right then
          out:add(space):add(text, group)
        else
          out:add(text, group):add(space)
        end
      end
    end
    out:item(nil):nl()
  end
  return out
end

--- The names of the columns a table can be sorted by, in their order.
---@param columns purser.ui.Column[]
---@return string[]
function M.sortable(columns)
  local out = {}
  for _, column in ipairs(columns) do
    if (column.value or column.text) and not column.unsorted then
      out[#out + 1] = column.name
    end
  end
  return out
end

return M

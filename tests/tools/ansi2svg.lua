-- nvim --clean -l ansi2svg.lua IN OUT.svg COLS ROWS [CURSOR_COL CURSOR_ROW]
--
-- Draws a terminal's screen, as `tmux capture-pane -eNp` writes it, as SVG. Every character gets a cell of its own, so
-- that the grid holds whatever the font does. Lines and blocks are drawn as shapes that meet their neighbours: fonts
-- leave hairline gaps between them.

local input, output, cols, rows, cursor_col, cursor_row = unpack(_G.arg)
cols, rows = tonumber(cols), tonumber(rows)
cursor_col, cursor_row = tonumber(cursor_col), tonumber(cursor_row)

local FONT = vim.env.SHOT_FONT or 'DejaVu Sans Mono'
local SIZE = tonumber(vim.env.SHOT_SIZE) or 16
local INK = vim.env.SHOT_FG or '#e0e2ea'
local PAPER = vim.env.SHOT_BG or '#14161b'

-- Whole pixels, so that edges are sharp. The proportions are those of DejaVu Sans Mono.
local CELL_W = math.floor(SIZE * 0.602 + 0.5)
local CELL_H = math.floor(SIZE * 1.25 + 0.5)
local BASELINE = math.floor(SIZE * 0.98 + 0.5)
local MARGIN = SIZE

-- Colours -----------------------------------------------------------------------------------------------------------

local palette = {
  [0] = '#20232a',
  '#e06c75',
  '#98c379',
  '#e5c07b',
  '#61afef',
  '#c678dd',
  '#56b6c2',
  '#d4d7de',
  '#5c6370',
  '#f28b94',
  '#b4dd96',
  '#f2d39b',
  '#8cc8ff',
  '#dba0ee',
  '#7fd4df',
  '#ffffff',
}
do
  local levels = { [0] = 0, 95, 135, 175, 215, 255 }
  for i = 0, 215 do
    local red, green, blue = math.floor(i / 36), math.floor(i / 6) % 6, i % 6
    palette[16 + i] = ('#%02x%02x%02x'):format(levels[red], levels[green], levels[blue])
  end
  for i = 0, 23 do
    local grey = 8 + 10 * i
    palette[232 + i] = ('#%02x%02x%02x'):format(grey, grey, grey)
  end
end

-- Reading -----------------------------------------------------------------------------------------------------------

---@class Style
---@field fg? string
---@field bg? string
---@field special? string of an underline
---@field bold? boolean
---@field dim? boolean
---@field italic? boolean
---@field reverse? boolean
---@field strike? boolean
---@field underline? 'line'|'curl'

---@type Style
local style = {}

local COLOUR_OF = { [38] = 'fg', [48] = 'bg', [58] = 'special' }
local SWITCH = {
  [1] = { bold = true },
  [2] = { dim = true },
  [3] = { italic = true },
  [4] = { underline = 'line' },
  [7] = { reverse = true },
  [9] = { strike = true },
  [22] = { bold = false, dim = false },
  [23] = { italic = false },
  [24] = { underline = false },
  [27] = { reverse = false },
  [29] = { strike = false },
  [39] = { fg = false },
  [49] = { bg = false },
  [59] = { special = false },
}

--- Applies "1;38;2;10;20;30" and the like. Colours and curls may be written with colons: "38:2::10:20:30", "4:3".
local function select_graphic(codes)
  local parts = vim.split(codes == '' and '0' or codes, ';')
  local i = 1
  while i <= #parts do
    local sub = vim.split(parts[i], ':')
    local code = tonumber(sub[1]) or 0
    local target = COLOUR_OF[code]
    if target then
      if #sub == 1 then
        local count = parts[i + 1] == '2' and 4 or 2
        vim.list_extend(sub, parts, i + 1, i + count)
        i = i + count
      end
      if sub[2] == '2' then
        local n = #sub
        style[target] = ('#%02x%02x%02x'):format(tonumber(sub[n - 2]), tonumber(sub[n - 1]), tonumber(sub[n]))
      else
        style[target] = palette[tonumber(sub[3])]
      end
    elseif code == 0 then
      style = {}
    elseif code == 4 and sub[2] then
      style.underline = sub[2] ~= '0' and (sub[2] == '3' and 'curl' or 'line') or nil
    elseif SWITCH[code] then
      for field, value in pairs(SWITCH[code]) do
        style[field] = value or nil
      end
    elseif code >= 30 and code <= 37 then
      style.fg = palette[code - 30]
    elseif code >= 40 and code <= 47 then
      style.bg = palette[code - 40]
    elseif code >= 90 and code <= 97 then
      style.fg = palette[code - 82]
    elseif code >= 100 and code <= 107 then
      style.bg = palette[code - 92]
    end
    i = i + 1
  end
end

---@class Cell
---@field text string empty in the right half of a wide character
---@field style Style

---@return Cell[][]
local function read_screen(path)
  local file = assert(io.open(path, 'rb'))
  local data = file:read('*a')
  file:close()
  local screen, row, pos = {}, {}, 1
  local SKIPPED = { '^\27%].-\27\\', '^\27%[[%d;:?]*%a', '^\27[()].', '^[\14\15\r]' }

  while pos <= #data do
    local _, last, codes = data:find('^\27%[([%d;:]*)m', pos)
    if codes then
      select_graphic(codes)
    end
    for _, pattern in ipairs(SKIPPED) do
      last = last or select(2, data:find(pattern, pos))
    end
    if last then
      pos = last + 1
    elseif data:byte(pos) == 10 then
      screen[#screen + 1] = row
      row = {}
      pos = pos + 1
    else
      local char = data:match('^[%z\1-\127\194-\244][\128-\191]*', pos) or data:sub(pos, pos)
      local width = vim.api.nvim_strwidth(char)
      local copy = vim.deepcopy(style)
      if width == 0 and row[#row] then
        row[#row].text = row[#row].text .. char -- a combining mark
      else
        row[#row + 1] = { text = char, style = copy }
        if width == 2 then
          row[#row + 1] = { text = '', style = copy }
        end
      end
      pos = pos + #char
    end
  end
  if #row > 0 then
    screen[#screen + 1] = row
  end
  return screen
end

-- Shapes ------------------------------------------------------------------------------------------------------------

--- Blocks, as rectangles in parts of a cell: left, top, right, bottom.
local BLOCKS = {
  ['▀'] = { 0, 0, 1, 0.5 },
  ['▐'] = { 0.5, 0, 1, 1 },
  ['▔'] = { 0, 0, 1, 1 / 8 },
  ['▕'] = { 7 / 8, 0, 1, 1 },
}
for i, char in ipairs({ '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█' }) do
  BLOCKS[char] = { 0, 1 - i / 8, 1, 1 }
end
for i, char in ipairs({ '▏', '▎', '▍', '▌', '▋', '▊', '▉' }) do
  BLOCKS[char] = { 0, 0, i / 8, 1 }
end
local SHADES = { ['░'] = 0.25, ['▒'] = 0.5, ['▓'] = 0.75 }

--- Lines, as the arms that leave the middle of the cell; h for heavy ones.
local LINES = {}
for char, arms in
  ([[
    ─ lr  │ ud  ┌ rd  ┐ ld  └ ur  ┘ ul  ├ udr  ┤ udl  ┬ lrd  ┴ lru  ┼ lrud
    ━ hlr ┃ hud ┏ hrd ┓ hld ┗ hur ┛ hul ┣ hudr ┫ hudl ┳ hlrd ┻ hlru ╋ hlrud
    ╴ l   ╵ u   ╶ r   ╷ d
  ]]):gmatch('(%S+) +(%l+)')
do
  LINES[char] = arms
end
local ROUND = { ['╭'] = { 1, 1 }, ['╮'] = { -1, 1 }, ['╰'] = { 1, -1 }, ['╯'] = { -1, -1 } } -- towards right, down

local out = {}
local function put(format, ...)
  out[#out + 1] = select('#', ...) > 0 and format:format(...) or format
end

local function rectangle(x, y, w, h, colour, opacity)
  if w > 0 and h > 0 then
    local see_through = opacity and (' opacity="%g"'):format(opacity) or ''
    put('<rect x="%g" y="%g" width="%g" height="%g" fill="%s"%s/>', x, y, w, h, colour, see_through)
  end
end

--- A line that is smoothed, unlike everything else.
local function path(colour, format, ...)
  put('<path d="%s" fill="none" stroke="%s" shape-rendering="auto"/>', format:format(...), colour)
end

local function round(n)
  return math.floor(n + 0.5)
end

--- Draws the character as a shape; false if it is one for the font.
local function draw_shape(char, x, y, colour)
  local block, shade, arms, bend = BLOCKS[char], SHADES[char], LINES[char], ROUND[char]
  local mid_x, mid_y = x + math.floor(CELL_W / 2), y + math.floor(CELL_H / 2)
  if block then
    local left, top = round(block[1] * CELL_W), round(block[2] * CELL_H)
    rectangle(x + left, y + top, round(block[3] * CELL_W) - left, round(block[4] * CELL_H) - top, colour)
  elseif shade then
    rectangle(x, y, CELL_W, CELL_H, colour, shade)
  elseif arms then
    local thick = arms:find('h') and 2 or 1
    local has = function(arm)
      return arms:find(arm, 1, true) ~= nil
    end
    if has('l') or has('r') then
      local from, to = has('l') and x or mid_x, has('r') and x + CELL_W or mid_x + thick
      rectangle(from, mid_y, to - from, thick, colour)
    end
    if has('u') or has('d') then
      local from, to = has('u') and y or mid_y, has('d') and y + CELL_H or mid_y + thick
      rectangle(mid_x, from, thick, to - from, colour)
    end
  elseif bend then
    local cx, cy = mid_x + 0.5, mid_y + 0.5
    local end_x = bend[1] > 0 and x + CELL_W or x
    local end_y = bend[2] > 0 and y + CELL_H or y
    local from_x, to_y = cx + bend[1] * CELL_W / 2, cy + bend[2] * CELL_W / 2
    path(colour, 'M%g %g L%g %g Q%g %g %g %g L%g %g', end_x, cy, from_x, cy, cx, cy, cx, to_y, cx, end_y)
  else
    return false
  end
  return true
end

-- Drawing -----------------------------------------------------------------------------------------------------------

local function colours(cell_style)
  local fg, bg = cell_style.fg or INK, cell_style.bg or PAPER
  if cell_style.reverse then
    return bg, fg
  end
  return fg, bg
end

local ENTITIES = { ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;' }

local function draw_cell(cell, x, y, fg)
  local s, char = cell.style, cell.text
  if char ~= '' and char ~= ' ' and not draw_shape(char, x, y, fg) then
    put(
      '<text x="%g" y="%g" fill="%s"%s%s%s>%s</text>',
      x,
      y + BASELINE,
      fg,
      s.bold and ' font-weight="bold"' or '',
      s.italic and ' font-style="italic"' or '',
      s.dim and ' opacity="0.6"' or '',
      (char:gsub('[&<>]', ENTITIES))
    )
  end
  local ink = s.special or fg
  if s.underline == 'curl' then
    local q, base = CELL_W / 4, y + BASELINE + 3
    path(ink, 'M%g %g q%g -2.5 %g 0 t%g 0', x, base, q, 2 * q, 2 * q)
  elseif s.underline then
    rectangle(x, y + BASELINE + 2, CELL_W, 1, ink)
  end
  if s.strike then
    rectangle(x, y + round(CELL_H / 2), CELL_W, 1, fg)
  end
end

local screen = read_screen(input)
local width, height = cols * CELL_W + 2 * MARGIN, rows * CELL_H + 2 * MARGIN
put('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" shape-rendering="crispEdges">', width, height)
put('<rect width="%d" height="%d" rx="8" fill="%s" shape-rendering="auto"/>', width, height, PAPER)
put('<g font-family="%s, monospace" font-size="%g">', FONT, SIZE)

-- Backgrounds first, one rectangle for each stretch of a colour: characters may reach over their cell's edge.
for r = 1, rows do
  local row, c = screen[r] or {}, 1
  while c <= #row do
    local first, bg = c, select(2, colours(row[c].style))
    while row[c] and select(2, colours(row[c].style)) == bg do
      c = c + 1
    end
    if bg ~= PAPER then
      rectangle(MARGIN + (first - 1) * CELL_W, MARGIN + (r - 1) * CELL_H, (c - first) * CELL_W, CELL_H, bg)
    end
  end
end
for r = 1, rows do
  for c, cell in ipairs(screen[r] or {}) do
    local x, y = MARGIN + (c - 1) * CELL_W, MARGIN + (r - 1) * CELL_H
    local fg = colours(cell.style)
    if cursor_col == c - 1 and cursor_row == r - 1 then
      rectangle(x, y, CELL_W, CELL_H, INK)
      fg = PAPER
    end
    draw_cell(cell, x, y, fg)
  end
end
put('</g></svg>')

local file = assert(io.open(output, 'w'))
file:write(table.concat(out, '\n'), '\n')
file:close()

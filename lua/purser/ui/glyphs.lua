--- The characters that are not letters, in a Unicode set (no Nerd font needed) and a plain ASCII one.

local M = {}

---@class (exact) purser.ui.Glyphs
---@field ascii boolean
---@field eighths string[] bar cells from one eighth to full, left to right
---@field heavy string a thin bar
---@field heavy_half string
---@field light string what is left of it
---@field dashed string what is set aside
---@field levels string[] column cells from one eighth to full, bottom to top
---@field shades string[] heat map cells, from some to much
---@field square string a heat map cell whose strength is its colour
---@field rule string before a line that belongs to a folded block
---@field empty string a heat map cell without spend
---@field track string the rest of a bar in plain text
---@field axis string
---@field tick string
---@field corner string
---@field ground string what columns stand on
---@field line string
---@field ellipsis string
---@field dot string a run that is under way
---@field bullet string
---@field separator string between figures on a line
---@field open string a fold
---@field ok string
---@field failed string
---@field stopped string
---@field retry string
---@field warn string
---@field info string
---@field thinking string
---@field up string
---@field down string
---@field cursor string the row that the keys act on
---@field at_least string
---@field about string
---@field cents string
---@field dash string
---@field minus string
---@field more string there is something further down

---@type purser.ui.Glyphs
local UNICODE = {
  ascii = false,
  eighths = { '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█' },
  heavy = '━',
  heavy_half = '╸',
  light = '─',
  dashed = '╌',
  levels = { '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█' },
  square = '■',
  rule = '┊',
  shades = { '░', '▒', '▓', '█' },
  empty = '·',
  track = '·',
  axis = '│',
  tick = '┤',
  corner = ' ',
  ground = '▔',
  line = '─',
  ellipsis = '…',
  dot = '●',
  bullet = '•',
  separator = '·',
  open = '▸',
  ok = '✓',
  failed = '✗',
  stopped = '■',
  retry = '↻',
  warn = '▲',
  info = '•',
  thinking = '∴',
  up = '▲',
  down = '▼',
  cursor = '▸',
  at_least = '≥',
  about = '≈',
  cents = '¢',
  dash = '–',
  minus = '−',
  more = '↓',
}

---@type purser.ui.Glyphs
local ASCII = {
  ascii = true,
  eighths = { '', '', '', '', '#', '#', '#', '#' },
  heavy = '#',
  heavy_half = '#',
  light = '.',
  dashed = '%',
  levels = { '.', '.', ':', ':', '|', '|', '#', '#' },
  square = '#',
  rule = ':',
  shades = { '-', '%', '*', '#' },
  empty = '.',
  track = '.',
  axis = '|',
  tick = '+',
  corner = '+',
  ground = '-',
  line = '-',
  ellipsis = '~',
  dot = '*',
  bullet = '-',
  separator = '|',
  open = '>',
  ok = 'ok',
  failed = 'failed',
  stopped = 'stopped',
  retry = 'retry',
  warn = '!',
  info = '-',
  thinking = '~',
  up = '^',
  down = 'v',
  cursor = '>',
  at_least = '>=',
  about = '~',
  cents = 'c',
  dash = '-',
  minus = '-',
  more = 'v',
}

--- The set that the user chose.
---@return purser.ui.Glyphs
function M.get()
  local config = package.loaded['purser.config']
  return config and config.get().ui.icons == 'ascii' and ASCII or UNICODE
end

--- Text that was made elsewhere (figures, sentences of the core), in the characters of the set in use.
---@param text string
---@return string
function M.plain(text)
  if not M.get().ascii then
    return text
  end
  return (
    text:gsub('[\194-\244][\128-\191]+', {
      ['¢'] = 'c',
      ['≥'] = '>=',
      ['≈'] = '~',
      ['–'] = '-',
      ['−'] = '-',
      ['·'] = '|',
      ['…'] = '~',
    })
  )
end

return M

--- Highlight groups: links to standard groups, so that every colour scheme fits, and a few colours mixed from it.
---
--- All are `default`, so a user's own definition wins. A colour scheme clears them, so they are set again on ColorScheme.

local M = {}

---@type table<string, string>
M.links = {
  PurserNormal = 'NormalFloat',
  PurserBorder = 'FloatBorder',
  PurserKey = 'Special',
  PurserTab = 'Comment',
  PurserTabActive = 'Visual',
  PurserTotal = 'Title',
  PurserHeading = 'Title',
  PurserColumn = 'Comment',
  PurserSorted = 'Identifier',
  PurserMuted = 'Comment',
  PurserFaint = 'NonText',
  PurserAxis = 'NonText',
  PurserName = 'Identifier',
  PurserGood = 'DiagnosticOk',
  PurserInfo = 'DiagnosticInfo',
  PurserWarn = 'DiagnosticWarn',
  PurserError = 'DiagnosticError',
  PurserBar = 'Function',
  PurserBarWarn = 'DiagnosticWarn',
  PurserBarOver = 'DiagnosticError',
  PurserBarHeld = 'Comment',
  PurserBarToday = 'Special',
  PurserToday = 'Special',
  PurserTrack = 'CursorLine',
  PurserCurrent = 'CursorLine',
  PurserField = 'Identifier',
  PurserPrompt = 'Comment',
  PurserThinking = 'Comment',
  PurserTool = 'Function',
  PurserToolArgument = 'Normal',
  PurserToolOutput = 'Comment',
  PurserWinbar = 'WinBar',
}

---@param name string
---@return vim.api.keyset.get_hl_info
local function resolved(name)
  return vim.api.nvim_get_hl(0, { name = name, link = false })
end

---@param a integer
---@param b integer
---@param share number of a
---@return integer
local function mix(a, b, share)
  local out = 0
  for shift = 16, 0, -8 do
    local x = math.floor(a / 2 ^ shift) % 256
    local y = math.floor(b / 2 ^ shift) % 256
    out = out * 256 + math.floor(x * share + y * (1 - share) + 0.5)
  end
  return out
end

--- On a border or statusline, text has that ground: a group without one would show the editor's there.
---@param name string
---@param source string
---@param ground vim.api.keyset.get_hl_info
local function on_ground(name, source, ground)
  local hl = resolved(source)
  vim.api.nvim_set_hl(0, name, {
    default = true,
    fg = hl.fg,
    bg = ground.bg,
    bold = hl.bold,
    italic = hl.italic,
    ctermfg = hl.ctermfg,
    ctermbg = ground.ctermbg,
  })
end

--- Colours that no group has: text on the border, the edge of a bar on its track, and four strengths of the bar's colour.
local function mixed()
  local border = resolved('FloatBorder')
  local ground = resolved('NormalFloat')
  border.bg, border.ctermbg = border.bg or ground.bg, border.ctermbg or ground.ctermbg
  on_ground('PurserTitle', 'Title', border)
  on_ground('PurserSubtitle', 'Comment', border)
  on_ground('PurserFooterKey', 'Special', border)
  on_ground('PurserFooterDesc', 'Comment', border)
  local statusline = resolved('StatusLine')
  if statusline.reverse then
    statusline.bg, statusline.ctermbg = statusline.fg, statusline.ctermfg
  end
  on_ground('PurserStatuslineWarn', 'DiagnosticWarn', statusline)
  on_ground('PurserStatuslineOver', 'DiagnosticError', statusline)
  local paper = ground.bg or resolved('Normal').bg or (vim.o.background == 'light' and 0xffffff or 0)
  local track = resolved('PurserTrack')
  for _, name in ipairs({ 'PurserBar', 'PurserBarWarn', 'PurserBarOver' }) do
    local bar = resolved(name)
    vim.api.nvim_set_hl(0, name .. 'Edge', {
      default = true,
      fg = bar.fg,
      bg = track.bg,
      ctermfg = bar.ctermfg,
      ctermbg = track.ctermbg,
    })
  end
  local bar = resolved('PurserBar')
  for i, strength in ipairs({ 0.35, 0.55, 0.8, 1 }) do
    vim.api.nvim_set_hl(0, 'PurserHeat' .. i, {
      default = true,
      fg = bar.fg and mix(bar.fg, paper, strength),
      ctermfg = bar.ctermfg,
    })
  end
end

local function define()
  for name, target in pairs(M.links) do
    vim.api.nvim_set_hl(0, name, { default = true, link = target })
  end
  -- A folded line looks as it does unfolded.
  vim.api.nvim_set_hl(0, 'PurserFold', { default = true })
  mixed()
end

local ready = false

--- Defines the groups, once, and again after each :colorscheme.
function M.setup()
  if ready then
    return
  end
  ready = true
  define()
  local group = vim.api.nvim_create_augroup('purser.highlights', {})
  vim.api.nvim_create_autocmd('ColorScheme', {
    group = group,
    desc = 'purser: link the highlight groups again',
    callback = define,
  })
  vim.api.nvim_create_autocmd('OptionSet', {
    group = group,
    pattern = { 'background', 'termguicolors' },
    desc = 'purser: mix the colours again',
    callback = define,
  })
end

return M
